# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An existing cluster, created outside this collection: found by its name and never changed or removed.

The layer still creates the execution role, the policy for ECS Exec, the boundary and the namespaces.
"""

from __future__ import annotations

import typing as t

from ..._aws.refused import RefusedError
from ..._plan.model import Resource

Data = t.Mapping[str, t.Any]

TYPE = "kept_cluster"
"""The resource type of such a cluster, which keeps it out of plans."""


def marked(resources: t.Sequence[Resource], name: str, region: str) -> list[Resource]:
    """Return the resources, with the cluster's type changed to C(TYPE).

    Raises RefusedError if there is no cluster.
    """
    if not any(entry["type"] == "ecs_cluster" for entry in resources):
        raise RefusedError(
            f"ecs_cluster_name {name}: no active ECS cluster in {region} has that name. Correct it, or leave it out to"
            " have one created."
        )
    return [{**entry, "type": TYPE} if entry["type"] == "ecs_cluster" else entry for entry in resources]
