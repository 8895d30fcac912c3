# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A one-off task beside a service: what to ask for, and what became of it.  Plain data in and out."""

from __future__ import annotations

import typing as t

from .._aws.arn import last
from .._aws.refused import RefusedError
from .._resources.ecs import diagnose
from .._resources.ecs.normal import text

Data = t.Mapping[str, t.Any]


def request(service: Data, definition: Data, wanted: Data) -> dict[str, t.Any]:
    """Return RunTask's fields for a task like those of I(service), with a command of its own.

    :param service: as DescribeServices gives it; network, place and platform are taken from it.
    :param definition: the task definition to run.
    :param wanted: C(container), C(command), C(environment), C(started_by).
    """
    container = wanted["container"] or diagnose.main_container(definition)
    names = [item["name"] for item in definition["containerDefinitions"]]
    if container not in names:
        raise RefusedError(
            f"Task definition {last(definition['taskDefinitionArn'])} has no container '{container}'."
            f" It has {', '.join(names)}."
        )
    override: dict[str, t.Any] = {"name": container}
    if wanted["command"]:
        override["command"] = list(wanted["command"])
    given = {str(key): text(value) for key, value in wanted["environment"].items() if value is not None}
    if given:
        override["environment"] = [{"name": key, "value": value} for key, value in given.items()]
    fields: dict[str, t.Any] = {
        "taskDefinition": definition["taskDefinitionArn"],
        "networkConfiguration": service.get("networkConfiguration"),
        "platformVersion": service.get("platformVersion"),
        "overrides": {"containerOverrides": [override]},
        "startedBy": wanted["started_by"],
        "count": 1,
        "enableECSManagedTags": service.get("enableECSManagedTags"),
        # RunTask refuses SERVICE, and a task definition of ours has the service's tags
        "propagateTags": None if service.get("propagateTags", "NONE") == "NONE" else "TASK_DEFINITION",
    }
    if service.get("capacityProviderStrategy"):
        fields["capacityProviderStrategy"] = service["capacityProviderStrategy"]
    else:
        fields["launchType"] = service.get("launchType", "FARGATE")
    return {key: value for key, value in fields.items() if value}


def started(answer: Data) -> str:
    """Return the ARN of the task that RunTask started; raises RefusedError with ECS's reason."""
    if answer.get("tasks"):
        return str(answer["tasks"][0]["taskArn"])
    failures = answer.get("failures") or [{"reason": "no reason given"}]
    texts = [f"{item.get('reason', '')} {item.get('detail', '')}".strip().rstrip(".") for item in failures]
    reasons = ", ".join(sorted(set(texts)))
    raise RefusedError(
        f"ECS did not start the task: {reasons}. Look at the cluster's capacity and subnets, then run again."
    )


def outcome(task: Data, container: str) -> dict[str, t.Any]:
    """Return C({exit_code, reason}) of a stopped task; without an exit code its container never ran."""
    containers: t.Sequence[Data] = task.get("containers") or []
    found: Data = next((item for item in containers if item["name"] == container), {})
    return {
        "exit_code": found.get("exitCode"),
        "reason": found.get("reason") or task.get("stoppedReason") or "",
        "stop_code": task.get("stopCode") or "",
    }
