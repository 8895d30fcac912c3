# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The priorities of services' rules: as set, else the current one, else the next free one."""

from __future__ import annotations

import typing as t

from ..._resources.elbv2.decide import HIGHEST_PRIORITY, matches_all, next_priority
from . import overlaps, routes, strategy
from .names import Names

Data = t.Mapping[str, t.Any]


def with_priorities(services: t.Sequence[Data], prefix: str, info: Data) -> list[Data]:
    """Return the services with the name and priority of each rule."""
    taken = {rule["priority"] for rule in info["rules"]} | {one for service in services for one in given(service)}
    return [_numbered(service, Names.of(prefix, service), taken, info) for service in services]


def _numbered(service: Data, names: Names, taken: set[int], info: Data) -> Data:
    """Return a service with its rules' priorities, which are added to I(taken)."""
    there = info["services"].get(service["name"]) or {}
    has = {rule["name"]: rule["priority"] for rule in there.get("rules") or []}
    rules = []
    for rule in routes.named(service, names, there):
        number = rule["priority"] or has.get(rule["name"]) or next_priority(taken, matches_all(rule))
        test = None
        if strategy.headers(service):
            number, test = _with_test(service, number, taken, info)
        elif strategy.test_port(service):
            # test rules are in the same order as the rules for users
            test = number
        taken |= {number, test or number}
        rules.append({**rule, "priority": number, "test_priority": test})
    return {**service, "rules": rules, "rule": next(iter(rules), None)}


def _with_test(service: Data, number: int, taken: set[int], info: Data) -> tuple[int, int | None]:
    """Return the priorities of a rule and of its test rule in front, None for the latter if there is no room.

    A rule without a set priority makes room by moving back to the next free number.
    """
    has = (info["services"].get(service["name"]) or {}).get("test_rule_priority")
    for kept in (service["rules"][0].get("test_priority"), has):
        if kept and kept < number:
            return number, kept
    # the service's own rules are written first, which frees their previous numbers
    left = {rule["priority"] for rule in overlaps.rules_of(info, service["name"])} - {number}
    free = next((one for one in range(number - 1, 0, -1) if one not in taken - left), None)
    if free or given(service):
        return number, free
    return next(one for one in range(number + 1, HIGHEST_PRIORITY + 1) if one not in taken), number


def lacks_room(service: Data) -> bool:
    """Return whether a service has a test rule, by header, and no priority is free in front of its own rule."""
    return bool(service["rules"] and strategy.headers(service)) and service["rules"][0]["test_priority"] is None


def given(service: Data) -> list[int]:
    """Return the priorities set in a service's definition."""
    return [rule["priority"] for rule in service["rules"] if rule["priority"]]
