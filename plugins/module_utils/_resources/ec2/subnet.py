# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The subnets of a VPC, changed in parallel and identified by their CIDR blocks, which are unique in a VPC."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_specifications,
)

from ..._aws.changes import as_text, tag_changes
from ..._aws.read import call, of_each, pages
from ..._aws.tagged import tags

Data = t.Mapping[str, t.Any]
Ec2 = t.Any


def ensure(
    ec2: Ec2, vpc_id: str, wanted: t.Sequence[Data], check_mode: bool
) -> tuple[list[str], dict[str, str | None]]:
    """Return the CIDR blocks of the I(wanted) subnets that differed, and the id of each by CIDR block.

    An id is None if check mode would create the subnet.
    """
    blocks = {one["cidr_block"]: one for one in wanted}
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "cidr-block", "Values": list(blocks)}]
    found = {one["CidrBlock"]: one for one in pages(ec2, "describe_subnets", "Subnets", Filters=filters)}
    changes = {block: _changes(found.get(block), one) for block, one in blocks.items()}
    different = [block for block, calls in changes.items() if calls]
    there = {block: found[block]["SubnetId"] if block in found else None for block in blocks}
    if check_mode:
        return different, there
    ids = of_each(different, functools.partial(_carry_out, ec2, vpc_id, blocks, found))
    return different, {**there, **ids}


def _changes(found: Data | None, wanted: Data) -> list[str]:
    """Return the parts of a subnet that differ: C(all), or of C(tags) and C(addresses)."""
    if found is None:
        return ["all"]
    missing, _others = tag_changes(tags(found), wanted["tags"], purge=False)
    shown = found.get("MapPublicIpOnLaunch", False)
    return [*(["tags"] if missing else []), *(["addresses"] if shown != wanted["public_addresses"] else [])]


def _carry_out(ec2: Ec2, vpc_id: str, blocks: t.Mapping[str, Data], found: t.Mapping[str, Data], block: str) -> str:
    wanted, there = blocks[block], found.get(block)
    subnet = there or _create(ec2, vpc_id, wanted)
    changes = _changes(subnet, wanted)
    if "tags" in changes:
        call(ec2, "create_tags", Resources=[subnet["SubnetId"]], Tags=ansible_dict_to_boto3_tag_list(wanted["tags"]))
    if "addresses" in changes:
        give_addresses(ec2, subnet["SubnetId"], wanted["public_addresses"])
    return str(subnet["SubnetId"])


def give_addresses(ec2: Ec2, its_id: str, given: bool) -> None:
    """Set whether instances that are launched in a subnet get a public address."""
    call(ec2, "modify_subnet_attribute", SubnetId=its_id, MapPublicIpOnLaunch={"Value": given})


def _create(ec2: Ec2, vpc_id: str, wanted: Data) -> Data:
    given = as_text(wanted["tags"])
    created = call(
        ec2,
        "create_subnet",
        VpcId=vpc_id,
        CidrBlock=wanted["cidr_block"],
        AvailabilityZone=wanted["zone"],
        **({"TagSpecifications": boto3_tag_specifications(given, ["subnet"])} if given else {}),
    )
    return {**created["Subnet"], "Tags": ansible_dict_to_boto3_tag_list(given)}
