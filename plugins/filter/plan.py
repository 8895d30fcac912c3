# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters over the plan of a layer."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError


def _entries(plan: t.Any) -> list[dict[str, t.Any]]:
    if not isinstance(plan, t.Mapping) or "changes" not in plan:
        raise AnsibleFilterError(
            "to_make and to_remove take what the plan action returned; this has no 'changes'."
            " Register the result of magiclub.fargate.plan and filter that."
        )
    return t.cast("list[dict[str, t.Any]]", plan["changes"])


def to_make(plan: t.Any, *types: str) -> list[dict[str, t.Any]]:
    """Return the entries of these types that are to be added or changed."""
    return [entry for entry in _entries(plan) if entry["type"] in types and entry["action"] != "remove"]


def to_remove(plan: t.Any, *types: str) -> list[dict[str, t.Any]]:
    """Return the entries of these types that are to be removed."""
    return [entry for entry in _entries(plan) if entry["type"] in types and entry["action"] == "remove"]


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"to_make": to_make, "to_remove": to_remove}
