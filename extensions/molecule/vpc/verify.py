# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the network in AWS after converge."""

from __future__ import annotations

import sys
import typing as t

import boto3


def name(described: dict[str, t.Any]) -> str:
    return next((tag["Value"] for tag in described.get("Tags", []) if tag["Key"] == "Name"), "")


def main(prefix: str) -> None:
    ec2 = boto3.client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [f"{prefix}-vpc"]}])["Vpcs"]
    assert vpc["CidrBlock"] == "172.25.0.0/16"
    assert {"Key": "ManagedBy", "Value": "ansible"} in vpc["Tags"]
    for attribute, key in (("enableDnsSupport", "EnableDnsSupport"), ("enableDnsHostnames", "EnableDnsHostnames")):
        assert ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)[key]["Value"] is True

    inside = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    subnets = {name(subnet): subnet for subnet in ec2.describe_subnets(Filters=inside)["Subnets"]}
    assert {key: (subnet["CidrBlock"], subnet["AvailabilityZone"]) for key, subnet in subnets.items()} == {
        f"{prefix}-pub-a1": ("172.25.0.0/20", "ap-northeast-2a"),
        f"{prefix}-pub-c1": ("172.25.32.0/20", "ap-northeast-2c"),
        f"{prefix}-apps-a1": ("172.25.128.0/20", "ap-northeast-2a"),
        f"{prefix}-apps-c1": ("172.25.160.0/20", "ap-northeast-2c"),
    }

    live = [*inside, {"Name": "state", "Values": ["pending", "available"]}]
    (nat,) = ec2.describe_nat_gateways(Filters=live)["NatGateways"]
    assert (name(nat), nat["State"]) == (f"{prefix}-nat", "available")
    assert nat["SubnetId"] == subnets[f"{prefix}-pub-a1"]["SubnetId"]
    (address,) = ec2.describe_addresses()["Addresses"]
    assert nat["NatGatewayAddresses"][0]["AllocationId"] == address["AllocationId"]

    gateways = ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}])
    (gateway,) = gateways["InternetGateways"]
    tables = {name(table): table for table in ec2.describe_route_tables(Filters=inside)["RouteTables"]}
    assert set(tables) - {""} == {f"{prefix}-pub-rt", f"{prefix}-apps-rt"}
    for tier, target in (("pub", {"GatewayId": gateway["InternetGatewayId"]}), ("apps", nat)):
        table = tables[f"{prefix}-{tier}-rt"]
        (route,) = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
        key = "GatewayId" if tier == "pub" else "NatGatewayId"
        assert route[key] == target[key]
        associated = {entry["SubnetId"] for entry in table["Associations"] if "SubnetId" in entry}
        assert associated == {subnets[f"{prefix}-{tier}-{zone}"]["SubnetId"] for zone in ("a1", "c1")}

    groups = ec2.describe_security_groups(Filters=[*inside, {"Name": "group-name", "Values": ["default"]}])
    (group,) = groups["SecurityGroups"]
    assert group["IpPermissions"] == []
    assert group["IpPermissionsEgress"] == []


if __name__ == "__main__":
    main(sys.argv[1])
