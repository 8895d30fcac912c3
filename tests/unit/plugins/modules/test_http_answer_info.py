# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module http_answer_info: its calls to AWS, which prove who answered; for requests see test_http_request.py."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import http_request
from ansible_collections.magiclub.fargate.plugins.modules import http_answer_info

from tests.unit.plugins.module_utils.test_answered_by import CLUSTER, EXPECTED, LISTENER, group, rule, target, task_of

RULES = [rule(1, ["/shop/*"], "shop"), rule(5, ["/*"], "web")]
SHOP = {
    **EXPECTED,
    "target_group_arn": group("shop"),
    "service": "shop",
    "task_definition": EXPECTED["task_definition"].replace("/web:3", "/shop:8"),
}
TASKS = [task_of("a", "10.0.0.1"), task_of("b", "10.0.0.2", 8, "shop")]


@pytest.fixture(autouse=True)
def _answer(monkeypatch):
    monkeypatch.setattr(http_request, "_ask", lambda _request: http_request.Answer(200, "OK", "hello"))


def read(aws, groups, rules=RULES):
    """Expect that the module reads once who can answer."""
    aws.answer("elbv2", "describe_rules", {"Rules": rules}, ListenerArn=LISTENER)
    for name, address in groups:
        answer = {"TargetHealthDescriptions": [target(address)]}
        aws.answer("elbv2", "describe_target_health", answer, TargetGroupArn=group(name))
    arns = [task["taskArn"] for task in TASKS]
    aws.answer("ecs", "list_tasks", {"taskArns": arns}, cluster=CLUSTER, desiredStatus="RUNNING")
    aws.answer("ecs", "describe_tasks", {"tasks": TASKS}, cluster=CLUSTER, tasks=arns)


def request(name, path, expected):
    return {"name": name, "url": f"http://alb.example.com{path}", "expected": expected}


def test_several_services_are_read_together_before_and_after_the_requests(aws):
    groups = [("web", "10.0.0.1"), ("shop", "10.0.0.2")]
    read(aws, groups)
    read(aws, groups)
    requests = [request("web", "/", EXPECTED), request("shop", "/shop/", SHOP)]

    result = aws.run(http_answer_info.main, requests=requests, within=0)

    assert [(answer["name"], answer["problem"], answer["answered_by"]) for answer in result["answers"]] == [
        ("web", "", "task a of web:3"),
        ("shop", "", "task b of shop:8"),
    ]


def test_a_right_answer_by_another_rule_is_a_problem(aws):
    for _before_and_after in range(2):
        read(aws, [("web", "10.0.0.1")], [rule(1, ["/*"], "old"), rule(5, ["/*"], "web")])

    (answer,) = aws.run(http_answer_info.main, requests=[request("web", "/", EXPECTED)], within=0)["answers"]

    assert (answer["status"], answer["answered_by"]) == (200, "")
    assert answer["problem"] == (
        "did not answer http://alb.example.com/ itself: rule 1 (/* to old) took the request, not the service's own,"
        " which forwards to web alone."
    )


def test_a_denied_read_fails_with_the_action(aws):
    aws.refuse("elbv2", "describe_rules", "AccessDenied", ListenerArn=LISTENER)
    aws.answer("elbv2", "describe_target_health", {"TargetHealthDescriptions": []}, TargetGroupArn=group("web"))
    aws.answer("ecs", "list_tasks", {"taskArns": []}, cluster=CLUSTER, desiredStatus="RUNNING")

    result = aws.run(http_answer_info.main, requests=[request("web", "/", EXPECTED)], within=0)

    assert result["msg"].startswith("Failed to see who answers in ap-northeast-2: ")
