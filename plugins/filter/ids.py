# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Maps the names in plans to the ids that modules need."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.model import Resource
from ansible_collections.magiclub.fargate.plugins.plugin_utils import told


def ids(resources: t.Iterable[Resource]) -> dict[str, str]:
    """Return ids by name; of resources with the same name, the first one, which is in use."""
    return {resource["name"]: resource["id"] for resource in reversed(list(resources)) if resource.get("id")}


def made(looped: t.Any, path: str) -> dict[str, str]:
    """Return the ids, by name, of the resources that a loop over planned changes has created."""
    if not isinstance(looped, t.Mapping):
        raise AnsibleFilterError("made takes what a task registered that looped over entries of a plan.")
    results = looped.get("results") or []
    return {result["item"]["name"]: _at(result, path) for result in results if not result.get("skipped")}


def _at(result: t.Mapping[str, t.Any], path: str) -> str:
    value: t.Any = result
    for key in path.split("."):
        if not isinstance(value, t.Mapping) or key not in value:
            raise AnsibleFilterError(f"No '{path}' in the result for {result['item']['name']}: '{key}' is missing.")
        value = value[key]
    return str(value)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters({"ids": ids, "made": made})
