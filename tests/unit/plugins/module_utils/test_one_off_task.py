# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import re

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import one_off_task

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}}
DEFINITION = {
    "taskDefinitionArn": "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/shop:4",
    "containerDefinitions": [{"name": "proxy", "essential": False}, {"name": "shop"}, {"name": "logger"}],
}
WANTED = {"container": "", "command": [], "environment": {}, "started_by": "magiclub-fargate"}


@pytest.mark.parametrize(
    ("service", "place"),
    [
        ({"launchType": "FARGATE"}, {"launchType": "FARGATE"}),
        ({}, {"launchType": "FARGATE"}),
        (
            {"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]},
            {"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]},
        ),
        ({"platformVersion": "1.4.0"}, {"launchType": "FARGATE", "platformVersion": "1.4.0"}),
        ({"propagateTags": "NONE", "enableECSManagedTags": False}, {"launchType": "FARGATE"}),
        (
            {"propagateTags": "SERVICE", "enableECSManagedTags": True},
            {"launchType": "FARGATE", "propagateTags": "TASK_DEFINITION", "enableECSManagedTags": True},
        ),
    ],
)
def test_a_task_is_placed_and_tagged_like_those_of_the_service(service, place):
    found = one_off_task.request({**service, "networkConfiguration": NETWORK}, DEFINITION, WANTED)
    assert found == {
        "taskDefinition": DEFINITION["taskDefinitionArn"],
        "networkConfiguration": NETWORK,
        "overrides": {"containerOverrides": [{"name": "shop"}]},
        "startedBy": "magiclub-fargate",
        "count": 1,
        **place,
    }


def test_command_and_environment_override_those_of_the_container_that_is_named():
    wanted = {**WANTED, "container": "logger", "command": ["env"], "environment": {"DEPTH": 3}}
    [override] = one_off_task.request({}, DEFINITION, wanted)["overrides"]["containerOverrides"]
    assert override == {"name": "logger", "command": ["env"], "environment": [{"name": "DEPTH", "value": "3"}]}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"DEBUG": True, "OFF": False}, [{"name": "DEBUG", "value": "true"}, {"name": "OFF", "value": "false"}]),
        ({"A": None, "B": ""}, [{"name": "B", "value": ""}]),
        ({"A": None}, None),
    ],
)
def test_an_environment_is_as_a_task_definition_has_it(environment, expected):
    [override] = one_off_task.request({}, DEFINITION, {**WANTED, "environment": environment})["overrides"][
        "containerOverrides"
    ]
    assert override.get("environment") == expected


def test_a_container_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(RefusedError) as told:
        one_off_task.request({}, DEFINITION, {**WANTED, "container": "web"})
    assert str(told.value) == "Task definition shop:4 has no container 'web'. It has proxy, shop, logger."


def test_started():
    assert one_off_task.started({"tasks": [{"taskArn": "arn:1"}], "failures": []}) == "arn:1"
    answer = {"tasks": [], "failures": [{"reason": "RESOURCE:ENI", "detail": "no address"}, {"reason": "RESOURCE:ENI"}]}
    with pytest.raises(RefusedError, match="did not start the task: RESOURCE:ENI, RESOURCE:ENI no address"):
        one_off_task.started(answer)


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([{"name": "shop", "exitCode": 3}], (3, "Essential container in task exited")),
        ([{"name": "shop", "exitCode": 137, "reason": "OutOfMemoryError"}], (137, "OutOfMemoryError")),
        ([{"name": "logger", "exitCode": 0}, {"name": "shop"}], (None, "Essential container in task exited")),
        ([], (None, "Essential container in task exited")),
    ],
)
def test_outcome(containers, expected):
    task = {"containers": containers, "stoppedReason": "Essential container in task exited", "stopCode": "X"}
    found = one_off_task.outcome(task, "shop")
    assert (found["exit_code"], found["reason"], found["stop_code"]) == (*expected, "X")


@pytest.mark.parametrize("family", ["shop", "s" * 128, "s" * 255])
def test_who_started_a_task_is_text_that_ecs_takes(family):
    """Letters, digits, - / and _, 128 at most (startedBy of API_RunTask)."""
    asked = {"container": "", "command": ["migrate"], "environment": {}}

    def started_by(revision, **more):
        definition = {
            "taskDefinitionArn": f"arn:aws:ecs:ap-northeast-2:123456789012:task-definition/{family}:{revision}"
        }
        return one_off_task.Once(definition, {**asked, **more}).started_by

    found = [started_by(4), started_by(5), started_by(4, command=["seed"])]
    assert [one for one in [*found, one_off_task.STARTED_BY] if not re.fullmatch(r"[\w/-]{1,128}", one, re.ASCII)] == []
    assert len(set(found)) == 3
    assert all(one.startswith(one_off_task.BEFORE) for one in found)
