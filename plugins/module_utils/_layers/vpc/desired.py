# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The desired resources of the network, with references by name.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._plan.names import vpc_name
from ..._resources.ec2 import zones
from ..._resources.iam.policy import canonical, trusting
from . import cidrs

Inputs = t.Mapping[str, t.Any]

ANYWHERE = "0.0.0.0/0"
FLOW_LOGS_SERVICE = "vpc-flow-logs.amazonaws.com"
# https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
FLOW_LOGS_ACTIONS = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
]


def resources(
    inputs: Inputs,
    zone_names: t.Mapping[str, str],
    endpoint_services: t.Mapping[str, str] | None = None,
    found: t.Sequence[Resource] = (),
) -> list[Resource]:
    """Return every resource of the network, each after those that it refers to.

    :param zone_names: the name of each zone by its name and by its id.
    :param endpoint_services: the full name of each endpoint's service that does not follow from the region.
    :param found: the current resources: a NAT gateway stays in its subnet.
    """
    return [
        *_vpc(inputs),
        *_subnets(inputs, zone_names),
        *_nat(inputs, found),
        *_route_tables(inputs),
        *_endpoints(inputs, endpoint_services or {}),
        *_flow_log(inputs),
    ]


def subnet_cidrs(inputs: Inputs, tier: str) -> list[str]:
    """Return the CIDR blocks of a tier's subnets by zone, given or derived.

    Raises ValueError if they can't be derived.
    """
    given = inputs[f"{tier}_subnets"]
    return list(given) if given else [cidrs.derived(inputs["cidr_block"], tier, zone) for zone in inputs["zones"]]


def nat_zones(inputs: Inputs) -> list[str]:
    """Return the zones with a NAT gateway."""
    return {"none": [], "single": inputs["zones"][:1], "per_zone": inputs["zones"]}[inputs["nat"]]


def _resource(inputs: Inputs, kind: str, name: str, values: dict[str, t.Any], fixed: t.Sequence[str] = ()) -> Resource:
    full = f"{inputs['name_prefix']}-{name}"
    tags = {**inputs["tags"], "Name": full}
    return {"type": kind, "name": full, "values": {**values, "tags": tags}, "fixed": list(fixed)}


def _vpc(inputs: Inputs) -> list[Resource]:
    return [
        _resource(
            inputs,
            "vpc",
            "vpc",
            {"cidr_block": inputs["cidr_block"], "dns_support": True, "dns_hostnames": True},
            fixed=["cidr_block"],
        ),
        _resource(inputs, "security_group", "default-sg", {"ingress": [], "egress": []}),
        _resource(inputs, "internet_gateway", "igw", {"vpc": vpc_name(inputs["name_prefix"])}),
    ]


def _subnets(inputs: Inputs, zone_names: t.Mapping[str, str]) -> list[Resource]:
    return [
        _resource(
            inputs,
            "subnet",
            _subnet_name(tier, zone),
            {"cidr_block": cidr, "zone": zone_names[zone], "public_addresses": False},
            fixed=["cidr_block", "zone"],
        )
        for tier in cidrs.TIERS
        for zone, cidr in zip(inputs["zones"], subnet_cidrs(inputs, tier), strict=True)
    ]


def _subnet_name(tier: str, zone: str) -> str:
    return f"{'pub' if tier == 'public' else tier}-{zones.suffix(zone)}"


def _nat_name(inputs: Inputs, zone: str) -> str:
    return "nat" if inputs["nat"] == "single" else f"nat-{zones.suffix(zone)}"


def _nat(inputs: Inputs, found: t.Sequence[Resource]) -> list[Resource]:
    prefix = inputs["name_prefix"]
    result = []
    for zone in nat_zones(inputs):
        name = _nat_name(inputs, zone)
        address = f"{prefix}-{name}-eip"
        gateway = _resource(
            inputs,
            "nat_gateway",
            name,
            {"subnet": _nat_subnet(inputs, zone, found), "elastic_ip": address},
            fixed=["subnet", "elastic_ip"],
        )
        gateway["next_steps"] = {
            "elastic_ip": f"Take it over with the address that it has: give that the tag Name={address}, by create-tags"
            " of aws ec2, which moves no packet; or remove the nat_gateway first"
        }
        result += [_resource(inputs, "elastic_ip", f"{name}-eip", {}), gateway]
    return result


def _nat_subnet(inputs: Inputs, zone: str, found: t.Sequence[Resource]) -> str:
    """Return the subnet of a NAT gateway: one that serves all zones may stay in any of the public subnets."""
    public = [f"{inputs['name_prefix']}-{_subnet_name('public', one)}" for one in inputs["zones"]]
    name = f"{inputs['name_prefix']}-{_nat_name(inputs, zone)}"
    has = next((one["values"] for one in found if (one["type"], one["name"]) == ("nat_gateway", name)), {})
    if inputs["nat"] == "single" and has.get("subnet") in public:
        return str(has["subnet"])
    return public[inputs["zones"].index(zone)]


def _route_tables(inputs: Inputs) -> list[Resource]:
    prefix = inputs["name_prefix"]

    def table(name: str, tier: str, of_zones: t.Sequence[str], target: str | None) -> Resource:
        routes = [{"destination": ANYWHERE, "target": f"{prefix}-{target}"}] if target else []
        subnets = sorted(f"{prefix}-{_subnet_name(tier, zone)}" for zone in of_zones)
        return _resource(inputs, "route_table", name, {"routes": routes, "subnets": subnets})

    public = table("pub-rt", "public", inputs["zones"], "igw")
    if inputs["nat"] != "per_zone":
        return [public, table("apps-rt", "apps", inputs["zones"], "nat" if inputs["nat"] == "single" else None)]
    return [
        public,
        *(table(f"apps-{zones.suffix(zone)}-rt", "apps", [zone], _nat_name(inputs, zone)) for zone in inputs["zones"]),
    ]


def _endpoints(inputs: Inputs, names: t.Mapping[str, str]) -> list[Resource]:
    prefix, region = inputs["name_prefix"], inputs["region"]
    tables = sorted(entry["name"] for entry in _route_tables(inputs))
    subnets = sorted(f"{prefix}-{_subnet_name('apps', zone)}" for zone in inputs["zones"])
    result = [
        _resource(
            inputs,
            "vpc_endpoint",
            f"{service}-endpoint",
            {
                "service": names.get(service, f"com.amazonaws.{region}.{service}"),
                "endpoint_type": "Gateway",
                "route_tables": tables,
            },
            fixed=["service", "endpoint_type"],
        )
        for service in inputs["gateway_endpoints"]
    ]
    if not inputs["interface_endpoints"]:
        return result
    https = {"protocol": "tcp", "ports": "443", "source": inputs["cidr_block"]}
    group = _resource(inputs, "security_group", "endpoints-sg", {"ingress": [https], "egress": []})
    return [
        *result,
        group,
        *(
            _resource(
                inputs,
                "vpc_endpoint",
                f"{service.replace('.', '-')}-endpoint",
                {
                    "service": names.get(service, f"com.amazonaws.{region}.{service}"),
                    "endpoint_type": "Interface",
                    "subnets": subnets,
                    "security_groups": [group["name"]],
                    "private_dns": True,
                },
                fixed=["service", "endpoint_type"],
            )
            for service in inputs["interface_endpoints"]
        ),
    ]


def _flow_log(inputs: Inputs) -> list[Resource]:
    if not inputs["flow_logs"]:
        return []
    prefix = inputs["name_prefix"]
    group, role = f"/vpc/{prefix}-flow-log", f"{prefix}-flow-log-role"
    write = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": FLOW_LOGS_ACTIONS, "Resource": "*"}],
    }
    return [
        {
            "type": "log_group",
            "name": group,
            "values": {"retention": inputs["flow_logs_retention"], "tags": dict(inputs["tags"])},
        },
        {
            "type": "iam_role",
            "name": role,
            "values": {
                "trust_policy": canonical(trusting(FLOW_LOGS_SERVICE)),
                "inline_policies": {"write-logs": canonical(write)},
                "permissions_boundary": inputs["permissions_boundary"],
                "tags": dict(inputs["tags"]),
            },
        },
        _resource(
            inputs,
            "flow_log",
            "flow-log",
            {
                "vpc": vpc_name(prefix),
                "traffic": inputs["flow_logs_traffic"],
                "log_group": group,
                "role": role,
            },
            fixed=["traffic", "log_group", "role"],
        ),
    ]
