# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import verify, verify_routes
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import shadowing

from tests.unit.plugins.modules.aws_stub import TARGET_GROUP

IMAGE = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto@sha256:" + "a" * 64
EXECUTION = "arn:aws:iam::123456789012:role/magiclub-an2p-ecs-execution"
TASK = "arn:aws:iam::123456789012:role/magiclub-an2p-lotto-task"
SECRET = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:shop-Ab12Cd:password::"
PARAMETER = "/shop/key"
GROUP = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/magiclub-an2p-lotto/1"
NAT = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
INTERNET = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
LOCAL = {"DestinationCidrBlock": "172.25.0.0/16", "GatewayId": "local", "State": "active"}
TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}


def container(**values):
    logging = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/lotto", "awslogs-stream-prefix": "ecs"}}
    ports = [{"containerPort": 8080}]
    return {"name": "lotto-api", "image": IMAGE, "portMappings": ports, "logConfiguration": logging, **values}


def definition(**values):
    return {
        "networkMode": "awsvpc",
        "executionRoleArn": EXECUTION,
        "taskRoleArn": TASK,
        "runtimePlatform": {"cpuArchitecture": "X86_64"},
        "containerDefinitions": [container()],
        **values,
    }


def service(public="DISABLED"):
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": public}}
    balancer = {"targetGroupArn": GROUP, "containerName": "lotto-api", "containerPort": 8080}
    return {"networkConfiguration": network, "loadBalancers": [balancer]}


def group(**values):
    named = {"TargetGroupName": "magiclub-an2p-lotto", "TargetGroupArn": GROUP, "LoadBalancerArns": ["arn:lb"]}
    return {**TARGET_GROUP, **named, **values}


def values(found):
    return [finding["value"] for finding in found]


def test_a_service_with_all_that_it_needs_has_no_finding():
    look = {
        "name": "magiclub-an2p-lotto",
        "service": service(),
        "definition": definition(),
        "images": {IMAGE: ["X86_64"]},
        "secrets": {},
        "may_read": [],
        "roles": {EXECUTION: {"AssumeRolePolicyDocument": TRUST}, TASK: {"AssumeRolePolicyDocument": TRUST}},
        "may_pass": {EXECUTION: True, TASK: None},
        "subnets": {"subnet-1": {"vpc": "vpc-1", "routes": [LOCAL, NAT], "endpoints": []}},
        "log_groups": {"/ecs/lotto": True},
        "target_groups": {GROUP: group()},
        "health": [{"Target": {"Id": "172.25.10.7", "Port": 8080}, "TargetHealth": {"State": "healthy"}}],
        "behind": None,
        "answers": [{"url": "http://lb/health", "matcher": "200", "status": 200, "error": ""}],
    }
    assert verify.findings(look) == []
    broken = {**look, "log_groups": {}, "health": [], "images": {IMAGE: None}}
    assert [(finding["service"], finding["what"]) for finding in verify.findings(broken)] == [
        ("magiclub-an2p-lotto", "image"),
        ("magiclub-an2p-lotto", "log group"),
    ]


@pytest.mark.parametrize(
    ("architectures", "wanted", "expected"),
    [
        (["X86_64"], "X86_64", []),
        (["ARM64", "X86_64"], "ARM64", []),
        ([], "ARM64", []),
        (None, "X86_64", [IMAGE]),
        (["archived"], "X86_64", [f"{IMAGE} is archived"]),
        (["X86_64"], "ARM64", [f"{IMAGE} is for X86_64"]),
        (["ARM64"], None, [f"{IMAGE} is for ARM64"]),
    ],
)
def test_images(architectures, wanted, expected):
    platform = {"cpuArchitecture": wanted} if wanted else {}
    assert values(verify.images(definition(runtimePlatform=platform), {IMAGE: architectures})) == expected


@pytest.mark.parametrize(
    ("found", "allowed", "expected"),
    [
        ({SECRET: True, PARAMETER: True}, True, []),
        ({SECRET: None, PARAMETER: None}, None, []),
        ({SECRET: False, PARAMETER: True}, True, [SECRET]),
        ({SECRET: True, PARAMETER: True}, False, ["magiclub-an2p-ecs-execution may not ssm:GetParameters arn:key"]),
    ],
)
def test_secrets(found, allowed, expected):
    with_secrets = container(secrets=[{"name": "A", "valueFrom": SECRET}, {"name": "B", "valueFrom": PARAMETER}])
    may_read = [{"role": EXECUTION, "action": "ssm:GetParameters", "resource": "arn:key", "allowed": allowed}]
    described = definition(containerDefinitions=[with_secrets])
    assert values(verify.secrets(described, found, may_read)) == expected


def test_what_the_log_driver_and_the_registry_want_is_a_secret_too():
    described = definition(
        containerDefinitions=[
            container(
                logConfiguration={"secretOptions": [{"name": "splunk-token", "valueFrom": PARAMETER}]},
                repositoryCredentials={"credentialsParameter": SECRET},
            )
        ]
    )
    assert verify.secret_sources(described) == sorted([PARAMETER, SECRET])


def test_secrets_without_an_execution_role():
    described = definition(
        containerDefinitions=[container(secrets=[{"name": "A", "valueFrom": SECRET}])], executionRoleArn=None
    )
    assert values(verify.secrets(described, {SECRET: True}, [])) == ["none"]


@pytest.mark.parametrize(
    ("role", "may_pass", "expected"),
    [
        ({"AssumeRolePolicyDocument": TRUST}, True, []),
        ({}, None, []),
        (None, True, [EXECUTION]),
        (
            {"AssumeRolePolicyDocument": {"Statement": []}},
            True,
            ["magiclub-an2p-ecs-execution is not trusted to ecs-tasks.amazonaws.com"],
        ),
        ({"AssumeRolePolicyDocument": TRUST}, False, ["magiclub-an2p-ecs-execution may not be passed by the caller"]),
    ],
)
def test_roles(role, may_pass, expected):
    assert values(verify.roles(definition(taskRoleArn=None), {EXECUTION: role}, {EXECUTION: may_pass})) == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Effect": "Allow", "Principal": {"Service": ["ec2.amazonaws.com", verify.TASKS]}, "Action": ["sts:*"]}, True),
        ({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}, True),
        ({"Effect": "Deny", "Principal": {"Service": verify.TASKS}, "Action": "sts:AssumeRole"}, False),
        ({"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}, False),
        ({"Effect": "Allow", "Principal": {"Service": verify.TASKS}, "Action": "sts:TagSession"}, False),
    ],
)
def test_trusts_tasks(statement, expected):
    assert verify.trusts_tasks({"Statement": statement}) is expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], False),
        ([{"Effect": "Allow", "Action": "ssm:Get*", "Resource": "arn:*"}], True),
        ([{"Effect": "Allow", "Action": "ssm:getparameters", "Resource": ["arn:other", "arn:key"]}], True),
        ([{"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "arn:other"}], False),
        ([{"Effect": "Allow", "Action": "ssm:PutParameter", "Resource": "*"}], False),
        (
            [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "ssm:*", "Resource": "arn:key"},
            ],
            False,
        ),
    ],
)
def test_allowed(statements, expected):
    documents = [{"Statement": statement} for statement in statements]
    assert verify.allowed(documents, "ssm:GetParameters", "arn:key") is expected


@pytest.mark.parametrize(
    ("place", "public", "expected"),
    [
        ({"routes": [LOCAL, NAT], "endpoints": []}, "DISABLED", []),
        ({"routes": [LOCAL, INTERNET], "endpoints": []}, "ENABLED", []),
        (
            {"routes": [INTERNET], "endpoints": []},
            "DISABLED",
            ["subnet-1 leads to an internet gateway, and tasks have no public address"],
        ),
        ({"routes": [LOCAL], "endpoints": ["ecr.api", "ecr.dkr", "logs", "s3"]}, "DISABLED", []),
        (
            {"routes": [LOCAL], "endpoints": ["ecr.api", "s3"]},
            "DISABLED",
            ["subnet-1 has no route to the internet, and its VPC no endpoints for ecr.dkr, logs"],
        ),
        (
            {"routes": [{**NAT, "State": "blackhole"}], "endpoints": ["ecr.api", "ecr.dkr", "s3"]},
            "DISABLED",
            ["subnet-1 has a route to a deleted target, and its VPC no endpoints for logs"],
        ),
        (None, "DISABLED", ["subnet-1"]),
    ],
)
def test_subnets(place, public, expected):
    found = {"subnet-1": {"vpc": "vpc-1", **place} if place else None}
    assert values(verify.subnets(service(public), definition(), found)) == expected


def test_endpoints_needed_for_secrets():
    secrets = [{"name": "A", "valueFrom": SECRET}, {"name": "B", "valueFrom": PARAMETER}]
    described = definition(containerDefinitions=[container(secrets=secrets, logConfiguration={})])
    assert verify.endpoints_needed(described) == ["ecr.api", "ecr.dkr", "s3", "secretsmanager", "ssm"]


def test_a_log_group_that_the_driver_makes_need_not_be_there():
    options = {"awslogs-group": "/ecs/other", "awslogs-create-group": "true"}
    made = container(logConfiguration={"logDriver": "awslogs", "options": options})
    described = definition(containerDefinitions=[container(), made])
    assert values(verify.log_groups(described, {"/ecs/lotto": False})) == ["/ecs/lotto"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (group(), []),
        (None, [GROUP]),
        (group(TargetType="instance"), ["magiclub-an2p-lotto takes targets of type instance"]),
        (group(VpcId="vpc-2"), ["magiclub-an2p-lotto is in vpc-2, the tasks are in vpc-1"]),
        (group(HealthCheckPort="8080"), []),
        (group(HealthCheckPort="80"), ["magiclub-an2p-lotto asks port 80, the tasks serve on 8080"]),
        (group(LoadBalancerArns=[]), ["magiclub-an2p-lotto belongs to no load balancer"]),
    ],
)
def test_target_groups(found, expected):
    places = {"subnet-1": {"vpc": "vpc-1"}}
    assert values(verify_routes.target_groups(service(), definition(), {GROUP: found}, places)) == expected


def test_a_port_that_the_container_does_not_map():
    described = definition(containerDefinitions=[container(portMappings=[{"containerPort": 8090}])])
    [finding] = verify_routes.target_groups(service(), described, {GROUP: group()}, {})
    assert finding["value"] == "magiclub-an2p-lotto gets port 8080 of container lotto-api, which does not map it"


def test_targets():
    bad = {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}
    health = [
        {"Target": {"Id": "172.25.10.7", "Port": 8080}, "TargetHealth": bad},
        {"Target": {"Id": "172.25.10.8", "Port": 8080}, "TargetHealth": {"State": "draining"}},
        {"Target": {"Id": "172.25.10.9", "Port": 8080}, "TargetHealth": {"State": "initial"}},
        {"Target": {"Id": "172.25.10.6"}, "TargetHealth": {"State": "unused", "Reason": "Target.NotRegistered"}},
    ]
    assert values(verify_routes.targets(health)) == ["172.25.10.7:8080 is unhealthy, Target.Timeout Request timed out"]


def test_a_target_that_the_load_balancer_does_not_use():
    idle = {"State": "unused", "Reason": "Target.NotInUse", "Description": "Its zone is not enabled"}
    [finding] = verify_routes.targets([{"Target": {"Id": "172.25.10.7", "Port": 80}, "TargetHealth": idle}])
    assert finding["value"] == "172.25.10.7:80 is unused, Target.NotInUse Its zone is not enabled"
    assert "enable their zone on it" in finding["next_step"]


@pytest.mark.parametrize(("everything", "expected"), [(True, ["it is behind rule 1"]), (False, [])])
def test_a_service_that_no_request_reaches(everything, expected):
    found = list(verify_routes.requests(shadowing.Shadowed(everything, "it is behind rule 1", "Give it a priority.")))
    assert values(found) == expected
    assert [finding["next_step"] for finding in found] == ["Give it a priority."] * len(expected)


def rule(paths=(), hosts=()):
    fields = [("path-pattern", "PathPatternConfig", paths), ("host-header", "HostHeaderConfig", hosts)]
    return {
        "Priority": "1",
        "Conditions": [{"Field": field, key: {"Values": list(given)}} for field, key, given in fields if given],
    }


@pytest.mark.parametrize(
    ("rules", "host"),
    [
        ([rule(["/", "/health"])], "lb"),
        ([rule(["/api/*"]), rule(["/he*"])], "lb"),
        ([rule(["/*"], ["shop.example.com"])], "shop.example.com"),
        ([rule([], ["*.example.com", "shop.example.com"])], "shop.example.com"),
        ([rule(["/*"], ["*.example.com"])], None),
        ([rule(["/api/*"])], None),
        ([], None),
    ],
)
def test_health_requests(rules, host):
    found = verify_routes.health_requests("lotto", group(), rules, {"url": "http://1.2.3.4", "headers": {"Host": "lb"}})
    wanted = {"service": "lotto", "url": "http://1.2.3.4/health", "headers": {"Host": host}, "matcher": "200"}
    assert found == ([wanted] if host else [])


def test_a_health_check_by_tcp_is_no_request():
    base = {"url": "http://1.2.3.4", "headers": {}}
    assert verify_routes.health_requests("lotto", group(HealthCheckProtocol="TCP"), [rule()], base) == []


@pytest.mark.parametrize(
    ("status", "matcher", "expected"),
    [
        (200, "200", True),
        (204, "200-299", True),
        (302, "200, 302", True),
        (503, "200-299,302", False),
        (0, "200", False),
    ],
)
def test_matches(status, matcher, expected):
    assert verify_routes.matches(status, matcher) is expected


@pytest.mark.parametrize(("status", "error", "said"), [(503, "", "503"), (0, "timed out", "timed out")])
def test_answers(status, error, said):
    answer = {"url": "http://lb/health", "matcher": "200", "status": status, "error": error}
    assert values(verify_routes.answers([answer])) == [f"http://lb/health answered {said}"]


def test_lines():
    finding = verify.no_service("shop", "c")
    assert verify.lines({"shop": [finding], "lotto": []}, "c", ["a note"]) == [
        "lotto: nothing found that would make a deployment fail.",
        "shop: service: not in cluster c. Only what has been deployed once can be looked at."
        " Run site.yml, or correct service.",
        "a note",
    ]
    assert verify.lines({}, "c", []) == ["Cluster c has no services to look at."]
