# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log groups of CloudWatch Logs as resources of a plan."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource


def found(group: t.Mapping[str, t.Any]) -> Resource:
    """Return a log group that was read as a resource of a plan."""
    values = {"retention": group.get("retentionInDays"), "tags": group["tags"]}
    return {"type": "log_group", "name": group["logGroupName"], "id": group["arn"], "values": values}
