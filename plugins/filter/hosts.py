# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Artifacts and files of a run with several hosts."""

from __future__ import annotations

import typing as t

from ansible_collections.magiclub.fargate.plugins.plugin_utils import show, told


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters({"artifact_of": show.artifact_of, "file_of": show.file_of})
