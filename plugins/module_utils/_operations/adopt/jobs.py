# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Describes schedules of EventBridge Scheduler as jobs of fargate_service.  Plain dicts in and out."""

from __future__ import annotations

import re
import typing as t

from ..._aws.arn import last
from ..._layers.services.validate_job import SERVICE_OPTIONS
from ..._resources.scheduler import decide

Raw = t.Mapping[str, t.Any]
Service = dict[str, t.Any]

_EXPRESSION = re.compile(r"(cron|rate)\((.*)\)")


def starts_in(schedule: Raw, cluster: str) -> bool:
    """Return whether a schedule repeatedly starts tasks in I(cluster)."""
    target = schedule.get("Target") or {}
    in_it = last(str(target.get("Arn", ""))) == last(cluster) and bool(target.get("EcsParameters"))
    return in_it and bool(_EXPRESSION.fullmatch(schedule["ScheduleExpression"]))


def as_service(schedule: Raw) -> Service:
    """Return a job in the form of an ECS service, with its C(schedule)."""
    ecs = schedule["Target"]["EcsParameters"]
    network = (ecs.get("NetworkConfiguration") or {}).get("awsvpcConfiguration") or {}
    given = {
        "launchType": ecs.get("LaunchType"),
        "platformVersion": ecs.get("PlatformVersion"),
        "capacityProviderStrategy": ecs.get("CapacityProviderStrategy"),
        "enableExecuteCommand": ecs.get("EnableExecuteCommand"),
    }
    return {
        "serviceName": schedule["Name"],
        "serviceArn": schedule["Arn"],
        "taskDefinition": ecs["TaskDefinitionArn"],
        "desiredCount": 0,
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": network.get("Subnets") or [],
                "securityGroups": network.get("SecurityGroups") or [],
                "assignPublicIp": network.get("AssignPublicIp") or "DISABLED",
            }
        },
        **{key: value for key, value in given.items() if value is not None},
        "schedule": schedule,
    }


def definition(described: Service, schedule: Raw) -> Service:
    """Return the definition of a job that was I(described) as a service."""
    result = {key: value for key, value in described.items() if key not in SERVICE_OPTIONS}
    return {**result, "schedule": _schedule(schedule)}


def _schedule(schedule: Raw) -> Service:
    has = decide.values(schedule)
    kind, text = t.cast("re.Match[str]", _EXPRESSION.fullmatch(has["schedule_expression"])).groups()
    target = has["target"]
    result = {
        kind: text,
        "timezone": has["schedule_expression_timezone"],
        "window": has["flexible_time_window"],
        "retries": target["retry_policy"]["maximum_retry_attempts"],
        "dead_letter": (target.get("dead_letter_config") or {}).get("arn"),
        "enabled": has["enabled"],
    }
    return {key: value for key, value in result.items() if value is not None}
