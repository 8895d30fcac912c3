# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waits for what heals by itself or was repaired, for what a clock or a throttled call must not decide, and for
deployments that somebody else ends: sequences of what ECS says, by the seconds since the wait began."""

from __future__ import annotations

import typing as t

import pytest

from .test_ecs_wait import NEW, T0, Scene
from .test_ecs_wait_late import BALANCED, EXITED, SECRET, Payload, deployment, has_started, old, service, task

ROLLBACK = {
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
}
FULL = {"runningCount": 2, "pendingCount": 0}
DONE = {**FULL, "rolloutState": "COMPLETED"}
ARN = "arn:aws:ecs:ap-northeast-2:111122223333:service-deployment/c/lotto/1"
Tells = t.Callable[[float], Payload | None]


def told(text: str, at: float, every: float = 30) -> list[tuple[float, str]]:
    """The same event again and again, the newest first."""
    return [(T0 + every * number, text) for number in reversed(range(1, int(at / every) + 1))]


def scene_of(tells: Tells, tasks: t.Sequence[Payload] = (), **options: t.Any) -> Scene:
    """A wait to which a task is listed once it has stopped."""

    def service_at(at: float, _name: str) -> Payload | None:
        scene.aws.tasks = [task for task in tasks if task["stoppedAt"] <= T0 + at]
        return tells(at)

    scene = Scene(service_at, **{"deployment_id": NEW, **options})
    return scene


def recorded(scene: Scene, status_at: t.Callable[[float], Payload]) -> Scene:
    """The same with ECS's record of our deployment."""

    def record(at: float) -> Payload:
        mine = {"serviceDeploymentArn": ARN, "targetServiceRevisionArn": f"x/{NEW.rpartition('/')[2]}", "createdAt": T0}
        return {**mine, **status_at(at)}

    def describe(serviceDeploymentArns: list[str]) -> Payload:  # noqa: N803
        at = scene.aws._call("DescribeServiceDeployments")
        return {"serviceDeployments": [record(at) for arn in serviceDeploymentArns if arn == ARN]}

    scene.aws.history = [record(0)]
    scene.aws.describe_service_deployments = describe  # type: ignore[method-assign]
    return scene


# --- what goes by itself

CAPACITY = (
    "(service lotto) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later"
    " or in a different availability zone."
)
PROVISIONING = (
    "(service lotto) was unable to place tasks in your cluster because the tasks provisioning capacity limit was"
    " exceeded."
)
RATE = "CannotPullContainerError: toomanyrequests: You have reached your pull rate limit."
# what ECS says of it for 190 s, by events or by tasks
PASSING = {"capacity": (CAPACITY, ""), "provisioning": (PROVISIONING, ""), "rate of the registry": ("", RATE)}


def short_for(seconds: float, event: str, reason: str, **changes: t.Any) -> tuple[Tells, list[Payload]]:
    """One of two tasks does not come for so long."""

    def tells(at: float) -> Payload:
        failed = int(min(at, seconds) / 30) if reason else 0
        events = told(event, min(at, seconds)) if event else []
        if at >= seconds + 20:
            return service(deployment(T0, **DONE, failedTasks=failed), events=events, **changes)
        running = {"runningCount": 1, "pendingCount": 0} if at < seconds + 10 else FULL
        return service(deployment(T0, **running, failedTasks=failed), old(), events=events, **changes)

    count = int(seconds / 30) if reason else 0
    return tells, [task(number, reason, T0 + 30 * number, None) for number in range(1, count + 1)]


@pytest.mark.parametrize("config", [{}, {"deploymentConfiguration": ROLLBACK}], ids=["no breaker", "breaker"])
@pytest.mark.parametrize("what", PASSING)
def test_what_goes_by_itself_ends_no_wait(what: str, config: Payload) -> None:
    tells, tasks = short_for(190, *PASSING[what], **config)
    scene = recorded(scene_of(tells, tasks, as_configured=True), lambda _at: {"status": "IN_PROGRESS"})
    assert (scene.run(), scene.aws.stopped) == (["steady"], [])
    assert any("ECS tries again" in line for line in scene.lines)


@pytest.mark.parametrize("what", PASSING)
def test_what_does_not_go_in_time_is_the_cause_of_the_time_out(what: str) -> None:
    tells, tasks = short_for(1e4, *PASSING[what], deploymentConfiguration=ROLLBACK)
    scene = recorded(
        scene_of(tells, tasks[:20], timeout=400, as_configured=True), lambda _at: {"status": "IN_PROGRESS"}
    )
    assert (scene.run(), scene.aws.stopped) == (["timed_out"], [])
    assert scene.watches[0].verdict.cause == ("image" if what == "rate of the registry" else "placement")


def test_a_quota_ends_the_wait() -> None:
    """Nobody but a person raises it."""
    tells, _ = short_for(1e4, CAPACITY.replace("Capacity is unavailable", "You've reached the limit on the number"), "")
    assert scene_of(tells).run() == ["placement"]


# --- what was repaired

ROLE = (
    "unable to pull secrets or registry auth: AccessDeniedException: not authorized to perform:"
    " ecr:GetAuthorizationToken"
)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("balanced", [True, False])
def test_tasks_that_never_ran_count_no_more_once_all_run(known: bool, balanced: bool) -> None:
    """The execution role's permissions came late, the old tasks drain."""

    def tells(at: float) -> Payload:
        state = "IN_PROGRESS" if at < 40 else "COMPLETED"
        ours = deployment(T0 - 300, **FULL, failedTasks=4, rolloutState=state)
        more = BALANCED if balanced else {}
        return service(ours, *([old()] if at < 40 else []), events=[(T0 - 100, has_started(2))], **more)

    tasks = [task(number, ROLE, T0 - 15 * number, None) for number in range(10, 20)]
    assert scene_of(tells, tasks, deployment_id=NEW if known else None).run() == ["steady"]


def test_a_short_moment_after_all_ran_does_not_bring_the_old_failures_back() -> None:
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


def test_tasks_that_ran_and_ended_go_on_counting() -> None:
    """A worker of which two tasks run whenever one looks."""

    def tells(at: float) -> Payload:
        events = [(T0 + 8 * number, has_started(2)) for number in reversed(range(int(at / 8) + 1))]
        return service(deployment(T0 - 5, **FULL), old(), events=events)

    tasks = [task(number, EXITED, T0 + 8 * (number // 2) + 1) for number in range(60)]
    assert scene_of(tells, tasks).run() == ["crash_loop"]
