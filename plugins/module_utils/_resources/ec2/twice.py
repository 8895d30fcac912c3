# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Resources that exist twice under one name, as these calls have no client token and a killed run may repeat one.

These are CreateVpc, CreateInternetGateway, AllocateAddress and, through its module, CreateRouteTable.  The duplicate is
empty, as its contents are created by later calls.  So the resource with contents is the platform's and the others are
spare; EC2 itself refuses to delete one that is in use.
"""

from __future__ import annotations

import typing as t

from ..._aws.refused import RefusedError
from ..._aws.tagged import tags

Raw = t.Mapping[str, t.Any]


def choose(vpcs: t.Sequence[Raw], wanted: str, contents: t.Mapping[str, t.Sequence[str]]) -> tuple[Raw, list[Raw]]:
    """Return the platform's VPC and the spare ones.

    :param vpcs: the VPCs that are tagged Name=I(wanted), at least one.
    :param contents: the ids of the resources in each, by its id.
    :raises RefusedError: if more than one is in use, or a spare one has another block or other tags and so may have
        been created outside this collection.
    """
    in_use = [vpc for vpc in vpcs if contents.get(vpc["VpcId"])]
    ordered = sorted(vpcs, key=lambda vpc: (not contents.get(vpc["VpcId"]), str(vpc["VpcId"])))
    ours, spare = ordered[0], ordered[1:]
    if len(in_use) > 1 or any(_given(vpc) != _given(ours) for vpc in spare):
        raise RefusedError(_refusal(ordered, wanted, contents))
    return ours, spare


def unused_internet_gateway(gateway: Raw) -> bool:
    """Return whether an internet gateway is attached to no VPC."""
    return not gateway.get("Attachments")


def unused_address(address: Raw) -> bool:
    """Return whether an Elastic IP address is associated with nothing."""
    return not address.get("AssociationId")


def unused_route_table(table: Raw) -> bool:
    """Return whether a route table has no subnet and no route that CreateRoute added."""
    subnets = any(entry.get("SubnetId") for entry in table.get("Associations") or [])
    return not subnets and all(route.get("Origin") != "CreateRoute" for route in table.get("Routes") or [])


def _given(vpc: Raw) -> tuple[t.Any, t.Any]:
    return vpc["CidrBlock"], tags(vpc)


def _refusal(vpcs: t.Sequence[Raw], wanted: str, contents: t.Mapping[str, t.Sequence[str]]) -> str:
    shown = "; ".join(_shown(vpc, contents.get(vpc["VpcId"]) or []) for vpc in vpcs)
    return (
        f"{len(vpcs)} VPCs are tagged Name={wanted}, and it is unclear which one is this platform's: {shown}."
        " Remove that name from each of the others:"
        " aws ec2 delete-tags --resources VPC_ID --tags Key=Name. Then run again; nothing was changed."
    )


def _shown(vpc: Raw, contents: t.Sequence[str]) -> str:
    inside = ", ".join(sorted(contents)[:3]) + (" and more" if len(contents) > 3 else "") if contents else "nothing"
    pairs = ", ".join(f"{key}={value}" for key, value in sorted(tags(vpc).items()) if key != "Name")
    return f"{vpc['VpcId']} ({vpc.get('CidrBlock')}, tags {pairs or 'none'}) holds {inside}"
