# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module fargate_service_delete."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.refused import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import removal
from ansible_collections.magiclub.fargate.plugins.modules import fargate_service_delete

from .aws_stub import ACCOUNT, CLUSTER

ELB = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012"
RULE, GROUP = f"{ELB}:listener-rule/app/front/1/2/3", f"{ELB}:targetgroup/web/1"
REGISTRY = "arn:aws:servicediscovery:ap-northeast-2:123456789012:service/srv-1"
QUEUE = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/web"
REVISION = f"{ACCOUNT}:task-definition/web:1"


def resource(kind, name="web", its_id=None):
    # as a plan has it
    return {"type": kind, "name": name, "id": its_id, "action": "remove", "values": {}}


EVERYTHING = [
    resource("ecr_repository"),
    resource("log_group", "/ecs/web"),
    resource("iam_role", "web-task"),
    resource("sqs_queue"),
    resource("security_group", "web-sg", "sg-1"),
    resource("ecs_task_definition"),
    resource("cloud_map_service", "web.internal", REGISTRY),
    resource("target_group", "web", GROUP),
    resource("listener_rule", "web", RULE),
    resource("ecs_service"),
    resource("schedule"),
    resource("scalable_target", "web", "service/c/web"),
]


def delete(aws, resources, **options):
    return aws.run(fargate_service_delete.main, resources=resources, cluster="c", **options)


def named(result):
    return [one["type"] for one in result["deleted"]]


SERVICE = {"service": "web", "cluster": "c"}
READ = {"cluster": "c", "services": ["web"], "include": ["TAGS"]}
REVISIONS = {"familyPrefix": "web", "sort": "DESC"}
TASK = f"{ACCOUNT}:task/c/1"


def of_service(aws, status):
    service = {"serviceName": "web", "status": status, "clusterArn": CLUSTER, "desiredCount": 0}
    aws.answer("ecs", "describe_services", {"services": [service]}, **READ)


SCALING = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/c/web",
    "ScalableDimension": "ecs:service:DesiredCount",
}


def test_resources_are_deleted_in_reverse_order_of_their_creation(aws):
    result = delete(aws, EVERYTHING, check=True)
    assert (result["changed"], named(result)) == (True, [one["type"] for one in reversed(EVERYTHING)])


def test_each_type_is_deleted_by_its_call(aws):
    aws.answer("application-autoscaling", "deregister_scalable_target", {}, **SCALING)
    aws.answer("scheduler", "delete_schedule", {}, Name="web", GroupName="default")
    aws.answer("elbv2", "delete_rule", {}, RuleArn=RULE)
    aws.answer("elbv2", "delete_target_group", {}, TargetGroupArn=GROUP)
    aws.answer("servicediscovery", "list_instances", {"Instances": []}, ServiceId="srv-1")
    aws.answer("servicediscovery", "delete_service", {}, Id="srv-1")
    aws.answer("ec2", "delete_security_group", {}, GroupId="sg-1")
    aws.answer("sqs", "get_queue_url", {"QueueUrl": QUEUE}, QueueName="web")
    aws.answer("sqs", "delete_queue", {}, QueueUrl=QUEUE)
    attached = {"AttachedPolicies": [{"PolicyName": "p", "PolicyArn": "arn:aws:iam::aws:policy/p"}]}
    aws.answer("iam", "list_attached_role_policies", attached, RoleName="web-task")
    aws.answer("iam", "detach_role_policy", {}, RoleName="web-task", PolicyArn="arn:aws:iam::aws:policy/p")
    aws.answer("iam", "list_role_policies", {"PolicyNames": ["own"]}, RoleName="web-task")
    aws.answer("iam", "delete_role_policy", {}, RoleName="web-task", PolicyName="own")
    aws.answer("iam", "delete_role", {}, RoleName="web-task")
    aws.answer("logs", "delete_log_group", {}, logGroupName="/ecs/web")
    own = [one for one in EVERYTHING if not one["type"].startswith("ec")]
    result = delete(aws, own)
    assert (result["changed"], named(result)) == (True, [one["type"] for one in reversed(own)])


def test_a_service_is_drained_and_its_revisions_are_deleted(aws):
    of_service(aws, "ACTIVE")
    aws.answer(
        "ecs", "delete_service", {"service": {"serviceName": "web", "status": "DRAINING"}}, **SERVICE, force=False
    )
    of_service(aws, "INACTIVE")
    aws.answer("ecs", "list_task_definitions", {"taskDefinitionArns": [REVISION]}, **REVISIONS, status="ACTIVE")
    aws.answer("ecs", "list_task_definitions", {"taskDefinitionArns": []}, **REVISIONS, status="INACTIVE")
    aws.answer("ecs", "list_tasks", {"taskArns": [TASK]}, cluster="c", family="web")
    aws.answer("ecs", "stop_task", {}, cluster="c", task=TASK, reason="web is removed")
    aws.answer("ecs", "deregister_task_definition", {}, taskDefinition=REVISION)
    aws.answer("ecs", "delete_task_definitions", {}, taskDefinitions=[REVISION])
    result = delete(aws, [one for one in EVERYTHING if one["type"].startswith("ecs")])
    assert named(result) == ["ecs_service", "ecs_task_definition"]


@pytest.mark.parametrize("force", [True, False])
def test_a_repository_is_deleted_with_its_images_only_on_request(aws, monkeypatch, force):
    gone = []
    monkeypatch.setattr(
        removal.repository,
        "ensure_absent",
        lambda _client, options, check: gone.append(options) or {"changed": True},
    )
    delete(aws, [resource("ecr_repository")], force=force)
    assert gone == [{"name": "web", "force": force}]


MISSING = [
    ("scalable_target", "application-autoscaling", "deregister_scalable_target", "ObjectNotFoundException", SCALING),
    ("schedule", "scheduler", "delete_schedule", "ResourceNotFoundException", {"Name": "web", "GroupName": "default"}),
    ("listener_rule", "elbv2", "delete_rule", "RuleNotFound", {"RuleArn": RULE}),
    ("security_group", "ec2", "delete_security_group", "InvalidGroup.NotFound", {"GroupId": "sg-1"}),
    ("sqs_queue", "sqs", "get_queue_url", "AWS.SimpleQueueService.NonExistentQueue", {"QueueName": "web"}),
    ("iam_role", "iam", "list_attached_role_policies", "NoSuchEntity", {"RoleName": "web-task"}),
    ("log_group", "logs", "delete_log_group", "ResourceNotFoundException", {"logGroupName": "/ecs/web"}),
    ("target_group", "elbv2", "delete_target_group", "TargetGroupNotFound", {"TargetGroupArn": GROUP}),
    ("cloud_map_service", "servicediscovery", "list_instances", "ServiceNotFound", {"ServiceId": "srv-1"}),
    ("ecs_service", "ecs", "describe_services", "ClusterNotFoundException", READ),
]


@pytest.mark.parametrize(("kind", "service", "operation", "code", "request_"), MISSING, ids=lambda one: str(one)[:20])
def test_a_missing_resource_is_not_an_error(aws, kind, service, operation, code, request_):
    aws.refuse(service, operation, code, **request_)
    if kind == "cloud_map_service":
        aws.refuse(service, "delete_service", code, Id="srv-1")
    result = delete(aws, [one for one in EVERYTHING if one["type"] == kind])
    assert (result["changed"], result["deleted"]) == (False, [])


def test_a_failed_step_is_completed_but_not_followed_by_another(aws):
    denied = "User: arn:aws:sts::123456789012:assumed-role/ci/x is not authorized to perform: logs:DeleteLogGroup"
    aws.refuse("logs", "delete_log_group", "AccessDeniedException", denied, logGroupName="/ecs/web")
    aws.answer("sqs", "get_queue_url", {"QueueUrl": QUEUE}, QueueName="web")
    aws.answer("sqs", "delete_queue", {}, QueueUrl=QUEUE)
    result = delete(aws, [one for one in EVERYTHING if one["type"] in ("log_group", "sqs_queue")])
    assert result["failed"]
    assert result["msg"].startswith("Failed to delete log_group /ecs/web in ap-northeast-2: ")
    assert "logs:DeleteLogGroup" in result["msg"]

    aws.refuse("elbv2", "delete_rule", "AccessDenied", "not authorized", RuleArn=RULE)
    result = delete(aws, [one for one in EVERYTHING if one["type"] in ("listener_rule", "target_group")])
    assert result["msg"].startswith("Failed to delete listener_rule web in ap-northeast-2: ")


BEFORE = [
    # they would start tasks
    ("scalable_target", "ecs_service"),
    ("schedule", "ecs_service"),
    # requests go to the service until it has drained
    ("ecs_service", "listener_rule"),
    ("listener_rule", "target_group"),
    # its tasks are registered instances and use the rest
    ("ecs_service", "cloud_map_service"),
    ("ecs_service", "ecs_task_definition"),
    ("ecs_task_definition", "security_group"),
    *(("security_group", last) for last in ("sqs_queue", "iam_role", "log_group", "ecr_repository")),
]


@pytest.mark.parametrize(("first", "then"), BEFORE)
def test_a_resource_is_deleted_only_after_its_dependents(aws, monkeypatch, first, then):
    def refuse(_place, one):
        raise RefusedError(f"{one['type']} stays")

    gone = []
    for step in removal.STEPS:
        for kind in step:
            monkeypatch.setitem(step, kind, refuse if kind == first else lambda _place, one: gone.append(one) or True)
    result = delete(aws, [resource(then, its_id="x"), resource(first, its_id="x")])
    assert (result["msg"], gone) == (f"{first} stays", [])


def test_services_drain_in_parallel_and_each_may_take_wait_timeout(aws, monkeypatch):
    at_once, seconds = [], []
    monkeypatch.setattr(
        removal, "of_each", lambda keys, fetch, threads: at_once.append(threads) or {key: fetch(key) for key in keys}
    )
    monkeypatch.setattr(
        removal.service, "absent", lambda _calls, wanted: seconds.append(wanted.wait_timeout) or {"changed": True}
    )
    monkeypatch.setattr(removal.Deleting, "all_of", lambda deleting, _types: seconds.append(deleting.seconds) or [])
    delete(aws, [resource("ecs_service"), resource("security_group", "web-sg", "sg-1")], wait_timeout=77)
    assert at_once == [removal.DRAINING if "ecs_service" in step else None for step in removal.STEPS]
    assert seconds == [77, 77]


def test_all_errors_of_a_step_are_reported_with_earlier_deletions(aws):
    aws.answer("scheduler", "delete_schedule", {}, Name="web", GroupName="default")
    some = [resource("schedule"), *(resource("listener_rule", name, f"{RULE}-{name}") for name in ("web", "api"))]
    for one in some[1:]:
        aws.refuse("elbv2", "delete_rule", "OperationNotPermitted", f"no {one['name']}", RuleArn=one["id"])
    result = delete(aws, some)
    assert [line.strip() for line in result["msg"].splitlines()] == [
        f"Failed to delete listener_rule {name} in ap-northeast-2: no {name} (DeleteRule: OperationNotPermitted)."
        for name in ("web", "api")
    ]
    assert (result["changed"], named(result)) == (True, ["schedule"])


def test_an_unexpected_exception_is_reported_as_a_bug(aws, monkeypatch):
    monkeypatch.setattr(removal.repository, "ensure_absent", lambda *_given, **_options: {})
    result = delete(aws, [resource("ecr_repository")])
    assert result["msg"].startswith("Failed to delete the resources of the services: KeyError at ")


def test_an_unknown_type_is_refused(aws):
    result = delete(aws, [resource("vpc")])
    assert result["msg"].startswith("resources: 'vpc' is not a type that is deleted here: scalable_target, schedule, ")
