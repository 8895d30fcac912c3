# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls of EventBridge Scheduler, one function each, with AWS's shapes in and out."""

from __future__ import annotations

import functools
import os
import typing as t

from ..._aws.read import call, none_if_missing, of_each, pages
from ..._aws.retry import IsNew, retried

Client = t.Any
Data = dict[str, t.Any]

DEFAULT_GROUP = "default"
"""The group that every account has; schedules are in it if nobody says another one."""
LONGEST = 64
"""Characters that the name of a schedule may have (API_CreateSchedule); an ECS service's may have more."""
MISSING, THERE_ALREADY = "ResourceNotFoundException", "ConflictException"


def schedule(client: Client, name: str, group: str = DEFAULT_GROUP) -> Data | None:
    """Return a schedule, or null if it is not there."""
    return none_if_missing(functools.partial(call, client, "get_schedule", Name=name, GroupName=group), MISSING)


def names(client: Client, prefix: str) -> list[str]:
    """Return the names of the schedules of the default group that begin with I(prefix), of all if it is empty."""
    # "Length Constraints: Minimum length of 1" (API_ListSchedules)
    asked = {"NamePrefix": prefix} if prefix else {}
    found = pages(client, "list_schedules", "Schedules", GroupName=DEFAULT_GROUP, **asked)
    return [str(one["Name"]) for one in found]


def schedules(client: Client, wanted: t.Sequence[str]) -> list[Data]:
    """Return those of the I(wanted) schedules that there are; one call lists what begins as all of them do."""
    possible = [name for name in wanted if len(name) <= LONGEST]
    if not possible:
        return []
    common = os.path.commonprefix(possible)  # noqa: RUF071 - any characters begin a name
    there = [name for name in names(client, common) if name in possible]
    return [found for found in of_each(there, lambda name: schedule(client, name)).values() if found]


def create(client: Client, fields: Data, is_new: IsNew | None = None) -> bool:
    """Create a schedule; return false if there is one of this name by now.

    botocore sends a token with it, by which AWS tells a repeated call from another one.
    """

    def make() -> bool:
        client.create_schedule(**fields)
        return True

    made = none_if_missing(lambda: retried(make, request=fields, is_new=is_new), THERE_ALREADY)
    return bool(made)


def update(client: Client, fields: Data, is_new: IsNew | None = None) -> None:
    """Replace all of a schedule: what is not given goes back to AWS's default."""
    call(client, "update_schedule", is_new=is_new, **fields)


def delete(client: Client, name: str, group: str = DEFAULT_GROUP) -> None:
    """Delete a schedule; it may be gone already."""
    none_if_missing(functools.partial(call, client, "delete_schedule", Name=name, GroupName=group), MISSING)
