# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Exports a platform to Terraform."""

from __future__ import annotations

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._operations import export
from ansible_collections.magiclub.fargate.plugins.plugin_utils import told

Data = t.Mapping[str, t.Any]

FACTS = ("vpc_info", "alb_info", "ecs_cluster_info", "ecr_push_info", "fargate_service_info")


def terraform_imports(facts: Data) -> dict[str, t.Any]:
    """Return the import blocks for the resources in the facts of all layers, and the resources without one."""
    resources = [entry for name in FACTS for entry in (facts.get(name) or {}).get("resources") or []]
    found = export.imports(resources)
    return {
        "text": export.text(found),
        "addresses": {one.address: one.id for one in found},
        "left": export.left(resources),
    }


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters({"terraform_imports": terraform_imports, "terraform_accepted": export.accepted})
