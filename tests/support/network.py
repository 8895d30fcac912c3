# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An existing network, created by plain API calls without our tags and names."""

from __future__ import annotations

import typing as t

from .account import REGION


class Network(t.NamedTuple):
    """A VPC with public subnets, and subnets for applications behind a NAT gateway, in two zones."""

    vpc: str
    public: list[str]
    apps: list[str]

    @classmethod
    def made(cls, client: t.Callable[[str], t.Any]) -> Network:
        """Create it; return once the NAT gateway exists."""
        ec2 = client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        public, apps = ([subnet(ec2, vpc, tier + n, zone) for n, zone in enumerate("ac", 1)] for tier in (0, 10))
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=public[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
        ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat], WaiterConfig={"Delay": 1})
        for subnets, target in ((public, {"GatewayId": gateway}), (apps, {"NatGatewayId": nat})):
            table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
            ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
            for one in subnets:
                ec2.associate_route_table(RouteTableId=table, SubnetId=one)
        return cls(vpc, public, apps)


def subnet(ec2: t.Any, vpc: str, number: int, zone: str) -> str:
    """Create a subnet by its number in the VPC, with the main route table, so without a route to the internet."""
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
    return str(made["Subnet"]["SubnetId"])
