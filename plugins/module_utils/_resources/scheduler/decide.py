# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Schedules of EventBridge Scheduler in a canonical form, and their differences."""

from __future__ import annotations

import typing as t

from ..._plan.compare import differences, with_removals
from ..._plan.model import Field
from ..ecs.form import to_snake

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

RETRIES, RETRIED_FOR = 185, 86400
"""AWS's default attempts and seconds for a target without a retry policy (API_RetryPolicy)."""

# values that AWS returns for fields of a target that were not given
_DEFAULTS: t.Mapping[str, t.Any] = {
    "task_count": 1,
    "assign_public_ip": "DISABLED",
    "base": 0,
}


def values(found: Data) -> Values:
    """Return the canonical form of a schedule, given as AWS describes it or as a request."""
    window = found.get("FlexibleTimeWindow") or {}
    return {
        "schedule_expression": found.get("ScheduleExpression", ""),
        "schedule_expression_timezone": found.get("ScheduleExpressionTimezone") or "UTC",
        "flexible_time_window": window.get("MaximumWindowInMinutes", 0) if window.get("Mode") == "FLEXIBLE" else 0,
        "description": found.get("Description") or "",
        "enabled": found.get("State", "ENABLED") == "ENABLED",
        "target": target_values(found.get("Target") or {}),
    }


def target_values(target: Data) -> Values:
    """Return a target in snake case, without AWS's defaults and with sorted lists."""
    retries = {"maximum_retry_attempts": RETRIES, "maximum_event_age_in_seconds": RETRIED_FOR}
    given: Values = to_snake(target)
    return {**_canonical(given), "retry_policy": {**retries, **(given.get("retry_policy") or {})}}


def _canonical(value: t.Any) -> t.Any:
    if isinstance(value, t.Mapping):
        inner = {key: _canonical(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if not _is_default(key, item)}
    if isinstance(value, list):
        return sorted((_canonical(item) for item in value), key=str)
    return value


def _is_default(key: str, item: t.Any) -> bool:
    return item in (None, "", [], {}) or item is False or _DEFAULTS.get(key) == item


def fields(wanted: Data, found: Data) -> list[Field]:
    """Return C({path, before, after}) of each difference; fields of the target that are not wanted are removed."""
    given = {key: value for key, value in wanted.items() if value is not None}
    if "target" in given:
        given["target"] = with_removals(given["target"], found["target"])
    return differences(found, given)


def options(params: Data) -> Values:
    """Return the API's fields, in snake case, for the options of the module."""
    minutes = params["flexible_time_window"]
    target = dict(params["target"])
    if params["task_definition"]:
        ecs = {**(target.get("ecs_parameters") or {}), "task_definition_arn": params["task_definition"]}
        target["ecs_parameters"] = ecs
    flexible = {"mode": "FLEXIBLE", "maximum_window_in_minutes": minutes}
    return {
        "name": params["name"],
        "group_name": params["group_name"],
        "schedule_expression": params["schedule_expression"],
        "schedule_expression_timezone": params["schedule_expression_timezone"],
        "flexible_time_window": flexible if minutes else {"mode": "OFF"},
        "description": params["description"] or None,
        "state": "ENABLED" if params["enabled"] else "DISABLED",
        "target": target,
    }
