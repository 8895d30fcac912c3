# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who can have answered a request, by DescribeRules, DescribeTargetHealth and DescribeTasks."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import answered_by
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import precedence

ELB = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012"
ECS = "arn:aws:ecs:ap-northeast-2:123456789012"
LISTENER = f"{ELB}:listener/app/alb/50dc/f2f7"
CLUSTER = "magiclub-an2p-ecs"


def group(name: str) -> str:
    return f"{ELB}:targetgroup/{name}/73e2d6bc24d8a067"


def rule(priority: int | str, paths: t.Sequence[str], *groups: str, hosts: t.Sequence[str] = (), **more: t.Any):
    """Return a rule as DescribeRules does; several groups share its requests."""
    listed = [{"TargetGroupArn": group(name), "Weight": 1} for name in groups]
    alone = {"TargetGroupArn": group(groups[0])} if len(groups) == 1 else {}
    forward = {"Type": "forward", **alone, "ForwardConfig": {"TargetGroups": listed}}
    conditions = [
        {"Field": "path-pattern", "Values": list(paths), "PathPatternConfig": {"Values": list(paths)}},
        {"Field": "host-header", "Values": list(hosts), "HostHeaderConfig": {"Values": list(hosts)}},
        *more.get("conditions", []),
    ]
    return {
        "RuleArn": f"{LISTENER}/{priority}",
        "Priority": str(priority),
        "Conditions": [one for one in conditions if one.get("Values") != []],
        "Actions": [forward if groups else {"Type": "fixed-response"}],
    }


def target(address: str, state: str = "healthy"):
    """Return a target as DescribeTargetHealth does."""
    return {"Target": {"Id": address, "Port": 8080}, "HealthCheckPort": "8080", "TargetHealth": {"State": state}}


def task_of(name: str, address: str, revision: int = 3, service: str = "web"):
    """Return a task as DescribeTasks does."""
    details = [
        {"name": "subnetId", "value": "subnet-1"},
        {"name": "networkInterfaceId", "value": f"eni-{name}"},
        {"name": "privateIPv4Address", "value": address},
    ]
    return {
        "taskArn": f"{ECS}:task/{CLUSTER}/{name}",
        "taskDefinitionArn": f"{ECS}:task-definition/{service}:{revision}",
        "group": f"service:{service}",
        "lastStatus": "RUNNING",
        "attachments": [{"type": "ElasticNetworkInterface", "status": "ATTACHED", "details": details}],
    }


EXPECTED = {
    "listener_arn": LISTENER,
    "target_group_arn": group("web"),
    "cluster": CLUSTER,
    "service": "web",
    "task_definition": f"{ECS}:task-definition/web:3",
}
OWN = rule(5, ["/*"], "web")
DEFAULT = rule("default", [])
SENDERS = [{"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}]
ONE = ([target("10.0.0.1")], [task_of("a", "10.0.0.1")])
STRANGER = "of target group web can have answered, and is not a task of the service: only tasks of web:3 may"
NOT_OWN = "took the request, not the service's own, which forwards to web alone"


def judged(rules, targets, tasks, host="lotto.example.com", path="/p", headers=None):
    seen = answered_by.Seen({LISTENER: rules}, {group("web"): targets}, {CLUSTER: tasks})
    return answered_by.evaluate(EXPECTED, precedence.Request(host, path, headers=headers or {}), seen)


def by_header(*values, name="X-Release"):
    """Return the test rule, which comes first and forwards to another group."""
    config = {"HttpHeaderName": name, "Values": list(values)}
    return rule(4, ["/*"], "alt", conditions=[{"Field": "http-header", "HttpHeaderConfig": config}])


def shared(web, alt):
    """Return the service's own rule while ECS shifts requests between two groups."""
    made = rule(5, ["/*"], "web", "alt")
    for one, weight in zip(made["Actions"][0]["ForwardConfig"]["TargetGroups"], (web, alt), strict=True):
        one["Weight"] = weight
    return made


@pytest.mark.parametrize(
    ("rules", "headers", "well"),
    [
        ([by_header("green"), OWN], {}, True),
        ([by_header("green"), OWN], {"x-release": "blue"}, True),
        ([by_header("green"), OWN], {"x-release": "Green"}, False),
        ([by_header("gr*", "x?"), OWN], {"X-Release": "grey"}, False),
        ([by_header("gr?"), OWN], {"X-Release": "grey"}, True),
        ([shared(100, 0)], {}, True),
        ([shared(0, 100)], {}, False),
        ([shared(90, 10)], {}, False),
    ],
)
def test_headers_and_weights_decide_who_answers(rules, headers, well):
    found = judged(rules, *ONE, headers=headers)
    assert (not found.wrong, found.answered_by) == (well, "task a of web:3" if well else "")


@pytest.mark.parametrize(
    ("rules", "wrong"),
    [
        ([OWN, DEFAULT], ""),
        ([DEFAULT, rule(50, ["/*"], "old"), OWN], ""),
        ([rule(3, ["/x/*"], "old"), OWN], ""),
        ([rule(3, ["/*"], "old", hosts=["other.example.com"]), OWN], ""),
        ([rule(3, ["/p"], "old"), OWN], f"rule 3 (/p to old) {NOT_OWN}"),
        ([rule(3, ["/p"], "old", hosts=["*.example.com"]), OWN], f"rule 3 (*.example.com/p to old) {NOT_OWN}"),
        ([rule(3, ["/p"]), OWN], f"rule 3 (/p to fixed-response) {NOT_OWN}"),
        ([rule(5, ["/x/*"], "web"), DEFAULT], f"default rule (/* to fixed-response) {NOT_OWN}"),
        ([rule(5, ["/*"], "web", "green"), DEFAULT], f"rule 5 (/* to green, web) {NOT_OWN}"),
        ([rule(5, ["/*"], "web", conditions=SENDERS)], f"no rule {NOT_OWN}"),
    ],
)
def test_the_first_matching_rule_has_to_be_the_services_own(rules, wrong):
    found = judged(rules, *ONE)
    assert (found.wrong, found.answered_by) == (wrong, "" if wrong else "task a of web:3")


@pytest.mark.parametrize(
    ("targets", "tasks", "wrong", "answered_by"),
    [
        ([target("10.0.0.1"), target("10.0.0.9", "draining")], ONE[1], "", "task a of web:3"),
        (
            [target("10.0.0.1"), target("10.0.0.2")],
            [task_of("a", "10.0.0.1"), task_of("b", "10.0.0.2")],
            "",
            "one of 2 tasks of web:3",
        ),
        (
            [target("10.0.0.1"), target("10.0.0.2")],
            [task_of("a", "10.0.0.1"), task_of("b", "10.0.0.2", revision=2)],
            "target 10.0.0.2 of target group web can have answered, and is a task of web:2: only tasks of web:3 may",
            "",
        ),
        (
            [target("10.0.0.1"), target("10.0.0.9", "unhealthy")],
            ONE[1],
            f"target 10.0.0.9 {STRANGER}",
            "",
        ),
        (
            [target("10.0.0.1")],
            [task_of("a", "10.0.0.1", service="shop")],
            f"target 10.0.0.1 {STRANGER}",
            "",
        ),
        ([], ONE[1], "target group web has no target that can have answered", ""),
        ([target("10.0.0.1", "draining")], ONE[1], "target group web has no target that can have answered", ""),
    ],
)
def test_every_target_with_requests_has_to_be_a_task_of_the_revision(targets, tasks, wrong, answered_by):
    found = judged([OWN], targets, tasks)
    assert (found.wrong, found.answered_by) == (wrong, answered_by)


def test_rules_that_may_take_the_request_are_reported():
    found = judged([rule(3, ["/*"], "old", conditions=SENDERS), OWN], *ONE)
    assert (found.wrong, found.answered_by) == ("", "task a of web:3, unless rule 3 (/* to old) took it")


def test_what_is_true_before_and_after_is_true_in_between():
    fine, bad = answered_by.Proof("", "web:3", frozenset("a")), answered_by.Proof("somebody else did")
    assert answered_by.both(fine, fine) == fine
    assert answered_by.both(fine, bad) == answered_by.both(bad, fine) == bad
    assert answered_by.both(fine, fine._replace(tasks=frozenset("b"))).tasks == {"a", "b"}
