# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Constraints on several values together.

Quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html. Adjustable quotas are checked by the
highest value that AWS grants.
"""

from __future__ import annotations

import json
import typing as t

from .shapes import Problem

Values = t.Mapping[str, t.Any]

INLINE_CHARACTERS = 10240
"""Role aggregate inline policy size, without white space; not adjustable."""
POLICY_CHARACTERS = 6144
"""Characters of a managed policy, without white space; not adjustable."""
MANAGED_POLICIES = 25
"""Managed policies attached to a role: 10 by default, adjustable to 25."""
DEFINITION_BYTES = 64 * 1024
"""Size of a task definition; not adjustable."""


def problems(kind: str, values: Values) -> t.Iterator[Problem]:
    """Yield the problems of a planned resource of this kind that concern several of its values."""
    for check in CHECKS.get(kind, ()):
        yield from check(values)


def _tags_apart(values: Values) -> t.Iterator[Problem]:
    # Roles and users only: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#case-sensitivity
    first: dict[str, str] = {}
    for key in map(str, values.get("tags") or {}):
        other = first.setdefault(key.lower(), key)
        if other != key:
            rule = f"differs from '{other}' in case only, and a role has one tag of both"
            yield Problem("iam.TagRole.Tags.Key", f"tags.{key}", repr(key), rule)


def _inline_policies(values: Values) -> t.Iterator[Problem]:
    policies = values.get("inline_policies") or {}
    size = sum(_characters(policy) for policy in policies.values() if isinstance(policy, t.Mapping))
    if size > INLINE_CHARACTERS:
        rule = f"have {size} characters in all; {INLINE_CHARACTERS} at most, as a role has room for no more"
        yield Problem("iam.PutRolePolicy.PolicyDocument", "inline_policies", ", ".join(map(str, policies)), rule)


def _managed_policies(values: Values) -> t.Iterator[Problem]:
    attached = values.get("managed_policies") or []
    if len(attached) > MANAGED_POLICIES:
        rule = f"are too many for a role; {MANAGED_POLICIES} at most (10 until AWS raises the quota)"
        yield Problem("iam.AttachRolePolicy.PolicyArn", "managed_policies", f"with {len(attached)} entries", rule)


def _policy(values: Values) -> t.Iterator[Problem]:
    policy = values.get("policy")
    size = _characters(policy) if isinstance(policy, t.Mapping) else 0
    if size > POLICY_CHARACTERS:
        rule = f"has {size} characters; {POLICY_CHARACTERS} at most"
        yield Problem("iam.CreatePolicy.PolicyDocument", "policy", "of the managed policy", rule)


def _definition(values: Values) -> t.Iterator[Problem]:
    own = {key: value for key, value in values.items() if key != "tags"}
    size = len(json.dumps(_camel_keys(own), ensure_ascii=False, separators=(",", ":")).encode(errors="replace"))
    if size > DEFINITION_BYTES:
        rule = f"have {size} bytes with all else in the task definition; {DEFINITION_BYTES} at most"
        yield Problem("ecs.RegisterTaskDefinition.containerDefinitions", "container_definitions", "together", rule)


def _camel_keys(value: t.Any) -> t.Any:
    """Return the value with its keys as long as AWS's: camelCase has no underscores."""
    if isinstance(value, t.Mapping):
        return {str(key).replace("_", ""): _camel_keys(item) for key, item in value.items()}
    return [_camel_keys(item) for item in value] if isinstance(value, list) else value


def _characters(policy: Values) -> int:
    return len("".join(json.dumps(policy, ensure_ascii=False).split()))


CHECKS: dict[str, tuple[t.Callable[[Values], t.Iterator[Problem]], ...]] = {
    "iam_role": (_tags_apart, _inline_policies, _managed_policies),
    "iam_policy": (_policy,),
    "ecs_task_definition": (_definition,),
}
"""The checks of several values, by kind of planned resource."""
