# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The desired resources of the load balancer, with references by name.  Plain dicts in and out."""

from __future__ import annotations

import ipaddress
import typing as t

from ..._plan.model import Resource
from ..._plan.names import alb_name
from . import domains, remembered, rules, web_acl

Inputs = t.Mapping[str, t.Any]

INTERNAL = "internal"
USER_PORTS = (80, 443)
"""The ports that users connect to."""

REDIRECT = {
    "type": "redirect",
    "protocol": "HTTPS",
    "port": "443",
    "host": "#{host}",
    "path": "/#{path}",
    "query": "#{query}",
    "status_code": "HTTP_301",
}
ANSWER = {
    "type": "fixed-response",
    "status_code": "404",
    "content_type": "text/plain",
    "message_body": "Not found",
}
"""The response to a request that no service's rule matches."""


def service_port(inputs: Inputs) -> int:
    """Return the port of the listener that the services' rules belong to."""
    return 443 if inputs["https"] else 80


def resources(inputs: Inputs, network: t.Mapping[str, t.Any], found: t.Mapping[str, t.Any]) -> list[Resource]:
    """Return every resource of the load balancer, each after those that it refers to.

    :param network: C(vpc_info).
    :param found: C(certificate_arn), further C(certificates), hosted C(zones) of the records, current C(resources).
    """
    return [
        _security_group(inputs, network),
        _load_balancer(inputs, network, found.get("resources") or []),
        *_listeners(inputs, found),
        *rules.desired(inputs["rules"], load_balancer_name(inputs), service_port(inputs), inputs["tags"]),
        *_records(inputs, found.get("zones") or {}),
    ]


def load_balancer_name(inputs: Inputs) -> str:
    """Return the name of the load balancer."""
    return alb_name(inputs["name_prefix"])


def tier(inputs: Inputs) -> str:
    """Return the tier of subnets that the load balancer is in: C(apps) for an internal one."""
    return "apps" if inputs["scheme"] == INTERNAL else "public"


def _tags(inputs: Inputs, name: str) -> dict[str, str]:
    return {**inputs["tags"], "Name": name}


def _security_group(inputs: Inputs, network: t.Mapping[str, t.Any]) -> Resource:
    name = f"{load_balancer_name(inputs)}-sg"
    ports = USER_PORTS if inputs["https"] else (80,)
    allowed = [(port, inputs["allowed_cidrs"]) for port in ports]
    allowed += [(port, inputs["test_allowed_cidrs"] or inputs["allowed_cidrs"]) for port in inputs["test_ports"]]
    ingress = [
        {"protocol": "tcp", "ports": str(port), "source": source}
        for port, cidrs in allowed
        for source in _sources(inputs, cidrs)
    ]
    egress = [{"protocol": "all", "ports": "all", "source": block} for block in _blocks(network)]
    # to the token and user info endpoints, which it reaches by IPv4 only
    egress += [{"protocol": "tcp", "ports": "443", "source": cidr} for cidr in inputs["identity_provider_cidrs"]]
    return {
        "type": "security_group",
        "name": name,
        "values": {
            "ingress": sorted(ingress, key=lambda rule: (rule["protocol"], rule["ports"], rule["source"])),
            "egress": sorted(egress, key=lambda rule: (rule["protocol"], rule["ports"], rule["source"])),
            "tags": _tags(inputs, name),
        },
    }


def _blocks(network: t.Mapping[str, t.Any]) -> list[str]:
    """Return where tasks may be: the VPC's block, and the existing subnets that are in further blocks of it."""
    own = network["vpc"]["cidr_block"]
    subnets = [*network["public_subnets"], *network["apps_subnets"]] if network.get("kept") else []
    return [own, *{one["cidr_block"] for one in subnets if not _is_inside(one["cidr_block"], own)}]


def _is_inside(block: str, outer: str) -> bool:
    return ipaddress.IPv4Network(block).subnet_of(ipaddress.IPv4Network(outer))


def _sources(inputs: Inputs, cidrs: t.Sequence[str]) -> list[str]:
    # open to all of IPv4 means to all of IPv6, too
    everyone = inputs["ip_address_type"] == "dualstack" and "0.0.0.0/0" in cidrs
    return sorted({*cidrs, *(["::/0"] if everyone else [])})


def _load_balancer(inputs: Inputs, network: t.Mapping[str, t.Any], found: t.Iterable[Resource]) -> Resource:
    name = load_balancer_name(inputs)
    has: dict[str, str] = next((entry["values"]["tags"] for entry in found if entry["type"] == "load_balancer"), {})
    kept = remembered.emptied(has, remembered.tags(inputs["records"]))
    return {
        "type": "load_balancer",
        "name": name,
        "values": {
            "vpc": network["vpc"]["name"],
            "scheme": inputs["scheme"],
            "ip_address_type": inputs["ip_address_type"],
            "subnets": sorted(subnet["name"] for subnet in network[f"{tier(inputs)}_subnets"]),
            "security_groups": [f"{name}-sg"],
            "deletion_protection": inputs["deletion_protection"],
            "drop_invalid_headers": True,
            "idle_timeout": inputs["idle_timeout"],
            "access_logs": {
                "enabled": bool(inputs["access_logs_bucket"]),
                "bucket": inputs["access_logs_bucket"] or None,
                "prefix": inputs["access_logs_prefix"] if inputs["access_logs_bucket"] else None,
            },
            "web_acl": web_acl.wanted(inputs["web_acl_arn"]),
            "tags": {**_tags(inputs, name), **kept},
        },
        "fixed": ["vpc", "scheme"],
    }


def _listeners(inputs: Inputs, found: t.Mapping[str, t.Any]) -> list[Resource]:
    name = load_balancer_name(inputs)

    def listener(port: int, values: dict[str, t.Any]) -> Resource:
        tags = _tags(inputs, f"{name}:{port}")
        return {"type": "listener", "name": f"{name}:{port}", "values": {"port": port, **values, "tags": tags}}

    secure = {
        "protocol": "HTTPS",
        "certificate": found.get("certificate_arn"),
        "certificates": found.get("certificates") or [],
        "tls_policy": inputs["tls_policy"],
    }
    serving = {**(secure if inputs["https"] else {"protocol": "HTTP"}), "default_actions": [ANSWER]}
    redirecting = {"protocol": "HTTP", "default_actions": [REDIRECT]}
    of_users = {80: redirecting, 443: serving} if inputs["https"] else {80: serving}
    every = {**of_users, **dict.fromkeys(inputs["test_ports"], serving)}
    return [listener(port, values) for port, values in every.items()]


def is_test_listener(entry: t.Mapping[str, t.Any]) -> bool:
    """Whether a listener is for test requests: on a port that users don't connect to, with our default action."""
    values = entry["values"]
    return values["port"] not in USER_PORTS and values["default_actions"] == [ANSWER]


def _records(inputs: Inputs, zones: t.Mapping[str, t.Any]) -> list[Resource]:
    types = ("A", "AAAA") if inputs["ip_address_type"] == "dualstack" else ("A",)
    return [
        {
            "type": "record_set",
            "name": f"{domains.canonical(name)} {kind}",
            "values": {"zone": zones.get(name), "alias": load_balancer_name(inputs), "evaluate_target_health": True},
        }
        for name in inputs["records"]
        for kind in types
    ]
