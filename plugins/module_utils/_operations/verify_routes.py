# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds what prevents requests from reaching a service, and wrong answers.  Plain data in and out."""

from __future__ import annotations

import typing as t

from .._resources.ecs import diagnose
from .._resources.elbv2 import precedence, shadowing
from .._resources.elbv2.decide import rule_values
from .finding import Finding, finding

Data = t.Mapping[str, t.Any]


def target_groups(service: Data, definition: Data, found: Data, places: Data) -> t.Iterator[Finding]:
    """Yield target groups that don't match the service; I(found) is by ARN, None if one does not exist."""
    vpcs = {place["vpc"] for place in places.values() if place}
    for balancer in service.get("loadBalancers") or []:
        arn = balancer.get("targetGroupArn", "")
        group = found.get(arn)
        if group is None:
            yield finding(
                "target group",
                arn,
                "Tasks are registered there, and it does not exist.",
                "Run site.yml, which creates it.",
            )
            continue
        yield from _of_group(group, balancer, definition, vpcs)


def _of_group(group: Data, balancer: Data, definition: Data, vpcs: set[str]) -> t.Iterator[Finding]:
    name, port = group["TargetGroupName"], balancer["containerPort"]
    if definition.get("networkMode") == "awsvpc" and group["TargetType"] != "ip":
        yield finding(
            "target group",
            f"{name} takes targets of type {group['TargetType']}",
            "Tasks with network mode awsvpc are registered by address, type ip (API_CreateTargetGroup).",
            "Create a target group of type ip.",
        )
    if vpcs and group.get("VpcId") not in vpcs:
        yield finding(
            "target group",
            f"{name} is in {group.get('VpcId')}, the tasks are in {', '.join(sorted(vpcs))}",
            "Targets are reached within the VPC of their group.",
            "Create the target group in the VPC of the subnets.",
        )
    if port not in ports(definition, balancer["containerName"]):
        yield finding(
            "target group",
            f"{name} gets port {port} of container {balancer['containerName']}, which does not map it",
            "A service registers a port that its task definition maps.",
            "Set port of the service to that of the container.",
        )
    checked = group.get("HealthCheckPort", "traffic-port")
    if checked not in ("traffic-port", str(port)):
        yield finding(
            "health check",
            f"{name} asks port {checked}, the tasks serve on {port}",
            "A task is healthy once it answers on the port that is asked.",
            "Set the health check's port to traffic-port.",
        )
    if not group.get("LoadBalancerArns"):
        yield finding(
            "target group",
            f"{name} belongs to no load balancer",
            "ECS refuses a service whose target group has no load balancer (API_CreateService).",
            "Run site.yml, which adds the listener rule.",
        )


def ports(definition: Data, container: str) -> list[int]:
    """Return the mapped ports of a container."""
    return [
        mapping["containerPort"]
        for item in definition.get("containerDefinitions") or []
        if item["name"] == container
        for mapping in item.get("portMappings") or []
    ]


def targets(health: t.Iterable[Data]) -> t.Iterator[Finding]:
    """Yield targets that fail their health checks or get no requests from the load balancer."""
    for item in health:
        state = item["TargetHealth"]
        reason = state.get("Reason", "")
        if not diagnose.is_unhealthy(state):
            continue
        address = f"{item['Target']['Id']}:{item['Target'].get('Port', '')}"
        yield finding(
            "target",
            f"{address} is {state['State']}, {reason} {state.get('Description', '')}".strip(),
            "A deployment ends well only with healthy targets.",
            diagnose.USE_THEM
            if reason == diagnose.NOT_IN_USE
            else "Look at the log lines with logs.yml, and at the path and the codes of the health check.",
        )


def requests(behind: shadowing.Shadowed | None) -> t.Iterator[Finding]:
    """Yield a finding if no request reaches a service, as preceding rules match all of them."""
    if behind and behind.everything:
        rule = "A listener asks its rules by priority, and the first that fits takes the request."
        yield finding("listener rule", behind.sentence, rule, behind.next_step)


def health_requests(name: str, group: Data, rules: t.Iterable[Data], base: Data) -> list[dict[str, t.Any]]:
    """Return a request for the health path that a rule forwards to the group; none if no rule does.

    :param base: C(url) and C(headers) of the load balancer.
    """
    path = group.get("HealthCheckPath") or "/"
    if group.get("HealthCheckProtocol") not in ("HTTP", "HTTPS") or group.get("ProtocolVersion", "HTTP1") != "HTTP1":
        return []
    for rule in rules:
        asked = rule_values(rule, {})
        host = precedence.plain_host(asked["hosts"])
        request = precedence.Request(host or "", *path.partition("?")[::2])
        if precedence.answers({**asked, "hosts": []}, request) and (host or not asked["hosts"]):
            headers = {"Host": host} if host else dict(base["headers"])
            matcher = (group.get("Matcher") or {}).get("HttpCode", "200")
            return [{"service": name, "url": f"{base['url']}{path}", "headers": headers, "matcher": matcher}]
    return []


def answers(given: t.Iterable[Data]) -> t.Iterator[Finding]:
    """Yield wrong answers through the load balancer.

    :param given: C({url, matcher, status, error}); C(status) is 0 without an answer.
    """
    for answer in given:
        if not matches(answer["status"], answer["matcher"]):
            yield finding(
                "health path",
                f"{answer['url']} answered {answer['status'] or answer['error']}",
                f"Through the load balancer {answer['matcher']} is right, as its health check has it.",
                "Look at the log lines with logs.yml, and at the rules of the listener.",
            )


def matches(status: int, matcher: str) -> bool:
    """Return whether a matcher, as in 200, 200-299 or 200,302 (API_Matcher), includes a status."""
    for part in matcher.split(","):
        bounds = part.strip().split("-")
        if int(bounds[0]) <= status <= int(bounds[-1]):
            return True
    return False
