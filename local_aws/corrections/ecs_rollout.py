# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The steps of a rolling deployment: plain values in, what to do out. No clock, no Docker, no MiniStack.

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
    """A task that is not being stopped: starting, running, or ready (running and passing its health checks)."""

    arn: str
    deployment: str
    phase: Phase


@dataclass(frozen=True)
class Step:
    start: int = 0
    stop: tuple[str, ...] = ()


def bounds(desired: int, configuration: dict[str, Any]) -> tuple[int, int]:
    """Return (fewest healthy, most running) tasks during a deployment; percentages are rounded as by ECS."""
    lower = math.ceil(desired * int(configuration.get("minimumHealthyPercent", 100)) / 100)
    upper = desired * int(configuration.get("maximumPercent", 200)) // 100
    return lower, max(upper, 1 if desired else 0)


def next_step(desired: int, limits: tuple[int, int], primary: str, tasks: Sequence[Task], may_start: bool) -> Step:
    """Return the tasks that the scheduler starts and stops now for a service.

    :param limits: fewest healthy and most running tasks, as returned by ``bounds``.
    :param primary: id of the deployment that should have all tasks in the end.
    :param may_start: false while starts are throttled, or if the deployment has failed.
    """
    lower, upper = limits
    new = [task for task in tasks if task.deployment == primary]
    old = [task for task in tasks if task.deployment != primary]
    if len(new) > desired:
        # Scale-in stops the least ready tasks first, then the newest.
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
    """Return the failed tasks that trip the circuit breaker: half of desired, at least 3 and at most 200."""
    given = breaker.get("thresholdConfiguration") or {}
    value = float(given.get("value", 50))
    kind = given.get("type", "BOUNDED_PERCENT")
    if kind == "COUNT":
        return max(1, int(value))
    share = math.ceil(value * desired / 100)
    return max(1, share) if kind == "UNBOUNDED_PERCENT" else min(200, max(3, share))


PROVISIONING = 20.0
"""Seconds (of AWS) that Fargate takes at least to start a replacement task."""


def is_failed(stop_code: str, has_run: bool, unhealthy: bool) -> bool:
    """Return whether ECS counts a stopped task as failed: it did not start, did not reach RUNNING, or was unhealthy.

    Circuit breaker and throttling use this, so neither counts a task that ran and then exited, as in a crash loop.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html (failedTasks),
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html,
    https://github.com/aws/containers-roadmap/issues/1206
    """
    return unhealthy or stop_code == "TaskFailedToStart" or (stop_code == "EssentialContainerExited" and not has_run)


def restart_delay(failures: int) -> float:
    """Return the seconds (of AWS) before the next start after consecutive failures: doubled up to 15 minutes.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
    """
    return 0.0 if failures < 3 else min(900.0, 10.0 * 2 ** (failures - 3))


def is_steady(desired: int, primary: str, tasks: Sequence[Task]) -> bool:
    """Return whether exactly the desired number of tasks is left, all of the primary deployment, all ready."""
    return len(tasks) == desired and all(task.deployment == primary and task.phase == "ready" for task in tasks)
