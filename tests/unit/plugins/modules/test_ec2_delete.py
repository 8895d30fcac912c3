# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module ec2_delete."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import delete
from ansible_collections.magiclub.fargate.plugins.modules import ec2_delete

from tests.unit.plugins.modules.aws_stub import timed

NETWORK = {
    "vpc-1": "vpc",
    "sg-1": "security_group",
    "igw-1": "internet_gateway",
    "subnet-1": "subnet",
    "rtb-1": "route_table",
    "eipalloc-1": "elastic_ip",
    "nat-1": "nat_gateway",
    "vpce-1": "vpc_endpoint",
    "fl-1": "flow_log",
}
ORDER = ["fl-1", "vpce-1", "nat-1", "eipalloc-1", "rtb-1", "subnet-1", "igw-1", "sg-1", "vpc-1"]
ASKED = [{"Name": "nat-gateway-id", "Values": ["nat-1"]}]


@pytest.fixture
def pauses(monkeypatch):
    """The pauses between attempts, which advance the clock."""
    deleting, slept = timed(delete.Deleting)
    monkeypatch.setattr(ec2_delete, "Deleting", deleting)
    return slept


def gateways(*states):
    return {"NatGateways": [{"NatGatewayId": "nat-1", "State": state} for state in states]}


def test_resources_are_deleted_before_those_they_depend_on(aws, pauses):
    aws.answer("ec2", "delete_flow_logs", {}, FlowLogIds=["fl-1"])
    aws.answer("ec2", "delete_vpc_endpoints", {}, VpcEndpointIds=["vpce-1"])
    aws.answer("ec2", "delete_nat_gateway", {}, NatGatewayId="nat-1")
    for answer in (gateways("deleting"), gateways("deleted")):
        aws.answer("ec2", "describe_nat_gateways", answer, Filters=ASKED)
    association = {"RouteTableAssociationId": "rtbassoc-1"}
    table = {"RouteTables": [{"Associations": [association]}]}
    aws.answer("ec2", "release_address", {}, AllocationId="eipalloc-1")
    aws.answer("ec2", "describe_route_tables", table, RouteTableIds=["rtb-1"])
    aws.answer("ec2", "disassociate_route_table", {}, AssociationId="rtbassoc-1")
    aws.answer("ec2", "delete_route_table", {}, RouteTableId="rtb-1")
    aws.answer("ec2", "delete_subnet", {}, SubnetId="subnet-1")
    gateway = {"InternetGateways": [{"Attachments": [{"VpcId": "vpc-1"}]}]}
    aws.answer("ec2", "describe_internet_gateways", gateway, InternetGatewayIds=["igw-1"])
    aws.answer("ec2", "detach_internet_gateway", {}, InternetGatewayId="igw-1", VpcId="vpc-1")
    aws.answer("ec2", "delete_internet_gateway", {}, InternetGatewayId="igw-1")
    aws.answer("ec2", "delete_security_group", {}, GroupId="sg-1")
    aws.answer("ec2", "delete_vpc", {}, VpcId="vpc-1")
    result = aws.run(ec2_delete.main, resources=NETWORK)
    assert (result["changed"], result["deleted"]) == (True, ORDER)
    assert pauses == [1.0]


@pytest.mark.parametrize(
    ("kind", "operation", "parameter", "code", "message"),
    [
        ("subnet", "delete_subnet", "SubnetId", "DependencyViolation", "has dependencies"),
        ("elastic_ip", "release_address", "AllocationId", "InvalidIPAddress.InUse", "is in use"),
        ("elastic_ip", "release_address", "AllocationId", "AuthFailure", f"You {delete.RECENT_ADDRESS}."),
    ],
)
def test_a_resource_in_use_is_retried(aws, pauses, kind, operation, parameter, code, message):
    for _time in range(2):
        aws.refuse("ec2", operation, code, message, **{parameter: "x-1"})
    aws.answer("ec2", operation, {}, **{parameter: "x-1"})
    assert aws.run(ec2_delete.main, resources={"x-1": kind})["deleted"] == ["x-1"]
    assert pauses == [1.0, 1.5]


def test_a_resource_that_stays_in_use_is_reported_with_ec2s_message(aws, pauses):
    for _time in range(4):
        aws.refuse("ec2", "delete_subnet", "DependencyViolation", "eni-1 is in it", SubnetId="subnet-1")
    result = aws.run(ec2_delete.main, resources={"subnet-1": "subnet"}, wait_timeout=2)
    assert result["failed"]
    assert "eni-1 is in it" in result["msg"]
    assert sum(pauses) == 2


def test_missing_resources_are_not_a_change(aws):
    aws.refuse("ec2", "delete_nat_gateway", "NatGatewayNotFound", NatGatewayId="nat-1")
    aws.answer("ec2", "describe_nat_gateways", gateways(), Filters=ASKED)
    aws.refuse("ec2", "delete_subnet", "InvalidSubnetID.NotFound", SubnetId="subnet-1")
    result = aws.run(ec2_delete.main, resources={"nat-1": "nat_gateway", "subnet-1": "subnet"})
    assert (result["changed"], result["deleted"]) == (False, [])


def test_a_nat_gateway_that_stays_is_reported(aws, pauses):
    aws.answer("ec2", "delete_nat_gateway", {}, NatGatewayId="nat-1")
    for _time in range(2):
        aws.answer("ec2", "describe_nat_gateways", gateways("deleting"), Filters=ASKED)
    result = aws.run(ec2_delete.main, resources={"nat-1": "nat_gateway"}, wait_timeout=1)
    assert result["msg"].startswith("NAT gateway nat-1 is still deleting after 1 s.")


@pytest.mark.parametrize(
    ("kind", "operation", "parameter"),
    [
        ("vpc_endpoint", "delete_vpc_endpoints", "VpcEndpointIds"),
        ("flow_log", "delete_flow_logs", "FlowLogIds"),
    ],
)
def test_an_unsuccessful_item_is_an_error(aws, kind, operation, parameter):
    refused = {"ResourceId": "x-1", "Error": {"Code": "UnauthorizedOperation", "Message": "You are not authorized."}}
    aws.answer("ec2", operation, {"Unsuccessful": [refused]}, **{parameter: ["x-1"]})
    assert "not authorized" in aws.run(ec2_delete.main, resources={"x-1": kind})["msg"]


def test_another_error_is_not_retried(aws):
    aws.refuse("ec2", "delete_vpc", "UnauthorizedOperation", "You are not authorized.", VpcId="vpc-1")
    assert aws.run(ec2_delete.main, resources={"vpc-1": "vpc"})["failed"]


def test_check_mode_deletes_nothing(aws):
    result = aws.run(ec2_delete.main, check=True, resources=NETWORK)
    assert (result["changed"], result["deleted"][0], result["deleted"][-1]) == (True, "fl-1", "vpc-1")


def test_an_unknown_type_is_refused(aws):
    message = aws.run(ec2_delete.main, resources={"i-1": "instance"})["msg"]
    assert message.startswith("resources: 'instance' is not a type that is deleted here: flow_log, vpc_endpoint")
