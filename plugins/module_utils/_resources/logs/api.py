# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CloudWatch Logs calls, one function each."""

from __future__ import annotations

import functools
import typing as t

from ..._aws.read import call, in_parallel, pages

Raw = dict[str, t.Any]


def log_groups(logs: t.Any, names: t.Collection[str]) -> list[Raw]:
    """Return the log groups of I(names) that exist, with their C(tags)."""
    if not names:
        return []
    common = _common_prefix(min(names), max(names))
    given = {"logGroupNamePrefix": common} if common else {}
    described = pages(logs, "describe_log_groups", "logGroups", **given)
    arns = {group["arn"].removesuffix(":*"): group for group in described if group["logGroupName"] in names}
    calls = {arn: functools.partial(call, logs, "list_tags_for_resource", resourceArn=arn) for arn in arns}
    tags = in_parallel(**calls)
    return [{**group, "arn": arn, "tags": tags[arn]["tags"]} for arn, group in arns.items()]


def _common_prefix(first: str, last: str) -> str:
    """Return the common prefix of the first and the last of sorted names, and so of all."""
    pairs = enumerate(zip(first, last, strict=False))
    return first[: next((place for place, (one, other) in pairs if one != other), len(first))]


def log_group(logs: t.Any, name: str) -> Raw | None:
    """Return a log group by its name, None if it does not exist."""
    described = pages(logs, "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    return next((group for group in described if group["logGroupName"] == name), None)


def set_retention(logs: t.Any, name: str, days: int | None) -> None:
    """Set the retention of a log group in days; None keeps log lines forever."""
    if days is None:
        call(logs, "delete_retention_policy", logGroupName=name)
    else:
        call(logs, "put_retention_policy", logGroupName=name, retentionInDays=days)
