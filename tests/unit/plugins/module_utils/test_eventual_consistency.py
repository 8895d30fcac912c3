# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The table of what AWS refuses for a while only: each row is retried by the call that meets it, and nothing else."""

from __future__ import annotations

import datetime
import functools
import re
import typing as t
from pathlib import Path

import botocore.session
import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.filter.eventual_consistency import is_transient
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import retry
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.eventual_consistency import TABLE, Row
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.autoscaling import api as autoscaling
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import route_table, subnet
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2.route_table import Step
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import api as ecs
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import api as elbv2
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.scheduler import api as scheduler
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.servicediscovery import api as cloud_map
from ansible_collections.magiclub.fargate.plugins.modules import ec2_flow_log
from botocore.exceptions import ClientError

ROOT = Path(__file__).parents[4]
ROLE = "arn:aws:iam::123456789012:role/team/lotto"
TARGET = {"ServiceNamespace": "ecs", "ResourceId": "service/c/s", "ScalableDimension": "ecs:service:DesiredCount"}
FLOW_LOG = {"vpc_id": "vpc-1", "traffic_type": "ALL", "log_group": "g", "role_arn": ROLE, "tags": {}}
VOLUMES = [{"name": "data", "managedEBSVolume": {"roleArn": ROLE}}]
NEW_TABLE = {"RouteTableId": "rtb-1"}
SERVICES = ("application-autoscaling", "ec2", "ecs", "elbv2", "iam", "logs", "scheduler", "servicediscovery", "sqs")
# who makes the calls that none of our modules makes
AMAZON_AWS = (
    "AttachRolePolicy",
    "CreateListener",
    "CreateLogGroup",
    "CreateQueue",
    "CreateRole",
    "DeleteLogGroup",
    "DeletePolicy",
    "DeleteRole",
    "ModifyListener",
    "PutRetentionPolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
)
# the modules of amazon.aws that make them: the states in which they do, and for how long that is retried
MODULES = {
    "amazon.aws.cloudwatchlogs_log_group": {"present": 60, "absent": 60},
    "amazon.aws.elb_application_lb": {"present": 60},
    "amazon.aws.iam_managed_policy": {"absent": 120},
    "amazon.aws.iam_policy": {"present": 60, "absent": 60},
    "community.aws.sqs_queue": {"present": 70},
    "amazon.aws.iam_role": {"present": 60, "absent": 120},
}
BOUNDARY = "team-boundary"

Make = t.Callable[["Aws", retry.IsNew], t.Any]
MAKERS: dict[str, Make] = {
    "CreateCluster": lambda client, _new: ecs.create_cluster(client, clusterName="c"),
    "PutClusterCapacityProviders": lambda client, _new: ecs.put_capacity_providers(client, cluster="c"),
    "DeleteCluster": lambda client, _new: ecs.delete_cluster(client, cluster="c", seconds=300),
    "CreateService": lambda client, new: ecs.create_service(
        client, serviceName="s", cluster="c", volumeConfigurations=VOLUMES, is_new=new
    ),
    "UpdateService": lambda client, new: ecs.update_service(
        client, service="s", cluster="c", volumeConfigurations=VOLUMES, is_new=new
    ),
    "DeleteService": lambda client, _new: ecs.delete_service(client, service="s", cluster="c", force=False, seconds=60),
    "RegisterTaskDefinition": lambda client, new: ecs.register_task_definition(
        client, family="f", executionRoleArn="lotto", is_new=new
    ),
    "RegisterScalableTarget": lambda client, _new: autoscaling.register(client, TARGET, 1, 2, None),
    "DeregisterScalableTarget": lambda client, _new: autoscaling.deregister(client, TARGET),
    "PutScalingPolicy": lambda client, _new: autoscaling.put_policy(client, TARGET, "cpu", {}),
    "DeleteScalingPolicy": lambda client, _new: autoscaling.delete_policy(client, TARGET, "cpu"),
    "CreateRule": lambda client, _new: elbv2.create_rule(client, {}, {}),
    "ModifyTargetGroupAttributes": lambda client, _new: elbv2.modify_attributes(client, "arn:aws:tg", {"a": "b"}),
    "DeleteTargetGroup": lambda client, _new: elbv2.delete_target_group(client, "arn:aws:tg"),
    "CreateSchedule": lambda client, new: scheduler.create(client, {"Name": "s", "Target": {"RoleArn": ROLE}}, new),
    "UpdateSchedule": lambda client, new: scheduler.update(client, {"Name": "s", "Target": {"RoleArn": ROLE}}, new),
    "ModifySubnetAttribute": lambda client, _new: subnet.give_addresses(client, "subnet-1", given=True),
    "CreateRoute": lambda client, _new: route_table.do(client, NEW_TABLE, [Step("create_route", {})]),
    "AssociateRouteTable": lambda client, _new: route_table.do(client, NEW_TABLE, [Step("associate_route_table", {})]),
    "ReplaceRouteTableAssociation": lambda client, _new: route_table.do(
        client, NEW_TABLE, [Step("replace_route_table_association", {})]
    ),
    "CreateFlowLogs": lambda client, new: retry.retried(
        lambda: ec2_flow_log.create(client, FLOW_LOG), request=ROLE, is_new=new
    ),
}
# the same name of an operation in another service, and the case that a caller has to name
OTHER_MAKERS: dict[tuple[str, str], Make] = {
    ("DeleteService", "ResourceInUse"): lambda client, _new: cloud_map.delete_service(client, "srv-1"),
    ("UpdateService", "grace period is only valid for services configured to use load balancers"): (
        lambda client, _new: ecs.set_grace_period(client, service="s", cluster="c", seconds=30)
    ),
}
MET = [pytest.param(row, call, id=f"{call}-{row.code}-{row.text}") for row in TABLE for call in row.calls]
OURS = [param for param in MET if param.values[1] not in AMAZON_AWS]


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
        self.code, self.message, self.times, self.calls = code, message, times, list[str]()

    def __getattr__(self, operation: str) -> t.Callable[..., dict[str, t.Any]]:
        def call(**_arguments: t.Any) -> dict[str, t.Any]:
            self.calls.append(operation)
            if len(self.calls) <= self.times:
                raise refusal(self.code, self.message, re.sub("(?:^|_)([a-z])", lambda one: one[1].upper(), operation))
            return {"service": {}, "cluster": {}, "taskDefinition": {}, "Rules": [{}], "FlowLogIds": ["fl-1"]}

        return call


def refusal(code: str, message: str, operation: str = "Operation") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@functools.cache
def operations() -> set[str]:
    session = botocore.session.get_session()
    return {name for service in SERVICES for name in session.get_service_model(service).operation_names}


def maker(row: Row, call: str) -> Make:
    return OTHER_MAKERS.get((call, row.code)) or OTHER_MAKERS.get((call, row.text)) or MAKERS[call]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(retry, "time", clock)
    return clock


@pytest.mark.parametrize(("row", "call"), OURS)
def test_each_row_is_retried_by_the_call_that_meets_it(clock: Clock, row: Row, call: str) -> None:
    client = Aws(row.code, f"Sorry: {row.text}.", times=2)
    maker(row, call)(client, lambda _role: True)
    assert len(client.calls) == 3
    assert len(set(client.calls)) == 1
    assert clock.slept == [1.0, 1.5]


@pytest.mark.parametrize(("row", "call"), [param for param in OURS if param.values[0].text])
def test_another_text_is_told_at_once(clock: Clock, row: Row, call: str) -> None:
    client = Aws(row.code, "No.", times=1)
    with pytest.raises(ClientError):
        maker(row, call)(client, lambda _role: True)
    assert (len(client.calls), clock.slept) == (1, [])


@pytest.mark.parametrize(("row", "call"), OURS)
def test_another_error_is_told_at_once(clock: Clock, row: Row, call: str) -> None:
    client = Aws("ValidationError", f"Sorry: {row.text}.", times=1)
    with pytest.raises(ClientError, match="ValidationError"):
        maker(row, call)(client, lambda _role: True)
    assert (len(client.calls), clock.slept) == (1, [])


@pytest.mark.parametrize(("row", "call"), [param for param in OURS if param.values[0].new_role])
def test_a_role_that_is_not_of_this_run_is_told_at_once(clock: Clock, row: Row, call: str) -> None:
    asked: list[str] = []
    client = Aws(row.code, f"Sorry: {row.text}.", times=1)
    with pytest.raises(ClientError):
        maker(row, call)(client, lambda role: bool(asked.append(role)))
    assert (len(client.calls), clock.slept) == (1, [])
    assert asked == (["lotto"] if call == "RegisterTaskDefinition" else [ROLE])


@pytest.mark.parametrize(("row", "call"), [param for param in OURS if param.values[0].new_role])
def test_the_role_that_the_error_names_is_the_one_that_counts(row: Row, call: str) -> None:
    other = "arn:aws:iam::123456789012:role/other"
    client = Aws(row.code, f"User: arn:aws:sts::1:assumed-role/ops/me {row.text} on resource: {other} because", times=1)
    with pytest.raises(ClientError):
        maker(row, call)(client, lambda role: role != other)
    assert len(client.calls) == 1


@pytest.mark.parametrize(("row", "call"), [param for param in MET if param.values[1] in AMAZON_AWS])
def test_the_tasks_that_use_amazon_aws_retry_theirs(row: Row, call: str) -> None:
    said = f"Scope ARN: arn:aws:iam::123456789012:policy/fargate-boundary/{BOUNDARY} does not exist or {row.text}."
    told = f"Failed to do it: An error occurred ({row.code}) when calling the {call} operation: {said}"
    assert is_transient({"failed": True, "msg": told}, [BOUNDARY])
    assert is_transient(
        {"failed": True, "msg": told.replace("operation:", "operation (reached max retries: 4):")}, [BOUNDARY]
    )
    assert not is_transient({"failed": False, "msg": told}, [BOUNDARY])
    assert not is_transient({"failed": True, "msg": told.replace(row.code, "AccessDenied")}, [BOUNDARY])
    assert not is_transient({"failed": True, "msg": told.replace(call, "GetRole")}, [BOUNDARY])
    assert not is_transient({"changed": True}, [BOUNDARY])


@pytest.mark.parametrize("call", ["CreateRole", "PutRolePermissionsBoundary"])
@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([BOUNDARY], True),
        (["team-ecs-exec", BOUNDARY], True),
        ([], False),
        (["boundary"], False),
        (["team"], False),
        (["other-boundary"], False),
    ],
)
def test_a_boundary_that_is_not_there_is_told_at_once_where_this_run_did_not_make_it(
    call: str, made: list[str], expected: bool
) -> None:
    said = (
        f"Scope ARN: arn:aws:iam::123456789012:policy/fargate-boundary/{BOUNDARY} does not exist or is not attachable."
    )
    told = f"An error occurred (NoSuchEntity) when calling the {call} operation: {said}"
    assert is_transient({"failed": True, "msg": told}, made) is expected


def state_of(arguments: dict[str, t.Any] | None) -> str:
    """The state that a task asks for; a template, as of iam_policy, or what is handed over may ask for present."""
    return "absent" if (arguments or {}).get("state") == "absent" else "present"


def tasks_of_roles() -> t.Iterator[tuple[str, str, dict[str, t.Any]]]:
    """Each task of the roles that uses one of MODULES in a state that counts, with its file and module."""

    def within(tasks: list[dict[str, t.Any]]) -> t.Iterator[dict[str, t.Any]]:
        for task in tasks:
            yield task
            for key in ("block", "rescue", "always"):
                yield from within(task.get(key, []))

    for file in sorted((ROOT / "roles").glob("*/tasks/*.yml")):
        for task in within(yaml.safe_load(file.read_text(encoding="utf-8")) or []):
            for module, states in MODULES.items():
                if module in task and state_of(task[module]) in states:
                    yield str(file.relative_to(ROOT)), module, task


USES = [pytest.param(*use, id=f"{use[0]}: {use[2]['name']}") for use in tasks_of_roles()]


@pytest.mark.parametrize(("file", "module", "task"), USES)
def test_each_task_that_meets_a_row_retries_it(file: str, module: str, task: dict[str, t.Any]) -> None:
    passing = re.fullmatch(r"not \((\w+) \| magiclub\.fargate\.is_transient(\(.+\))?\)", task.get("until", ""))
    assert passing
    assert passing[1] == task["register"]
    assert task["delay"] * task["retries"] == MODULES[module][state_of(task[module])]
    # The boundary of a flow log's role is none of this run: it is the policy of somebody else.
    takes_one = module == "amazon.aws.iam_role" and state_of(task[module]) == "present"
    if takes_one and not file.startswith("roles/vpc/"):
        assert passing[2]


def test_there_are_such_tasks() -> None:
    assert {param.values[1] for param in USES} == set(MODULES)


def test_a_grace_period_is_retried_only_after_the_first_load_balancers() -> None:
    client = Aws("InvalidParameterException", "grace period is only valid for services configured to use load ", 1)
    with pytest.raises(ClientError):
        ecs.update_service(client, service="s", cluster="c")
    assert len(client.calls) == 1


@pytest.mark.parametrize(("row", "call"), MET)
def test_each_row_is_an_operation_of_aws_and_says_where_it_is_from(row: Row, call: str) -> None:
    assert call in operations()
    assert re.match(r"(ecs|appautoscaling|elbv2|ec2|iam|logs|scheduler|sqs)/\w+\.go$|https://", row.source)
    assert (row.source_seconds is None) == row.source.startswith("https://")
    assert 0 < row.seconds <= (row.source_seconds or 120)


def test_no_row_is_hidden_by_another_one() -> None:
    keys = [(call, row.code, row.text) for row in TABLE for call in row.calls]
    assert len(keys) == len(set(keys))


def test_it_waits_ever_longer_and_gives_up_in_time(clock: Clock) -> None:
    client = Aws("ResourceInUse", "The group is currently in use by a listener or a rule", times=99)
    with pytest.raises(ClientError):
        elbv2.delete_target_group(client, "arn:aws:tg")
    assert clock.slept[:3] == [1.0, 1.5, 2.25]
    assert max(clock.slept) == retry.LONGEST_DELAY
    assert 110 <= clock.seconds <= 120


def test_the_caller_may_give_its_own_time(clock: Clock) -> None:
    client = Aws("InvalidParameterException", "The service cannot be stopped while deployments are active.", times=99)
    with pytest.raises(ClientError):
        ecs.delete_service(client, service="s", cluster="c", force=False, seconds=30)
    assert 20 <= clock.seconds <= 30


def test_a_target_that_is_gone_needs_no_removal(clock: Clock) -> None:
    autoscaling.deregister(Aws("ObjectNotFoundException", "", times=1), TARGET)
    assert clock.slept == []


class Iam:
    """Tells of a role that was made so many seconds before the moment of the answer."""

    def __init__(self, age: float | None) -> None:
        self.age, self.asked = age, list[str]()

    def get_role(self, **asked: str) -> dict[str, t.Any]:
        self.asked.append(asked["RoleName"])
        if self.age is None:
            raise refusal("AccessDenied", "no")
        # not this machine's time
        made = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
        now = made + datetime.timedelta(seconds=self.age)
        headers = {"date": now.strftime("%a, %d %b %Y %H:%M:%S GMT")}
        return {"Role": {"CreateDate": made}, "ResponseMetadata": {"HTTPHeaders": headers}}


@pytest.mark.parametrize(("age", "expected"), [(0, True), (299, True), (301, False), (86400, False), (None, False)])
def test_a_role_is_new_by_the_clock_of_aws(age: float | None, expected: bool) -> None:
    iam = Iam(age)
    assert retry.new_roles(lambda: iam)(ROLE) is expected
    assert iam.asked == ["lotto"]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"taskRoleArn": "lotto", "family": "f"}, {"lotto"}),
        ({"executionRoleArn": ROLE, "containerDefinitions": [{"name": "a"}]}, {ROLE}),
        ({"volumeConfigurations": [{"managedEBSVolume": {"roleArn": ROLE}}]}, {ROLE}),
        ({"DeliverLogsPermissionArn": ROLE}, {ROLE}),
        (f"the role '{ROLE}'.", {ROLE}),
        ({"role": "arn:aws:iam::aws:policy/x"}, set()),
        (None, set()),
    ],
)
def test_the_roles_of_a_request(request_: t.Any, expected: set[str]) -> None:
    assert retry.roles_in(request_) == expected
