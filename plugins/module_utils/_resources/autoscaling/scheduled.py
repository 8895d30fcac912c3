# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scheduled actions of a scalable target, each of which sets its bounds until the next one.

https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html
"""

from __future__ import annotations

import typing as t

from ..._plan.model import Field

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

BOUNDS = {"min_capacity": "MinCapacity", "max_capacity": "MaxCapacity"}
UTC = "UTC"
"""The default time zone of an action."""


def values(found: Data) -> Values:
    """Return a described action as a plan shows it, with only the bounds that it sets."""
    sets = found.get("ScalableTargetAction") or {}
    return {
        "schedule": found["Schedule"],
        "timezone": found.get("Timezone") or UTC,
        "capacity": {key: sets[member] for key, member in BOUNDS.items() if sets.get(member) is not None},
    }


def wanted(action: Data) -> Values:
    """Return an action in the module's options in the form of C(values)."""
    return {
        "schedule": action["schedule"],
        "timezone": action["timezone"] or UTC,
        "capacity": {key: action[key] for key in BOUNDS if action.get(key) is not None},
    }


def request(action: Data) -> Values:
    """Return the arguments of PutScheduledAction for an action in the module's options."""
    given = wanted(action)
    # a rate has no time zone: API_PutScheduledAction
    zone = {} if given["schedule"].startswith("rate(") else {"Timezone": given["timezone"]}
    sets = {BOUNDS[key]: value for key, value in given["capacity"].items()}
    return {"ScheduledActionName": action["name"], "Schedule": given["schedule"], **zone, "ScalableTargetAction": sets}


def fields(actions: t.Iterable[Data], found: t.Mapping[str, Data], gone: t.Iterable[str]) -> list[Field]:
    """Return C({path, before, after}) of the actions that differ, and of the existing ones among I(gone)."""
    named = {action["name"]: wanted(action) for action in actions}
    differing: list[Field] = [
        {"path": f"scheduled_actions.{name}", "before": found.get(name), "after": after}
        for name, after in named.items()
        if found.get(name) != after
    ]
    left = [name for name in sorted(set(gone) - set(named)) if name in found]
    return differing + [{"path": f"scheduled_actions.{name}", "before": found[name], "after": None} for name in left]


def problems(actions: t.Iterable[Data]) -> list[str]:
    """Return the problems with the actions in the module's options, one message each."""
    result = []
    for action in actions:
        low, high = (action.get(key) for key in BOUNDS)
        if low is None and high is None:
            result.append(f"Scheduled action {action['name']} sets neither min_capacity nor max_capacity. Give one.")
        if low is not None and high is not None and low > high:
            result.append(
                f"Scheduled action {action['name']}: min_capacity {low} is greater than max_capacity {high}. Lower the"
                " first or raise the second."
            )
    return result
