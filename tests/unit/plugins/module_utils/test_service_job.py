# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Jobs: desired, sent and found, and changes from and to an ECS service."""

from __future__ import annotations

import typing as t

import boto3
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import deploying, desired, found, plan
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import job as jobs
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.names import Names
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import model
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.scheduler import decide
from ansible_collections.magiclub.fargate.plugins.modules import scheduler_schedule

from tests.unit.plugins.module_utils.service_definitions import (
    ACCOUNT,
    FULL,
    PLATFORM,
    PREFIX,
    job,
    nothing,
    service,
    worker,
)

ECS = f"arn:aws:ecs:ap-northeast-2:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
IDS = {f"security_group {FULL}-sg": "sg-web"}
EVERYTHING = {
    "subnets": "public",
    "platform_version": "1.4.0",
    "enable_execute_command": True,
    "capacity_provider_strategy": [
        {"capacity_provider": "FARGATE_SPOT", "weight": 3},
        {"capacity_provider": "FARGATE", "weight": 1, "base": 1},
    ],
    "schedule": {"rate": "12 hours", "window": 15, "retries": 0, "dead_letter": "failed", "enabled": False},
}


def made(definition: dict[str, t.Any], has: dict[str, t.Any] | None = None) -> dict[tuple[str, str], dict[str, t.Any]]:
    resources = desired.resources(definition, PLATFORM, has or {})
    return {(resource["type"], resource["name"]): resource["values"] for resource in resources}


def there(**more: t.Any) -> dict[str, t.Any]:
    least = {"full_name": FULL, "service": None, "schedule": None, "task_definitions": [], "resources": [], "ids": IDS}
    return {**least, "steady": True, "rule": None, **more}


def test_a_job_has_a_schedule_with_its_role_and_no_ecs_service():
    assert list(made(job())) == [
        ("log_group", f"/ecs/{FULL}"),
        ("iam_role", f"{FULL}-task"),
        ("iam_role", f"{FULL}-schedule"),
        ("security_group", f"{FULL}-sg"),
        ("ecs_task_definition", FULL),
        ("schedule", FULL),
    ]
    assert made(job())["security_group", f"{FULL}-sg"]["ingress"] == []


def test_the_schedule_has_time_revision_and_network():
    assert made(job())["schedule", FULL] == {
        "expression": "cron(0 2 * * ? *)",
        "timezone": "Asia/Seoul",
        "window": 0,
        "enabled": True,
        "retries": 185,
        "retried_for": 86400,
        "dead_letter": "",
        "role": f"{FULL}-schedule",
        "task_definition": f"{FULL} (new revision)",
        "task_count": 1,
        "input": "",
        "propagate_tags": "TASK_DEFINITION",
        "cluster": f"{PREFIX}-ecs",
        "capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1, "base": 0}],
        "network": {
            "subnets": [f"{PREFIX}-apps-a1", f"{PREFIX}-apps-c1"],
            "security_groups": [f"{FULL}-sg"],
            "assign_public_ip": False,
        },
        "platform_version": "LATEST",
        "enable_execute_command": False,
        "enable_ecs_managed_tags": True,
    }


def test_the_schedule_role_may_only_start_this_task_in_this_cluster_with_its_roles():
    role = made(job(secrets={"TOKEN": "/app/token"}))["iam_role", f"{FULL}-schedule"]
    (trusted,) = role["trust_policy"]["Statement"]
    assert trusted["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trusted["Condition"]["StringEquals"] == {
        "aws:SourceAccount": ACCOUNT,
        "aws:SourceArn": f"arn:aws:scheduler:ap-northeast-2:{ACCOUNT}:schedule-group/default",
    }
    assert role["managed_policies"] == []
    assert role["inline_policies"]["start-tasks"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "ecs:RunTask",
            "Resource": f"{ECS}:task-definition/{FULL}:*",
            "Condition": {"ArnEquals": {"ecs:cluster": f"{ECS}:cluster/{PREFIX}-ecs"}},
        },
        {
            "Effect": "Allow",
            "Action": "ecs:TagResource",
            "Resource": f"{ECS}:task/{PREFIX}-ecs/*",
            "Condition": {"StringEquals": {"ecs:CreateAction": "RunTask"}},
        },
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": [f"{ROLE}/{FULL}-execution", f"{ROLE}/{FULL}-task"],
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
    ]


@pytest.mark.parametrize("queue", ["failed", f"arn:aws:sqs:ap-northeast-2:{ACCOUNT}:failed"])
def test_failed_starts_go_to_the_dead_letter_queue(queue):
    resources = made(job({"rate": "1 day", "dead_letter": queue}))
    arn = f"arn:aws:sqs:ap-northeast-2:{ACCOUNT}:failed"
    assert resources["schedule", FULL]["dead_letter"] == arn
    statements = resources["iam_role", f"{FULL}-schedule"]["inline_policies"]["start-tasks"]["Statement"]
    assert statements[-1] == {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}


@pytest.mark.parametrize("definition", [job(), job(**EVERYTHING)], ids=["the least", "everything"])
def test_what_is_sent_is_found_as_desired(definition):
    """The plan is empty after the module has sent its arguments, all of which are its options."""
    values = {**made(definition)["schedule", FULL], "task_definition": f"{FULL}:7"}
    change = {"type": "schedule", "name": FULL, "action": "add", "values": values, "fields": []}
    (deployment,) = deploying.deployments([definition], PLATFORM, {"services": {"web": there()}}, {"changes": [change]})
    given = deployment["schedule"]
    assert set(given) <= set(scheduler_schedule.ARGUMENTS)
    defaults = {key: one.get("default") for key, one in scheduler_schedule.ARGUMENTS.items()}
    client = boto3.client("scheduler", region_name="ap-northeast-2", aws_access_key_id="x", aws_secret_access_key="x")
    sent = model.request_for(client, "CreateSchedule", decide.options({**defaults, **given}))
    names = {
        "sg-web": f"{FULL}-sg",
        **{one: name for tier in PLATFORM["subnets"].values() for name, one in tier.items()},
    }
    described = {**sent, "Arn": "arn:schedule"}
    assert compare.differences(jobs.found(described, names)["values"], values) == []
    assert jobs.found(described, names)["values"].keys() == values.keys()


def test_a_revision_not_registered_yet_is_left_to_the_role():
    values = made(job())["schedule", FULL]
    change = {"type": "schedule", "name": FULL, "action": "add", "values": values, "fields": []}
    (deployment,) = deploying.deployments([job()], PLATFORM, {"services": {"web": there()}}, {"changes": [change]})
    assert "task_definition" not in deployment["schedule"]
    assert deployment["service"] is None


@pytest.mark.parametrize(
    ("action", "paths", "runs"),
    [("add", (), True), ("change", ("task_definition",), True), ("change", ("expression",), False)],
)
def test_the_task_before_a_deployment_runs_before_the_schedule_changes(action, paths, runs):
    definition = job(before={"command": ["migrate"]})
    change = {
        "type": "schedule",
        "name": FULL,
        "action": action,
        "values": made(definition)["schedule", FULL],
        "fields": [{"path": path} for path in paths],
    }
    (deployment,) = deploying.deployments([definition], PLATFORM, {"services": {"web": there()}}, {"changes": [change]})
    assert (deployment["before"] is not None) is runs
    if runs:
        assert deployment["before"]["network_configuration"]["security_groups"] == ["sg-web"]
        assert deployment["before"]["command"] == ["migrate"]


def changes(before: dict[str, t.Any], after: dict[str, t.Any]) -> set[tuple[str, str]]:
    entries = [{**entry, "id": f"id:{entry['type']}"} for entry in desired.resources(before, PLATFORM, {})]
    (revision,) = [{**one, "revision": f"{FULL}:1"} for one in entries if one["type"] == "ecs_task_definition"]
    others = [entry for entry in entries if entry["type"] != "ecs_task_definition"]
    runner = next(entry for entry in others if entry["type"] in ("ecs_service", "schedule"))
    runner["values"]["task_definition"] = f"{FULL}:1"
    known = there(
        service={"name": FULL} if runner["type"] == "ecs_service" else None,
        resources=others,
        task_definitions=[revision],
        ids={f"{entry['type']} {entry['name']}": entry["id"] for entry in others},
    )
    info = {"services": {"web": known}, "rules": [], "missing_images": [], "resources": [], "name_prefix": PREFIX}
    both = plan.compared([after], PLATFORM, info)
    made_of = compare.changes(both["desired"], both["found"])
    deployments = deploying.deployments([after], PLATFORM, info, {"changes": made_of})
    # removals are the clean-up's, which comes last
    wanted = {key for one in deployments for key in ("service", "schedule") if one[key]}
    assert wanted <= {"schedule" if after["schedule"] else "service"}
    return {(change["type"], change["action"]) for change in made_of}


ROLE_COMES, ROLE_GOES = ("iam_role", "add"), ("iam_role", "remove")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (job(), job(), set()),
        (job(), job({"rate": "1 day"}), {("schedule", "change")}),
        (job(), job(command=["again"]), {("ecs_task_definition", "change"), ("schedule", "change")}),
        (worker(), job(), {ROLE_COMES, ("schedule", "add"), ("ecs_service", "remove")}),
        (job(), worker(), {ROLE_GOES, ("schedule", "remove"), ("ecs_service", "add")}),
        (
            worker(autoscaling={"min": 1, "max": 2, "cpu": 60}),
            job(),
            {
                ROLE_COMES,
                ("schedule", "add"),
                ("ecs_service", "remove"),
                ("scalable_target", "remove"),
                ("scaling_policy", "remove"),
            },
        ),
    ],
    ids=[
        "as it is",
        "another time",
        "another revision",
        "a worker becomes it",
        "it becomes a worker",
        "one that scales",
    ],
)
def test_changes_between_service_and_job(before, after, expected):
    assert changes(before, after) == expected


def test_a_job_is_not_waited_for_even_while_its_previous_service_exists():
    known = {"services": {"web": there(steady=False), "other": there(full_name=f"{PREFIX}-other", steady=False)}}
    watched = deploying.awaited(known, {FULL: None}, [job(), service(name="other")])
    assert watched == [{"name": f"{PREFIX}-other"}]


def test_the_image_of_a_job_is_in_use_once_its_schedule_starts_it():
    arn = f"{ECS}:task-definition/{FULL}:7"
    run = {"task_definition_arn": arn, "image": "i@d"}
    services = {"web": there(schedule={"name": FULL}, **run), "other": there(full_name=f"{PREFIX}-other", **run)}
    known = {"name_prefix": PREFIX, "services": services}
    tagged = deploying.in_use(known, {FULL: None, f"{PREFIX}-other": None}, jobs=True)
    assert [(one["image"], one["service"], one["revision"]) for one in tagged] == [("i@d", "web", 7)]
    assert deploying.in_use(known, {}, jobs=True) == []


def test_a_job_is_found_with_the_revision_of_its_schedule():
    raw = nothing()
    arn = f"{ECS}:task-definition/{FULL}:7"
    raw["schedules"] = [
        {
            "Name": FULL,
            "Arn": "arn:schedule",
            "ScheduleExpression": "rate(1 day)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "DISABLED",
            "Target": {"Arn": f"{ECS}:cluster/c", "RoleArn": ROLE, "EcsParameters": {"TaskDefinitionArn": arn}},
        }
    ]
    raw["running"] = {
        arn: {
            "taskDefinitionArn": arn,
            "family": FULL,
            "revision": 7,
            "containerDefinitions": [{"name": "web", "image": "app:7"}],
            "tags": [],
        }
    }
    around = {"names": {}, "listener": "", "namespace": ""}
    one = found.services(raw, [Names(PREFIX, "web")], around)["web"]
    assert one["service"] is None
    assert one["schedule"] == {
        "name": FULL,
        "arn": "arn:schedule",
        "expression": "rate(1 day)",
        "timezone": "UTC",
        "enabled": False,
    }
    assert (one["task_definition_arn"], one["image"], one["steady"]) == (arn, "app:7", True)
    assert [(entry["type"], entry["id"]) for entry in one["resources"]] == [("schedule", "arn:schedule")]
    assert one["task_definitions"][0]["revision"] == f"{FULL}:7"
