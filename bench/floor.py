# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The floor: plain boto3, one process, only the calls needed to find that nothing has changed, which other resources
have the platform's tags, and whose task answers.

C(python -m bench.floor PREFIX) prints the number of calls and their seconds, as JSON.  It compares nothing;
what a run of site.yml takes beyond it is the price of Ansible and of being able to change things.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
import typing as t

import boto3


class Counting:
    """Clients that count their calls."""

    def __init__(self) -> None:
        self.calls = 0
        self._session = boto3.Session()

    def __call__(self, service: str) -> t.Any:
        client = self._session.client(t.cast("t.Any", service))
        client.meta.events.register("before-send", self._count)
        return client

    def _count(self, **_: t.Any) -> None:
        self.calls += 1


def network(client: Counting, prefix: str) -> None:
    """Read the resources of the role vpc."""
    ec2 = client("ec2")
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [f"{prefix}-vpc"]}])["Vpcs"]
    vpc = vpcs[0]["VpcId"]
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)
    inside = [{"Name": "vpc-id", "Values": [vpc]}]
    ec2.describe_subnets(Filters=inside)
    ec2.describe_route_tables(Filters=inside)
    ec2.describe_security_groups(Filters=inside)
    ec2.describe_nat_gateways(Filter=inside)
    ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])
    ec2.describe_addresses()
    ec2.describe_vpc_endpoints(Filters=inside)
    ec2.describe_flow_logs()
    ec2.describe_availability_zones()


def load_balancer(client: Counting, prefix: str) -> str:
    """Read the resources of the role alb; return the ARN of the service's listener."""
    elb = client("elbv2")
    balancer = elb.describe_load_balancers(Names=[f"{prefix}-pub-alb"])["LoadBalancers"][0]["LoadBalancerArn"]
    elb.describe_load_balancer_attributes(LoadBalancerArn=balancer)
    listeners = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    arns = [listener["ListenerArn"] for listener in listeners]
    elb.describe_tags(ResourceArns=[balancer, *arns])
    return str(max(listeners, key=lambda listener: int(listener["Port"]))["ListenerArn"])


def cluster(client: Counting, prefix: str) -> str:
    """Read the resources of the role ecs_cluster; return the id of the namespace."""
    client("ecs").describe_clusters(clusters=[f"{prefix}-ecs"], include=["TAGS", "SETTINGS", "CONFIGURATIONS"])
    role(client, f"{prefix}-ecs-execution")
    client("iam").get_role(RoleName="AWSServiceRoleForECS")
    account = client("sts").get_caller_identity()["Account"]
    for path in (f"fargate-boundary/{prefix}-boundary", f"{prefix}-ecs-exec"):
        policy(client, f"arn:aws:iam::{account}:policy/{path}")
    discovery = client("servicediscovery")
    namespace = discovery.list_namespaces()["Namespaces"][0]
    discovery.list_tags_for_resource(ResourceARN=namespace["Arn"])
    client("route53").get_hosted_zone(Id=namespace["Properties"]["DnsProperties"]["HostedZoneId"])
    return str(namespace["Id"])


def role(client: Counting, name: str) -> None:
    """Read a role with its policies."""
    iam = client("iam")
    iam.get_role(RoleName=name)
    iam.list_attached_role_policies(RoleName=name)
    for inline in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.get_role_policy(RoleName=name, PolicyName=inline)


def policy(client: Counting, arn: str) -> None:
    """Read a managed policy and its document."""
    iam = client("iam")
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    iam.get_policy_version(PolicyArn=arn, VersionId=version)


def image(client: Counting, prefix: str) -> None:
    """Read the resources of the role ecr_push."""
    ecr = client("ecr")
    name = f"{prefix}-lotto"
    repository = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    ecr.get_lifecycle_policy(repositoryName=name)
    with contextlib.suppress(ecr.exceptions.RepositoryPolicyNotFoundException):
        ecr.get_repository_policy(repositoryName=name)
    ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])
    ecr.describe_images(repositoryName=name)


def service(client: Counting, prefix: str, listener: str, namespace: str) -> None:
    """Read the resources of the role fargate_service."""
    name = f"{prefix}-lotto"
    ecs, elb = client("ecs"), client("elbv2")
    found = ecs.describe_services(cluster=f"{prefix}-ecs", services=[name], include=["TAGS"])["services"][0]
    ecs.describe_task_definition(taskDefinition=found["taskDefinition"], include=["TAGS"])
    group = elb.describe_target_groups(Names=[name])["TargetGroups"][0]["TargetGroupArn"]
    elb.describe_target_group_attributes(TargetGroupArn=group)
    elb.describe_target_health(TargetGroupArn=group)
    rules = [rule["RuleArn"] for rule in elb.describe_rules(ListenerArn=listener)["Rules"] if not rule["IsDefault"]]
    elb.describe_tags(ResourceArns=[group, *rules])
    role(client, f"{name}-task")
    client("logs").describe_log_groups(logGroupNamePrefix=f"/ecs/{name}")
    client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
    discovery = client("servicediscovery")
    registered = discovery.list_services(Filters=[{"Name": "NAMESPACE_ID", "Values": [namespace]}])["Services"]
    for entry in registered:
        discovery.list_tags_for_resource(ResourceARN=entry["Arn"])
    # after an answer: by which rule
    elb.describe_rules(ListenerArn=listener)
    elb.describe_target_health(TargetGroupArn=group)
    tasks = ecs.list_tasks(cluster=f"{prefix}-ecs", serviceName=name)["taskArns"]
    ecs.describe_tasks(cluster=f"{prefix}-ecs", tasks=tasks)


def unasked(client: Counting, prefix: str) -> None:
    """Read resources with the platform's tags or names, some of which may be unasked."""
    client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "Project"}, {"Key": "Environment"}])
    client("ecs").list_task_definition_families(familyPrefix=prefix, status="ACTIVE")


def main() -> None:
    prefix = sys.argv[1]
    client = Counting()
    began = time.perf_counter()
    network(client, prefix)
    listener = load_balancer(client, prefix)
    namespace = cluster(client, prefix)
    image(client, prefix)
    service(client, prefix, listener, namespace)
    unasked(client, prefix)
    print(json.dumps({"calls": client.calls, "seconds": round(time.perf_counter() - began, 3)}))


if __name__ == "__main__":
    main()
