# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for the summary of running services."""

from __future__ import annotations

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._operations import summary
from ansible_collections.magiclub.fargate.plugins.plugin_utils import told


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters(
            {
                "services_serving": summary.serving,
                "service_lines": summary.lines,
                "service_stats": summary.stats,
            }
        )
