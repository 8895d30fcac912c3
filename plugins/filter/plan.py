# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for the plan of a layer."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import owner, proof
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.model import Change, Resource
from ansible_collections.magiclub.fargate.plugins.plugin_utils import told

Resources = t.Sequence[Resource]


def _entries(plan: t.Any) -> list[Change]:
    if not isinstance(plan, t.Mapping) or "changes" not in plan:
        raise AnsibleFilterError(
            "to_make and to_remove take what the plan action returned; this has no 'changes'."
            " Register the result of magiclub.fargate.plan and filter that."
        )
    return t.cast("list[Change]", plan["changes"])


def to_make(plan: t.Any, *types: str) -> list[Change]:
    """Return the changes of these types that add or change a resource."""
    return [entry for entry in _entries(plan) if entry["type"] in types and entry["action"] != "remove"]


def to_remove(plan: t.Any, *types: str) -> list[Change]:
    """Return the changes of these types that remove a resource."""
    return [entry for entry in _entries(plan) if entry["type"] in types and entry["action"] == "remove"]


def to_replace(plan: t.Any, *types: str) -> list[Change]:
    """Return the changes of these types that affect more than tags."""
    return [
        entry
        for entry in to_make(plan, *types)
        if any(field["path"].partition(".")[0] != "tags" for field in entry["fields"])
    ]


def mentioning(entries: t.Iterable[Change], names: t.Container[str]) -> list[Change]:
    """Return the changes with one of the names anywhere in their values."""
    return [entry for entry in entries if _mentions(entry["values"], names)]


def _mentions(value: t.Any, names: t.Container[str]) -> bool:
    if isinstance(value, t.Mapping):
        return any(_mentions(item, names) for item in value.values())
    if isinstance(value, str):
        return value in names
    return isinstance(value, t.Sequence) and any(_mentions(item, names) for item in value)


def another_platform(found: Resources, tags: t.Mapping[str, t.Any]) -> str:
    """Return a message if the resources belong to another platform, else an empty string."""
    return owner.ownership_conflict([], found, tags) or ""


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters(
            {
                "to_make": to_make,
                "to_remove": to_remove,
                "to_replace": to_replace,
                "mentioning": mentioning,
                "another_platform": another_platform,
                "proven": proof.is_proven,
            }
        )
