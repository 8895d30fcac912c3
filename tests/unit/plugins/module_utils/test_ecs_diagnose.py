# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a stopped task of AWS's shape is said to have died of, and where its log lines are."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._ecs import diagnose
from ansible_collections.magiclub.fargate.plugins.module_utils._ecs.diagnose import Failure

FIXTURES = Path(__file__).parents[2] / "fixtures" / "ecs"
TASKS: dict[str, dict[str, t.Any]] = json.loads((FIXTURES / "stopped_tasks.json").read_text(encoding="utf-8"))
NEW = {"id": "ecs-svc/7246342417563559064"}

KINDS = [
    # stopped task, kind, whether trying again can't help, exit codes
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
    ("no_command", "crash_loop", True, ()),
]


@pytest.mark.parametrize(("name", "kind", "sure", "codes"), KINDS)
def test_failure(name: str, kind: str, sure: bool, codes: tuple[int, ...]) -> None:
    failure = diagnose.failure_of(TASKS[name])
    assert failure is not None
    assert (failure.kind, failure.sure, failure.exit_codes) == (kind, sure, codes)


@pytest.mark.parametrize("name", ["scale_in", "stopped_by_user", "spot"])
def test_no_failure(name: str) -> None:
    assert diagnose.failure_of(TASKS[name]) is None


def test_reason_has_no_text_twice() -> None:
    assert diagnose.reason_of(TASKS["out_of_memory"]) == "OutOfMemoryError: Container killed due to memory usage"


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
]


@pytest.mark.parametrize(("task_definition", "place"), PLACES)
def test_log_place(task_definition: dict[str, t.Any], place: tuple[str, str] | None) -> None:
    assert diagnose.log_place(task_definition, "lotto", TASKS["exit_1"]) == place


def test_the_container_to_read_is_the_one_that_failed_last() -> None:
    sidecar = {"name": "sidecar", "exitCode": 0}
    older = {**TASKS["exit_1"], "stoppedAt": 1.0}
    newer = {**TASKS["exit_1"], "containers": [sidecar, *TASKS["exit_1"]["containers"]]}
    found = diagnose.failed_container([older, newer, TASKS["scale_in"], TASKS["image_not_found"]], NEW)
    assert found == (newer, "lotto")


def test_a_task_that_never_ran_has_no_log() -> None:
    assert diagnose.failed_container([TASKS["image_not_found"], TASKS["scale_in"]], NEW) is None


def test_groups_are_by_reason_and_the_largest_is_first() -> None:
    tasks = [TASKS[name] for name in ("image_timeout", "exit_1", "exit_1", "scale_in", "other_deployment")]
    assert [(group["kind"], group["count"]) for group in diagnose.grouped(tasks, NEW)] == [
        ("crash_loop", 2),
        ("image", 1),
    ]
