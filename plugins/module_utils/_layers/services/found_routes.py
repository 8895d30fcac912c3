# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The found target groups of services, and the listener rules that forward to them."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._resources.ecs.rollout import answers
from ..._resources.elbv2 import conditions
from ..._resources.elbv2.decide import forwards_to, pick_rule, priority, rule_values, target_group_values, weights
from . import strategy
from .names import Names
from .platform import others

Raw = t.Mapping[str, t.Any]
Found = dict[str, t.Any]


def rules(raw: Raw) -> list[Found]:
    """Return the listener's rules except the default one, with name, priority and conditions."""
    return [of_rule(_name_of(raw, rule) or None, rule) for rule in raw["rules"] if priority(rule) is not None]


def is_group(raw: Raw, names: Names, group: Raw) -> bool:
    """Return whether a target group belongs to the service."""
    tags = raw["elb_tags"].get(group["TargetGroupArn"], {})
    return names.is_group(group["TargetGroupName"], str(tags.get("Name")))


def production_rule(service: Raw | None) -> str | None:
    """Return the ARN of the rule by which ECS shifts the requests of a service."""
    return answers.shifting(service).get("productionListenerRule")


def taken_over(raw: Raw, groups: t.Container[str | None]) -> list[Raw]:
    """Return the rules that forward to target groups that were taken over, whatever their names."""
    return sorted(
        (rule for rule in raw["rules"] if priority(rule) is not None and forwards_to(rule) in groups),
        key=lambda rule: priority(rule) or 0,
    )


def own_rules(raw: Raw, names: Names, first: Raw | None, taken: t.Sequence[Raw] = ()) -> dict[str, Raw]:
    """Return the rules of a service by name.

    :param first: the rule with the service's own name, which may have lost its Name tag.
    :param taken: rules to take over, which get their future names.
    """
    named = {_name_of(raw, rule): rule for rule in raw["rules"] if names.is_rule(_name_of(raw, rule))}
    there = {**({names.full: first} if first else {}), **dict(sorted(named.items()))}
    known = {rule["RuleArn"] for rule in there.values()}
    free = (name for number in range(1, len(raw["rules"]) + 2) if (name := names.rule(number)) not in there)
    others = [rule for rule in taken if rule["RuleArn"] not in known]
    return there | dict(zip(free, others, strict=False))


def of_rule(name: str | None, rule: Raw) -> Found:
    """Return a rule with its name (null without one), priority and conditions."""
    return {
        "name": name,
        "arn": rule["RuleArn"],
        "priority": priority(rule),
        "target_group_arn": forwards_to(rule),
        **conditions.found(rule.get("Conditions") or []),
    }


class Tested(t.NamedTuple):
    """A test rule, its name, and the name and ARN of its listener; the ARN is None for the services' own listener."""

    rule: Raw
    name: str
    listener: str
    listener_arn: str | None


def test_rules(raw: Raw, names: Names, around: Raw, service: Raw | None) -> list[Tested]:
    """Return the test rules, by header and by port, including those no longer desired, so that they are removed."""
    used = answers.shifting(service).get("testListenerRule")
    by_header = [
        Tested(rule, names.test_rule, around["listener"], None)
        for rule in raw["rules"]
        if _name_of(raw, rule) == names.test_rule
        and (rule["RuleArn"] == used or _leads_to_its_two(rule, names, around))
    ]
    by_port = [
        Tested(rule, names.test_rule_on(port), listener, arn)
        for listener, arn in others(around, "listeners")
        for port in [int(listener.rpartition(":")[2])]
        for rule in raw["other_rules"].get(arn) or []
        if _name_of(raw, rule) == names.test_rule_on(port)
    ]
    return by_header[:1] + by_port


def _leads_to_its_two(rule: Raw, names: Names, around: Raw) -> bool:
    """Whether a rule forwards to one of the two groups that ECS shifts between, unlike that of a service web-test."""
    return any(around["names"].get(arn) in (names.target_group, names.alternate) for arn in weights(rule))


def of_test_rule(raw: Raw, tested: Tested, around: Raw, serving: str) -> list[Resource]:
    """Return a test rule as a resource, on its own listener."""
    result = of_listener_rule(raw, tested.rule, tested.name, {**around, "listener": tested.listener}, serving)
    if tested.listener_arn:
        for one in result:
            one["values"]["listener_arn"] = tested.listener_arn
    return result


def testing(names: Names, service: Raw | None, rules: t.Sequence[Raw], around: Raw) -> str | None:
    """Return the name of the target group that test requests reach, by the rule that ECS uses for them."""
    used = answers.shifting(service).get("testListenerRule")
    rule = next((one for one in rules if one["RuleArn"] == used), next(iter(rules), None))
    return strategy.serving(names, None, weights(rule), around["names"]) if rule else None


def rule_names(raw: Raw) -> dict[str, str]:
    """Return the names of all rules that were read, by ARN."""
    every = [*raw["rules"], *(rule for some in raw["other_rules"].values() for rule in some)]
    return {rule["RuleArn"]: _name_of(raw, rule) for rule in every if _name_of(raw, rule)}


def _name_of(raw: Raw, rule: Raw) -> str:
    return str(raw["elb_tags"].get(rule["RuleArn"], {}).get("Name") or "")


def of_target_group(raw: Raw, group: Raw | None, around: Raw) -> list[Resource]:
    """Return a target group as a resource."""
    if not group:
        return []
    arn = group["TargetGroupArn"]
    values = target_group_values(group, raw["attributes"][arn], raw["elb_tags"].get(arn, {}))
    vpc = values.pop("vpc_id")
    values["vpc"] = around["names"].get(vpc, vpc)
    return [{"type": "target_group", "name": group["TargetGroupName"], "id": arn, "values": values}]


def of_listener_rule(raw: Raw, rule: Raw | None, name: str, around: Raw, serving: str) -> list[Resource]:
    """Return a rule as a resource, with the names of the target groups that it forwards to."""
    if not rule:
        return []
    arn = rule["RuleArn"]
    values = rule_values(rule, raw["elb_tags"].get(arn, {}))
    group, arns = values.pop("target_group_arn"), values.pop("target_group_arns")
    values |= {"target_group": around["names"].get(group, group), "listener": around["listener"]}
    if len(arns) > 1:
        # ECS sets the weights, so a plan has only the names, the group that users reach first
        both = sorted((around["names"].get(one, one) for one in arns), key=lambda one: (one != serving, one))
        values["target_group"] = strategy.forwards_to(both)
    return [{"type": "listener_rule", "name": name, "id": arn, "values": values}]


def rules_elsewhere(raw: Raw, names: Names, group: Raw | None, around: Raw) -> list[Resource]:
    """Return the service's rules on other listeners, such as a switch to HTTPS leaves on port 80."""
    result: list[Resource] = []
    for listener, arn in others(around, "listeners"):
        there = raw["other_rules"].get(arn) or []
        first = pick_rule(there, raw["elb_tags"], names.full, group["TargetGroupArn"] if group else None)
        for own, rule in own_rules({**raw, "rules": there}, names, first).items():
            values = {"listener": listener, "listener_arn": arn, "rule": own}
            name = f"{own} ({listener})"
            result.append({"type": "listener_rule", "name": name, "id": rule["RuleArn"], "values": values})
    return result
