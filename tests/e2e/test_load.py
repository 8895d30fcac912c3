# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The app under load: 64 connections through a deployment and a scale-in, no failed request, constant memory."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import time
import typing as t
from pathlib import Path

import pytest

from tests.support.ansible_run import Run

from .conftest import LOCAL, PREFIX, Platform

SCRIPT = Path(__file__).with_name("load.lua")
CONNECTIONS = 64
SECONDS = 60
# long enough for both changes on a busy machine; the load ends with them
LONGEST_SECONDS = 1200
FAILURES = ("wrong", "connect", "read", "write", "timeout", "status")


class Load:
    """Run wrk against the load balancer, as long as the block lasts and at least SECONDS; C(found) is its report."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.found: dict[str, float] = {}

    def __enter__(self) -> t.Self:
        host = f"{PREFIX}-pub-alb.{self._platform.account.key}.alb.localhost:80"
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{LONGEST_SECONDS}s", "--timeout", "10s", "-s", str(SCRIPT)]
        url = f"{self._platform.account.endpoint}/api/lotto/lucky"
        self._began = time.monotonic()
        self._process = subprocess.Popen([*command, "-H", f"Host: {host}", url], stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_problem: object) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, SECONDS - (time.monotonic() - self._began)))
        # wrk closes its connections and prints its counts
        self._process.send_signal(signal.SIGINT)
        output, _ = self._process.communicate(timeout=60)
        self.found = json.loads(output.splitlines()[-1])


def memory(platform: Platform) -> dict[str, int]:
    """Return the bytes used by each running task's container, without page cache, by the task's id."""
    ecs = platform.account.client("ecs")
    arns = ecs.list_tasks(cluster=f"{PREFIX}-ecs", serviceName=f"{PREFIX}-lotto", desiredStatus="RUNNING")["taskArns"]
    names = {arn.rsplit("/", 1)[-1]: f"ecs-{arn.rsplit('/', 1)[-1]}-lotto-api" for arn in arns}
    return {task: _container_memory(name) for task, name in names.items()}


def _container_memory(name: str) -> int:
    command = ["docker", "exec", name, "python3", "-c", RESIDENT]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


# The sum of private memory over all processes, which would grow with a leak.
RESIDENT = """
import pathlib
texts = [path.read_text() for path in pathlib.Path('/proc').glob('[0-9]*/smaps_rollup')]
rows = [row.split() for text in texts for row in text.splitlines()]
print(sum(1024 * int(row[1]) for row in rows if row[0] in ('Private_Clean:', 'Private_Dirty:')))
"""


@pytest.fixture(scope="module", autouse=True)
def wrk() -> None:
    assert shutil.which("wrk"), "No wrk on PATH. On Debian: apt-get install wrk."


@pytest.fixture(scope="module")
def two_tasks(empty_platform: Platform) -> Platform:
    run = site(empty_platform)
    assert run.rc == 0, run.text
    return empty_platform


def site(platform: Platform, **options: t.Any) -> Run:
    """Deploy the platform with two tasks, or with I(options) of the role lotto_service."""
    return platform.site(extra_vars={"lotto_service_desired_count": 2, **options})


def scale(platform: Platform, count: int) -> Run:
    variables = {"service": "lotto", "desired_count": count}
    return platform.run("playbooks/scale.yml", *LOCAL, env=platform.environment, extra_vars=variables)


def test_a_deployment_and_a_scale_in_fail_no_request(two_tasks: Platform) -> None:
    before = set(memory(two_tasks))
    with Load(two_tasks) as load:
        deployed = site(two_tasks, lotto_service_environment={"LOG_LEVEL": "WARNING"})
        replaced = set(memory(two_tasks))
        scaled = scale(two_tasks, 1)
    assert deployed.rc == 0, deployed.text
    assert scaled.rc == 0, scaled.text
    assert not before & replaced, "The deployment replaced no task."
    assert len(memory(two_tasks)) == 1
    print(load.found)
    assert {name: load.found[name] for name in FAILURES} == dict.fromkeys(FAILURES, 0)
    assert load.found["seconds"] >= SECONDS
    assert load.found["right"] > 1000


def test_its_memory_is_flat(two_tasks: Platform) -> None:
    with Load(two_tasks) as warm:
        pass
    early = memory(two_tasks)
    with Load(two_tasks) as load:
        pass
    late = memory(two_tasks)
    print(early, late, warm.found, load.found)
    assert early.keys() == late.keys()
    assert all(late[task] - early[task] < 2_000_000 for task in early)
