# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import datetime
import json
import urllib.parse

from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import plan, policies, read
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import conditions
from ansible_collections.magiclub.fargate.plugins.modules import fargate_service_info

from tests.unit.plugins.module_utils.service_definitions import ACCOUNT, FULL, PLATFORM, PREFIX, TAGS, service, worker
from tests.unit.plugins.modules.aws_stub import TARGET_GROUP

REGION = "ap-northeast-2"
ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}"
ECS, ELB, LOGS = (ARN.format(name) for name in ("ecs", "elasticloadbalancing", "logs"))
CLUSTER = f"{PREFIX}-ecs"
SERVICE_ARN = f"{ECS}:service/{CLUSTER}/{FULL}"
REVISION = f"{ECS}:task-definition/{FULL}:4"
OLDER = f"{ECS}:task-definition/{FULL}:3"
GROUP = f"{ELB}:targetgroup/{FULL}/73e2"
RULE = f"{ELB}:listener-rule/app/alb/50dc/f2f7/9683"
LISTENER = f"{ELB}:listener/app/alb/50dc/f2f7"
SCALABLE = f"{ARN.format('application-autoscaling')}:scalable-target/0ec4"
DISCOVERY = f"{ARN.format('servicediscovery')}:service/srv-1"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
LOG_GROUP = f"{LOGS}:log-group:/ecs/{FULL}"
BOUNDED = {**PLATFORM, "permissions_boundary": BOUNDARY}
MADE = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
ALL_TAGS = {**TAGS, "Name": FULL}
PAIRS = [{"Key": key, "Value": value} for key, value in ALL_TAGS.items()]
LOWER = [{"key": key, "value": value} for key, value in ALL_TAGS.items()]
DEFINITION = service(environment={"A": "1"}, autoscaling={"min": 1, "max": 3, "requests": 100})
KNOWN = {
    "vpc-1": f"{PREFIX}-vpc",
    "subnet-a": f"{PREFIX}-apps-a1",
    "subnet-c": f"{PREFIX}-apps-c1",
    "sg-alb": f"{PREFIX}-pub-alb-sg",
}
ASKED = {
    "name_prefix": PREFIX,
    "names": ["web"],
    "listener_arn": LISTENER,
    "listener": f"{PREFIX}-pub-alb:443",
    "namespace_id": "ns-1",
    "namespace": "magiclub.internal",
    "known": KNOWN,
}


def described_service(**different):
    deployment = {
        "id": "ecs-svc/1",
        "status": "PRIMARY",
        "taskDefinition": REVISION,
        "desiredCount": 1,
        "runningCount": 1,
        "pendingCount": 0,
        "failedTasks": 0,
        "rolloutState": "COMPLETED",
        "createdAt": MADE,
        "updatedAt": MADE,
    }
    return {
        "serviceArn": SERVICE_ARN,
        "serviceName": FULL,
        "clusterArn": f"{ECS}:cluster/{CLUSTER}",
        "status": "ACTIVE",
        "desiredCount": 1,
        "runningCount": 1,
        "pendingCount": 0,
        "taskDefinition": REVISION,
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
        "platformVersion": "LATEST",
        "platformFamily": "Linux",
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "strategy": "ROLLING",
        },
        "deploymentController": {"type": "ECS"},
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": ["subnet-c", "subnet-a"],
                "securityGroups": ["sg-web"],
                "assignPublicIp": "DISABLED",
            }
        },
        "loadBalancers": [{"targetGroupArn": GROUP, "containerName": "web", "containerPort": 8080}],
        "serviceRegistries": [{"registryArn": DISCOVERY}],
        "healthCheckGracePeriodSeconds": 30,
        "availabilityZoneRebalancing": "ENABLED",
        "enableExecuteCommand": False,
        "enableECSManagedTags": True,
        "propagateTags": "SERVICE",
        "schedulingStrategy": "REPLICA",
        "createdAt": MADE,
        "deployments": [deployment],
        "events": [],
        "tags": LOWER,
        **different,
    }


def described_definition(arn=REVISION, **different):
    main = {
        "name": "web",
        "image": "registry.example/web:1",
        "cpu": 0,
        "essential": True,
        "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        "environment": [{"name": "A", "value": "1"}],
        "mountPoints": [],
        "volumesFrom": [],
        "linuxParameters": {"initProcessEnabled": True},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": f"/ecs/{FULL}",
                "awslogs-region": REGION,
                "awslogs-stream-prefix": "web",
            },
        },
        "systemControls": [],
        **different,
    }
    return {
        "taskDefinitionArn": arn,
        "family": FULL,
        "revision": int(arn.rpartition(":")[2]),
        "status": "ACTIVE",
        "containerDefinitions": [main],
        "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{FULL}-task",
        "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-ecs-execution",
        "networkMode": "awsvpc",
        "volumes": [],
        "placementConstraints": [],
        "compatibilities": ["EC2", "FARGATE"],
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        "requiresAttributes": [{"name": "com.amazonaws.ecs.capability.docker-remote-api.1.18"}],
        "registeredAt": MADE,
        "registeredBy": "arn:aws:iam::123456789012:user/x",
    }


def definition(aws, name, found):
    answer = {"taskDefinition": found, "tags": LOWER}
    aws.answer("ecs", "describe_task_definition", answer, taskDefinition=name, include=["TAGS"])


def role(aws):
    trust = urllib.parse.quote(json.dumps(policies.trust_policy(PLATFORM)))
    found = {
        "Path": "/",
        "RoleName": f"{FULL}-task",
        "RoleId": "AROAEXAMPLEEXAMPLE",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{FULL}-task",
        "CreateDate": MADE,
        "AssumeRolePolicyDocument": trust,
        "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": BOUNDARY},
        "Tags": PAIRS,
    }
    aws.answer("iam", "get_role", {"Role": found}, RoleName=f"{FULL}-task")
    aws.answer("iam", "list_role_policies", {"PolicyNames": []}, RoleName=f"{FULL}-task")
    aws.answer("iam", "list_attached_role_policies", {"AttachedPolicies": []}, RoleName=f"{FULL}-task")
    no_roles(aws, "execution", "shift", "connect", "schedule")


def no_roles(aws, *suffixes):
    for suffix in suffixes:
        aws.refuse("iam", "get_role", "NoSuchEntity", RoleName=f"{FULL}-{suffix}")


def load_balancing(aws, health="healthy"):
    group = {**TARGET_GROUP, "TargetGroupArn": GROUP, "TargetGroupName": FULL, "HealthCheckPath": "/"}
    rule = {
        "RuleArn": RULE,
        "Priority": "1",
        "IsDefault": False,
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}, "Values": ["/*"]}],
        "Actions": [{"Type": "forward", "TargetGroupArn": GROUP}],
    }
    default = {"RuleArn": "arn:default", "Priority": "default", "IsDefault": True, "Actions": []}
    other = {**group, "TargetGroupName": "somebody-else", "TargetGroupArn": "arn:other"}
    aws.answer("elbv2", "describe_target_groups", {"TargetGroups": [other, group]}, PageSize=400)
    aws.answer("elbv2", "describe_rules", {"Rules": [rule, default]}, ListenerArn=LISTENER)
    tags = [{"ResourceArn": arn, "Tags": PAIRS} for arn in (GROUP, RULE)]
    aws.answer("elbv2", "describe_tags", {"TagDescriptions": tags}, ResourceArns=[GROUP, RULE])
    attributes = {
        "deregistration_delay.timeout_seconds": "30",
        "slow_start.duration_seconds": "0",
        "stickiness.enabled": "false",
    }
    aws.answer(
        "elbv2",
        "describe_target_group_attributes",
        {"Attributes": [{"Key": key, "Value": value} for key, value in attributes.items()]},
        TargetGroupArn=GROUP,
    )
    target = {"Target": {"Id": "172.25.128.7", "Port": 8080}, "TargetHealth": {"State": health}}
    aws.answer("elbv2", "describe_target_health", {"TargetHealthDescriptions": [target]}, TargetGroupArn=GROUP)


def neither_job_nor_queue(aws):
    aws.answer("scheduler", "list_schedules", {"Schedules": []}, GroupName="default", NamePrefix=FULL)
    aws.answer("sqs", "list_queues", {}, QueueNamePrefix=FULL)


def surroundings(aws, *callers, rules=None, registered=True):
    neither_job_nor_queue(aws)
    group = {"logGroupName": f"/ecs/{FULL}", "arn": f"{LOG_GROUP}:*", "retentionInDays": 30}
    longer = {**group, "logGroupName": f"/ecs/{FULL}-2", "arn": "arn:longer"}
    aws.answer("logs", "describe_log_groups", {"logGroups": [group, longer]}, logGroupNamePrefix=f"/ecs/{FULL}")
    aws.answer("logs", "list_tags_for_resource", {"tags": ALL_TAGS}, resourceArn=LOG_GROUP)
    opened = [
        {
            "IpProtocol": "tcp",
            "FromPort": 8080,
            "ToPort": 8080,
            "UserIdGroupPairs": [{"GroupId": group, "UserId": ACCOUNT} for group in ("sg-alb", *callers)],
        }
    ]
    aws.answer(
        "ec2",
        "describe_security_groups",
        {
            "SecurityGroups": [
                {
                    "GroupId": "sg-web",
                    "GroupName": f"{FULL}-sg",
                    "IpPermissions": opened if rules is None else rules,
                    "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
                    "Tags": [*PAIRS[:-1], {"Key": "Name", "Value": f"{FULL}-sg"}],
                }
            ]
        },
        Filters=[{"Name": "group-name", "Values": [f"{FULL}-sg"]}],
    )
    found = {
        "Id": "srv-1",
        "Arn": DISCOVERY,
        "Name": "web",
        "DnsConfig": {"RoutingPolicy": "MULTIVALUE", "DnsRecords": [{"Type": "A", "TTL": 15}]},
        "HealthCheckCustomConfig": {"FailureThreshold": 1},
    }
    filters = [{"Name": "NAMESPACE_ID", "Values": ["ns-1"], "Condition": "EQ"}]
    aws.answer("servicediscovery", "list_services", {"Services": [found] if registered else []}, Filters=filters)
    if registered:
        aws.answer("servicediscovery", "list_tags_for_resource", {"Tags": PAIRS}, ResourceARN=DISCOVERY)


def scaling(aws):
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{CLUSTER}/{FULL}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    described = {
        **target,
        "MinCapacity": 1,
        "MaxCapacity": 3,
        "RoleARN": "arn:role",
        "CreationTime": MADE,
        "ScalableTargetARN": SCALABLE,
    }
    policy = {
        **target,
        "PolicyARN": "arn:policy",
        "PolicyName": f"{FULL}-requests",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 100.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "ALBRequestCountPerTarget",
                "ResourceLabel": f"app/{PREFIX}-pub-alb/50dc/targetgroup/{FULL}/73e2",
            },
            "ScaleInCooldown": 300,
            "ScaleOutCooldown": 60,
            "DisableScaleIn": False,
        },
        "CreationTime": MADE,
    }
    aws.answer(
        "application-autoscaling",
        "describe_scalable_targets",
        {"ScalableTargets": [described]},
        ServiceNamespace="ecs",
        ResourceIds=[target["ResourceId"]],
        ScalableDimension=target["ScalableDimension"],
    )
    aws.answer("application-autoscaling", "describe_scaling_policies", {"ScalingPolicies": [policy]}, **target)
    aws.answer("application-autoscaling", "describe_scheduled_actions", {"ScheduledActions": []}, **target)
    aws.answer("application-autoscaling", "list_tags_for_resource", {"Tags": ALL_TAGS}, ResourceARN=SCALABLE)


def ecs(aws, *services, newest=None, failures=()):
    aws.answer(
        "ecs",
        "describe_services",
        {"services": list(services), "failures": list(failures)},
        cluster=CLUSTER,
        services=[FULL],
        include=["TAGS"],
    )
    if newest:
        definition(aws, FULL, newest)
    else:
        no_definition(aws)


def no_definition(aws):
    message = "Unable to describe task definition."
    given = {"taskDefinition": FULL, "include": ["TAGS"]}
    aws.refuse("ecs", "describe_task_definition", "ClientException", message, **given)


def no_services(aws, code):
    aws.refuse("ecs", "describe_services", code, cluster=CLUSTER, services=[FULL], include=["TAGS"])
    no_definition(aws)


def no_scaling(aws):
    aws.answer(
        "application-autoscaling",
        "describe_scalable_targets",
        {"ScalableTargets": []},
        ServiceNamespace="ecs",
        ResourceIds=[f"service/{CLUSTER}/{FULL}"],
        ScalableDimension="ecs:service:DesiredCount",
    )


def everything(aws, *callers, health="healthy", image="registry.example/web:1", **different):
    ecs(aws, described_service(**different), newest=described_definition(image=image))
    role(aws)
    load_balancing(aws, health)
    surroundings(aws, *callers)
    scaling(aws)


def test_a_service_as_desired_has_an_empty_plan_and_is_steady(aws):
    everything(aws)

    result = aws.run(fargate_service_info.main, **ASKED)

    both = plan.compared([DEFINITION], BOUNDED, result)
    assert compare.changes(both["desired"], both["found"]) == []
    assert len(both["desired"]) == 10
    found = result["services"]["web"]
    assert (found["steady"], result["steady"], found["deployment"]["id"]) == (True, True, "ecs-svc/1")
    assert (found["image"], found["target_group"]["arn"]) == ("registry.example/web:1", GROUP)
    assert found["targets"] == [{"address": "172.25.128.7", "port": 8080, "state": "healthy", "reason": None}]
    every_path = {**conditions.canonical({"paths": ["/*"]}), "other_conditions": [], "target_group_arn": GROUP}
    assert found["rules"] == [{"arn": RULE, "name": FULL, "priority": 1, **every_path}]
    assert result["rules"] == found["rules"]


def test_a_worker_as_desired_has_an_empty_plan_without_target_group_and_rule(aws):
    described = described_service(loadBalancers=[], serviceRegistries=[], healthCheckGracePeriodSeconds=0)
    ecs(aws, described, newest=described_definition(portMappings=[]))
    role(aws)
    aws.answer("elbv2", "describe_target_groups", {"TargetGroups": []}, PageSize=400)
    surroundings(aws, rules=[], registered=False)
    no_scaling(aws)

    result = aws.run(fargate_service_info.main, **{**ASKED, "listener_arn": None})

    both = plan.compared([worker(environment={"A": "1"})], BOUNDED, result)
    assert compare.changes(both["desired"], both["found"]) == []
    found = result["services"]["web"]
    assert (found["steady"], found["image"]) == (True, "registry.example/web:1")
    assert (found["target_group"], found["rules"], found["targets"], result["rules"]) == (None, [], [], [])


def test_a_services_group_in_allow_from_is_compared_by_id(aws):
    everything(aws, "sg-web")

    result = aws.run(fargate_service_info.main, **ASKED)

    both = plan.compared([{**DEFINITION, "allow_from": ["sg-web"]}], BOUNDED, result)
    assert compare.changes(both["desired"], both["found"]) == []


def test_the_load_balancers_group_in_allow_from_is_compared_by_name(aws):
    everything(aws)

    result = aws.run(fargate_service_info.main, **ASKED)

    both = plan.compared([{**DEFINITION, "allow_from": ["sg-alb"]}], BOUNDED, result)
    assert compare.changes(both["desired"], both["found"]) == []


def test_a_service_whose_target_is_not_healthy_is_not_steady(aws):
    everything(aws, health="unhealthy")

    assert aws.run(fargate_service_info.main, **ASKED)["steady"] is False


def test_references_to_foreign_resources_stay_ids_and_show_as_drift(aws):
    network = {
        "awsvpcConfiguration": {
            "subnets": ["subnet-x"],
            "securityGroups": ["sg-x"],
            "assignPublicIp": "ENABLED",
        }
    }
    everything(aws, networkConfiguration=network, desiredCount=2)

    result = aws.run(fargate_service_info.main, **ASKED)

    both = plan.compared([service(environment={"A": "1"}, autoscaling=DEFINITION["autoscaling"])], BOUNDED, result)
    (change,) = compare.changes(both["desired"], both["found"])
    assert {field["path"]: field["before"] for field in change["fields"]} == {
        "network.subnets": ["subnet-x"],
        "network.security_groups": ["sg-x"],
        "network.assign_public_ip": True,
    }


def test_a_rolled_back_service_has_both_its_revision_and_the_newest(aws):
    everything(aws, taskDefinition=OLDER)
    definition(aws, OLDER, described_definition(OLDER, image="registry.example/web:0"))

    result = aws.run(fargate_service_info.main, **ASKED)

    found = result["services"]["web"]
    assert [each["revision"] for each in found["task_definitions"]] == [f"{FULL}:3", f"{FULL}:4"]
    assert found["image"] == "registry.example/web:0"
    both = plan.compared([DEFINITION], BOUNDED, result)
    (change,) = compare.changes(both["desired"], both["found"])
    assert change["fields"] == [{"path": "task_definition", "before": f"{FULL}:3", "after": f"{FULL}:4"}]


def nothing_around(aws):
    aws.answer("elbv2", "describe_target_groups", {"TargetGroups": []}, PageSize=400)
    no_roles(aws, "task", "execution", "shift", "connect", "schedule")
    aws.answer("logs", "describe_log_groups", {"logGroups": []}, logGroupNamePrefix=f"/ecs/{FULL}")
    filters = [{"Name": "group-name", "Values": [f"{FULL}-sg"]}]
    aws.answer("ec2", "describe_security_groups", {"SecurityGroups": []}, Filters=filters)
    neither_job_nor_queue(aws)
    no_scaling(aws)


def test_an_empty_account_without_lower_layers_is_no_failure(aws):
    no_services(aws, "ClusterNotFoundException")
    nothing_around(aws)

    result = aws.run(fargate_service_info.main, name_prefix=PREFIX, names=["web"])

    assert (result["resources"], result["steady"], result["services"]["web"]["service"]) == ([], False, None)
    both = plan.compared([DEFINITION], BOUNDED, result)
    assert {change["action"] for change in compare.changes(both["desired"], both["found"])} == {"add"}


def test_draining_services_and_deregistered_revisions_can_only_be_removed(aws):
    ecs(aws, described_service(status="DRAINING", loadBalancers=[], deployments=[]))
    arns = [OLDER, REVISION.replace(FULL, f"{FULL}-2")]
    aws.answer("ecs", "list_task_definitions", {"taskDefinitionArns": arns}, familyPrefix=FULL, status="INACTIVE")
    definition(aws, REVISION, {**described_definition(), "status": "INACTIVE"})
    nothing_around(aws)

    result = aws.run(fargate_service_info.main, name_prefix=PREFIX, names=["web"], inactive_revisions=True)

    found = result["services"]["web"]
    assert (found["service"], found["steady"]) == (None, False)
    assert [entry["type"] for entry in result["resources"]] == ["ecs_service", "ecs_task_definition"]


REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"


def look_up(aws, tag, code=None):
    wanted = {"registryId": ACCOUNT, "repositoryName": "web", "imageIds": [{"imageTag": tag}]}
    if code:
        aws.refuse("ecr", "describe_images", code, **wanted)
    else:
        aws.answer("ecr", "describe_images", {"imageDetails": [{"imageDigest": f"sha256:{'0' * 64}"}]}, **wanted)


def test_images_missing_in_ecr_are_listed(aws):
    everything(aws)
    look_up(aws, "forbidden", "AccessDeniedException")
    look_up(aws, "gone", "ImageNotFoundException")
    look_up(aws, "there")
    tags = ("gone", "there", "forbidden")

    result = aws.run(
        fargate_service_info.main,
        images=["registry.example/web:1", "nginx:1", *(f"{REGISTRY}/web:{tag}" for tag in tags)],
        **ASKED,
    )

    assert result["missing_images"] == [f"{REGISTRY}/web:gone"]


def test_a_running_image_is_not_looked_up(aws):
    runs = f"{REGISTRY}/web:runs"
    everything(aws, image=runs)

    assert aws.run(fargate_service_info.main, images=[runs], **ASKED)["missing_images"] == []


def test_an_error_names_what_could_not_be_read(aws):
    no_services(aws, "AccessDeniedException")
    nothing_around(aws)

    result = aws.run(fargate_service_info.main, name_prefix=PREFIX, names=["web"])

    assert result["msg"].startswith(f"Failed to read the services in {REGION}: ")


def test_a_schedule_that_starts_no_task_has_no_task_definition_to_read():
    schedule = {"Name": FULL, "Target": {"Arn": f"arn:aws:lambda:ap-northeast-2:{ACCOUNT}:function:web"}}
    first = {"target_groups": [], "rules": [], "other_rules": {}, "newest": {}, "services": [], "schedules": [schedule]}
    assert read._second(None, None, first)["running"] == {}
