# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""IAM roles as resources of a plan."""

from __future__ import annotations

import typing as t

from ..._aws.tagged import tags
from ..._plan.model import Resource
from .policy import canonical, document


def found(role: t.Mapping[str, t.Any]) -> Resource:
    """Return a role, as C(api.role) reads it, as a resource of a plan."""
    return {
        "type": "iam_role",
        "name": role["RoleName"],
        "id": role["Arn"],
        "values": {
            "trust_policy": canonical(document(role["AssumeRolePolicyDocument"])),
            "inline_policies": {
                name: canonical(document(text)) for name, text in role.get("InlinePolicies", {}).items()
            },
            "managed_policies": sorted(policy["PolicyArn"] for policy in role.get("AttachedPolicies", [])),
            "permissions_boundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", ""),
            "tags": tags(role),
        },
    }
