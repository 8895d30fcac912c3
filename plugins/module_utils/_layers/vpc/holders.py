# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Foreign resources in the network, which keep AWS from deleting subnets or the VPC.

https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
"""

from __future__ import annotations

import re
import typing as t

from ..._aws.tagged import name, tags
from ..._plan.names import alb_name
from . import found

Raw = t.Mapping[str, t.Any]
Holder = dict[str, t.Any]

# Descriptions of interfaces that AWS deletes with their load balancer, gateway, endpoint or task, unlike a database's.
LEAVES = re.compile(r"ELB |Interface for NAT Gateway |VPC Endpoint Interface|arn:aws[\w-]*:ecs:")
ENDED = ("deleting", "deleted")
GUARDDUTY = "GuardDutyManaged"
"""Tag of the endpoint and security group that Runtime Monitoring creates in a Fargate task's VPC and does not delete.

https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring-agent-resource-clean-up.html
"""


def holders(raw: Raw, prefix: str, within_ids: t.Collection[str]) -> list[Holder]:
    """Return C({id, leaving, moves, platform, guardduty, text}) of the foreign resources in the VPC or subnets.

    C(leaving): AWS deletes it soon, as the network interface of a load balancer or task that was deleted.  C(moves): it
    is the platform's load balancer, which a run of all layers moves to other subnets.  C(platform): its name has the
    prefix, so that it is deleted before the network.  C(guardduty): GuardDuty created it.  C(text): its description for
    messages.  The interfaces of load balancers, NAT gateways and endpoints are left out.

    :param within_ids: ids of subnets, or of the VPC for everything in it.
    """
    ours = {entry["id"] for entry in found.resources(raw, prefix)}
    there = [
        *(_load_balancer(item, prefix) for item in raw.get("load_balancers") or []),
        *(_resource("NAT gateway", "NatGatewayId", item, prefix) for item in raw.get("nat_gateways") or []),
        *(
            _resource("endpoint", "VpcEndpointId", item, prefix)
            for item in raw.get("vpc_endpoints") or []
            if not _ended(item)
        ),
    ]
    named = {entry["interface"] for entry in there}
    interfaces = [item for item in raw.get("network_interfaces") or [] if _made_for(item) not in named]
    there += [
        *(_interface(item) for item in interfaces),
        *(_resource("subnet", "SubnetId", item, prefix) for item in raw.get("subnets") or []),
        *(
            _resource("route table", "RouteTableId", item, prefix)
            for item in raw.get("route_tables") or []
            if not _main(item)
        ),
        *(_resource("security group", "GroupId", item, prefix) for item in raw.get("security_groups") or []),
    ]
    everywhere = bool(raw["vpc"]) and raw["vpc"]["VpcId"] in within_ids
    return [
        {key: entry[key] for key in ("id", "leaving", "moves", "platform", "guardduty", "text")}
        for entry in there
        if entry["id"] not in ours and (everywhere or any(subnet in within_ids for subnet in entry["subnet_ids"]))
    ]


def _load_balancer(item: Raw, prefix: str) -> Holder:
    return {
        "id": item["LoadBalancerArn"],
        "interface": item["LoadBalancerArn"].rpartition(":loadbalancer/")[2],
        "subnet_ids": [zone["SubnetId"] for zone in item.get("AvailabilityZones") or []],
        "leaving": False,
        "moves": item["LoadBalancerName"] == alb_name(prefix),
        "platform": item["LoadBalancerName"].startswith(f"{prefix}-"),
        "guardduty": False,
        "text": f"load balancer {item['LoadBalancerName']}",
    }


def _resource(kind: str, key: str, item: Raw, prefix: str) -> Holder:
    identifier, called = item[key], name(item) or item.get("GroupName")
    guardduty = tags(item).get(GUARDDUTY) == "true"
    whose = " of GuardDuty" if guardduty else ""
    return {
        "id": identifier,
        "interface": identifier,
        "subnet_ids": [*(item.get("SubnetIds") or []), *([item["SubnetId"]] if "SubnetId" in item else [])],
        "leaving": False,
        "moves": False,
        "platform": str(called or "").startswith(f"{prefix}-"),
        "guardduty": guardduty,
        "text": f"{kind} {called} ({identifier}){whose}" if called else f"{kind} {identifier}{whose}",
    }


def _interface(item: Raw) -> Holder:
    attachment = item.get("Attachment") or {}
    owner = attachment.get("InstanceId") or attachment.get("InstanceOwnerId") or item.get("RequesterId")
    described = f" '{item['Description']}'" if item.get("Description") else ""
    return {
        "id": item["NetworkInterfaceId"],
        "subnet_ids": [item["SubnetId"]],
        "leaving": item.get("RequesterManaged", False) and bool(LEAVES.match(item.get("Description") or "")),
        "moves": False,
        "platform": False,
        "guardduty": False,
        "text": f"network interface {item['NetworkInterfaceId']}{described} of {owner or item['OwnerId']}",
    }


def _made_for(interface: Raw) -> str:
    """Return the last word of an interface's description: nat-…, vpce-…, app/NAME/ID."""
    return (interface.get("Description") or "").rpartition(" ")[2]


def _ended(item: Raw) -> bool:
    return item.get("State", "").lower() in ENDED


def _main(table: Raw) -> bool:
    return any(entry.get("Main") for entry in table.get("Associations") or [])
