# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look up the current state of a service in its entry of C(fargate_service_info.services), which may be empty."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._plan.model import of_type as _of_type

Data = t.Mapping[str, t.Any]


def of_type(found: Data, kind: str) -> list[Resource]:
    """Return the service's resources of a type."""
    return _of_type(found.get("resources") or [], kind)


def values(found: Data, kind: str, name: str) -> Data:
    """Return the values of the resource with this type and name, empty if there is none."""
    return next((entry["values"] for entry in of_type(found, kind) if entry["name"] == name), {})


def ecs_service(found: Data) -> Data:
    """Return the values of the ECS service, empty if there is none."""
    return next((entry["values"] for entry in of_type(found, "ecs_service")), {})


def balancers(found: Data) -> list[Data]:
    """Return C(load_balancers) of the ECS service, by names."""
    return ecs_service(found).get("load_balancers") or []


def deployment_configuration(found: Data) -> Data:
    """Return C(deployment_configuration) of the ECS service, empty if there is none."""
    return ecs_service(found).get("deployment_configuration") or {}
