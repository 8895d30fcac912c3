# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refusals of what another call has just made or ended: repeated while they are told, and no longer."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._autoscaling import api as autoscaling
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import passing
from ansible_collections.magiclub.fargate.plugins.module_utils._ecs import api as ecs
from ansible_collections.magiclub.fargate.plugins.module_utils._ecs.errors import AWSError
from ansible_collections.magiclub.fargate.plugins.module_utils._elbv2 import api as elbv2
from ansible_collections.magiclub.fargate.plugins.module_utils._servicediscovery import api as cloud_map
from botocore.exceptions import ClientError

NOT_YET = {"InvalidParameterException": ("not yet",), "Busy": ("",)}
TARGET = {"ServiceNamespace": "ecs", "ResourceId": "service/c/s", "ScalableDimension": "ecs:service:DesiredCount"}


class Clock:
    def __init__(self) -> None:
        self.seconds, self.slept = 0.0, list[float]()

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


class Aws:
    """A client whose calls are refused as often as it is told, and then taken."""

    def __init__(self, code: str, message: str, times: int) -> None:
        self.error, self.times, self.calls = refusal(code, message), times, list[str]()

    def __getattr__(self, operation: str) -> t.Callable[..., dict[str, t.Any]]:
        def call(**_arguments: t.Any) -> dict[str, t.Any]:
            self.calls.append(operation)
            if len(self.calls) <= self.times:
                raise self.error
            return {"service": {"serviceName": "s"}, "cluster": {"clusterName": "c"}}

        return call


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(passing, "time", clock)
    return clock


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("InvalidParameterException", "The role is not yet there.", True),
        ("InvalidParameterException", "The role is wrong.", False),
        ("Busy", "", True),
        ("AccessDenied", "not yet", False),
    ],
)
def test_which_refusals_pass(code: str, message: str, expected: bool) -> None:
    assert passing.is_passing(refusal(code, message), NOT_YET) is expected


def test_it_waits_ever_longer_and_gives_up_in_time(clock: Clock) -> None:
    client = Aws("Busy", "", times=99)
    with pytest.raises(ClientError):
        passing.repeated(client.anything, NOT_YET, seconds=60)
    assert clock.slept[:3] == [1.0, 1.5, 2.25]
    assert max(clock.slept) == passing.LONGEST_DELAY
    assert 50 <= clock.seconds <= 60


JUST_MADE = [
    (
        "create_service",
        "The target group arn:aws:tg does not have an associated load balancer.",
        lambda client: ecs.create_service(client, serviceName="s", cluster="c"),
    ),
    (
        "create_service",
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
        lambda client: ecs.create_service(client, serviceName="s", cluster="c"),
    ),
    (
        "update_service",
        "The target group arn:aws:tg does not have an associated load balancer.",
        lambda client: ecs.update_service(client, service="s", cluster="c"),
    ),
    (
        "update_service",
        "Health check grace period is only valid for services configured to use load balancers",
        lambda client: ecs.set_grace_period(client, service="s", cluster="c", seconds=30),
    ),
    (
        "create_cluster",
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
        lambda client: ecs.create_cluster(client, clusterName="c"),
    ),
    (
        "put_cluster_capacity_providers",
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
        lambda client: ecs.put_capacity_providers(client, cluster="c"),
    ),
    (
        "delete_service",
        "The service cannot be stopped while deployments are active.",
        lambda client: ecs.delete_service(client, service="s", cluster="c", force=False, seconds=60),
    ),
]


@pytest.mark.parametrize(("operation", "message", "make"), JUST_MADE)
def test_ecs_is_asked_again(clock: Clock, operation: str, message: str, make: t.Callable[[Aws], t.Any]) -> None:
    client = Aws("InvalidParameterException", message, times=2)
    make(client)
    assert client.calls == [operation] * 3
    assert clock.slept == [1.0, 1.5]


@pytest.mark.parametrize(("operation", "_message", "make"), JUST_MADE)
def test_another_refusal_of_ecs_is_told_at_once(
    clock: Clock, operation: str, _message: str, make: t.Callable[[Aws], t.Any]
) -> None:
    client = Aws("InvalidParameterException", "No.", times=9)
    with pytest.raises(AWSError, match="No"):
        make(client)
    assert (client.calls, clock.slept) == ([operation], [])


@pytest.mark.parametrize(
    ("operation", "code", "message", "make"),
    [
        (
            "register_scalable_target",
            "ValidationException",
            "ECS service doesn't exist: service/c/s",
            lambda client: autoscaling.register(client, TARGET, 1, 2, None),
        ),
        (
            "put_scaling_policy",
            "ObjectNotFoundException",
            "No scalable target registered",
            lambda client: autoscaling.put_policy(client, TARGET, "cpu", {}),
        ),
        (
            "put_scaling_policy",
            "ConcurrentUpdateException",
            "",
            lambda client: autoscaling.put_policy(client, TARGET, "cpu", {}),
        ),
        (
            "delete_scaling_policy",
            "ConcurrentUpdateException",
            "",
            lambda client: autoscaling.delete_policy(client, TARGET, "cpu"),
        ),
        (
            "deregister_scalable_target",
            "ConcurrentUpdateException",
            "",
            lambda client: autoscaling.deregister(client, TARGET),
        ),
        (
            "delete_target_group",
            "ResourceInUse",
            "Target group 'arn:aws:tg' is currently in use by a listener or a rule",
            lambda client: elbv2.delete_target_group(client, "arn:aws:tg"),
        ),
        (
            "delete_service",
            "ResourceInUse",
            "Service contains registered instances.",
            lambda client: cloud_map.delete_service(client, "srv-1"),
        ),
    ],
)
def test_what_passes_in_a_while_is_asked_again(
    clock: Clock, operation: str, code: str, message: str, make: t.Callable[[Aws], t.Any]
) -> None:
    client = Aws(code, message, times=1)
    make(client)
    assert client.calls == [operation] * 2
    assert clock.slept == [1.0]


def test_a_target_that_is_gone_needs_no_removal(clock: Clock) -> None:
    autoscaling.deregister(Aws("ObjectNotFoundException", "", times=1), TARGET)
    assert clock.slept == []
