# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which calls make a route table what it should be, by what EC2 shows of it that moto does not."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import route_table

VPC, TABLE = "vpc-1", "rtb-1"
OUT = "0.0.0.0/0"
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}
NAT = {"DestinationCidrBlock": OUT, "NatGatewayId": "nat-1", "Origin": "CreateRoute", "State": "active"}


class Ec2:
    """Shows one table with these routes, and keeps what is asked for."""

    def __init__(self, routes):
        self._table = {"RouteTableId": TABLE, "VpcId": VPC, "Routes": routes, "Tags": [{"Key": "Name", "Value": "rt"}]}
        self.calls = []

    def get_paginator(self, _operation):
        return self

    def paginate(self, **_arguments):
        return [{"RouteTables": [self._table]}]

    def __getattr__(self, operation):
        return lambda **given: self.calls.append((operation, given)) or {}


def calls(has, target, purge=True):
    ec2 = Ec2([LOCAL, *has])
    wanted = {"name": "rt", "routes": [{"destination": OUT, "target": target}], "subnets": [], "tags": {}}
    route_table.ensure(ec2, VPC, [wanted], purge, check_mode=False)
    assert all(given.pop("RouteTableId") == TABLE for _operation, given in ec2.calls)
    return ec2.calls


@pytest.mark.parametrize(
    ("target", "member"),
    [
        ("igw-1", "GatewayId"),
        ("vgw-1", "GatewayId"),
        ("nat-1", "NatGatewayId"),
        ("tgw-1", "TransitGatewayId"),
        ("pcx-1", "VpcPeeringConnectionId"),
        ("eni-1", "NetworkInterfaceId"),
    ],
)
def test_each_target_is_sent_as_ec2_takes_it(target, member):
    assert calls([], target) == [("create_route", {"DestinationCidrBlock": OUT, member: target})]
    there = {"DestinationCidrBlock": OUT, member: target, "Origin": "CreateRoute", "State": "active"}
    assert calls([there], target) == []


def test_a_route_whose_target_was_gone_is_made_again():
    to = {"DestinationCidrBlock": OUT, "NatGatewayId": "nat-1"}
    assert calls([{**NAT, "State": "blackhole"}], "nat-1") == [("replace_route", to)]
    assert calls([{**NAT, "NatGatewayId": "nat-0"}], "nat-1") == [("replace_route", to)]


@pytest.mark.parametrize(
    "route",
    [
        {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1", "Origin": "CreateRoute", "State": "active"},
        {"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1", "Origin": "CreateRoute", "State": "active"},
        {
            "DestinationCidrBlock": "10.9.0.0/16",
            "GatewayId": "vgw-1",
            "Origin": "EnableVgwRoutePropagation",
            "State": "active",
        },
    ],
)
def test_what_no_one_writes_as_a_route_to_an_ipv4_block_stays(route):
    assert calls([NAT, route], "nat-1") == []


@pytest.mark.parametrize("purge", [True, False])
def test_a_route_by_hand_goes_if_that_is_asked_for(purge):
    more = {"DestinationCidrBlock": "10.9.0.0/16", "GatewayId": "vgw-1", "Origin": "CreateRoute", "State": "active"}
    gone = [("delete_route", {"DestinationCidrBlock": "10.9.0.0/16"})]
    assert calls([NAT, more], "nat-1", purge) == (gone if purge else [])


def test_a_table_that_is_meant_by_its_id_gets_its_name_back():
    ec2 = Ec2([LOCAL])
    wanted = {"name": "of-apps", "route_table_id": TABLE, "routes": [], "subnets": [], "tags": {}}
    assert route_table.ensure(ec2, VPC, [wanted], purge=True, check_mode=False) == (["of-apps"], {"of-apps": TABLE})
    assert ec2.calls == [("create_tags", {"Resources": [TABLE], "Tags": [{"Key": "Name", "Value": "of-apps"}]})]
