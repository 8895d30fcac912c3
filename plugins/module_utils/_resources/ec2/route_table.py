# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The route tables of a VPC with their routes and associated subnets.

A table is identified by its id, or else by its tag Name.  Routes come first, and a subnet moves from another table in
one call, so that it is never without a route to the internet.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_specifications,
)

from ..._aws.changes import as_text, tag_changes
from ..._aws.read import call, of_each, pages
from ..._aws.refused import RefusedError
from ..._aws.tagged import name, tags

Data = t.Mapping[str, t.Any]
Ec2 = t.Any

TARGETS = {
    "nat": "NatGatewayId",
    "tgw": "TransitGatewayId",
    "pcx": "VpcPeeringConnectionId",
    "eni": "NetworkInterfaceId",
}
"""EC2's argument for the target of a route, by the prefix of its id; GatewayId for all others."""
NOT_BY_TABLE = ("create_tags", "disassociate_route_table")


class Step(t.NamedTuple):
    """A call of EC2 on an existing table, which gets its id unless the operation is one of NOT_BY_TABLE."""

    operation: str
    arguments: Data


def ensure(
    ec2: Ec2, vpc_id: str, wanted: t.Sequence[Data], purge: bool, check_mode: bool
) -> tuple[list[str], dict[str, str | None]]:
    """Return the names of the I(wanted) route tables that differed, and the id of each by name.

    An id is None if check mode would create the table.

    :param purge: remove routes and subnets that are not wanted.
    """
    tables = pages(ec2, "describe_route_tables", "RouteTables", Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])
    by_name = {one["name"]: one for one in wanted}
    if len(by_name) < len(wanted):
        raise RefusedError(_twice([one["name"] for one in wanted]))
    found = {called: _find(vpc_id, tables, one) for called, one in by_name.items()}
    subnets = {subnet for one in wanted for subnet in one["subnets"]}
    moves = {called: _associate(tables, found[called], one) for called, one in by_name.items()}
    if purge:
        moves = {called: [*steps, *_disassociate(found[called], subnets)] for called, steps in moves.items()}
    different = [called for called in by_name if moves[called] or _differs(found[called], by_name[called], purge)]
    there = {called: table["RouteTableId"] if table else None for called, table in found.items()}
    if check_mode:
        return different, there

    def carry_out(called: str) -> str:
        table = found[called] or _create(ec2, vpc_id, by_name[called])
        do(ec2, table, [*_tags(table, by_name[called]), *_routes(table, by_name[called], purge)])
        return str(table["RouteTableId"])

    ids = {**there, **of_each(different, carry_out)}
    of_each(different, lambda called: do(ec2, {"RouteTableId": ids[called]}, moves[called]))
    return different, ids


def _twice(names: list[str]) -> str:
    called = max(names, key=names.count)
    return f"route_tables has the name {called} {names.count(called)} times. Give each its own."


def _find(vpc_id: str, tables: t.Iterable[Data], wanted: Data) -> Data | None:
    its_id = wanted.get("route_table_id")
    meant = [one for one in tables if (one["RouteTableId"] == its_id if its_id else name(one) == wanted["name"])]
    if len(meant) > 1:
        ids = ", ".join(one["RouteTableId"] for one in meant)
        raise RefusedError(
            f"{len(meant)} route tables of {vpc_id} are tagged Name={wanted['name']}: {ids}. Set"
            " route_table_id to the right one, or remove the tag from the others."
        )
    if its_id and not meant:
        raise RefusedError(f"There is no route table {its_id} in {vpc_id}. Correct route_table_id.")
    return next(iter(meant), None)


def _differs(found: Data | None, wanted: Data, purge: bool) -> bool:
    return found is None or bool(_tags(found, wanted) or _routes(found, wanted, purge))


def _tags(found: Data, wanted: Data) -> list[Step]:
    missing, _others = tag_changes(tags(found), _named(wanted), purge=False)
    given = {"Resources": [found["RouteTableId"]], "Tags": ansible_dict_to_boto3_tag_list(missing)}
    return [Step("create_tags", given)] if missing else []


def _routes(found: Data, wanted: Data, purge: bool) -> list[Step]:
    """Return the steps to the wanted routes; the local route, propagated ones and those of endpoints stay."""
    has = {one["DestinationCidrBlock"]: one for one in found.get("Routes") or [] if _created_by_call(one)}
    routes = {_canonical(one["destination"]): one["target"] for one in wanted["routes"]}
    steps = []
    for destination, target in routes.items():
        to = {"DestinationCidrBlock": destination, TARGETS.get(target.partition("-")[0], "GatewayId"): target}
        if destination not in has:
            steps.append(Step("create_route", to))
        elif target not in has[destination].values() or has[destination].get("State") == "blackhole":
            steps.append(Step("replace_route", to))
    gone = has.keys() - routes.keys() if purge else ()
    return [*steps, *(Step("delete_route", {"DestinationCidrBlock": one}) for one in sorted(gone))]


def _canonical(block: str) -> str:
    """Return a CIDR block as EC2 stores it, without host bits; any other text as it is."""
    try:
        return str(ipaddress.IPv4Network(block, strict=False))
    except ValueError:
        return block


def _created_by_call(route: Data) -> bool:
    return route.get("Origin") == "CreateRoute" and "DestinationCidrBlock" in route


def _associate(tables: t.Iterable[Data], found: Data | None, wanted: Data) -> list[Step]:
    """Return the steps that associate the wanted subnets with a table, given the associations of all tables."""
    associated = {entry["SubnetId"]: entry for table in tables for entry in _associations(table)}
    steps = []
    for subnet in wanted["subnets"]:
        entry = associated.get(subnet)
        if entry is None:
            steps.append(Step("associate_route_table", {"SubnetId": subnet}))
        elif found is None or entry not in _associations(found):
            moved = {"AssociationId": entry["RouteTableAssociationId"]}
            steps.append(Step("replace_route_table_association", moved))
    return steps


def _disassociate(found: Data | None, wanted: t.Container[str]) -> list[Step]:
    """Return the steps that disassociate the subnets that no table wants; the others are moved."""
    others = [entry for entry in _associations(found or {}) if entry["SubnetId"] not in wanted]
    return [Step("disassociate_route_table", {"AssociationId": entry["RouteTableAssociationId"]}) for entry in others]


def _associations(table: Data) -> list[Data]:
    return [entry for entry in table.get("Associations") or [] if entry.get("SubnetId")]


def _create(ec2: Ec2, vpc_id: str, wanted: Data) -> Data:
    given = _named(wanted)
    created = call(
        ec2,
        "create_route_table",
        VpcId=vpc_id,
        TagSpecifications=boto3_tag_specifications(given, ["route-table"]),
    )
    return {**created["RouteTable"], "Tags": ansible_dict_to_boto3_tag_list(given)}


def _named(wanted: Data) -> dict[str, str]:
    return as_text({**wanted["tags"], "Name": wanted["name"]})


def do(ec2: Ec2, table: Data, steps: t.Iterable[Step]) -> None:
    """Carry out I(steps) on a table."""
    for operation, arguments in steps:
        of_table = {} if operation in NOT_BY_TABLE else {"RouteTableId": table["RouteTableId"]}
        call(ec2, operation, **of_table, **arguments)
