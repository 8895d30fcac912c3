# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Security groups as resources of a plan."""

from __future__ import annotations

import typing as t

from ..._aws.tagged import tags
from ..._plan.model import Resource
from . import security_group_rules as rules

Raw = t.Mapping[str, t.Any]


def found(group: Raw, names: t.Mapping[str, str]) -> Resource:
    """Return a described security group as a resource; its rules have I(names) in place of ids."""
    return {
        "type": "security_group",
        "name": group["GroupName"],
        "id": group["GroupId"],
        "description": group.get("Description"),
        "values": {
            "ingress": rules.shown(group.get("IpPermissions") or [], names),
            "egress": rules.shown(group.get("IpPermissionsEgress") or [], names),
            "tags": tags(group),
        },
    }
