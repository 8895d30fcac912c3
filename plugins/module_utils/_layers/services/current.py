# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What there is of a service, looked up in its entry of C(fargate_service_info.services), or in an empty one."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._plan.model import of_type as _of_type

Data = t.Mapping[str, t.Any]


def of_type(found: Data, kind: str) -> list[Resource]:
    """Return its resources of a type."""
    return _of_type(found.get("resources") or [], kind)


def values(found: Data, kind: str, name: str) -> Data:
    """Return the values of its resource of a type and name, an empty map without one."""
    return next((entry["values"] for entry in of_type(found, kind) if entry["name"] == name), {})


def ecs_service(found: Data) -> Data:
    """Return the values of its ECS service, an empty map without one."""
    return next((entry["values"] for entry in of_type(found, "ecs_service")), {})


def balancers(found: Data) -> list[Data]:
    """Return the load balancers of its ECS service, in names."""
    return ecs_service(found).get("load_balancers") or []


def deployment_configuration(found: Data) -> Data:
    """Return how its ECS service is deployed, an empty map without one."""
    return ecs_service(found).get("deployment_configuration") or {}
