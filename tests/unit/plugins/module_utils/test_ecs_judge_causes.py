# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Verdicts on stages, hooks, rollbacks and time-outs."""

from __future__ import annotations

import typing as t

import botocore.session
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import diagnose
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.answers import (
    has_run,
    rollback_follows,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.judge import verdict
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.observation import Rules, Verdict
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.signs import (
    events_of,
    lost_before,
    signs_of,
)

from .observe import BACK, NEW, OLD, T0, Payload, observe
from .test_ecs_wait import Scene
from .test_ecs_wait_late import BALANCED, EXITED, FULL, GROUP, STUCK, deployment, old, service, task

ECS = botocore.session.get_session().get_service_model("ecs")
SEEN: dict[str, t.Any] = {"tasks": [], "signs_seen": 99, "deployment_id": NEW, "phase": "starting"}

PAUSED = {
    "hookId": "approve",
    "targetType": "PAUSE",
    "status": "AWAITING_ACTION",
    "expiresAt": T0 + 86400,
    "timeoutAction": "ROLLBACK",
}
RUNS = {"targetType": "AWS_LAMBDA", "targetArn": "arn:aws:lambda:r:1:function:smoke", "status": "IN_PROGRESS"}
RECORD_ARN = "arn:aws:ecs:ap-northeast-2:111122223333:service-deployment/c/lotto/1"

# The stages in order: whether the new tasks run, and their production and test traffic
# (ServiceDeployment.lifecycleStage in the API reference). Until CLEAN_UP both deployments are listed.
STAGES = {
    "RECONCILE_SERVICE": (False, 0.0, 0.0),
    "PRE_SCALE_UP": (False, 0.0, 0.0),
    "SCALE_UP": (False, 0.0, 0.0),
    "POST_SCALE_UP": (True, 0.0, 0.0),
    "TEST_TRAFFIC_SHIFT": (True, 0.0, 50.0),
    "POST_TEST_TRAFFIC_SHIFT": (True, 0.0, 100.0),
    "PRODUCTION_TRAFFIC_SHIFT": (True, 12.5, 100.0),
    "POST_PRODUCTION_TRAFFIC_SHIFT": (True, 100.0, 100.0),
    "BAKE_TIME": (True, 100.0, 100.0),
    "CLEAN_UP": (True, 100.0, 100.0),
}
STRATEGIES = ("BLUE_GREEN", "LINEAR", "CANARY")


def staged(strategy: str, stage: str, *hooks: Payload, **record: t.Any) -> tuple[Payload, Payload]:
    """Return a service at a stage of its deployment, and the service deployment."""
    runs, production, test = STAGES[stage]
    counts = FULL if runs else {"runningCount": 0, "pendingCount": 2 if stage == "SCALE_UP" else 0}
    # only rolling updates have a rolloutState
    ours, before = deployment(T0, rolloutState=None, **counts), old(rolloutState=None)
    config = {"strategy": strategy, "maximumPercent": 200, "minimumHealthyPercent": 100, "bakeTimeInMinutes": 10}
    target = {"requestedProductionTrafficWeight": production, "requestedTestTrafficWeight": test}
    return service(ours, before, deploymentConfiguration=config), {
        "serviceDeploymentArn": RECORD_ARN,
        "status": "IN_PROGRESS",
        "lifecycleStage": stage,
        "lifecycleHookDetails": list(hooks),
        "targetServiceRevision": target,
        "sourceServiceRevisions": [{"requestedProductionTrafficWeight": 100 - production}],
        **record,
    }


def test_the_stages_are_those_of_the_api() -> None:
    assert set(STAGES) == set(ECS.shape_for("ServiceDeploymentLifecycleStage").enum)
    assert {"ROLLING", *STRATEGIES} == set(ECS.shape_for("DeploymentStrategy").enum)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("hook", [None, PAUSED, RUNS], ids=["no hook", "paused", "hook runs"])
def test_progress_has_stage_weights_and_hooks(strategy: str, stage: str, hook: Payload | None) -> None:
    payload, record = staged(strategy, stage, *([hook] if hook else []))
    found = verdict(observe(service=payload, service_deployment=record, **SEEN))
    runs, production, test = STAGES[stage]
    assert not found.final
    assert found.phase == ("paused" if hook is PAUSED else "shifting" if runs else "starting")
    assert f", {stage.lower().replace('_', ' ')}, {production:g}% of the traffic on it" in found.progress
    assert (f"{test:g}% of the test traffic" in found.progress) == bool(test)
    assert ("hook approve waits for your answer until 2025-11-23 04:00:00Z, then ECS rolls back" in found.progress) == (
        hook is PAUSED
    )
    assert ("hook smoke runs" in found.progress) == (hook is RUNS)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("action", "then"), [("ROLLBACK", "rolls back"), ("CONTINUE", "goes on")])
def test_a_time_out_at_a_hook_names_the_hook(stage: str, action: str, then: str) -> None:
    payload, record = staged("BLUE_GREEN", stage, {**PAUSED, "timeoutAction": action})
    found = verdict(observe(service=payload, service_deployment=record, waited=900, **SEEN), Rules(timeout=900))
    assert found.outcome == "timed_out"
    assert f"hook approve waits for your answer until 2025-11-23 04:00:00Z, then ECS {then}" in found.message
    assert f"continue-service-deployment --service-deployment-arn {RECORD_ARN} --hook-id approve" in found.next_step
    assert "continue.yml -e decision=continue" in found.next_step
    assert found.next_step.endswith(f"until 2025-11-23 04:00:00Z, then ECS {then}.")


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("stage", [stage for stage, (runs, _, _) in STAGES.items() if runs])
def test_a_time_out_at_a_stage_says_that_nothing_has_failed(strategy: str, stage: str) -> None:
    payload, record = staged(strategy, stage)
    observed = observe(service=payload, service_deployment=record, waited=900, health={}, **SEEN)
    found = verdict(observed, Rules(timeout=900))
    assert (found.outcome, found.next_step) == ("timed_out", diagnose.STILL_SHIFTING)


def test_progress_has_the_hook_of_a_rolling_deployment() -> None:
    config = {"strategy": "ROLLING", "lifecycleHooks": [{"targetType": "PAUSE"}]}
    payload = service(deployment(T0), old(), deploymentConfiguration=config)
    assert verdict(observe(service=payload, **SEEN)).needs == ("service_deployment",)
    record = {"status": "IN_PROGRESS", "lifecycleHookDetails": [PAUSED]}
    assert "hook approve waits" in verdict(observe(service=payload, service_deployment=record, **SEEN)).progress


def test_the_wait_reports_a_hook_at_once() -> None:
    """In the first observation, although the old deployment is still listed."""
    stages = iter(["SCALE_UP", "POST_TEST_TRAFFIC_SHIFT"])

    def service_at(_at: float, _name: str) -> Payload:
        stage = next(stages, "POST_TEST_TRAFFIC_SHIFT")
        payload, record = staged("CANARY", stage, *([PAUSED] if stage != "SCALE_UP" else []))
        scene.aws.records = {RECORD_ARN: record}
        return {**payload, "currentServiceDeployment": RECORD_ARN}

    scene = Scene(service_at, deployment_id=NEW, timeout=20)
    scene.aws.history = [{"serviceDeploymentArn": RECORD_ARN, "createdAt": T0, "status": "IN_PROGRESS"}]
    assert scene.run() == ["timed_out"]
    assert "scale up, 0% of the traffic on it" in scene.lines[0]
    assert "post test traffic shift, 0% of the traffic on it, 100% of the test traffic, hook approve" in scene.lines[1]
    assert "--hook-id approve" in scene.watches[0].verdict.next_step


ALARMS = {"alarms": {"enable": True, "rollback": True, "alarmNames": ["5xx"]}}
FAILED_BY_ALARM = f"(service lotto) (deployment {NEW}) deployment failed: alarm detected."
FAILED_TO_START = f"(service lotto) (deployment {NEW}) deployment failed: tasks failed to start."
BACK_TO = f"(service lotto) rolling back to deployment {BACK}."
TRIGGERED = {"alarms": {"status": "TRIGGERED", "alarmNames": ["5xx", "slow"], "triggeredAlarmNames": ["slow"]}}
TRIPPED = {"deploymentCircuitBreaker": {"status": "TRIGGERED"}}
CRASHED = [task(number, EXITED, T0 + 20) for number in range(3)]
DONE = "ROLLBACK_SUCCESSFUL"

# case, record, configuration, events, tasks, part of the message, cause
ROLLBACKS: list[tuple[str, Payload, Payload, list[str], list[Payload], str, str]] = [
    ("alarm, by the record", {"status": DONE, **TRIGGERED}, ALARMS, [], [], "back (alarm slow)", "stopped"),
    ("alarm, by the event", {}, ALARMS, [FAILED_BY_ALARM, BACK_TO], [], "back (alarm 5xx)", "stopped"),
    ("alarm without a name", {}, {}, [FAILED_BY_ALARM, BACK_TO], [], "back (an alarm)", "stopped"),
    ("alarm, and tasks crashed", {"status": DONE, **TRIGGERED}, ALARMS, [], CRASHED,
     "back (alarm slow): its tasks start and stop again (3 tasks)", "crash_loop"),
    ("a person", {"status": DONE, "statusReason": "Service deployment rolled back by the user."}, {}, [], [],
     "back (requested by someone): Service deployment rolled back by the user", "stopped"),
    ("breaker, by the record",
     {"status": DONE, **TRIPPED, "statusReason": "The circuit breaker threshold was exceeded."}, {}, [], CRASHED,
     "back (circuit breaker): its tasks start and stop again (3 tasks)", "crash_loop"),
    ("breaker, by the event, tasks not known", {}, {}, [FAILED_TO_START, BACK_TO], [],
     "back (circuit breaker): deployment failed: tasks failed to start", ""),
    ("hook that failed", {"status": DONE, "lifecycleHookDetails": [{**RUNS, "status": "FAILED"}]}, {}, [], [],
     "back (hook smoke that failed)", "stopped"),
    ("hook without an answer", {"status": DONE, "lifecycleHookDetails": [{**PAUSED, "status": "TIMED_OUT"}]}, {}, [],
     [], "back (hook approve that got no answer in time)", "stopped"),
    ("no word", {"status": DONE}, {}, [], [], "rolled the deployment back: the deployment failed", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "config", "events", "tasks", "sentence", "cause"),
    [pytest.param(*row[1:], id=row[0]) for row in ROLLBACKS],
)
def test_a_rollback_names_its_reason(
    record: Payload, config: Payload, events: list[str], tasks: list[Payload], sentence: str, cause: str
) -> None:
    back = deployment(T0 + 61, id=BACK, rolloutState="COMPLETED", **FULL)
    dated = [(T0 + 60, message) for message in events]
    payload = service(back, events=dated, deploymentConfiguration=config)
    found = verdict(observe(service=payload, service_deployment=record, **{**SEEN, "tasks": tasks}))
    assert (found.outcome, found.cause) == ("rolled_back", cause)
    assert sentence in found.message


def test_a_rollback_requested_by_this_run_is_not_attributed_to_someone_else() -> None:
    record = {"status": DONE, "statusReason": "Service deployment rolled back by the user."}
    observed = observe(service=service(old(status="PRIMARY")), service_deployment=record, rollback_asked=True, **SEEN)
    assert "back (requested by this run)" in verdict(observed).message


HOOK = {"hookId": "h1", "targetArn": "arn:aws:lambda:r:1:function:health-gate", "status": "FAILED"}
HOOK_SAID = (
    "Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target "
    "arn:aws:lambda:r:1:function:health-gate returned FAILED status."
)
# record, what ended the deployment, a part of the next step, a part that it must not have
ENDS = [
    ({"lifecycleHookDetails": [HOOK], "statusReason": HOOK_SAID}, "hook h1 that failed", "log of the hook", "Someone"),
    ({"lifecycleHookDetails": [HOOK]}, "hook h1 that failed", "log of the hook", "alarm"),
    ({"statusReason": HOOK_SAID}, "a lifecycle hook that failed", "log of the hook", "health path"),
    (
        {"lifecycleHookDetails": [{**PAUSED, "status": "FAILED"}]},
        "hook approve, answered with rollback",
        "Fix the problem with this version and deploy again.",
        "log",
    ),
    (
        {"lifecycleHookDetails": [{**PAUSED, "status": "TIMED_OUT"}]},
        "hook approve that got no answer in time",
        "answer the hook in time",
        "log",
    ),
    (TRIGGERED, "alarm slow", "Fix what the alarm watches, or the alarm", "Someone"),
    *(
        ({"statusReason": f"Service deployment {words}."}, "requested by someone", "if that was not intended", "alarm")
        for words in (
            "rolled back by the user",
            "rolled back by user lotto",
            "rollback requested by customer",
            "rolled back by the customer",
            "ended on user request",
            "has a user-initiated rollback",
            "ended by StopServiceDeployment",
            "was manually stopped",
            "ended by a manual stop",
            "ended by a manual rollback",
        )
    ),
    *(
        ({"statusReason": words}, "", "", "if that was not intended")
        for words in ("The image 'manual' is gone", "Manual image tag lotto:manual", "(service by-user) ended")
    ),
]


@pytest.mark.parametrize(("record", "by", "step", "never"), ENDS)
def test_the_next_step_depends_on_what_ended_the_deployment(record: Payload, by: str, step: str, never: str) -> None:
    payload = service(deployment(T0 + 61, id=BACK, rolloutState="COMPLETED", **FULL))
    found = verdict(observe(service=payload, service_deployment={"status": DONE, **record}, **{**SEEN, "tasks": []}))
    assert found.outcome == "rolled_back"
    assert f"back ({by})" in found.message if by else "(requested by" not in found.message
    assert step in found.next_step
    assert never not in found.next_step


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "EXTERNAL"])
def test_the_next_step_without_a_primary_task_set_is_not_to_create_the_service(controller: str) -> None:
    payload = {**service(), "deploymentController": {"type": controller}, "taskSets": []}
    found = verdict(observe(service=payload, waited=900, phase="absent", phase_seconds=900))
    assert found.outcome == "gone"
    assert "has no PRIMARY task set" in found.message
    assert found.next_step == "Make a task set of it the PRIMARY one, with the tool that deploys this service."


NO_ROLLBACK = {"alarms": {"enable": True, "rollback": False, "alarmNames": ["5xx", "slow"]}}


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (None, ""),
        ({}, "alarm 5xx or slow stopped the deployment"),
        ({"status": "STOPPED", **TRIGGERED}, "alarm slow stopped the deployment"),
    ],
)
def test_an_alarm_that_ended_a_deployment_without_a_rollback_is_named(record: Payload | None, sentence: str) -> None:
    ours = deployment(T0, rolloutState="FAILED", rolloutStateReason="ECS deployment failed: alarm detected.")
    payload = service(ours, old(), deploymentConfiguration=NO_ROLLBACK)
    found = verdict(observe(service=payload, service_deployment=record, **SEEN))
    assert found.needs == (() if sentence else ("service_deployment",))
    assert sentence in found.message


BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
OFF = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}
FOLLOWS = [
    ("breaker", BREAKER, "IN_PROGRESS", True),
    ("alarms alone don't notice failed tasks", {**OFF, **ALARMS}, "IN_PROGRESS", False),
    ("alarms may be why it FAILED", {**OFF, **ALARMS}, "FAILED", True),
    ("both", {**BREAKER, **ALARMS}, "IN_PROGRESS", True),
    ("neither", OFF, "FAILED", False),
    ("completed", BREAKER, "COMPLETED", False),
]


@pytest.mark.parametrize(("config", "state", "expected"), [pytest.param(*row[1:], id=row[0]) for row in FOLLOWS])
def test_rollback_follows(config: Payload, state: str, expected: bool) -> None:
    ours = deployment(T0, rolloutState=state)
    assert rollback_follows(service(ours, old(), deploymentConfiguration=config), ours) is expected


def test_a_missing_image_ends_the_wait_at_once_if_only_alarms_roll_back() -> None:
    image = task(1, "CannotPullContainerError: manifest unknown", T0 + 40, None)
    payload = service(deployment(T0, failedTasks=1), old(), deploymentConfiguration={**OFF, **ALARMS})
    assert verdict(observe(service=payload, **{**SEEN, "tasks": [image]})).outcome == "image"


PLACE = "(service lotto) was unable to place a task. Reason: You've reached the limit on the number of vCPUs."
REGISTER = "(service lotto) failed to register targets in (target-group arn) with (error AccessDenied)"
LIMIT = (
    "(service lotto) was unable to place tasks in your cluster because the tasks provisioning capacity limit was"
    " exceeded."
)
PROTECTED = (
    "(service lotto) was unable to reach steady state because task set (ecs-svc/1) was unable to scale in. Reason: The"
    " number of protected tasks are more than the desired count of tasks."
)
GENERAL = "(service lotto) is unable to consistently start tasks successfully."
THROTTLED = "(service lotto) operations are being throttled. Will try again later."
TRUST = "IAM trust relationship has been misconfigured or changed, and ECS can no longer maintain your service"
POLICIES = "IAM permissions policies have been misconfigured or changed, and ECS can no longer maintain your service"
NOT_LAUNCHED = f"service (lotto) could not launch 2 tasks for deployment {NEW}."
NO_GROUP = f"(service lotto) (task 1) is not healthy in target-group ({GROUP}) due to TARGET GROUP IS NOT FOUND."
NO_TARGET = f"(service lotto) (task 1) is not healthy in target-group ({GROUP}) due to TARGET IS NOT FOUND."


@pytest.mark.parametrize(
    "message",
    [PLACE, REGISTER, LIMIT, PROTECTED, GENERAL, THROTTLED, TRUST, POLICIES, NOT_LAUNCHED, NO_GROUP, NO_TARGET, STUCK],
)
def test_events_about_failures_are_signs(message: str) -> None:
    assert diagnose.failure_messages([{"message": message}]) == [message]
    ours = deployment(T0)
    assert signs_of(observe(service=service(ours, events=[(T0 + 1, message)]), deployment_id=NEW), ours) == 1


@pytest.mark.parametrize(
    "message",
    [
        "(service lotto) has reached a steady state.",
        "(service lotto) has started 2 tasks: (task 1) (task 2).",
        f"(service lotto) registered 1 targets in (target-group {GROUP})",
        f"(service lotto) (deployment {NEW}) deployment completed.",
        "(service lotto) has begun draining connections on 1 tasks.",
        "(service lotto) is not AZ balanced with 2 tasks in ap-northeast-2a. AZ Rebalancing in progress.",
    ],
)
def test_other_events_are_not_signs(message: str) -> None:
    assert diagnose.failure_messages([{"message": message}]) == []


FAILED_EARLY = [task(1, EXITED, T0 + 20)]
# case, running tasks, stopped tasks, events with their times, reason, cause
NEWEST: list[tuple[str, int, list[Payload], list[tuple[float, str]], str, str]] = [
    ("protected tasks of the old deployment", 2, [], [(T0 + 20, PROTECTED)], PROTECTED, "blocked"),
    ("registration", 0, [], [(T0 + 20, REGISTER)], REGISTER, "blocked"),
    ("provisioning limit", 0, [], [(T0 + 20, LIMIT)], LIMIT, "placement"),
    ("throttled", 2, [], [(T0 + 20, THROTTLED)], THROTTLED, "blocked"),
    ("the newest", 0, [], [(T0 + 40, TRUST), (T0 + 20, REGISTER)], TRUST, "blocked"),
    ("the newest, listed last", 0, [], [(T0 + 20, REGISTER), (T0 + 40, TRUST)], TRUST, "blocked"),
    (
        "a specific one before an unspecific one",
        0,
        [],
        [(T0 + 40, GENERAL), (T0 + 20, REGISTER)],
        REGISTER,
        "blocked",
    ),
    ("only an unspecific one", 0, [], [(T0 + 40, GENERAL)], GENERAL, "crash_loop"),
    ("none from before the deployment", 0, [], [(T0 - 1, REGISTER)], "", ""),
    ("none of another deployment", 0, [], [(T0 + 1, f"(service lotto) (deployment {OLD}) failed")], "", ""),
    ("a task that failed before an event", 1, FAILED_EARLY, [(T0 + 40, REGISTER)], EXITED, "crash_loop"),
    ("running tasks disprove it", 2, FAILED_EARLY, [(T0 + 40, REGISTER)], REGISTER, "blocked"),
    ("a task that failed after the event", 2, FAILED_EARLY, [(T0 + 10, REGISTER)], EXITED, "crash_loop"),
    ("no place", 0, [], [(T0 + 20, PLACE)], PLACE, "placement"),
]


@pytest.mark.parametrize(
    ("running", "tasks", "events", "reason", "cause"), [pytest.param(*row[1:], id=row[0]) for row in NEWEST]
)
def test_a_time_out_names_ecs_s_last_event(
    running: int, tasks: list[Payload], events: list[tuple[float, str]], reason: str, cause: str
) -> None:
    payload = service(deployment(T0, runningCount=running, pendingCount=0), old(), events=events)
    found = timed_out(payload, tasks=tasks, health={})
    assert (found.outcome, found.reason, found.cause) == ("timed_out", reason, cause)
    assert reason.rstrip(".") in found.message


def timed_out(payload: Payload, **known: t.Any) -> Verdict:
    return verdict(observe(service=payload, waited=900, **{**SEEN, **known}), Rules(timeout=900))


def test_a_time_out_of_a_late_wait_names_an_earlier_event() -> None:
    payload = service(deployment(T0, pendingCount=0), old(), events=[(T0 + 20, REGISTER)])
    assert timed_out(payload, since=T0 + 300, counts_from=T0 + 300).reason == REGISTER


@pytest.mark.parametrize(("since", "expected"), [(None, [20, 80]), (T0 + 50, [80]), (T0 + 90, [])])
def test_events_before_the_wait_are_ignored(since: float | None, expected: list[float]) -> None:
    payload = service(deployment(T0), old(), events=[(T0 + 20, REGISTER), (T0 + 80, REGISTER)])
    found = events_of(observe(service=payload, since=since), payload["deployments"][0])
    assert sorted(event["createdAt"] - T0 for event in found) == expected


# case, maximum and minimum percent, desired, running, seconds from the event to the wait, outcome
CONFIGURATIONS = [
    ("during the wait", 200, 100, 2, 0, -1, "blocked"),
    ("before the wait, still blocked by the numbers", 100, 100, 2, 0, 300, "blocked"),
    ("before the wait, the numbers were changed", 200, 100, 2, 0, 300, "pending"),
    ("rounded: one may be started", 150, 100, 2, 0, 300, "pending"),
    ("rounded: none may be started of one", 150, 100, 1, 0, 300, "blocked"),
    ("rounded: none may be stopped of one", 100, 50, 1, 0, 300, "blocked"),
    ("one of two may be stopped", 100, 50, 2, 0, 300, "pending"),
    ("all run", 100, 100, 2, 2, -1, "pending"),
]


@pytest.mark.parametrize(
    ("most", "least", "desired", "running", "before", "outcome"),
    [pytest.param(*row[1:], id=row[0]) for row in CONFIGURATIONS],
)
def test_a_deployment_configuration_that_blocks(
    most: int, least: int, desired: int, running: int, before: float, outcome: str
) -> None:
    payload = service(
        deployment(T0, desiredCount=desired, runningCount=running, pendingCount=0),
        old(),
        events=[(T0 + 20, STUCK)],
        deploymentConfiguration={"maximumPercent": most, "minimumHealthyPercent": least},
        desiredCount=desired,
    )
    found = verdict(observe(service=payload, since=T0 + 20 + before, **SEEN))
    assert found.outcome == outcome
    assert (STUCK.rstrip(".") in found.message) == (outcome == "blocked")


CHECKS = [
    (["curl", "-f", "http://localhost/"], " (command: curl -f http://localhost/), which begins with neither CMD nor"),
    (["CMD", "curl", "-f", "http://localhost/"], " (command: CMD curl -f http://localhost/)."),
    (["CMD-SHELL", "exit 1"], " (command: CMD-SHELL exit 1)."),
    ([], ""),
]


@pytest.mark.parametrize(("command", "sentence"), CHECKS)
@pytest.mark.parametrize("others", [(), (old(),)], ids=["alone", "the old one is not stopped"])
def test_an_unhealthy_container_is_named_with_its_command(
    command: list[str], sentence: str, others: tuple[Payload, ...]
) -> None:
    """All targets are healthy: ECS waits for the container's own check."""
    payload = service(deployment(T0, **FULL), *others, **BALANCED)
    healthy = {GROUP: [{"Target": {"Id": str(n)}, "TargetHealth": {"State": "healthy"}} for n in range(2)]}
    assert timed_out(payload, targets=healthy).needs == ("health",)
    found = timed_out(payload, targets=healthy, health={"1/app": "UNKNOWN"}, commands={"app": command})
    assert (found.outcome, found.cause) == ("timed_out", "health_check")
    assert f"container health check of app UNKNOWN{sentence}" in found.message
    assert "Run the command of the container's health check" in found.next_step


def test_container_health_is_fetched_before_a_time_out() -> None:
    scene = Scene(lambda _at, _name: service(deployment(T0, **FULL), old(), **BALANCED), deployment_id=NEW, timeout=60)
    scene.aws.containers = {"task/1": lambda _at: "UNKNOWN"}
    assert scene.run() == ["timed_out"]
    assert "container health check of lotto UNKNOWN (command: CMD true)" in scene.watches[0].verdict.message
    assert scene.aws.count("DescribeTaskDefinition") == 1


def early(**changes: t.Any) -> Payload:
    criteria = {"enable": True, "healthyPercent": 50, "sourceServiceRevisionCleanup": "DEFERRED", **changes}
    return {"earlySuccessCriteria": criteria, "strategy": changes.get("strategy", "ROLLING")}


# case, configuration, our deployment, the others, healthy targets, phase
EARLY = [
    ("half run, as configured", early(), {"runningCount": 1, "pendingCount": 1}, [old()], 1, "steady"),
    ("all run", early(), FULL, [old()], 2, "steady"),
    ("too few run", early(), {"runningCount": 0}, [old()], 1, "starting"),
    ("too few are healthy", early(), {"runningCount": 1, "pendingCount": 1}, [old()], 0, "targets"),
    ("ECS has not completed it", early(), {"runningCount": 1, "pendingCount": 1, "rolloutState": "IN_PROGRESS"},
     [old()], 1, "starting"),
    ("not switched on", early(enable=False), {"runningCount": 1, "pendingCount": 1}, [old()], 1, "starting"),
    ("the old tasks have to stop", early(sourceServiceRevisionCleanup="BLOCKING"), FULL,
     [old(runningCount=1)], 2, "draining"),
    ("the old tasks have stopped", early(sourceServiceRevisionCleanup="BLOCKING"),
     {"runningCount": 1, "pendingCount": 1}, [], 1, "steady"),
    ("only for rolling deployments", early(strategy="CANARY"), FULL, [old()], 2, "draining"),
    ("0 percent", early(healthyPercent=0), {"runningCount": 1}, [old()], 1, "steady"),
    ("0 percent, and none runs", early(healthyPercent=0), {"runningCount": 0}, [old()], 0, "starting"),
    ("rounded up", early(healthyPercent=51), {"runningCount": 1, "pendingCount": 1}, [old()], 1, "starting"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("config", "changes", "others", "healthy", "phase"), [pytest.param(*row[1:], id=row[0]) for row in EARLY]
)
def test_early_success_criteria(
    config: Payload, changes: Payload, others: list[Payload], healthy: int, phase: str
) -> None:
    ours = deployment(T0, **{"rolloutState": "COMPLETED", **changes})
    payload = service(ours, *others, deploymentConfiguration=config, **BALANCED)
    targets = {GROUP: [{"TargetHealth": {"State": "healthy"}} for _ in range(healthy)]}
    assert verdict(observe(service=payload, targets=targets, service_deployment={}, **SEEN)).phase == phase


# case, our deployment, the old one, the deployment that events name, outcome
PLACES = [
    ("ours has no tasks", {"pendingCount": 0}, {}, "", "placement"),
    ("ours has no tasks, nor the old one", {"pendingCount": 0}, {"runningCount": 1}, "", "placement"),
    ("ours has all its tasks, the old one not", {}, {"runningCount": 1}, "", "pending"),
    ("ours runs", FULL, {}, "", "pending"),
    ("the events name the old one", {"pendingCount": 0}, {}, OLD, "pending"),
    ("the events name ours", {"pendingCount": 0}, {}, NEW, "placement"),
]


@pytest.mark.parametrize(("ours", "before", "named", "outcome"), [pytest.param(*row[1:], id=row[0]) for row in PLACES])
def test_only_unplaced_tasks_of_our_own_end_the_wait(ours: Payload, before: Payload, named: str, outcome: str) -> None:
    message = PLACE.replace("(service lotto)", f"(service lotto) (deployment {named})") if named else PLACE
    events = [(T0 + number, message) for number in range(3)]
    payload = service(deployment(T0, **ours), old(**before), events=events)
    assert verdict(observe(service=payload, **SEEN)).outcome == outcome


def test_a_failure_for_an_unknown_reason_is_not_a_crash_loop() -> None:
    found = verdict(observe(service=service(deployment(T0, failedTasks=3), old()), **SEEN))
    assert (found.outcome, found.message) == ("failed", "lotto: the deployment failed, and no task says why (3 tasks).")


STARTED = "(service lotto) has started 2 tasks: (task 1) (task 2)."
# case; when the tasks were started, the deployment COMPLETED and the wait began, in seconds of the deployment; expected
LOST = [
    ("in progress, as many as run", [1], None, 60, False),
    ("in progress, more than run", [1, 20], None, 60, True),
    ("just COMPLETED, as many as run", [1], 50, 60 - 0.1, False),
    ("just COMPLETED, more than run", [1, 20], 50, 60 - 0.1, True),
    ("COMPLETED for a while, replaced before", [1, 20], 50, 60, False),
    ("COMPLETED for a while, one started with it", [50.5], 50, 60, False),
    ("COMPLETED for a while, one started since", [1, 52], 50, 60, True),
    ("COMPLETED for long, one started recently", [1, 710], 50, 1000, True),
    ("COMPLETED for long, one started long ago", [1, 690], 50, 1000, False),
]


@pytest.mark.parametrize(
    ("started", "completed", "began", "expected"), [pytest.param(*row[1:], id=row[0]) for row in LOST]
)
def test_lost_before(started: list[float], completed: float | None, began: float, expected: bool) -> None:
    ours = deployment(T0, **FULL)
    payload = service(ours, events=[(T0 + at, STARTED) for at in started])
    done = None if completed is None else T0 + completed
    assert lost_before(payload, ours, done, T0 + began) is expected


@pytest.mark.parametrize(("running", "outcome"), [(0, "crash_loop"), (1, "pending")])
def test_earlier_failures_count_if_tasks_still_fail_in_the_same_way(running: int, outcome: str) -> None:
    tasks = [task(number, EXITED, T0 + 20 + number) for number in range(3)] + [task(9, EXITED, T0 + 130)]
    payload = service(deployment(T0, runningCount=running, pendingCount=2 - running), old())
    observed = observe(service=payload, since=T0 + 100, counts_from=T0 + 100, **{**SEEN, "tasks": tasks})
    assert verdict(observed).outcome == outcome
    other = [{**item, "stoppedReason": "another"} if item is not tasks[-1] else item for item in tasks]
    assert verdict(observe(service=payload, counts_from=T0 + 100, **{**SEEN, "tasks": other})).outcome == "pending"


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ({"stopCode": "TaskFailedToStart", "startedAt": 1.0, "containers": []}, False),
        ({"stopCode": "TaskFailedToStart", "containers": [{"exitCode": 0}]}, False),
        ({"stopCode": "EssentialContainerExited", "startedAt": 1.0, "containers": []}, True),
        ({"stopCode": "EssentialContainerExited", "containers": [{"exitCode": 1}]}, True),
        ({"containers": [{}]}, False),
    ],
)
def test_a_task_that_failed_to_start_has_not_run(task, expected):
    assert has_run(task) is expected
