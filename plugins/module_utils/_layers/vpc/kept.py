# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An existing network, identified by ids, which is read, but neither changed nor deleted.  Plain dicts in and out.

Its VPC and subnets are named by their ids, as their tags Name need not be unique.
"""

from __future__ import annotations

import typing as t

from ..._aws.printable import counted
from ..._aws.refused import RefusedError
from ..._plan.model import Resource
from ..._resources.ec2 import subnet_routes

Raw = t.Mapping[str, t.Any]

TIERS = ("public", "apps")
NEEDED = frozenset({"ecr.api", "ecr.dkr", "logs"})
"""The endpoints that a task without a route to the internet needs:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html."""


def asked(inputs: Raw) -> dict[str, t.Any]:
    """Return what platform_info is to read of an existing network, empty if the inputs name none."""
    if not inputs.get("vpc_id"):
        return {}
    return {key: inputs[key] for key in ("vpc_id", *(f"{tier}_subnet_ids" for tier in TIERS))}


def resources(raw: Raw, options: Raw) -> list[Resource]:
    """Return the VPC and its subnets, by tier, each with the type of its default route's target, C(way_out).

    Raises RefusedError if the VPC or one of the subnets does not exist.
    """
    vpc, vpc_id = raw["vpc"], options["vpc_id"]
    if not vpc:
        raise RefusedError(f"vpc_id {vpc_id} is not in this account and region. Set vpc_id to the id of a VPC that is.")
    there = {subnet["SubnetId"]: subnet for subnet in raw["subnets"]}
    wanted = [(tier, one) for tier in TIERS for one in options.get(f"{tier}_subnet_ids") or []]
    if missing := [f"vpc_{tier}_subnet_ids {one}" for tier, one in wanted if one not in there]:
        raise RefusedError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not in {vpc_id}, which has"
            f" {', '.join(sorted(there)) or 'no subnets'}. Change that, or vpc_id."
        )
    own: Resource = {"type": "vpc", "name": vpc_id, "id": vpc_id, "values": {"cidr_block": vpc["CidrBlock"]}}
    return [own, *(_subnet(tier, there[one], raw["route_tables"]) for tier, one in wanted)]


def _subnet(tier: str, subnet: Raw, tables: t.Sequence[Raw]) -> Resource:
    name = subnet["SubnetId"]
    values = {
        "tier": tier,
        "cidr_block": subnet["CidrBlock"],
        "zone": subnet["AvailabilityZone"],
        "way_out": subnet_routes.default_route(subnet_routes.of(tables, subnet)),
    }
    ipv6 = bool(subnet.get("Ipv6CidrBlockAssociationSet"))
    return {"type": "subnet", "name": name, "id": name, "values": values, "ipv6": ipv6}


def facts(prefix: str, region: str, read: Raw) -> dict[str, t.Any]:
    """Return C(vpc_info), with C(kept) and C(stuck), which only an existing network has.

    C(stuck) are the subnets by tier in which a task can neither pull its image nor write logs.
    """
    vpc = next((entry for entry in read["resources"] if entry["type"] == "vpc"), None)
    of_tier = {tier: [_fact(one) for one in read["resources"] if one["values"].get("tier") == tier] for tier in TIERS}
    served = set(read.get("endpoints") or []) >= NEEDED
    stuck = {
        # a task without a public address can't use an internet gateway
        "apps": [
            one["id"] for one in of_tier["apps"] if one["way_out"] in (*subnet_routes.NOWHERE, "igw") and not served
        ],
        # a public address needs an internet gateway
        "public": [one["id"] for one in of_tier["public"] if one["way_out"] != "igw"],
    }
    return {
        "name_prefix": prefix,
        "region": region,
        "exists": vpc is not None,
        "planned": vpc is not None,
        "ready": vpc is not None,
        "vpc": _vpc(vpc),
        **{f"{tier}_subnets": some for tier, some in of_tier.items()},
        "nat_gateways": [],
        "interface_endpoints": [],
        "resources": list(read["resources"]),
        "kept": True,
        "stuck": stuck,
    }


def _vpc(entry: Resource | None) -> dict[str, t.Any]:
    if not entry:
        return {"name": None, "id": None, "cidr_block": None}
    return {"name": entry["name"], "id": entry["id"], "cidr_block": entry["values"]["cidr_block"]}


def _fact(entry: Resource) -> dict[str, t.Any]:
    values = entry["values"]
    return {
        "name": entry["name"],
        "id": entry["id"],
        **{key: values[key] for key in ("cidr_block", "zone", "way_out")},
        "ipv6": entry["ipv6"],
    }


def load_balancer_problems(network: Raw, tier: str, internet_facing: bool) -> list[str]:
    """Return an error for each reason why a load balancer can't use a tier of subnets of an existing network.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    """
    there = network[f"{tier}_subnets"]
    zones = [subnet["zone"] for subnet in there]
    option, where = f"vpc_{tier}_subnet_ids", f"in {network['vpc']['id']}"
    result = []
    if len(set(zones)) < 2:
        result.append(
            f"{option} has subnets of {counted(len(set(zones)), 'zone')} {where}: a load balancer needs two. Add one of"
            " another zone, or set alb_arn to a load balancer that is there."
        )
    result += [
        f"{option} has {' and '.join(one['id'] for one in there if one['zone'] == zone)} in one zone, {zone}: a load"
        " balancer takes one subnet a zone. Take the others out."
        for zone in sorted({zone for zone in zones if zones.count(zone) > 1})
    ]
    if internet_facing and network["stuck"]["public"]:
        result.append(
            f"{option} {', '.join(network['stuck']['public'])} {where}: no default route to an internet gateway, as"
            " a load balancer that faces the internet needs one. Choose subnets that have one."
        )
    return result
