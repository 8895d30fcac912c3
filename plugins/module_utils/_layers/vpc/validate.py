# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the inputs of the role vpc.

Each error has the value, the rule and the variable to set.  Rules of AWS:
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html (VPC and subnet sizes),
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html (two zones).
"""

from __future__ import annotations

import ipaddress
import itertools
import re
import typing as t

from ..._aws import region as regions
from ..._aws.printable import counted
from ..._resources.ec2 import zones
from ..._resources.iam import problems as policy
from ..inputs.spec import beside_kept, twice
from . import cidrs, desired

Inputs = t.Mapping[str, t.Any]
Network = ipaddress.IPv4Network

VPC, SUBNET = re.compile(r"vpc-[0-9a-f]+"), re.compile(r"subnet-[0-9a-f]+")
LARGEST, SMALLEST = 16, 28
PRIVATE = tuple(Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))


def vpc(inputs: Inputs) -> list[str]:
    """Return the errors in the inputs of the role vpc."""
    if inputs.get("vpc_id"):
        return [*regions.problems(inputs["region"]), *_ids(inputs), *_existing(inputs)]
    return [
        *_without_vpc(inputs),
        *regions.problems(inputs["region"]),
        *_zones(inputs["zones"]),
        *_vpc_block(inputs["cidr_block"], inputs["allow_public_range"]),
        *_subnets(inputs),
        *twice("vpc_gateway_endpoints", inputs["gateway_endpoints"]),
        *twice("vpc_interface_endpoints", inputs["interface_endpoints"]),
        *_service_names(inputs["interface_endpoints"]),
        *policy.boundary_wrong("vpc_permissions_boundary", inputs["permissions_boundary"]),
    ]


def _existing(inputs: Inputs) -> list[str]:
    """Return the errors in the inputs of an existing network."""
    result = beside_kept("vpc", inputs, "network", f"vpc_id {inputs['vpc_id']}")
    if not inputs["apps_subnet_ids"] and not inputs["public_subnet_ids"]:
        result.append(
            f"vpc_id {inputs['vpc_id']} has no subnets by tier. Set vpc_apps_subnet_ids to those that tasks run in, and"
            " vpc_public_subnet_ids to those with a route to an internet gateway."
        )
    return result


def _without_vpc(inputs: Inputs) -> list[str]:
    """Return an error for each list of existing subnets that is set without C(vpc_id)."""
    return [
        f"vpc_{tier}_subnet_ids needs an existing network, and vpc_id does not name one. Set vpc_id."
        for tier in cidrs.TIERS
        if inputs.get(f"{tier}_subnet_ids")
    ]


def _ids(inputs: Inputs) -> t.Iterator[str]:
    if not VPC.fullmatch(inputs["vpc_id"]):
        yield f"vpc_id '{inputs['vpc_id']}' is not the id of a VPC. Write one as in vpc-0a1b2c3d4e5f60718."
    for tier in cidrs.TIERS:
        option = f"{tier}_subnet_ids"
        yield from twice(f"vpc_{option}", inputs[option])
        yield from (
            f"vpc_{option} has '{one}', which is not the id of a subnet. Write one as in subnet-0a1b2c3d4e5f60718."
            for one in inputs[option]
            if not SUBNET.fullmatch(one)
        )


def _zones(given: t.Sequence[str]) -> list[str]:
    if len(set(given)) < 2:
        shown = ", ".join(given) or "none"
        return [
            f"vpc_zones is {shown}: a load balancer needs two zones. Set two or more, as in [apne2-az1, apne2-az3]."
        ]
    suffixes: dict[str, str] = {}
    found = []
    for zone in given:
        try:
            suffix = zones.suffix(zone)
        except ValueError as error:
            found.append(f"vpc_zones: {error}")
            continue
        if suffix in suffixes:
            found.append(
                f"vpc_zones: {suffixes[suffix]} and {zone} would both be named '{suffix}'."
                " Give each zone once, and all by name or all by id."
            )
        suffixes.setdefault(suffix, zone)
    return found


def _vpc_block(cidr: str, allow_public_range: bool) -> list[str]:
    block, wrong = _block("vpc_cidr_block", cidr)
    if block is None or wrong:
        return wrong
    if not allow_public_range and not any(block.subnet_of(private) for private in PRIVATE):
        return [
            f"vpc_cidr_block is {cidr}: that is public address space, whose owner the network could not reach."
            " Take a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, as in 172.25.0.0/16,"
            " or set vpc_allow_public_range: true."
        ]
    return []


def _block(variable: str, cidr: str) -> tuple[Network | None, list[str]]:
    try:
        block = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        return None, [f"{variable}: '{cidr}' is not an IPv4 CIDR block ({error}). Write one as in 172.25.0.0/16."]
    if not LARGEST <= block.prefixlen <= SMALLEST:
        return block, [f"{variable}: {cidr} is a /{block.prefixlen}, and AWS takes /{LARGEST} to /{SMALLEST}."]
    return block, []


def _subnets(inputs: Inputs) -> list[str]:
    outer, wrong = _block("vpc_cidr_block", inputs["cidr_block"])
    if outer is None or wrong:
        return []
    found: list[str] = []
    blocks: list[tuple[str, Network]] = []
    for tier in cidrs.TIERS:
        variable = f"vpc_{tier}_subnets"
        given = inputs[variable.removeprefix("vpc_")]
        if given and len(given) != len(inputs["zones"]):
            found.append(
                f"{variable} has {counted(len(given), 'CIDR block')} for {counted(len(inputs['zones']), 'zone')}."
                " Give one for each of vpc_zones in its order, or none to have them derived."
            )
        elif not given and not _zones(inputs["zones"]):
            found.extend(_underivable(inputs, tier))
        for cidr in given:
            block, wrong = _block(variable, cidr)
            found.extend(wrong)
            if block is None:
                continue
            blocks.append((variable, block))
            if not block.subnet_of(outer):
                found.append(f"{variable}: {cidr} is not within vpc_cidr_block {outer}.")
    if not found:
        blocks = _all_blocks(inputs)
    return [*found, *_overlaps(blocks)]


def _all_blocks(inputs: Inputs) -> list[tuple[str, Network]]:
    if _zones(inputs["zones"]):
        return []
    return [
        (f"vpc_{tier}_subnets", Network(cidr)) for tier in cidrs.TIERS for cidr in desired.subnet_cidrs(inputs, tier)
    ]


def _underivable(inputs: Inputs, tier: str) -> list[str]:
    try:
        desired.subnet_cidrs(inputs, tier)
    except ValueError as error:
        return [f"vpc_{tier}_subnets: {error} Give the CIDR blocks."]
    return []


def _overlaps(blocks: t.Sequence[tuple[str, Network]]) -> list[str]:
    return [
        f"{variable}: {block} overlaps {other} of {other_variable}. Give each subnet addresses of its own."
        for (other_variable, other), (variable, block) in itertools.combinations(blocks, 2)
        if block.overlaps(other)
    ]


# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
SERVICE_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
HALVES = {"ecr": "ecr.api and ecr.dkr"}
"""Services that have endpoints only by longer names."""


def _service_names(names: t.Sequence[str]) -> t.Iterator[str]:
    for name in names:
        if name in HALVES:
            yield f"vpc_interface_endpoints: AWS has no endpoint '{name}'. Write {HALVES[name]}."
        elif not SERVICE_NAME.fullmatch(name) or name.startswith(("com.amazonaws.", "cn.com.amazonaws.")):
            yield (
                f"vpc_interface_endpoints: '{name}' is not the name of a service. Write what follows its region in"
                " com.amazonaws.REGION.SERVICE, as in ecr.api or logs."
            )
