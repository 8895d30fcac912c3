# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the services in AWS after converge, and an answer of each."""

from __future__ import annotations

import os
import sys
import typing as t
import urllib.request

import boto3

SERVICES = {"plain": 8090, "web": 8080}
UNBALANCED = ("inner", "queue")


def main(prefix: str) -> None:
    ecs, elb = boto3.client("ecs"), boto3.client("elbv2")
    names = [f"{prefix}-{app}" for app in SERVICES]
    cluster = f"{prefix}-ecs"
    services = ecs.describe_services(cluster=cluster, services=names, include=["TAGS"])["services"]
    by_name = {service["serviceName"]: service for service in services}
    groups = {group["TargetGroupName"]: group for group in elb.describe_target_groups()["TargetGroups"]}
    assert set(groups) == set(names)
    for app, port in SERVICES.items():
        service, group = by_name[f"{prefix}-{app}"], groups[f"{prefix}-{app}"]
        assert (service["status"], service["desiredCount"], service["runningCount"]) == ("ACTIVE", 1, 1)
        assert [entry["targetGroupArn"] for entry in service["loadBalancers"]] == [group["TargetGroupArn"]]
        health = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        assert [(entry["Target"]["Port"], entry["TargetHealth"]["State"]) for entry in health] == [(port, "healthy")]
        assert {"key": "ManagedBy", "value": "ansible"} in service["tags"]
    for app in UNBALANCED:
        verify_unbalanced(prefix, app)
    verify_web(by_name[f"{prefix}-web"], groups[f"{prefix}-web"], f"{prefix}-web")
    assert ask(prefix, "/common-licenses/").startswith("<!DOCTYPE HTML>")
    assert ask(prefix, "/etc/hostname").strip()


def verify_unbalanced(prefix: str, app: str) -> None:
    name, cluster, ecs = f"{prefix}-{app}", f"{prefix}-ecs", boto3.client("ecs")
    (service,) = ecs.describe_services(cluster=cluster, services=[name])["services"]
    (deployment,) = service["deployments"]
    assert (service["runningCount"], deployment["rolloutState"], service["loadBalancers"]) == (1, "COMPLETED", [])
    assert len(service["serviceRegistries"]) == (app == "inner")
    definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    (container,) = definition["containerDefinitions"]
    assert [mapping["containerPort"] for mapping in container["portMappings"]] == ([8070] if app == "inner" else [])
    (task,) = ecs.list_tasks(cluster=cluster, serviceName=name)["taskArns"]
    (described,) = ecs.describe_tasks(cluster=cluster, tasks=[task])["tasks"]
    assert described["healthStatus"] == ("UNKNOWN" if app == "inner" else "HEALTHY")
    named = [{"Name": "group-name", "Values": [f"{name}-sg"]}]
    (group,) = boto3.client("ec2").describe_security_groups(Filters=named)["SecurityGroups"]
    opened = [(rule["FromPort"], len(rule["IpRanges"]), rule["UserIdGroupPairs"]) for rule in group["IpPermissions"]]
    assert opened == ([(8070, 1, [])] if app == "inner" else [])


def verify_web(service: dict[str, t.Any], group: dict[str, t.Any], name: str) -> None:
    breaker = service["deploymentConfiguration"]["deploymentCircuitBreaker"]
    alarms = service["deploymentConfiguration"]["alarms"]
    assert alarms == {"alarmNames": ["molecule-web-5xx"], "enable": True, "rollback": True}
    assert (breaker["enable"], breaker["rollback"], service["healthCheckGracePeriodSeconds"]) == (True, True, 30)
    described = boto3.client("ecs").describe_task_definition(taskDefinition=service["taskDefinition"])
    definition = described["taskDefinition"]
    (container,) = definition["containerDefinitions"]
    assert container["environment"] == [{"name": "GREETING", "value": "hello"}]
    assert container["readonlyRootFilesystem"] is True
    assert definition["executionRoleArn"].endswith(f"/{name}-execution")

    elb = boto3.client("elbv2")
    assert (group["HealthCheckIntervalSeconds"], group["Matcher"]["HttpCode"]) == (15, "200")
    attributes = elb.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]
    assert {"Key": "stickiness.enabled", "Value": "true"} in attributes
    listener = elb.describe_listeners(LoadBalancerArn=group["LoadBalancerArns"][0])["Listeners"][0]["ListenerArn"]
    rules = {rule["Priority"]: rule for rule in elb.describe_rules(ListenerArn=listener)["Rules"]}
    assert (len(rules), {"20", "default"} - rules.keys()) == (3, set())
    (condition,) = rules["20"]["Conditions"]
    assert condition["PathPatternConfig"]["Values"] == ["/etc/*"]

    iam = boto3.client("iam")
    assert iam.list_attached_role_policies(RoleName=f"{name}-task")["AttachedPolicies"] == []
    assert iam.list_role_policies(RoleName=f"{name}-task")["PolicyNames"] == ["read-objects"]
    secrets = iam.get_role_policy(RoleName=f"{name}-execution", PolicyName="read-secrets")["PolicyDocument"]
    (statement,) = secrets["Statement"]
    assert (statement["Action"], statement["Resource"].rpartition(":")[2]) == (
        "ssm:GetParameters",
        "parameter/molecule/token",
    )

    groups = boto3.client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{name}-sg"]}])[
        "SecurityGroups"
    ]
    (rule,) = groups[0]["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], len(rule["UserIdGroupPairs"])) == (8080, 8080, 1)
    (log_group,) = boto3.client("logs").describe_log_groups(logGroupNamePrefix=f"/ecs/{name}")["logGroups"]
    assert log_group["retentionInDays"] == 7
    scaling = boto3.client("application-autoscaling")
    scaled = [f"service/{name.removesuffix('-web')}-ecs/{name}"]
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=scaled)["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 3)
    asked = {"ServiceNamespace": "ecs", "ResourceId": scaled[0]}
    policies = scaling.describe_scaling_policies(**asked)["ScalingPolicies"]
    assert {policy["PolicyName"] for policy in policies} == {f"{name}-cpu", f"{name}-requests"}


def ask(prefix: str, path: str) -> str:
    """Return the answer of the load balancer, which the local AWS finds by the Host header."""
    account = boto3.client("sts").get_caller_identity()["Account"]
    host = f"{prefix}-pub-alb.{account}.alb.localhost:80"
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + path, headers={"Host": host})
    with urllib.request.urlopen(request, timeout=10) as response:
        return str(response.read().decode())


if __name__ == "__main__":
    main(sys.argv[1])
