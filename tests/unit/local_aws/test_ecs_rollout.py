# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A rolling deployment's next step, the circuit breaker's threshold and the throttling of starts."""

from __future__ import annotations

import pytest

from local_aws.corrections.ecs_rollout import (
    Phase,
    Step,
    Task,
    bounds,
    breaker_threshold,
    is_failed,
    is_steady,
    next_step,
    restart_delay,
)


def tasks(spec: str) -> list[Task]:
    """Return 'new:ready old:starting' as tasks named by their place."""
    phases: dict[str, Phase] = {"starting": "starting", "running": "running", "ready": "ready"}
    words = [word.split(":") for word in spec.split()]
    return [Task(f"{name}{number}", name, phases[phase]) for number, (name, phase) in enumerate(words)]


@pytest.mark.parametrize(
    ("desired", "configuration", "expected"),
    [
        (2, {}, (2, 4)),
        (1, {}, (1, 2)),
        (0, {}, (0, 0)),
        (3, {"minimumHealthyPercent": 50, "maximumPercent": 150}, (2, 4)),
        (1, {"minimumHealthyPercent": 0, "maximumPercent": 100}, (0, 1)),
        (5, {"minimumHealthyPercent": 90, "maximumPercent": 110}, (5, 5)),
    ],
)
def test_minimum_rounds_up_and_maximum_down(
    desired: int, configuration: dict[str, int], expected: tuple[int, int]
) -> None:
    assert bounds(desired, configuration) == expected


@pytest.mark.parametrize(
    ("case", "desired", "limits", "running", "may_start", "expected"),
    [
        ("starts all of a new service", 2, (2, 4), "", True, Step(2)),
        ("starts none while throttled", 2, (2, 4), "", False, Step()),
        ("is content when all are there", 2, (2, 4), "new:ready new:starting", True, Step()),
        ("starts beside the old", 2, (2, 4), "old:ready old:ready", True, Step(2)),
        ("keeps the old until new are ready", 2, (2, 4), "old:ready old:ready new:running new:starting", True, Step()),
        (
            "stops an old one for each new one that is ready",
            2,
            (2, 4),
            "old:ready old:ready new:ready new:starting",
            True,
            Step(0, ("old0",)),
        ),
        (
            "stops all old ones once all new are ready",
            2,
            (2, 4),
            "old:ready old:ready new:ready new:ready",
            True,
            Step(0, ("old0", "old1")),
        ),
        ("makes room where no more may run", 2, (1, 2), "old:ready old:ready", True, Step(0, ("old0",))),
        ("makes no room while it may not start", 2, (1, 2), "old:ready old:ready", False, Step()),
        ("never goes below the minimum", 2, (2, 2), "old:ready old:ready", True, Step()),
        ("uses the room that there is", 4, (4, 5), "old:ready old:ready old:ready old:ready", True, Step(1)),
        ("stops old ones that never came up", 1, (1, 2), "old:starting new:starting", True, Step(0, ("old0",))),
        ("scales in the least useful", 1, (1, 2), "new:ready new:starting", True, Step(0, ("new1",))),
        ("scales to nothing", 0, (0, 0), "new:ready new:ready", True, Step(0, ("new0", "new1"))),
        ("drains the old at desired 0", 0, (0, 0), "old:ready old:starting", True, Step(0, ("old1", "old0"))),
    ],
)
def test_next_step(
    case: str, desired: int, limits: tuple[int, int], running: str, may_start: bool, expected: Step
) -> None:
    assert next_step(desired, limits, "new", tasks(running), may_start) == expected, case


@pytest.mark.parametrize("desired", [2, 3, 5, 8])
@pytest.mark.parametrize(
    "configuration", [{}, {"minimumHealthyPercent": 50, "maximumPercent": 100}, {"maximumPercent": 150}]
)
def test_a_rollout_ends_and_keeps_within_its_bounds(desired: int, configuration: dict[str, int]) -> None:
    lower, upper = bounds(desired, configuration)
    running = [Task(f"old{n}", "old", "ready") for n in range(desired)]
    for round_number in range(50):
        step = next_step(desired, (lower, upper), "new", running, True)
        running = [task for task in running if task.arn not in step.stop]
        running += [Task(f"new{round_number}-{n}", "new", "starting") for n in range(step.start)]
        assert sum(task.phase == "ready" for task in running) >= min(lower, desired)
        assert len(running) <= upper
        if is_steady(desired, "new", running):
            return
        starting = next((task for task in running if task.phase == "starting"), None)
        if starting:
            running = [Task(t.arn, t.deployment, "ready") if t is starting else t for t in running]
    pytest.fail("the rollout did not end")


@pytest.mark.parametrize(
    ("running", "steady"),
    [
        ("new:ready new:ready", True),
        ("new:ready new:running", False),
        ("new:ready", False),
        ("new:ready new:ready new:ready", False),
        ("new:ready old:ready", False),
    ],
)
def test_steady_is_the_desired_number_of_ready_tasks_of_one_deployment(running: str, steady: bool) -> None:
    assert is_steady(2, "new", tasks(running)) is steady


@pytest.mark.parametrize(
    ("desired", "breaker", "expected"),
    [
        (1, {}, 3),
        (6, {}, 3),
        (7, {}, 4),
        (25, {}, 13),
        (1000, {}, 200),
        (1, {"thresholdConfiguration": {"type": "COUNT", "value": 1}}, 1),
        (10, {"thresholdConfiguration": {"type": "UNBOUNDED_PERCENT", "value": 10}}, 1),
        (10, {"thresholdConfiguration": {"type": "BOUNDED_PERCENT", "value": 100}}, 10),
    ],
)
def test_breaker_threshold_is_half_of_desired_from_3_to_200(
    desired: int, breaker: dict[str, dict[str, object]], expected: int
) -> None:
    assert breaker_threshold(desired, breaker) == expected


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0.0), (2, 0.0), (3, 10.0), (4, 20.0), (9, 640.0), (10, 900.0), (100, 900.0)]
)
def test_starts_are_throttled_up_to_15_minutes(failures: int, seconds: float) -> None:
    assert restart_delay(failures) == seconds


@pytest.mark.parametrize(
    ("stop_code", "has_run", "unhealthy", "expected"),
    [
        ("TaskFailedToStart", False, False, True),
        ("EssentialContainerExited", False, False, True),
        ("EssentialContainerExited", True, False, False),
        ("ServiceSchedulerInitiated", True, True, True),
        ("ServiceSchedulerInitiated", True, False, False),
        ("UserInitiated", True, False, False),
        ("SpotInterruption", True, False, False),
    ],
)
def test_what_ecs_counts_as_a_failed_task(stop_code: str, has_run: bool, unhealthy: bool, expected: bool) -> None:
    assert is_failed(stop_code, has_run, unhealthy) is expected
