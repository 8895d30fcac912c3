# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module fargate_verify_info: its calls to AWS, a real request, and the findings."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
import urllib.parse

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import api
from ansible_collections.magiclub.fargate.plugins.modules import fargate_verify_info

from tests.unit.plugins.modules.aws_stub import TARGET_GROUP

ACCOUNT = "123456789012"
CLUSTER, NAME = "magiclub-an2p-ecs", "magiclub-an2p-lotto"
ARN = f"arn:aws:{{}}:ap-northeast-2:{ACCOUNT}"
ECS, ELB = ARN.format("ecs"), ARN.format("elasticloadbalancing")
DEFINITION = f"{ECS}:task-definition/{NAME}:4"
GROUP, BALANCER = f"{ELB}:targetgroup/{NAME}/73e2", f"{ELB}:loadbalancer/app/magiclub-an2p-pub-alb/50dc"
LISTENER = f"{ELB}:listener/app/magiclub-an2p-pub-alb/50dc/f2f7"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/magiclub-an2p-ecs-execution"
SECRET = f"{ARN.format('secretsmanager')}:secret:lotto-Ab12Cd"
DIGEST, CONFIG = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
REGISTRY = f"{ACCOUNT}.dkr.ecr.ap-northeast-2.amazonaws.com"
IMAGE = f"{REGISTRY}/{NAME}@{DIGEST}"
TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
HOST = f"magiclub-an2p-pub-alb.{ACCOUNT}.alb.localhost:80"
FINE = f"{NAME}: nothing found that would make a deployment fail."


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the health path of a load balancer and the config of an image."""

    def do_GET(self):
        self.server.requests.append((self.path, self.headers["Host"]))
        known = {"/health": self.server.status, "/config": 200}
        self.send_response(known.get(self.path, 404))
        if self.path == "/health" and 300 <= self.server.status < 400:
            self.send_header("Location", "/elsewhere")
        body = json.dumps({"os": "linux", "architecture": "amd64"}).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        served.requests, served.status = [], 200
        served.url = f"http://127.0.0.1:{served.server_port}"
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def caller(aws, times=1):
    for _ in range(times):
        aws.answer("sts", "get_caller_identity", {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/ci"})


def service(aws, running=1):
    network = {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}
    found = {
        "serviceName": NAME,
        "status": "ACTIVE",
        "runningCount": running,
        "taskDefinition": DEFINITION,
        "networkConfiguration": {"awsvpcConfiguration": network},
        "loadBalancers": [{"targetGroupArn": GROUP, "containerName": "lotto-api", "containerPort": 8080}],
    }
    aws.answer("ecs", "describe_services", {"services": [found], "failures": []}, cluster=CLUSTER, services=[NAME])
    options = {"awslogs-group": f"/ecs/{NAME}", "awslogs-region": "ap-northeast-2", "awslogs-stream-prefix": "ecs"}
    container = {
        "name": "lotto-api",
        "image": IMAGE,
        "portMappings": [{"containerPort": 8080}],
        "secrets": [{"name": "KEY", "valueFrom": SECRET}],
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    definition = {
        "taskDefinitionArn": DEFINITION,
        "networkMode": "awsvpc",
        "executionRoleArn": ROLE,
        "runtimePlatform": {"cpuArchitecture": "X86_64"},
        "containerDefinitions": [container],
    }
    aws.answer("ecs", "describe_task_definition", {"taskDefinition": definition}, taskDefinition=DEFINITION)


def image(aws, url, **reference):
    registry = {"registryId": ACCOUNT, "repositoryName": NAME}
    details = {"imageDetails": [{"imageDigest": DIGEST}]}
    aws.answer("ecr", "describe_images", details, **registry, imageIds=[reference or {"imageDigest": DIGEST}])
    manifest = json.dumps({"config": {"digest": CONFIG}})
    aws.answer(
        "ecr",
        "batch_get_image",
        {"images": [{"imageManifest": manifest}]},
        **registry,
        imageIds=[{"imageDigest": DIGEST}],
        acceptedMediaTypes=list(api.MANIFESTS),
    )
    layer = {"downloadUrl": f"{url}/config"}
    aws.answer("ecr", "get_download_url_for_layer", layer, **registry, layerDigest=CONFIG)


def simulated(aws, decision, who, action, resource, **context):
    """Answer with IAM's decision; None if the caller may not read it."""
    entries = [
        {"ContextKeyName": f"iam:{key}", "ContextKeyValues": [value], "ContextKeyType": "string"}
        for key, value in context.items()
    ]
    given = {"PolicySourceArn": who, "ActionNames": [action], "ResourceArns": [resource], "ContextEntries": entries}
    if decision:
        answer = {"EvaluationResults": [{"EvalActionName": action, "EvalDecision": decision}]}
        aws.answer("iam", "simulate_principal_policy", answer, **given)
    else:
        aws.refuse("iam", "simulate_principal_policy", "AccessDenied", **given)


def reads(aws, decision):
    simulated(aws, decision, ROLE, "secretsmanager:GetSecretValue", SECRET)


def passes(aws, decision, who=f"arn:aws:iam::{ACCOUNT}:user/ci"):
    simulated(aws, decision, who, "iam:PassRole", ROLE, PassedToService="ecs-tasks.amazonaws.com")


def rights(aws, read="allowed", passed="allowed"):
    aws.answer("secretsmanager", "describe_secret", {"ARN": SECRET}, SecretId=SECRET)
    reads(aws, read)
    role = {
        "Path": "/",
        "RoleName": "magiclub-an2p-ecs-execution",
        "RoleId": "AROAEXAMPLEEXAMPLE",
        "Arn": ROLE,
        "CreateDate": 0,
        "AssumeRolePolicyDocument": urllib.parse.quote(json.dumps(TRUST)),
    }
    aws.answer("iam", "get_role", {"Role": role}, RoleName="magiclub-an2p-ecs-execution")
    passes(aws, passed)


def network(aws):
    by_id, by_vpc = (
        {"Filters": [{"Name": key, "Values": [value]}]}
        for key, value in (("subnet-id", "subnet-1"), ("vpc-id", "vpc-1"))
    )
    aws.answer("ec2", "describe_subnets", {"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1"}]}, **by_id)
    route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
    table = {"VpcId": "vpc-1", "Routes": [route], "Associations": [{"Main": True}]}
    aws.answer("ec2", "describe_route_tables", {"RouteTables": [table]}, **by_vpc)
    aws.answer("ec2", "describe_vpc_endpoints", {"VpcEndpoints": []}, **by_vpc)


def paths(values):
    """The conditions of a rule, as DescribeRules returns them."""
    return [{"Field": "path-pattern", "Values": values, "PathPatternConfig": {"Values": values}}]


def load_balancing(aws, state="healthy", front=(), own=("/*",)):
    named = {"TargetGroupName": NAME, "TargetGroupArn": GROUP, "LoadBalancerArns": [BALANCER]}
    group = {**TARGET_GROUP, **named, "Matcher": {"HttpCode": "200-204"}}
    aws.answer("elbv2", "describe_target_groups", {"TargetGroups": [group]}, TargetGroupArns=[GROUP])
    health = [{"Target": {"Id": "172.25.10.7", "Port": 8080}, "TargetHealth": {"State": state}}]
    aws.answer("elbv2", "describe_target_health", {"TargetHealthDescriptions": health}, TargetGroupArn=GROUP)
    listener = {"ListenerArn": LISTENER, "Port": 80, "Protocol": "HTTP"}
    aws.answer("elbv2", "describe_listeners", {"Listeners": [listener]}, LoadBalancerArn=BALANCER)
    balancer = {"LoadBalancerArn": BALANCER, "LoadBalancerName": "magiclub-an2p-pub-alb", "DNSName": "lb.example.com"}
    aws.answer("elbv2", "describe_load_balancers", {"LoadBalancers": [balancer]}, LoadBalancerArns=[BALANCER])
    rule = {"Priority": "9", "Conditions": paths(list(own)), "Actions": [{"Type": "forward", "TargetGroupArn": GROUP}]}
    aws.answer("elbv2", "describe_rules", {"Rules": [*front, rule]}, ListenerArn=LISTENER)


def log_group(aws, *names):
    found = [{"logGroupName": name} for name in names]
    aws.answer("logs", "describe_log_groups", {"logGroups": found}, logGroupNamePrefix=f"/ecs/{NAME}")


def healthy(aws, server=None, running=1, **balanced):
    """Answer for a service with everything it needs; its image is that of I(server), if given."""
    caller(aws, 2)
    service(aws, running)
    if server:
        image(aws, server.url)
    rights(aws)
    network(aws)
    log_group(aws, f"/ecs/{NAME}")
    load_balancing(aws, **balanced)


def verify(aws, url, **different):
    given = {"cluster": CLUSTER, "services": [NAME], "local_endpoint": url, **different}
    return aws.run(fargate_verify_info.main, **given)


def test_a_service_with_everything_it_needs(aws, server):
    healthy(aws, server)

    result = verify(aws, server.url)

    assert (result["changed"], result["findings"], result["notes"]) == (False, [], [])
    assert result["lines"] == [FINE]
    assert server.requests == [("/config", server.url.removeprefix("http://")), ("/health", HOST)]


@pytest.mark.parametrize(("status", "fine"), [(204, True), (302, False), (503, False)])
def test_the_response_is_evaluated_as_by_the_health_check(aws, server, status, fine):
    healthy(aws, server)
    server.status = status

    found = verify(aws, server.url)["findings"]

    assert [item["value"] for item in found] == ([] if fine else [f"{server.url}/health answered {status}"])
    assert [path for path, _ in server.requests] == ["/config", "/health"], "it follows no redirect"


def test_all_problems_are_found_at_once(aws, server):
    caller(aws, 2)
    service(aws)
    wanted = {"registryId": ACCOUNT, "repositoryName": NAME, "imageIds": [{"imageTag": "next"}]}
    aws.refuse("ecr", "describe_images", "ImageNotFoundException", **wanted)
    rights(aws, read="implicitDeny", passed="explicitDeny")
    network(aws)
    log_group(aws)
    load_balancing(aws, state="unhealthy")
    server.status = 500
    candidate = f"{REGISTRY}/{NAME}:next"

    result = verify(aws, server.url, image=candidate)

    assert [(item["what"], item["value"]) for item in result["findings"]] == [
        ("image", candidate),
        ("execution role", f"magiclub-an2p-ecs-execution may not secretsmanager:GetSecretValue {SECRET}"),
        ("executionRoleArn", "magiclub-an2p-ecs-execution may not be passed by the caller"),
        ("log group", f"/ecs/{NAME}"),
        ("target", "172.25.10.7:8080 is unhealthy,"),
        ("health path", f"{server.url}/health answered 500"),
    ]
    assert {item["service"] for item in result["findings"]} == {NAME}
    assert result["lines"][0] == (
        f"{NAME}: image: {candidate}. ECS pulls the image for each new task, and ECR has no such image."
        " Push it, or name one that is there."
    )


@pytest.mark.parametrize(
    ("own", "path", "finding", "note"),
    [
        (["/x", "/y"], "/*", "it is behind rule 3 (/* to old), which takes all its requests", None),
        (
            ["/x", "/y"],
            "/x",
            None,
            f"{NAME}: rule 3 (/x to old) in front takes /x of its requests."
            " Give it a rule.priority below 3, if that is not meant.",
        ),
        (["/*"], "/x", None, None),
    ],
)
def test_a_shadowing_rule_is_found(aws, server, own, path, finding, note):
    to = [{"Type": "forward", "TargetGroupArn": GROUP.replace(NAME, "old")}]
    healthy(aws, server, own=own, front=[{"Priority": "3", "Conditions": paths([path]), "Actions": to}])

    result = verify(aws, server.url)

    assert [item["value"] for item in result["findings"]] == ([finding] if finding else [])
    assert result["notes"] == ([note] if note else [])


def test_without_running_tasks_no_request_is_sent(aws, server):
    healthy(aws, server, running=0)

    assert verify(aws, server.url)["lines"] == [FINE]
    assert [path for path, _ in server.requests] == ["/config"]


def test_checks_that_are_denied_are_noted_once(aws, server):
    caller(aws, 2)
    service(aws)
    image(aws, server.url)
    aws.refuse("secretsmanager", "describe_secret", "AccessDeniedException", SecretId=SECRET)
    reads(aws, None)
    aws.refuse("iam", "list_role_policies", "AccessDenied", RoleName="magiclub-an2p-ecs-execution")
    aws.refuse("iam", "get_role", "AccessDenied", RoleName="magiclub-an2p-ecs-execution")
    passes(aws, None)
    network(aws)
    log_group(aws, f"/ecs/{NAME}")
    load_balancing(aws)

    result = verify(aws, server.url)

    assert result["findings"] == []
    assert result["notes"] == [
        "Whether ci may iam:PassRole is not known: allow iam:SimulatePrincipalPolicy to see it.",
        "Whether magiclub-an2p-ecs-execution may secretsmanager:GetSecretValue is not known:"
        " allow iam:SimulatePrincipalPolicy to see it.",
    ]
    assert result["lines"] == [FINE, *result["notes"]]


def test_a_missing_service_is_a_finding(aws):
    caller(aws)
    aws.answer("ecs", "describe_services", {"services": [], "failures": []}, cluster=CLUSTER, services=["shop"])

    result = aws.run(fargate_verify_info.main, cluster=CLUSTER, services=["shop"])

    assert result["lines"] == [
        f"shop: service: not in cluster {CLUSTER}. Only what has been deployed once can be looked at."
        " Run site.yml, or correct service."
    ]


def test_a_cluster_without_services_is_reported(aws):
    caller(aws)
    aws.answer("ecs", "list_services", {"serviceArns": []}, cluster=CLUSTER)

    result = aws.run(fargate_verify_info.main, cluster=CLUSTER)

    assert (result["findings"], result["lines"]) == ([], [f"Cluster {CLUSTER} has no services to look at."])


@pytest.mark.parametrize(
    ("candidate", "sentence"),
    [
        (
            f"{REGISTRY}/{NAME}:a b",
            f"Image '{REGISTRY}/{NAME}:a b' has a bad tag: at most 128 letters, digits, '_', '.' and '-'.",
        ),
        (
            f"{REGISTRY}/{NAME}:broken",
            "Failed to check the services of magiclub-an2p-ecs in ap-northeast-2: no (DescribeImages: Invalid",
        ),
    ],
)
def test_an_image_that_cannot_be_looked_up_is_an_error(monkeypatch, aws, candidate, sentence):
    monkeypatch.setattr(aws, "assert_all_called", lambda: None)
    healthy(aws)
    wanted = {"registryId": ACCOUNT, "repositoryName": NAME, "imageIds": [{"imageTag": "broken"}]}
    aws.refuse("ecr", "describe_images", "InvalidParameterException", **wanted)

    assert verify(aws, "http://127.0.0.1:9", image=candidate)["msg"].startswith(sentence)


def test_an_error_of_aws_is_reported_with_what_failed(aws):
    caller(aws)
    aws.refuse("ecs", "describe_services", "ClusterNotFoundException", cluster=CLUSTER, services=[NAME])

    result = verify(aws, "")

    assert result["msg"].startswith(f"Failed to check the services of {CLUSTER} in ap-northeast-2: ")


def test_a_refused_connection_is_no_response_with_the_reason():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        status, error = fargate_verify_info.requester(5)(f"http://127.0.0.1:{taken.getsockname()[1]}/", {})
    assert status == 0
    assert "Connection refused" in error


def test_a_response_that_is_not_http_is_no_response():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def answer():
            connection, _ = other.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")

        answering = threading.Thread(target=answer)
        answering.start()
        status, error = fargate_verify_info.requester(5)(f"http://127.0.0.1:{other.getsockname()[1]}/", {})
        answering.join()
    assert (status, error) == (0, "no HTTP (BadStatusLine: SSH-2.0-OpenSSH_9.6)")


def test_an_invalid_url_is_no_response():
    status, error = fargate_verify_info.requester(5)("http://127.0.0.1:80/a b", {})
    assert status == 0
    assert error.startswith("no HTTP (InvalidURL: ")


def test_a_slow_response_is_no_response():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        begun = time.monotonic()
        status, error = fargate_verify_info.requester(0.05)(f"http://127.0.0.1:{silent.getsockname()[1]}/", {})
    assert (status, error) == (0, "timed out")
    assert time.monotonic() - begun < 5, "open_url's own timeout is 10 s"
