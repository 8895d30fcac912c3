# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services as other tools make them, by plain API calls: each in the names, fields and habits of its maker.

All are in one network behind one load balancer, which Terraform's modules would name so.
"""

from __future__ import annotations

import dataclasses
import json
import time
import typing as t

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
SHIFT_POLICY = "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"
IMAGE = "public.ecr.aws/nginx/nginx:1.29"


@dataclasses.dataclass(frozen=True)
class Ground:
    """What the services are made in."""

    client: ClientOf
    vpc: str
    public: list[str]
    private: list[str]
    load_balancer: str
    listener: str
    balancer_group: str
    cluster: str = CLUSTER

    @classmethod
    def made(cls, client: ClientOf, cluster: str = CLUSTER) -> Ground:
        """Make a network of two zones, a load balancer with one listener, and a cluster."""
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
    def of(cls, client: ClientOf, prefix: str) -> Ground:
        """Return the network, load balancer and cluster that the roles made under a name prefix."""
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
        )

    def settled(self, seconds: float = 120) -> None:
        """Wait until every service has ended its deployment."""
        ecs, deadline = self.client("ecs"), time.monotonic() + seconds
        names = [arn.rpartition("/")[2] for arn in ecs.list_services(cluster=self.cluster)["serviceArns"]]
        while time.monotonic() < deadline:
            found = ecs.describe_services(cluster=self.cluster, services=names)["services"]
            if all(one["deployments"][0].get("rolloutState") == "COMPLETED" for one in found):
                return
            time.sleep(1)
        raise TimeoutError("a service does not become steady")

    def target_group(self, name: str, **more: t.Any) -> str:
        """Make a target group of IP addresses and return its ARN."""
        given = {"Protocol": "HTTP", "Port": 80, "VpcId": self.vpc, "TargetType": "ip", **more}
        return str(self.client("elbv2").create_target_group(Name=name, **given)["TargetGroups"][0]["TargetGroupArn"])

    def rule(self, group: str, priority: int, *, Tags: t.Sequence[Options] = (), **asked: t.Sequence[str]) -> str:  # noqa: N803
        """Make a rule of the listener that forwards to a group."""
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
        """Make a security group that lets the load balancer's group (or another source) in on a port."""
        return _group(self.client("ec2"), self.vpc, name, source or self.balancer_group, port)

    def log_group(self, name: str, retention: int | None = 30) -> str:
        """Make a log group."""
        logs = self.client("logs")
        logs.create_log_group(logGroupName=name)
        if retention:
            logs.put_retention_policy(logGroupName=name, retentionInDays=retention)
        return name

    def role(self, name: str) -> str:
        """Make a role that tasks may take."""
        made = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        return str(made["Role"]["Arn"])

    @property
    def execution_role(self) -> str:
        """Return the ARN of the role that most tools start tasks with."""
        return str(self.client("iam").get_role(RoleName="ecsTaskExecutionRole")["Role"]["Arn"])

    def task_definition(self, family: str, *containers: Options, **more: t.Any) -> str:
        """Register a revision for Fargate."""
        role = more.get("executionRoleArn") or self.execution_role
        given = {"cpu": "256", "memory": "512", **more, "executionRoleArn": role}
        made = self.client("ecs").register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            containerDefinitions=list(containers),
            **given,
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def service(
        self, name: str, definition: str, groups: t.Sequence[str], *, public: bool = False, **more: t.Any
    ) -> str:
        """Make a service, on the launch type FARGATE unless it has a capacity provider strategy."""
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
    """Return a container that logs into a group."""
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
    """Return a service's one load balancer."""
    return [{"targetGroupArn": group, "containerName": name, "containerPort": port}]


def cli(ground: Ground) -> str:
    """The AWS command line: the least that it takes."""
    group = ground.target_group("cli-tg", HealthCheckPath="/health")
    ground.rule(group, 10, paths=["/cli/*"])
    logs = ground.log_group("/ecs/cli")
    definition = ground.task_definition("cli", container("web", group=logs))
    return ground.service("cli-service", definition, [ground.group("cli-sg", 80)], loadBalancers=balanced(group, "web"))


def terraform(ground: Ground) -> str:
    """Terraform's modules: tags of its own, a rule with a Name, a task role with a policy, scaling by two metrics."""
    tags = [{"Key": "ManagedBy", "Value": "Terraform"}, {"Key": "Name", "Value": "prod-api"}]
    group = ground.target_group("prod-api-tg", HealthCheckPath="/", Matcher={"HttpCode": "200-399"}, Tags=tags)
    ground.client("elbv2").modify_target_group_attributes(
        TargetGroupArn=group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "60"}]
    )
    ground.rule(group, 20, paths=["/api", "/api/*"], hosts=["api.example.com"], Tags=tags)
    ground.rule(group, 21, paths=["/status"], methods=["GET", "HEAD"], Tags=tags)
    logs = ground.log_group("/aws/ecs/prod/api", 90)
    definition = ground.task_definition(
        "prod-api-td",
        container("api", 8080, logs, "api", environment=[{"name": "STAGE", "value": "prod"}], user="1000"),
        taskRoleArn=ground.role("prod-api-task-role"),
        tags=[{"key": "ManagedBy", "value": "Terraform"}],
    )
    ground.service(
        "prod-api-svc",
        definition,
        [ground.group("prod-api-sg", 8080)],
        loadBalancers=balanced(group, "api", 8080),
        healthCheckGracePeriodSeconds=30,
        deploymentConfiguration={
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
        propagateTags="SERVICE",
        enableECSManagedTags=True,
        tags=[{"key": "ManagedBy", "value": "Terraform"}],
    )
    scaled(ground, "prod-api-svc", {"cpu-scaling": "ECSServiceAverageCPUUtilization"}, 60)
    return "prod-api-svc"


def scaled(ground: Ground, service: str, policies: t.Mapping[str, str], target: float) -> None:
    """Have Application Auto Scaling set the tasks of a service."""
    client = ground.client("application-autoscaling")
    named = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{ground.cluster}/{service}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    client.register_scalable_target(**named, MinCapacity=1, MaxCapacity=4)
    for name, metric in policies.items():
        client.put_scaling_policy(
            **named,
            PolicyName=name,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": target,
                "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
                "ScaleInCooldown": 120,
                "ScaleOutCooldown": 30,
            },
        )


def ecspresso(ground: Ground) -> str:
    """ecspresso: definitions kept as JSON, a mix with Spot, the count left to scaling, a process that reaps."""
    group = ground.target_group("ecspresso-tg", HealthCheckPath="/ping", HealthCheckIntervalSeconds=10)
    ground.rule(group, 30, hosts=["blog.example.com"])
    logs = ground.log_group("blog")
    definition = ground.task_definition(
        "blog",
        container(
            "nginx",
            group=logs,
            prefix="nginx",
            linuxParameters={"initProcessEnabled": True},
            ulimits=[{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}],
            stopTimeout=60,
        ),
        runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        taskRoleArn=ground.role("blog-task"),
    )
    ground.service(
        "blog",
        definition,
        [ground.group("blog-sg", 80)],
        loadBalancers=balanced(group, "nginx"),
        enableExecuteCommand=True,
        capacityProviderStrategy=[
            {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
            {"capacityProvider": "FARGATE_SPOT", "weight": 3},
        ],
        platformVersion="1.4.0",
    )
    scaled(ground, "blog", {"cpu": "ECSServiceAverageCPUUtilization", "mem": "ECSServiceAverageMemoryUtilization"}, 70)
    return "blog"


def worker(ground: Ground) -> str:
    """A worker, with nobody in front of it, in public subnets, and without a role of its own."""
    logs = ground.log_group("/ecs/queue-worker", 7)
    definition = ground.task_definition("queue-worker", container("worker", None, logs, command=["work", "--forever"]))
    # nobody gets in, and everybody out
    made = ground.client("ec2").create_security_group(GroupName="worker", Description="worker", VpcId=ground.vpc)
    ground.service("queue-worker", definition, [made["GroupId"]], public=True)
    return "queue-worker"


def two_containers(ground: Ground) -> str:
    """Two containers with a volume between them and one of EFS, one that waits for the other."""
    group = ground.target_group("pair-tg", HealthCheckPath="/")
    ground.rule(group, 40, paths=["/pair*"])
    logs = ground.log_group("/ecs/pair")
    definition = ground.task_definition(
        "pair",
        container(
            "app",
            8000,
            logs,
            dependsOn=[{"containerName": "proxy", "condition": "HEALTHY"}],
            mountPoints=[
                {"sourceVolume": "shared", "containerPath": "/shared"},
                {"sourceVolume": "files", "containerPath": "/files", "readOnly": True},
            ],
        ),
        container(
            "proxy",
            9000,
            logs,
            essential=False,
            healthCheck={"command": ["CMD-SHELL", "true"], "interval": 15, "startPeriod": 20},
            mountPoints=[{"sourceVolume": "shared", "containerPath": "/shared"}],
            memoryReservation=64,
        ),
        cpu="512",
        memory="1024",
        ephemeralStorage={"sizeInGiB": 40},
        volumes=[
            {"name": "shared"},
            {
                "name": "files",
                "efsVolumeConfiguration": {
                    "fileSystemId": "fs-0a1b2c3d",
                    "transitEncryption": "ENABLED",
                    "authorizationConfig": {"accessPointId": "fsap-0a1b2c3d", "iam": "ENABLED"},
                },
            },
        ],
        taskRoleArn=ground.role("pair-task"),
    )
    ground.service("pair", definition, [ground.group("pair-sg", 8000)], loadBalancers=balanced(group, "app", 8000))
    return "pair"


def over_our_limits(ground: Ground) -> str:
    """Names that are longer than ours and of other characters, a group and a log that others share, lines for ever."""
    name = "Billing_Service_of_the_Platform_Team_which_has_a_very_long_name"
    group = ground.target_group("BillingServiceTargets")
    ground.rule(group, 50, paths=["/billing/*"])
    logs = ground.log_group("everything", None)
    shared = ground.group("shared-tasks-sg", 80, "10.0.0.0/8")
    definition = ground.task_definition(f"{name}_family", container("Main", group=logs))
    ground.service(name, definition, [shared], loadBalancers=balanced(group, "Main"))
    ground.service("also-here", ground.task_definition("also", container("x", None, logs)), [shared])
    return name


def secretive(ground: Ground) -> str:
    """Copilot's shape, after its stack has let go: SSM parameters, a secret in plain text, tags of its own."""
    tags = [{"Key": "copilot-application", "Value": "shop"}, {"Key": "copilot-environment", "Value": "prod"}]
    group = ground.target_group("shop-p-Targe-1ABCDEF", HealthCheckPath="/", Tags=tags)
    ground.rule(group, 48000, paths=["/*"])
    logs = ground.log_group("/copilot/shop-prod-front")
    definition = ground.task_definition(
        "shop-prod-front",
        container(
            "front",
            8080,
            logs,
            "copilot/front",
            environment=[
                {"name": "COPILOT_ENVIRONMENT_NAME", "value": "prod"},
                {"name": "API_TOKEN", "value": "s3cr3t-t0ken"},
                {"name": "TEMPLATE", "value": "{{ not_ours }}"},
            ],
            secrets=[{"name": "DSN", "valueFrom": "/copilot/shop/prod/secrets/DSN"}],
            readonlyRootFilesystem=False,
        ),
        taskRoleArn=ground.role("shop-prod-front-TaskRole-1ABC"),
        executionRoleArn=ground.role("shop-prod-front-ExecutionRole-1ABC"),
        tags=[{"key": "copilot-service", "value": "front"}],
    )
    return ground.service(
        "shop-prod-front-Service-1ABCDEFGH",
        definition,
        [ground.group("shop-prod-front-sg", 8080)],
        loadBalancers=balanced(group, "front", 8080),
        enableExecuteCommand=True,
        healthCheckGracePeriodSeconds=60,
        tags=[{"key": "copilot-service", "value": "front"}],
    )


def blue_green(ground: Ground) -> str:
    """The console's blue/green of ECS: two target groups, a rule with both, a role by which ECS shifts, 10 minutes."""
    blue, green = (ground.target_group(f"shop-tg-{number}", HealthCheckPath="/") for number in (1, 2))
    rule = ground.rule(blue, 60, paths=["/shop", "/shop/*"])
    groups = [{"TargetGroupArn": blue, "Weight": 1}, {"TargetGroupArn": green, "Weight": 0}]
    ground.client("elbv2").modify_rule(
        RuleArn=rule, Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
    )
    trust = TRUST.replace("ecs-tasks.amazonaws.com", "ecs.amazonaws.com")
    iam = ground.client("iam")
    role = iam.create_role(RoleName="ecsInfrastructureRoleForLoadBalancers", AssumeRolePolicyDocument=trust)["Role"]
    iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn=SHIFT_POLICY)
    logs = ground.log_group("/ecs/shop")
    (balancer,) = balanced(blue, "shop")
    advanced = {"alternateTargetGroupArn": green, "productionListenerRule": rule, "roleArn": role["Arn"]}
    ground.service(
        "shop",
        ground.task_definition("shop", container("shop", group=logs)),
        [ground.group("shop-sg", 80)],
        loadBalancers=[{**balancer, "advancedConfiguration": advanced}],
        deploymentConfiguration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 10},
    )
    return "shop"


SERVICES: dict[str, t.Callable[[Ground], str]] = {
    "cli-service": cli,
    "prod-api-svc": terraform,
    "blog": ecspresso,
    "queue-worker": worker,
    "pair": two_containers,
    "Billing_Service_of_the_Platform_Team_which_has_a_very_long_name": over_our_limits,
    "shop-prod-front-Service-1ABCDEFGH": secretive,
    "shop": blue_green,
}
"""By the name of the service that each makes."""
