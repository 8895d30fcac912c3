# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The desired target groups of a service, and the listener rules that forward to them."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._resources.elbv2 import authentication, conditions
from . import current, routes, strategy, target_groups
from .names import OF_PORTS, Names, names_of, tags
from .platform import Platform

Data = t.Mapping[str, t.Any]


def resources(service: Data, platform: Platform, found: Data, definition: Resource) -> list[Resource]:
    """Return the target groups of a service with rules that runs I(definition), then its rules."""
    names = names_of(service, platform)
    own = strategy.groups(service, names, found)
    of_port = target_groups.of_ports(service, names, found, definition)
    # the rules of a port share one target group and have the same settings for it
    first = {rule["port"]: rule for rule in reversed(service["rules"])}
    targets = [(of_port[port], rule) for port, rule in first.items()]
    targets += [(name, service["rules"][0]) for name in own[1:]]
    named = routes.named(service, names, found)
    rules = [_listener_rule(service, platform, found, rule, [of_port[rule["port"]], *own[1:]]) for rule in named]
    if strategy.test_rule(service, names):
        rules.append(_test_rule(service, platform, rules[0]))
    return [*(_target_group(service, platform, name, rule) for name, rule in targets), *rules]


def _target_group(service: Data, platform: Platform, name: str, rule: Data) -> Resource:
    sticky = service["stickiness_duration"]
    attributes = {
        "deregistration_delay.timeout_seconds": str(service["deregistration_delay"]),
        "slow_start.duration_seconds": str(service["slow_start"]),
        "stickiness.enabled": "true" if sticky else "false",
    }
    if sticky:
        attributes |= {"stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": str(sticky)}
    return {
        "type": "target_group",
        "name": name,
        "values": {
            "protocol": "HTTP",
            "protocol_version": rule["protocol_version"],
            "target_type": "ip",
            "vpc": platform["vpc"],
            "health_check": {**rule["health_check"], "protocol": "HTTP", "port": "traffic-port"},
            "attributes": attributes,
            "tags": tags(service, platform),
        },
        "fixed": ["protocol", "protocol_version", "target_type", "vpc"],
        # it can't be removed while a rule forwards to it or a service uses it
        "alternative": _replacement(names_of(service, platform), name),
    }


def _replacement(names: Names, group: str) -> str:
    """Return how a user replaces a target group in use whose fixed values change."""
    own = {name: option for option, name in names.given.items() if option.startswith(OF_PORTS)}
    own |= {names.target_group: "target_group", names.alternate: "alternate_target_group"}
    if group in own:
        return f"have a new one in its place by another name, names.{own[group]}"
    return "have a new one by another port of the rules that lead to it"


def _listener_rule(service: Data, platform: Platform, found: Data, rule: Data, groups: t.Sequence[str]) -> Resource:
    has = current.values(found, "listener_rule", rule["name"]).get("tags") or {}
    return {
        "type": "listener_rule",
        "name": rule["name"],
        "values": {
            "listener": platform["listener"],
            "priority": rule["priority"],
            **conditions.canonical(rule),
            "other_conditions": [],
            "transforms": [],
            "authenticate": authentication.canonical(rule["authenticate"]),
            "target_group": strategy.forwards_to(groups),
            "tags": {**tags(service, platform), "Name": rule["name"], **authentication.tags(rule["authenticate"], has)},
        },
    }


def _test_rule(service: Data, platform: Platform, own: Resource) -> Resource:
    """Return the test rule: in front of the service's own with a header, or the same on another listener's port."""
    name, rule = str(strategy.test_rule(service, names_of(service, platform))), service["rules"][0]
    port = strategy.test_port(service)
    values = {
        **own["values"],
        **conditions.canonical({**rule, "headers": [*rule["headers"], *strategy.headers(service)]}),
        **({"listener": f"{platform['load_balancer']}:{port}"} if port else {}),
        "priority": rule.get("test_priority"),
        "tags": {**own["values"]["tags"], "Name": name},
    }
    return {"type": "listener_rule", "name": name, "values": values}
