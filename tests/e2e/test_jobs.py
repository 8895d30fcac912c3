# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The life of a job, with real tasks: the clock of its schedule is put forward, no test waits."""

from __future__ import annotations

import json
import time
import typing as t

import pytest

from tests.support import holdings
from tests.support.local_clock import forward

from .conftest import BASE, LOCAL, PREFIX, Platform

CLUSTER, FULL = f"{PREFIX}-ecs", f"{PREFIX}-report"
SAYS = ["python3", "-c", "print('3 reports written')"]
FAILS = ["python3", "-c", "print('no disk'); raise SystemExit(4)"]
SCHEDULE = {"cron": "0 2 * * ? *", "timezone": "Asia/Seoul", "window": 15}
LEAST = {"fargate_lotto": False, "fargate_private_domain": "", "vpc_nat": "none"}


def options(command: list[str] | None = None, **more: t.Any) -> tuple[str, ...]:
    """Return the options of a run with one job, or with I(command) and other options in it."""
    job = {"name": "report", "image": BASE, "command": command or SAYS, "subnets": "public", "schedule": SCHEDULE}
    services = [{key: value for key, value in {**job, **more}.items() if value is not None}]
    layers = ("--tags", "vpc,ecs_cluster,services")
    return *layers, "--extra-vars", json.dumps({**LEAST, "fargate_services": services})


def ended(platform: Platform) -> list[dict[str, t.Any]]:
    """Return the ended tasks of the job, each with its starter."""
    ecs = platform.account.client("ecs")
    arns = ecs.list_tasks(cluster=CLUSTER, family=FULL, desiredStatus="STOPPED")["taskArns"]
    tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else []
    return [task for task in tasks if task["lastStatus"] == "STOPPED"]


def eventually_ended(platform: Platform, number: int) -> list[dict[str, t.Any]]:
    """Return the ended tasks once there are so many, or those after a minute."""
    until = time.monotonic() + 60
    while len(tasks := ended(platform)) < number and time.monotonic() < until:
        time.sleep(0.2)
    return tasks


def schedule(platform: Platform) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", platform.account.client("scheduler").get_schedule(Name=FULL))


@pytest.fixture(scope="module")
def deployed(empty_platform: Platform) -> Platform:
    run = empty_platform.site(*options())
    assert run.rc == 0, run.text
    return empty_platform


def test_it_has_no_service_and_its_plan_is_empty_afterwards(deployed: Platform) -> None:
    assert deployed.account.client("ecs").list_services(cluster=CLUSTER)["serviceArns"] == []
    assert ended(deployed) == []
    run = deployed.site(*options())
    assert (run.rc, "Nothing had to change." in run.text) == (0, True), run.text


def test_its_task_starts_at_its_time_by_its_role(deployed: Platform) -> None:
    forward(deployed.account.endpoint, "25h")
    [task] = eventually_ended(deployed, 1)
    assert task["startedBy"] == f"chronos-schedule/{FULL}"
    assert task["containers"][0]["exitCode"] == 0


def test_run_starts_it_now_and_status_says_how_it_went(deployed: Platform) -> None:
    run = deployed.run(
        "playbooks/run.yml", *LOCAL, *options()[2:], "--extra-vars", "service=report", env=deployed.environment
    )
    assert (run.rc, "3 reports written" in run.text) == (0, True), run.text
    run = deployed.run("playbooks/status.yml", *LOCAL, *options()[2:], env=deployed.environment)
    assert run.rc == 0, run.text
    assert f"{FULL}  job scheduled" in run.text
    assert "exit code 0" in run.text


def test_drift_is_named_and_healed_and_a_new_revision_moves_the_schedule(deployed: Platform) -> None:
    scheduler = deployed.account.client("scheduler")
    has = {key: value for key, value in schedule(deployed).items() if key not in ("Arn", "CreationDate")}
    has = {key: value for key, value in has.items() if key not in ("LastModificationDate", "ResponseMetadata")}
    scheduler.update_schedule(**{**has, "State": "DISABLED", "ScheduleExpression": "rate(1 day)"})
    run = deployed.site(*options(), "--check")
    assert f"~ schedule {FULL}" in run.text
    assert "enabled false -> true" in run.text
    run = deployed.site(*options(FAILS))
    assert run.rc == 0, run.text
    found = schedule(deployed)
    assert (found["State"], found["ScheduleExpression"]) == ("ENABLED", "cron(0 2 * * ? *)")
    assert found["Target"]["EcsParameters"]["TaskDefinitionArn"].endswith(":2")


def test_a_run_that_fails_is_a_problem_of_status(deployed: Platform) -> None:
    before = len(ended(deployed))
    forward(deployed.account.endpoint, "1d")
    eventually_ended(deployed, before + 1)
    run = deployed.run("playbooks/status.yml", *LOCAL, *options(FAILS)[2:], env=deployed.environment)
    assert run.rc != 0
    assert f"Job {FULL} has failed: its last run ended with exit code 4" in " ".join(run.text.split())


def test_it_becomes_a_worker_and_a_job_again_and_leaves_nothing(deployed: Platform) -> None:
    as_job = holdings.holdings(deployed.account.client)
    run = deployed.site(*options(["sleep", "999"], schedule=None))
    assert run.rc == 0, run.text
    names = {name for kind, name in holdings.holdings(deployed.account.client) if kind in ("schedule", "iam_role")}
    assert FULL not in names and f"{FULL}-schedule" not in names
    run = deployed.site(*options())
    assert run.rc == 0, run.text
    now = holdings.holdings(deployed.account.client)
    # revisions are kept
    assert {key for key in now if key[0] != "ecs_task_definition"} == {
        key for key in as_job if key[0] != "ecs_task_definition"
    }


def test_its_removal_leaves_nothing_though_a_task_of_it_runs(deployed: Platform) -> None:
    run = deployed.site(*options(["sleep", "999"]))
    assert run.rc == 0, run.text
    forward(deployed.account.endpoint, "1d")
    run = deployed.destroy(*options()[2:])
    assert run.rc == 0, run.text
    assert holdings.left(deployed.account.client, PREFIX) == []
