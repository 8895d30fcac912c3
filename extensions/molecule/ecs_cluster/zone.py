# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Associate the private namespace's zone with its VPC, which CreatePrivateDnsNamespace does on AWS, but not in moto."""

from __future__ import annotations

import sys

import boto3


def main(prefix: str) -> None:
    ec2, cloud_map, route53 = (boto3.client(service) for service in ("ec2", "servicediscovery", "route53"))
    named = [{"Name": "tag:Name", "Values": [f"{prefix}-vpc"]}]
    (vpc,) = ec2.describe_vpcs(Filters=named)["Vpcs"]
    for namespace in cloud_map.list_namespaces()["Namespaces"]:
        if namespace["Type"] == "DNS_PRIVATE":
            zone = namespace["Properties"]["DnsProperties"]["HostedZoneId"]
            if not route53.get_hosted_zone(Id=zone).get("VPCs"):
                place = {"VPCId": vpc["VpcId"], "VPCRegion": ec2.meta.region_name}
                route53.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=place)


if __name__ == "__main__":
    main(sys.argv[1])
