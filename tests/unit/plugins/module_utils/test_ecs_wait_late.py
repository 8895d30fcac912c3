# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waits that begin during or after a deployment: its earlier failures count, unless they were fixed."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.fetch import find_record

from .observe import BACK, NEW, OLD, RECORDS, T0, Payload
from .test_ecs_wait import Aws, Scene, error

FULL = {"runningCount": 2, "pendingCount": 0}
DONE = {**FULL, "rolloutState": "COMPLETED"}
OLD_REVISION = "arn:aws:ecs:ap-northeast-2:111122223333:task-definition/lotto:6"
LATE = (1, 30, 300, 3000)
"""Seconds from the start of the deployment to the start of the wait."""
GROUP = "arn:aws:elasticloadbalancing:ap-northeast-2:111122223333:targetgroup/lotto/1"
BALANCED = {"loadBalancers": [{"targetGroupArn": GROUP, "containerName": "lotto", "containerPort": 8080}]}
SECRET = "unable to retrieve secrets from ssm: invalid ssm parameters: /lotto/token"
IMAGE = "CannotPullContainerError: pull image manifest: lotto:7: not found"
EXITED = "Essential container in task exited"
UNHEALTHY = "Task failed container health checks"
STUCK = (
    "(service lotto) was unable to stop or start tasks during a deployment because of the service deployment"
    " configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
)


def deployment(began: float, **changes: t.Any) -> Payload:
    """Return our deployment, by default with two pending tasks."""
    return {
        "id": NEW,
        "status": "PRIMARY",
        "taskDefinition": OLD_REVISION.replace(":6", ":7"),
        "desiredCount": 2,
        "runningCount": 0,
        "pendingCount": 2,
        "failedTasks": 0,
        "createdAt": began,
        "updatedAt": began,
        "rolloutState": "IN_PROGRESS",
        **changes,
    }


def old(**changes: t.Any) -> Payload:
    """Return the previous deployment, which is still running."""
    before = {"id": OLD, "status": "ACTIVE", "taskDefinition": OLD_REVISION, "rolloutState": "COMPLETED"}
    return deployment(T0 - 90000, **{**before, "runningCount": 2, "pendingCount": 0, **changes})


def service(*deployments: Payload, events: t.Sequence[tuple[float, str]] = (), **changes: t.Any) -> Payload:
    """Return a service with these deployments; I(events) are times and messages."""
    return {
        "serviceName": "lotto",
        "serviceArn": "arn:aws:ecs:ap-northeast-2:111122223333:service/c/lotto",
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": sum(item["runningCount"] for item in deployments),
        "pendingCount": sum(item["pendingCount"] for item in deployments),
        "createdAt": T0 - 9e5,
        "deployments": list(deployments),
        "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100},
        "loadBalancers": [],
        "events": [
            {"id": str(number), "createdAt": at, "message": message} for number, (at, message) in enumerate(events)
        ],
        **changes,
    }


def task(number: int, reason: str, at: float, exit_code: int | None = 1, by: str = NEW) -> Payload:
    """Return a stopped task."""
    return {
        "taskArn": f"arn:aws:ecs:ap-northeast-2:111122223333:task/c/{number:032x}",
        "startedBy": by,
        "stoppedReason": reason,
        "stopCode": "EssentialContainerExited" if exit_code is not None else "TaskFailedToStart",
        "stoppingAt": at,
        "stoppedAt": at,
        "containers": [{"name": "lotto", "exitCode": exit_code}],
    }


def has_started(count: int) -> str:
    tasks = " ".join(f"(task {number})" for number in range(count))
    return f"(service lotto) has started {count} tasks: {tasks}."


class Story:
    """The life of a service as functions of when its deployment began, and the seconds since then.

    :param tells: returns the service at that time.
    :param dies: returns the tasks that have stopped by then.
    """

    def __init__(
        self,
        tells: t.Callable[[float, float], Payload | None],
        dies: t.Callable[[float, float], list[Payload]] = lambda _began, _age: [],
        **rules: t.Any,
    ) -> None:
        self.tells, self.dies, self.rules = tells, dies, rules

    def scene(self, late: float, deployment_id: str | None) -> Scene:
        """Return a wait that begins I(late) seconds after the deployment."""
        began = T0 - late

        def service_at(at: float, _name: str) -> Payload | None:
            scene.aws.tasks = self.dies(began, at + late)
            return self.tells(began, at + late)

        scene = Scene(service_at, deployment_id=deployment_id, **self.rules)
        return scene


def failing(reason: str, every: float = 20, exit_code: int | None = 1) -> Story:
    """Tasks keep failing, without a circuit breaker."""

    def tells(began: float, age: float) -> Payload:
        failed = int(age / every)
        events = [(began + number * every + 1, has_started(1)) for number in reversed(range(failed + 1))]
        return service(deployment(began, failedTasks=failed, pendingCount=1), old(), events=events)

    def dies(began: float, age: float) -> list[Payload]:
        return [task(n, reason, began + (n + 1) * every, exit_code) for n in range(int(age / every))]

    return Story(tells, dies)


def dying(lives: float = 8) -> Story:
    """A worker that is COMPLETED at once, whose two tasks exit after I(lives) seconds and are replaced at once."""

    def tells(began: float, age: float) -> Payload:
        turns = int(age / lives)
        events = [(began + number * lives + 0.5, has_started(2)) for number in reversed(range(turns + 1))]
        done = deployment(began, **DONE, updatedAt=began + 2)
        return service(done, events=events[:100])

    def dies(began: float, age: float) -> list[Payload]:
        turns = range(max(0, int((age - 1200) / lives)), int(age / lives))
        return [task(2 * n + i, EXITED, began + (n + 1) * lives) for n in turns for i in range(2)]

    return Story(tells, dies)


def steady_after(seconds: float, **changes: t.Any) -> Story:
    def tells(began: float, age: float) -> Payload:
        if age < seconds:
            return service(deployment(began), old(), **changes)
        done = deployment(began, **DONE, updatedAt=began + seconds)
        return service(done, events=[(began + 1, has_started(2))], **changes)

    return Story(tells)


def no_place() -> Story:
    message = "(service lotto) was unable to place a task. Reason: You've reached the limit on the number of vCPUs."

    def tells(began: float, age: float) -> Payload:
        events = [(began + 20.0 * number, message) for number in reversed(range(1, int(age / 20) + 1))]
        return service(deployment(began, pendingCount=0), old(), events=events)

    return Story(tells)


def stuck() -> Story:
    config = {"maximumPercent": 100, "minimumHealthyPercent": 100}

    def tells(began: float, age: float) -> Payload:
        events = [(began + 20, STUCK)] if age >= 20 else []
        return service(deployment(began, pendingCount=0), old(), events=events, deploymentConfiguration=config)

    return Story(tells)


def rolled_back(at: float = 60) -> Story:
    def tells(began: float, age: float) -> Payload:
        if age < at:
            return service(deployment(began, failedTasks=int(age / 20)), old())
        back = deployment(began + at, id=BACK, **DONE)
        events = [
            (began + at, f"(service lotto) rolling back to deployment {BACK}."),
            (began + at, f"(service lotto) (deployment {NEW}) deployment failed: tasks failed to start."),
        ]
        return service({**back, "updatedAt": began + at + 5}, events=events)

    return Story(
        tells, lambda began, age: [task(n, EXITED, began + 20 * (n + 1)) for n in range(int(min(age, 60) / 20))]
    )


def superseded(at: float = 20) -> Story:
    def tells(began: float, age: float) -> Payload:
        if age < at:
            return service(deployment(began), old())
        return service(deployment(began + at, id="ecs-svc/5"), old())

    return Story(tells)


# story, outcome if this run started the deployment, outcome if not
OUTCOMES: dict[str, tuple[Story, str, str]] = {
    "steady behind a load balancer": (steady_after(40, **BALANCED), "steady", "steady"),
    "steady worker": (steady_after(40), "steady", "steady"),
    "image": (failing(IMAGE, exit_code=None), "image", "image"),
    "secret": (failing(SECRET, exit_code=None), "secrets", "secrets"),
    "crash": (failing(EXITED), "crash_loop", "crash_loop"),
    "memory": (failing("OutOfMemoryError: killed", exit_code=137), "out_of_memory", "out_of_memory"),
    "health": (failing(UNHEALTHY), "health_check", "health_check"),
    "no place": (no_place(), "placement", "placement"),
    "configuration": (stuck(), "blocked", "blocked"),
    "a worker that dies": (dying(), "crash_loop", "crash_loop"),
    "deleted": (Story(lambda _began, _age: None), "gone", "gone"),
}


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("known", [True, False], ids=["of this run", "of another"])
@pytest.mark.parametrize("what", OUTCOMES)
def test_a_wait_that_begins_late(what: str, known: bool, late: int) -> None:
    story, of_this_run, of_another = OUTCOMES[what]
    scene = story.scene(late, NEW if known else None)
    assert scene.run() == [of_this_run if known else of_another]
    # the time to see three failures, or for stale reads
    assert scene.watches[0].seconds <= 130


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize(
    ("story", "outcome", "record"),
    [
        (rolled_back(), "rolled_back", None),
        (rolled_back(), "rolled_back", "rollback_successful"),
        (superseded(), "superseded", "stopped_by_newer"),
    ],
    ids=["rolled back, no record", "rolled back", "superseded"],
)
def test_a_wait_that_begins_late_for_a_deployment_that_is_not_primary(
    story: Story, outcome: str, record: str | None, late: int
) -> None:
    scene = story.scene(late, NEW)
    number = NEW.rpartition("/")[2]
    if record:
        ours = {**RECORDS[record], "targetServiceRevisionArn": f"arn:revision/{number}", "createdAt": T0 - late}
        scene.aws.history = [ours]
        scene.aws.records = {ours["serviceDeploymentArn"]: {**ours, "status": "IN_PROGRESS"} if late < 20 else ours}
        tells = scene.aws.service_at

        def service_at(at: float, name: str) -> Payload | None:
            if at + late >= 60:
                scene.aws.records = {ours["serviceDeploymentArn"]: ours}
            return tells(at, name)

        scene.aws.service_at = service_at
    elif late >= 60:
        # only the events are left of it
        scene.aws.faults["ListServiceDeployments"] = lambda _at: error("AccessDeniedException")
    assert scene.run() == [outcome]


@pytest.mark.parametrize("late", [30, 300, 3000])
@pytest.mark.parametrize(("reason", "exit_code"), [(SECRET, None), (IMAGE, None), (EXITED, 1)])
def test_failures_that_were_fixed_before_the_wait_do_not_count(reason: str, exit_code: int | None, late: int) -> None:
    """A second run: three tasks failed before, and those that start now keep running."""

    def tells(began: float, age: float) -> Payload:
        running = 0 if age < late + 20 else 1 if age < late + 40 else 2
        state = "COMPLETED" if age >= late + 50 else "IN_PROGRESS"
        ours = deployment(began, runningCount=running, pendingCount=2 - running, failedTasks=0 if running else 3)
        done = {**ours, "rolloutState": state, "updatedAt": began + age}
        listed = [done] if state == "COMPLETED" else [done, old()]
        return service(*listed, events=[(began + 1, has_started(2)), (began + late, has_started(2))], **BALANCED)

    story = Story(tells, lambda _began, _age: [task(n, reason, T0 - 10 - n, exit_code) for n in range(3)])
    scene = story.scene(late, None)
    assert scene.run() == ["steady"]
    assert scene.watches[0].seconds < 80


def test_a_failure_that_was_not_fixed_is_the_cause_of_the_time_out() -> None:
    story = Story(
        lambda began, _age: service(deployment(began, pendingCount=0, failedTasks=3), old()),
        lambda began, _age: [task(n, SECRET, began + 20, None) for n in range(3)],
        timeout=100,
    )
    scene = story.scene(60, None)
    assert scene.run() == ["timed_out"]
    assert scene.watches[0].verdict.cause == "secrets"


def test_a_failure_that_is_fixed_is_not_the_cause_of_the_time_out() -> None:
    story = Story(
        lambda began, _age: service(deployment(began, runningCount=1, pendingCount=1), old()),
        lambda began, _age: [task(1, SECRET, began + 20, None)],
        timeout=100,
    )
    scene = story.scene(60, None)
    assert scene.run() == ["timed_out"]
    assert scene.watches[0].verdict.cause == ""


def test_another_failure_of_the_same_kind_makes_earlier_ones_count() -> None:
    scene = failing(EXITED).scene(90, None)
    assert scene.run() == ["crash_loop"]
    assert scene.watches[0].seconds < 20


# seconds from COMPLETED to the wait, lost tasks, whether this run started it, seconds of waiting
WATCHED_FOR = [
    (1, 0, True, 10),
    (1, 0, False, 10),
    (9, 0, True, 10),
    (10, 0, True, 0),
    (600, 0, False, 0),
    (1, 2, True, 30),
    (1, 2, False, 30),
]


@pytest.mark.parametrize(("ago", "lost", "known", "seconds"), WATCHED_FOR)
def test_a_deployment_that_just_completed_is_watched_for_a_while(
    ago: float, lost: int, known: bool, seconds: float
) -> None:
    """On Fargate a deployment is about a minute old when it completes."""

    def tells(began: float, _age: float) -> Payload:
        done = deployment(began, **DONE, updatedAt=T0 - ago)
        events = [(began + 1, has_started(2))] + ([(began + 20, has_started(2))] if lost else [])
        return service(done, events=events)

    story = Story(tells, lambda began, _age: [task(n, EXITED, began + 20) for n in range(lost)])
    scene = story.scene(45 + ago, NEW if known else None)
    assert scene.run() == ["steady"]
    assert scene.watches[0].seconds == pytest.approx(seconds, abs=0.3)


@pytest.mark.parametrize(("finished", "seconds"), [(T0 - 3, 10), (T0 - 60, 0), (None, 10)])
def test_the_record_shows_when_a_deployment_completed(finished: float | None, seconds: float) -> None:
    def tells(began: float, _age: float) -> Payload:
        return service(deployment(began, **DONE))

    scene = Story(tells).scene(300, None)
    if finished:
        scene.aws.history = [{**RECORDS["successful"], "createdAt": T0 - 300, "finishedAt": finished}]
    assert scene.run() == ["steady"]
    assert scene.watches[0].seconds == pytest.approx(seconds, abs=0.3)


def test_ninety_failed_tasks_end_the_wait_even_if_tasks_cannot_be_listed() -> None:
    """If the calls stay throttled, the wait judges without tasks after three attempts."""
    story = Story(lambda began, _age: service(deployment(began, failedTasks=90), old()))
    scene = story.scene(0, NEW)
    scene.aws.faults["ListTasks"] = lambda _at: error("ThrottlingException", message="Rate exceeded")
    assert scene.run() == ["failed"]
    assert scene.watches[0].seconds < 30
    assert scene.aws.count("ListTasks") == 3
    assert "90 tasks" in scene.watches[0].verdict.message
    assert scene.watches[0].notes == ["ListTasks: ThrottlingException: Rate exceeded"]


def test_tasks_that_can_be_listed_again_show_the_cause() -> None:
    scene = failing(SECRET, exit_code=None).scene(25, NEW)
    answers = iter([error("ThrottlingException"), error("ThrottlingException")])
    scene.aws.faults["ListTasks"] = lambda _at: next(answers, None)
    assert scene.run() == ["secrets"]


def test_a_deployment_id_that_never_existed_is_not_superseded() -> None:
    story = steady_after(0, **BALANCED)
    scene = story.scene(600, "ecs-svc/1000000000000000001")
    assert scene.run() == ["gone"]
    assert "the service has no deployment ecs-svc/1000000000000000001" in scene.watches[0].verdict.message
    assert scene.watches[0].verdict.next_step.startswith("Correct deployment_id")


def test_an_earlier_rollback_is_not_that_of_a_deployment_that_never_existed() -> None:
    scene = rolled_back().scene(600, "ecs-svc/1000000000000000001")
    assert scene.run() == ["gone"]


def test_the_rollback_of_an_earlier_deployment_is_not_ours() -> None:
    """Ours began after that rollback, and another deployment has replaced ours."""

    def service_at(at: float, _name: str) -> Payload:
        events = [(T0 - 60, f"(service lotto) rolling back to deployment {BACK}.")]
        if at < 10:
            return service(deployment(T0), deployment(T0 - 60, id=BACK, status="ACTIVE"), events=events)
        return service(deployment(T0 + 10, id=BACK), events=events)

    scene = Scene(service_at, deployment_id=NEW)
    scene.without_records("AccessDeniedException")
    assert scene.run() == ["superseded"]


def test_a_deleted_service_is_gone_even_without_a_deployment_id() -> None:
    def service_at(at: float, _name: str) -> Payload:
        return service(old(status="PRIMARY"), status="DRAINING" if at < 1 else "INACTIVE")

    scene = Scene(service_at)
    assert scene.run() == ["gone"]
    assert scene.watches[0].seconds < 5


def test_a_recreated_service_may_appear_inactive_for_two_minutes() -> None:
    def tells(began: float, age: float) -> Payload:
        return service(status="INACTIVE") if age < 100 else t.cast("Payload", steady_after(0).tells(began, age))

    assert Story(tells).scene(0, NEW).run() == ["steady"]


class Paged(Aws):
    """An AWS that returns service deployments page by page."""

    def list_service_deployments(self, cluster: str, service: str, maxResults: int, nextToken: str = "0") -> Payload:  # noqa: N803
        self._call("ListServiceDeployments")
        start = int(nextToken)
        more = {"nextToken": str(start + 1)} if start + 1 < len(self.history) else {}
        return {"serviceDeployments": self.history[start : start + 1], **more}


@pytest.mark.parametrize(("behind", "pages"), [(0, 1), (3, 4)])
def test_the_record_is_found_on_later_pages(behind: int, pages: int) -> None:
    scene = rolled_back().scene(300, NEW)
    scene.aws.__class__ = Paged
    ours = {**RECORDS["rollback_successful"], "createdAt": T0 - 300}
    ours["targetServiceRevisionArn"] = f"arn:revision/{NEW.rpartition('/')[2]}"
    later = [
        {**RECORDS["successful"], "createdAt": T0 - 100 + n, "targetServiceRevisionArn": "r/1"} for n in range(behind)
    ]
    older = {**RECORDS["successful"], "createdAt": T0 - 9000, "targetServiceRevisionArn": "r/2"}
    scene.aws.history = [*later, ours, older]
    scene.aws.records = {ours["serviceDeploymentArn"]: ours}
    record = find_record(scene.wait.api, scene.watches[0])
    assert (record["createdAt"], scene.aws.count("ListServiceDeployments")) == (T0 - 300, pages)
    assert scene.api.calls["ListServiceDeployments"] == pages
    assert scene.run() == ["rolled_back"]


def test_a_stale_read_is_not_a_rollback_while_the_record_is_open() -> None:
    """For half a minute the previous deployment appears as PRIMARY and COMPLETED again."""
    record = {**RECORDS["in_progress"], "createdAt": T0}
    arn = record["serviceDeploymentArn"]

    def service_at(at: float, _name: str) -> Payload:
        if 10 <= at < 40:
            return service(old(status="PRIMARY"), deployment(T0, status="ACTIVE", runningCount=1, pendingCount=0))
        if at < 60:
            return service(deployment(T0), old(), currentServiceDeployment=arn)
        return service(deployment(T0, **DONE, updatedAt=T0 + 50), **BALANCED)

    scene = Scene(service_at, deployment_id=NEW)
    scene.aws.records = {arn: record}
    assert scene.run() == ["steady"]
    assert any("ECS goes on with it" in line for line in scene.lines)


@pytest.mark.parametrize(("follows", "outcome"), [("ecs-svc/5", "superseded"), (BACK, "rolled_back")])
def test_a_deployment_that_follows_a_rollback_is_not_the_rollback(follows: str, outcome: str) -> None:
    """Only the first of the two shows that ECS rolled back, and there is no record."""

    def service_at(at: float, _name: str) -> Payload:
        if at < 10:
            return service(deployment(T0), old())
        back = deployment(T0 + 10, id=BACK, rolloutStateReason=f"rolling back to deploymentId {BACK}.")
        if at < 30:
            return service(back, deployment(T0, status="ACTIVE", rolloutState="FAILED"))
        done = deployment(T0 + 30, id=follows, **DONE)
        return service(done)

    scene = Scene(service_at, deployment_id=NEW)
    scene.without_records("AccessDeniedException")
    assert scene.run() == [outcome]


@pytest.mark.parametrize(("age", "outcome"), [(900, "rolled_back"), (-10, "superseded")])
def test_a_missing_task_set_is_judged_by_its_replacement(age: float, outcome: str) -> None:
    def task_set(began: float, name: str, **changes: t.Any) -> Payload:
        counts = {"computedDesiredCount": 2, "runningCount": 2, "pendingCount": 0, "stabilityStatus": "STEADY_STATE"}
        return {"id": name, "status": "PRIMARY", "createdAt": began, **counts, **changes}

    def service_at(at: float, _name: str) -> Payload:
        ours = task_set(T0, NEW, status="ACTIVE", stabilityStatus="STABILIZING", runningCount=1)
        other = task_set(T0 - age, OLD)
        return service(taskSets=[other, ours] if at < 20 else [other], deploymentController={"type": "CODE_DEPLOY"})

    scene = Scene(service_at, deployment_id=NEW)
    assert scene.run() == [outcome]


def test_the_current_record_does_not_belong_to_a_complete_deployment() -> None:
    """It belongs to the next one, whatever happens to ours then."""

    def service_at(at: float, _name: str) -> Payload:
        ours = deployment(T0 - 900, runningCount=1, pendingCount=1, rolloutState="COMPLETED", updatedAt=T0 - 800)
        if at < 10:
            return service(ours, currentServiceDeployment="another")
        return service(deployment(T0 + 10, id="ecs-svc/5"), {**ours, "status": "ACTIVE"})

    scene = Scene(service_at)
    scene.aws.records = {"another": {"status": "ROLLBACK_SUCCESSFUL"}}
    assert scene.run() == ["superseded"]
