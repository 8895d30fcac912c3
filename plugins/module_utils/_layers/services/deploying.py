# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deploy the services of a plan: what to start, change and scale, which services to wait for, and their new state."""

from __future__ import annotations

import typing as t

from ..._plan.model import Change
from . import arguments, connect, job, scaling, scaling_schedules
from .names import Names
from .platform import Platform, with_shared

Data = t.Mapping[str, t.Any]


SCALED = ("scalable_target", "scaling_policy", scaling_schedules.TYPE)
DEPLOYED = ("ecs_task_definition", "ecs_service", "schedule", *SCALED)
"""The types whose changes start, change or scale a service."""


def with_made(info: Data, made: t.Mapping[str, t.Mapping[str, str]]) -> dict[str, t.Any]:
    """Return C(fargate_service_info) with the ids, by type and name, of the resources created since it was read."""
    ids = {f"{kind} {name}": its_id for kind, some in made.items() for name, its_id in some.items()}
    services = {name: {**one, "ids": {**one["ids"], **ids}} for name, one in info["services"].items()}
    return {**info, "services": services}


def deployments(services: t.Sequence[Data], platform: Platform, info: Data, plan: Data) -> list[dict[str, t.Any]]:
    """Return the modules' arguments for each service that the plan starts, changes or scales.

    I(info) has the ids of everything that a service needs.
    """
    changes = {(entry["type"], entry["name"]): entry for entry in plan["changes"] if entry["type"] in DEPLOYED}
    platform = with_shared(platform, info.get("shared_namespaces") or {})
    result = []
    for service in sorted(services, key=connect.deploy_order):
        there = info["services"][service["name"]]
        own = {key: entry for key, entry in changes.items() if key in _own(service, platform, there)}
        if own:
            result.append(_deployment(service, platform, there, own))
    return result


def _own(service: Data, platform: Platform, there: Data) -> set[tuple[str, str]]:
    names = Names.of(platform["name_prefix"], service)
    kept = [("scaling_policy", one["name"]) for one in scaling.policies(service, names, platform, there)]
    kept += [(scaling_schedules.TYPE, one["name"]) for one in scaling_schedules.desired(service, names, there)]
    own = [(kind, names.service) for kind in ("ecs_service", "schedule", "scalable_target")]
    found_too = [(entry["type"], entry["name"]) for entry in there["resources"]]
    return {("ecs_task_definition", names.family), *own, *kept, *found_too}


def _deployment(
    service: Data, platform: Platform, there: Data, changes: t.Mapping[tuple[str, str], Change]
) -> dict[str, t.Any]:
    names = Names.of(platform["name_prefix"], service)
    register = ("ecs_task_definition", names.family) in changes
    start, schedule = (_not_removed(changes.get((kind, names.service))) for kind in ("ecs_service", "schedule"))
    scales = any(kind in SCALED for kind, _name in changes)
    return {
        "name": names.service,
        "task_definition": arguments.task_definition(service, platform, there) if register else None,
        "service": arguments.ecs_service(service, platform, there, start["values"]) if start else None,
        "schedule": arguments.schedule(service, platform, there, schedule["values"]) if schedule else None,
        "before": _before(service, platform, there, start or schedule),
        "scaling": arguments.scaling(service, platform, there) if scales else None,
    }


def _not_removed(change: Change | None) -> Change | None:
    """Return a change that is no removal: what remains of a service that became a job, or vice versa, goes later."""
    return change if change and change["action"] != "remove" else None


def _before(service: Data, platform: Platform, there: Data, start: Change | None) -> dict[str, t.Any] | None:
    """Return the arguments of the task that has to succeed before another revision is deployed, if there is one."""
    if not start:
        return None
    revised = start["action"] == "add" or any(field["path"] == "task_definition" for field in start["fields"])
    return arguments.before(service, platform, there, start["values"]) if service["before"] and revised else None


def awaited(info: Data, started: t.Mapping[str, str | None], services: t.Iterable[Data] = ()) -> list[dict[str, str]]:
    """Return the services to wait for: those that are not steady, and those that this run has changed.

    I(started) maps the full name of each changed service to its new deployment, null if the change needed none.
    Jobs among the I(services) are left out, because their tasks start on schedule.
    """
    jobs = job.jobs(services)
    names = [
        service["full_name"]
        for name, service in info["services"].items()
        if (not service["steady"] or service["full_name"] in started) and name not in jobs
    ]
    ids = {name: deployment for name, deployment in started.items() if deployment}
    return [{"name": name, **({"deployment_id": ids[name]} if name in ids else {})} for name in names]


def at_gates(services: t.Iterable[Data], info: Data, waited: t.Iterable[Data], gate: str) -> list[dict[str, t.Any]]:
    """Return C({service, full_name, hook, message, wait}) of each service that waits at a gate of this kind.

    C(wait) is what to wait for after the answer: this deployment, because a rollback also leaves the service steady.

    I(waited) are the services of a wait. One that waits at a hook no longer in the inventory needs an approval.
    """
    waiting = {entry["name"]: entry for entry in waited if entry["outcome"] == "waiting"}
    return [
        {
            "service": service,
            "full_name": full,
            **{key: waiting[full][key] for key in ("hook", "message")},
            "wait": {"name": full, "deployment_id": waiting[full]["deployment"]["id"]},
        }
        for service in services
        for full in [info["services"][service["name"]]["full_name"]]
        if full in waiting and (service["deployment"]["gate"] == "smoke") == (gate == "smoke")
    ]


def after_wait(info: Data, waited: t.Iterable[Data]) -> dict[str, t.Any]:
    """Return C(fargate_service_info) updated with the last state of the services that were I(waited) for."""
    seen = {entry["name"]: _state_at_the_end(entry) for entry in waited}
    services = {name: {**service, **seen.get(service["full_name"], {})} for name, service in info["services"].items()}
    return {**info, "services": services, "steady": all(service["steady"] for service in services.values())}


def _state_at_the_end(entry: Data) -> dict[str, t.Any]:
    counts, deployment = entry["counts"], entry["deployment"]
    return {
        "task_definition_arn": deployment["task_definition"],
        "deployment": {
            **{key: deployment[key] for key in ("id", "status", "rollout_state")},
            "task_definition_arn": deployment["task_definition"],
        },
        **{f"{key}_count": counts[key] for key in ("desired", "running", "pending")},
        "targets": [
            {
                "address": target["target"],
                "port": target["port"],
                "state": target["state"],
                "reason": target["description"] or target["reason"] or None,
            }
            for target in entry["target_health"]
        ],
        "steady": entry["outcome"] == "steady",
    }


def in_use(info: Data, names: t.Iterable[str], jobs: bool = False) -> list[dict[str, t.Any]]:
    """Return the values of the in-use tag for the image of each of these services, once its revision serves.

    I(names) are full names.  With I(jobs), only services started by a schedule.
    """
    wanted = set(names)
    return [
        {
            "name": there["full_name"],
            "image": there["image"],
            "service": name,
            "revision": int(there["task_definition_arn"].rpartition(":")[2]),
            "name_prefix": info["name_prefix"],
            "account_id": there["task_definition_arn"].split(":")[4],
        }
        for name, there in info["services"].items()
        if there["full_name"] in wanted and there.get("image") and there.get("task_definition_arn")
        if not jobs or there.get("schedule")
    ]
