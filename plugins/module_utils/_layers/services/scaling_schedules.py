# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scheduled actions that change the bounds of a service's scaling, C(autoscaling.schedules).

The bounds that a schedule has set stay until the next one. That is not drift, so a run does not reset them.
AWS's rules: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html.
"""

from __future__ import annotations

import datetime
import typing as t

from ..._plan.compare import with_removals
from ..._plan.model import Resource
from ..._resources.autoscaling import scheduled
from ..._resources.scheduler import expression
from . import current
from .names import Names

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

TYPE = "scheduled_action"
PASSED = "passed_actions"
"""Key in a service's current state: the names of its one-time actions whose time has passed."""
BOUNDS = {"min_capacity": "min", "max_capacity": "max"}
"""The bounds of a scalable target, and their options."""


def actions(service: Data, names: Names) -> list[Values]:
    """Return O(scheduled_actions) of M(magiclub.fargate.application_autoscaling_target)."""
    return [
        {
            "name": f"{names.full}-{one['name']}",
            "schedule": f"at({one['at']})" if one["at"] else expression.of(one["cron"], one["rate"]),
            "timezone": one["timezone"],
            **{key: one[option] for key, option in BOUNDS.items() if one[option] is not None},
        }
        for one in _of(service)
    ]


def desired(service: Data, names: Names, found: Data) -> list[Values]:
    """Return the desired actions, without past one-time actions (see C(with_passed))."""
    return [one for one in actions(service, names) if one["name"] not in found.get(PASSED, ())]


def resources(service: Data, names: Names, found: Data) -> list[Resource]:
    """Return the actions as desired resources; C(compare.GONE) marks a bound to be removed."""
    has = _has(found)
    return [
        {"type": TYPE, "name": one["name"], "values": with_removals(scheduled.wanted(one), has.get(one["name"]))}
        for one in desired(service, names, found)
    ]


def _has(found: Data) -> dict[str, Data]:
    return {entry["name"]: entry["values"] for entry in current.of_type(found, TYPE)}


def bounds(service: Data, names: Names, found: Data, has: Data) -> Values:
    """Return the desired bounds: those of the service, or the ones that one of its schedules has set.

    A bound set by a schedule whose number changes follows that schedule.
    """
    own = {key: service["autoscaling"][option] for key, option in BOUNDS.items()}
    sets = actions(service, names)
    before = {name: values["capacity"] for name, values in _has(found).items()}
    result = {key: _bound(key, value, has.get(key), sets, before) for key, value in own.items()}
    # bounds from two schedules may contradict each other, which AWS refuses
    return result if result["min_capacity"] <= result["max_capacity"] else own


def _bound(key: str, own: int, has: int | None, sets: t.Sequence[Data], before: t.Mapping[str, Data]) -> int:
    numbers = [one[key] for one in sets if key in one]
    if has is None or has == own or has in numbers:
        return own if has is None else has
    followed = (one[key] for one in sets if key in one and before.get(one["name"], {}).get(key) == has)
    return int(next(followed, own))


def to_remove(service: Data, names: Names, found: Data) -> list[str]:
    """Return the names of the existing actions that are no longer desired."""
    return sorted(_has(found).keys() - {one["name"] for one in desired(service, names, found)})


def with_passed(
    services: t.Iterable[Data], name_prefix: str, found: t.Mapping[str, Data], now: datetime.datetime
) -> dict[str, Data]:
    """Return the current state of the services, each with the names of its past one-time actions (C(PASSED)).

    Their time is before I(now), and AWS has no equal action: an existing one stays.
    """
    over = {
        service["name"]: [*_passed(service, Names.of(name_prefix, service), found[service["name"]], now)]
        for service in services
    }
    return {**found, **{name: {**found[name], PASSED: names} for name, names in over.items()}}


def _passed(service: Data, names: Names, found: Data, now: datetime.datetime) -> t.Iterator[str]:
    has = _has(found)
    for one, action in zip(_of(service), actions(service, names), strict=True):
        where = expression.zone(one["timezone"])
        if not one["at"] or where is None or has.get(action["name"]) == scheduled.wanted(action):
            continue
        if datetime.datetime.fromisoformat(one["at"]).replace(tzinfo=where) <= now:
            yield action["name"]


def _of(service: Data) -> t.Sequence[Data]:
    return (service["autoscaling"] or {}).get("schedules") or []


def expired(service: Data, name_prefix: str, found: Data, now: datetime.datetime) -> t.Iterator[str]:
    """Yield a warning for each schedule of a service, or of its scaling, that will not run again after I(now)."""
    whose = f"Service '{service['name']}': "
    for one, action in zip(_of(service), actions(service, Names.of(name_prefix, service)), strict=True):
        if action["name"] in found.get(PASSED, ()):
            yield (
                f"{whose}autoscaling.schedules: '{one['name']}' is at {one['at']} {one['timezone']}, which has passed,"
                " and there is no such action, so it is left out. Take it out of the inventory, or change at."
            )
    scaled = [(f"autoscaling.schedules: '{one['name']}'", one) for one in _of(service)]
    for what, one in [("schedule", service["schedule"]), *scaled]:
        if not one or not one["cron"] or expression.zone(one["timezone"]) is None:
            continue
        if expression.next_run(expression.of(one["cron"], None), one["timezone"], now) is None:
            yield f"{whose}{what} has the cron '{one['cron']}', which does not come again. Change it, or take it out."


def found_of(action: Data) -> Resource:
    """Return an action as a found resource."""
    values = scheduled.values(action)
    return {"type": TYPE, "name": action["ScheduledActionName"], "id": action["ScheduledActionARN"], "values": values}
