# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read one network and everything that belongs to it, in two rounds of parallel calls."""

from __future__ import annotations

import typing as t

from ..._aws.read import call, in_parallel, pages
from ..._aws.tagged import name
from ..._plan.names import vpc_name
from ..._resources.ec2 import twice
from ..._resources.iam import api as iam_api
from ..._resources.logs import api as logs_api
from .found import LISTINGS

Raw = dict[str, t.Any]

# Partitions in which every service's name is com.amazonaws.REGION.SERVICE. In China some start with cn., and for newer
# partitions we ask AWS.
REGULAR_PARTITIONS = ("aws", "aws-us-gov")
LIVE_NAT_STATES = ["pending", "available"]


def read(client: t.Callable[[str], t.Any], prefix: str, flow_logs: bool, holders: bool = False) -> Raw:
    """Return the raw descriptions of everything that may belong to the network of a name prefix.

    :param flow_logs: read a flow log's log group and role also if there is no flow log.
    :param holders: read the load balancers and network interfaces in the VPC, too.
    :raises RefusedError: if several VPCs have the name, and it is not clear which one is the platform's.
    """
    ec2 = client("ec2")
    raw = in_parallel(
        vpcs=lambda: pages(ec2, "describe_vpcs", "Vpcs", Filters=_named(vpc_name(prefix))),
        zones=lambda: call(ec2, "describe_availability_zones")["AvailabilityZones"],
        **{key: _listing(ec2, key, _named(one.named.format(prefix))) for key, one in LISTINGS.items() if one.named},
        beside=lambda: _beside_flow_logs(client, prefix) if flow_logs else {},
    )
    beside = raw.pop("beside")
    vpc, spare = _chosen(ec2, raw.pop("vpcs"), vpc_name(prefix))
    return {
        **raw,
        "vpc": vpc,
        "spare_vpcs": spare,
        **(_inside(ec2, vpc["VpcId"]) if vpc else {}),
        **(_holders(client, vpc["VpcId"]) if vpc and holders else {}),
        **(_beside_flow_logs(client, prefix) if raw["flow_logs"] and not flow_logs else beside),
    }


def kept(client: t.Callable[[str], t.Any], vpc_id: str) -> Raw:
    """Return the raw descriptions of an existing VPC, null if there is none, its subnets, routes and endpoints."""
    ec2 = client("ec2")
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    raw = in_parallel(
        vpcs=lambda: pages(ec2, "describe_vpcs", "Vpcs", Filters=of_vpc),
        **{key: _listing(ec2, key, of_vpc) for key in ("subnets", "route_tables", "vpc_endpoints")},
    )
    return {**raw, "vpc": next(iter(raw.pop("vpcs")), None)}


def endpoint_services(client: t.Callable[[str], t.Any]) -> list[str]:
    """Return the names of all services that have endpoints, empty if they follow from the region."""
    ec2 = client("ec2")
    if ec2.meta.partition in REGULAR_PARTITIONS:
        return []
    found: list[t.Any] = pages(ec2, "describe_vpc_endpoint_services", "ServiceNames")
    return found


def _inside(ec2: t.Any, vpc_id: str) -> Raw:
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    raw = in_parallel(
        dns_support=lambda: _attribute(ec2, vpc_id, "enableDnsSupport"),
        dns_hostnames=lambda: _attribute(ec2, vpc_id, "enableDnsHostnames"),
        **{key: _listing(ec2, key, of_vpc) for key, one in LISTINGS.items() if not one.named},
    )
    live = [gateway for gateway in raw["nat_gateways"] if gateway["State"] in LIVE_NAT_STATES]
    past = [gateway for gateway in raw["nat_gateways"] if gateway["State"] not in LIVE_NAT_STATES]
    return {**raw, "nat_gateways": live, "past_nat_gateways": past}


def _holders(client: t.Callable[[str], t.Any], vpc_id: str) -> Raw:
    ec2, elbv2 = client("ec2"), client("elbv2")
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    raw = in_parallel(
        network_interfaces=lambda: pages(ec2, "describe_network_interfaces", "NetworkInterfaces", Filters=of_vpc),
        load_balancers=lambda: pages(elbv2, "describe_load_balancers", "LoadBalancers"),
    )
    return {**raw, "load_balancers": [entry for entry in raw["load_balancers"] if entry.get("VpcId") == vpc_id]}


def _beside_flow_logs(client: t.Callable[[str], t.Any], prefix: str) -> Raw:
    logs, iam = client("logs"), client("iam")
    return in_parallel(
        log_groups=lambda: logs_api.log_groups(logs, [f"/vpc/{prefix}-flow-log"]),
        role=lambda: iam_api.role(iam, f"{prefix}-flow-log-role", attached=False),
    )


def _listing(ec2: t.Any, key: str, filters: list[dict[str, t.Any]]) -> t.Callable[[], list[Raw]]:
    one = LISTINGS[key]
    if not ec2.can_paginate(one.operation):
        return lambda: list(call(ec2, one.operation, Filters=filters)[one.items])
    return lambda: pages(ec2, one.operation, one.items, Filters=filters)


def _attribute(ec2: t.Any, vpc_id: str, attribute: str) -> bool:
    response = call(ec2, "describe_vpc_attribute", VpcId=vpc_id, Attribute=attribute)
    return bool(response[attribute[0].upper() + attribute[1:]]["Value"])


def _named(pattern: str) -> list[dict[str, t.Any]]:
    return [{"Name": "tag:Name", "Values": [pattern]}]


def _chosen(ec2: t.Any, vpcs: list[Raw], wanted: str) -> tuple[Raw | None, list[Raw]]:
    """Return the VPC of a name, and the duplicates that a late call of an ended run created."""
    found = [vpc for vpc in vpcs if name(vpc) == wanted]
    if len(found) < 2:
        return (found[0] if found else None), []
    ours, spare = twice.choose(found, wanted, _contents(ec2, [vpc["VpcId"] for vpc in found]))
    return dict(ours), [dict(vpc) for vpc in spare]


def _contents(ec2: t.Any, vpc_ids: list[str]) -> dict[str, list[str]]:
    """Return by VPC the ids of the resources that keep it from being deleted; a new VPC has none."""
    of_vpcs = [{"Name": "vpc-id", "Values": vpc_ids}]
    attached = [{"Name": "attachment.vpc-id", "Values": vpc_ids}]
    raw = in_parallel(
        subnets=_listing(ec2, "subnets", of_vpcs),
        groups=_listing(ec2, "security_groups", of_vpcs),
        gateways=_listing(ec2, "internet_gateways", attached),
    )
    held = [
        *((subnet["VpcId"], subnet["SubnetId"]) for subnet in raw["subnets"]),
        *((group["VpcId"], group["GroupId"]) for group in raw["groups"] if group["GroupName"] != "default"),
        *((entry["VpcId"], gw["InternetGatewayId"]) for gw in raw["gateways"] for entry in gw["Attachments"]),
    ]
    return {vpc_id: [item for holder, item in held if holder == vpc_id] for vpc_id in vpc_ids}
