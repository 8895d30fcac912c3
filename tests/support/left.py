# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an account still holds of a platform, asked of AWS itself: by name, by Name tag, or by ManagedBy=ansible.

``python -m tests.support.left PREFIX`` prints one line each; region, endpoint and account come from the environment.
"""

from __future__ import annotations

import sys
import typing as t

import boto3
import jmespath

Client = t.Callable[[str], t.Any]


class Listing(t.NamedTuple):
    """One list operation: where its items are, and the expressions for an item's id, names and tags."""

    service: str
    operation: str
    items: str
    id: str
    names: str = "@"
    arguments: t.Mapping[str, t.Any] = {}


NAME_TAG = "Tags[?Key=='Name'].Value"
LISTINGS = (
    Listing("ec2", "describe_vpcs", "Vpcs", "VpcId", NAME_TAG),
    Listing("ec2", "describe_subnets", "Subnets", "SubnetId", NAME_TAG),
    Listing("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId", NAME_TAG),
    Listing("ec2", "describe_nat_gateways", "NatGateways[?State!='deleted']", "NatGatewayId", NAME_TAG),
    Listing("ec2", "describe_addresses", "Addresses", "AllocationId", NAME_TAG),
    Listing("ec2", "describe_route_tables", "RouteTables", "RouteTableId", NAME_TAG),
    Listing("ec2", "describe_security_groups", "SecurityGroups", "GroupId", f"[GroupName, {NAME_TAG}]"),
    Listing("ec2", "describe_vpc_endpoints", "VpcEndpoints[?State!='deleted']", "VpcEndpointId", NAME_TAG),
    Listing("ec2", "describe_flow_logs", "FlowLogs", "FlowLogId", NAME_TAG),
    Listing("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn", "LoadBalancerName"),
    Listing("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn", "TargetGroupName"),
    Listing("ecs", "list_task_definition_families", "families", "@", "@", {"status": "ACTIVE"}),
    Listing("servicediscovery", "list_namespaces", "Namespaces", "Id", "Name"),
    Listing("servicediscovery", "list_services", "Services", "Id", "Name"),
    Listing("logs", "describe_log_groups", "logGroups", "logGroupName", "logGroupName"),
    Listing("ecr", "describe_repositories", "repositories", "repositoryArn", "repositoryName"),
    Listing("iam", "list_roles", "Roles", "Arn", "RoleName"),
    Listing("iam", "list_policies", "Policies", "Arn", "PolicyName", {"Scope": "Local"}),
    Listing(
        "application-autoscaling",
        "describe_scalable_targets",
        "ScalableTargets",
        "ResourceId",
        "ResourceId",
        {"ServiceNamespace": "ecs"},
    ),
)


def left(client: Client, prefix: str) -> list[str]:
    """Return a line for each resource whose name holds I(prefix), or that is tagged ManagedBy=ansible."""
    found = [line for listing in LISTINGS for line in _of_listing(client, listing, prefix)]
    return sorted({*found, *_clusters(client, prefix), *_records(client)})


def _of_listing(client: Client, listing: Listing, prefix: str) -> t.Iterator[str]:
    for page in pages(client(listing.service), listing.operation, **listing.arguments):
        for item in jmespath.search(listing.items, page) or []:
            if _ours(item, jmespath.search(listing.names, item), prefix):
                yield f"{listing.service} {jmespath.search(listing.id, item)}"


def _ours(item: t.Any, names: t.Any, prefix: str) -> bool:
    tags = item.get("Tags") or [] if isinstance(item, dict) else []
    managed = any((tag.get("Key"), tag.get("Value")) == ("ManagedBy", "ansible") for tag in tags)
    return managed or prefix in str(names)


def _clusters(client: Client, prefix: str) -> t.Iterator[str]:
    """A deleted cluster stays listed as INACTIVE for a while, so only the description tells."""
    ecs = client("ecs")
    arns = [arn for page in pages(ecs, "list_clusters") for arn in page["clusterArns"]]
    for start in range(0, len(arns), 100):
        for cluster in ecs.describe_clusters(clusters=arns[start : start + 100])["clusters"]:
            if cluster["status"] != "INACTIVE" and prefix in cluster["clusterName"]:
                yield f"ecs {cluster['clusterArn']}"


def _records(client: Client) -> t.Iterator[str]:
    """Records that point somewhere: names of records know no prefix, so any in the account counts."""
    route53 = client("route53")
    for page in pages(route53, "list_hosted_zones"):
        for zone in page["HostedZones"]:
            for records in pages(route53, "list_resource_record_sets", HostedZoneId=zone["Id"]):
                for record in records["ResourceRecordSets"]:
                    if record["Type"] not in ("NS", "SOA"):
                        yield f"route53 {record['Type']} {record['Name']}"


def pages(client: t.Any, operation: str, **arguments: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """Yield every page of a list operation, or its one answer."""
    if client.can_paginate(operation):
        yield from client.get_paginator(operation).paginate(**arguments)
    else:
        yield getattr(client, operation)(**arguments)


if __name__ == "__main__":
    print("\n".join(left(t.cast("Client", boto3.client), sys.argv[1])))
