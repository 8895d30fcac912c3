# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The data of a plan: desired and current resources, and the changes between them.  Plain dicts."""

from __future__ import annotations

import typing as t

Action = t.Literal["add", "change", "remove"]

HIDDEN = "(sensitive)"
"""What is shown in place of a value that may be a secret."""


class Resource(t.TypedDict):
    """A desired or a current ('found') resource.  References to other resources are by name."""

    type: str
    name: str
    values: dict[str, t.Any]
    """The compared fields; null means not given."""

    id: t.NotRequired[str | None]
    """AWS's id of a found resource."""
    arn: t.NotRequired[str]
    state: t.NotRequired[str]
    """AWS's state of a found resource that may not be usable yet, in lower case."""
    foreign: t.NotRequired[bool]
    """Whether a found resource with a name of the platform is not the platform's: never removed, changed if desired."""
    fixed: t.NotRequired[t.Sequence[str]]
    """The immutable fields of a desired resource."""
    alternative: t.NotRequired[str]
    """The alternative to putting back an immutable field; by default, to remove the resource first."""
    next_steps: t.NotRequired[t.Mapping[str, str]]
    """The complete next step by immutable field, in place of that with C(alternative)."""
    sensitive: t.NotRequired[t.Sequence[str]]
    """The paths whose values, and those below them, are never shown."""
    description: t.NotRequired[str | None]
    """Of a found security group."""
    inactive: t.NotRequired[bool]
    """Whether a found revision of a task definition was deregistered."""
    ipv6: t.NotRequired[bool]
    """Whether a found subnet has IPv6 addresses."""
    revision: t.NotRequired[str]
    """Of a found task definition, C(family:number)."""
    dns_name: t.NotRequired[str]
    """DNS name of a found load balancer, and the hosted zone for aliases to it."""
    hosted_zone_id: t.NotRequired[str]
    record: t.NotRequired[dict[str, str]]
    """C(name) and C(type) of a found record, then its zone, and its alias in Route 53's form."""
    zone_id: t.NotRequired[str]
    alias_target: t.NotRequired[t.Any]


class Field(t.TypedDict):
    """A differing field: its dotted path, its current and its desired value."""

    path: str
    before: t.Any
    after: t.Any


class ChangeSummary(t.TypedDict):
    """A change as plans and summaries show it."""

    action: Action
    type: str
    name: str
    fields: list[Field]
    """The differing fields of a C(change)."""


class Change(ChangeSummary):
    """One change of a plan."""

    id: str | None
    """AWS's id of the current resource."""
    values: dict[str, t.Any]
    """The desired values, or the current ones of a resource to remove."""
    sensitive: list[str]


def key_of(one: Resource | ChangeSummary) -> tuple[str, str]:
    """Return the type and the name of a resource, which identify it in a plan."""
    return one["type"], one["name"]


def of_type(resources: t.Iterable[Resource], kind: str) -> list[Resource]:
    """Return the resources of a type, in the same order."""
    return [entry for entry in resources if entry["type"] == kind]
