# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log groups as resources of a plan."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource

NEVER = "never"
"""A plan's word for log lines that do not expire."""
OF_AMAZON_AWS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653)
"""The days that amazon.aws.cloudwatchlogs_log_group accepts; with any other it deletes the group."""
RETENTIONS = tuple(sorted((*OF_AMAZON_AWS, 1096, 2192, 2557, 2922, 3288)))
"""The days that CloudWatch Logs accepts: API_PutRetentionPolicy."""


def found(group: t.Mapping[str, t.Any]) -> Resource:
    """Return a log group, as C(api.log_groups) reads it, as a resource of a plan."""
    values = {"retention": group.get("retentionInDays") or NEVER, "tags": group["tags"]}
    return {"type": "log_group", "name": group["logGroupName"], "id": group["arn"], "values": values}


def retention_change(group: t.Mapping[str, t.Any], wanted: int | str) -> dict[str, t.Any] | None:
    """Return C({path, before, after}) if the retention of a group differs, else None."""
    has = group.get("retentionInDays") or NEVER
    return None if has == wanted else {"path": "retention", "before": has, "after": wanted}
