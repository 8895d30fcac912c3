# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module ecs_task_run: a one-off task from its request to its end."""

from __future__ import annotations

import re

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import ecs_task_run

from tests.support.cloud import ROOT
from tests.unit.plugins.modules.aws_stub import timed

CLUSTER, NAME = "magiclub-an2p-ecs", "magiclub-an2p-shop"
ECS = "arn:aws:ecs:ap-northeast-2:123456789012"
DEFINITION = f"{ECS}:task-definition/{NAME}:4"
TASK = f"{ECS}:task/{CLUSTER}/0f3c9a1b2d4e4f6d8f6b4a3c2d1e0f9a"
ASKED = {"cluster": CLUSTER, "service": NAME, "command": ["python3", "-m", "shop.migrate"]}
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}}
SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
OVERRIDE = {"name": "shop", "command": ASKED["command"]}
STOPPED = {
    "taskArn": TASK,
    "lastStatus": "STOPPED",
    "stopCode": "EssentialContainerExited",
    "stoppedReason": "Essential container in task exited",
    "containers": [{"name": "proxy", "exitCode": 143}, {"name": "shop", "exitCode": 3}],
}


@pytest.fixture
def pauses(monkeypatch):
    """The pauses of the wait, which advance its clock."""
    wait, slept = timed(ecs_task_run.wait_until)
    monkeypatch.setattr(ecs_task_run, "wait_until", wait)
    return slept


def service(aws, **different):
    found = {
        "serviceName": NAME,
        "status": "ACTIVE",
        "taskDefinition": DEFINITION,
        "networkConfiguration": NETWORK,
        "capacityProviderStrategy": SPOT,
        "platformVersion": "LATEST",
        **different,
    }
    aws.answer("ecs", "describe_services", {"services": [found], "failures": []}, cluster=CLUSTER, services=[NAME])


def definition(aws, given=DEFINITION):
    options = {"awslogs-group": f"/ecs/{NAME}", "awslogs-region": "ap-northeast-2", "awslogs-stream-prefix": "ecs"}
    logging = {"logDriver": "awslogs", "options": options}
    containers = [
        {"name": "proxy", "image": "proxy:1", "essential": False},
        {"name": "shop", "image": "shop:1", "logConfiguration": logging},
    ]
    found = {"taskDefinitionArn": DEFINITION, "containerDefinitions": containers}
    aws.answer("ecs", "describe_task_definition", {"taskDefinition": found}, taskDefinition=given)


def started(aws, answer=None, **override):
    aws.answer(
        "ecs",
        "run_task",
        answer or {"tasks": [{"taskArn": TASK, "lastStatus": "PROVISIONING"}], "failures": []},
        cluster=CLUSTER,
        taskDefinition=DEFINITION,
        networkConfiguration=NETWORK,
        platformVersion="LATEST",
        capacityProviderStrategy=SPOT,
        overrides={"containerOverrides": [{**OVERRIDE, **override}]},
        startedBy="magiclub-fargate",
        count=1,
    )


def running(aws):
    service(aws)
    definition(aws)
    started(aws)


def seen(aws, *tasks):
    for task in tasks:
        answer = {"tasks": [task] if task else [], "failures": []}
        aws.answer("ecs", "describe_tasks", answer, cluster=CLUSTER, tasks=[TASK])


def lines_of_the_task(limit=200):
    stream = "ecs/shop/0f3c9a1b2d4e4f6d8f6b4a3c2d1e0f9a"
    return {"logGroupName": f"/ecs/{NAME}", "logStreamName": stream, "limit": limit, "startFromHead": False}


def written(aws, *messages, limit=200):
    events = [{"timestamp": number, "message": text} for number, text in enumerate(messages)]
    aws.answer("logs", "get_log_events", {"events": events}, **lines_of_the_task(limit))


def unreadable(aws, code):
    aws.refuse("logs", "get_log_events", code, "not to be read", **lines_of_the_task())


def test_it_waits_and_returns_exit_code_and_log_lines(aws, pauses):
    running(aws)
    # DescribeTasks is eventually consistent: a task that was just started may be missing
    seen(aws, None, {"taskArn": TASK, "lastStatus": "RUNNING"}, STOPPED)
    written(aws, "2 migrations to apply\n", "table is locked\n")

    result = aws.run(ecs_task_run.main, **ASKED)

    kept = ("changed", "task_arn", "container", "exit_code", "reason", "stop_code", "log_lines")
    assert {key: result[key] for key in kept} == {
        "changed": True,
        "task_arn": TASK,
        "container": "shop",
        "exit_code": 3,
        "reason": "Essential container in task exited",
        "stop_code": "EssentialContainerExited",
        "log_lines": ["2 migrations to apply", "table is locked"],
    }
    assert pauses == [1.0, 1.5]


@pytest.mark.usefixtures("pauses")
def test_task_definition_environment_and_log_lines_are_as_requested(aws):
    service(aws)
    definition(aws, NAME)
    started(aws, environment=[{"name": "DEPTH", "value": "3"}])
    seen(aws, STOPPED)
    written(aws, "done", limit=5)

    result = aws.run(ecs_task_run.main, task_definition=NAME, environment={"DEPTH": 3}, log_lines=5, **ASKED)

    assert result["log_lines"] == ["done"]


@pytest.mark.usefixtures("pauses")
def test_unreadable_log_lines_are_a_warning(aws):
    running(aws)
    seen(aws, STOPPED)
    unreadable(aws, "AccessDeniedException")

    result = aws.run(ecs_task_run.main, **ASKED)

    assert (result["task_arn"], result["exit_code"], result["log_lines"]) == (TASK, 3, [])
    [warning] = result["warnings"]
    assert warning.startswith(f"The log group /ecs/{NAME} could not be read, so there are no log_lines: ")
    assert "not to be read" in warning


@pytest.mark.usefixtures("pauses")
@pytest.mark.parametrize("lines", [0, -1])
def test_without_log_lines_none_are_read(aws, lines):
    running(aws)
    seen(aws, STOPPED)

    result = aws.run(ecs_task_run.main, log_lines=lines, **ASKED)

    assert (result["exit_code"], result["log_lines"]) == (3, [])
    assert not result.get("warnings")


@pytest.mark.usefixtures("pauses")
def test_a_container_that_never_ran_has_no_exit_code_and_no_lines(aws):
    running(aws)
    reason = "CannotPullContainerError: pull image manifest has been retried 5 time(s)"
    seen(aws, {**STOPPED, "stopCode": "TaskFailedToStart", "containers": [{"name": "shop", "reason": reason}]})
    unreadable(aws, "ResourceNotFoundException")

    result = aws.run(ecs_task_run.main, **ASKED)

    assert (result["exit_code"], result["reason"], result["log_lines"]) == (None, reason, [])


def test_a_task_that_does_not_end_is_stopped(aws, pauses):
    running(aws)
    seen(aws, *[{"taskArn": TASK, "lastStatus": "RUNNING"}] * 3)
    aws.answer("ecs", "stop_task", {}, cluster=CLUSTER, task=TASK, reason="not ended within 2 s")

    result = aws.run(ecs_task_run.main, timeout=2, **ASKED)

    assert result["msg"] == (
        f"The task {TASK} had not ended within timeout 2 s and was stopped. Give it longer with timeout."
    )
    assert sum(pauses) == 2


def test_check_mode_starts_nothing(aws):
    service(aws)
    definition(aws)

    result = aws.run(ecs_task_run.main, check=True, **ASKED)

    assert (result["changed"], result["container"]) == (True, "shop")
    assert "task_arn" not in result


def test_a_task_that_ecs_does_not_start_fails_with_its_reason(aws):
    service(aws)
    definition(aws)
    failure = {"reason": "Capacity is unavailable at this time."}
    started(aws, {"tasks": [], "failures": [failure, failure]})

    assert aws.run(ecs_task_run.main, **ASKED)["msg"] == (
        "ECS did not start the task: Capacity is unavailable at this time."
        " Look at the cluster's capacity and subnets, then run again."
    )


@pytest.mark.parametrize("check", [True, False])
def test_an_unknown_container_is_refused_before_a_task_starts(aws, check):
    service(aws)
    definition(aws)

    result = aws.run(ecs_task_run.main, check=check, container="web", **ASKED)

    assert result["msg"] == f"Task definition {NAME}:4 has no container 'web'. It has proxy, shop."


def test_a_missing_service_is_reported_with_its_cluster(aws):
    service(aws, status="INACTIVE")
    aws.refuse("scheduler", "get_schedule", "ResourceNotFoundException", Name=NAME, GroupName="default")

    result = aws.run(ecs_task_run.main, **ASKED)

    assert result["msg"] == f"There is no service and no job '{NAME}' in cluster '{CLUSTER}'. Check with status.yml."


@pytest.mark.usefixtures("pauses")
def test_a_job_runs_now_as_its_schedule_would_start_it(aws):
    service(aws, status="INACTIVE")
    parameters = {
        "TaskDefinitionArn": DEFINITION,
        "NetworkConfiguration": {
            "awsvpcConfiguration": {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}
        },
        "CapacityProviderStrategy": SPOT,
        "EnableECSManagedTags": True,
        "PropagateTags": "TASK_DEFINITION",
        "TaskCount": 1,
    }
    target = {
        "Arn": f"{ECS}:cluster/{CLUSTER}",
        "RoleArn": "arn:aws:iam::123456789012:role/r",
        "EcsParameters": parameters,
    }
    aws.answer("scheduler", "get_schedule", {"Name": NAME, "Target": target}, Name=NAME, GroupName="default")
    definition(aws)
    aws.answer(
        "ecs",
        "run_task",
        {"tasks": [{"taskArn": TASK, "lastStatus": "PROVISIONING"}], "failures": []},
        cluster=CLUSTER,
        taskDefinition=DEFINITION,
        networkConfiguration=NETWORK,
        capacityProviderStrategy=SPOT,
        overrides={"containerOverrides": [{"name": "shop"}]},
        startedBy="magiclub-fargate",
        count=1,
        enableECSManagedTags=True,
        propagateTags="TASK_DEFINITION",
    )
    seen(aws, STOPPED)
    written(aws, "done")

    result = aws.run(ecs_task_run.main, cluster=CLUSTER, service=NAME)

    assert (result["exit_code"], result["log_lines"]) == (3, ["done"])


def test_an_error_of_aws_is_reported_with_what_failed(aws):
    service(aws)
    aws.refuse("ecs", "describe_task_definition", "AccessDeniedException", taskDefinition=DEFINITION)

    result = aws.run(ecs_task_run.main, **ASKED)

    assert result["msg"].startswith(f"Failed to run a task like those of {NAME} in ap-northeast-2: ")


@pytest.mark.usefixtures("pauses")
def test_an_error_after_the_start_names_the_task_that_may_still_run(aws):
    running(aws)
    aws.refuse("ecs", "describe_tasks", "AccessDeniedException", "not to be seen", cluster=CLUSTER, tasks=[TASK])

    assert aws.run(ecs_task_run.main, **ASKED)["msg"].startswith(
        f"Failed to follow task {TASK}, which was started and may still run"
        " (look at it before you start another), in ap-northeast-2: "
    )


DONE = {"key": "magiclub.fargate/before", "value": f"{NAME}:4 9f2d7b6a5d3f1c0e"}
GIVEN = {
    "once": True,
    "task_definition": DEFINITION,
    "network_configuration": {"subnets": ["subnet-1"], "security_groups": ["sg-1"], "assign_public_ip": False},
    "capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT", "weight": 1, "base": 0}],
    "platform_version": "LATEST",
}
SUCCEEDED = {**STOPPED, "containers": [{"name": "shop", "exitCode": 0}]}


class Migration:
    """A command that has to succeed once for a revision, and an ECS that remembers its tags and tasks."""

    def __init__(self, aws, monkeypatch, tags=(), tasks=()):
        self.aws, self.tags, self.tasks, self.requests = aws, list(tags), list(tasks), []
        containers = [{"name": "shop", "image": "shop:1"}]
        self.definition = {"taskDefinitionArn": DEFINITION, "containerDefinitions": containers}
        monkeypatch.setattr(ecs_task_run, "call", self.call)
        monkeypatch.setattr(ecs_task_run.api, "described_tasks", self.listed)
        monkeypatch.setattr(ecs_task_run.api, "tag", self.tag)

    def call(self, _client, operation, **given):
        if operation == "describe_task_definition":
            return {"taskDefinition": self.definition, "tags": self.tags}
        if operation == "run_task":
            self.requests.append(given)
            self.tasks.append(SUCCEEDED)
            return {"tasks": [{"taskArn": TASK}]}
        return {"tasks": [task for task in self.tasks if task["taskArn"] in given["tasks"]]}

    def listed(self, _client, *, cluster, statuses, **given):
        self.started_by = given["startedBy"]
        return [
            task for task in self.tasks if ("STOPPED" if task["lastStatus"] == "STOPPED" else "RUNNING") in statuses
        ]

    def tag(self, _client, *, arn, tags):
        assert arn == DEFINITION
        self.tags = [{"key": key, "value": value} for key, value in tags.items()]

    def run(self, **more):
        return self.aws.run(ecs_task_run.main, **{**ASKED, **GIVEN, **more})


def test_a_command_runs_once_for_each_revision_and_without_a_service(aws, monkeypatch, pauses):
    migration = Migration(aws, monkeypatch)
    first, second = migration.run(), migration.run()
    assert (first["changed"], first["exit_code"], second["changed"], second["exit_code"]) == (True, 0, False, 0)
    (request,) = migration.requests
    assert (request["networkConfiguration"], request["capacityProviderStrategy"]) == (NETWORK, SPOT)
    assert (request["platformVersion"], request["propagateTags"]) == ("LATEST", "TASK_DEFINITION")
    assert request["startedBy"] == migration.started_by
    assert request["startedBy"].startswith(f"before/{NAME}/4/")
    assert migration.tags[0]["key"] == DONE["key"]


def test_a_command_that_succeeded_before_returns_all_keys_that_the_role_uses(aws, monkeypatch, pauses):
    """Ansible evaluates the message of an assertion even if it succeeds."""
    migration = Migration(aws, monkeypatch)
    first, second = migration.run(), migration.run()
    tasks = (ROOT / "roles/fargate_service/tasks/before.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"__fargate_service_before\.(\w+)", tasks))
    assert used >= {"exit_code", "log_lines"}
    assert (used - set(first), used - set(second)) == (set(), set())


def test_another_command_runs_and_the_tag_of_another_command_does_not_count(aws, monkeypatch, pauses):
    migration = Migration(aws, monkeypatch, tags=[DONE])
    assert migration.run()["changed"] is True
    migration.tasks.clear()
    assert migration.run(command=["other"])["changed"] is True
    assert len({request["startedBy"] for request in migration.requests}) == 2


@pytest.mark.parametrize("task", [SUCCEEDED, {"taskArn": TASK, "lastStatus": "RUNNING"}], ids=["succeeded", "running"])
def test_a_task_of_an_interrupted_run_is_taken_over(aws, monkeypatch, pauses, task):
    migration = Migration(aws, monkeypatch, tasks=[task])
    monkeypatch.setattr(ecs_task_run, "stopped", lambda _ecs, _cluster, arn, _timeout: {**SUCCEEDED, "taskArn": arn})
    result = migration.run()
    assert (result["task_arn"], result["exit_code"], migration.requests) == (TASK, 0, [])
    assert migration.tags[0]["key"] == DONE["key"]


def test_a_failed_command_is_repeated_with_another_token(aws, monkeypatch, pauses):
    migration = Migration(aws, monkeypatch, tasks=[{**STOPPED, "taskArn": f"{TASK}0"}])
    migration.run()
    fresh = Migration(aws, monkeypatch)
    fresh.run()
    tokens = [one.requests[0]["clientToken"] for one in (migration, fresh)]
    assert len(set(tokens)) == 2
    assert all(len(token) <= 64 for token in tokens)


def test_a_failed_command_leaves_no_tag(aws, monkeypatch, pauses):
    migration = Migration(aws, monkeypatch)
    monkeypatch.setattr(ecs_task_run, "stopped", lambda *_arguments: STOPPED)
    result = migration.run()
    assert (result["exit_code"], migration.tags) == (3, [])
