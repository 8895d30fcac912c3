# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The priorities of the rules of services: as given, as they are, or the next that is free."""

from __future__ import annotations

import typing as t

from ..._resources.elbv2.decide import HIGHEST_PRIORITY, matches_all, next_priority
from . import overlaps, routes, strategy
from .names import Names

Data = t.Mapping[str, t.Any]


def with_priorities(services: t.Sequence[Data], prefix: str, info: Data) -> list[Data]:
    """Return the services with name and priority of each rule: the number as given, as it is, or the next free."""
    taken = {rule["priority"] for rule in info["rules"]} | {one for service in services for one in given(service)}
    return [_numbered(service, Names.of(prefix, service), taken, info) for service in services]


def _numbered(service: Data, names: Names, taken: set[int], info: Data) -> Data:
    """Return a service with the numbers of its rules, which are I(taken) from now on."""
    there = info["services"].get(service["name"]) or {}
    has = {rule["name"]: rule["priority"] for rule in there.get("rules") or []}
    rules = []
    for rule in routes.named(service, names, there):
        number = rule["priority"] or has.get(rule["name"]) or next_priority(taken, matches_all(rule))
        test = None
        if strategy.headers(service):
            number, test = _with_test(service, number, taken, info)
        elif strategy.test_port(service):
            # among the rules of tests it has the place that the service's own has among those of users
            test = number
        taken |= {number, test or number}
        rules.append({**rule, "priority": number, "test_priority": test})
    return {**service, "rules": rules, "rule": next(iter(rules), None)}


def _with_test(service: Data, number: int, taken: set[int], info: Data) -> tuple[int, int | None]:
    """Return the priorities of a rule and of the one for tests in front of it; None if there is no room in front.

    Where the rule was the first of all, it makes room by moving back to the next free number.
    """
    has = (info["services"].get(service["name"]) or {}).get("test_rule_priority")
    for kept in (service["rules"][0].get("test_priority"), has):
        if kept and kept < number:
            return number, kept
    # the rule itself is moved first, and leaves its number
    left = {rule["priority"] for rule in overlaps.rules_of(info, service["name"])} - {number}
    free = next((one for one in range(number - 1, 0, -1) if one not in taken - left), None)
    if free or given(service):
        return number, free
    return next(one for one in range(number + 1, HIGHEST_PRIORITY + 1) if one not in taken), number


def lacks_room(service: Data) -> bool:
    """Return whether a service has a rule for tests, by a header, and no number is free in front of its own."""
    return bool(service["rules"] and strategy.headers(service)) and service["rules"][0]["test_priority"] is None


def given(service: Data) -> list[int]:
    """Return the numbers that the definition of a service gives its rules."""
    return [rule["priority"] for rule in service["rules"] if rule["priority"]]
