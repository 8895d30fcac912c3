# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Target groups and listener rules of a running service.  Plain dicts in and out."""

from __future__ import annotations

import re
import typing as t

from ..._resources.elbv2 import authentication, conditions
from ..._resources.elbv2.decide import priority, target_group_values, weights

Raw = t.Mapping[str, t.Any]
Service = dict[str, t.Any]


class Balancer(t.NamedTuple):
    """A target group of a service, with the container and port registered in it."""

    group: Raw
    container: str
    port: int

    @property
    def arn(self) -> str:
        """ARN of the target group."""
        return str(self.group["TargetGroupArn"])


def balancers(service: Raw, live: Raw) -> list[Balancer]:
    """Return the load balancers of a service in its order, without deleted target groups."""
    return [
        Balancer(live["target_groups"][one["targetGroupArn"]], one["containerName"], int(one["containerPort"]))
        for one in service.get("loadBalancers") or []
        if one.get("targetGroupArn") in live["target_groups"]
    ]


def load_balancer(service: Raw, live: Raw) -> Raw | None:
    """Return the load balancer of a service."""
    arns = [arn for one in balancers(service, live)[:1] for arn in one.group.get("LoadBalancerArns") or []]
    return next((one for one in live["load_balancers"] if one["LoadBalancerArn"] in arns), None)


def rules_of(service: Raw, live: Raw) -> list[Raw]:
    """Return the listener rules, including default ones, that forward to the target groups of a service."""
    return [rule for one in balancers(service, live) for rule in rules_to(one.arn, live)]


def rules_to(group: str, live: Raw) -> list[Raw]:
    """Return the listener rules, including default ones, that forward to a target group."""
    return [rule for some in live["rules"].values() for rule in some if group in weights(rule)]


def listeners(service: Raw, live: Raw) -> set[str]:
    """Return the ARNs of the listeners with a non-default rule for each target group of a service."""
    found = [_leading_to(one.arn, live) for one in balancers(service, live)]
    return set.intersection(*found) if found else set()


def _leading_to(group: str, live: Raw) -> set[str]:
    return {
        listener
        for listener, rules in live["rules"].items()
        if any(priority(rule) is not None and group in weights(rule) for rule in rules)
    }


def own_rules(service: Raw, live: Raw, listener: str | None) -> list[Raw]:
    """Return the rules of a listener that forward to a service, by priority."""
    of_listener = [rule["RuleArn"] for rule in live["rules"].get(listener) or [] if priority(rule) is not None]
    rules = [rule for rule in rules_of(service, live) if rule["RuleArn"] in of_listener]
    return sorted(rules, key=lambda rule: priority(rule) or 0)


def options(service: Raw, live: Raw, names: dict[str, t.Any], listener: str | None) -> Service:
    """Return the options of a load balanced service, else none; adds names of target groups to I(names)."""
    found = balancers(service, live)
    if not found:
        return {}
    main, *further_ones = found
    names["target_group"] = main.group["TargetGroupName"]
    values = target_group_values(main.group, live["attributes"].get(main.arn) or [], {})
    attributes = values["attributes"]
    sticky = attributes.get("stickiness.enabled") == "true"
    duration = int(attributes.get("stickiness.lb_cookie.duration_seconds", 86400))
    result: Service = {
        "port": main.port,
        **_of_group(main),
        "deregistration_delay": int(attributes.get("deregistration_delay.timeout_seconds", 300)),
        "slow_start": int(attributes.get("slow_start.duration_seconds", 0)),
        "stickiness_duration": duration if sticky else 0,
        "health_check_grace_period": service.get("healthCheckGracePeriodSeconds", 0),
    }
    if further_ones:
        names["target_groups"] = {str(one.port): one.group["TargetGroupName"] for one in further_ones}
    rules = [
        {**_rule(rule, further_ones, result), **({"authenticate": login} if login else {})}
        for rule in own_rules(service, live, listener)
        for login in [login_of(service, rule)]
    ]
    return result | ({"rules": rules} if len(rules) > 1 else {"rule": rules[0]} if rules else {})


def login_of(service: Raw, rule: Raw) -> Service:
    """Return the option C(authenticate) of a rule; for OpenID Connect with the future SSM parameter of its secret."""

    def secret_of(client: str) -> str:
        return f"/{service['serviceName']}/{re.sub('[^A-Za-z0-9_.-]+', '-', client)}/client-secret"

    return authentication.option_of(rule.get("Actions") or [], secret_of)


_CHECK = ("path", "matcher", "interval", "timeout", "healthy_threshold", "unhealthy_threshold")


def _of_group(one: Balancer) -> Service:
    """Return the options that can differ by port."""
    check = target_group_values(one.group, [], {})["health_check"]
    return {
        "health_check": {key: check[key] for key in _CHECK if check.get(key) is not None},
        "protocol_version": one.group.get("ProtocolVersion", "HTTP1"),
    }


def _rule(rule: Raw, further_ones: t.Sequence[Balancer], service: Service) -> Service:
    """Return a rule; one for a further port with the options that differ from the service's."""
    asked = conditions.found(rule.get("Conditions") or [])
    result = {**{option: asked[option] for option in conditions.OPTIONS if asked[option]}, "priority": priority(rule)}
    for one in further_ones:
        if one.arn in weights(rule):
            own = {key: value for key, value in _of_group(one).items() if value != service[key]}
            result |= {"port": one.port, "container": one.container, **own}
    return result
