# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tags of what AWS describes; nothing is imported from botocore, as filters use this."""

from __future__ import annotations

import typing as t


def tags(described: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return the tags of a described resource."""
    return {tag["Key"]: tag["Value"] for tag in described.get("Tags") or []}


def name(described: t.Mapping[str, t.Any]) -> str:
    """Return the tag Name of a described resource, empty if there is none."""
    return tags(described).get("Name", "")
