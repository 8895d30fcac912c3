# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ways by which requests reach a service: its listener rules, and a target group for each port that they lead to.

Plain dicts in and out.  What there is keeps its name, whatever the order in which the inventory lists it.
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
    """Return the rules of a service that is complete otherwise, each with all that it has: port, container, checks."""
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
    """Return the container that listens on a port: the one that says so, else the service's own."""
    others = {one["port"]: one["name"] for one in service["sidecars"] if one.get("port") is not None}
    own = service["container_name"]
    return str(own if port == service["port"] else others.get(port, own))


OF_GRPC = {"path": "/AWS.ALB/healthcheck", "matcher": "12"}
"""AWS's defaults, which a server answers with UNIMPLEMENTED (API_CreateTargetGroup)."""


def _health_check(rule: Data, service: Data, written: Data, version: str) -> dict[str, t.Any]:
    """Return the health check of a rule's port: what it says of its own, else the service's.

    A path and codes of HTTP mean nothing to gRPC, so that these are AWS's own unless they are given.
    """
    own = {key: value for key, value in (rule["health_check"] or {}).items() if value is not None}
    given = (written.get("health_check") or {}) if version == service["protocol_version"] else {}
    of_grpc = {key: value for key, value in OF_GRPC.items() if given.get(key) is None}
    return {**service["health_check"], **(of_grpc if version == "GRPC" else {}), **own}


def ports(service: Data) -> list[int]:
    """Return the ports that the rules of a service lead to, each once."""
    return list(dict.fromkeys(rule["port"] for rule in service["rules"]))


def named(service: Data, names: Names, found: Data) -> list[Rule]:
    """Return the rules of a service with the C(name) of each, that of a rule that is there with these conditions.

    One alone has the service's own name.
    """
    wanted = service["rules"]
    if len(wanted) == 1:
        return [{**wanted[0], "name": names.full}]
    there = {str(conditions.canonical(rule)): rule["name"] for rule in found.get("rules") or []}
    kept = [there.pop(str(conditions.canonical(rule)), None) for rule in wanted]
    free = (name for number in range(1, 2 * len(wanted) + 1) if (name := names.rule(number)) not in kept)
    return [{**rule, "name": name or next(free)} for rule, name in zip(wanted, kept, strict=True)]


def client_secrets(services: t.Iterable[Data]) -> list[str]:
    """Return where the client secrets are that the logins of the services need, once each."""
    sources = [authentication.secret_source(rule["authenticate"]) for service in services for rule in service["rules"]]
    return sorted({source for source in sources if source})


def taking(service: Data, path: str, host: str | None) -> Data | None:
    """Return the rule of a service that takes a plain request, one of HTTP/1.1 without further headers.

    A load balancer answers one to a target group by HTTP2 or GRPC with 464:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html

    :param path: with its query.
    :param host: None if only the rest of the inventory knows it.
    """
    for rule in sorted(service["rules"], key=lambda rule: rule["priority"] or 0):
        own = host or precedence.plain_host(rule["hosts"])
        asked = {**rule, "hosts": rule["hosts"] if own else [], "source_ips": []}
        request = precedence.Request(own or "", *f"/{path.lstrip('/')}".partition("?")[::2])
        if rule["protocol_version"] == "HTTP1" and precedence.answers(asked, request):
            return t.cast("Data", rule)
    return None
