# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""IAM roles: read, and as resources of a plan."""

from __future__ import annotations

import typing as t

from ..._aws.read import call, none_if_missing, pages
from ..._aws.tagged import tags
from .policy import canonical, document

Raw = dict[str, t.Any]


def read(iam: t.Any, name: str, *, inline: bool = True, attached: bool = True) -> Raw | None:
    """Return a role as GetRole does, with C(InlinePolicies) and C(AttachedPolicies); None if there is none."""
    role = none_if_missing(lambda: call(iam, "get_role", RoleName=name)["Role"], "NoSuchEntity")
    if role is None:
        return None
    if inline:
        names = pages(iam, "list_role_policies", "PolicyNames", RoleName=name)
        role["InlinePolicies"] = {
            str(policy): call(iam, "get_role_policy", RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in names
        }
    if attached:
        role["AttachedPolicies"] = pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    return t.cast("Raw", role)


def found(role: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return a role that was read as a resource of a plan."""
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
