# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The wait on a scripted AWS, with a clock that only the wait's own sleeps advance."""

from __future__ import annotations

import copy
import random
import statistics
import types
import typing as t
from email.utils import formatdate

import botocore.session
import botocore.waiter
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import tone
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout import health_request, rollback
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.api import (
    Api,
    PermanentError,
    ThrottledError,
    TransientError,
    sort_error,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.observation import (
    Memory,
    Rules,
    Verdict,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.pace import Pace, expectation
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.result import (
    diagnosis,
    result_of,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.wait import Outside, Wait
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.watch import Watch
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from .observe import NEW, RECORDS, T0, TARGETS, TASKS, Payload, load

STEADY, ROLLING, ROLLING_BACK, ROLLED_BACK, TASK_SETS = (
    load(f"service_{name}") for name in ("steady", "rolling", "rolling_back", "rolled_back", "task_sets")
)


BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


def variant(service: Payload, deployment: Payload | None = None, **members: t.Any) -> Payload:
    """Return a copy of a service with other members, and other members of its first deployment."""
    found = {**copy.deepcopy(service), **members}
    found["deployments"][0].update(deployment or {})
    return found


def error(code: str, status: int = 400, message: str = "told so") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}, "X"
    )


class Clock:
    """A clock that only sleeps advance."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


class Aws:
    """The AWS clients of a wait; the service is a function of the seconds since the wait began."""

    def __init__(self, clock: Clock, service_at: t.Callable[[float, str], Payload | None]) -> None:
        self.clock, self.service_at = clock, service_at
        self.began = clock.seconds
        self.tasks: list[Payload] = []
        self.health = ["healthy", "healthy"]
        self.check: Payload = {}
        self.containers: dict[str, t.Callable[[float], str]] = {}
        self.history: list[Payload] = []
        self.records: dict[str, Payload] = {}
        self.faults: dict[str, t.Callable[[float], Exception | None]] = {}
        self.log: list[tuple[str, float]] = []
        self.stopped: list[tuple[str, str]] = []
        self.logs: list[str] = []
        self.batches: list[int] = []

    def client(self, _service: str) -> Aws:
        return self

    def _call(self, action: str) -> float:
        at = self.clock.seconds - self.began
        self.log.append((action, at))
        fault = self.faults.get(action, self.faults.get("*", lambda _at: None))(at)
        if fault:
            raise fault
        return at

    def describe_services(self, cluster: str, services: list[str]) -> Payload:
        at = self._call("DescribeServices")
        self.batches.append(len(services))
        assert len(services) <= 10, "DescribeServices takes ten services at most"
        found = [self.service_at(at, name) for name in services]
        metadata = {"HTTPHeaders": {"date": formatdate(T0 + at, usegmt=True)}}
        return {"services": [item for item in found if item], "failures": [], "ResponseMetadata": metadata}

    def list_tasks(self, cluster: str, serviceName: str, desiredStatus: str, nextToken: str = "0") -> Payload:  # noqa: N803
        self._call("ListTasks")
        if desiredStatus == "RUNNING":
            return {"taskArns": list(self.containers)}
        arns, start = [task["taskArn"] for task in self.tasks], int(nextToken)
        more = {"nextToken": str(start + 100)} if len(arns) > start + 100 else {}
        return {"taskArns": arns[start : start + 100], **more}

    def describe_tasks(self, cluster: str, tasks: list[str]) -> Payload:
        self._call("DescribeTasks")
        assert len(tasks) <= 100, "DescribeTasks takes 100 tasks at most"
        at = self.clock.seconds - self.began
        running = [
            {"taskArn": arn, "containers": [{"name": "lotto", "healthStatus": health(at)}]}
            for arn, health in self.containers.items()
        ]
        return {"tasks": [task for task in (*self.tasks, *running) if task["taskArn"] in tasks]}

    def describe_target_health(self, TargetGroupArn: str) -> Payload:  # noqa: N803
        self._call("DescribeTargetHealth")
        return {"TargetHealthDescriptions": [TARGETS[state] for state in self.health]}

    def describe_target_groups(self, TargetGroupArns: list[str]) -> Payload:  # noqa: N803
        self._call("DescribeTargetGroups")
        return {"TargetGroups": [{"TargetGroupArn": arn, **self.check} for arn in TargetGroupArns]}

    def list_service_deployments(self, cluster: str, service: str, maxResults: int, nextToken: str = "") -> Payload:  # noqa: N803
        self._call("ListServiceDeployments")
        return {"serviceDeployments": self.history}

    def describe_service_deployments(self, serviceDeploymentArns: list[str]) -> Payload:  # noqa: N803
        self._call("DescribeServiceDeployments")
        return {"serviceDeployments": [self.records[arn] for arn in serviceDeploymentArns if arn in self.records]}

    def stop_service_deployment(self, serviceDeploymentArn: str, stopType: str) -> Payload:  # noqa: N803
        self._call("StopServiceDeployment")
        self.stopped.append((serviceDeploymentArn, stopType))
        return {"serviceDeploymentArn": serviceDeploymentArn}

    def describe_task_definition(self, taskDefinition: str) -> Payload:  # noqa: N803
        self._call("DescribeTaskDefinition")
        options = {"awslogs-group": "/ecs/lotto", "awslogs-stream-prefix": "lotto", "awslogs-region": "ap-northeast-2"}
        container = {"name": "lotto", "logConfiguration": {"logDriver": "awslogs", "options": options}}
        if self.containers:
            container["healthCheck"] = {"command": ["CMD", "true"]}
        return {"taskDefinition": {"containerDefinitions": [container]}}

    def get_log_events(
        self,
        logGroupName: str,  # noqa: N803
        logStreamName: str,  # noqa: N803
        limit: int,
        startFromHead: bool,  # noqa: N803
        nextToken: str = "",  # noqa: N803
    ) -> Payload:
        """Return an empty page first, as AWS may."""
        self._call("GetLogEvents")
        assert not startFromHead, "the last lines are wanted"
        assert (logGroupName, logStreamName) == ("/ecs/lotto", "lotto/lotto/10000000000000000000000000000001")
        lines = self.logs[-limit:] if nextToken == "b/1" else []
        return {"events": [{"message": line} for line in lines], "nextBackwardToken": "b/2" if nextToken else "b/1"}

    def count(self, action: str) -> int:
        return sum(name == action for name, _ in self.log)


class Scene:
    """A wait for one or more services on a scripted AWS."""

    def __init__(
        self,
        service_at: t.Callable[[float, str], Payload | None],
        names: t.Sequence[str] = ("lotto",),
        deployment_id: str | None = None,
        seed: int = 1,
        **rules: t.Any,
    ) -> None:
        self.clock, self.lines = Clock(), list[str]()
        self.aws = Aws(self.clock, service_at)
        self.api = Api(self.aws.client, "magiclub-an2p-ecs")
        self.watches = [Watch(name, Memory(deployment_id)) for name in names]
        chance = random.Random(seed).random  # noqa: S311
        outside = Outside(
            self.lines.append, self.clock.now, self.clock.sleep, chance, lambda: T0 + self.clock.seconds - 1000
        )
        self.wait = Wait(self.api, self.watches, Rules(**{"confirm": True, **rules}), outside)

    def without_records(self, code: str) -> None:
        """Let the calls for service deployments fail."""
        for action in ("ListServiceDeployments", "DescribeServiceDeployments"):
            self.aws.faults[action] = lambda _at: error(code)

    def run(self, until: float | None = None) -> list[str]:
        self.wait.run(until)
        return [watch.verdict.outcome for watch in self.watches]


def steady_after(seconds: float) -> t.Callable[[float, str], Payload]:
    """A rollout that is complete after so many seconds."""

    def service_at(at: float, name: str) -> Payload:
        arn = f"arn:aws:ecs:ap-northeast-2:111122223333:service/c/{name}"
        return variant(STEADY if at >= seconds else ROLLING, serviceName=name, serviceArn=arn)

    return service_at


def crashing(failed_every: float) -> t.Callable[[float, str], Payload]:
    """A service without a circuit breaker whose tasks keep failing."""
    return lambda at, _name: variant(
        ROLLING, {"runningCount": 0, "pendingCount": 2, "failedTasks": int(at / failed_every)}, loadBalancers=[]
    )


def failed_task(name: str, number: int = 0) -> Payload:
    return {**TASKS[name], "taskArn": f"{TASKS[name]['taskArn'][:-2]}{number:02x}"}


def lasted(seconds: float, status: str = "SUCCESSFUL") -> Payload:
    """Return an earlier service deployment that took so many seconds."""
    return {
        **RECORDS["successful"],
        "status": status,
        "createdAt": T0 - 5000,
        "startedAt": T0 - 5000,
        "finishedAt": T0 - 5000 + seconds,
    }


def test_waits_until_steady_and_then_checks_the_targets() -> None:
    scene = Scene(steady_after(40))
    assert scene.run() == ["steady"]
    assert scene.watches[0].seconds >= 40
    assert scene.aws.log[-1][0] == "DescribeTargetHealth"


def unbalanced(at: float, name: str) -> Payload:
    return {**steady_after(5)(at, name), "loadBalancers": []}


def test_container_health_checks_decide_without_a_load_balancer() -> None:
    scene = Scene(unbalanced)
    scene.aws.containers = {"task/1": lambda _at: "HEALTHY", "task/2": lambda at: "HEALTHY" if at > 30 else "UNKNOWN"}
    assert scene.run() == ["steady"]
    assert 30 < scene.watches[0].seconds < 40
    assert (scene.aws.count("DescribeTaskDefinition"), scene.aws.count("DescribeTargetHealth")) == (1, 0)
    assert any("container health check of lotto UNKNOWN" in line for line in scene.lines)


def test_no_task_is_described_without_a_health_check() -> None:
    scene = Scene(unbalanced)
    assert scene.run() == ["steady"]
    assert scene.aws.count("DescribeTaskDefinition") == 1
    assert (scene.aws.count("ListTasks"), scene.aws.count("DescribeTasks")) == (0, 0)


def test_a_missing_permission_for_container_health_is_noted() -> None:
    scene = Scene(unbalanced)
    scene.aws.faults["DescribeTaskDefinition"] = lambda _at: error("AccessDeniedException")
    assert scene.run() == ["steady"]
    assert scene.watches[0].notes == ["DescribeTaskDefinition: AccessDeniedException: told so"]


def test_reports_only_new_progress() -> None:
    scene = Scene(steady_after(40))
    scene.run()
    assert [line.rsplit(" (", 1)[0] for line in scene.lines] == [
        "lotto: 1/2 running, 1 pending",
        "lotto: 1/2 running, 1 pending, targets 2 healthy",
        "lotto: steady, 2/2 running, targets 2 healthy",
    ]
    assert scene.lines[0].endswith("(0 s)")
    assert [tone.of(line) for line in scene.lines] == ["", "", tone.WELL]
    seen = result_of(scene.watches[0])["seen"]
    assert [f"lotto: {one['text']}" for one in seen] == [line.rsplit(" (", 1)[0] for line in scene.lines]
    assert [(one["running"], one["desired"], one["targets"]) for one in seen] == [
        (1, 2, {}),
        (1, 2, {"healthy": 2}),
        (2, 2, {"healthy": 2}),
    ]
    assert seen[0]["seconds"] < seen[-1]["seconds"] == round(scene.watches[0].seconds, 1)


def test_polls_once_if_requested() -> None:
    scene = Scene(steady_after(40))
    assert scene.run(until=0) == ["pending"]
    assert scene.aws.count("DescribeServices") == 1
    assert scene.clock.slept == []


def test_times_out_on_time() -> None:
    scene = Scene(steady_after(1e9), timeout=60)
    assert scene.run() == ["timed_out"]
    assert tone.of(scene.lines[-1]) == tone.WRONG
    assert 60 <= scene.watches[0].seconds < 60.1


def test_watches_the_deployment_of_the_first_observation() -> None:
    """A later deployment is not ours, however steady."""
    other = variant(STEADY, {"id": "ecs-svc/1"}, events=[])
    assert Scene(lambda at, _name: other if at > 10 else ROLLING).run() == ["superseded"]


STALE: dict[str, Payload | None] = {
    "missing": None,
    "previous deployment": variant(STEADY, {"id": "ecs-svc/1"}, events=[]),
    "no deployment": {**STEADY, "deployments": []},
    "deleted service of the same name": {**STEADY, "status": "INACTIVE"},
}


@pytest.mark.parametrize("stale", STALE)
def test_one_stale_answer_does_not_end_the_wait(stale: str) -> None:
    scene = Scene(lambda at, name: STALE[stale] if scene.wait.polls == 3 else steady_after(20)(at, name))
    assert scene.run() == ["steady"]
    assert scene.wait.polls > 3


@pytest.mark.parametrize("stale", STALE)
def test_a_permanent_state_is_reported_after_the_second_observation(stale: str) -> None:
    scene = Scene(lambda at, name: STALE[stale] if at > 10 else steady_after(1e9)(at, name))
    assert scene.run() == ["superseded" if stale == "previous deployment" else "gone"]
    assert scene.clock.slept[-1] < 4


def test_a_rollback_is_watched_to_its_end() -> None:
    def service_at(at: float, _name: str) -> Payload:
        return ROLLING if at < 5 else ROLLING_BACK if at < 20 else ROLLED_BACK

    scene = Scene(service_at)
    scene.aws.tasks = [failed_task("exit_1", number) for number in range(3)]
    assert scene.run() == ["rolled_back"]
    assert scene.watches[0].verdict.cause == "crash_loop"
    assert scene.watches[0].seconds >= 20


def test_crash_loop_without_a_circuit_breaker() -> None:
    scene = Scene(crashing(10))
    scene.aws.tasks = [failed_task("exit_1")]
    assert scene.run() == ["crash_loop"]
    assert 30 <= scene.watches[0].seconds <= 34


def test_a_permanent_failure_ends_the_wait_at_the_first_task() -> None:
    scene = Scene(crashing(10))
    scene.aws.tasks = [failed_task("image_not_found")]
    assert scene.run() == ["image"]
    assert 10 <= scene.watches[0].seconds <= 15


def test_tasks_are_described_if_nothing_progresses_without_a_reason() -> None:
    scene = Scene(lambda _at, _name: variant(ROLLING, {"runningCount": 0, "pendingCount": 1}))
    scene.aws.tasks = [failed_task("secret_not_found")]
    assert scene.run() == ["secrets"]
    assert scene.watches[0].seconds < 40


def test_a_flapping_container_is_noticed() -> None:
    """Without failedTasks and events; only the running count falls."""

    def service_at(at: float, _name: str) -> Payload:
        return variant(ROLLING, {"runningCount": 1 if at % 4 < 2 else 0, "pendingCount": 0}, loadBalancers=[])

    scene = Scene(service_at)
    scene.aws.tasks = [failed_task("exit_1", number) for number in range(3)]
    assert scene.run() == ["crash_loop"]
    assert scene.watches[0].seconds < 19


@pytest.mark.parametrize(("age", "expected"), [(3000, "steady"), (-5, "out_of_memory")])
def test_failures_before_the_wait_do_not_count(age: float, expected: str) -> None:
    """A scale-out: the deployment is weeks old, and all of the service's tasks have its ID."""
    message = "(service lotto) was unable to place a task. Reason: Capacity is unavailable at this time."
    events = [{"id": str(number), "createdAt": T0 - 7 * 86400, "message": message} for number in range(3)]
    events.append({"id": "now", "createdAt": T0 + 1, "message": "(service lotto) is unhealthy"})

    def service_at(at: float, _name: str) -> Payload:
        counts = {"desiredCount": 4, "runningCount": 2 if at < 20 else 4}
        return variant(STEADY, {"createdAt": T0 - 14 * 86400, **counts}, **counts, loadBalancers=[], events=events)

    scene = Scene(service_at)
    scene.aws.tasks = [{**failed_task("out_of_memory", number), "stoppedAt": T0 - age} for number in range(3)]
    assert scene.run() == [expected]


def test_a_scale_in_is_not_a_sign_of_failure() -> None:
    def service_at(at: float, _name: str) -> Payload:
        counts = dict.fromkeys(("desiredCount", "runningCount"), 4 if at < 5 else 2)
        return variant(STEADY, {**counts, "rolloutState": "COMPLETED" if at > 15 else "IN_PROGRESS"}, **counts)

    scene = Scene(service_at)
    assert scene.run() == ["steady"]
    assert scene.watches[0].memory.drops == 0


def test_stable_for_restarts_after_a_lost_task() -> None:
    scene = Scene(lambda at, _name: variant(STEADY, {"runningCount": 1 if 8 <= at < 12 else 2}), stable_for=10)
    assert scene.run() == ["steady"]
    assert 22 <= scene.watches[0].seconds < 27


def alone(at: float, _name: str) -> Payload:
    """A new service without load balancers and health checks, complete after 6 s."""
    return variant(STEADY if at >= 6 else ROLLING, loadBalancers=[])


def worker(age: float, **counts: int) -> Payload:
    """Such a service, complete for so many seconds when the wait began."""
    times = {"createdAt": T0 - age - 60, "updatedAt": T0 - age}
    return variant(STEADY, {**times, **counts}, loadBalancers=[], events=[])


def test_without_any_health_check_a_service_has_to_stay_steady() -> None:
    scene = Scene(alone)
    assert scene.run() == ["steady"]
    assert 16 <= scene.watches[0].seconds < 22
    assert any("checking whether it stays" in line for line in scene.lines)


@pytest.mark.parametrize(("age", "seconds"), [(3600, 0), (10, 0), (5, 10)])
def test_an_old_deployment_without_any_health_check_needs_one_observation(age: float, seconds: float) -> None:
    scene = Scene(lambda _at, _name: worker(age))
    assert scene.run() == ["steady"]
    assert scene.watches[0].seconds == pytest.approx(seconds, abs=0.1)


def test_an_old_deployment_that_loses_a_task_has_to_stay_steady() -> None:
    def service_at(at: float, _name: str) -> Payload:
        return worker(3600, runningCount=1 if 2 <= at < 4 else 2, pendingCount=int(at < 4))

    scene = Scene(service_at)
    assert scene.run() == ["steady"]
    assert 34 <= scene.watches[0].seconds < 42


def test_an_old_deployment_with_missing_tasks_has_to_stay_steady() -> None:
    def service_at(at: float, _name: str) -> Payload:
        return worker(3600, runningCount=1 if at < 4 else 2, pendingCount=int(at < 4))

    scene = Scene(service_at)
    assert scene.run() == ["steady"]
    assert 14 <= scene.watches[0].seconds < 20


def test_a_scale_in_does_not_prolong_the_wait() -> None:
    def service_at(at: float, _name: str) -> Payload:
        return worker(3600, runningCount=4 if at < 3 else 2)

    scene = Scene(service_at)
    assert scene.run() == ["steady"]
    assert scene.watches[0].memory.drops == 0
    assert scene.watches[0].seconds < 8


def test_a_task_replaced_between_two_polls_restarts_the_soak_time() -> None:
    def service_at(at: float, _name: str) -> Payload:
        message = "(service lotto) has started 3 tasks: (task 1) (task 2) (task 3)."
        return {**worker(0), "events": [{"id": "3", "createdAt": T0 + 6, "message": message}] if at >= 6 else []}

    scene = Scene(service_at)
    assert scene.run() == ["steady"]
    assert 36 <= scene.watches[0].seconds < 40


def test_a_soaking_service_is_polled_four_times() -> None:
    scene = Scene(lambda at, name: alone(at / 50, name))
    assert scene.run() == ["steady"]
    assert scene.watches[0].seconds > 300
    assert max(scene.clock.slept[-4:]) <= 2.5


def test_a_service_that_recovers_from_failures_gets_its_soak_time() -> None:
    message = (
        "(service lotto) has started 8 tasks: (task 1) (task 2) (task 3) (task 4) (task 5) (task 6) (task 7) (task 8)."
    )

    events = [{"id": "8", "createdAt": T0 + 1, "message": message}]
    more = {"loadBalancers": [], "deploymentConfiguration": BREAKER, "events": events}

    def service_at(at: float, _name: str) -> Payload:
        fails = {"runningCount": 0, "pendingCount": 2, "failedTasks": 3}
        return variant(STEADY, **more) if at >= 20 else variant(ROLLING, fails, **more)

    scene = Scene(service_at)
    scene.aws.tasks = [failed_task("exit_1", number) for number in range(3)]
    assert scene.run() == ["steady"]
    assert scene.watches[0].seconds >= 50


def test_more_failures_do_not_extend_the_time_for_a_rollback_to_appear() -> None:
    def service_at(at: float, _name: str) -> Payload:
        failed = {"rolloutState": "FAILED", "failedTasks": 3 + int(at / 5)}
        return variant(ROLLING, failed, deploymentConfiguration=BREAKER)

    scene = Scene(service_at)
    scene.aws.tasks = [failed_task("exit_1", number) for number in range(3)]
    assert scene.run() == ["crash_loop"]
    assert 30 <= scene.watches[0].seconds < 36


def falling_over(lives: float, back: float) -> t.Callable[[float, str], Payload]:
    """A COMPLETED service whose tasks run for so long and are replaced so long after."""

    def service_at(at: float, _name: str) -> Payload:
        turn, moment = divmod(at, lives + back)
        down = moment >= lives
        counts = {"runningCount": 0 if down else 2, "pendingCount": 2 if down else 0}
        found = worker(0, **counts) | counts
        message = "(service lotto) has started 2 tasks: (task 1) (task 2)."
        found["events"] = [
            {"id": str(number), "createdAt": T0 + number * (lives + back), "message": message}
            for number in range(int(turn) + 1)
        ]
        return found

    return service_at


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("lives", "back"), [(4, 3), (2, 1), (9, 5), (4, 0.001)])
def test_short_lived_tasks_are_a_crash_loop(lives: float, back: float, seed: int) -> None:
    scene = Scene(falling_over(lives, back), seed=seed)
    scene.aws.tasks = [failed_task("exit_1", number) for number in range(3)]
    assert scene.run() == ["crash_loop"]
    assert scene.watches[0].seconds < 4 * (lives + back) + 10


def test_task_sets() -> None:
    assert Scene(lambda _at, _name: TASK_SETS).run() == ["steady"]


def replaced_without_a_word(at: float, _name: str) -> Payload:
    """A deployment that another one replaces; only its record shows why."""
    if at < 5:
        return {**ROLLING, "currentServiceDeployment": None}
    return variant(STEADY, {"id": "ecs-svc/1"}, currentServiceDeployment=None, events=[])


def test_the_service_deployment_is_found_by_its_time() -> None:
    scene = Scene(replaced_without_a_word)
    record = RECORDS["rollback_successful"]
    other = {**record, "serviceDeploymentArn": "another", "createdAt": T0 - 100}
    scene.aws.history = [other, record]
    scene.aws.records = {record["serviceDeploymentArn"]: record}
    assert scene.run() == ["rolled_back"]


def test_the_service_deployment_is_found_by_its_revision() -> None:
    """Neither another record of the same second, nor a later rollback to the same revision."""
    scene = Scene(replaced_without_a_word, deployment_id=NEW)
    revision = "arn:aws:ecs:ap-northeast-2:111122223333:service-revision/c/lotto"
    ours = {**RECORDS["rollback_successful"], "targetServiceRevisionArn": f"{revision}/{NEW.rpartition('/')[2]}"}
    at = ours["createdAt"]
    ours["createdAt"] = at + 3
    later = {**ours, "serviceDeploymentArn": "later", "createdAt": at + 900}
    other = {**ours, "serviceDeploymentArn": "other", "createdAt": at, "targetServiceRevisionArn": f"{revision}/1"}
    scene.aws.history = [later, other, ours]
    scene.aws.records = {ours["serviceDeploymentArn"]: ours}
    assert scene.run() == ["rolled_back"]


def test_a_failed_task_is_found_behind_hundreds_of_others() -> None:
    scene = Scene(crashing(10))
    scene.aws.tasks = [failed_task("scale_in", number) for number in range(220)] + [failed_task("image_not_found", 255)]
    assert scene.run() == ["image"]


def test_25_services_take_three_calls_a_poll() -> None:
    names = [f"svc-{number:02}" for number in range(25)]
    scene = Scene(lambda at, name: steady_after(20 + int(name[-2:]))(at, name), names)
    assert scene.run() == ["steady"] * 25
    assert sum(scene.aws.batches[:3]) == 25
    assert scene.aws.count("DescribeServices") <= 3 * scene.wait.polls
    assert max(scene.aws.batches) == 10


def test_services_by_arn() -> None:
    arn = "arn:aws:ecs:ap-northeast-2:111122223333:service/c/lotto"
    scene = Scene(lambda at, _name: steady_after(5)(at, "lotto"), [arn])
    assert scene.run() == ["steady"]
    assert scene.lines[-1].startswith("lotto: steady")


def test_a_failure_does_not_end_the_wait_for_other_services() -> None:
    def service_at(at: float, name: str) -> Payload | None:
        return None if name == "missing" else steady_after(10)(at, name)

    assert Scene(service_at, ["missing", "lotto"]).run() == ["gone", "steady"]


@pytest.mark.parametrize("seed", range(5))
def test_30_percent_throttled_and_5_percent_reset(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311

    def fault(_at: float) -> Exception | None:
        drawn = chance.random()
        if drawn < 0.30:
            return error("ThrottlingException")
        return ConnectionClosedError(endpoint_url="https://ecs") if drawn < 0.35 else None

    scene = Scene(steady_after(75), seed=seed)
    scene.aws.faults["*"] = fault
    assert scene.run() == ["steady"]
    assert scene.watches[0].seconds < 75 + 20


@pytest.mark.parametrize("seed", range(5))
def test_a_crash_loop_is_found_while_calls_are_throttled(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    scene = Scene(crashing(10), seed=seed)
    scene.aws.tasks = [failed_task("exit_1", number) for number in range(3)]
    scene.aws.faults["*"] = lambda _at: error("ThrottlingException") if chance.random() < 0.3 else None
    assert scene.run() == ["crash_loop"]


def test_polls_less_often_when_throttled() -> None:
    scene = Scene(steady_after(1e9), timeout=120)
    scene.aws.faults["DescribeServices"] = lambda at: error("ThrottlingException") if at > 0 else None
    assert scene.run() == ["timed_out"]
    assert scene.aws.count("DescribeServices") < 20
    assert max(scene.clock.slept) <= 15


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (error("ExpiredTokenException"), "ExpiredTokenException"),
        (error("UnrecognizedClientException"), "UnrecognizedClientException"),
        (error("AccessDeniedException"), "AccessDeniedException"),
        (error("ClusterNotFoundException"), "ClusterNotFoundException"),
        (NoCredentialsError(), "NoCredentialsError"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_permanent_error_ends_the_wait_at_once(fault: Exception, word: str) -> None:
    scene = Scene(steady_after(40))
    scene.aws.faults["DescribeServices"] = lambda at: fault if at > 5 else None
    with pytest.raises(PermanentError) as caught:
        scene.run()
    assert caught.value.code == word
    assert sum(at > 5 for action, at in scene.aws.log if action == "DescribeServices") == 1


def test_gives_up_when_aws_never_answers() -> None:
    scene = Scene(steady_after(40))
    scene.aws.faults["*"] = lambda _at: EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    with pytest.raises(PermanentError, match="no answer from AWS"):
        scene.run()
    assert 30 <= scene.wait.waited < 50


@pytest.mark.parametrize("seed", range(5))
def test_gives_up_at_the_timeout_when_aws_never_answers(seed: int) -> None:
    scene = Scene(steady_after(40), timeout=5, seed=seed)
    scene.aws.faults["*"] = lambda _at: EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    with pytest.raises(PermanentError, match="no answer from AWS in 5 s"):
        scene.run()
    assert scene.wait.waited <= 6
    assert scene.api.total <= 10


def test_survives_a_network_outage_of_a_minute() -> None:
    scene = Scene(steady_after(40))
    scene.aws.faults["*"] = lambda at: ReadTimeoutError(endpoint_url="https://ecs") if 10 < at < 70 else None
    assert scene.run() == ["steady"]
    assert scene.watches[0].seconds < 90
    assert any("asking again" in line for line in scene.lines)


def test_an_observation_before_a_network_outage_does_not_make_a_service_steady() -> None:
    scene = Scene(lambda _at, _name: {**STEADY, "loadBalancers": []}, stable_for=20, timeout=60)
    scene.aws.faults["*"] = lambda at: ReadTimeoutError(endpoint_url="https://ecs") if at > 5 else None
    assert scene.run() == ["timed_out"]
    # one pause may be cut by the end of stable_for, and one by that of the timeout
    assert sum(seconds < scene.wait.pace.shortest for seconds in scene.clock.slept) <= 2


def test_without_permission_for_tasks_only_the_cause_is_unknown() -> None:
    scene = Scene(crashing(10))
    for action in ("ListTasks", "ListServiceDeployments"):
        scene.aws.faults[action] = lambda _at: error("AccessDeniedException", message="not authorized")
    assert scene.run() == ["failed"]
    assert scene.watches[0].notes == ["ListTasks: AccessDeniedException: not authorized"]


def test_without_permission_for_targets_the_wait_ends_with_advice() -> None:
    scene = Scene(steady_after(0))
    scene.aws.faults["DescribeTargetHealth"] = lambda _at: error("AccessDenied")
    with pytest.raises(PermanentError, match="set healthy_targets to false"):
        scene.run()


def test_a_deleted_target_group_does_not_end_the_wait_for_other_services() -> None:
    scene = Scene(steady_after(0), ["lotto", "hello"], timeout=30)
    scene.aws.faults["DescribeTargetHealth"] = lambda at: error("TargetGroupNotFound") if at < 5 else None
    assert scene.run() == ["steady", "steady"]
    assert scene.watches[0].notes == ["target group targetgroup/magiclub-an2p-lotto/6d0ecf831eec9f09 is not there"]


def test_a_rollback_is_found_without_the_service_deployments_api() -> None:
    def service_at(at: float, _name: str) -> Payload:
        return ROLLING if at < 5 else ROLLED_BACK

    scene = Scene(service_at)
    scene.without_records("UnsupportedFeatureException")
    assert scene.run() == ["rolled_back"]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (error("ThrottlingException"), ThrottledError),
        (error("Whatever", 429), ThrottledError),
        (error("ServerException", 500), TransientError),
        (error("Whatever", 503), TransientError),
        (ConnectionClosedError(endpoint_url="x"), TransientError),
        (EndpointConnectionError(endpoint_url="x"), TransientError),
        (NoCredentialsError(), PermanentError),
        (error("InvalidParameterException"), PermanentError),
        (error("ExpiredToken", 403), PermanentError),
    ],
)
def test_sort_error(given: Exception, kind: type[Exception]) -> None:
    assert type(sort_error("DescribeServices", given)) is kind


@pytest.mark.parametrize(
    ("code", "expired", "unknown", "denied"),
    [
        ("ExpiredTokenException", True, False, False),
        ("RequestExpired", True, False, False),
        ("InvalidClientTokenId", False, True, False),
        ("IncompleteSignature", False, True, False),
        ("AccessDeniedException", False, False, True),
        ("AuthorizationError", False, False, True),
        ("ClusterNotFoundException", False, False, False),
    ],
)
def test_kinds_of_refused_calls(code: str, expired: bool, unknown: bool, denied: bool) -> None:
    found = sort_error("DescribeServices", error(code))
    assert (found.expired, found.unknown_key, found.denied) == (expired, unknown, denied)


def rolled_back(failing: t.Callable[[float, str], Payload | None], **rules: t.Any) -> dict[str, t.Any]:
    """Return the result for a service whose tasks exit with 1, and whose rollback takes a while."""
    record = RECORDS["in_progress"]
    arn = record["serviceDeploymentArn"]

    def service_at(at: float, name: str) -> Payload | None:
        if not scene.aws.stopped:
            return failing(at, name)
        scene.aws.records[arn] = RECORDS["rollback_successful" if at > 100 else "rollback_in_progress"]
        return ROLLED_BACK if at > 100 else ROLLING_BACK

    scene = Scene(service_at, **rules)
    scene.aws.tasks = [failed_task("exit_1")]
    scene.aws.records = {arn: record}
    assert scene.run() == ["rolled_back"]
    assert scene.aws.stopped == [(arn, "ROLLBACK")]
    result = result_of(scene.watches[0])
    assert (result["cause"], result["rollback_asked"]) == ("crash_loop", True)
    return result


def test_requests_a_rollback_and_waits_for_it() -> None:
    assert rolled_back(crashing(10), roll_back=True)


def test_requests_a_rollback_after_a_time_out() -> None:
    scene = Scene(lambda _at, _name: ROLLED_BACK if scene.aws.stopped else ROLLING, roll_back=True, timeout=60)
    assert scene.run() == ["rolled_back"]
    assert len(scene.aws.stopped) == 1


def test_notes_a_refused_rollback() -> None:
    scene = Scene(crashing(10), roll_back=True)
    scene.aws.tasks = [failed_task("image_not_found")]
    scene.aws.faults["StopServiceDeployment"] = lambda _at: error("ConflictException", message="already ended")
    assert scene.run() == ["image"]
    assert scene.watches[0].notes == ["refused rollback: StopServiceDeployment: ConflictException: already ended"]
    assert result_of(scene.watches[0])["rollback_asked"] is False


NO_BREAKER = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}
GOES_ON = "ECS goes on starting such tasks: its circuit breaker does not count those that ran. Run rollback.yml."


def guarded(service_at: t.Callable[[float, str], Payload | None], **different: t.Any) -> t.Any:
    """A service with a circuit breaker; I(different) are members of its watched deployment, and C(configuration)."""

    def found(at: float, name: str) -> Payload:
        service = copy.deepcopy(service_at(at, name) or {})
        service["deploymentConfiguration"] = different.get("configuration", BREAKER)
        watched = next(item for item in service["deployments"] if item["id"] == NEW)
        watched.update({key: value for key, value in different.items() if key != "configuration"})
        return service

    return found


def test_a_crash_loop_that_the_circuit_breaker_misses_is_rolled_back_if_it_is_set_to() -> None:
    result = rolled_back(guarded(crashing(10)), as_configured=True)
    old = next(item for item in ROLLING["deployments"] if item["id"] != NEW)["taskDefinition"].rpartition("/")[2]
    assert result["rollback"] == f"This run asked ECS to roll back to {old}, and it did."


@pytest.mark.parametrize(
    ("different", "sentence"),
    [
        ({"configuration": NO_BREAKER}, GOES_ON),
        ({"configuration": {}}, GOES_ON),
        (
            {"rolloutState": "COMPLETED"},
            "ECS was not asked to roll back: for ECS the deployment is COMPLETED, as its tasks ran; run rollback.yml.",
        ),
    ],
    ids=["switched off", "not given", "completed"],
)
def test_a_crash_loop_that_is_not_rolled_back(different: dict[str, t.Any], sentence: str) -> None:
    scene = Scene(guarded(crashing(10), **different), as_configured=True, crash_threshold=3)
    scene.aws.tasks = [failed_task("exit_1")]
    assert scene.run() == ["crash_loop"]
    result = result_of(scene.watches[0])
    assert (scene.aws.stopped, result["rollback_asked"]) == ([], False)
    assert result["rollback"] == sentence


# members of the service and its deployment, summary of a crash loop that nothing rolls back
LEFT = [
    ({}, {}, GOES_ON),
    (
        {},
        {"rolloutState": "FAILED"},
        "ECS has given the deployment up, and is not set to roll it back. Run rollback.yml.",
    ),
    ({"deployments": 1}, {}, GOES_ON.replace("Run rollback.yml.", "No earlier deployment to roll back to.")),
    (
        {"deployments": 1},
        {"rolloutState": "FAILED"},
        "ECS has given the deployment up, and is not set to roll it back. No earlier deployment to roll back to.",
    ),
    *(
        (
            {"deploymentController": {"type": controller}},
            {},
            "ECS goes on starting such tasks: only deployments of its own controller have a circuit breaker. End"
            " this one with the tool that began it.",
        )
        for controller in ("CODE_DEPLOY", "EXTERNAL")
    ),
]


@pytest.mark.parametrize(("service", "deployment", "sentence"), LEFT)
def test_summary_of_a_crash_loop_without_a_rollback(service: Payload, deployment: Payload, sentence: str) -> None:
    found = guarded(crashing(10), configuration=NO_BREAKER, **deployment)(99, "lotto")
    found.update({key: value for key, value in service.items() if key != "deployments"})
    if "deployments" in service:
        found["deployments"] = [item for item in found["deployments"] if item["id"] == NEW]
        found["createdAt"] = found["deployments"][0]["createdAt"]
    watch = Watch("lotto", Memory(NEW))
    watch.service = found
    watch.verdict = Verdict("crash_loop", "crash_loop", NEW)
    assert rollback.summary(watch) == sentence


@pytest.mark.parametrize(("nowhere", "summary"), [("There is no version to roll back to.",) * 2, ("", "")])
def test_summary_of_a_deployment_that_an_alarm_stopped(nowhere: str, summary: str) -> None:
    watch = Watch("lotto", Memory(NEW))
    watch.service = guarded(crashing(10))(99, "lotto")
    watch.verdict = Verdict("stopped", "stopped", NEW, no_version=nowhere)
    assert rollback.summary(watch) == summary


def test_the_first_deployment_of_a_service_is_not_rolled_back() -> None:
    def first(at: float, name: str) -> Payload:
        service: Payload = guarded(crashing(10))(at, name)
        service["deployments"] = [item for item in service["deployments"] if item["id"] == NEW]
        service["createdAt"] = service["deployments"][0]["createdAt"]
        return service

    scene = Scene(first, as_configured=True)
    scene.aws.tasks = [failed_task("exit_1")]
    assert scene.run() == ["crash_loop"]
    assert scene.aws.stopped == []
    sentence = result_of(scene.watches[0])["rollback"]
    assert sentence == (
        "This was its first deployment, so there is no version to roll back to: fix the cause and run again."
    )


def test_a_deployment_that_ecs_could_not_roll_back_as_none_succeeded_is_reported_by_its_cause() -> None:
    """The service is older than this deployment, the second that fails: only ECS's record shows that none succeeded."""
    arn, reason = "arn:service-deployment/2", "No rollback candidate was found to run the rollback."

    def second(at: float, name: str) -> Payload:
        service: Payload = guarded(crashing(10))(at, name)
        service["deployments"] = [{**service["deployments"][0], "rolloutState": "FAILED"}]
        return service

    scene = Scene(second, deployment_id=NEW, as_configured=True)
    record = {"serviceDeploymentArn": arn, "targetServiceRevisionArn": f"x/{NEW.rpartition('/')[2]}"}
    scene.aws.history = [record]
    scene.aws.records = {arn: {**record, "status": "ROLLBACK_FAILED", "statusReason": reason}}
    scene.aws.tasks = [failed_task("exit_1")]
    assert scene.run() == ["crash_loop"]
    assert scene.aws.stopped == []
    assert result_of(scene.watches[0])["rollback"].startswith("No deployment of it has succeeded yet, so there is no")


def test_a_time_out_alone_is_not_rolled_back_as_configured() -> None:
    scene = Scene(guarded(lambda _at, _name: ROLLING), as_configured=True, timeout=60)
    assert scene.run() == ["timed_out"]
    assert (scene.aws.stopped, result_of(scene.watches[0])["rollback"]) == ([], "")


def test_a_rollback_with_an_old_botocore_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Aws, "stop_service_deployment")
    scene = Scene(guarded(crashing(10)), as_configured=True)
    scene.aws.tasks = [failed_task("exit_1")]
    assert scene.run() == ["crash_loop"]
    sentence = result_of(scene.watches[0])["rollback"]
    assert sentence.startswith("ECS was not asked to roll back: StopServiceDeployment: the installed botocore")


def test_a_rollback_that_never_ends_times_out() -> None:
    scene = Scene(lambda _at, _name: ROLLING, roll_back=True, timeout=60)
    scene.aws.records = {RECORDS["in_progress"]["serviceDeploymentArn"]: RECORDS["in_progress"]}
    assert scene.run() == ["timed_out"]
    assert scene.watches[0].seconds == pytest.approx(120, abs=0.2)


@pytest.mark.parametrize("outcome", ["gone", "superseded", "steady"])
def test_requests_no_rollback_for_other_outcomes(outcome: str) -> None:
    services: dict[str, Payload | None] = {"gone": None, "steady": STEADY, "superseded": {**STEADY, "events": []}}
    scene = Scene(lambda _at, _name: services[outcome], roll_back=True)
    if outcome == "superseded":
        scene.watches[0].memory.deployment_id, scene.watches[0].memory.phase = "ecs-svc/1", "starting"
    assert scene.run() == [outcome]
    assert scene.aws.stopped == []


def delays(history: t.Sequence[float], durations: t.Sequence[float]) -> tuple[list[float], list[float]]:
    """Return how late the end of each rollout was noticed, and the calls in 5 seconds of waiting."""
    late, rate = [], []
    for seed, seconds in enumerate(durations):
        scene = Scene(steady_after(seconds), seed=seed)
        scene.aws.history = [lasted(value) for value in history]
        assert scene.run() == ["steady"]
        late.append(scene.watches[0].seconds - seconds)
        rate.append(scene.api.total / scene.watches[0].seconds * 5)
    return late, rate


SERVICES_STABLE = botocore.session.get_session().get_waiter_model("ecs").get_waiter("ServicesStable")


def delay_of_the_aws_cli(seconds: float, monkeypatch: pytest.MonkeyPatch) -> float:
    """Return how late `aws ecs wait services-stable` notices the same end: the CLI's waiters are botocore's."""
    clock, tells = Clock(), steady_after(seconds)
    monkeypatch.setattr(botocore.waiter, "time", types.SimpleNamespace(sleep=clock.sleep))
    waiter = botocore.waiter.Waiter(
        "ServicesStable", SERVICES_STABLE, lambda **_asked: {"services": [tells(clock.now() - 1000, "lotto")]}
    )
    waiter.wait()
    return clock.now() - 1000 - seconds


def test_notices_the_end_within_a_second_with_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Median at most 1 s, 95th percentile 3 s, at most 1.5 calls in 5 s of waiting; compared with the AWS CLI."""
    chance = random.Random(5)  # noqa: S311
    durations = [chance.gauss(75, 3) for _ in range(100)]
    late, rate = delays([72, 75, 74, 78, 76], durations)
    assert statistics.median(late) <= 1
    assert sorted(late)[94] <= 3
    assert statistics.mean(rate) <= 1.5
    theirs = [delay_of_the_aws_cli(seconds, monkeypatch) for seconds in durations]
    for who, seen in (("ours", late), ("AWS CLI", theirs)):
        print(f"{who}: median {statistics.median(seen):.2f} s, 95th {sorted(seen)[94]:.2f} s")
    assert statistics.median(theirs) > 5 * statistics.median(late)


def test_notices_the_end_within_seconds_without_history() -> None:
    chance = random.Random(5)  # noqa: S311
    late, rate = delays([], [chance.uniform(30, 120) for _ in range(30)])
    assert sorted(late)[28] <= 6
    assert statistics.mean(rate) <= 1.7


def test_a_failure_is_noticed_soon_though_the_end_is_far() -> None:
    scene = Scene(crashing(10))
    scene.aws.history = [lasted(300)]
    scene.aws.tasks = [failed_task("image_not_found")]
    scene.run()
    assert scene.watches[0].seconds - 10 <= 8.5


PACES = [
    # waited, spent, likely_done, until_expected, expected seconds (chance 0.5: no jitter)
    (0, 1, False, None, 1),
    (8, 4, False, None, 2),
    (100, 0, False, None, 5),
    (600, 0, False, None, 12),
    (3600, 0, False, None, 15),
    (30, 0, True, None, 1),
    (300, 0, True, None, 3),
    (30, 5, False, 20.0, 8),
    (0, 1, False, 20.0, 2),
    (6, 3, False, 20.0, 5),
    (30, 5, False, 2.5, 2.5),
    (30, 5, False, -1.0, 1),
    (10, 20, False, None, 1 / 0.18),
    (50, 19, True, None, (20 - 6) / 0.27 - 50),
    (50, 30, True, None, 1 / 0.27),
]


@pytest.mark.parametrize(("waited", "spent", "likely_done", "until_expected", "expected"), PACES)
def test_pace(waited: float, spent: float, likely_done: bool, until_expected: float | None, expected: float) -> None:
    state: Payload = {"likely_done": likely_done, "until_expected": until_expected, "trouble": False}
    found = Pace().delay(waited, spent, **state, chance=0.5)
    assert found == pytest.approx(expected)


def test_pace_spends_more_once_a_task_has_failed() -> None:
    def delay(*, trouble: bool) -> float:
        return Pace().delay(8, 9, likely_done=True, until_expected=60, trouble=trouble, chance=0.5)

    assert (delay(trouble=False), delay(trouble=True)) == (pytest.approx(1 / 0.27), 1)


@pytest.mark.parametrize(("history", "first"), [([], 30), ([75], None), ([600], 120)])
def test_describes_the_tasks_even_without_a_sign_of_failure(history: list[float], first: float | None) -> None:
    seconds = history[0] if history else 75.0
    scene = Scene(steady_after(seconds))
    scene.aws.history = [lasted(value) for value in history]
    assert scene.run() == ["steady"]
    looks = [at for action, at in scene.aws.log if action == "ListTasks"]
    assert looks[:1] == ([] if first is None else [pytest.approx(first, abs=9)])


def test_pace_has_jitter_and_keeps_its_bounds() -> None:
    pace = Pace(2, 4)
    assert pace.delay(0, 0, likely_done=True, until_expected=None, trouble=False, chance=0) == 2
    assert pace.delay(900, 0, likely_done=False, until_expected=None, trouble=False, chance=0) == pytest.approx(3.8)
    assert pace.delay(900, 0, likely_done=False, until_expected=None, trouble=False, chance=1) == pytest.approx(4.2)


EXPECTATIONS = [
    ([], None),
    ([lasted(70, "STOPPED")], None),
    ([lasted(70)], (70, 0)),
    ([lasted(70), lasted(80), lasted(72)], (72, 2)),
    ([lasted(70)] * 5 + [lasted(900)], (70, 0)),
]


@pytest.mark.parametrize(("records", "expected"), EXPECTATIONS)
def test_expectation(records: list[Payload], expected: tuple[float, float] | None) -> None:
    assert expectation(records) == expected


def test_diagnosis_of_a_crash() -> None:
    scene = Scene(crashing(10))
    names = ("exit_1", "scale_in", "other_deployment")
    scene.aws.tasks = [TASKS[name] for name in names] + [failed_task("exit_1", 0xEE)]
    scene.aws.logs = ["one", "two", "three\n"]
    scene.run()
    scene.aws.tasks[-1]["stoppedAt"] -= 10
    found = diagnosis(scene.api, scene.watches[0], 2)
    assert [(group["reason"], group["count"], group["exit_codes"]) for group in found["stopped_tasks"]] == [
        ("Essential container in task exited", 2, [1])
    ]
    assert found["log_lines"] == ["two", "three"]
    assert [event["message"][:31] for event in found["events"]] == ["(service lotto) has started 2 t"]


def test_diagnosis_of_a_missing_service_makes_no_calls() -> None:
    scene = Scene(lambda _at, _name: None)
    scene.run()
    calls = scene.api.total
    assert diagnosis(scene.api, scene.watches[0], 20) == {}
    assert scene.api.total == calls


def test_diagnosis_notes_failed_calls() -> None:
    scene = Scene(crashing(10))
    scene.aws.tasks = [TASKS["exit_1"]]
    scene.run()
    scene.aws.faults["GetLogEvents"] = lambda _at: error("AccessDeniedException", message="no logs for you")
    found = diagnosis(scene.api, scene.watches[0], 20)
    assert found["log_lines"] == []
    assert found["notes"] == ["GetLogEvents: AccessDeniedException: no logs for you"]
    assert found["stopped_tasks"]


HTTP = {
    "HealthCheckProtocol": "HTTP",
    "HealthCheckPort": "traffic-port",
    "HealthCheckPath": "/healthz",
    "Matcher": {"HttpCode": "200"},
}
UNHEALTHY = "(service lotto) (port 8080) is unhealthy in (target-group x) due to (reason {})."
GOT_404 = UNHEALTHY.format("Health checks failed with these codes: [404]")
TIMED_OUT = UNHEALTHY.format("Request timed out")
# the target group, the states of its targets, an event, the health check in the message
CHECKS: list[tuple[Payload, list[str], str, str]] = [
    (HTTP, [], GOT_404, "GET /healthz on port 8080, expected 200, got 404."),
    (HTTP, [], TIMED_OUT, "GET /healthz on port 8080, expected 200, got no answer in time."),
    (HTTP, [], "", "GET /healthz on port 8080, expected 200."),
    (HTTP, ["unhealthy"], "", "GET /healthz on port 8080, expected 200, got 500."),
    ({**HTTP, "HealthCheckPort": "9000"}, [], GOT_404, "GET /healthz on port 9000, expected 200, got 404."),
    ({**HTTP, "Matcher": {"HttpCode": "200-299"}, "HealthCheckProtocol": "HTTPS"}, [], GOT_404,
        "GET /healthz on port 8080 by HTTPS, expected 200-299, got 404."),
    ({**HTTP, "Matcher": {"GrpcCode": "12"}}, [], "", "gRPC /healthz on port 8080, expected 12."),
    ({"HealthCheckProtocol": "TCP", "HealthCheckPort": "traffic-port"}, [], "", "a TCP connection to port 8080."),
]  # fmt: skip


def test_the_port_of_a_health_check_is_that_of_its_own_target_group() -> None:
    balancers = [{"targetGroupArn": "a", "containerPort": 80}, {"targetGroupArn": "b", "containerPort": 9000}]
    balancers[0]["advancedConfiguration"] = {"alternateTargetGroupArn": "a-alt"}
    groups = [{**HTTP, "TargetGroupArn": arn} for arn in ("b", "a-alt")]
    found = health_request.clause(groups, {"loadBalancers": balancers}, {}, ["dial tcp 10.0.0.1:443: i/o timed out"])
    assert found == "GET /healthz on port 9000, expected 200; GET /healthz on port 80, expected 200"


def failing_its_health_check(task: str) -> Scene:
    balancers = load("service_steady")["loadBalancers"] if task == "elb_health" else []
    scene = Scene(lambda at, name: {**guarded(crashing(10))(at, name), "loadBalancers": balancers})
    scene.aws.tasks = [failed_task(task)]
    return scene


@pytest.mark.parametrize(("group", "states", "event", "check"), CHECKS)
def test_diagnosis_of_a_failed_health_check_contains_its_request(
    group: Payload, states: list[str], event: str, check: str
) -> None:
    scene = failing_its_health_check("elb_health")
    scene.aws.check, scene.aws.health = group, states
    assert scene.run() == ["health_check"]
    watch = scene.watches[0]
    watch.service = {**(watch.service or {}), "events": [{"createdAt": T0 + 60, "message": event}] if event else []}
    found = diagnosis(scene.api, watch, 0)
    assert found["message"] == f"{watch.verdict.message} Health check of the load balancer: {check}"


def test_diagnosis_of_a_container_health_check_contains_its_command() -> None:
    scene = failing_its_health_check("container_health")
    scene.aws.containers = {"arn:task/1": lambda _at: "UNHEALTHY"}
    assert scene.run() == ["health_check"]
    found = diagnosis(scene.api, scene.watches[0], 0)
    assert found["message"].endswith(" Health check of container lotto runs CMD true.")


def test_diagnosis_without_permission_to_read_target_groups_notes_it() -> None:
    scene = failing_its_health_check("elb_health")
    scene.run()
    scene.aws.faults["DescribeTargetGroups"] = lambda _at: error("AccessDenied", message="no")
    found = diagnosis(scene.api, scene.watches[0], 0)
    assert "message" not in found
    assert found["notes"] == ["DescribeTargetGroups: AccessDenied: no"]


def test_diagnosis_retries_throttled_calls() -> None:
    scene = Scene(crashing(10))
    scene.aws.tasks = [TASKS["exit_1"]]
    scene.run()
    answers = iter([error("ThrottlingException"), None])
    scene.aws.faults["ListTasks"] = lambda _at: next(answers)
    assert diagnosis(scene.api, scene.watches[0], 0)["stopped_tasks"]
