# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An existing network, load balancer and cluster for services that other tools created, by plain API calls."""

from __future__ import annotations

import dataclasses
import json
import time
import typing as t

from .server import command

ClientOf = t.Callable[[str], t.Any]
Options = dict[str, t.Any]

CLUSTER = "prod-cluster"
REGION = "ap-northeast-2"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
CONDITIONS = {
    "paths": ("path-pattern", "PathPatternConfig"),
    "hosts": ("host-header", "HostHeaderConfig"),
    "methods": ("http-request-method", "HttpRequestMethodConfig"),
}
IMAGE = "public.ecr.aws/nginx/nginx:1.29"


@dataclasses.dataclass(frozen=True)
class Ground:
    """The existing resources for services.

    :param image: with Python, for containers that serve; empty without containers.
    """

    client: ClientOf
    vpc: str
    public: list[str]
    private: list[str]
    load_balancer: str
    listener: str
    balancer_group: str
    cluster: str = CLUSTER
    image: str = ""

    @classmethod
    def made(cls, client: ClientOf, cluster: str = CLUSTER) -> Ground:
        """Create a network of two zones, a load balancer with one listener, and a cluster."""
        ec2, elb = client("ec2"), client("elbv2")
        zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
        vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        tables = {}
        for tier in ("public", "private"):
            tables[tier] = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
            ec2.create_route(RouteTableId=tables[tier], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        subnets: dict[str, list[str]] = {"public": [], "private": []}
        for number, (tier, zone) in enumerate((tier, zone) for tier in subnets for zone in zones):
            made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=zone)["Subnet"]
            ec2.associate_route_table(RouteTableId=tables[tier], SubnetId=made["SubnetId"])
            subnets[tier].append(made["SubnetId"])
        group = _group(ec2, vpc, "prod-alb-sg", "0.0.0.0/0", 80)
        balancer = elb.create_load_balancer(Name="prod-alb", Subnets=subnets["public"], SecurityGroups=[group])
        arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
        fixed = {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "not here"}
        listener = elb.create_listener(
            LoadBalancerArn=arn,
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": fixed}],
        )["Listeners"][0]["ListenerArn"]
        client("ecs").create_cluster(clusterName=cluster)
        client("iam").create_role(RoleName="ecsTaskExecutionRole", AssumeRolePolicyDocument=TRUST)
        return cls(client, vpc, subnets["public"], subnets["private"], arn, listener, group, cluster)

    @classmethod
    def of(cls, client: ClientOf, prefix: str, image: str = "") -> Ground:
        """Return the network, load balancer and cluster that the roles created under a name prefix."""
        ec2, elb = client("ec2"), client("elbv2")

        def named(operation: str, key: str, field: str, name: str) -> list[str]:
            found = getattr(ec2, operation)(Filters=[{"Name": "tag:Name", "Values": [f"{prefix}-{name}"]}])[key]
            return [str(one[field]) for one in found]

        balancer = elb.describe_load_balancers(Names=[f"{prefix}-pub-alb"])["LoadBalancers"][0]
        (listener,) = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        client("iam").create_role(RoleName="ecsTaskExecutionRole", AssumeRolePolicyDocument=TRUST)
        (vpc,) = named("describe_vpcs", "Vpcs", "VpcId", "vpc")
        return cls(
            client,
            vpc,
            named("describe_subnets", "Subnets", "SubnetId", "pub-*"),
            named("describe_subnets", "Subnets", "SubnetId", "apps-*"),
            balancer["LoadBalancerArn"],
            listener["ListenerArn"],
            balancer["SecurityGroups"][0],
            f"{prefix}-ecs",
            image,
        )

    def settled(self, seconds: float = 300) -> None:
        """Wait until every service has ended its deployment."""
        ecs, deadline = self.client("ecs"), time.monotonic() + seconds
        pages = list(ecs.get_paginator("list_services").paginate(cluster=self.cluster))
        while time.monotonic() < deadline:
            # ten per page, the maximum of DescribeServices
            asked = [page["serviceArns"] for page in pages if page["serviceArns"]]
            found = [ecs.describe_services(cluster=self.cluster, services=arns)["services"] for arns in asked]
            if all(one["deployments"][0].get("rolloutState") == "COMPLETED" for some in found for one in some):
                return
            time.sleep(1)
        raise TimeoutError("a service does not become steady")

    def target_group(self, name: str, **more: t.Any) -> str:
        """Create a target group of IP addresses and return its ARN."""
        given = {"Protocol": "HTTP", "Port": 80, "VpcId": self.vpc, "TargetType": "ip", **more}
        return str(self.client("elbv2").create_target_group(Name=name, **given)["TargetGroups"][0]["TargetGroupArn"])

    def rule(self, group: str, priority: int, *, Tags: t.Sequence[Options] = (), **asked: t.Sequence[str]) -> str:  # noqa: N803
        """Create a rule of the listener that forwards to a group."""
        conditions = [
            {"Field": field, config: {"Values": list(asked[word])}}
            for word, (field, config) in CONDITIONS.items()
            if word in asked
        ]
        made = self.client("elbv2").create_rule(
            ListenerArn=self.listener,
            Priority=priority,
            Conditions=conditions,
            Actions=[{"Type": "forward", "TargetGroupArn": group}],
            **({"Tags": list(Tags)} if Tags else {}),
        )
        return str(made["Rules"][0]["RuleArn"])

    def group(self, name: str, port: int, source: str | None = None) -> str:
        """Create a security group that admits the load balancer's group (or another source) on a port."""
        return _group(self.client("ec2"), self.vpc, name, source or self.balancer_group, port)

    def log_group(self, name: str, retention: int | None = 30) -> str:
        logs = self.client("logs")
        logs.create_log_group(logGroupName=name)
        if retention:
            logs.put_retention_policy(logGroupName=name, retentionInDays=retention)
        return name

    def namespace(self, name: str) -> str:
        """Create a private namespace of Cloud Map and return its ARN."""
        client = self.client("servicediscovery")
        operation = client.create_private_dns_namespace(Name=name, Vpc=self.vpc)["OperationId"]
        deadline = time.monotonic() + 60
        while (made := client.get_operation(OperationId=operation)["Operation"])["Status"] != "SUCCESS":
            if time.monotonic() > deadline:
                raise TimeoutError(f"namespace {name} is not made")
            time.sleep(0.2)
        return str(client.get_namespace(Id=made["Targets"]["NAMESPACE"])["Namespace"]["Arn"])

    def role(self, name: str) -> str:
        """Create a role for tasks."""
        made = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        return str(made["Role"]["Arn"])

    @property
    def execution_role(self) -> str:
        """Return the ARN of the execution role that most tools use."""
        return str(self.client("iam").get_role(RoleName="ecsTaskExecutionRole")["Role"]["Arn"])

    def task_definition(self, family: str, *containers: Options, **more: t.Any) -> str:
        """Register a revision for Fargate."""
        role = more.get("executionRoleArn") or self.execution_role
        given = {"cpu": "256", "memory": "512", **more, "executionRoleArn": role}
        if self.image:
            # for this machine's processor
            given.pop("runtimePlatform", None)
        made = self.client("ecs").register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            containerDefinitions=[self._serving(one) for one in containers],
            **given,
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def _serving(self, container: Options) -> Options:
        if not self.image:
            return container
        ports = [one["containerPort"] for one in container.get("portMappings") or []]
        answer = f"200, f'{container['name']} by {{self.server.server_port}}'"
        # this machine's engine would not grant higher limits
        container = {key: value for key, value in container.items() if key != "ulimits"}
        return {**container, "image": self.image, "command": command(answer, ports)}

    def service(
        self, name: str, definition: str, groups: t.Sequence[str], *, public: bool = False, **more: t.Any
    ) -> str:
        """Create a service, with the launch type FARGATE unless it has a capacity provider strategy."""
        network = {
            "subnets": self.public if public else self.private,
            "securityGroups": list(groups),
            "assignPublicIp": "ENABLED" if public else "DISABLED",
        }
        kind = {} if "capacityProviderStrategy" in more else {"launchType": "FARGATE"}
        made = self.client("ecs").create_service(
            cluster=self.cluster,
            serviceName=name,
            taskDefinition=definition,
            networkConfiguration={"awsvpcConfiguration": network},
            **{"desiredCount": 1, **kind, **more},
        )
        return str(made["service"]["serviceArn"])


def _group(ec2: t.Any, vpc: str, name: str, source: str, port: int) -> str:
    made = str(ec2.create_security_group(GroupName=name, Description=f"of {name}", VpcId=vpc)["GroupId"])
    of = {"UserIdGroupPairs": [{"GroupId": source}]} if source.startswith("sg-") else {"IpRanges": [{"CidrIp": source}]}
    ec2.authorize_security_group_ingress(
        GroupId=made, IpPermissions=[{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **of}]
    )
    return made


def container(
    name: str, port: int | None = 80, group: str | None = None, prefix: str = "ecs", **more: t.Any
) -> Options:
    """Return a container that logs to a group."""
    logs = {"awslogs-group": group, "awslogs-region": REGION, "awslogs-stream-prefix": prefix}
    return {
        "name": name,
        "image": IMAGE,
        "essential": True,
        **({"portMappings": [{"containerPort": port, "protocol": "tcp"}]} if port else {}),
        **({"logConfiguration": {"logDriver": "awslogs", "options": logs}} if group else {}),
        **more,
    }


def balanced(group: str, name: str, port: int = 80) -> list[Options]:
    """Return the load balancer of a service, as a list of one."""
    return [{"targetGroupArn": group, "containerName": name, "containerPort": port}]
