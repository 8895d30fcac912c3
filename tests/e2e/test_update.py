# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A change of the app's code: one image, one revision, one deployment, and no request that fails meanwhile.

It is a sample, too, of test_load.py: less load, and no measuring.
"""

from __future__ import annotations

import shutil
import threading
import typing as t
from pathlib import Path

import pytest

from tests.house.ansible_run import Runner
from tests.house.cloud import ROOT

from .conftest import LOCAL, Platform, is_lucky

CLIENTS = 4
IGNORED = shutil.ignore_patterns(".git", ".venv", ".local_aws", "build", "__pycache__", ".*_cache")


@pytest.fixture(scope="module")
def changed_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout whose app differs in its version."""
    folder = tmp_path_factory.mktemp("changed") / "fargate"
    shutil.copytree(ROOT, folder, symlinks=True, ignore=IGNORED)
    package = folder / "lotto_app" / "src" / "lotto_app" / "__init__.py"
    package.write_text(package.read_text() + "\nCHANGED = True\n")
    return folder


class Requests:
    """Asks for numbers all the time, CLIENTS at once, as long as the block lasts."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._stop = threading.Event()
        self._clients = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]
        self.answered = 0
        self.wrong: list[str] = []

    def __enter__(self) -> t.Self:
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._stop.set()
        for client in self._clients:
            client.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            try:
                if not is_lucky(self._platform.numbers()):
                    self.wrong.append("not six numbers")
            except (AssertionError, OSError) as error:
                self.wrong.append(repr(error))
            self.answered += 1


def test_a_changed_app_is_deployed_without_a_failed_request(
    platform: Platform, changed_checkout: Path, tmp_path: Path
) -> None:
    images, revisions = platform.images(), platform.revisions()
    before = len(platform.account.calls())
    with Requests(platform) as requests:
        run = Platform(platform.account, Runner(platform.account.environment, tmp_path, changed_checkout)).site()
    assert run.rc == 0, run.text
    assert requests.answered > 100
    assert requests.wrong == []
    assert len(platform.images()) == len(images) + 1
    assert len(platform.revisions()) == len(revisions) + 1
    updates = [call["action"] for call in platform.account.calls()[before:] if call["action"] == "UpdateService"]
    assert updates == ["UpdateService"]
    [deployment] = platform.service()["deployments"]
    assert (deployment["rolloutState"], deployment["taskDefinition"]) == ("COMPLETED", platform.revisions()[-1])


def test_the_same_inputs_build_push_and_deploy_nothing(
    platform: Platform, changed_checkout: Path, tmp_path: Path
) -> None:
    images, revisions = platform.images(), platform.revisions()
    run = Platform(platform.account, Runner(platform.account.environment, tmp_path, changed_checkout)).site()
    assert (run.rc, run.changed_tasks) == (0, []), run.text
    assert (platform.images(), platform.revisions()) == (images, revisions)


def test_one_layer_deploys_an_image_that_is_there_twice(
    platform: Platform, changed_checkout: Path, tmp_path: Path
) -> None:
    revisions = platform.revisions()
    first = platform.account.client("ecs").describe_task_definition(taskDefinition=revisions[0])["taskDefinition"]
    wanted = {"lotto_service_image": first["containerDefinitions"][0]["image"], "lotto_service_desired_count": 2}
    run = Platform(platform.account, Runner(platform.account.environment, tmp_path, changed_checkout)).site(
        "--tags", "lotto_service", extra_vars=wanted
    )
    assert run.rc == 0, run.text
    assert platform.revisions()[:-1] == revisions
    [deployment] = platform.service()["deployments"]
    assert (deployment["rolloutState"], deployment["taskDefinition"]) == ("COMPLETED", platform.revisions()[-1])
    assert is_lucky(platform.numbers())


def test_a_port_that_changes_stays_open_until_the_new_one_serves(platform: Platform) -> None:
    before = len(platform.account.calls())
    moved = {"lotto_service_options": {"port": 8081}, "lotto_service_environment": {"PORT": "8081"}}
    run = platform.site("--tags", "lotto_service", extra_vars={**moved, "lotto_service_desired_count": 2})
    assert run.rc == 0, run.text
    steps = ("AuthorizeSecurityGroupIngress", "UpdateService", "RevokeSecurityGroupIngress")
    made = [call["action"] for call in platform.account.calls()[before:] if call["action"] in steps]
    assert made == list(steps)
    assert is_lucky(platform.numbers())
    again = platform.site("--tags", "lotto_service", extra_vars={**moved, "lotto_service_desired_count": 2})
    assert (again.rc, again.changed_tasks) == (0, []), again.text


def test_a_scale_in_fails_no_request(platform: Platform) -> None:
    assert platform.service()["runningCount"] == 2
    with Requests(platform) as requests:
        variables = {"service": "lotto", "desired_count": 1}
        run = platform.run("playbooks/scale.yml", *LOCAL, env=platform.environment, extra_vars=variables)
    assert run.rc == 0, run.text
    assert (platform.service()["runningCount"], requests.wrong) == (1, [])
    assert requests.answered > 100
