# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The listener rules of a service, and the ports that they forward to, each with a target group.

Existing rules keep their names, whatever their order in the inventory.
"""

from __future__ import annotations

import typing as t

from ..._resources.elbv2 import authentication, conditions, precedence
from .names import Names

Data = t.Mapping[str, t.Any]
Rule = dict[str, t.Any]

GROUPS_OF_A_SERVICE = 5
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/register-multiple-targetgroups.html"""


def complete(service: Data, written: Data) -> list[Rule]:
    """Return the rules of an otherwise complete service, with their defaults for port, container and health check."""
    return [_complete(rule, service, written) for rule in service.get("rules") or [service.get("rule")] if rule]


def _complete(rule: Data, service: Data, written: Data) -> Rule:
    port = service["port"] if rule["port"] is None else rule["port"]
    version = rule["protocol_version"] or service["protocol_version"]
    return {
        **rule,
        "port": port,
        "container": rule["container"] or _listening(service, port),
        "protocol_version": version,
        "health_check": _health_check(rule, service, written, version),
    }


def _listening(service: Data, port: int | None) -> str:
    """Return the container that listens on a port: the one that declares it, else the service's own."""
    others = {one["port"]: one["name"] for one in service["sidecars"] if one.get("port") is not None}
    own = service["container_name"]
    return str(own if port == service["port"] else others.get(port, own))


GRPC_DEFAULTS = {"path": "/AWS.ALB/healthcheck", "matcher": "12"}
"""AWS's defaults for gRPC; a server without that method answers UNIMPLEMENTED, 12 (API_CreateTargetGroup)."""


def _health_check(rule: Data, service: Data, written: Data, version: str) -> dict[str, t.Any]:
    """Return the health check of a rule's port: the rule's own settings over the service's.

    For gRPC, path and matcher default to AWS's, because those of HTTP have no meaning there.
    """
    own = {key: value for key, value in (rule["health_check"] or {}).items() if value is not None}
    given = (written.get("health_check") or {}) if version == service["protocol_version"] else {}
    of_grpc = {key: value for key, value in GRPC_DEFAULTS.items() if given.get(key) is None}
    return {**service["health_check"], **(of_grpc if version == "GRPC" else {}), **own}


def ports(service: Data) -> list[int]:
    """Return the ports that the rules of a service forward to, without duplicates."""
    return list(dict.fromkeys(rule["port"] for rule in service["rules"]))


def named(service: Data, names: Names, found: Data) -> list[Rule]:
    """Return the rules of a service, each with its C(name): that of the existing rule with the same conditions.

    A single rule has the service's own name.
    """
    wanted = service["rules"]
    if len(wanted) == 1:
        return [{**wanted[0], "name": names.full}]
    there = {str(conditions.canonical(rule)): rule["name"] for rule in found.get("rules") or []}
    kept = [there.pop(str(conditions.canonical(rule)), None) for rule in wanted]
    free = (name for number in range(1, 2 * len(wanted) + 1) if (name := names.rule(number)) not in kept)
    return [{**rule, "name": name or next(free)} for rule, name in zip(wanted, kept, strict=True)]


def client_secrets(services: t.Iterable[Data]) -> list[str]:
    """Return the sources of the services' client secrets for OIDC logins, without duplicates."""
    sources = [authentication.secret_source(rule["authenticate"]) for service in services for rule in service["rules"]]
    return sorted({source for source in sources if source})


def matching(service: Data, path: str, host: str | None) -> Data | None:
    """Return the service's rule that matches an HTTP/1.1 request without further headers.

    Rules with protocol version HTTP2 or GRPC don't count: the load balancer answers such a request with 464.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html

    :param path: with its query.
    :param host: None if it is unknown here.
    """
    for rule in sorted(service["rules"], key=lambda rule: rule["priority"] or 0):
        own = host or precedence.plain_host(rule["hosts"])
        matched = {**rule, "hosts": rule["hosts"] if own else [], "source_ips": []}
        request = precedence.Request(own or "", *f"/{path.lstrip('/')}".partition("?")[::2])
        if rule["protocol_version"] == "HTTP1" and precedence.answers(matched, request):
            return t.cast("Data", rule)
    return None
