# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures for tests of the whole platform: one account per file, and requests through its load balancer."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import subprocess
import sys
import threading
import typing as t
import urllib.error
import urllib.request
from pathlib import Path

import docker
import pytest

from tests.conftest import Emulator
from tests.support.account import REGION, Account
from tests.support.ansible_run import Run, Runner
from tests.support.cloud import ROOT, Cloud
from tests.support.no_containers import bare_cloud

PREFIX = "magiclub-an2p"
SITE = "playbooks/site.yml"
BASE = "magiclub.local/python:3.11-slim-bookworm"
LOCAL = ("--inventory", "inventories/local")
# the lock of a platform is a parameter, which every run writes and deletes
LOCK = "ssm"
CLIENTS = 4
# between two requests of a client, to leave the processor to the run under test
PAUSE_SECONDS = 0.05
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".local_aws", "build", "__pycache__", ".*_cache")


class Answer(t.NamedTuple):
    status: int
    body: str
    headers: t.Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Platform:
    """The platform of an account, deployed by site.yml and removed by destroy.yml."""

    account: Account
    run: Runner

    def site(self, *arguments: str, **options: t.Any) -> Run:
        return self.run(SITE, *LOCAL, *arguments, env=self.environment, **options)

    def destroy(self, *arguments: str, **options: t.Any) -> Run:
        return self.run(
            "playbooks/destroy.yml",
            *LOCAL,
            "--extra-vars",
            f"confirm={PREFIX}",
            *arguments,
            env=self.environment,
            **options,
        )

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment variable with the endpoint of the local inventory."""
        return {"MAGICLUB_ENDPOINT": self.account.endpoint}

    def push(self, app: str, build: t.Mapping[str, t.Any]) -> str:
        """Build an image, push it into this account's ECR, and return its name with its digest."""
        variables = {
            "ecr_push_app": app,
            "ecr_push_build": build,
            "fargate_name_prefix": PREFIX,
            "fargate_region": REGION,
            "fargate_endpoint_url": self.account.endpoint,
            "fargate_tags": {"Project": "magiclub", "ManagedBy": "ansible"},
        }
        tasks = [
            {"name": "Push", "ansible.builtin.include_role": {"name": "magiclub.fargate.ecr_push"}},
            {"name": "Tell", "ansible.builtin.debug": {"msg": "{{ ecr_push_info.image.uri }}"}},
        ]
        run = self.run([{"vars": variables, "tasks": tasks}])
        assert run.rc == 0, run.text
        return t.cast("str", run.of("Tell")["msg"])

    @property
    def address(self) -> str:
        """Return the address of its load balancer for browsers."""
        return f"http://{PREFIX}-pub-alb.{self.account.key}.alb.localhost:{self.account.endpoint.rpartition(':')[2]}"

    def get(self, path: str, port: int = 80, host: str | None = None) -> Answer:
        """Send a request through the load balancer, as from the internet."""
        name = f"{PREFIX}-pub-alb.{self.account.key}.alb.localhost:{port}"
        request = urllib.request.Request(f"{self.account.endpoint}{path}", headers={"Host": host or name})
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=10) as response:
                return Answer(response.status, response.read().decode(), dict(response.headers))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode(), dict(error.headers))

    def numbers(self) -> list[int]:
        """Return six numbers from the service."""
        answer = self.get("/api/lotto/lucky")
        assert answer.status == 200, answer
        return t.cast("list[int]", json.loads(answer.body))

    def service(self) -> dict[str, t.Any]:
        """Return the ECS service lotto as AWS describes it."""
        described = self.account.client("ecs").describe_services(cluster=f"{PREFIX}-ecs", services=[f"{PREFIX}-lotto"])
        return t.cast("dict[str, t.Any]", described["services"][0])

    def images(self) -> list[dict[str, t.Any]]:
        ecr = self.account.client("ecr")
        return t.cast("list[dict[str, t.Any]]", ecr.describe_images(repositoryName=f"{PREFIX}-lotto")["imageDetails"])

    def revisions(self) -> list[str]:
        """Return the ARNs of all revisions of the task definition."""
        ecs = self.account.client("ecs")
        return t.cast("list[str]", ecs.list_task_definitions(familyPrefix=f"{PREFIX}-lotto")["taskDefinitionArns"])


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: t.Any, **_options: t.Any) -> None:
        return None


def is_lucky(numbers: t.Any) -> bool:
    """Return whether this is six different integers from 1 to 45 in ascending order."""
    return (
        isinstance(numbers, list)
        and len(numbers) == 6
        and all(isinstance(number, int) and 1 <= number <= 45 for number in numbers)
        and sorted(set(numbers)) == numbers
    )


class Clients:
    """Clients that send requests as long as the block lasts, with a pause after each."""

    clients = CLIENTS
    pause = PAUSE_SECONDS

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(self.clients)]

    def __enter__(self) -> t.Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Send no more requests."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self.pause):
            self.ask()

    def ask(self) -> None:
        """Send a request, and record the result."""
        raise NotImplementedError


class Requests(Clients):
    """Requests numbers; C(wrong) are the answers that were none."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self.answered = 0
        self.wrong: list[str] = []

    def ask(self) -> None:
        try:
            if not is_lucky(self._platform.numbers()):
                self.wrong.append("not six numbers")
        except (AssertionError, OSError, ValueError) as error:
            self.wrong.append(repr(error))
        self.answered += 1


def images_built(account: Account) -> list[str]:
    """Return the tags in the Docker engine for this account's registry."""
    with contextlib.closing(docker.from_env()) as engine:
        return [tag for image in engine.images.list() for tag in image.tags if account.key in tag]


def changing(calls: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    """Return the calls that changed a platform: all but those of its lock."""
    return [f"{call['service']}:{call['action']}" for call in calls if call["service"] != LOCK]


def floor(account: Account) -> int:
    """Return the number of calls with which a plain script would find that nothing changed."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.floor", PREFIX],
        cwd=ROOT,
        env=account.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(json.loads(done.stdout)["calls"])


def complaints(run: Run) -> list[str]:
    """Return the warnings of a run."""
    return [line for line in run.text.splitlines() if "WARNING]" in line]


@pytest.fixture(scope="module")
def changed_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with another version of the app."""
    folder = tmp_path_factory.mktemp("changed") / "fargate"
    shutil.copytree(ROOT, folder, symlinks=True, ignore=NOT_COPIED)
    package = folder / "lotto_app" / "src" / "lotto_app" / "__init__.py"
    package.write_text(package.read_text() + "\nCHANGED = True\n")
    return folder


@pytest.fixture(scope="module")
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Cloud]:
    """A local AWS of a file, without containers, with the file's C(CLOUD_OPTIONS) of C(local_aws up)."""
    with bare_cloud(tmp_path_factory.mktemp("cloud") / "aws", *getattr(request.module, "CLOUD_OPTIONS", ())) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def empty_platform(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Platform]:
    """A new account, shared by the tests of a file in their order."""
    account = Account.fresh(emulator.endpoint, emulator.calls_path)
    yield Platform(account, Runner(account.environment, tmp_path_factory.mktemp("platform")))
    account.stop_services()


@pytest.fixture(scope="session")
def operated(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Platform]:
    """A running platform, for tests of operations; each leaves it serving."""
    account = Account.fresh(emulator.endpoint, emulator.calls_path)
    made = Platform(account, Runner(account.environment, tmp_path_factory.mktemp("operated")))
    run = made.site()
    assert run.rc == 0, run.text
    yield made
    account.stop_services()


@pytest.fixture(scope="module")
def platform(empty_platform: Platform) -> Platform:
    """A platform that site.yml has just created."""
    run = empty_platform.site()
    assert run.rc == 0, run.text
    return empty_platform
