# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why tasks stopped, and where their log lines are."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import diagnose
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.diagnose import Failure

from . import observe
from .observe import TASKS

NEW = {"id": observe.NEW}

KINDS = [
    # stopped task, cause, whether it is permanent, exit codes
    ("exit_1", "crash_loop", False, (1,)),
    ("killed_137", "crash_loop", False, (137,)),
    ("out_of_memory", "out_of_memory", False, (137,)),
    ("image_not_found", "image", True, ()),
    ("image_platform", "image", True, ()),
    ("image_timeout", "image", False, ()),
    ("secret_not_found", "secrets", True, ()),
    ("parameter_not_found", "secrets", True, ()),
    ("secret_denied", "secrets", False, ()),
    ("elb_health", "health_check", False, (143,)),
    ("container_health", "health_check", False, (137,)),
    ("capacity", "placement", False, ()),
    ("no_command", "cannot_start", True, ()),
]


@pytest.mark.parametrize(("name", "kind", "sure", "codes"), KINDS)
def test_failure(name: str, kind: str, sure: bool, codes: tuple[int, ...]) -> None:
    failure = diagnose.failure_of(TASKS[name])
    assert failure is not None
    assert (failure.cause, failure.permanent, failure.exit_codes) == (kind, sure, codes)


def test_failures_are_of_this_deployment_and_not_on_purpose() -> None:
    tasks = [TASKS[name] for name in ("exit_1", "scale_in", "other_deployment", "image_not_found")]
    assert [failure.cause for failure in diagnose.failures_of(tasks, NEW)] == ["crash_loop", "image"]


# A text of 'Amazon ECS stopped tasks error messages' for each phrase, without other phrases that would match, too.
TEXTS = [
    ("unable to retrieve secret from asm: context deadline exceeded", "secrets", False),
    ("The task can't retrieve the secret lotto from AWS Secrets Manager", "secrets", False),
    ("AccessDeniedException: not authorized to perform: secretsmanager:GetSecretValue", "secrets", False),
    ("invalid ssm parameters: /lotto/token", "secrets", True),
    ("unable to retrieve secrets from ssm: RequestCanceled", "secrets", False),
    ("AccessDeniedException: not authorized to perform: ssm:GetParameters", "secrets", False),
    ("unable to retrieve secret from asm: ResourceNotFoundException", "secrets", True),
    ("Secrets Manager can't find the specified secret", "secrets", True),
    ("unable to retrieve secrets from ssm: ParameterNotFound", "secrets", True),
    ("retrieved secret from Secrets Manager did not contain json key password", "secrets", True),
    ("CannotPullContainerError: context canceled", "image", False),
    ("unable to retrieve ecr registry auth: i/o timeout", "image", False),
    ("exec /srv/start: exec format error", "image", True),
    ("CannotPullContainerError: manifest unknown", "image", True),
    ("CannotPullContainerError: no such manifest", "image", True),
    ("CannotPullContainerError: lotto:1f3a9c: not found", "image", True),
    ("CannotPullContainerError: pull access denied, repository does not exist", "image", True),
    (
        "CannotPullContainerError: pull access denied, repository does not exist or may require authorization",
        "image",
        False,
    ),
    ("CannotPullContainerError: no descriptor matching platform 'linux/amd64'", "image", True),
    ("CannotPullContainerError: no matching manifest for linux/arm64", "image", True),
    ("CannotPullContainerError: no match for platform in manifest", "image", True),
    ("CannotPullContainerError: invalid reference format", "image", True),
    ("unable to place a task because no container instance met all of its requirements", "placement", False),
    ("Capacity is unavailable at this time", "placement", False),
    ("RESOURCE:ENI", "placement", False),
    (
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to"
        " create Cloudwatch log stream: AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/r/t is not"
        " authorized to perform: logs:CreateLogStream on resource: arn:aws:logs:ap-northeast-2:111122223333:g:x",
        "cannot_start",
        False,
    ),
    ("You've reached the limit on the number of tasks you can run concurrently", "placement", False),
    ("The specified subnet does not have enough free addresses to satisfy the request", "placement", False),
    ("Unexpected EC2 error while attempting to create a network interface", "placement", False),
    ("Timeout waiting for network interface provisioning to complete", "placement", False),
    ("OutOfMemoryError: Container killed due to memory usage", "out_of_memory", False),
    ("Task failed container health checks", "health_check", False),
    ('exec: "lotto": executable file not found in $PATH', "cannot_start", True),
    ("exec /srv/start: no such file or directory", "cannot_start", True),
    ("failed to create stream: The specified log group does not exist", "cannot_start", True),
    ("Essential container in task exited", "crash_loop", False),
]


@pytest.mark.parametrize(("reason", "kind", "sure"), TEXTS)
@pytest.mark.parametrize("respell", [str, str.upper, str.lower])
def test_failure_by_reason(reason: str, kind: str, sure: bool, respell: t.Callable[[str], str]) -> None:
    failure = diagnose.failure_of({"stopCode": "TaskFailedToStart", "stoppedReason": respell(reason)})
    assert failure == Failure(kind, respell(reason), sure)


@pytest.mark.parametrize(
    "code",
    ["UserInitiated", "SpotInterruption", "TerminationNotice", "InfrastructureHealth", "ServiceSchedulerInitiated"],
)
def test_a_task_stopped_on_purpose_is_not_a_failure(code: str) -> None:
    assert diagnose.failure_of({"stopCode": code, "stoppedReason": "CannotPullContainerError"}) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (None, "crash_loop"),
        ("", "crash_loop"),
        ("EssentialContainerExited", "crash_loop"),
        ("TaskFailedToStart", "cannot_start"),
    ],
)
def test_a_task_stopped_for_another_reason_is_a_failure(code: str | None, kind: str) -> None:
    assert diagnose.failure_of({"stopCode": code, "stoppedReason": None}) == Failure(kind, "")


@pytest.mark.parametrize("name", ["scale_in", "stopped_by_user", "spot"])
def test_no_failure(name: str) -> None:
    assert diagnose.failure_of(TASKS[name]) is None


def test_a_reason_has_no_duplicates() -> None:
    assert diagnose.reason_of(TASKS["out_of_memory"]) == "OutOfMemoryError: Container killed due to memory usage"


REASONS = [
    ({"stoppedReason": "One.", "containers": [{"reason": " Two. "}, {}, {"reason": None}]}, "One. Two"),
    ({"containers": [{"reason": "Two"}, {"reason": "Two."}]}, "Two"),
    ({"stoppedReason": None, "containers": None}, ""),
]


@pytest.mark.parametrize(("task", "expected"), REASONS)
def test_reason(task: dict[str, t.Any], expected: str) -> None:
    assert diagnose.reason_of(task) == expected


def test_exit_codes_are_unique_and_not_zero() -> None:
    containers = [{"exitCode": 137}, {"exitCode": 0}, {"exitCode": 1}, {"exitCode": 137}, {"exitCode": None}, {}]
    assert diagnose.exit_codes_of({"containers": containers}) == (1, 137)
    assert diagnose.exit_codes_of({}) == ()


def events(*messages: str) -> list[dict[str, t.Any]]:
    return [{"message": message} for message in messages]


NO_PLACE = "(service lotto) was unable to place a task because no container instance met all of its requirements."
TROUBLES = [
    (NO_PLACE, True),
    ("(service lotto) (port 8080) is unhealthy in (target-group lotto) due to (reason Request timed out)", True),
    ("(service lotto) (deployment ecs-svc/1) deployment failed: tasks failed to start.", True),
    ("(service lotto) operations are being throttled: internal error.", True),
    ("(service lotto) (instance i-1) is missing the attribute required.", True),
    ("(service lotto) has started 1 tasks: (task 1).", False),
    ("(service lotto) has reached a steady state.", False),
]


@pytest.mark.parametrize(("message", "expected"), TROUBLES)
def test_failure_messages(message: str, expected: bool) -> None:
    assert diagnose.failure_messages([{}, *events(message)]) == ([message] if expected else [])


def test_unplaced() -> None:
    failed = "(service lotto) is unable to consistently start tasks successfully."
    assert diagnose.unplaced([{}, *events(NO_PLACE, failed)]) == [NO_PLACE]


def test_tasks_started() -> None:
    listed = events(
        "(service lotto) has started 2 tasks: (task 1) (task 2).",
        "(service lotto) has stopped 1 running tasks: (task 3).",
        "(service lotto) has started 1 tasks: (task 4).",
    )
    assert diagnose.started([{}, *listed]) == 3


def test_reasons_of_unhealthy_targets_are_unique() -> None:
    sick = {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}
    groups = {
        "a": [{"TargetHealth": sick}, {"TargetHealth": {"State": "healthy", "Reason": "x"}}, {}],
        "b": [{"TargetHealth": sick}, {"TargetHealth": {"State": "unhealthy", "Reason": "Target.FailedHealthChecks"}}],
    }
    assert diagnose.unhealthy(groups) == ["Target.Timeout: Request timed out", "Target.FailedHealthChecks"]


@pytest.mark.parametrize(
    ("state", "reason", "reported"),
    [
        ("unused", "Target.NotInUse", True),
        ("unavailable", "Target.HealthCheckDisabled", True),
        ("unhealthy.draining", "Target.FailedHealthChecks", True),
        ("unused", "Target.NotRegistered", False),
        ("initial", "Elb.RegistrationInProgress", False),
        ("draining", "Target.DeregistrationInProgress", False),
    ],
)
def test_targets_without_traffic_are_reported(state: str, reason: str, reported: bool) -> None:
    health = {"TargetHealth": {"State": state, "Reason": reason}}
    assert diagnose.unhealthy({"a": [health]}) == ([reason] if reported else [])


MOMENT = datetime.datetime(2025, 11, 22, 4, 0, tzinfo=datetime.UTC)


@pytest.mark.parametrize(("moment", "expected"), [(MOMENT, 1763784000.0), (1763784000, 1763784000.0), (None, 0.0)])
def test_seconds(moment: t.Any, expected: float) -> None:
    assert diagnose.seconds(moment) == expected


@pytest.mark.parametrize(
    ("began", "expected"), [(None, ["a", "b", "c"]), (1.0, ["a", "b", "c"]), (2.0, ["b", "c"]), (4.0, [])]
)
def test_events_since(began: float | None, expected: list[str]) -> None:
    listed = [{"message": name, "createdAt": at} for name, at in (("c", 3.0), ("a", 1.0), ("b", 2.0))]
    assert [item["message"] for item in diagnose.events_since(listed, began)] == expected


def test_events_have_their_time() -> None:
    assert diagnose.events_since([{"message": "a", "createdAt": MOMENT}, {}], None) == [
        {"at": "", "message": ""},
        {"at": "2025-11-22 04:00:00+00:00", "message": "a"},
    ]


def test_target_health() -> None:
    group = "arn:aws:elasticloadbalancing:ap-northeast-2:111122223333:targetgroup/{}/6d0ecf831eec9f09"
    sick = {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}
    targets: dict[str, list[dict[str, t.Any]]] = {
        group.format("b"): [{}],
        group.format("a"): [{"Target": {"Id": "172.25.10.7", "Port": 8080}, "TargetHealth": sick}],
    }
    assert diagnose.target_health(targets) == [
        {
            "target_group": "a",
            "target": "172.25.10.7",
            "port": 8080,
            "state": "unhealthy",
            "reason": "Target.Timeout",
            "description": "Request timed out",
        },
        {"target_group": "b", "target": "", "port": None, "state": "", "reason": "", "description": ""},
    ]


CRASH, IMAGE, SECRET = (Failure("crash_loop", "exit"), Failure("image", "slow"), Failure("secrets", "gone", True))
MAIN = [
    ([], None),
    ([CRASH], CRASH),
    ([CRASH, CRASH, SECRET], SECRET),
    ([CRASH, CRASH, IMAGE], CRASH),
    ([CRASH, IMAGE], IMAGE),
]


@pytest.mark.parametrize(("failures", "expected"), MAIN)
def test_main_failure(failures: list[Failure], expected: Failure | None) -> None:
    assert diagnose.main_failure(failures) == expected


def definition(name: str = "lotto", driver: str = "awslogs", **options: str) -> dict[str, t.Any]:
    """A task definition with one container."""
    return {"containerDefinitions": [{"name": name, "logConfiguration": {"logDriver": driver, "options": options}}]}


GROUP, PREFIX = {"awslogs-group": "/ecs/lotto"}, {"awslogs-stream-prefix": "app"}
PLACES = [
    (definition(**GROUP, **PREFIX), ("/ecs/lotto", "app/lotto/10000000000000000000000000000001")),
    (definition(**GROUP), None),
    (definition(**PREFIX), None),
    (definition(driver="splunk", **GROUP, **PREFIX), None),
    (definition(name="sidecar", **GROUP, **PREFIX), None),
    ({"containerDefinitions": [{"name": "lotto"}]}, None),
    ({"containerDefinitions": [{"name": "lotto", "logConfiguration": {"logDriver": "awslogs"}}]}, None),
    ({}, None),
    (
        {
            "containerDefinitions": [
                *definition(name="sidecar", **GROUP, **PREFIX)["containerDefinitions"],
                *definition(**GROUP, **PREFIX)["containerDefinitions"],
            ]
        },
        ("/ecs/lotto", "app/lotto/10000000000000000000000000000001"),
    ),
]


@pytest.mark.parametrize(("task_definition", "place"), PLACES)
def test_log_place(task_definition: dict[str, t.Any], place: tuple[str, str] | None) -> None:
    assert diagnose.log_place(task_definition, "lotto", TASKS["exit_1"]) == place


def test_the_container_to_read_is_the_one_that_failed_last() -> None:
    sidecar = {"name": "sidecar", "exitCode": 0}
    older = {**TASKS["exit_1"], "stoppedAt": 1.0}
    newer = {**TASKS["exit_1"], "containers": [sidecar, *TASKS["exit_1"]["containers"]]}
    assert diagnose.failed_task([older, newer, TASKS["scale_in"], TASKS["image_not_found"]], NEW) == newer
    assert diagnose.container_to_read(newer, {}) == "lotto"


def test_a_task_that_never_ran_has_no_log() -> None:
    assert diagnose.failed_task([TASKS["image_not_found"], TASKS["scale_in"]], NEW) is None


def died(name: str, **fields: t.Any) -> dict[str, t.Any]:
    """Return a failed task of ours without reason and stop code."""
    return {"startedBy": NEW["id"], "stopCode": "EssentialContainerExited", "taskArn": f"arn:x/{name}", **fields}


LOGGED = [
    # tasks, the task to read and its container
    ([died("a", startedAt=1.0, containers=[{"name": "x"}, {"name": "y"}])], ("a", "x")),
    ([died("a", containers=[{"name": "x"}, {"name": "y", "exitCode": 0}])], ("a", "y")),
    ([died("a", containers=[{"name": "x"}, {"name": "y", "exitCode": 2}])], ("a", "y")),
    ([died("a", containers=[{"name": "x"}])], None),
    ([died("a")], None),
    ([died("a", startedAt=1.0, containers=[{}])], ("a", "")),
    (
        [
            died("a", stoppedAt=1.0, containers=[{"name": "x", "exitCode": 1}]),
            died("b", stoppingAt=3.0, containers=[{"name": "x", "exitCode": 1}]),
            died("c", stoppedAt=2.0, stoppingAt=9.0, containers=[{"name": "x", "exitCode": 1}]),
        ],
        ("b", "x"),
    ),
    (
        [
            died("a", stoppedAt=1.0, containers=[{"name": "x", "exitCode": 1}]),
            died("b", stoppedAt=2.0, startedAt=1.0, containers=[]),
        ],
        ("a", "x"),
    ),
]


@pytest.mark.parametrize(("tasks", "expected"), LOGGED)
def test_the_container_to_read(tasks: list[dict[str, t.Any]], expected: tuple[str, str] | None) -> None:
    found = diagnose.failed_task(tasks, NEW)
    read = found and (found["taskArn"].rsplit("/", 1)[-1], diagnose.container_to_read(found, {}))
    assert read == expected


GUILTY = [
    # exit codes of the application, a log router and a non-essential container; the container to read
    (1, 137, None, "app"),
    (1, 143, None, "app"),
    (0, 137, None, "app"),
    (0, 143, None, "app"),
    (137, 143, None, "app"),
    (143, 1, None, "log"),
    (137, 0, None, "log"),
    (143, 137, 1, "log"),
    (0, 143, 1, "app"),
    (None, None, 1, "log"),
]


@pytest.mark.parametrize(("app", "log", "beside", "name"), GUILTY)
def test_the_log_to_read_is_of_the_container_that_ended_the_task(
    app: int | None, log: int | None, beside: int | None, name: str
) -> None:
    task = {"containers": [{"name": n, "exitCode": c} for n, c in (("beside", beside), ("log", log), ("app", app))]}
    essential = [{"name": "app"}, {"name": "log", "essential": True}, {"name": "beside", "essential": False}]
    assert diagnose.container_to_read(task, {"containerDefinitions": essential}) == name


UNCODED = [
    "Your Spot Task was interrupted.",
    "ECS is performing maintenance on the underlying infrastructure hosting the task.",
    "Task stopped by user",
    "Host EC2 (instance i-1) terminated.",
    "Container instance deregistration forced by user",
    "Scaling activity initiated by (deployment ecs-svc/1)",
]


@pytest.mark.parametrize("reason", UNCODED)
@pytest.mark.parametrize("code", [None, ""])
def test_a_stopped_task_without_a_stop_code_is_not_a_failure(code: str | None, reason: str) -> None:
    assert diagnose.failure_of({"stopCode": code, "stoppedReason": reason}) is None


def test_a_group_lists_its_tasks() -> None:
    tasks = [died(name, stoppedReason="Gone.", containers=[{"exitCode": 3}]) for name in ("a", "b")]
    other = died("c", stoppedReason="Gone.", containers=[{"exitCode": 4}])
    group = {"reason": "Gone", "kind": "crash_loop", "stop_code": "EssentialContainerExited"}
    assert diagnose.grouped([*tasks, other, {"startedBy": NEW["id"]}], NEW) == [
        {**group, "exit_codes": [3], "count": 2, "tasks": ["a", "b"]},
        {**group, "exit_codes": [4], "count": 1, "tasks": ["c"]},
        {**group, "reason": "", "stop_code": "", "exit_codes": [], "count": 1, "tasks": [""]},
    ]


def test_groups_are_by_reason_and_the_largest_is_first() -> None:
    tasks = [TASKS[name] for name in ("image_timeout", "exit_1", "exit_1", "scale_in", "other_deployment")]
    assert [(group["kind"], group["count"]) for group in diagnose.grouped(tasks, NEW)] == [
        ("crash_loop", 2),
        ("image", 1),
    ]


def test_only_essential_containers_with_a_health_check_count():
    check = {"command": ["CMD", "true"]}
    definition = {
        "containerDefinitions": [
            {"name": "app", "healthCheck": check},
            {"name": "proxy", "healthCheck": check, "essential": True},
            {"name": "log", "healthCheck": check, "essential": False},
            {"name": "plain", "essential": True},
        ]
    }
    assert diagnose.checked_containers(definition) == {"app": ["CMD", "true"], "proxy": ["CMD", "true"]}
    assert diagnose.checked_containers({}) == {}


def test_health_by_task_and_container():
    arn = "arn:aws:ecs:ap-northeast-2:123456789012:task/magiclub-an2p-ecs/0123456789abcdef"
    containers = [
        {"name": "app", "healthStatus": "HEALTHY"},
        {"name": "proxy"},
        {"name": "log", "healthStatus": "UNKNOWN"},
    ]
    tasks = [{"taskArn": arn, "containers": containers}, {"taskArn": None, "containers": None}]
    assert diagnose.container_health(tasks, ["app", "proxy"]) == {
        "0123456789abcdef/app": "HEALTHY",
        "0123456789abcdef/proxy": "UNKNOWN",
    }
