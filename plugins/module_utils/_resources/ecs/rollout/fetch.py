# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch what a verdict needs besides the service: tasks, targets, container health, the service deployment."""

from __future__ import annotations

import typing as t

from .. import diagnose
from ..shapes import ServiceDeployment, TargetHealthDescription, Task
from .answers import target_groups
from .api import Api, PermanentError
from .watch import Watch


def container_health(api: Api, watch: Watch) -> dict[str, str]:
    """Return the health of essential containers that have a health check, by C(task/container)."""
    service = watch.service or {}
    if watch.checked is None:
        arn = watch.deployment.get("taskDefinition") or service.get("taskDefinition")
        watch.checked = diagnose.checked_containers(api.task_definition(arn)) if arn else {}
    if not watch.checked:
        return {}
    arns = api.list_running(watch.service_name)
    tasks = api.describe_tasks(arns) if arns else []
    return diagnose.container_health(tasks, watch.checked)


def target_health(api: Api, watch: Watch) -> dict[str, list[TargetHealthDescription]]:
    return {arn: _health_of(api, watch, arn) for arn in target_groups(watch.service or {})}


def _health_of(api: Api, watch: Watch, arn: str) -> list[TargetHealthDescription]:
    try:
        return api.target_health(arn)
    except PermanentError as error:
        if error.code == "TargetGroupNotFound":
            # A deleted target group has no healthy targets; the waits for other services continue.
            watch.note(f"target group {arn.rpartition(':')[2]} is not there")
            return []
        if not error.denied:
            raise
        text = f"{error.text} (without this permission, set healthy_targets to false)"
        raise PermanentError(error.action, error.code, text) from error


def optional(watch: Watch, fetch: t.Callable[[], t.Any], otherwise: t.Any) -> t.Any:
    """Return what I(fetch) returns, or I(otherwise) with a note if the API or a permission is missing."""
    try:
        return fetch()
    except PermanentError as error:
        watch.note(error.text)
        return otherwise


def stopped_tasks(api: Api, watch: Watch) -> list[Task]:
    arns = api.list_stopped(watch.service_name)
    return api.describe_tasks(arns) if arns else []


def record_of(api: Api, watch: Watch) -> ServiceDeployment:
    """Return the service deployment (ECS's own record) of the watched deployment, empty if there is none."""
    if watch.record_arn is None:
        watch.record_arn = record_arn_of(api, watch)
    return api.describe_service_deployment(watch.record_arn) if watch.record_arn else {}


def record_arn_of(api: Api, watch: Watch) -> str | None:
    return find_record(api, watch).get("serviceDeploymentArn")


def find_record(api: Api, watch: Watch) -> ServiceDeployment:
    """Return the service deployment to a revision with the deployment's number, or created within 2 s of it.

    On AWS a deployment and its target service revision have the same number.
    """
    began, number = watch.memory.created_at, (watch.memory.deployment_id or "").rpartition("/")[2]

    def same(record: ServiceDeployment) -> bool:
        return bool(number) and str(record.get("targetServiceRevisionArn")).endswith(f"/{number}")

    def near(record: ServiceDeployment) -> bool:
        return began is not None and abs(diagnose.seconds(record.get("createdAt")) - began) <= 2

    records = api.list_service_deployments(watch.name, until=lambda item: same(item) or near(item))
    # a rollback targets an earlier revision, so that two records may have its number
    records.sort(key=lambda item: abs(diagnose.seconds(item.get("createdAt")) - (began or 0)))
    found = [*filter(same, records), *filter(near, records)]
    return found[0] if found else {}
