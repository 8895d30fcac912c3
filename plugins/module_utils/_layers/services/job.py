# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Jobs: services with a schedule, whose tasks EventBridge Scheduler starts, without an ECS service.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/tasks-scheduled-eventbridge-scheduler.html
"""

from __future__ import annotations

import typing as t

from ..._aws.arn import last
from ..._plan.model import Resource
from ..._resources.iam import policy
from ..._resources.scheduler import decide, expression
from . import queue
from .names import Names
from .platform import Platform

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]


def is_job(service: Data) -> bool:
    """Return whether a service is a job."""
    return bool(service["schedule"])


def jobs(services: t.Iterable[Data]) -> set[str]:
    """Return the names of the jobs among the services."""
    return {service["name"] for service in services if is_job(service)}


def resource(service: Data, platform: Platform, revision: str, place: Data) -> Resource:
    """Return the schedule that starts I(revision); I(place) has the same keys as that of an ECS service."""
    given, names = service["schedule"], Names.of(platform["name_prefix"], service)
    values = {
        "expression": expression.of(given["cron"], given["rate"]),
        "timezone": given["timezone"],
        "window": given["window"],
        "enabled": given["enabled"],
        "retries": given["retries"],
        "retried_for": decide.RETRIED_FOR,
        "dead_letter": queue.arn_of(given["dead_letter"] or "", platform),
        "role": names.schedule_role,
        "task_definition": revision,
        "task_count": 1,
        "input": "",
        "propagate_tags": "TASK_DEFINITION",
        **place,
    }
    return {"type": "schedule", "name": names.service, "values": values}


def role(service: Data, platform: Platform, passed: t.Iterable[str]) -> tuple[Values, Values]:
    """Return the trust policy and the inline policies of the role with which Scheduler starts the tasks.

    It may start only this task definition, in this cluster, and pass only the roles I(passed).

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
    """
    here = f"{platform['region']}:{platform['account_id']}"
    ecs, family = f"arn:{platform['partition']}:ecs:{here}", Names.of(platform["name_prefix"], service).family
    group = f"arn:{platform['partition']}:scheduler:{here}:schedule-group/default"
    trust = policy.trusting(
        "scheduler.amazonaws.com",
        {"StringEquals": {"aws:SourceAccount": platform["account_id"], "aws:SourceArn": group}},
    )
    statements = [
        policy.allow(
            "ecs:RunTask",
            f"{ecs}:task-definition/{family}:*",
            {"ArnEquals": {"ecs:cluster": f"{ecs}:cluster/{platform['cluster']}"}},
        ),
        policy.allow(
            "ecs:TagResource",
            f"{ecs}:task/{platform['cluster']}/*",
            {"StringEquals": {"ecs:CreateAction": "RunTask"}},
        ),
        policy.allow(
            "iam:PassRole", sorted(passed), {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
        ),
    ]
    if dead_letter := queue.arn_of(service["schedule"]["dead_letter"] or "", platform):
        statements.append(policy.allow("sqs:SendMessage", dead_letter))
    return trust, {"start-tasks": policy.of(statements)}


def arguments(service: Data, platform: Platform, values: Data, network: Data) -> Values:
    """Return the arguments of M(magiclub.fargate.scheduler_schedule) for the planned I(values) of a schedule.

    I(network) is the tasks' network, by ids.  C(task_definition) is left out if it is not registered yet.
    """
    account = f"arn:{platform['partition']}:iam::{platform['account_id']}"
    ecs = f"arn:{platform['partition']}:ecs:{platform['region']}:{platform['account_id']}"
    parameters = {
        "capacity_provider_strategy": values["capacity_provider_strategy"] or None,
        "launch_type": None if values["capacity_provider_strategy"] else "FARGATE",
        "network_configuration": {
            "awsvpc_configuration": {
                **{key: network[key] for key in ("subnets", "security_groups")},
                "assign_public_ip": "ENABLED" if network["assign_public_ip"] else "DISABLED",
            }
        },
        # without a version Scheduler uses LATEST
        "platform_version": None if values["platform_version"] == "LATEST" else values["platform_version"],
        "task_count": values["task_count"],
        **{key: values[key] for key in ("enable_ecs_managed_tags", "enable_execute_command", "propagate_tags")},
    }
    known = not values["task_definition"].endswith(")")
    dead_letter = {"dead_letter_config": {"arn": values["dead_letter"]}} if values["dead_letter"] else {}
    return {
        "name": Names.of(platform["name_prefix"], service).service,
        "schedule_expression": values["expression"],
        "schedule_expression_timezone": values["timezone"],
        "flexible_time_window": values["window"],
        "enabled": values["enabled"],
        **({"task_definition": f"{ecs}:task-definition/{values['task_definition']}"} if known else {}),
        "target": {
            "arn": f"{ecs}:cluster/{values['cluster']}",
            "role_arn": f"{account}:role/{values['role']}",
            "ecs_parameters": {key: value for key, value in parameters.items() if value is not None},
            "retry_policy": {
                "maximum_retry_attempts": values["retries"],
                "maximum_event_age_in_seconds": values["retried_for"],
            },
            **dead_letter,
        },
    }


def found(schedule: Data, known: t.Mapping[str, str]) -> Resource:
    """Return a schedule as a found resource; I(known) are names by id."""
    has = decide.values(schedule)
    target, ecs = has["target"], has["target"].get("ecs_parameters") or {}
    network = (ecs.get("network_configuration") or {}).get("awsvpc_configuration") or {}
    values = {
        "expression": has["schedule_expression"],
        "timezone": has["schedule_expression_timezone"],
        "window": has["flexible_time_window"],
        "enabled": has["enabled"],
        "retries": target["retry_policy"]["maximum_retry_attempts"],
        "retried_for": target["retry_policy"]["maximum_event_age_in_seconds"],
        "dead_letter": (target.get("dead_letter_config") or {}).get("arn", ""),
        "role": last(target.get("role_arn", "")),
        "task_definition": last(ecs.get("task_definition_arn", "")),
        "task_count": ecs.get("task_count", 1),
        "input": target.get("input", ""),
        "propagate_tags": ecs.get("propagate_tags", "NONE"),
        "cluster": last(target.get("arn", "")),
        "capacity_provider_strategy": sorted(
            ({"weight": 0, "base": 0, **item} for item in ecs.get("capacity_provider_strategy") or []),
            key=lambda item: str(item["capacity_provider"]),
        ),
        "network": {
            "subnets": sorted(known.get(one, one) for one in network.get("subnets") or []),
            "security_groups": sorted(known.get(one, one) for one in network.get("security_groups") or []),
            "assign_public_ip": network.get("assign_public_ip") == "ENABLED",
        },
        "platform_version": ecs.get("platform_version", "LATEST"),
        "enable_execute_command": ecs.get("enable_execute_command", False),
        "enable_ecs_managed_tags": ecs.get("enable_ecs_managed_tags", False),
    }
    return {"type": "schedule", "name": schedule["Name"], "id": schedule["Arn"], "values": values}


def started(schedule: Data) -> str:
    """Return the ARN of the task definition that a schedule starts."""
    ecs = (schedule.get("Target") or {}).get("EcsParameters") or {}
    return str(ecs.get("TaskDefinitionArn") or "")
