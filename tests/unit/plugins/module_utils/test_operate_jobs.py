# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import datetime

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import tone
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import jobs

NOW = datetime.datetime(2026, 11, 30, 12, 0, tzinfo=datetime.UTC)
CLUSTER, NAME = "magiclub-an2p-ecs", "magiclub-an2p-report"
ECS = "arn:aws:ecs:ap-northeast-2:123456789012"
DEFINITION = {
    "taskDefinitionArn": f"{ECS}:task-definition/{NAME}:7",
    "containerDefinitions": [
        {
            "name": "report",
            "image": "report:7",
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": f"/ecs/{NAME}"}},
        }
    ],
}
SCHEDULE = {
    "Name": NAME,
    "Arn": "arn:schedule",
    "ScheduleExpression": "cron(0 2 * * ? *)",
    "ScheduleExpressionTimezone": "Asia/Seoul",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "State": "ENABLED",
    "Target": {
        "Arn": f"{ECS}:cluster/{CLUSTER}",
        "RoleArn": "arn:aws:iam::123456789012:role/r",
        "EcsParameters": {"TaskDefinitionArn": DEFINITION["taskDefinitionArn"]},
    },
}


def at(hour, minute=0):
    return NOW.replace(hour=hour, minute=minute)


def task(exit_code=0, hour=11, by=f"chronos-schedule/{NAME}", **more):
    return {
        "taskArn": f"{ECS}:task/{CLUSTER}/0f3c{hour}",
        "lastStatus": "STOPPED",
        "startedBy": by,
        "createdAt": at(hour),
        "startedAt": at(hour),
        "stoppedAt": at(hour, 5),
        "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "report", "exitCode": exit_code}],
        **more,
    }


RUNNING = {**task(), "lastStatus": "RUNNING", "containers": [{"name": "report"}]}


def report(*tasks, logged=None, **changes):
    job = {"schedule": {**SCHEDULE, **changes}, "definition": DEFINITION, "tasks": list(tasks), "logged": logged}
    return jobs.report(job, NOW)


def test_a_job_tells_its_next_run_and_the_last_one():
    found = report(task(hour=10, exit_code=3), task())
    assert (found["next_run"], found["problem"], found["revision"], found["image"]) == (
        "2026-11-30 17:00:00Z",
        "",
        f"{NAME}:7",
        "report:7",
    )
    assert found["last_run"] == {
        "task": "0f3c11",
        "started_by": f"chronos-schedule/{NAME}",
        "started_at": "2026-11-30 11:00:00Z",
        "stopped_at": "2026-11-30 11:05:00Z",
        "exit_code": 0,
        "reason": "Essential container in task exited",
    }


@pytest.mark.parametrize(
    ("found", "sentences"),
    [
        (report(task()), []),
        (report(), []),
        (report(RUNNING), []),
        (
            report(task(exit_code=4)),
            [
                f"Job {NAME} has failed: its last run ended with exit code 4 at 2026-11-30 11:05:00Z: Essential"
                " container in task exited."
            ],
        ),
        (
            report(task(containers=[{"name": "report"}], stoppedReason="CannotPullContainerError: no such image.")),
            [
                f"Job {NAME} has failed: its last run ended without an exit code at 2026-11-30 11:05:00Z:"
                " CannotPullContainerError: no such image."
            ],
        ),
    ],
    ids=["well", "none yet", "runs", "failed", "never ran"],
)
def test_a_run_that_has_failed_is_a_problem(found, sentences):
    assert jobs.problems([found]) == sentences


@pytest.mark.parametrize(
    ("found", "expected", "told"),
    [
        (
            report(task()),
            [
                f"  {NAME}  job scheduled",
                "    Schedule     cron(0 2 * * ? *) Asia/Seoul",
                "    Next run     2026-11-30 17:00:00Z",
                "    Last run     2026-11-30 11:00:00Z to 2026-11-30 11:05:00Z, exit code 0, started by"
                f" chronos-schedule/{NAME}",
                f"    Revision     {NAME}:7",
                "    Image        report:7",
            ],
            tone.WELL,
        ),
        (
            report(
                logged=at(2).timestamp() * 1000,
                State="DISABLED",
                FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
            ),
            [
                f"  {NAME}  job disabled, so that nothing starts it",
                "    Schedule     cron(0 2 * * ? *) Asia/Seoul, within 15 minutes",
                "    Last run     its last log line was at 2026-11-30 02:00:00Z; ECS keeps exit codes for an hour",
                f"    Revision     {NAME}:7",
                "    Image        report:7",
            ],
            tone.DOUBT,
        ),
        (
            report(RUNNING, ScheduleExpression="rate(1 day)", ScheduleExpressionTimezone="UTC"),
            [
                f"  {NAME}  job scheduled, 1 task running",
                "    Schedule     rate(1 day) UTC",
                "    Next run     2026-12-01 11:00:00Z",
                "    Last run     none known",
                f"    Revision     {NAME}:7",
                "    Image        report:7",
            ],
            tone.WELL,
        ),
        (
            report(task(exit_code=4), ScheduleExpression="rate(1 day)"),
            [
                f"  {NAME}  job FAILED: its last run ended with exit code 4 at 2026-11-30 11:05:00Z: Essential"
                " container in task exited",
            ],
            tone.WRONG,
        ),
    ],
    ids=["well", "disabled", "runs", "failed"],
)
def test_the_lines_of_a_job(found, expected, told):
    lines = jobs.lines(found)
    assert lines[: len(expected)] == expected
    assert tone.of(lines[0]) == told


def test_a_rate_of_which_no_run_is_known_does_not_tell_the_next():
    lines = jobs.lines(report(ScheduleExpression="rate(1 day)", ScheduleExpressionTimezone="UTC"))
    assert "    Next run     unknown: AWS does not report it" in lines


def listed(aws, *tasks):
    for status in ("RUNNING", "STOPPED"):
        arns = [one["taskArn"] for one in tasks if status == "STOPPED"]
        asked = {"cluster": CLUSTER, "family": NAME, "desiredStatus": status}
        aws.answer("ecs", "list_tasks", {"taskArns": arns}, **asked)
    if tasks:
        arns = [one["taskArn"] for one in tasks]
        aws.answer("ecs", "describe_tasks", {"tasks": list(tasks), "failures": []}, cluster=CLUSTER, tasks=arns)


def test_a_named_job_of_another_cluster_is_left_out(aws):
    other = {**SCHEDULE, "Target": {**SCHEDULE["Target"], "Arn": f"{ECS}:cluster/other"}}
    aws.answer("scheduler", "get_schedule", other, Name=NAME, GroupName="default")
    assert jobs.read(aws.client, CLUSTER, [NAME]) == []


def test_the_jobs_of_a_cluster_are_those_whose_schedules_start_tasks_in_it(aws):
    """Whatever their names are: those of an existing cluster, and of adopted jobs, do not begin with its name."""
    found = ((NAME, CLUSTER), ("magiclub-an2p-other", "other"))
    names = [{"Name": name, "Target": {"Arn": f"{ECS}:cluster/{cluster}"}} for name, cluster in found]
    names.append({"Name": "a-function", "Target": {"Arn": "arn:aws:lambda:ap-northeast-2:123456789012:function:a"}})
    aws.answer("scheduler", "list_schedules", {"Schedules": names}, GroupName="default")
    aws.answer("scheduler", "get_schedule", SCHEDULE, Name=NAME, GroupName="default")
    arn = DEFINITION["taskDefinitionArn"]
    aws.answer("ecs", "describe_task_definition", {"taskDefinition": DEFINITION}, taskDefinition=arn)
    listed(aws, task(), task(hour=9, by=f"before/{NAME}/7/abc"))
    aws.answer(
        "logs",
        "describe_log_streams",
        {"logStreams": [{"lastEventTimestamp": 1000}]},
        logGroupName=f"/ecs/{NAME}",
        orderBy="LastEventTime",
        descending=True,
        limit=1,
    )
    [job] = jobs.read(aws.client, CLUSTER, [])
    assert job["schedule"]["Name"] == NAME
    assert [one["startedBy"] for one in job["tasks"]] == [f"chronos-schedule/{NAME}"]
    assert job["logged"] == 1000


def test_who_may_not_read_schedules_sees_no_jobs(aws):
    aws.refuse("scheduler", "list_schedules", "AccessDeniedException", GroupName="default")
    assert jobs.read(aws.client, CLUSTER, []) == []


def test_another_refusal_is_one(aws):
    aws.refuse("scheduler", "list_schedules", "ValidationException", GroupName="default")
    with pytest.raises(Exception, match="ValidationException"):
        jobs.read(aws.client, CLUSTER, [])
