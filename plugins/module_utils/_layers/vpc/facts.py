# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The fact C(vpc_info), which other layers read; it has the same form for a planned network."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource, of_type
from ..._plan.names import vpc_name
from . import kept


def of_read(prefix: str, region: str, read: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return C(vpc_info) of what was read: of the platform's own network, or of an existing one."""
    return kept.facts(prefix, region, read) if read.get("kept") else of_resources(prefix, region, read["resources"])


def of_resources(prefix: str, region: str, resources: t.Sequence[Resource]) -> dict[str, t.Any]:
    """Return C(vpc_info): the network of a name prefix.  The ids of planned resources are null."""
    vpc = next((_fields(entry, "cidr_block") for entry in of_type(resources, "vpc")), None)
    subnets = [
        {**_fields(entry, "cidr_block", "zone"), "ipv6": entry.get("ipv6", False)}
        for entry in of_type(resources, "subnet")
    ]
    gateways = [
        {"name": entry["name"], "id": entry.get("id"), "state": entry.get("state")}
        for entry in of_type(resources, "nat_gateway")
    ]
    endpoints = [
        {"name": entry["name"], "id": entry["id"], "state": entry["state"]}
        for entry in of_type(resources, "vpc_endpoint")
        if entry.get("state")
    ]
    usable = all(gateway["state"] == "available" for gateway in gateways) and all(
        endpoint["state"] != "pending" for endpoint in endpoints
    )
    return {
        "name_prefix": prefix,
        "region": region,
        "exists": bool(vpc and vpc["id"]),
        "planned": bool(vpc),
        "ready": bool(vpc and vpc["id"]) and usable,
        "vpc": vpc or {"name": vpc_name(prefix), "id": None, "cidr_block": None},
        "public_subnets": [subnet for subnet in subnets if subnet["name"].startswith(f"{prefix}-pub-")],
        "apps_subnets": [subnet for subnet in subnets if subnet["name"].startswith(f"{prefix}-apps-")],
        "nat_gateways": gateways,
        "interface_endpoints": endpoints,
        "resources": list(resources),
    }


def _fields(entry: Resource, *keys: str) -> dict[str, t.Any]:
    return {"name": entry["name"], "id": entry.get("id"), **{key: entry["values"].get(key) for key in keys}}
