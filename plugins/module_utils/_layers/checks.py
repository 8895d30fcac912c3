# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the inputs of a layer: by its own rules, then by AWS's constraints on its resources."""

from __future__ import annotations

import typing as t

from . import planned
from .alb import validate as alb
from .ecr_push import validate as ecr_push
from .ecs_cluster import validate as ecs_cluster
from .services import validate as services
from .vpc import validate as vpc

CHECKS: dict[str, t.Callable[[t.Mapping[str, t.Any]], list[str]]] = {
    "vpc": vpc.vpc,
    "alb": alb.alb,
    "ecs_cluster": ecs_cluster.ecs_cluster,
    "ecr_push": ecr_push.ecr_push,
    "service": services.service,
}
"""The rules of each kind of inputs, as the action C(validate) takes it."""


def wrong(kind: str, values: t.Mapping[str, t.Any]) -> list[str]:
    """Return the errors in the inputs of a kind."""
    # wrong inputs can't be planned, and have errors of their own
    return CHECKS[kind](values) or planned.wrong(kind, values)
