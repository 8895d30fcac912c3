# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tags in AWS's descriptions.  Imports nothing from botocore, as filters use it."""

from __future__ import annotations

import typing as t


def tags(described: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return the tags of a described resource."""
    return {tag["Key"]: tag["Value"] for tag in described.get("Tags") or []}


def name(described: t.Mapping[str, t.Any]) -> str:
    """Return the tag Name of a described resource; empty if it has none."""
    return tags(described).get("Name", "")
