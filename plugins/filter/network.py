# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Converts planned resources of the network to module arguments."""

from __future__ import annotations

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import routes
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.model import Change
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import security_group_rules as rules
from ansible_collections.magiclub.fargate.plugins.plugin_utils import told


def route_tables(
    changes: t.Iterable[Change], ids: t.Mapping[str, str], staying: t.Container[str] = ()
) -> list[dict[str, t.Any]]:
    """Return planned route tables as arguments of ec2_route_tables, without the I(staying) subnets."""
    return [routes.of_table(change, ids, staying) for change in changes]


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters(
            {
                "security_rules": rules.arguments,
                "naming_groups": rules.naming,
                "letting_in": rules.letting_in,
                "route_tables": route_tables,
                "losing_routes": routes.losing,
            }
        )
