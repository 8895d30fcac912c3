# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a wait tells of a service when it ends: the result, its rollback, and the diagnosis of a failure."""

from __future__ import annotations

import typing as t

from .. import diagnose
from ..outcomes import STEADY, WAITING
from ..shapes import Deployment, Service, Task
from .answers import controller, has_earlier, is_guarded, primary_of, target_groups
from .api import Api, PermanentError, ThrottledError, TransientError
from .observation import PENDING, remembered
from .watch import Watch

RAN_AND_ENDED = ("crash_loop", "out_of_memory")
BREAKER = ("deploymentCircuitBreaker",)


def rollback_target(watch: Watch) -> str:
    """The task definition, C(family:revision), that ECS goes back to; empty if that is not known."""
    others = [
        item for item in (watch.service or {}).get("deployments") or [] if item.get("id") != watch.memory.deployment_id
    ]
    known = [item for item in others if item.get("rolloutState") != "FAILED"]
    return str(known[0].get("taskDefinition") or "").rsplit("/", 1)[-1] if known else ""


def rollback_refusal(watch: Watch) -> str:
    """The note that tells why ECS does not roll back; empty if it does, or was not to."""
    notes = [note for note in watch.notes if note.startswith(("no rollback: ", "refused rollback: "))]
    return notes[-1] if notes else ""


def rollback_said(watch: Watch) -> str:
    """A sentence on the way back of a deployment that did not end well; empty if there is nothing to say."""
    outcome, service = watch.verdict.outcome, watch.service or {}
    if outcome in (STEADY, PENDING, "gone", "superseded", "stopped"):
        return ""
    if watch.memory.rollback_asked and watch.deadline is not None:
        asked = f"This run asked ECS to roll back to {watch.memory.rollback_to or 'the version from before'}"
        return f"{asked}, and it did." if outcome == "rolled_back" else f"{asked}, but it has not."
    if rollback_refusal(watch):
        who, _what, why = rollback_refusal(watch).partition(" rollback: ")
        return f"ECS {'refused' if who == 'refused' else 'was not asked'} to roll back: {why}."
    if outcome in RAN_AND_ENDED and not is_guarded(service, BREAKER):
        return _left_so(service, watch.deployment)
    return ""


def _left_so(service: Service, deployment: Deployment) -> str:
    """What becomes of a deployment whose tasks run and end, where nothing takes it back."""
    goes_on = "ECS goes on starting such tasks: "
    if controller(service) != "ECS":
        return (
            f"{goes_on}only deployments of its own controller have a circuit breaker. End this one with the tool that"
            " began it."
        )
    said = f"{goes_on}its circuit breaker does not count those that ran."
    if deployment.get("rolloutState") == "FAILED":
        said = "ECS has given the deployment up, and nothing tells it to go back."
    back = "Run rollback.yml." if has_earlier(service, deployment) else "There is no earlier deployment to go back to."
    return f"{said} {back}"


def result_of(watch: Watch) -> dict[str, t.Any]:
    """What the module returns of a service, before any diagnosis."""
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
        "rollback": rollback_said(watch),
        "stopped_tasks": [],
        "target_health": diagnose.target_health(watch.targets or {}),
        "events": [],
        "log_lines": [],
        "seconds": round(watch.seconds, 1),
        "polls": watch.polls,
        "notes": list(watch.notes),
    }


def diagnosis(api: Api, watch: Watch, log_lines: int) -> dict[str, t.Any]:
    """What only a failure is worth the calls for; what can't be had is told in C(notes)."""
    report: dict[str, t.Any] = {"notes": list(watch.notes)}
    service = watch.service
    if service is None or watch.verdict.outcome in (STEADY, PENDING, WAITING):
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
    report["events"] = diagnose.events_since(service.get("events") or [], watch.memory.created_at)
    report["log_lines"] = attempt(lambda: _log_lines(api, tasks, deployment, log_lines), [])
    return report


def _log_lines(api: Api, tasks: list[Task], deployment: Deployment, lines: int) -> list[str]:
    task = diagnose.failed_task(tasks, deployment) if lines else None
    if task is None:
        return []
    definition = api.task_definition(task["taskDefinitionArn"])
    place = diagnose.log_place(definition, diagnose.container_to_read(task, definition), task)
    return api.log_lines(place[0], place[1], lines) if place else []
