# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The queue of a worker, and the metrics by which it scales: desired, sent and found."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    arguments,
    deploying,
    desired,
    obstacles,
    queue,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import scaling as scaled_by
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.names import Names
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.autoscaling import decide
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.sqs import api
from ansible_collections.magiclub.fargate.plugins.modules import application_autoscaling_target

from tests.unit.plugins.module_utils.service_definitions import ACCOUNT, FULL, PLATFORM, PREFIX, TAGS, worker

SQS = f"arn:aws:sqs:ap-northeast-2:{ACCOUNT}"
URL = f"https://sqs.ap-northeast-2.amazonaws.com/{ACCOUNT}"
THEIRS = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:theirs.fifo"
JOB = {"cron": "0 2 * * ? *", "dead_letter": "failed"}
METRIC = {"name": "lag", "namespace": "shop", "metric": "lag", "dimensions": {"Topic": 7}, "target": 100}


def made(**given: t.Any) -> dict[tuple[str, str], dict[str, t.Any]]:
    resources = desired.resources(worker(**given), PLATFORM, {})
    return {(resource["type"], resource["name"]): resource["values"] for resource in resources}


def test_a_queue_comes_before_the_role_and_the_task_that_use_it():
    resources = made(queue={})
    assert list(resources)[:3] == [("log_group", f"/ecs/{FULL}"), ("sqs_queue", FULL), ("iam_role", f"{FULL}-task")]
    assert resources["sqs_queue", FULL] == {
        "visibility": 30,
        "retention": 345600,
        "redrive": {},
        "tags": {**TAGS, "Name": FULL},
    }
    (statement,) = resources["iam_role", f"{FULL}-task"]["inline_policies"]["use-queue"]["Statement"]
    assert (statement["Resource"], statement["Action"]) == (f"{SQS}:{FULL}", queue.ACTIONS)
    container = resources["ecs_task_definition", FULL]["container_definitions"]["web"]
    assert container["environment"] == {"QUEUE_URL": f"{URL}/{FULL}"}


def test_a_dead_letter_queue_is_created_with_the_queue():
    given = {"name": "orders", "visibility": 60, "retention": 86400, "dead_letter": {}, "variable": "ORDERS"}
    resources = made(queue=given, environment={"A": "1"})
    dead, own = (values for (kind, _name), values in resources.items() if kind == "sqs_queue")
    assert (dead["retention"], dead["redrive"]) == (1209600, {})
    assert own["redrive"] == {"queue": "orders-dead", "max_receives": 5}
    container = resources["ecs_task_definition", FULL]["container_definitions"]["web"]
    assert container["environment"] == {"A": "1", "ORDERS": f"{URL}/orders"}


def test_an_existing_queue_is_used_and_not_planned():
    resources = made(queue={"arn": THEIRS})
    assert not [kind for kind, _name in resources if kind == "sqs_queue"]
    (statement,) = resources["iam_role", f"{FULL}-task"]["inline_policies"]["use-queue"]["Statement"]
    assert statement["Resource"] == THEIRS
    container = resources["ecs_task_definition", FULL]["container_definitions"]["web"]
    assert container["environment"] == {"QUEUE_URL": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/theirs.fifo"}


def test_what_is_sent_is_found_as_desired():
    entries = desired.resources(worker(queue={"visibility": 60, "dead_letter": {"max_receives": 3}}), PLATFORM, {})
    around = arguments.Around(PLATFORM, [], {}, False)
    for entry in (one for one in entries if one["type"] == "sqs_queue"):
        given = arguments.of({**entry, "action": "add"}, around)
        # SQS returns every attribute as text
        described = {
            "QueueName": given["name"],
            "Attributes": {
                "QueueArn": f"{SQS}:{given['name']}",
                "VisibilityTimeout": str(given["visibility_timeout"]),
                "MessageRetentionPeriod": str(given["message_retention_period"]),
            },
            "RedrivePolicy": {key: str(value) for key, value in given["redrive_policy"].items()},
            "Tags": given["tags"],
        }
        assert queue.found(described)["values"] == entry["values"]
        assert given["purge_tags"] is False


@pytest.mark.parametrize(
    ("field", "value"),
    [("VisibilityTimeout", "31"), ("MessageRetentionPeriod", "60")],
)
def test_a_field_changed_by_hand_is_a_change(field, value):
    (entry,) = (one for one in desired.resources(worker(queue={}), PLATFORM, {}) if one["type"] == "sqs_queue")
    has = {"QueueArn": "arn", "VisibilityTimeout": "30", "MessageRetentionPeriod": "345600", field: value}
    found = queue.found({"QueueName": FULL, "Attributes": has, "RedrivePolicy": {}, "Tags": entry["values"]["tags"]})
    (change,) = compare.changes([entry], [found])
    assert [one["before"] for one in change["fields"]] == [int(value)]


SCALED = {"min": 1, "max": 9, "backlog_per_task": 10, "metrics": [METRIC]}


def policies(**given: t.Any) -> dict[str, dict[str, t.Any]]:
    resources = made(queue={}, autoscaling={**SCALED, **given})
    return {name: values for (kind, name), values in resources.items() if kind == "scaling_policy"}


def test_a_worker_scales_by_messages_per_running_task():
    own = policies()[f"{FULL}-backlog"]
    assert (own["metric"], own["target_value"]) == ("customized", 10.0)
    expression, messages, tasks = own["metrics"]
    assert expression == {
        "id": "backlog",
        "expression": "FILL(messages, 0) / IF(FILL(tasks, 0) > 0, FILL(tasks, 0), 1)",
        "return_data": True,
    }
    assert (messages["metric_name"], messages["dimensions"]) == (
        "ApproximateNumberOfMessagesVisible",
        {"QueueName": FULL},
    )
    assert (tasks["metric_name"], tasks["stat"], tasks["dimensions"]) == (
        "CPUUtilization",
        "SampleCount",
        {"ClusterName": f"{PREFIX}-ecs", "ServiceName": FULL},
    )


def test_any_metric_can_be_tracked():
    assert policies()[f"{FULL}-lag"]["metrics"] == [
        {
            "id": "metric",
            "namespace": "shop",
            "metric_name": "lag",
            "dimensions": {"Topic": "7"},
            "stat": "Average",
            "return_data": True,
        }
    ]


def test_a_sent_policy_is_found_as_desired():
    definition = worker(queue={}, autoscaling={**SCALED, "cpu": 60})
    there = {"full_name": FULL, "service": None, "resources": [], "ids": {}, "task_definitions": []}
    given = arguments.scaling(definition, PLATFORM, there)
    validated = ArgumentSpecValidator(application_autoscaling_target.ARGUMENTS).validate(given)
    assert validated.error_messages == []
    wanted = {
        name: values
        for (kind, name), values in made(queue={}, autoscaling={**SCALED, "cpu": 60}).items()
        if kind == "scaling_policy"
    }
    assert decide.problems(validated.validated_parameters) == []
    for policy in validated.validated_parameters["policies"]:
        described = {
            "PolicyName": policy["name"],
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": decide.policy_request(policy),
        }
        values = decide.policy_values(described)
        assert compare.differences(values, wanted[policy["name"]]) == []
        assert decide.policy_fields([policy], {policy["name"]: values}, purge=True) == []


def test_a_metric_specification_with_a_single_metric_is_found():
    specification = {
        "MetricName": "lag",
        "Namespace": "shop",
        "Dimensions": [{"Name": "Topic", "Value": "7"}],
        "Statistic": "Average",
    }
    assert decide.metrics_values(specification) == policies()[f"{FULL}-lag"]["metrics"]


@pytest.mark.parametrize("returned", [(), ("a", "b")])
def test_only_the_returned_metric_is_compared(returned):
    metrics = [{"id": one, "expression": "1", "return_data": one in returned} for one in ("a", "b")]
    policy = {"name": "own", "metric": "customized", "metrics": metrics}
    (sentence,) = decide.problems({"min_capacity": 1, "max_capacity": 2, "policies": [policy]})
    assert sentence.startswith(f"Policy own has {len(returned)} metrics with return_data: exactly one")


def test_a_planned_policy_belongs_to_its_service():
    definition = worker(queue={}, autoscaling=SCALED)
    change = {"type": "scaling_policy", "name": f"{FULL}-backlog", "action": "add", "values": {}}
    info = {"services": {"web": {"full_name": FULL, "service": None, "resources": [], "ids": {}, "rule": None}}}
    (deployment,) = deploying.deployments([definition], PLATFORM, info, {"changes": [change]})
    assert [one["name"] for one in deployment["scaling"]["policies"]] == [f"{FULL}-backlog", f"{FULL}-lag"]


def test_the_backlog_of_an_existing_queue_is_counted_by_its_name():
    definition = worker(queue={"arn": THEIRS}, autoscaling=SCALED)
    (own, *_rest) = scaled_by.policies(definition, Names.of(PLATFORM["name_prefix"], definition), PLATFORM, {})
    assert own["metrics"][1]["dimensions"] == {"QueueName": "theirs.fifo"}


def test_only_requested_queues_are_read_and_a_deleted_one_is_missing(aws):
    urls = [f"{URL}/{name}" for name in ("p-web", "p-web-dead", "p-web-other")]
    aws.answer("sqs", "list_queues", {"QueueUrls": urls}, QueueNamePrefix="p-web")
    redrive = '{"deadLetterTargetArn": "arn:dead", "maxReceiveCount": 5}'
    attributes = {"QueueArn": "arn", "RedrivePolicy": redrive}
    asked = {"QueueUrl": urls[0], "AttributeNames": ["All"]}
    aws.answer("sqs", "get_queue_attributes", {"Attributes": attributes}, **asked)
    aws.answer("sqs", "list_queue_tags", {"Tags": {"Name": "p-web"}}, QueueUrl=urls[0])
    gone = {"QueueUrl": urls[1]}
    aws.refuse("sqs", "get_queue_attributes", "AWS.SimpleQueueService.NonExistentQueue", **{**asked, **gone})
    aws.refuse("sqs", "list_queue_tags", "AWS.SimpleQueueService.NonExistentQueue", **gone)
    (found,) = api.queues(aws.client("sqs"), "p-web", ["p-web", "p-web-dead"])
    assert (found["QueueName"], found["RedrivePolicy"]["maxReceiveCount"]) == ("p-web", 5)


@pytest.mark.parametrize(
    ("more", "there", "refused"),
    [
        ({"queue": {"arn": f"{SQS}:mail"}}, [], f"Service 'web': queue.arn {SQS}:mail: there is no such queue"),
        ({"queue": {"arn": f"{SQS}:mail"}}, ["mail"], None),
        ({"schedule": JOB}, [], "Service 'web': schedule.dead_letter failed: there is no such queue in this account"),
        ({"schedule": {**JOB, "dead_letter": f"{SQS}:failed"}}, ["faile"], "schedule.dead_letter arn:aws:sqs:"),
        ({"schedule": JOB}, ["failed"], None),
        ({"schedule": {**JOB, "dead_letter": None}}, [], None),
        # queues of other accounts can't be checked
        ({"queue": {"arn": THEIRS}}, [], None),
        ({"queue": {"arn": f"{SQS.replace(ACCOUNT, '999999999999')}:mail"}}, [], None),
        # created in the same run, with another service
        ({"schedule": {**JOB, "dead_letter": f"{PREFIX}-mailer-dead"}}, [], None),
    ],
)
def test_a_missing_existing_queue_is_refused_before_the_first_change(more, there, refused):
    known = {"name_prefix": PREFIX, "services": {}, "rules": [], "missing_images": [], "other_queues": there}
    beside = worker(name="mailer", queue={"dead_letter": {}})
    said = obstacles.obstacles([worker(**more), beside], {**PLATFORM, "check_mode": True}, known)
    assert (said == []) if refused is None else said[0].startswith(refused) or refused in said[0], said


def test_the_names_of_existing_queues_are_read():
    wanted = [worker(queue={"arn": THEIRS}), worker(name="b", schedule=JOB), worker(name="c", queue={})]
    assert queue.existing_names(wanted) == ["failed", "theirs.fifo"]


def test_a_queue_exists_only_under_its_whole_name(aws):
    aws.answer("sqs", "list_queues", {"QueueUrls": [f"{URL}/mail-2", f"{URL}/mail"]}, QueueNamePrefix="mail")
    aws.answer("sqs", "list_queues", {"QueueUrls": [f"{URL}/failed-2"]}, QueueNamePrefix="failed")
    assert api.existing(aws.client("sqs"), ["mail", "failed"]) == ["mail"]
