# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waits with transient or fixed problems, wrong clocks, throttled calls, and deployments that someone else ends.

AWS's answers are functions of the seconds since the wait began.
"""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout import rollback
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.wait import RECORD_EVERY

from .observe import BACK, NEW, T0, Payload
from .test_ecs_wait import Aws, Scene, error
from .test_ecs_wait_late import (
    BALANCED,
    DONE,
    EXITED,
    FULL,
    IMAGE,
    SECRET,
    STUCK,
    deployment,
    has_started,
    old,
    service,
    task,
)

ROLLBACK = {
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
}
ARN = "arn:aws:ecs:ap-northeast-2:111122223333:service-deployment/c/lotto/1"
Tells = t.Callable[[float], Payload | None]


def repeated(text: str, at: float, every: float = 30) -> list[tuple[float, str]]:
    """Return the same event repeated until I(at), newest first."""
    return [(T0 + every * number, text) for number in reversed(range(1, int(at / every) + 1))]


def scene_of(tells: Tells, tasks: t.Sequence[Payload] = (), **options: t.Any) -> Scene:
    """Return a wait in which tasks are listed once they have stopped."""

    def service_at(at: float, _name: str) -> Payload | None:
        scene.aws.tasks = [task for task in tasks if task["stoppedAt"] <= T0 + at]
        return tells(at)

    scene = Scene(service_at, **{"deployment_id": NEW, **options})
    return scene


def recorded(scene: Scene, status_at: t.Callable[[float], Payload]) -> Scene:
    """Add the service deployment of our deployment to a wait."""

    def record(at: float) -> Payload:
        mine = {"serviceDeploymentArn": ARN, "targetServiceRevisionArn": f"x/{NEW.rpartition('/')[2]}", "createdAt": T0}
        return {**mine, **status_at(at)}

    def describe(serviceDeploymentArns: list[str]) -> Payload:  # noqa: N803
        at = scene.aws._call("DescribeServiceDeployments")
        return {"serviceDeployments": [record(at) for arn in serviceDeploymentArns if arn == ARN]}

    scene.aws.history = [record(0)]
    scene.aws.describe_service_deployments = describe  # type: ignore[method-assign]
    return scene


# --- transient problems

CAPACITY = (
    "(service lotto) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later"
    " or in a different availability zone."
)
PROVISIONING = (
    "(service lotto) was unable to place tasks in your cluster because the tasks provisioning capacity limit was"
    " exceeded."
)
RATE = "CannotPullContainerError: toomanyrequests: You have reached your pull rate limit."
# an event or a task's reason
TRANSIENT = {"capacity": (CAPACITY, ""), "provisioning": (PROVISIONING, ""), "rate of the registry": ("", RATE)}


def short_for(seconds: float, event: str, reason: str, **changes: t.Any) -> tuple[Tells, list[Payload]]:
    """Return a service that lacks one of two tasks for so long, and its stopped tasks."""

    def tells(at: float) -> Payload:
        failed = int(min(at, seconds) / 30) if reason else 0
        events = repeated(event, min(at, seconds)) if event else []
        if at >= seconds + 20:
            return service(deployment(T0, **DONE, failedTasks=failed), events=events, **changes)
        running = {"runningCount": 1, "pendingCount": 0} if at < seconds + 10 else FULL
        return service(deployment(T0, **running, failedTasks=failed), old(), events=events, **changes)

    count = int(seconds / 30) if reason else 0
    return tells, [task(number, reason, T0 + 30 * number, None) for number in range(1, count + 1)]


@pytest.mark.parametrize("config", [{}, {"deploymentConfiguration": ROLLBACK}], ids=["no breaker", "breaker"])
@pytest.mark.parametrize("what", TRANSIENT)
def test_transient_problems_do_not_end_the_wait(what: str, config: Payload) -> None:
    tells, tasks = short_for(190, *TRANSIENT[what], **config)
    scene = recorded(scene_of(tells, tasks, as_configured=True), lambda _at: {"status": "IN_PROGRESS"})
    assert (scene.run(), scene.aws.stopped) == (["steady"], [])
    assert any("ECS tries again" in line for line in scene.lines)


@pytest.mark.parametrize("what", TRANSIENT)
def test_a_transient_problem_that_stays_is_the_cause_of_the_time_out(what: str) -> None:
    tells, tasks = short_for(1e4, *TRANSIENT[what], deploymentConfiguration=ROLLBACK)
    scene = recorded(
        scene_of(tells, tasks[:20], timeout=400, as_configured=True), lambda _at: {"status": "IN_PROGRESS"}
    )
    assert (scene.run(), scene.aws.stopped) == (["timed_out"], [])
    assert scene.watches[0].verdict.cause == ("image" if what == "rate of the registry" else "placement")


def test_a_quota_ends_the_wait() -> None:
    """Only a person can raise it."""
    tells, _ = short_for(1e4, CAPACITY.replace("Capacity is unavailable", "You've reached the limit on the number"), "")
    assert scene_of(tells).run() == ["placement"]


# --- fixed problems

ROLE = (
    "unable to pull secrets or registry auth: AccessDeniedException: not authorized to perform:"
    " ecr:GetAuthorizationToken"
)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("balanced", [True, False])
def test_tasks_that_failed_to_start_do_not_count_once_all_run(known: bool, balanced: bool) -> None:
    """The execution role's permissions took effect late, and the old tasks drain."""

    def tells(at: float) -> Payload:
        state = "IN_PROGRESS" if at < 40 else "COMPLETED"
        ours = deployment(T0 - 300, **FULL, failedTasks=4, rolloutState=state)
        more = BALANCED if balanced else {}
        return service(ours, *([old()] if at < 40 else []), events=[(T0 - 100, has_started(2))], **more)

    tasks = [task(number, ROLE, T0 - 15 * number, None) for number in range(10, 20)]
    assert scene_of(tells, tasks, deployment_id=NEW if known else None).run() == ["steady"]


def test_a_missing_task_after_all_ran_does_not_revive_earlier_failures() -> None:
    def tells(at: float) -> Payload:
        if at < 60:
            return service(deployment(T0, failedTasks=min(2, int(at / 20)), pendingCount=1), old())
        running = {"runningCount": 1, "pendingCount": 1} if 80 <= at < 110 else FULL
        if at < 150:
            return service(deployment(T0, **running, failedTasks=2 if at < 80 else 3), old())
        return service(deployment(T0, **DONE, failedTasks=3))

    tasks = [task(number, SECRET, T0 + 20 * number, None) for number in (1, 2)]
    tasks = [{**stopped, "stoppedReason": ROLE} for stopped in tasks] + [task(3, EXITED, T0 + 79)]
    assert scene_of(tells, tasks).run() == ["steady"]


def test_tasks_that_ran_and_exited_still_count() -> None:
    """A worker whose two tasks run at every observation."""

    def tells(at: float) -> Payload:
        events = [(T0 + 8 * number, has_started(2)) for number in reversed(range(int(at / 8) + 1))]
        return service(deployment(T0 - 5, **FULL), old(), events=events)

    tasks = [task(number, EXITED, T0 + 8 * (number // 2) + 1) for number in range(60)]
    assert scene_of(tells, tasks).run() == ["crash_loop"]


# --- wrong clocks


def dying_worker() -> Scene:
    """Return a wait for a service whose tasks exit every 8 s and are replaced at once; COMPLETED 1 s before."""

    def tells(at: float) -> Payload:
        events = [(T0 - 40 + 8 * number, has_started(2)) for number in reversed(range(int((at + 3) / 8) + 5))]
        return service(deployment(T0 - 45, **DONE, updatedAt=T0 - 1), events=events)

    return scene_of(tells, [task(number, EXITED, T0 - 32 + 8 * (number // 2)) for number in range(230)])


def crashed_before() -> Scene:
    """Return a wait for a service whose three tasks exited two minutes ago; one runs, then both do."""

    def tells(at: float) -> Payload:
        running = {"runningCount": 1, "pendingCount": 1} if at < 30 else FULL
        ours = deployment(T0 - 300, **running, rolloutState="IN_PROGRESS" if at < 40 else "COMPLETED")
        return service(ours, *([old()] if at < 40 else []), events=[(T0 - 100, has_started(2))])

    return scene_of(tells, [task(number, EXITED, T0 - 120) for number in range(3)], deployment_id=None)


def fixed_secret() -> Scene:
    def tells(at: float) -> Payload:
        running = {"runningCount": 1, "pendingCount": 1} if at < 30 else FULL
        ours = deployment(T0 - 300, **running, failedTasks=1, rolloutState="IN_PROGRESS" if at < 40 else "COMPLETED")
        return service(ours, *([old()] if at < 40 else []), events=[(T0 - 290, has_started(2))])

    return scene_of(tells, [task(1, SECRET, T0 - 60, None)], deployment_id=None)


def crash_loop() -> Scene:
    def tells(at: float) -> Payload:
        events = [(T0 + 20 * number, has_started(1)) for number in reversed(range(-15, int(at / 20) + 1))]
        return service(deployment(T0 - 300, pendingCount=1), old(), events=events)

    return scene_of(tells, [task(n + 20, EXITED, T0 + 20 * n) for n in range(-15, 60)], deployment_id=None)


CLOCKS = {
    "a worker that dies": (dying_worker, "crash_loop"),
    "earlier crashes": (crashed_before, "steady"),
    "a secret that was fixed": (fixed_secret, "steady"),
    "a crash loop": (crash_loop, "crash_loop"),
}


@pytest.mark.parametrize("ahead", [-240, -60, -4, 4, 12, 60, 240])
@pytest.mark.parametrize("what", CLOCKS)
def test_a_wrong_clock_does_not_change_the_verdict(what: str, ahead: float) -> None:
    make, outcome = CLOCKS[what]
    right, off = make(), make()
    now = off.wait.outside.now
    off.wait.outside.now = lambda: now() + ahead
    assert (right.run(), off.run()) == ([outcome], [outcome])
    assert off.watches[0].seconds == pytest.approx(right.watches[0].seconds, abs=1)


@pytest.mark.parametrize("headers", [{}, {"date": "soon"}])
def test_without_a_date_header_the_local_clock_counts(headers: Payload, monkeypatch: pytest.MonkeyPatch) -> None:
    scene, describe = dying_worker(), Aws.describe_services

    def undated(cluster: str, services: list[str]) -> Payload:
        return {**describe(scene.aws, cluster, services), "ResponseMetadata": {"HTTPHeaders": headers}}

    monkeypatch.setattr(scene.aws, "describe_services", undated)
    assert scene.run() == ["crash_loop"]


# --- rollback requests without an answer


def looping(action: str, code: str, status: int, times: int) -> Scene:
    """Return a wait for a crash loop with a circuit breaker in which the first calls of an action fail."""

    def tells(at: float) -> Payload | None:
        if scene.aws.stopped and at > asked_at() + 20:
            back = deployment(T0 - 90000, **DONE, id=BACK, taskDefinition=old()["taskDefinition"])
            return service(back, deploymentConfiguration=ROLLBACK)
        events = [(T0 + 20 * number, has_started(1)) for number in reversed(range(int(at / 20) + 1))]
        return service(deployment(T0, pendingCount=1), old(), events=events, deploymentConfiguration=ROLLBACK)

    def asked_at() -> float:
        return next(at for name, at in scene.aws.log if name == "StopServiceDeployment")

    def status_at(at: float) -> Payload:
        if not scene.aws.stopped:
            return {"status": "IN_PROGRESS"}
        return {"status": "ROLLBACK_IN_PROGRESS" if at < asked_at() + 30 else "ROLLBACK_SUCCESSFUL"}

    def fault(at: float) -> Exception | None:
        if action == "ListServiceDeployments" and at < 60:
            return None
        failed.append(at)
        return error(code, status) if len(failed) <= times else None

    failed: list[float] = []
    scene = scene_of(tells, [task(n, EXITED, T0 + 20 * n) for n in range(1, 60)], as_configured=True, timeout=600)
    scene.aws.faults[action] = fault
    return recorded(scene, status_at)


@pytest.mark.parametrize("action", ["StopServiceDeployment", "ListServiceDeployments"])
@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("ServerException", 500)])
@pytest.mark.parametrize("times", [1, 3])
def test_a_rollback_is_requested_until_aws_answers(action: str, code: str, status: int, times: int) -> None:
    scene = looping(action, code, status, times)
    assert (scene.run(), scene.aws.stopped) == (["rolled_back"], [(ARN, "ROLLBACK")])
    assert scene.watches[0].notes == []


def test_a_rollback_request_without_an_answer_is_given_up() -> None:
    scene = looping("StopServiceDeployment", "ThrottlingException", 400, 99)
    assert scene.run() == ["crash_loop"]
    assert scene.aws.count("StopServiceDeployment") == rollback.TRIES
    assert rollback.summary(scene.watches[0]).startswith("ECS was not asked to roll back: StopServiceDeployment: ")


@pytest.mark.parametrize("code", ["ConflictException", "AccessDeniedException"])
def test_a_refused_rollback_is_not_requested_again(code: str) -> None:
    scene = looping("StopServiceDeployment", code, 400, 99)
    assert scene.run() == ["crash_loop"]
    assert scene.aws.count("StopServiceDeployment") == 1
    sentence = rollback.summary(scene.watches[0])
    assert sentence == f"ECS refused to roll back: StopServiceDeployment: {code}: told so."


def test_a_conflict_after_a_call_without_an_answer_means_success() -> None:
    scene = looping("StopServiceDeployment", "ServerException", 500, 1)
    fails, calls = scene.aws.faults["StopServiceDeployment"], list[float]()

    def fault(at: float) -> Exception | None:
        calls.append(at)
        if len(calls) == 1:
            scene.aws.stopped.append((ARN, "ROLLBACK"))
            return fails(at)
        return error("ConflictException")

    scene.aws.faults["StopServiceDeployment"] = fault
    assert scene.run() == ["rolled_back"]
    assert scene.watches[0].notes == []


# --- what only the service deployment shows


def test_a_rollback_that_only_the_record_shows_is_awaited() -> None:
    def tells(at: float) -> Payload:
        if at < 30:
            return service(deployment(T0, failedTasks=1), old(), deploymentConfiguration=ROLLBACK)
        if at < 100:
            failed = deployment(T0, failedTasks=3, pendingCount=0, rolloutState="FAILED")
            return service(failed, old(), deploymentConfiguration=ROLLBACK)
        return service(deployment(T0 - 9e4, **DONE, id=BACK), deploymentConfiguration=ROLLBACK)

    def status_at(at: float) -> Payload:
        stages = ((30, "IN_PROGRESS"), (110, "ROLLBACK_IN_PROGRESS"), (1e9, "ROLLBACK_SUCCESSFUL"))
        return {"status": next(status for until, status in stages if at < until)}

    tasks = [task(number, IMAGE, T0 + 9 * number, None) for number in (1, 2, 3)]
    assert recorded(scene_of(tells, tasks), status_at).run() == ["rolled_back"]


BY_HAND = {"status": "STOPPED", "statusReason": "Service deployment stopped by the user."}


@pytest.mark.parametrize("state", ["FAILED", "IN_PROGRESS"])
def test_a_deployment_that_a_person_stopped_is_reported_as_stopped(state: str) -> None:
    def tells(at: float) -> Payload:
        now = state if at >= 20 else "IN_PROGRESS"
        return service(deployment(T0, runningCount=1, pendingCount=0, rolloutState=now), old())

    scene = recorded(scene_of(tells), lambda at: BY_HAND if at >= 20 else {"status": "IN_PROGRESS"})
    assert scene.run() == ["stopped"]
    assert scene.watches[0].seconds <= 2 * RECORD_EVERY


@pytest.mark.parametrize("names", [("lotto",), ("lotto", "b", "c", "d", "e")], ids=["one", "many"])
def test_the_record_is_read_before_a_wait_times_out(names: tuple[str, ...]) -> None:
    def service_at(_at: float, name: str) -> Payload:
        ours = deployment(T0, runningCount=1, pendingCount=0)
        return service(ours, old(), serviceName=name, serviceArn=f"arn:aws:ecs:x:1:service/c/{name}")

    scene = recorded(Scene(service_at, names=names, deployment_id=NEW, timeout=50), lambda _at: BY_HAND)
    assert scene.run() == ["stopped"] * len(names)


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_a_missing_record_delays_nothing(code: str) -> None:
    scene = scene_of(lambda _at: service(deployment(T0, runningCount=1, pendingCount=0), old()), timeout=90)
    scene.without_records(code)
    assert scene.run() == ["timed_out"]
    assert scene.watches[0].seconds < 91


# --- deployments of someone else

OTHERS = "ecs-svc/777"
# our service deployment, the deployment that replaces ours, whether this run requested a rollback, outcome
ENDED: dict[str, tuple[Payload, Payload, bool, str]] = {
    "ours was rolled back": ({"status": "ROLLBACK_SUCCESSFUL"}, {"taskDefinition": "f:6"}, True, "rolled_back"),
    "a newer one during our rollback": ({"status": "ROLLBACK_FAILED"}, {"taskDefinition": "f:8"}, True, "superseded"),
    "a newer one, ours stopped": ({"status": "STOPPED"}, {"taskDefinition": "f:8"}, True, "superseded"),
    "a newer one of the previous version, ours stopped": (
        {"status": "STOPPED"},
        {"taskDefinition": "f:6"},
        True,
        "superseded",
    ),
    "a newer one that was rolled back itself": (
        {"status": "STOPPED", "statusReason": "Superseded by a new service deployment"},
        {"taskDefinition": "f:6", "rolloutStateReason": f"circuit breaker: rolling back to deploymentId {OTHERS}."},
        False,
        "superseded",
    ),
    "stopped by the breaker, and rolled back": (
        {"status": "STOPPED", "deploymentCircuitBreaker": {"status": "TRIGGERED"}},
        {"taskDefinition": "f:6"},
        False,
        "crash_loop",
    ),
    "the rollback failed": ({"status": "ROLLBACK_FAILED"}, {"taskDefinition": "f:6"}, True, "rollback_failed"),
    "no record": ({}, {"taskDefinition": "f:6"}, True, "rolled_back"),
}


@pytest.mark.parametrize("what", ENDED)
def test_a_deployment_that_replaces_ours(what: str) -> None:
    record, primary, asked, outcome = ENDED[what]
    before = old(taskDefinition="f:6")

    def tells(at: float) -> Payload:
        events = [(T0 + 20 * number, has_started(1)) for number in reversed(range(int(min(at, 149) / 20) + 1))]
        if at < 150:
            return service(deployment(T0, pendingCount=1), before, events=events, deploymentConfiguration=ROLLBACK)
        other = deployment(T0 + 149, **DONE, id=OTHERS, **primary)
        return service(other, events=events, deploymentConfiguration=ROLLBACK)

    def status_at(at: float) -> Payload:
        return record if at >= 150 else {"status": "ROLLBACK_IN_PROGRESS" if scene.aws.stopped else "IN_PROGRESS"}

    tasks = [task(number, EXITED, T0 + 20 * number) for number in range(1, 7 if asked else 3)]
    scene = scene_of(tells, tasks, as_configured=asked)
    recorded(scene, status_at)
    assert scene.run() == [outcome]
    assert bool(scene.aws.stopped) is asked


# --- the cause of a time-out: nothing that running tasks disprove


def timing_out(event: str, stopped: list[Payload], running: Payload) -> Scene:
    """Return a wait that times out after a problem at 20 s; from 60 s on I(running) tasks run."""

    def tells(at: float) -> Payload:
        ours = deployment(T0, **running, failedTasks=1) if at > 60 else deployment(T0, failedTasks=1)
        events = [(T0 + 20, event)] if event else [(T0 + 10, has_started(2))]
        return service(ours, old(), events=events, **BALANCED)

    return scene_of(tells, stopped, timeout=300)


ONE = {"runningCount": 1, "pendingCount": 1}
NEVER_RAN = [task(1, ROLE, T0 + 20, None)]
ENDED_TASK = [task(1, EXITED, T0 + 20)]
LIMIT = CAPACITY.replace("Capacity is unavailable", "You've reached the limit on the number of vCPUs")
GENERAL = "(service lotto) is unable to consistently start tasks successfully."
# case, an event and a stopped task at 20 s, running tasks at the end, state of the targets, cause
TIMED_OUT = [
    ("a secret that was fixed, unhealthy targets", "", NEVER_RAN, FULL, "unhealthy", "health_check"),
    ("a secret that was fixed", "", NEVER_RAN, FULL, "healthy", ""),
    ("a secret, one does not run", "", NEVER_RAN, ONE, "healthy", "image"),
    ("a crash, unhealthy targets", "", ENDED_TASK, FULL, "unhealthy", "health_check"),
    ("a crash", "", ENDED_TASK, FULL, "healthy", "crash_loop"),
    ("no place, one does not run", CAPACITY, [], ONE, "healthy", "placement"),
    ("no place, found later", CAPACITY, [], FULL, "healthy", ""),
    ("no place, found later, unhealthy targets", LIMIT, [], FULL, "unhealthy", "health_check"),
    ("an unspecific event, all run", GENERAL, [], FULL, "healthy", ""),
]


@pytest.mark.parametrize(
    ("event", "stopped", "running", "state", "cause"), [pytest.param(*row[1:], id=row[0]) for row in TIMED_OUT]
)
def test_a_time_out_names_the_current_failure(
    event: str, stopped: list[Payload], running: Payload, state: str, cause: str
) -> None:
    scene = timing_out(event, stopped, running)
    scene.aws.health = [state, state]
    assert (scene.run(), scene.watches[0].verdict.cause) == (["timed_out"], cause)


# --- stale reads


def unseen(status: str) -> Payload | None:
    """Return what reads show before our deployment: nothing, a deleted service, or the previous deployment."""
    if status == "ACTIVE":
        return service(old())
    return service(old(), status=status) if status else None


@pytest.mark.parametrize("status", ["", "ACTIVE", "DRAINING", "INACTIVE"])
def test_a_new_deployment_may_appear_late(status: str) -> None:
    scene = scene_of(lambda at: unseen(status) if at < 15 else service(deployment(T0, **DONE)))
    assert scene.run() == ["steady"]


def test_a_deployment_that_never_appears_is_gone() -> None:
    scene = scene_of(lambda _at: unseen("ACTIVE"))
    assert scene.run() == ["gone"]
    assert scene.watches[0].seconds < 60


def test_a_blocked_event_does_not_end_the_wait_if_tasks_may_be_stopped() -> None:
    config = {"maximumPercent": 100, "minimumHealthyPercent": 0}

    def tells(at: float) -> Payload:
        done = at >= 60
        ours = deployment(T0, **DONE) if done else deployment(T0)
        return service(ours, *([] if done else [old()]), events=[(T0 + 10, STUCK)], deploymentConfiguration=config)

    assert scene_of(tells).run() == ["steady"]
