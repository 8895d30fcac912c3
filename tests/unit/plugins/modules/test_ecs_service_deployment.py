# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module ecs_service_deployment: continuing a deployment or rolling it back."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import ecs_service_deployment

CLUSTER, NAME, ARN = "magiclub-an2p-ecs", "magiclub-an2p-shop", "arn:aws:ecs:ap-northeast-2:1:service-deployment/c/s/9"
ASKED = {"cluster": CLUSTER, "service": NAME}
AT = datetime.datetime(2026, 11, 30, 12, 0, tzinfo=datetime.UTC)
HOOK = {"hookId": "ecs-pause-1", "status": "AWAITING_ACTION", "expiresAt": AT, "timeoutAction": "ROLLBACK"}


def found(aws, status, *hooks):
    brief = {"serviceDeploymentArn": ARN, "createdAt": AT, "status": status}
    aws.answer("ecs", "list_service_deployments", {"serviceDeployments": [brief]}, **ASKED, maxResults=20)
    full = {**brief, "lifecycleHookDetails": list(hooks)}
    described = {"serviceDeployments": [full], "failures": []}
    aws.answer("ecs", "describe_service_deployments", described, serviceDeploymentArns=[ARN])


def run(aws, action, **more):
    return aws.run(ecs_service_deployment.main, **ASKED, action=action, **more)


@pytest.mark.parametrize(("action", "asked"), [("continue", "CONTINUE"), ("rollback", "ROLLBACK")])
def test_a_hook_is_answered(aws, action, asked):
    found(aws, "IN_PROGRESS", HOOK)
    answer = {"serviceDeploymentArn": ARN}
    aws.answer(
        "ecs", "continue_service_deployment", answer, serviceDeploymentArn=ARN, hookId="ecs-pause-1", action=asked
    )
    result = run(aws, action, hook_id="ecs-pause-1")
    assert (result["changed"], result["deployment_arn"], result["hook"]["id"]) == (True, ARN, "ecs-pause-1")


def test_a_deployment_without_a_waiting_hook_is_stopped_to_roll_back(aws):
    found(aws, "IN_PROGRESS")
    answer = {"serviceDeploymentArn": ARN}
    aws.answer("ecs", "stop_service_deployment", answer, serviceDeploymentArn=ARN, stopType="ROLLBACK")
    assert run(aws, "rollback")["message"] == f"{NAME} goes back."


def test_check_mode_answers_nothing(aws):
    found(aws, "IN_PROGRESS", HOOK)
    result = aws.run(ecs_service_deployment.main, check=True, **ASKED, action="continue")
    assert (result["changed"], result["message"]) == (True, f"{NAME} goes on.")


def test_a_finished_deployment_is_not_a_change(aws):
    found(aws, "SUCCESSFUL")
    assert run(aws, "continue")["changed"] is False


def test_a_hook_that_someone_else_answered_first_is_not_a_failure(aws):
    found(aws, "IN_PROGRESS", HOOK)
    given = {"serviceDeploymentArn": ARN, "hookId": "ecs-pause-1", "action": "CONTINUE"}
    aws.refuse("ecs", "continue_service_deployment", "InvalidParameterException", "not in AWAITING_ACTION", **given)
    found(aws, "IN_PROGRESS", {**HOOK, "status": "SUCCEEDED"})
    result = run(aws, "continue")
    assert (result["changed"], result["message"]) == (
        False,
        f"{NAME} waits for no answer: its deployment goes on already.",
    )


def test_a_persistent_error_fails_with_a_message(aws):
    given = {"serviceDeploymentArn": ARN, "hookId": "ecs-pause-1", "action": "CONTINUE"}
    for _ in range(2):
        found(aws, "IN_PROGRESS", HOOK)
        aws.refuse("ecs", "continue_service_deployment", "InvalidParameterException", "no", **given)
    message = run(aws, "continue")["msg"]
    assert message.startswith(f"Failed to continue the deployment of {NAME} in ap-northeast-2: ")


def test_a_late_answer_fails(aws):
    found(aws, "ROLLBACK_SUCCESSFUL")
    assert run(aws, "continue")["msg"].startswith(f"Service '{NAME}' can't go on: its deployment ended as")


def test_an_old_botocore_is_reported(aws, monkeypatch):
    found(aws, "IN_PROGRESS", HOOK)
    monkeypatch.setattr(ecs_service_deployment, "hasattr", lambda *_: False, raising=False)
    assert "does not know ContinueServiceDeployment" in run(aws, "continue")["msg"]
