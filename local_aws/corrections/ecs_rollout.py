# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How a rolling deployment goes on: plain values in, what to do out. No clock, no Docker, no MiniStack.

The rules are those of
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Phase = Literal["starting", "running", "ready"]


@dataclass(frozen=True)
class Task:
    """A task that was not told to stop: starting, running, or ready (running and passing its health checks)."""

    arn: str
    deployment: str
    phase: Phase


@dataclass(frozen=True)
class Step:
    start: int = 0
    stop: tuple[str, ...] = ()


def bounds(desired: int, configuration: dict[str, Any]) -> tuple[int, int]:
    """(fewest healthy, most running) tasks during a deployment; percentages round up and down as ECS does."""
    lower = math.ceil(desired * int(configuration.get("minimumHealthyPercent", 100)) / 100)
    upper = desired * int(configuration.get("maximumPercent", 200)) // 100
    return lower, max(upper, 1 if desired else 0)


def next_step(desired: int, limits: tuple[int, int], primary: str, tasks: Sequence[Task], may_start: bool) -> Step:
    """What the scheduler does now for a service.

    :param limits: fewest healthy and most running tasks, as ``bounds`` gives them.
    :param primary: id of the deployment that is to have all the tasks.
    :param may_start: false while starts are throttled, or when the deployment has failed.
    """
    lower, upper = limits
    new = [task for task in tasks if task.deployment == primary]
    old = [task for task in tasks if task.deployment != primary]
    if len(new) > desired:
        # Scale-in takes those that serve least first, then the newest.
        order = sorted(new, key=lambda task: task.phase == "ready")
        return Step(stop=tuple(task.arn for task in order[: len(new) - desired]))
    missing = desired - len(new)
    room = max(0, upper - len(tasks))
    start = min(missing, room) if may_start else 0
    ready_old = [task for task in old if task.phase == "ready"]
    idle_old = [task for task in old if task.phase != "ready"]
    ready = len(ready_old) + sum(task.phase == "ready" for task in new)
    spare = max(0, ready - lower)
    replaced = max(0, ready - desired)
    wanted = max(0, missing - room) if may_start else 0
    count = min(spare, max(replaced, min(wanted, len(ready_old))))
    if not may_start and missing:
        count = min(spare, replaced)
    return Step(start, tuple(task.arn for task in [*idle_old, *ready_old[:count]]))


def breaker_threshold(desired: int, breaker: dict[str, Any]) -> int:
    """Failed tasks at which the circuit breaker trips: half of desired, at least 3 and at most 200."""
    given = breaker.get("thresholdConfiguration") or {}
    value = float(given.get("value", 50))
    kind = given.get("type", "BOUNDED_PERCENT")
    if kind == "COUNT":
        return max(1, int(value))
    share = math.ceil(value * desired / 100)
    return max(1, share) if kind == "UNBOUNDED_PERCENT" else min(200, max(3, share))


PROVISIONING = 20.0
"""Seconds (of AWS) that Fargate takes at least to start the task that takes the place of one that ended."""


def is_failed(stop_code: str, has_run: bool, unhealthy: bool) -> bool:
    """Whether ECS counts a stopped task as failed: it did not start, did not reach RUNNING, or failed a health check.

    The circuit breaker and the throttling go by that, so a task that ran and then ended by itself, as in a crash loop,
    counts for neither.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html (failedTasks),
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html,
    https://github.com/aws/containers-roadmap/issues/1206
    """
    return unhealthy or stop_code == "TaskFailedToStart" or (stop_code == "EssentialContainerExited" and not has_run)


def restart_delay(failures: int) -> float:
    """Seconds (of AWS) before the next start after so many failures in a row: doubles up to 15 minutes.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
    """
    return 0.0 if failures < 3 else min(900.0, 10.0 * 2 ** (failures - 3))


def is_steady(desired: int, primary: str, tasks: Sequence[Task]) -> bool:
    """Exactly the desired number of tasks, all of the primary deployment, all ready."""
    return len(tasks) == desired and all(task.deployment == primary and task.phase == "ready" for task in tasks)
