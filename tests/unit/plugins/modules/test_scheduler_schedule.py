# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import scheduler_schedule

SCHEDULER = "scheduler"
NAME = "magiclub-an2p-report"
ARN = f"arn:aws:scheduler:ap-northeast-2:123456789012:schedule/default/{NAME}"
CLUSTER = "arn:aws:ecs:ap-northeast-2:123456789012:cluster/c"
ROLE = f"arn:aws:iam::123456789012:role/{NAME}-schedule"
DEFINITION = f"arn:aws:ecs:ap-northeast-2:123456789012:task-definition/{NAME}"
TARGET = {
    "arn": CLUSTER,
    "role_arn": ROLE,
    "ecs_parameters": {
        "capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1, "base": 0}],
        "network_configuration": {
            "awsvpc_configuration": {"subnets": ["subnet-b", "subnet-a"], "assign_public_ip": "DISABLED"}
        },
        "enable_ecs_managed_tags": True,
        "propagate_tags": "TASK_DEFINITION",
    },
    "retry_policy": {"maximum_retry_attempts": 5, "maximum_event_age_in_seconds": 86400},
}
WANTED = {
    "name": NAME,
    "schedule_expression": "cron(0 2 * * ? *)",
    "schedule_expression_timezone": "Asia/Seoul",
    "flexible_time_window": 15,
    "target": TARGET,
    "task_definition": f"{DEFINITION}:7",
}
ECS = {
    "TaskDefinitionArn": f"{DEFINITION}:7",
    "CapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
    "NetworkConfiguration": {
        "awsvpcConfiguration": {"Subnets": ["subnet-b", "subnet-a"], "AssignPublicIp": "DISABLED"}
    },
    "EnableECSManagedTags": True,
    "PropagateTags": "TASK_DEFINITION",
}
SENT = {
    "Name": NAME,
    "GroupName": "default",
    "ScheduleExpression": "cron(0 2 * * ? *)",
    "ScheduleExpressionTimezone": "Asia/Seoul",
    "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
    "State": "ENABLED",
    "Target": {
        "Arn": CLUSTER,
        "RoleArn": ROLE,
        "EcsParameters": ECS,
        "RetryPolicy": {"MaximumRetryAttempts": 5, "MaximumEventAgeInSeconds": 86400},
    },
}
# as AWS returns it: with its defaults, and lists in another order
FOUND = {
    **SENT,
    "Arn": ARN,
    "Target": {
        **SENT["Target"],
        "EcsParameters": {
            **ECS,
            "TaskCount": 1,
            "EnableExecuteCommand": False,
            "PlacementConstraints": [],
            "PlacementStrategy": [],
            "Tags": [],
            "NetworkConfiguration": {
                "awsvpcConfiguration": {"Subnets": ["subnet-a", "subnet-b"], "AssignPublicIp": "DISABLED"}
            },
        },
    },
}
LOOK = {"Name": NAME, "GroupName": "default"}


def target_with(**fields):
    return {**FOUND, "Target": {**FOUND["Target"], **fields}}


def test_it_is_created(aws):
    aws.refuse(SCHEDULER, "get_schedule", "ResourceNotFoundException", **LOOK)
    aws.answer(SCHEDULER, "create_schedule", {"ScheduleArn": ARN}, **SENT)
    aws.answer(SCHEDULER, "get_schedule", FOUND, **LOOK)
    result = aws.run(scheduler_schedule.main, **WANTED)
    assert result["changed"]
    assert result["schedule"]["arn"] == ARN
    assert result["schedule"]["target"]["ecs_parameters"]["task_definition_arn"] == f"{DEFINITION}:7"


def test_a_schedule_that_a_late_call_created_is_updated(aws):
    aws.refuse(SCHEDULER, "get_schedule", "ResourceNotFoundException", **LOOK)
    aws.refuse(SCHEDULER, "create_schedule", "ConflictException", **SENT)
    aws.answer(SCHEDULER, "update_schedule", {"ScheduleArn": ARN}, **SENT)
    aws.answer(SCHEDULER, "get_schedule", FOUND, **LOOK)
    assert aws.run(scheduler_schedule.main, **WANTED)["changed"]


def test_a_schedule_as_wanted_is_left_alone(aws):
    aws.answer(SCHEDULER, "get_schedule", FOUND, **LOOK)
    result = aws.run(scheduler_schedule.main, **WANTED)
    assert not result["changed"]
    assert result["diff"] == {"before": {}, "after": {}}


@pytest.mark.parametrize(
    ("found", "path", "before", "after"),
    [
        ({**FOUND, "State": "DISABLED"}, "enabled", False, True),
        ({**FOUND, "ScheduleExpression": "rate(1 day)"}, "schedule_expression", "rate(1 day)", "cron(0 2 * * ? *)"),
        ({**FOUND, "ScheduleExpressionTimezone": "UTC"}, "schedule_expression_timezone", "UTC", "Asia/Seoul"),
        ({**FOUND, "FlexibleTimeWindow": {"Mode": "OFF"}}, "flexible_time_window", 0, 15),
        ({**FOUND, "Description": "by hand"}, "description", "by hand", ""),
        (target_with(Input='{"a": 1}'), "target.input", '{"a": 1}', "(none)"),
        (target_with(RoleArn=f"{ROLE}-other"), "target.role_arn", f"{ROLE}-other", ROLE),
        (
            target_with(RetryPolicy={"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}),
            "target.retry_policy.maximum_retry_attempts",
            185,
            5,
        ),
        (
            target_with(EcsParameters={**FOUND["Target"]["EcsParameters"], "TaskCount": 2}),
            "target.ecs_parameters.task_count",
            2,
            "(none)",
        ),
        (
            target_with(EcsParameters={**FOUND["Target"]["EcsParameters"], "TaskDefinitionArn": f"{DEFINITION}:6"}),
            "target.ecs_parameters.task_definition_arn",
            f"{DEFINITION}:6",
            f"{DEFINITION}:7",
        ),
    ],
)
def test_a_difference_is_reverted_by_a_complete_update(aws, found, path, before, after):
    more = {"KmsKeyArn": "arn:aws:kms:ap-northeast-2:123456789012:key/1", "ActionAfterCompletion": "DELETE"}
    aws.answer(SCHEDULER, "get_schedule", {**found, **more}, **LOOK)
    aws.answer(SCHEDULER, "update_schedule", {"ScheduleArn": ARN}, **SENT, **more)
    aws.answer(SCHEDULER, "get_schedule", FOUND, **LOOK)
    result = aws.run(scheduler_schedule.main, **WANTED)
    assert result["diff"] == {"before": {path: before}, "after": {path: after}}


@pytest.mark.parametrize("state", ["present", "absent"])
def test_check_mode_writes_nothing(aws, state):
    aws.answer(SCHEDULER, "get_schedule", {**FOUND, "State": "DISABLED"}, **LOOK)
    assert aws.run(scheduler_schedule.main, check=True, **WANTED, state=state)["changed"]


def test_a_schedule_can_be_disabled_and_have_no_window(aws):
    sent = {**SENT, "State": "DISABLED", "FlexibleTimeWindow": {"Mode": "OFF"}}
    aws.answer(SCHEDULER, "get_schedule", FOUND, **LOOK)
    aws.answer(SCHEDULER, "update_schedule", {"ScheduleArn": ARN}, **sent)
    aws.answer(SCHEDULER, "get_schedule", FOUND, **LOOK)
    assert aws.run(scheduler_schedule.main, **{**WANTED, "flexible_time_window": 0, "enabled": False})["changed"]


def test_an_unknown_key_is_refused_before_any_call(aws):
    aws.client("iam")
    result = aws.run(scheduler_schedule.main, **{**WANTED, "target": {**TARGET, "lambda_parameters": {}}})
    assert "lambda_parameters" in result["msg"]


def test_it_is_deleted(aws):
    aws.answer(SCHEDULER, "get_schedule", FOUND, **LOOK)
    aws.answer(SCHEDULER, "delete_schedule", {}, **LOOK)
    assert aws.run(scheduler_schedule.main, name=NAME, state="absent")["changed"]


def test_a_missing_schedule_stays_absent(aws):
    aws.refuse(SCHEDULER, "get_schedule", "ResourceNotFoundException", **LOOK)
    assert not aws.run(scheduler_schedule.main, name=NAME, state="absent")["changed"]
