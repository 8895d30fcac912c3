# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The desired and found resources of services, ready to be compared."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from . import connect, desired, desired_task, found, priorities
from .names import Names
from .platform import Platform

Data = t.Mapping[str, t.Any]


def compared(services: t.Sequence[Data], platform: Platform, info: Data) -> dict[str, list[Resource]]:
    """Return the C(desired) and the C(found) resources.

    The found revision of a task definition is the one that equals the desired one, else the running one.
    """
    wanted: list[Resource] = []
    has: list[Resource] = []
    for service in priorities.with_priorities(services, platform["name_prefix"], info):
        there = info["services"].get(service["name"]) or {}
        resources = desired.resources(service, platform, there)
        definition = next(entry for entry in resources if entry["type"] == "ecs_task_definition")
        revision = desired_task.current(definition["values"], there.get("task_definitions") or [])
        wanted += resources
        has += [*(there.get("resources") or []), *([revision] if revision else [])]
        has += _left_endpoints(service, platform, there)
    return {"desired": wanted, "found": has}


def _left_endpoints(service: Data, platform: Platform, there: Data) -> list[Resource]:
    """Return the endpoints that ECS created for Service Connect under our name and the service no longer uses."""
    names, where = Names.of(platform["name_prefix"], service), connect.namespace(service, platform)
    kept = f"{names.endpoint}.{where}" if connect.offers(service) else ""
    return [entry for entry in there.get("endpoints") or [] if entry["name"] != kept]


def claims(services: t.Sequence[Data], info: Data) -> list[Resource]:
    """Return the services' current resources with the tags set in their definitions."""
    return [
        {"type": entry["type"], "name": entry["name"], "values": {"tags": service["tags"]}}
        for service in services
        for entry in found.resources(info["services"][service["name"]])
    ]
