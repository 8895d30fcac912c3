# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validate a service's number of tasks and its scaling."""

from __future__ import annotations

import math
import typing as t

from . import validate_schedules
from .names import NAME
from .scaling import RESERVED

Inputs = t.Mapping[str, t.Any]

TARGETS = ("cpu", "memory", "requests", "backlog_per_task")


def scaling_problems(service: Inputs) -> t.Iterator[str]:
    """Yield the problems with C(autoscaling) of a service, one message each."""
    scaling = service.get("autoscaling")
    if not scaling:
        return
    yield from _bounds_problems(scaling)
    yield from _target_problems(scaling)
    yield from _backlog_problems(scaling["backlog_per_task"], service["queue"])
    yield from _metric_problems(scaling["metrics"])
    yield from validate_schedules.problems(scaling)


def _bounds_problems(scaling: Inputs) -> t.Iterator[str]:
    low, high = scaling["min"], scaling["max"]
    if low < 0:
        yield f"autoscaling.min {low} is below 0. Raise it."
    if low > high:
        yield f"autoscaling.min {low} is greater than autoscaling.max {high}. Lower min or raise max."


def _target_problems(scaling: Inputs) -> t.Iterator[str]:
    if not scaling["metrics"] and not scaling["schedules"] and all(scaling.get(key) is None for key in TARGETS):
        yield (
            "autoscaling has no target. Set cpu or memory (per cent), requests (a task and minute), backlog_per_task"
            " (messages of the queue), metrics or schedules."
        )
    for key in ("scale_in_cooldown", "scale_out_cooldown"):
        if (scaling.get(key) or 0) < 0:
            yield f"autoscaling.{key} {scaling[key]} is below 0 seconds. Raise it."
    for key in ("cpu", "memory"):
        if scaling.get(key) is not None and not 0 < scaling[key] <= 100:
            yield f"autoscaling.{key} {scaling[key]} is out of range: over 0 to 100 per cent. Change it."
    if scaling.get("requests") is not None and not 0 < scaling["requests"] < math.inf:
        yield f"autoscaling.requests {scaling['requests']} has to be a number over 0."


def _backlog_problems(backlog: float | None, queue: Inputs | None) -> t.Iterator[str]:
    if backlog is not None and not 0 < backlog < math.inf:
        yield f"autoscaling.backlog_per_task {backlog} has to be a number over 0."
    if backlog is not None and not queue:
        yield (
            f"autoscaling.backlog_per_task {backlog:g} needs a queue, whose messages it counts. Set queue, or scale by"
            " autoscaling.metrics."
        )


def _metric_problems(metrics: t.Sequence[Inputs]) -> t.Iterator[str]:
    for name in (one["name"] for one in metrics):
        if not NAME.fullmatch(name) or name in RESERVED:
            yield (
                f"autoscaling.metrics: the name '{name}' has to be lower-case letters, digits and single inner hyphens,"
                f" and none of {', '.join(RESERVED)}, as it is the end of the policy's name. Change it."
            )
    yield from validate_schedules.duplicate_names("autoscaling.metrics", metrics)
    for one in metrics:
        if not 0 < one["target"] < math.inf:
            yield f"autoscaling.metrics: target {one['target']} of '{one['name']}' has to be a number over 0."


def count_problems(service: Inputs) -> t.Iterator[str]:
    """Yield an error if the number of tasks is out of the bounds of its scaling."""
    scaling, count = service.get("autoscaling"), service["desired_count"]
    if scaling and "desired_count" in service["given"] and not scaling["min"] <= count <= scaling["max"]:
        yield (
            f"desired_count {count} is out of the bounds of autoscaling, {scaling['min']} to {scaling['max']}."
            " Change desired_count, autoscaling.min or autoscaling.max."
        )
