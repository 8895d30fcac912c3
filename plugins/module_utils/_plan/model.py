# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a plan is made of: resources that are wanted and that there are, and the changes between them.  Plain dicts."""

from __future__ import annotations

import typing as t

Action = t.Literal["add", "change", "remove"]


class Resource(t.TypedDict):
    """One resource, as it is wanted or as it was found.  References to others are by name."""

    type: str
    name: str
    values: dict[str, t.Any]
    """What is compared, by the name of each field; null is not given."""

    id: t.NotRequired[str | None]
    """Of a found one, what AWS knows it by."""
    arn: t.NotRequired[str]
    state: t.NotRequired[str]
    """Of a found one that may not be usable yet, as AWS says it in lower case."""
    foreign: t.NotRequired[bool]
    """A found one with a name of ours that is not ours: it is changed if it is wanted, and never removed."""
    fixed: t.NotRequired[t.Sequence[str]]
    """Of a wanted one, the fields that AWS can't change."""
    way: t.NotRequired[str]
    """What to do instead where these are to be others; to remove it first if not given."""
    ways: t.NotRequired[t.Mapping[str, str]]
    """By fixed field, what to do instead of putting back what there is."""
    sensitive: t.NotRequired[t.Sequence[str]]
    """The paths below which no value is shown."""
    description: t.NotRequired[str | None]
    """Of a found security group."""
    inactive: t.NotRequired[bool]
    """Of a found revision of a task definition: it was deregistered."""
    ipv6: t.NotRequired[bool]
    """Of a found subnet, whether it has IPv6 addresses."""
    revision: t.NotRequired[str]
    """Of a found task definition, C(family:number)."""
    dns_name: t.NotRequired[str]
    """Of a found load balancer, and the zone that its aliases name."""
    hosted_zone_id: t.NotRequired[str]
    record: t.NotRequired[dict[str, str]]
    """Of a found record, C(name) and C(type), its zone, and its alias as Route 53 has it."""
    zone_id: t.NotRequired[str]
    alias_target: t.NotRequired[t.Any]


class Field(t.TypedDict):
    """A field that differs: its path with dots, C(before) as found, C(after) as wanted."""

    path: str
    before: t.Any
    after: t.Any


class Told(t.TypedDict):
    """What plan and summary tell of a change."""

    action: Action
    type: str
    name: str
    fields: list[Field]
    """Of a change, what differs."""


class Change(Told):
    """One change of a plan."""

    id: str | None
    """Of what is there already."""
    values: dict[str, t.Any]
    """As it will be, or of one that is removed, as it was."""
    sensitive: list[str]


def of_type(resources: t.Iterable[Resource], kind: str) -> list[Resource]:
    """Return the resources of a type, in their order."""
    return [entry for entry in resources if entry["type"] == kind]
