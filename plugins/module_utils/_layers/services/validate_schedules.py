# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validate the schedules of a service's scaling, C(autoscaling.schedules)."""

from __future__ import annotations

import collections
import datetime
import typing as t

from ..._resources.autoscaling import scheduled
from ..._resources.scheduler import expression
from .names import NAME

Inputs = t.Mapping[str, t.Any]


TIMES = ("cron", "rate", "at")


def problems(scaling: Inputs) -> t.Iterator[str]:
    """Yield the problems with the schedules of a service's scaling, one message each."""
    schedules = scaling["schedules"]
    yield from duplicate_names("autoscaling.schedules", schedules)
    for one in schedules:
        for sentence in (*_of_name(one), *_of_time(one), *_of_bounds(one), *_of_the_other(one, [scaling, *schedules])):
            yield f"autoscaling.schedules: '{one['name']}' {sentence}"


def duplicate_names(option: str, items: t.Iterable[Inputs]) -> t.Iterator[str]:
    """Yield an error for each name that several items of a list have."""
    for name, times in sorted(collections.Counter(one["name"] for one in items).items()):
        if times > 1:
            yield f"{option} has the name '{name}' {times} times. Change the others."


def _of_name(one: Inputs) -> t.Iterator[str]:
    if not NAME.fullmatch(one["name"]):
        yield (
            "has to be lower-case letters, digits and single inner hyphens, as it is the end of the action's name."
            " Change it."
        )


def _of_time(one: Inputs) -> t.Iterator[str]:
    given = [key for key in TIMES if one[key]]
    if len(given) != 1:
        yield f"has {' and '.join(given) or 'no time'}: set one of cron, rate and at."
    if one["cron"] and (wrong := expression.cron_problem(one["cron"])):
        yield f"has the cron '{one['cron']}', which {wrong}"
    if one["rate"] and (wrong := expression.rate_problem(one["rate"])):
        yield f"has the rate '{one['rate']}', which {wrong}"
    if one["at"] and not _is_moment(one["at"]):
        yield f"has at '{one['at']}', which is not a moment as in \"2026-12-24T18:00:00\". Change it."
    yield from _of_zone(one)


def _of_zone(one: Inputs) -> t.Iterator[str]:
    if not expression.is_zone(one["timezone"]):
        yield (
            f"has the timezone '{one['timezone']}', which is not one of the IANA's database: UTC, Asia/Seoul."
            " Change it."
        )
    elif one["rate"] and one["timezone"] != scheduled.UTC:
        # API_PutScheduledAction: only for at and cron expressions
        yield f"has the timezone {one['timezone']} beside a rate, which has none. Take it out, or set cron."


def _of_bounds(one: Inputs) -> t.Iterator[str]:
    low, high = one["min"], one["max"]
    if low is None and high is None:
        yield "sets neither min nor max. Set one."
    for key in ("min", "max"):
        if one[key] is not None and one[key] < 0:
            yield f"sets {key} {one[key]}, which has to be 0 or more."
    if low is not None and high is not None and low > high:
        yield f"sets min {low}, greater than max {high}. Lower the first or raise the second."


def _of_the_other(one: Inputs, every: t.Sequence[Inputs]) -> t.Iterator[str]:
    """Yield an error if a schedule sets one bound that the other one always contradicts.

    https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-policy-overview.html
    """
    lows, highs = ([given[key] for given in every if given[key] is not None] for key in ("min", "max"))
    low, high = one["min"], one["max"]
    if high is None and low is not None and low > max(highs):
        yield f"sets min {low}, and neither autoscaling nor another schedule has a max as high. Set max of it, too."
    if low is None and high is not None and 0 <= high < min(lows):
        yield f"sets max {high}, and neither autoscaling nor another schedule has a min as low. Set min of it, too."


def _is_moment(text: str) -> bool:
    """Whether a text is valid for at(): date and time to the second, without a time zone."""
    try:
        return datetime.datetime.fromisoformat(text).strftime("%Y-%m-%dT%H:%M:%S") == text
    except ValueError:
        return False
