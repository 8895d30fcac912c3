# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services as other tools create them, by plain API calls: each with the names, fields and habits of its tool.

All are in one network behind one load balancer, named as by Terraform's modules.
"""

from __future__ import annotations

import typing as t

from .ground import REGION, TRUST, Ground, Options, balanced, container

SHIFT_POLICY = "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"
DSN = "/copilot/shop/prod/secrets/DSN"


def cli(ground: Ground) -> str:
    """The AWS command line: only required fields."""
    group = ground.target_group("cli-tg", HealthCheckPath="/health")
    ground.rule(group, 10, paths=["/cli/*"])
    logs = ground.log_group("/ecs/cli")
    definition = ground.task_definition("cli", container("web", group=logs))
    return ground.service("cli-service", definition, [ground.group("cli-sg", 80)], loadBalancers=balanced(group, "web"))


def terraform(ground: Ground) -> str:
    """Terraform's modules: their own tags, a rule with a Name, a task role with a policy, scaling by two metrics."""
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
    """Scale the tasks of a service with Application Auto Scaling."""
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
    """ecspresso: definitions in JSON, a mix with Spot, the count left to scaling, an init process."""
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
    """A worker without load balancer, in public subnets, without a task role."""
    logs = ground.log_group("/ecs/queue-worker", 7)
    definition = ground.task_definition("queue-worker", container("worker", None, logs, command=["work", "--forever"]))
    # no inbound, all outbound
    made = ground.client("ec2").create_security_group(GroupName="worker", Description="worker", VpcId=ground.vpc)
    ground.service("queue-worker", definition, [made["GroupId"]], public=True)
    return "queue-worker"


def two_containers(ground: Ground) -> str:
    """Two containers with a shared volume and one of EFS; one waits for the other."""
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
    """Names longer than ours and with other characters, a shared group and log, logs kept forever."""
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
    """Copilot's shape, released from its stack: Service Connect, a parameter, a secret in plain text, own tags."""
    tags = [{"Key": "copilot-application", "Value": "shop"}, {"Key": "copilot-environment", "Value": "prod"}]
    group = ground.target_group("shop-p-Targe-1ABCDEF", HealthCheckPath="/", Tags=tags)
    ground.rule(group, 48000, paths=["/*"])
    logs = ground.log_group("/copilot/shop-prod-front")
    ground.client("ssm").put_parameter(Name=DSN, Value="postgres://", Type="SecureString")
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
            secrets=[{"name": "DSN", "valueFrom": DSN}],
            readonlyRootFilesystem=False,
            portMappings=[{"containerPort": 8080, "protocol": "tcp", "name": "target"}],
        ),
        taskRoleArn=ground.role("shop-prod-front-TaskRole-1ABC"),
        executionRoleArn=ground.role("shop-prod-front-ExecutionRole-1ABC"),
        tags=[{"key": "copilot-service", "value": "front"}],
    )
    proxy = {"awslogs-group": logs, "awslogs-region": REGION, "awslogs-stream-prefix": "copilot"}
    return ground.service(
        "shop-prod-front-Service-1ABCDEFGH",
        definition,
        [ground.group("shop-prod-front-sg", 8080)],
        loadBalancers=balanced(group, "front", 8080),
        enableExecuteCommand=True,
        healthCheckGracePeriodSeconds=60,
        serviceConnectConfiguration={
            "enabled": True,
            "namespace": ground.namespace("prod.shop.local"),
            "services": [{"portName": "target", "clientAliases": [{"port": 8080, "dnsName": "front"}]}],
            "logConfiguration": {"logDriver": "awslogs", "options": proxy},
        },
        tags=[{"key": "copilot-service", "value": "front"}],
    )


# Ports and logs as the console creates them.
PORT_OF_CONSOLE = {"containerPort": 80, "hostPort": 80, "protocol": "tcp", "name": "shop-80-tcp", "appProtocol": "http"}
LOGS_OF_CONSOLE = {"awslogs-create-group": "true", "mode": "non-blocking", "max-buffer-size": "25m"}


def of_console(name: str, group: str) -> Options:
    """Return a container as the console creates one."""
    made = container(name, group=group, cpu=0, environment=[], environmentFiles=[], mountPoints=[], ulimits=[])
    made["portMappings"] = [PORT_OF_CONSOLE]
    made["logConfiguration"]["options"] |= LOGS_OF_CONSOLE
    return {**made, "systemControls": [], "volumesFrom": []}


def blue_green(ground: Ground) -> str:
    """ECS's blue/green as in the console: two target groups, a rule with both, a role for the shifts, 10 minutes."""
    logs = ground.log_group("/ecs/shop")
    definition = ground.task_definition("shop", of_console("shop", logs))
    deployment = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 10}
    return shifted(ground, "shop", definition, 60, deployment, paths=["/shop", "/shop/*"])


def express(ground: Ground) -> str:
    """Express Mode: a separate host, CANARY of 5 %, alarms that end it, scaling, its own tags."""
    ground.client("cloudwatch").put_metric_alarm(
        AlarmName="mode/RollbackAlarm",
        Namespace="AWS/ApplicationELB",
        MetricName="HTTPCode_Target_5XX_Count",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=3,
        DatapointsToAlarm=2,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    logs = ground.log_group("/aws/ecs/default/mode-1a2b", None)
    definition = ground.task_definition("default-mode", of_console("Main", logs), cpu="1024", memory="2048")
    deployment = {
        "strategy": "CANARY",
        "bakeTimeInMinutes": 3,
        "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 3},
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "alarms": {"alarmNames": ["mode/RollbackAlarm"], "enable": True, "rollback": True},
    }
    host = "mo-0123456789abcdef.ecs.ap-northeast-2.on.aws"
    tags = [{"key": "AmazonECSManaged", "value": "true"}]
    shifted(ground, "mode", definition, 61, deployment, name="Main", tags=tags, hosts=[host], public=True)
    scaled(ground, "mode", {"mode-cpu": "ECSServiceAverageCPUUtilization"}, 60)
    return "mode"


def shifted(
    ground: Ground,
    service: str,
    definition: str,
    priority: int,
    deployment: Options,
    name: str = "",
    tags: t.Sequence[Options] = (),
    public: bool = False,
    **asked: t.Any,
) -> str:
    """Create a service whose requests ECS shifts between two target groups of one rule."""
    blue, green = (ground.target_group(f"{service}-tg-{number}", HealthCheckPath="/") for number in (1, 2))
    rule = ground.rule(blue, priority, **asked)
    groups = [{"TargetGroupArn": blue, "Weight": 1}, {"TargetGroupArn": green, "Weight": 0}]
    ground.client("elbv2").modify_rule(
        RuleArn=rule, Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
    )
    trust = TRUST.replace("ecs-tasks.amazonaws.com", "ecs.amazonaws.com")
    iam = ground.client("iam")
    role = iam.create_role(RoleName=f"ecsInfrastructureRoleOf-{service}", AssumeRolePolicyDocument=trust)["Role"]
    iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn=SHIFT_POLICY)
    (balancer,) = balanced(blue, name or service)
    advanced = {"alternateTargetGroupArn": green, "productionListenerRule": rule, "roleArn": role["Arn"]}
    ground.service(
        service,
        definition,
        [ground.group(f"{service}-sg", 80)],
        public=public,
        loadBalancers=[{**balancer, "advancedConfiguration": advanced}],
        deploymentConfiguration=deployment,
        **({"tags": list(tags)} if tags else {}),
    )
    return service


def several_groups(ground: Ground) -> str:
    """The CDK's ApplicationMultipleTargetGroupsFargateService: two ports of two containers, a target group for each."""
    public = ground.target_group("CdkSt-ECSTar-1ABC", Port=8080, HealthCheckPath="/")
    admin = ground.target_group("CdkSt-ECSTar-2DEF", Port=9090, HealthCheckPath="/ready", HealthCheckIntervalSeconds=60)
    ground.rule(public, 70, paths=["/tools", "/tools/*"])
    ground.rule(admin, 71, paths=["/tools-admin/*"])
    ground.rule(public, 72, paths=["/old-tools/*"])
    logs = ground.log_group("CdkStack-ToolsTaskDefwebLogGroup71FF", 731)
    secret = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:registry-a1b2c3"
    private = {} if ground.image else {"repositoryCredentials": {"credentialsParameter": secret}}
    definition = ground.task_definition(
        "CdkStackToolsTaskDef0F1E",
        container("web", 8080, logs, "tools", cpu=128, memory=256, dockerLabels={"team": "tools"}, **private),
        container(
            "admin",
            9090,
            logs,
            "tools",
            essential=False,
            restartPolicy={"enabled": True, "ignoredExitCodes": [0], "restartAttemptPeriod": 120},
        ),
        taskRoleArn=ground.role("CdkStack-ToolsTaskDefTaskRole-1ABC"),
    )
    group = ground.group("CdkStack-ToolsServiceSecurityGroup-1ABC", 8080)
    own = {"UserIdGroupPairs": [{"GroupId": ground.balancer_group}]}
    ground.client("ec2").authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 9090, "ToPort": 9090, **own}]
    )
    return ground.service(
        "CdkStack-ToolsService-1ABC",
        definition,
        [group],
        loadBalancers=[*balanced(public, "web", 8080), *balanced(admin, "admin", 9090)],
        healthCheckGracePeriodSeconds=60,
        enableECSManagedTags=True,
        deploymentConfiguration={"maximumPercent": 200, "minimumHealthyPercent": 50},
    )


SERVICES: dict[str, t.Callable[[Ground], str]] = {
    "cli-service": cli,
    "prod-api-svc": terraform,
    "blog": ecspresso,
    "queue-worker": worker,
    "pair": two_containers,
    "Billing_Service_of_the_Platform_Team_which_has_a_very_long_name": over_our_limits,
    "shop-prod-front-Service-1ABCDEFGH": secretive,
    "shop": blue_green,
    "mode": express,
    "CdkStack-ToolsService-1ABC": several_groups,
}
"""By the name of the service that each creates."""

SCHEDULER = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "scheduler.amazonaws.com"}}]}'
)


def scheduled(ground: Ground) -> str:
    """Terraform's aws_scheduler_schedule, of a task without a service."""
    role = ground.client("iam").create_role(RoleName="nightly-scheduler", AssumeRolePolicyDocument=SCHEDULER)
    logs = ground.log_group("/ecs/nightly", 14)
    one = {**container("nightly", group=logs, command=["nightly"]), "portMappings": []}
    definition = ground.task_definition("nightly-td", one)
    place = {"Subnets": ground.private, "SecurityGroups": [ground.group("nightly-sg", 80)]}
    family, _colon, _revision = definition.rpartition(":")
    ground.client("scheduler").create_schedule(
        Name="nightly-report",
        ScheduleExpression="cron(30 2 ? * MON-FRI *)",
        ScheduleExpressionTimezone="Asia/Seoul",
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
        Target={
            "Arn": ground.client("ecs").describe_clusters(clusters=[ground.cluster])["clusters"][0]["clusterArn"],
            "RoleArn": role["Role"]["Arn"],
            "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 86400},
            "EcsParameters": {
                # the newest revision, as many schedules use it
                "TaskDefinitionArn": family,
                "LaunchType": "FARGATE",
                "NetworkConfiguration": {"awsvpcConfiguration": {**place, "AssignPublicIp": "DISABLED"}},
            },
        },
    )
    return "nightly-report"


JOBS: dict[str, t.Callable[[Ground], str]] = {"nightly-report": scheduled}
"""By the name of the schedule that each creates."""

ASKED = {
    "cli-service": ("/cli/a", "web by 80"),
    "prod-api-svc": ("/status", "api by 8080"),
    "pair": ("/pair", "app by 8000"),
    "Billing_Service_of_the_Platform_Team_which_has_a_very_long_name": ("/billing/a", "Main by 80"),
    "shop-prod-front-Service-1ABCDEFGH": ("/", "front by 8080"),
    "shop": ("/shop", "shop by 80"),
    "CdkStack-ToolsService-1ABC": ("/tools", "web by 8080"),
    "CdkStack-ToolsService-1ABC, its admin": ("/tools-admin/a", "admin by 9090"),
}
"""A request to each service behind the load balancer, and the answer of its container."""
