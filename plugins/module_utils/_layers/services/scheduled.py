# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What sets the bounds of a service's scaling at its time, C(autoscaling.schedules).  Plain dicts in and out.

What a schedule has set stays until the next one, so that it is no drift: a run does not take it back.
What AWS takes: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html.
"""

from __future__ import annotations

import datetime
import re
import typing as t

from ..._plan.compare import closed
from ..._plan.model import Resource
from ..._resources.autoscaling import scheduled
from ..._resources.scheduler import expression
from . import current
from .names import Names

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

TYPE = "scheduled_action"
BOUNDS = {"min_capacity": "min", "max_capacity": "max"}
"""The bounds of a scalable target, and the options that say them."""
TIMES = ("cron", "rate", "at")

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def actions(service: Data, names: Names) -> list[Values]:
    """Return the actions in the words of M(magiclub.fargate.application_autoscaling_target)."""
    return [
        {
            "name": f"{names.full}-{one['name']}",
            "schedule": f"at({one['at']})" if one["at"] else expression.of(one["cron"], one["rate"]),
            "timezone": one["timezone"],
            **{key: one[option] for key, option in BOUNDS.items() if one[option] is not None},
        }
        for one in (service["autoscaling"] or {}).get("schedules") or []
    ]


def resources(service: Data, names: Names, found: Data) -> list[Resource]:
    """Return the actions as a plan has them; C(compare.GONE) marks a bound that is there and not asked for."""
    has = {entry["name"]: entry["values"] for entry in current.of_type(found, TYPE)}
    return [
        {"type": TYPE, "name": one["name"], "values": closed(scheduled.wanted(one), has.get(one["name"]))}
        for one in actions(service, names)
    ]


def bounds(service: Data, names: Names, found: Data, has: Data) -> Values:
    """Return the bounds to have: those of the service, or what one of its schedules has set in their place.

    One that a schedule has set, and now sets to another number, follows it.
    """
    own = {key: service["autoscaling"][option] for key, option in BOUNDS.items()}
    sets = actions(service, names)
    before = {entry["name"]: entry["values"]["capacity"] for entry in current.of_type(found, TYPE)}
    result = {key: _bound(key, value, has.get(key), sets, before) for key, value in own.items()}
    # of two schedules, or of one that sets one of them: AWS takes none that are the wrong way round
    return result if result["min_capacity"] <= result["max_capacity"] else own


def _bound(key: str, own: int, has: int | None, sets: t.Sequence[Data], before: t.Mapping[str, Data]) -> int:
    numbers = [one[key] for one in sets if key in one]
    if has is None or has == own or has in numbers:
        return own if has is None else has
    followed = (one[key] for one in sets if key in one and before.get(one["name"], {}).get(key) == has)
    return int(next(followed, own))


def of_before(service: Data, names: Names, found: Data) -> list[str]:
    """Return the names of the actions that a service has and no longer asks for."""
    return sorted(
        {entry["name"] for entry in current.of_type(found, TYPE)} - {one["name"] for one in actions(service, names)}
    )


def passed(service: Data, names: Names, found: Data, now: datetime.datetime) -> t.Iterator[str]:
    """Yield that the moment of an action that is to be written is before I(now), which AWS does not take.

    One that is there as it is asked for stays, before its time and after it.
    """
    has = {entry["name"]: entry["values"] for entry in current.of_type(found, TYPE)}
    made = actions(service, names)
    for one, action in zip((service["autoscaling"] or {}).get("schedules") or [], made, strict=True):
        where = expression.zone(one["timezone"])
        if not one["at"] or where is None or has.get(action["name"]) == scheduled.wanted(action):
            continue
        if datetime.datetime.fromisoformat(one["at"]).replace(tzinfo=where) <= now:
            yield (
                f"Service '{service['name']}': autoscaling.schedules: '{one['name']}' is at {one['at']}"
                f" {one['timezone']}, which has passed, and there is no such action: AWS takes none for a time in the"
                " past. Take it out, or change at."
            )


def found_of(action: Data) -> Resource:
    """Return an action as AWS describes it."""
    values = scheduled.values(action)
    return {"type": TYPE, "name": action["ScheduledActionName"], "id": action["ScheduledActionARN"], "values": values}


def problems(scaling: Data) -> t.Iterator[str]:
    """Return what is wrong with the schedules of a service's scaling, a sentence each."""
    schedules = scaling["schedules"]
    names = [one["name"] for one in schedules]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"autoscaling.schedules has the name '{name}' {names.count(name)} times. Change the others."
    for one in schedules:
        for sentence in (*_of_time(one), *_of_bounds(one), *_of_the_other(one, [scaling, *schedules])):
            yield f"autoscaling.schedules: '{one['name']}' {sentence}"


def _of_time(one: Data) -> t.Iterator[str]:
    given = [key for key in TIMES if one[key]]
    if not _NAME.fullmatch(one["name"]):
        yield (
            "has to be lower-case letters, digits and single inner hyphens, as it is the end of the action's name."
            " Change it."
        )
    if len(given) != 1:
        yield f"has {' and '.join(given) or 'no time'}: set one of cron, rate and at."
    if one["cron"] and (wrong := expression.cron_problem(one["cron"])):
        yield f"has the cron '{one['cron']}', which {wrong}"
    if one["rate"] and (wrong := expression.rate_problem(one["rate"])):
        yield f"has the rate '{one['rate']}', which {wrong}"
    if one["at"] and not _is_moment(one["at"]):
        yield f"has at '{one['at']}', which is not a moment as in \"2026-12-24T18:00:00\". Change it."
    yield from _of_zone(one)


def _of_zone(one: Data) -> t.Iterator[str]:
    if not expression.is_zone(one["timezone"]):
        yield (
            f"has the timezone '{one['timezone']}', which is not one of the IANA's database: UTC, Asia/Seoul."
            " Change it."
        )
    elif one["rate"] and one["timezone"] != scheduled.UTC:
        # API_PutScheduledAction: of at and cron expressions alone
        yield f"has the timezone {one['timezone']} beside a rate, which has none. Take it out, or set cron."


def _of_bounds(one: Data) -> t.Iterator[str]:
    low, high = one["min"], one["max"]
    if low is None and high is None:
        yield "sets neither min nor max. Set one."
    for key in ("min", "max"):
        if one[key] is not None and one[key] < 0:
            yield f"sets {key} {one[key]}, which has to be 0 or more."
    if low is not None and high is not None and low > high:
        yield f"sets min {low} over max {high}. Lower the one or raise the other."


def _of_the_other(one: Data, every: t.Sequence[Data]) -> t.Iterator[str]:
    """Yield that a schedule sets one bound, and that the other never is where it has to be at its time.

    https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-policy-overview.html
    """
    lows, highs = ([given[key] for given in every if given[key] is not None] for key in ("min", "max"))
    low, high = one["min"], one["max"]
    if high is None and low is not None and low > max(highs):
        yield f"sets min {low}, and neither autoscaling nor another schedule has a max as high. Set max of it, too."
    if low is None and high is not None and 0 <= high < min(lows):
        yield f"sets max {high}, and neither autoscaling nor another schedule has a min as low. Set min of it, too."


def _is_moment(text: str) -> bool:
    """Whether a text is what at() takes: date and time to the second, without a time zone."""
    try:
        return datetime.datetime.fromisoformat(text).strftime("%Y-%m-%dT%H:%M:%S") == text
    except ValueError:
        return False
