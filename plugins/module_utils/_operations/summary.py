# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Summarizes running services.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

from .._aws.arn import last
from .._layers.services import current
from .._resources.ecs.rollout import verdicts
from . import artifact

Data = t.Mapping[str, t.Any]


def serving(info: Data, requests: t.Iterable[Data] = (), answers: t.Iterable[Data] = ()) -> dict[str, dict[str, t.Any]]:
    """Return address, image, revision, task counts and more by service.

    I(info) is C(fargate_service_info), I(requests) are the smoke requests, I(answers) their answers.
    """
    asked = {request["name"]: request for request in requests}
    answered = {answer["name"]: answer for answer in answers}
    return {
        name: _service(there, asked.get(name, {}), answered.get(name, {})) for name, there in info["services"].items()
    }


def lines(services: Data) -> dict[str, str]:
    """Return the lines of the summary, as names and values in order."""
    result: dict[str, str] = {}
    for name, service in services.items():
        lead = f"{name} " if len(services) > 1 else ""
        tasks = f"{service['running']} of {service['desired']} running" if not service["schedule"] else ""
        if service["targets"]:
            tasks += f", {service['targets']}"
        if tasks and service["revision"] and not service["desired"]:
            tasks += ": scaled to 0 tasks, it does not serve"
        for key, value in (
            ("address", service["address"]),
            ("private name", service["private_name"]),
            ("try", service["curl"]),
            ("answer", " by ".join(filter(None, (service["answer"], service["answered_by"])))),
            ("image", service["image"]),
            ("revision", service["revision"]),
            ("tasks", tasks),
            ("schedule", service["schedule"]),
        ):
            if value:
                label = f"{lead}{key}"
                result[label[0].upper() + label[1:] if not lead else label] = value
    return result


def stats(services: Data, state: str = "done") -> dict[str, t.Any]:
    """Return the artifact of a run: outcome, address, and image, revision and deployment of each service.

    :param state: the outcome of a run that has read no service.
    """
    kept = ("image", "revision", "deployment")
    if services:
        state = "steady" if all(service["steady"] for service in services.values()) else "unsteady"
    address = next((service["address"] for service in services.values() if service["address"]), "")
    kept_of = {name: {key: service[key] for key in kept} for name, service in services.items()}
    return {"fargate_result": artifact.succeeded(state, kept_of, address)}


def _service(there: Data, request: Data, answer: Data) -> dict[str, t.Any]:
    unknown = answer.get("name_known") is False
    body = str(answer.get("content") or "").strip()
    return {
        "address": request.get("address", ""),
        "schedule": _schedule(there),
        "private_name": "" if _is_balanced(there) else _private_name(there),
        "curl": request.get("curl_by_balancer" if unknown else "curl", ""),
        "answer": body if len(body) <= 200 else f"{body[:197]}...",
        "answered_by": answer.get("answered_by", ""),
        "image": there.get("image") or "",
        "revision": last(there.get("task_definition_arn") or ""),
        "deployment": (there.get("deployment") or {}).get("id") or "",
        "running": there.get("running_count") or 0,
        "desired": there.get("desired_count") or 0,
        "healthy": _healthy(there),
        "targets": _targets(there),
        "steady": bool(there.get("steady")),
    }


def _schedule(there: Data) -> str:
    """Return the schedule of a job; empty for a service."""
    found = there.get("schedule") if not there.get("service") else None
    if not found:
        return ""
    return f"{found['expression']} {found['timezone']}{'' if found['enabled'] else ', disabled'}"


def _healthy(there: Data) -> int | None:
    """Return the number of healthy targets; None without a load balancer."""
    if not _is_balanced(there):
        return None
    return sum(target["state"] == "healthy" for target in there.get("targets") or [])


def _targets(there: Data) -> str:
    """Return the number of targets by state; empty without a load balancer."""
    if not _is_balanced(there):
        return ""
    return verdicts.states_text([target["state"] for target in there.get("targets") or []])


def _is_balanced(there: Data) -> bool:
    """Return whether tasks are registered as targets; a target group may exist longer than that."""
    return any(entry["values"].get("load_balancers") for entry in current.of_type(there, "ecs_service"))


def _private_name(there: Data) -> str:
    return next((str(entry["name"]) for entry in current.of_type(there, "cloud_map_service")), "")
