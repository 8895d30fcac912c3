# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Describe the health check that tasks fail: its request, the expected answer and the one that came."""

from __future__ import annotations

import re
import typing as t

from ..diagnose import mentions
from ..shapes import Service, TargetGroup, Targets
from .answers import groups_of

# 'Health checks failed with these codes: [404]': TargetHealth in the Elastic Load Balancing API, and ECS's events
CODES = re.compile(r"codes: \[([^\]]+)\]")


def of_balancer(groups: t.Sequence[TargetGroup], service: Service, targets: Targets, texts: t.Sequence[str]) -> str:
    """Return the load balancer's health check as a sentence; empty if unknown.  Parameters as in C(clause)."""
    found = clause(groups, service, targets, texts)
    return f"Health check of the load balancer: {found}." if found else ""


def clause(groups: t.Sequence[TargetGroup], service: Service, targets: Targets, texts: t.Sequence[str]) -> str:
    """Return the request of the load balancer's health check, the expected answer and the one that came.

    :param groups: the service's target groups.
    :param texts: what AWS reported of the failure, in any order.
    """
    requests = dict.fromkeys(_request(group, service, targets) for group in groups)
    return f"{'; '.join(requests)}{_answer(texts)}" if requests else ""


def of_containers(commands: t.Mapping[str, t.Sequence[str]]) -> str:
    """Return the containers' own health checks as a sentence; empty if there are none."""
    shown = [f"{name} runs {' '.join(command)}" for name, command in commands.items()]
    return f"Health check of container {'; '.join(shown)}." if shown else ""


def _request(group: TargetGroup, service: Service, targets: Targets) -> str:
    protocol, port = group.get("HealthCheckProtocol") or "", _port(group, service, targets)
    if protocol not in ("HTTP", "HTTPS"):
        return f"a {protocol} connection to port {port}"
    matcher, path = group.get("Matcher") or {}, group.get("HealthCheckPath") or "/"
    if matcher.get("GrpcCode"):
        return f"gRPC {path} on port {port}, expected {matcher['GrpcCode']}"
    secure = " by HTTPS" if protocol == "HTTPS" else ""
    return f"GET {path} on port {port}{secure}, expected {matcher.get('HttpCode') or 200}"


def _port(group: TargetGroup, service: Service, targets: Targets) -> str:
    """Return the port that is checked, by a target or, once none is left, by the group and the service."""
    arn, port = group.get("TargetGroupArn"), group.get("HealthCheckPort") or "traffic-port"
    checked = [item["HealthCheckPort"] for item in targets.get(arn or "") or [] if item.get("HealthCheckPort")]
    if checked or port != "traffic-port":
        return checked[0] if checked else port
    used = [item.get("containerPort") for item in service.get("loadBalancers") or [] if arn in groups_of(item)]
    return str(next(filter(None, used), port))


def _answer(texts: t.Sequence[str]) -> str:
    codes = dict.fromkeys(code for text in texts for code in CODES.findall(text))
    if codes:
        return f", got {', '.join(codes)}"
    return ", got no answer in time" if any(mentions(text, ("request timed out",)) for text in texts) else ""
