# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deletes the resources of a network in the order of their dependencies, those of one step in parallel.

EC2 refuses to delete a resource that another one uses, even minutes after that one was deleted; such calls are retried.
A resource that is already gone counts as deleted.
"""

from __future__ import annotations

import functools
import time
import typing as t

from ..._aws.errors import ClientError, error_code, error_text
from ..._aws.read import call, of_each, pages
from ..._aws.refused import RefusedError
from ..._aws.until import WaitTimeoutError, wait_until

Ec2 = t.Any
Delete = t.Callable[[Ec2, str], None]

HELD = frozenset(("DependencyViolation", "InvalidIPAddress.InUse"))
RECENT_ADDRESS = "do not have permission to access the specified resource"
"""EC2's AuthFailure message, for a while, for the address of a NAT gateway that was just deleted."""


def is_held(error: ClientError) -> bool:
    """Return whether EC2 refuses a deletion because of a resource that may be gone soon."""
    code = error_code(error)
    return code in HELD or (code == "AuthFailure" and RECENT_ADDRESS in error_text(error))


def is_missing(error: ClientError) -> bool:
    """Return whether EC2 has no such resource: C(InvalidSubnetID.NotFound), C(NatGatewayNotFound)."""
    return error_code(error).endswith("NotFound")


def _flow_log(ec2: Ec2, its_id: str) -> None:
    _raise_first(call(ec2, "delete_flow_logs", FlowLogIds=[its_id]), "DeleteFlowLogs")


def _vpc_endpoint(ec2: Ec2, its_id: str) -> None:
    _raise_first(call(ec2, "delete_vpc_endpoints", VpcEndpointIds=[its_id]), "DeleteVpcEndpoints")


def _raise_first(answer: t.Mapping[str, t.Any], operation: str) -> None:
    for refused in answer.get("Unsuccessful") or []:
        raise ClientError({"Error": refused["Error"]}, operation)


def _route_table(ec2: Ec2, its_id: str) -> None:
    tables = pages(ec2, "describe_route_tables", "RouteTables", RouteTableIds=[its_id])
    for association in _flattened(tables, "Associations"):
        call(ec2, "disassociate_route_table", AssociationId=association["RouteTableAssociationId"])
    call(ec2, "delete_route_table", RouteTableId=its_id)


def _internet_gateway(ec2: Ec2, its_id: str) -> None:
    gateways = pages(ec2, "describe_internet_gateways", "InternetGateways", InternetGatewayIds=[its_id])
    for attachment in _flattened(gateways, "Attachments"):
        call(ec2, "detach_internet_gateway", InternetGatewayId=its_id, VpcId=attachment["VpcId"])
    call(ec2, "delete_internet_gateway", InternetGatewayId=its_id)


def _flattened(found: t.Iterable[t.Mapping[str, t.Any]], key: str) -> t.Iterator[t.Mapping[str, t.Any]]:
    return (one for entry in found for one in entry.get(key) or [])


def _by(operation: str, parameter: str) -> Delete:
    return lambda ec2, its_id: t.cast("None", call(ec2, operation, **{parameter: its_id}))


STEPS: tuple[dict[str, Delete], ...] = (
    {"flow_log": _flow_log, "vpc_endpoint": _vpc_endpoint},
    {"nat_gateway": _by("delete_nat_gateway", "NatGatewayId")},
    {"elastic_ip": _by("release_address", "AllocationId"), "route_table": _route_table},
    {"subnet": _by("delete_subnet", "SubnetId")},
    {"internet_gateway": _internet_gateway},
    {"security_group": _by("delete_security_group", "GroupId")},
    {"vpc": _by("delete_vpc", "VpcId")},
)
"""The steps of a removal in order, by the types of a plan."""
TYPES = tuple(kind for step in STEPS for kind in step)


def in_order(types: t.Mapping[str, str]) -> list[str]:
    """Return the ids, the keys of I(types), in the order of their deletion."""
    return [its_id for kind in TYPES for its_id in types if types[its_id] == kind]


class Deleting(t.NamedTuple):
    """Deletes with a client, retrying each resource that is in use for I(seconds)."""

    ec2: Ec2
    seconds: float
    clock: t.Callable[[], float] = time.monotonic
    sleep: t.Callable[[float], None] = time.sleep

    def all_of(self, types: t.Mapping[str, str]) -> list[str]:
        """Delete the resources of I(types), by id, and return the ids of those that existed.

        Raises ClientError: for a resource that is still in use, that of its last call.
        """
        there: dict[str, bool] = {}
        for step in STEPS:
            some = [its_id for its_id in in_order(types) if types[its_id] in step]
            deletes = {its_id: step[types[its_id]] for its_id in some}
            there |= of_each(some, functools.partial(self._delete, deletes))
            if "nat_gateway" in step:
                self._wait_for_gateways(some)
        return [its_id for its_id in in_order(types) if there[its_id]]

    def _delete(self, deletes: t.Mapping[str, Delete], its_id: str) -> bool:
        """Return whether the resource existed."""
        delete = deletes[its_id]
        try:
            return self._until(lambda: self._attempt(delete, its_id), lambda there: there is not None) is True
        except WaitTimeoutError:
            # raises EC2's error, which says that it is in use
            delete(self.ec2, its_id)
            return True

    def _attempt(self, delete: Delete, its_id: str) -> bool | None:
        """Return whether the resource existed, None if it is in use."""
        try:
            delete(self.ec2, its_id)
        except ClientError as error:
            if is_missing(error):
                return False
            if is_held(error):
                return None
            raise
        return True

    def _wait_for_gateways(self, ids: list[str]) -> None:
        """Wait until NAT gateways are deleted, as they keep their addresses and subnets in use."""
        filters = [{"Name": "nat-gateway-id", "Values": ids}]

        def gateways() -> list[str]:
            found = pages(self.ec2, "describe_nat_gateways", "NatGateways", Filters=filters)
            return [f"{one['NatGatewayId']} is still {one['State']}" for one in found if one["State"] != "deleted"]

        if not ids:
            return
        try:
            self._until(gateways, lambda left: not left)
        except WaitTimeoutError as over:
            raise RefusedError(
                f"NAT gateway {', '.join(over.last)} after {self.seconds:g} s."
                " Look at it in the console, and run again."
            ) from over

    def _until(self, look: t.Callable[[], t.Any], done: t.Callable[[t.Any], bool]) -> t.Any:
        return wait_until(look, done, self.seconds, clock=self.clock, sleep=self.sleep)
