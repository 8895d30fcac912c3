# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The fact C(alb_info), which other layers read; it has the same form for a planned load balancer."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._plan.names import alb_name

USABLE = ("active", "active_impaired")
PORTS = ("443", "80")


def of_read(
    prefix: str,
    region: str,
    read: t.Mapping[str, t.Any],
    domain: str = "",
    service_port: int | None = None,
) -> dict[str, t.Any]:
    """Return C(alb_info) of what was read: of the platform's own load balancer, or of an existing one."""
    known = of_resources(prefix, region, read["resources"], domain, read.get("service_port") or service_port)
    return {**known, **{key: read[key] for key in ("kept", "vpc_id", "lets_out") if read.get("kept")}}


def of_resources(
    prefix: str, region: str, resources: t.Sequence[Resource], domain: str = "", service_port: int | None = None
) -> dict[str, t.Any]:
    """Return C(alb_info): the load balancer of a name prefix.  The ids and ARNs of a planned one are null.

    I(service_port) is the port of the listener that has the services' rules: by default 443 if there is one, else 80.
    """
    balancer = next((entry for entry in resources if entry["type"] == "load_balancer"), None)
    name = balancer["name"] if balancer else alb_name(prefix)
    group = next((entry for entry in resources if entry["type"] == "security_group"), None)
    listeners = {str(entry["values"]["port"]): entry for entry in resources if entry["type"] == "listener"}
    arn = balancer.get("id") if balancer else None
    seen: t.Mapping[str, t.Any] = balancer or {}
    return {
        "name_prefix": prefix,
        "region": region,
        "exists": bool(arn),
        "planned": balancer is not None,
        "ready": bool(arn) and seen.get("state") in USABLE,
        "load_balancer": {
            "name": name,
            "arn": arn,
            "arn_suffix": arn.partition("loadbalancer/")[2] if arn else None,
            **{key: seen.get(key) for key in ("dns_name", "hosted_zone_id", "state")},
        },
        "security_group": {"name": group["name"] if group else f"{name}-sg", "id": group.get("id") if group else None},
        "listeners": {port: entry.get("id") for port, entry in listeners.items()},
        "service_listener": _service_listener(listeners, (str(service_port),) if service_port else PORTS),
        "domain": domain,
        "resources": list(resources),
    }


def _service_listener(listeners: t.Mapping[str, Resource], ports: t.Sequence[str]) -> dict[str, t.Any] | None:
    for port in ports:
        if port in listeners:
            entry = listeners[port]
            return {"port": int(port), "arn": entry.get("id"), "protocol": entry["values"]["protocol"]}
    return None
