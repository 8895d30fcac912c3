# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Continuing a deployment and rolling it back: by its hook, by a stop, or not at all."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.refused import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import answer
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout import stages

AT = datetime.datetime(2026, 11, 30, 21, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=9)))
HOOK = {"hookId": "h1", "status": "AWAITING_ACTION", "expiresAt": AT, "timeoutAction": "ROLLBACK"}


def record(status, *hooks):
    return {"status": status, "lifecycleHookDetails": list(hooks)}


CONTINUE, STOP = "ContinueServiceDeployment", "StopServiceDeployment"


@pytest.mark.parametrize(
    ("action", "found", "expected"),
    [
        ("continue", record("IN_PROGRESS", HOOK), (CONTINUE, "shop goes on.", "h1")),
        ("rollback", record("IN_PROGRESS", HOOK), (CONTINUE, "shop goes back.", "h1")),
        ("rollback", record("IN_PROGRESS"), (STOP, "shop goes back.", "")),
        ("rollback", record("PENDING"), (STOP, "shop goes back.", "")),
        (
            "continue",
            record("IN_PROGRESS", {**HOOK, "status": "SUCCEEDED"}),
            ("", "shop waits for no answer: its deployment goes on already.", ""),
        ),
        (
            "continue",
            record("SUCCESSFUL"),
            ("", "shop waits for no answer: its last deployment was successful.", ""),
        ),
        ("rollback", record("ROLLBACK_IN_PROGRESS", HOOK), ("", "shop goes back already.", "")),
        ("rollback", record("ROLLBACK_REQUESTED"), ("", "shop goes back already.", "")),
        ("rollback", record("ROLLBACK_SUCCESSFUL"), ("", "shop went back already.", "")),
    ],
)
def test_an_answer_is_given_once(action, found, expected):
    assert tuple(answer.step("shop", found, action)) == (expected[0], expected[1], expected[2])


@pytest.mark.parametrize(
    ("action", "found", "sentence"),
    [
        ("continue", None, "Service 'shop' has no deployment that ECS remembers. Deploy it with site.yml."),
        (
            "continue",
            record("ROLLBACK_SUCCESSFUL"),
            "Service 'shop' can't go on: its deployment ended as ROLLBACK_SUCCESSFUL, by someone else's answer, an"
            " alarm or a timeout. Check with status.yml, and deploy again with site.yml.",
        ),
        (
            "continue",
            {
                **record("ROLLBACK_SUCCESSFUL"),
                "alarms": {"status": "TRIGGERED", "alarmNames": ["5xx", "slow"], "triggeredAlarmNames": ["5xx"]},
            },
            "Service 'shop' can't go on: its deployment ended as ROLLBACK_SUCCESSFUL, by alarm 5xx. Check"
            " with status.yml, and deploy again with site.yml.",
        ),
        (
            "continue",
            {**record("ROLLBACK_IN_PROGRESS"), "lifecycleHookDetails": [{"hookId": "h", "status": "TIMED_OUT"}]},
            "Service 'shop' can't go on: its deployment goes back, because nobody answered in time. Check"
            " with status.yml, and deploy again with site.yml.",
        ),
        (
            "continue",
            record("ROLLBACK_SUCCESSFUL", {**HOOK, "targetType": "PAUSE", "status": "FAILED"}),
            "Service 'shop' can't go on: its deployment ended as ROLLBACK_SUCCESSFUL, answered with rollback. Check"
            " with status.yml, and deploy again with site.yml.",
        ),
        (
            "continue",
            record("ROLLBACK_IN_PROGRESS"),
            "Service 'shop' can't go on: its deployment goes back, by someone else's answer, an alarm or a"
            " timeout. Check with status.yml, and deploy again with site.yml.",
        ),
        (
            "rollback",
            record("SUCCESSFUL"),
            "Service 'shop' has no deployment under way: the last one ended as SUCCESSFUL. To undo it, run"
            " rollback.yml.",
        ),
    ],
)
def test_an_answer_that_comes_too_late_is_refused(action, found, sentence):
    with pytest.raises(RefusedError) as error:
        answer.step("shop", found, action)
    assert str(error.value) == sentence


def test_an_answer_for_another_hook_is_refused():
    with pytest.raises(RefusedError, match="waits at hook h1, not at h0: another deployment was started"):
        answer.step("shop", record("IN_PROGRESS", HOOK), "continue", "h0")
    assert answer.step("shop", record("IN_PROGRESS", HOOK), "continue", "h1").hook_id == "h1"


def test_a_hook_expires_in_utc():
    expected = {"id": "h1", "expires_at": "2026-11-30 12:00:00Z", "timeout_action": "ROLLBACK"}
    assert stages.hook_of(record("IN_PROGRESS", HOOK)) == expected
    assert stages.hook_of(record("IN_PROGRESS", {**HOOK, "status": "TIMED_OUT"})) == stages.hook_of({}) == {}


def test_the_newest_deployment_is_the_one_that_was_started_last():
    old, new = {"createdAt": 1, "status": "SUCCESSFUL"}, {"createdAt": 2, "status": "IN_PROGRESS"}
    assert answer.newest([old, new]) is answer.newest([new, old]) is new
    assert answer.newest([]) is None


def staged(stage, *details, hooks=("POST_TEST_TRAFFIC_SHIFT",), kind="PAUSE"):
    configured = [{"targetType": kind, "lifecycleStages": [one]} for one in hooks]
    configuration = {"deploymentConfiguration": {"lifecycleHooks": configured}}
    return {**record("IN_PROGRESS", *details), "lifecycleStage": stage, **configuration}


ANSWERED = {"hookId": "h1", "targetType": "PAUSE", "status": "SUCCEEDED"}


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (
            staged("SCALE_UP"),
            "shop waits for no answer yet: its deployment is under way, at the stage scale up, and asks at post test"
            " traffic shift. Answer it then; status.yml says when it waits.",
        ),
        # the stage is reached, but ECS does not list the hook yet
        (staged("POST_TEST_TRAFFIC_SHIFT"), "asks at post test traffic shift."),
        (staged(None), "its deployment is under way, and asks at post test traffic shift."),
        (
            staged("POST_TEST_TRAFFIC_SHIFT", ANSWERED, hooks=["PRODUCTION_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT"]),
            "asks at production traffic shift.",
        ),
        (
            staged("POST_TEST_TRAFFIC_SHIFT", ANSWERED),
            "shop waits for no answer: its deployment goes on already, at the stage post test traffic shift.",
        ),
        (
            staged("BAKE_TIME", ANSWERED),
            "its deployment goes on already, at the stage bake time.",
        ),
        # a function answers automatically
        (staged("SCALE_UP", kind="AWS_LAMBDA"), "its deployment goes on already, at the stage scale up."),
    ],
)
def test_an_early_answer_gets_the_current_and_the_next_stage(found, says):
    given = answer.step("shop", found, "continue")
    assert given.call == ""
    assert says in given.message
