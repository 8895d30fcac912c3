# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Change by hand what the role creates, so that the next converge has to fix it."""

from __future__ import annotations

import sys

import boto3


def main(prefix: str) -> None:
    ecs, iam, cloud_map = (boto3.client(service) for service in ("ecs", "iam", "servicediscovery"))
    ecs.put_cluster_capacity_providers(
        cluster=f"{prefix}-ecs", capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[]
    )
    role = f"{prefix}-ecs-execution"
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
    for namespace in cloud_map.list_namespaces()["Namespaces"]:
        if namespace["Type"] == "HTTP":
            cloud_map.delete_namespace(Id=namespace["Id"])


if __name__ == "__main__":
    main(sys.argv[1])
