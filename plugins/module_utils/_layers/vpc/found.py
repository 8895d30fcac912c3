# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The current network, in the form of the desired one, with references by name.  Plain dicts in and out."""

from __future__ import annotations

import re
import typing as t

from ..._aws.arn import last
from ..._aws.refused import RefusedError
from ..._aws.tagged import name, tags
from ..._plan.model import Resource
from ..._resources.ec2 import security_group, twice
from ..._resources.iam import role
from ..._resources.logs import log_group

Raw = t.Mapping[str, t.Any]


class Listing(t.NamedTuple):
    """How EC2 lists a type: the operation, the key of the items in its response, and the key of an item's id.

    :param named: pattern of the tag Name to filter by, with the name prefix; empty to filter by the VPC.
    """

    operation: str
    items: str
    id: str
    named: str = ""


LISTINGS: t.Mapping[str, Listing] = {
    "addresses": Listing("describe_addresses", "Addresses", "AllocationId", "{}-*"),
    "internet_gateways": Listing("describe_internet_gateways", "InternetGateways", "InternetGatewayId", "{}-igw"),
    "flow_logs": Listing("describe_flow_logs", "FlowLogs", "FlowLogId", "{}-flow-log"),
    "subnets": Listing("describe_subnets", "Subnets", "SubnetId"),
    "nat_gateways": Listing("describe_nat_gateways", "NatGateways", "NatGatewayId"),
    "route_tables": Listing("describe_route_tables", "RouteTables", "RouteTableId"),
    "security_groups": Listing("describe_security_groups", "SecurityGroups", "GroupId"),
    "vpc_endpoints": Listing("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
}
"""What is always read of a network, by its key in the result of C(api.read)."""


def resources(raw: Raw, prefix: str) -> list[Resource]:
    """Return the resources of the network of a name prefix, of what C(api.read) returned.

    Resources in the VPC that have another tag Name are left out.  Of two with the same name the one in use comes first,
    so that a plan compares that one and removes the other.
    """
    names = _names(raw)
    found = [
        *_vpc(raw),
        *_each(raw, "security_groups", lambda item: _security_group(item, names, prefix)),
        *_each(
            raw,
            "internet_gateways",
            lambda item: _internet_gateway(item, names),
            unused=twice.unused_internet_gateway,
        ),
        *_each(raw, "subnets", _subnet, f"{prefix}-"),
        *_each(raw, "addresses", _elastic_ip, unused=twice.unused_address),
        *_each(raw, "nat_gateways", lambda item: _nat_gateway(item, names), f"{prefix}-"),
        *_each(raw, "route_tables", lambda item: _route_table(item, names), unused=twice.unused_route_table),
        *_each(raw, "vpc_endpoints", lambda item: _vpc_endpoint(item, names), f"{prefix}-"),
        *(log_group.found(group) for group in raw.get("log_groups") or []),
        *([role.found(raw["role"])] if raw.get("role") else []),
        *_each(raw, "flow_logs", lambda item: _flow_log(item, names)),
    ]
    return [entry for entry in found if _ours(entry, prefix)]


def endpoint_services(names: t.Iterable[str], region: str, wanted: t.Container[str]) -> dict[str, str]:
    """Return the full names of the I(wanted) services, by the part that follows the region."""
    # com. sorts after cn.com., so that it wins if a service has both
    return {short: name for name in sorted(names) if (short := name.partition(f".{region}.")[2]) in wanted}


def zone_names(raw: Raw, wanted: t.Iterable[str] = ()) -> dict[str, str]:
    """Return the names of the zones that the account may use, by name and by id.

    Raises RefusedError if one of I(wanted) is missing.
    """
    usable = [zone for zone in raw["zones"] if zone.get("OptInStatus") != "not-opted-in"]
    names = {zone[key]: zone["ZoneName"] for key in ("ZoneId", "ZoneName") for zone in usable}
    if missing := [zone for zone in wanted if zone not in names]:
        there = ", ".join(sorted(f"{zone['ZoneName']} ({zone['ZoneId']})" for zone in usable))
        raise RefusedError(
            f"No zone {' or '.join(missing)} that this account may use in the region: it has {there}."
            " Set vpc_zones to two or more of them."
        )
    return names


def _each(
    raw: Raw,
    key: str,
    make: t.Callable[[Raw], Resource | None],
    begin: str = "",
    unused: t.Callable[[Raw], bool] = lambda _item: False,
) -> list[Resource]:
    """Return the resources that I(make) returns, sorted by name; of the same name, those not I(unused) come first.

    Items with another I(begin) of their tag Name are skipped, as they may lack the fields that I(make) needs.
    """
    made = [(make(item), unused(item)) for item in raw.get(key) or [] if name(item).startswith(begin)]
    there = [(entry, spare) for entry, spare in made if entry]
    ordered = sorted(there, key=lambda pair: (str(pair[0]["name"]), pair[1], str(pair[0]["id"])))
    return [entry for entry, _spare in ordered]


def _ours(entry: Resource, prefix: str) -> bool:
    if entry["type"] == "security_group":
        return entry["name"] in (f"{prefix}-default-sg", f"{prefix}-endpoints-sg")
    if entry["type"] == "elastic_ip":  # listed for the whole account: a longer prefix is another platform's
        return bool(re.fullmatch(rf"{re.escape(prefix)}-nat(-[a-z]1)?-eip", entry["name"]))
    return entry["name"].startswith((f"{prefix}-", f"/vpc/{prefix}-"))


def _names(raw: Raw) -> dict[str, str]:
    items = [(item.get(one.id), name(item)) for key, one in LISTINGS.items() for item in raw.get(key) or []]
    if raw.get("vpc"):
        items.append((raw["vpc"]["VpcId"], name(raw["vpc"])))
    return {str(found): its_name for found, its_name in items if its_name}


def _resource(kind: str, item: Raw, found: str, values: dict[str, t.Any]) -> Resource:
    return {"type": kind, "name": name(item), "id": found, "values": {**values, "tags": tags(item)}}


def _vpc(raw: Raw) -> list[Resource]:
    vpc = raw.get("vpc")
    if not vpc:
        return []
    values = {key: raw[key] for key in ("dns_support", "dns_hostnames")}
    spare = [
        _resource("vpc", other, other["VpcId"], {"cidr_block": other["CidrBlock"]})
        for other in raw.get("spare_vpcs") or []
    ]
    return [_resource("vpc", vpc, vpc["VpcId"], {"cidr_block": vpc["CidrBlock"], **values}), *spare]


def _subnet(item: Raw) -> Resource:
    values = {
        "cidr_block": item["CidrBlock"],
        "zone": item["AvailabilityZone"],
        "public_addresses": item.get("MapPublicIpOnLaunch", False),
    }
    return {
        **_resource("subnet", item, item["SubnetId"], values),
        "ipv6": bool(item.get("Ipv6CidrBlockAssociationSet")),
    }


def _internet_gateway(item: Raw, names: t.Mapping[str, str]) -> Resource:
    attached = [names.get(entry["VpcId"], entry["VpcId"]) for entry in item.get("Attachments") or []]
    return _resource(
        "internet_gateway", item, item["InternetGatewayId"], {"vpc": attached[0] if attached else "(detached)"}
    )


def _elastic_ip(item: Raw) -> Resource:
    return _resource("elastic_ip", item, item["AllocationId"], {"public_ip": item["PublicIp"]})


def _nat_gateway(item: Raw, names: t.Mapping[str, str]) -> Resource:
    addresses = [entry["AllocationId"] for entry in item.get("NatGatewayAddresses") or [] if "AllocationId" in entry]
    # a regional NAT gateway has none
    subnet = item.get("SubnetId") or "(none, it is of the region)"
    values = {"subnet": names.get(subnet, subnet)}
    if addresses:
        values["elastic_ip"] = names.get(addresses[0], addresses[0])
    return {**_resource("nat_gateway", item, item["NatGatewayId"], values), "state": item["State"]}


def _route_table(item: Raw, names: t.Mapping[str, str]) -> Resource:
    routes = [_route(route, names) for route in item.get("Routes") or [] if _made_by_hand(route)]
    subnets = [entry["SubnetId"] for entry in item.get("Associations") or [] if entry.get("SubnetId")]
    values = {
        "routes": sorted(routes, key=lambda route: route["destination"]),
        "subnets": sorted(names.get(subnet, subnet) for subnet in subnets),
    }
    return _resource("route_table", item, item["RouteTableId"], values)


def _made_by_hand(route: Raw) -> bool:
    # a gateway endpoint adds routes to prefix lists, a VPN gateway propagates routes
    return route.get("Origin") == "CreateRoute" and "DestinationCidrBlock" in route


TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "NetworkInterfaceId",
    "InstanceId",
    "CarrierGatewayId",
    "LocalGatewayId",
    "CoreNetworkArn",
)


def _route(route: Raw, names: t.Mapping[str, str]) -> dict[str, str]:
    target = next((route[key] for key in TARGETS if route.get(key)), "(none)")
    shown = names.get(target, target)
    if route.get("State") == "blackhole":
        shown = f"{shown} (blackhole)"
    return {"destination": route["DestinationCidrBlock"], "target": shown}


def _security_group(item: Raw, names: t.Mapping[str, str], prefix: str) -> Resource:
    # AWS creates the default group with the VPC, without tags
    called = f"{prefix}-default-sg" if item["GroupName"] == "default" else name(item)
    return {**security_group.found(item, names), "name": called}


def _vpc_endpoint(item: Raw, names: t.Mapping[str, str]) -> Resource | None:
    if item.get("State", "").lower() in ("deleting", "deleted"):
        return None
    kind = item["VpcEndpointType"]
    values: dict[str, t.Any] = {"service": item["ServiceName"], "endpoint_type": kind}
    if kind == "Gateway":
        values["route_tables"] = sorted(names.get(table, table) for table in item.get("RouteTableIds") or [])
    else:
        values["subnets"] = sorted(names.get(subnet, subnet) for subnet in item.get("SubnetIds") or [])
        values["security_groups"] = sorted(
            names.get(group["GroupId"], group["GroupId"]) for group in item.get("Groups") or []
        )
        values["private_dns"] = item.get("PrivateDnsEnabled", False)
    made = _resource("vpc_endpoint", item, item["VpcEndpointId"], values)
    # a gateway endpoint is usable immediately
    return {**made, "state": item["State"].lower()} if kind != "Gateway" and item.get("State") else made


def _flow_log(item: Raw, names: t.Mapping[str, str]) -> Resource:
    values = {
        "vpc": names.get(item["ResourceId"], item["ResourceId"]),
        "traffic": item["TrafficType"],
        "log_group": item.get("LogGroupName"),
        "role": last(item.get("DeliverLogsPermissionArn", "")),
    }
    return _resource("flow_log", item, item["FlowLogId"], values)
