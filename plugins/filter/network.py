# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The network in names: what is asked for, and what the other layers are told of it."""

from __future__ import annotations

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import routes as arguments
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.model import Change
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import security_group_rules as rules
from ansible_collections.magiclub.fargate.plugins.plugin_utils import told


def security_rules(shown: t.Iterable[t.Mapping[str, str]], ids: t.Mapping[str, str]) -> list[dict[str, t.Any]]:
    """Return rules of a plan as amazon.aws.ec2_security_group takes them."""
    return rules.arguments(shown, ids)


def naming_groups(groups: t.Iterable[t.Mapping[str, t.Any]], ids: t.Mapping[str, str]) -> list[str]:
    """Return in words which of these security groups, besides those of the ids, have a rule that names one of them."""
    return rules.naming(groups, ids)


def letting_in(groups: t.Iterable[t.Mapping[str, t.Any]], ids: t.Mapping[str, str]) -> list[t.Mapping[str, t.Any]]:
    """Return those of these security groups that let in one of the ids, and name none on the way out."""
    return rules.letting_in(groups, ids)


def route_tables(
    changes: t.Iterable[Change], ids: t.Mapping[str, str], staying: t.Container[str] = ()
) -> list[dict[str, t.Any]]:
    """Return route tables of a plan as magiclub.fargate.ec2_route_tables takes them, without the I(staying) subnets."""
    return [arguments.of_table(change, ids, staying) for change in changes]


def losing_routes(changes: t.Iterable[Change]) -> list[str]:
    """Return the names of the subnets that a plan moves to a route table without a destination that they reach now."""
    return arguments.losing(changes)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters(
            {
                "security_rules": security_rules,
                "naming_groups": naming_groups,
                "letting_in": letting_in,
                "route_tables": route_tables,
                "losing_routes": losing_routes,
            }
        )
