# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CloudWatch Logs calls, one function each."""

from __future__ import annotations

import functools
import os
import typing as t

from ..._aws.read import call, in_parallel, pages

Raw = dict[str, t.Any]


def log_groups(logs: t.Any, names: t.Collection[str]) -> list[Raw]:
    """Return the log groups of I(names) that exist, with their C(tags)."""
    if not names:
        return []
    arns = {group["arn"].removesuffix(":*"): group for group in described(logs, names)}
    calls = {arn: functools.partial(call, logs, "list_tags_for_resource", resourceArn=arn) for arn in arns}
    tags = in_parallel(**calls)
    return [{**group, "arn": arn, "tags": tags[arn]["tags"]} for arn, group in arns.items()]


def described(logs: t.Any, names: t.Collection[str]) -> list[Raw]:
    """Return the log groups of I(names) that exist, by a call for their common prefix."""
    common = os.path.commonprefix(list(names))  # noqa: RUF071 - any characters begin a name
    given = {"logGroupNamePrefix": common} if common else {}
    found = pages(logs, "describe_log_groups", "logGroups", **given)
    return [group for group in found if group["logGroupName"] in names]


def log_group(logs: t.Any, name: str) -> Raw | None:
    """Return a log group by its name, None if it does not exist."""
    return next(iter(described(logs, [name])), None)


def set_retention(logs: t.Any, name: str, days: int | None) -> None:
    """Set the retention of a log group in days; None keeps log lines forever."""
    if days is None:
        call(logs, "delete_retention_policy", logGroupName=name)
    else:
        call(logs, "put_retention_policy", logGroupName=name, retentionInDays=days)
