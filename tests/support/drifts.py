# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manual changes of a platform, over all layers, each with the plan's name for it."""

from __future__ import annotations

import dataclasses
import json
import typing as t
from pathlib import Path

from .account import REGION, Account
from .no_containers import PREFIX, plan_of

ALB, CLUSTER, LOTTO = f"{PREFIX}-pub-alb", f"{PREFIX}-ecs", f"{PREFIX}-lotto"
EXECUTION, EXEC, REPOSITORY = f"{PREFIX}-ecs-execution", f"{PREFIX}-ecs-exec", LOTTO
NAMESPACE = "magiclub.internal"
CLOSED = {
    "Type": "fixed-response",
    "Order": 1,
    "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "closed"},
}
EC2_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})

Named = tuple[str, str, str, str]


@dataclasses.dataclass(frozen=True)
class Found:
    """The clients of an account, and the ids of resources by their name or Name tag."""

    account: Account

    def __getattr__(self, service: str) -> t.Any:
        return self.account.client(service.replace("_", "-"))

    def id(self, operation: str, key: str, field: str, name: str) -> str:
        filters = [{"Name": "tag:Name", "Values": [f"{PREFIX}-{name}"]}]
        (found,) = getattr(self.ec2, operation)(Filters=filters)[key]
        return str(found[field])

    def vpc(self) -> str:
        return self.id("describe_vpcs", "Vpcs", "VpcId", "vpc")

    def subnet(self, name: str) -> str:
        return self.id("describe_subnets", "Subnets", "SubnetId", name)

    def gateway(self) -> str:
        return self.id("describe_internet_gateways", "InternetGateways", "InternetGatewayId", "igw")

    def route_table(self, name: str) -> str:
        return self.id("describe_route_tables", "RouteTables", "RouteTableId", name)

    def group(self, name: str) -> str:
        return self.id("describe_security_groups", "SecurityGroups", "GroupId", name)

    def balancer(self) -> str:
        return str(self.elbv2.describe_load_balancers(Names=[ALB])["LoadBalancers"][0]["LoadBalancerArn"])

    def target_group(self) -> str:
        return str(self.elbv2.describe_target_groups(Names=[LOTTO])["TargetGroups"][0]["TargetGroupArn"])

    def listener(self, port: int = 80) -> str:
        return next(str(listener["ListenerArn"]) for listener in self.listeners() if listener["Port"] == port)

    def listeners(self) -> list[dict[str, t.Any]]:
        found = self.elbv2.describe_listeners(LoadBalancerArn=self.balancer())
        return t.cast("list[dict[str, t.Any]]", found["Listeners"])

    def rule(self) -> str:
        arns = [listener["ListenerArn"] for listener in self.listeners()]
        rules = [rule for arn in arns for rule in self.elbv2.describe_rules(ListenerArn=arn)["Rules"]]
        return next(str(rule["RuleArn"]) for rule in rules if not rule["IsDefault"])

    def namespace(self) -> dict[str, t.Any]:
        (found,) = self.servicediscovery.list_namespaces()["Namespaces"]
        return t.cast("dict[str, t.Any]", found)

    def cloud_map_service(self) -> str:
        (found,) = self.servicediscovery.list_services()["Services"]
        return str(found["Arn"])

    def arn(self, service: str, resource: str) -> str:
        region = "" if service == "iam" else REGION
        return f"arn:aws:{service}:{region}:{self.account.key}:{resource}"

    def untag(self, resource: str, key: str) -> None:
        self.ec2.delete_tags(Resources=[resource], Tags=[{"Key": key}])

    def open_port(self, group: str, port: int) -> None:
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])

    def set_attribute(self, key: str, value: str) -> None:
        self.elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=self.balancer(), Attributes=[{"Key": key, "Value": value}]
        )

    def set_definition(self, **changed: t.Any) -> None:
        """Register a different revision of lotto, and run it."""
        described = self.ecs.describe_task_definition(taskDefinition=LOTTO, include=["TAGS"])
        keep = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "volumes")
        more = ("requiresCompatibilities", "cpu", "memory", "runtimePlatform")
        definition = {key: described["taskDefinition"][key] for key in keep + more}
        container = {**definition["containerDefinitions"][0], "stopTimeout": 99}
        made = self.ecs.register_task_definition(
            **{**definition, "containerDefinitions": [container], **changed}, tags=described["tags"]
        )
        arn = made["taskDefinition"]["taskDefinitionArn"]
        self.ecs.update_service(cluster=CLUSTER, service=LOTTO, taskDefinition=arn)


def _replace_route(f: Found) -> None:
    f.ec2.replace_route(RouteTableId=f.route_table("apps-rt"), DestinationCidrBlock="0.0.0.0/0", GatewayId=f.gateway())


def _add_route(f: Found) -> None:
    f.ec2.create_route(
        RouteTableId=f.route_table("pub-rt"), DestinationCidrBlock="203.0.113.0/24", GatewayId=f.gateway()
    )


def _take_subnet_off(f: Found) -> None:
    (table,) = f.ec2.describe_route_tables(RouteTableIds=[f.route_table("pub-rt")])["RouteTables"]
    association = next(a for a in table["Associations"] if a["SubnetId"] == f.subnet("pub-c1"))
    f.ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])


def _add_listener(f: Found) -> None:
    f.elbv2.create_listener(LoadBalancerArn=f.balancer(), Port=8080, Protocol="HTTP", DefaultActions=[CLOSED])


def _move_to_spot(f: Found) -> None:
    f.ecs.put_cluster_capacity_providers(
        cluster=CLUSTER,
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0}],
    )


def _replace_policy(f: Found) -> None:
    arn = f.arn("iam", f"policy/{EXEC}")
    f.iam.create_policy_version(PolicyArn=arn, PolicyDocument=EVERYTHING, SetAsDefault=True)
    f.iam.delete_policy_version(PolicyArn=arn, VersionId="v1")


def _widen_rule(f: Found) -> None:
    f.elbv2.modify_rule(
        RuleArn=f.rule(), Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/by-hand"]}}]
    )


def _loosen_rollout(f: Found) -> None:
    f.ecs.update_service(
        cluster=CLUSTER,
        service=LOTTO,
        deploymentConfiguration={
            "maximumPercent": 150,
            "minimumHealthyPercent": 100,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
    )


def change(kind: str, name: str, path: str) -> Named:
    return ("change", kind, name, path)


# A manual change, and the plan's name for it: action, type, name, field.
Drift = tuple[t.Callable[[t.Any], t.Any], Named]
NETWORK_DRIFTS: list[Drift] = [
    (lambda f: f.ec2.modify_vpc_attribute(VpcId=f.vpc(), EnableDnsHostnames={"Value": False}),
     change("vpc", f"{PREFIX}-vpc", "dns_hostnames")),
    (lambda f: f.untag(f.vpc(), "Project"), change("vpc", f"{PREFIX}-vpc", "tags.Project")),
    (lambda f: f.open_port(f.group("default-sg"), 22), change("security_group", f"{PREFIX}-default-sg", "ingress")),
    (
        lambda f: f.ec2.modify_subnet_attribute(SubnetId=f.subnet("pub-a1"), MapPublicIpOnLaunch={"Value": True}),
        change("subnet", f"{PREFIX}-pub-a1", "public_addresses"),
    ),
    (lambda f: f.untag(f.subnet("apps-c1"), "Team"), change("subnet", f"{PREFIX}-apps-c1", "tags.Team")),
    (lambda f: f.untag(f.gateway(), "ManagedBy"), change("internet_gateway", f"{PREFIX}-igw", "tags.ManagedBy")),
    (lambda f: f.untag(f.id("describe_addresses", "Addresses", "AllocationId", "nat-eip"), "Project"),
     change("elastic_ip", f"{PREFIX}-nat-eip", "tags.Project")),
    (_replace_route, change("route_table", f"{PREFIX}-apps-rt", "routes")),
    (_add_route, change("route_table", f"{PREFIX}-pub-rt", "routes")),
    (_take_subnet_off, change("route_table", f"{PREFIX}-pub-rt", "subnets")),
    (lambda f: f.open_port(f.group("pub-alb-sg"), 8443), change("security_group", f"{ALB}-sg", "ingress")),
    (lambda f: f.set_attribute("idle_timeout.timeout_seconds", "30"), change("load_balancer", ALB, "idle_timeout")),
    (lambda f: f.set_attribute("routing.http.drop_invalid_header_fields.enabled", "false"),
     change("load_balancer", ALB, "drop_invalid_headers")),
    (lambda f: f.elbv2.remove_tags(ResourceArns=[f.balancer()], TagKeys=["Owner"]),
     change("load_balancer", ALB, "tags.Owner")),
    (lambda f: f.elbv2.modify_listener(ListenerArn=f.listener(), DefaultActions=[CLOSED]),
     change("listener", f"{ALB}:80", "default_actions")),
    (_add_listener, ("remove", "listener", f"{ALB}:8080", "")),
]  # fmt: skip
DRIFTS: list[Drift] = [
    *NETWORK_DRIFTS,
    (
        lambda f: f.ecs.update_cluster_settings(
            cluster=CLUSTER, settings=[{"name": "containerInsights", "value": "enabled"}]
        ),
        change("ecs_cluster", CLUSTER, "settings.containerInsights"),
    ),
    (_move_to_spot, change("ecs_cluster", CLUSTER, "default_capacity_provider_strategy")),
    (lambda f: f.iam.update_assume_role_policy(RoleName=EXECUTION, PolicyDocument=EC2_TRUST),
     change("iam_role", EXECUTION, "trust_policy.Statement")),
    (
        lambda f: f.iam.attach_role_policy(
            RoleName=EXECUTION, PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        ),
        change("iam_role", EXECUTION, "managed_policies"),
    ),
    (_replace_policy, change("iam_policy", EXEC, "policy.Statement")),
    (lambda f: f.iam.untag_policy(PolicyArn=f.arn("iam", f"policy/{EXEC}"), TagKeys=["Project"]),
     change("iam_policy", EXEC, "tags.Project")),
    (lambda f: f.servicediscovery.untag_resource(ResourceARN=f.namespace()["Arn"], TagKeys=["Team"]),
     change("namespace", NAMESPACE, "tags.Team")),
    (lambda f: f.ecr.put_image_tag_mutability(repositoryName=REPOSITORY, imageTagMutability="MUTABLE"),
     change("ecr_repository", REPOSITORY, "image_tag_mutability")),
    (
        lambda f: f.ecr.put_image_scanning_configuration(
            repositoryName=REPOSITORY, imageScanningConfiguration={"scanOnPush": False}
        ),
        change("ecr_repository", REPOSITORY, "scan_on_push"),
    ),
    (lambda f: f.ecr.delete_lifecycle_policy(repositoryName=REPOSITORY),
     change("ecr_repository", REPOSITORY, "lifecycle_policy.rules")),
    (lambda f: f.logs.put_retention_policy(logGroupName=f"/ecs/{LOTTO}", retentionInDays=1),
     change("log_group", f"/ecs/{LOTTO}", "retention")),
    (
        lambda f: f.iam.attach_role_policy(
            RoleName=f"{LOTTO}-task", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
        ),
        change("iam_role", f"{LOTTO}-task", "managed_policies"),
    ),
    (lambda f: f.open_port(f.group("lotto-sg"), 22), change("security_group", f"{LOTTO}-sg", "ingress")),
    (lambda f: f.elbv2.modify_target_group(TargetGroupArn=f.target_group(), HealthCheckPath="/by-hand"),
     change("target_group", LOTTO, "health_check.path")),
    (
        lambda f: f.elbv2.modify_target_group_attributes(
            TargetGroupArn=f.target_group(),
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "3"}],
        ),
        change("target_group", LOTTO, "attributes.deregistration_delay.timeout_seconds"),
    ),
    (_widen_rule, change("listener_rule", LOTTO, "paths")),
    (lambda f: f.servicediscovery.untag_resource(ResourceARN=f.cloud_map_service(), TagKeys=["Owner"]),
     change("cloud_map_service", f"lotto.{NAMESPACE}", "tags.Owner")),
    (_loosen_rollout, change("ecs_service", LOTTO, "deployment_configuration.maximum_percent")),
    (lambda f: f.ecs.update_service(cluster=CLUSTER, service=LOTTO, healthCheckGracePeriodSeconds=99),
     change("ecs_service", LOTTO, "health_check_grace_period_seconds")),
    (
        lambda f: f.ecs.untag_resource(resourceArn=f.arn("ecs", f"service/{CLUSTER}/{LOTTO}"), tagKeys=["Project"]),
        change("ecs_service", LOTTO, "tags.Project"),
    ),
    (lambda f: f.set_definition(cpu="1024", memory="2048"), change("ecs_task_definition", LOTTO, "cpu")),
]  # fmt: skip

# Changes that make requests or task starts fail: only for platforms without containers.
DISRUPTIVE = {
    change("iam_role", EXECUTION, "trust_policy.Statement"),
    change("target_group", LOTTO, "health_check.path"),
    change("listener_rule", LOTTO, "paths"),
    change("ecs_task_definition", LOTTO, "cpu"),
}

# Consequences of another drift: the revision differs in more than one field, and the service runs it.
FOLLOWING = {
    change("ecs_task_definition", LOTTO, "memory"),
    change("ecs_task_definition", LOTTO, "container_definitions.lotto-api.stop_timeout"),
    change("ecs_service", LOTTO, "task_definition"),
}


def named(plan: Path | t.Mapping[str, t.Any]) -> set[Named]:
    """Return action, type, name and field of each line of a plan, the field empty for an add or a removal."""
    return {
        (change["action"], change["type"], change["name"], field)
        for change in plan_of(plan)
        for field in [entry["path"] for entry in change["fields"]] or [""]
    }
