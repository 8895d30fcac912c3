# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A command that has to succeed before a revision is deployed, as a migration, with real tasks."""

from __future__ import annotations

import json
import typing as t

import pytest

from .conftest import PREFIX, Platform

GOOD = ["python3", "-c", "print('3 migrations applied')"]
BAD = ["python3", "-c", "print('table is locked'); raise SystemExit(3)"]


def options(command: list[str], **more: t.Any) -> tuple[str, str]:
    given = {"lotto_service_options": {"before": {"command": command}}, **more}
    return "--extra-vars", json.dumps(given)


def tried(platform: Platform) -> list[tuple[int, int]]:
    """Return the number of the revision and the exit code of each task that came before a deployment."""
    ecs = platform.account.client("ecs")
    arns = ecs.list_tasks(cluster=f"{PREFIX}-ecs", desiredStatus="STOPPED")["taskArns"]
    tasks = ecs.describe_tasks(cluster=f"{PREFIX}-ecs", tasks=arns)["tasks"] if arns else []
    ours = [task for task in tasks if task.get("startedBy", "").startswith("before/")]
    return sorted((int(one["startedBy"].split("/")[2]), one["containers"][0]["exitCode"]) for one in ours)


@pytest.fixture(scope="module")
def deployed(empty_platform: Platform) -> Platform:
    run = empty_platform.site(*options(GOOD))
    assert run.rc == 0, run.text
    return empty_platform


def test_it_runs_before_the_first_deployment_too(deployed: Platform) -> None:
    assert tried(deployed) == [(1, 0)]
    assert len(deployed.numbers()) == 6


def test_it_runs_once_a_revision(deployed: Platform) -> None:
    run = deployed.site(*options(GOOD))
    assert (run.rc, "Nothing had to change." in run.text) == (0, True), run.text
    assert tried(deployed) == [(1, 0)]


def test_if_it_fails_nothing_is_deployed_and_the_next_run_tries_again(deployed: Platform) -> None:
    serving = deployed.service()["taskDefinition"]
    run = deployed.site(*options(BAD, lotto_service_environment={"LOG_LEVEL": "debug"}))
    assert run.rc != 0
    said = " ".join(run.text.split())
    assert f"{PREFIX}-lotto was not deployed: what comes before it" in said
    assert "ended with exit code 3" in said
    assert "table is locked" in said
    assert deployed.service()["taskDefinition"] == serving
    assert len(deployed.numbers()) == 6

    run = deployed.site(*options(GOOD, lotto_service_environment={"LOG_LEVEL": "debug"}))
    assert run.rc == 0, run.text
    assert tried(deployed) == [(1, 0), (2, 0), (2, 3)]
    assert deployed.service()["taskDefinition"] != serving
