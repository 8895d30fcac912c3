# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import typing as t

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import found
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.names import Names

from tests.unit.plugins.module_utils.service_definitions import ACCOUNT, FULL, PREFIX, nothing

ARN = f"arn:aws:ecs:ap-northeast-2:{ACCOUNT}:task-definition/{FULL}"
BALANCER = {"targetGroupArn": "arn:group", "containerName": "app", "containerPort": 8080}


def definition(revision: int, *images: str, names: t.Sequence[str] = ("app", "log")) -> dict[str, t.Any]:
    containers = [
        {"name": name, "image": image, "essential": name != "log"} for name, image in zip(names, images, strict=False)
    ]
    return {
        "taskDefinitionArn": f"{ARN}:{revision}",
        "family": FULL,
        "revision": revision,
        "containerDefinitions": containers,
        "tags": [],
    }


def image(newest: t.Any = None, running: t.Any = None, **described: t.Any) -> str | None:
    """Return the found image of the service at revision 1."""
    service = {
        "serviceName": FULL,
        "serviceArn": f"arn:aws:ecs:ap-northeast-2:{ACCOUNT}:service/{PREFIX}-ecs/{FULL}",
        "status": "ACTIVE",
        "taskDefinition": f"{ARN}:1",
        "desiredCount": 1,
        "runningCount": 1,
        "pendingCount": 0,
        "deployments": [],
        **described,
    }
    raw = nothing()
    raw |= {"services": [service], "newest": {FULL: newest}, "running": {f"{ARN}:1": running} if running else {}}
    around = {"names": {}, "listener": f"{PREFIX}-pub-alb:443", "namespace": "magiclub.internal"}
    return t.cast("str | None", found.services(raw, [Names(PREFIX, "web")], around)["web"]["image"])


OLD, NEW = definition(1, "app:1", "log:1"), definition(2, "app:2", "log:2")


@pytest.mark.parametrize(("status", "inactive"), [("ACTIVE", False), ("INACTIVE", True), ("DELETE_IN_PROGRESS", True)])
def test_a_running_revision_may_be_deregistered(status, inactive):
    service = {"serviceName": FULL, "serviceArn": "arn:web", "status": "ACTIVE", "taskDefinition": f"{ARN}:1"}
    service |= {"desiredCount": 1, "runningCount": 1, "pendingCount": 0, "deployments": []}
    raw = nothing()
    raw |= {"services": [service], "running": {f"{ARN}:1": {**OLD, "status": status}}}
    around = {"names": {}, "listener": f"{PREFIX}-pub-alb:443", "namespace": "magiclub.internal"}
    [revision] = found.services(raw, [Names(PREFIX, "web")], around)["web"]["task_definitions"]
    assert revision["inactive"] is inactive


@pytest.mark.parametrize(
    ("newest", "running", "balancers", "expected"),
    [
        pytest.param(OLD, None, [BALANCER], "app:1", id="the newest revision runs"),
        pytest.param(NEW, OLD, [BALANCER], "app:1", id="an older one runs"),
        pytest.param(NEW, OLD, [{**BALANCER, "containerName": "log"}], "log:1", id="what the load balancer names"),
        pytest.param(NEW, OLD, [{**BALANCER, "containerName": "gone"}], None, id="no such container"),
        pytest.param(OLD, None, [], "app:1", id="without a load balancer, the essential one"),
        pytest.param(NEW, None, [BALANCER], None, id="its revision is gone"),
        pytest.param(None, None, [BALANCER], None, id="no revision is left"),
    ],
)
def test_the_image_is_that_of_the_running_revision(newest, running, balancers, expected):
    assert image(newest, running, loadBalancers=balancers) == expected


def test_a_service_that_is_on_its_way_out_runs_no_image():
    assert image(OLD, None, status="DRAINING", loadBalancers=[BALANCER]) is None


def test_a_cloud_map_service_in_a_previous_namespace_is_found():
    raw = nothing()
    raw["other_discovery"] = {"ns-1": [{"Name": "web", "Arn": "arn:old"}, {"Name": "other", "Arn": "arn:other"}]}
    around = {
        "names": {},
        "listener": "",
        "namespace": "new.internal",
        "other_namespaces": {"magiclub.internal": "ns-1", "third.internal": "ns-3"},
    }
    [entry] = found.services(raw, [Names(PREFIX, "web")], around)["web"]["resources"]
    assert entry == {
        "type": "cloud_map_service",
        "name": "web.magiclub.internal",
        "id": "arn:old",
        "values": {"namespace_id": "ns-1"},
    }


RULE = {"Conditions": [], "Actions": [], "Priority": "5"}


def forwarding(arn: str, name: str, *groups: tuple[str, int]) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """Return a rule that forwards by weights, and its tag."""
    targets = [{"TargetGroupArn": group, "Weight": weight} for group, weight in groups]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": targets}}
    return {**RULE, "RuleArn": arn, "Actions": [action]}, {arn: {"Name": name}}


OWN_GROUPS = (("arn:full", 0), ("arn:alt", 100))


def found_with(used: str, by_header: str, by_port: str, of_header: t.Any = OWN_GROUPS) -> t.Any:
    """Return the state of a service with test rules by header and by port, of which ECS uses one.

    I(of_header) are the target groups of the rule by header.
    """
    groups = OWN_GROUPS
    first, first_tag = forwarding("arn:header", by_header, *of_header)
    second, second_tag = forwarding("arn:port", by_port, *reversed([(arn, 100 - weight) for arn, weight in groups]))
    balancer = {**BALANCER, "advancedConfiguration": {"testListenerRule": used}}
    service = {
        "serviceName": FULL,
        "serviceArn": "arn:web",
        "status": "ACTIVE",
        "taskDefinition": f"{ARN}:1",
        "desiredCount": 1,
        "runningCount": 1,
        "pendingCount": 0,
        "deployments": [],
        "loadBalancers": [balancer],
    }
    raw = nothing()
    raw |= {"services": [service], "rules": [first], "other_rules": {"arn:8443": [second]}}
    raw["elb_tags"] = first_tag | second_tag
    names = {"arn:full": FULL, "arn:alt": f"{FULL}-alt", "arn:web-test": f"{FULL}-test"}
    listeners = {f"{PREFIX}-pub-alb:8443": "arn:8443"}
    around = {"names": names, "listener": f"{PREFIX}-pub-alb:80", "namespace": "", "other_listeners": listeners}
    return found.services(raw, [Names(PREFIX, "web")], around)["web"]


def test_test_rules_are_found_by_header_and_by_port():
    there = found_with("arn:header", f"{FULL}-test", f"{FULL}-test:8443")
    rules = {one["name"]: one for one in there["resources"] if one["type"] == "listener_rule"}
    assert [(name, one["id"], one["values"]["listener"]) for name, one in rules.items()] == [
        (f"{FULL}-test", "arn:header", f"{PREFIX}-pub-alb:80"),
        (f"{FULL}-test:8443", "arn:port", f"{PREFIX}-pub-alb:8443"),
    ]
    # where a removal finds it
    assert rules[f"{FULL}-test:8443"]["values"]["listener_arn"] == "arn:8443"
    assert "listener_arn" not in rules[f"{FULL}-test"]["values"]
    assert there["test_rule_priority"] == 5


@pytest.mark.parametrize(
    ("of_header", "used", "is_found"),
    [
        pytest.param(OWN_GROUPS, "arn:port", True, id="left over from a previous strategy"),
        # web may be planned or removed without web-test
        pytest.param((("arn:web-test", 1),), "arn:port", False, id="the rule of a service web-test"),
        pytest.param((("arn:unknown", 1),), "arn:port", False, id="of a service web-test that was not read"),
        pytest.param((("arn:unknown", 1),), "arn:header", True, id="its own, with changed target groups"),
    ],
)
def test_a_test_rule_is_distinguished_from_the_rule_of_a_service_with_its_name(of_header, used, is_found):
    there = found_with(used, f"{FULL}-test", "somebody-s", of_header)
    rules = [one["id"] for one in there["resources"] if one["type"] == "listener_rule"]
    assert rules == ["arn:header"] * int(is_found)


@pytest.mark.parametrize(("used", "expected"), [("arn:header", f"{FULL}-alt"), ("arn:port", FULL)])
def test_test_requests_reach_the_group_of_the_rule_that_ecs_uses(used, expected):
    assert found_with(used, f"{FULL}-test", f"{FULL}-test:8443")["testing"] == expected


def test_a_test_rule_named_for_another_port_is_ignored():
    there = found_with("arn:other", "somebody-s", f"{FULL}-test:9443")
    assert (there["testing"], [one["type"] for one in there["resources"]]) == (None, ["ecs_service"])


def test_the_environment_of_a_revision_is_sensitive():
    environment = [{"name": "A", "value": "1"}]
    containers = [{**one, "environment": environment} for one in NEW["containerDefinitions"]]
    raw = nothing() | {"newest": {FULL: {**NEW, "containerDefinitions": containers}}}
    around = {"names": {}, "listener": "", "namespace": ""}

    [revision] = found.services(raw, [Names(PREFIX, "web")], around)["web"]["task_definitions"]

    assert revision["sensitive"] == [f"container_definitions.{one['name']}.environment" for one in containers]


def test_the_state_of_a_service_is_what_ecs_says_of_it():
    service = {"serviceName": FULL, "serviceArn": "arn:web", "status": "ACTIVE", "taskDefinition": f"{ARN}:1"}
    raw = {
        **nothing(),
        "services": [{**service, "desiredCount": 3, "runningCount": 2, "pendingCount": 1, "deployments": []}],
    }
    around = {"names": {}, "listener": f"{PREFIX}-pub-alb:443", "namespace": "magiclub.internal"}
    state = found.services(raw, [Names(PREFIX, "web")], around)["web"]
    assert {key: state[key] for key in ("status", "task_definition_arn", "steady")} == {
        "status": "ACTIVE",
        "task_definition_arn": f"{ARN}:1",
        "steady": False,
    }
    assert [state[f"{kind}_count"] for kind in ("desired", "running", "pending")] == [3, 2, 1]
