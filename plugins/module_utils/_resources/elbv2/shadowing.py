# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which rules and target groups of a load balancer get requests, by rules as DescribeRules returns them."""

from __future__ import annotations

import typing as t

from . import precedence
from .decide import HIGHEST_PRIORITY, rule_values, weights

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]


class Shadowed(t.NamedTuple):
    """The requests that rules in front take from a target group, as a clause, and the next step."""

    everything: bool
    sentence: str
    next_step: str


def shadowed(listeners: t.Iterable[t.Iterable[Data]], groups: t.Container[str]) -> Shadowed | None:
    """Return which requests for target groups do not reach them; None if none is known to be lost.

    :param listeners: the rules of each listener that may forward to the groups.
    :param groups: ARNs of the target groups.
    """
    states = [
        _shadowed(rule, others)
        for described in listeners
        for own, others in [_split(described, groups)]
        for rule in own
    ]
    if states and all(state and state.everything for state in states):
        return states[0]
    return next((state._replace(everything=False) for state in states if state), None)


def rules(described: t.Iterable[Data]) -> list[Values]:
    """Return the rules in the form of the options, the default rule with the last priority.

    C(group_arns) are their target groups, C(serving_arns) those with a weight above 0.
    """
    return [
        {
            **rule_values(rule, {}),
            "priority": rule_values(rule, {})["priority"] or HIGHEST_PRIORITY + 1,
            "group_arns": sorted({*_group_arns(rule)} - {""}),
            "serving_arns": sorted(arn for arn, weight in weights(rule).items() if weight),
        }
        for rule in described
    ]


def matching_rule(described: t.Iterable[Data], request: precedence.Request) -> tuple[Values | None, list[Values]]:
    """Return the rule that takes a request, and those in front that may, as not all their conditions can be evaluated.

    :param described: all rules of the listener, with the default rule.
    """
    ordered = precedence.before(HIGHEST_PRIORITY + 2, t.cast("list[precedence.Rule]", rules(described)))
    answers = [(t.cast("Values", rule), precedence.answers(rule, request)) for rule in ordered]
    sure = next((rule for rule, answer in answers if answer), None)
    may = [rule for rule, answer in answers if answer is None]
    return sure, [rule for rule in may if sure is None or rule["priority"] < sure["priority"]]


def in_words(rule: Data) -> str:
    """Return a description of a rule: its priority, conditions and target."""
    names = [arn.split("/")[1] for arn in rule["group_arns"]]
    which = "default rule" if rule["priority"] > HIGHEST_PRIORITY else f"rule {rule['priority']}"
    conditions = precedence.in_words(precedence.pairs(rule))
    return f"{which} ({conditions} to {', '.join(names) or rule['target_group_arn']})"


def _split(described: t.Iterable[Data], groups: t.Container[str]) -> tuple[list[Values], list[Values]]:
    every = rules(described)
    own = [rule for rule in every if any(arn in groups for arn in rule["group_arns"])]
    return own, [rule for rule in every if rule not in own]


def _shadowed(rule: Values, others: list[Values]) -> Shadowed | None:
    there = t.cast("list[precedence.Rule]", others)
    front = precedence.in_front(rule, rule["priority"], there)
    if front:
        takes = "which takes" if len(front) == 1 else "which take"
        return Shadowed(
            True,
            f"it is behind {' and '.join(map(in_words, front))}, {takes} all its requests",
            f"{precedence.ahead_of(front[0]['priority'])}, or remove what is in front.",
        )
    for other in precedence.before(rule["priority"], there):
        part = precedence.lost(rule, other)
        if part:
            return Shadowed(
                False,
                f"{in_words(other)} in front takes {precedence.in_words(part)} of its requests",
                f"{precedence.ahead_of(other['priority'])}, if that is not meant.",
            )
    return None


def _group_arns(rule: Data) -> t.Iterator[str]:
    for action in rule.get("Actions") or []:
        yield action.get("TargetGroupArn", "")
        for group in (action.get("ForwardConfig") or {}).get("TargetGroups") or []:
            yield group.get("TargetGroupArn", "")
