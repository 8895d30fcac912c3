# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The obstacles to removing services that are no longer in the inventory."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._plan.owner import identity
from ..._resources.ec2 import security_group_rules as rules

Data = t.Mapping[str, t.Any]

LAYER = "prune"
"""The name, in plan and summary, of the layer of removed services."""


def obstacles(
    found: t.Sequence[Resource], tags: Data, naming_groups: t.Iterable[Data], planned: t.Iterable[Data]
) -> list[str]:
    """Return an error for each resource that keeps services from being removed.

    These are resources with other tags, and I(naming_groups), as M(magiclub.fargate.fargate_service_info) returns them,
    unless the same run removes their rules.
    """
    going = {str(entry["id"]): str(entry["name"]) for entry in found if entry["type"] == "security_group"}
    freed = {
        entry["name"]
        for entry in planned
        if entry["type"] == "security_group"
        and not going.keys() & {str(rule["source"]) for rule in entry["values"]["ingress"]}
    }
    naming = rules.naming([group for group in naming_groups if group["group_name"] not in freed], going)
    named = [
        f"prune=true removes no service whose security group a rule of another one names: {text}. Take that rule out;"
        " if the group is a service's, take this one out of its allow_from."
        for text in naming
    ]
    return [*foreign(found, tags), *named]


def foreign(resources: t.Iterable[Resource], tags: Data) -> list[str]:
    """Return an error for each resource of a pruned service whose tags don't identify this platform.

    Types without tags, such as scaling policies, belong to a resource that has tags.
    """
    ours = identity(tags)
    return [
        f"{entry['type']} {entry['name']} is not removed by prune=true, nor is what belongs to it: its tags are not"
        f" {', '.join(f'{key}={value}' for key, value in ours.items())}. Remove it by hand, or tag it so."
        for entry in resources
        if (has := (entry.get("values") or {}).get("tags")) is not None
        and any(has.get(key) != value for key, value in ours.items())
    ]
