# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the cluster in AWS after converge."""

from __future__ import annotations

import sys

import boto3


def main(prefix: str) -> None:
    ecs, iam, cloud_map = (boto3.client(service) for service in ("ecs", "iam", "servicediscovery"))

    (cluster,) = ecs.describe_clusters(clusters=[f"{prefix}-ecs"], include=["SETTINGS", "TAGS"])["clusters"]
    assert cluster["status"] == "ACTIVE"
    assert sorted(cluster["capacityProviders"]) == ["FARGATE", "FARGATE_SPOT"]
    assert cluster["defaultCapacityProviderStrategy"] == [{"capacityProvider": "FARGATE", "weight": 1, "base": 1}]
    assert {"name": "containerInsights", "value": "disabled"} in cluster["settings"]
    tags = {tag["key"]: tag["value"] for tag in cluster["tags"]}
    assert tags["ManagedBy"] == "ansible"
    assert tags["Name"] == f"{prefix}-ecs"

    role = iam.get_role(RoleName=f"{prefix}-ecs-execution")["Role"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"]["Service"] in ("ecs-tasks.amazonaws.com", ["ecs-tasks.amazonaws.com"])
    attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AmazonECSTaskExecutionRolePolicy"]
    assert iam.list_roles(PathPrefix="/aws-service-role/ecs.amazonaws.com/")["Roles"]

    account = boto3.client("sts").get_caller_identity()["Account"]
    policy = iam.get_policy(PolicyArn=f"arn:aws:iam::{account}:policy/{prefix}-ecs-exec")["Policy"]
    version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert len(version["Document"]["Statement"][0]["Action"]) == 4

    found = {one["Type"]: one["Name"] for one in cloud_map.list_namespaces()["Namespaces"]}
    assert found == {"DNS_PRIVATE": "magiclub.internal", "HTTP": prefix}


if __name__ == "__main__":
    main(sys.argv[1])
