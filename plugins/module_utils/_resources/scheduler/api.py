# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""EventBridge Scheduler calls, one function each, with AWS's shapes in and out."""

from __future__ import annotations

import functools
import os
import typing as t

from ..._aws.read import call, none_if_missing, of_each, pages
from ..._aws.retry import IsNew, retried

Client = t.Any
Data = dict[str, t.Any]

DEFAULT_GROUP = "default"
"""The group that every account has, and the default of the API."""
LONGEST = 64
"""Maximum length of the name of a schedule (API_CreateSchedule); that of an ECS service may be longer."""
MISSING, THERE_ALREADY = "ResourceNotFoundException", "ConflictException"


def schedule(client: Client, name: str, group: str = DEFAULT_GROUP) -> Data | None:
    """Return a schedule, None if it does not exist."""
    return none_if_missing(functools.partial(call, client, "get_schedule", Name=name, GroupName=group), MISSING)


def names(client: Client, prefix: str) -> list[str]:
    """Return the names of the schedules in the default group that begin with I(prefix), which may be empty."""
    # "Length Constraints: Minimum length of 1" (API_ListSchedules)
    given = {"NamePrefix": prefix} if prefix else {}
    found = pages(client, "list_schedules", "Schedules", GroupName=DEFAULT_GROUP, **given)
    return [str(one["Name"]) for one in found]


def names_for_cluster(client: Client, cluster: str) -> list[str]:
    """Return the names of the default group's schedules whose target is this ECS cluster, whatever they begin with."""
    found = pages(client, "list_schedules", "Schedules", GroupName=DEFAULT_GROUP)
    return [str(one["Name"]) for one in found if str(one["Target"]["Arn"]).endswith(f":cluster/{cluster}")]


def schedules(client: Client, wanted: t.Sequence[str]) -> list[Data]:
    """Return the I(wanted) schedules that exist, listed by a call for their common prefix."""
    possible = [name for name in wanted if len(name) <= LONGEST]
    if not possible:
        return []
    common = os.path.commonprefix(possible)  # noqa: RUF071 - any characters begin a name
    there = [name for name in names(client, common) if name in possible]
    return [found for found in of_each(there, lambda name: schedule(client, name)).values() if found]


def create(client: Client, fields: Data, is_new: IsNew | None = None) -> bool:
    """Create a schedule; return False if one of this name exists by now.

    botocore sends a client token, by which AWS recognises a repeated call.
    """

    def create_it() -> bool:
        client.create_schedule(**fields)
        return True

    return bool(none_if_missing(lambda: retried(create_it, request=fields, is_new=is_new), THERE_ALREADY))


def update(client: Client, fields: Data, is_new: IsNew | None = None) -> None:
    """Replace all fields of a schedule; those that are not given get AWS's default."""
    call(client, "update_schedule", is_new=is_new, **fields)


def delete(client: Client, name: str, group: str = DEFAULT_GROUP) -> None:
    """Delete a schedule, if it exists."""
    none_if_missing(functools.partial(call, client, "delete_schedule", Name=name, GroupName=group), MISSING)
