# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Detects transient failures of modules of amazon.aws, for the C(until) of their tasks."""

from __future__ import annotations

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.eventual_consistency import row_of_message
from ansible_collections.magiclub.fargate.plugins.plugin_utils import told


def is_transient(result: t.Mapping[str, t.Any], new_policies: t.Iterable[str] = ()) -> bool:
    """Return whether a task failed with a transient error of the table in C(_aws/eventual_consistency).

    I(new_policies) are the names of the policies that this run has created: only these may be missing for a while.
    """
    return bool(result.get("failed")) and row_of_message(str(result.get("msg", "")), new_policies) is not None


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters({"is_transient": is_transient})
