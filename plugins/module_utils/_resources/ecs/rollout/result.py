# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Build the module's result for a service, with the diagnosis of a failure."""

from __future__ import annotations

import typing as t

from .. import diagnose
from ..outcomes import NOT_FAILURES, PENDING
from ..shapes import Deployment, Targets, Task
from . import health_request, rollback
from .answers import primary_of, target_groups
from .api import Api, PermanentError, ThrottledError, TransientError
from .observation import remembered
from .watch import Watch


def result_of(watch: Watch) -> dict[str, t.Any]:
    """Return the module's result for a service, without a diagnosis."""
    service = watch.service or {}
    found = watch.verdict
    seen = watch.deployment
    primary = primary_of(service) or {}
    return {
        "name": watch.service_name,
        "arn": service.get("serviceArn") or "",
        "outcome": found.outcome,
        "cause": found.cause or (watch.first or {}).get("cause") or "",
        "reason": found.reason or (watch.first or {}).get("reason") or "",
        "message": found.message,
        "next_step": found.next_step,
        "progress": found.progress,
        "deployment": {
            "id": watch.memory.deployment_id or "",
            "status": seen.get("status") or "",
            "rollout_state": seen.get("rolloutState") or "",
            "task_definition": seen.get("taskDefinition") or "",
            "primary_id": primary.get("id") or "",
        },
        "counts": dict(found.counts),
        "hook": dict(found.hook),
        "rollback_asked": watch.memory.rollback_asked and watch.deadline is not None,
        "rollback": rollback.summary(watch),
        "stopped_tasks": [],
        "target_health": diagnose.target_health(watch.targets or {}),
        "events": [],
        "log_lines": [],
        "seconds": round(watch.seconds, 1),
        "polls": watch.polls,
        "notes": list(watch.notes),
        "seen": list(watch.seen),
    }


def diagnosis(api: Api, watch: Watch, log_lines: int) -> dict[str, t.Any]:
    """Return the parts of the result that are fetched for failures only; calls that fail are listed in C(notes)."""
    report: dict[str, t.Any] = {"notes": list(watch.notes)}
    service = watch.service
    if service is None or watch.verdict.outcome in (*NOT_FAILURES, PENDING):
        return {}
    deployment = remembered(watch.memory)

    def attempt(fetch: t.Callable[[], t.Any], otherwise: t.Any) -> t.Any:
        for last in (False, False, True):
            try:
                return fetch()
            except PermanentError as error:
                report["notes"].append(error.text)
                return otherwise
            except (ThrottledError, TransientError) as error:
                if last:
                    report["notes"].append(error.text)
        return otherwise

    name = watch.service_name
    arns = attempt(lambda: api.list_stopped(name), [])
    tasks = attempt(lambda: api.describe_tasks(arns), []) if arns else []
    tasks = tasks or watch.tasks or []
    targets = attempt(lambda: {arn: api.target_health(arn) for arn in target_groups(service)}, watch.targets or {})
    report["stopped_tasks"] = diagnose.grouped(tasks, deployment)
    report["target_health"] = diagnose.target_health(targets)
    report["events"] = events = diagnose.events_since(service.get("events") or [], watch.memory.created_at)
    reasons = [*diagnose.unhealthy(watch.targets or {}), *diagnose.unhealthy(targets)]
    texts = [*reasons, *(event["message"] for event in events), *map(diagnose.reason_of, tasks)]
    check = attempt(lambda: _health_check(api, watch, targets, texts), "") if _is_health(watch) else ""
    if check:
        report["message"] = f"{watch.verdict.message} {check}"
    report["log_lines"] = attempt(lambda: _log_lines(api, tasks, deployment, log_lines), [])
    return report


def _is_health(watch: Watch) -> bool:
    return "health_check" in (watch.verdict.cause, (watch.first or {}).get("cause"))


def _health_check(api: Api, watch: Watch, targets: Targets, texts: t.Sequence[str]) -> str:
    """Return as a sentence which health check the tasks failed."""
    service, groups = watch.service or {}, target_groups(watch.service or {})
    if groups and not diagnose.mentions(watch.verdict.reason, (diagnose.CONTAINER_CHECK,)):
        return health_request.of_balancer(api.target_groups(groups), service, targets, texts)
    if diagnose.mentions(watch.verdict.message, ("(command:",)):
        return ""
    arn = watch.deployment.get("taskDefinition") or service.get("taskDefinition")
    checked = watch.checked or (diagnose.checked_containers(api.task_definition(arn)) if arn else {})
    return health_request.of_containers(checked)


def _log_lines(api: Api, tasks: list[Task], deployment: Deployment, lines: int) -> list[str]:
    task = diagnose.failed_task(tasks, deployment) if lines else None
    if task is None:
        return []
    definition = api.task_definition(task["taskDefinitionArn"])
    place = diagnose.log_place(definition, diagnose.container_to_read(task, definition), task)
    return api.log_lines(place[0], place[1], lines) if place else []
