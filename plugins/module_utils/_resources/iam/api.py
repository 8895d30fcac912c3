# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""IAM calls, one function each."""

from __future__ import annotations

import typing as t

from ..._aws.read import call, none_if_missing, pages

Raw = dict[str, t.Any]


def role(iam: t.Any, name: str, *, inline: bool = True, attached: bool = True) -> Raw | None:
    """Return a role as GetRole does, with C(InlinePolicies) and C(AttachedPolicies); None if it does not exist."""
    found = none_if_missing(lambda: call(iam, "get_role", RoleName=name)["Role"], "NoSuchEntity")
    if found is None:
        return None
    if inline:
        names = pages(iam, "list_role_policies", "PolicyNames", RoleName=name)
        found["InlinePolicies"] = {
            str(policy): call(iam, "get_role_policy", RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in names
        }
    if attached:
        found["AttachedPolicies"] = pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    return t.cast("Raw", found)
