# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module ecs_stopped_tasks_info, on tasks as ECS describes them."""

from __future__ import annotations

import datetime
import json
import pathlib

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import ecs_stopped_tasks_info

CLUSTER, NAME = "magiclub-an2p-ecs", "lotto"
ASKED = {"cluster": CLUSTER, "service": NAME}
DEFINITION = "arn:aws:ecs:ap-northeast-2:111122223333:task-definition/magiclub-an2p-lotto:7"
TIMES = ("createdAt", "executionStoppedAt", "stoppedAt", "stoppingAt", "startedAt", "pullStartedAt", "pullStoppedAt")
FIXTURE = pathlib.Path(__file__).parents[2] / "fixtures" / "ecs" / "stopped_tasks.json"


def as_boto3_returns(task):
    """Return a recorded task with its times as boto3 returns them."""
    times = {key: datetime.datetime.fromtimestamp(task[key], datetime.UTC) for key in TIMES if key in task}
    return {**task, **times}


RECORDED = {name: as_boto3_returns(task) for name, task in json.loads(FIXTURE.read_text(encoding="utf-8")).items()}
CRASHED = RECORDED["exit_1"]
LATER = {**RECORDED["image_not_found"], "stoppedAt": CRASHED["stoppedAt"] + datetime.timedelta(minutes=5)}


def listed(aws, *pages):
    asked = {"cluster": CLUSTER, "serviceName": NAME, "desiredStatus": "STOPPED"}
    for number, arns in enumerate(pages):
        more = {"nextToken": str(number + 1)} if number + 1 < len(pages) else {}
        token = {"nextToken": str(number)} if number else {}
        aws.answer("ecs", "list_tasks", {"taskArns": arns, **more}, **asked, **token)


def described(aws, tasks):
    arns = [task["taskArn"] for task in tasks]
    aws.answer("ecs", "describe_tasks", {"tasks": tasks, "failures": []}, cluster=CLUSTER, tasks=arns)


def definition(aws):
    options = {"awslogs-group": "/ecs/lotto", "awslogs-region": "ap-northeast-2", "awslogs-stream-prefix": "ecs"}
    container = {"name": "lotto", "image": "lotto:1", "logConfiguration": {"logDriver": "awslogs", "options": options}}
    found = {"taskDefinitionArn": DEFINITION, "containerDefinitions": [container]}
    aws.answer("ecs", "describe_task_definition", {"taskDefinition": found}, taskDefinition=DEFINITION)


def stopped(aws, *tasks):
    listed(aws, [task["taskArn"] for task in tasks])
    described(aws, list(tasks))
    definition(aws)


def lines(aws, task, *messages, limit=20, error="ResourceNotFoundException"):
    """Answer with the log lines of a task, without any with an error."""
    given = {
        "logGroupName": "/ecs/lotto",
        "logStreamName": f"ecs/lotto/{task['taskArn'].rpartition('/')[2]}",
        "limit": limit,
        "startFromHead": False,
    }
    if messages:
        events = [{"timestamp": number, "message": text} for number, text in enumerate(messages)]
        aws.answer("logs", "get_log_events", {"events": events}, **given)
    else:
        aws.refuse("logs", "get_log_events", error, **given)


def test_tasks_are_sorted_by_stop_time_with_their_last_lines(aws):
    stopped(aws, CRASHED, LATER)
    lines(aws, LATER)
    lines(aws, CRASHED, "Traceback\n", "ModuleNotFoundError: lotto_app\n")

    result = aws.run(ecs_stopped_tasks_info.main, **ASKED)

    first, second = result["tasks"]
    assert result["changed"] is False
    assert (first["id"], first["containers"][0]["log_lines"]) == (LATER["taskArn"].rpartition("/")[2], [])
    assert first["reason"].startswith("CannotPullContainerError: ")
    assert second == {
        "id": "10000000000000000000000000000001",
        "revision": "magiclub-an2p-lotto:7",
        "stopped_at": "2025-11-22 04:01:00Z",
        "stop_code": "EssentialContainerExited",
        "reason": "Essential container in task exited",
        "containers": [
            {
                "name": "lotto",
                "exit_code": 1,
                "reason": "",
                "log_lines": ["Traceback", "ModuleNotFoundError: lotto_app"],
            }
        ],
    }
    assert result["lines"][-1] == "    ModuleNotFoundError: lotto_app"


def test_tasks_and_lines_are_limited_as_requested(aws):
    stopped(aws, CRASHED, LATER)
    lines(aws, LATER, "gone", limit=3)

    (only,) = aws.run(ecs_stopped_tasks_info.main, tasks=1, log_lines=3, **ASKED)["tasks"]

    assert only["containers"][0]["log_lines"] == ["gone"]


def test_tasks_are_described_in_batches_of_a_hundred(aws):
    def numbered(number):
        moment = CRASHED["stoppedAt"] + datetime.timedelta(seconds=number)
        return {**CRASHED, "taskArn": f"{CRASHED['taskArn'][:-4]}{number:04}", "stoppedAt": moment}

    tasks = [numbered(number) for number in range(101)]
    arns = [task["taskArn"] for task in tasks]
    listed(aws, arns[:60], arns[60:])
    described(aws, tasks[:100])
    described(aws, tasks[100:])
    definition(aws)
    lines(aws, tasks[100], "bye")

    (last,) = aws.run(ecs_stopped_tasks_info.main, tasks=1, **ASKED)["tasks"]

    assert last["id"].endswith("0100")


def service(aws, *statuses):
    found = [{"serviceName": NAME, "status": status} for status in statuses]
    aws.answer("ecs", "describe_services", {"services": found, "failures": []}, cluster=CLUSTER, services=[NAME])


def test_a_service_without_stopped_tasks_is_reported(aws):
    listed(aws, [])
    service(aws, "ACTIVE")

    result = aws.run(ecs_stopped_tasks_info.main, **ASKED)

    assert result["tasks"] == []
    assert result["lines"] == ["ECS remembers no stopped task of lotto (it does for about an hour)."]


@pytest.mark.parametrize("there", [[], ["INACTIVE"]])
@pytest.mark.parametrize("known", [True, False])
def test_a_missing_service_is_refused(aws, there, known):
    """ListTasks raises ServiceNotFoundException, but not for a service that was deleted a while ago."""
    if known:
        listed(aws, [])
    else:
        aws.refuse(
            "ecs", "list_tasks", "ServiceNotFoundException", cluster=CLUSTER, serviceName=NAME, desiredStatus="STOPPED"
        )
    service(aws, *there)

    result = aws.run(ecs_stopped_tasks_info.main, **ASKED)

    assert result["msg"] == f"There is no service 'lotto' in cluster '{CLUSTER}'. Check with status.yml."


def test_a_job_without_stopped_tasks_is_reported(aws):
    aws.answer("ecs", "list_tasks", {"taskArns": []}, cluster=CLUSTER, family="report", desiredStatus="STOPPED")
    assert aws.run(ecs_stopped_tasks_info.main, family="report", **ASKED)["tasks"] == []


@pytest.mark.parametrize("code", ["ClusterNotFoundException", "AccessDeniedException"])
def test_an_error_of_aws_is_reported_with_what_failed(aws, code):
    asked = {"cluster": CLUSTER, "serviceName": NAME, "desiredStatus": "STOPPED"}
    aws.refuse("ecs", "list_tasks", code, **asked)

    result = aws.run(ecs_stopped_tasks_info.main, **ASKED)

    assert result["msg"].startswith("Failed to read the stopped tasks of lotto in ap-northeast-2: ")
    assert result["error"]["code"] == code


def test_an_unreadable_log_group_is_a_warning(aws):
    stopped(aws, CRASHED)
    lines(aws, CRASHED, error="AccessDeniedException")

    result = aws.run(ecs_stopped_tasks_info.main, **ASKED)

    assert result["tasks"][0]["containers"][0]["log_lines"] == []
    assert "AccessDeniedException" in result["warnings"][0]


def test_without_log_lines_none_are_read(aws):
    stopped(aws, CRASHED)

    (task,) = aws.run(ecs_stopped_tasks_info.main, log_lines=0, **ASKED)["tasks"]

    assert task["containers"][0]["log_lines"] == []
