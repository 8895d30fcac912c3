# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Plain MiniStack, and the local AWS: one of each per session, also with IAM enforced."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws import emulator, engine
from tests.local_aws.cloud import eventually
from tests.support.cloud import free_port

TIME_SCALE = 0.02


def plain_ministack(state: Path, auth: bool) -> Iterator[int]:
    options = emulator.Options(port=free_port(), auth=auth, containers=False)
    environment = {**emulator.environment(options, state), "DOCKER_HOST": f"unix://{state}/none.sock"}
    with (state / "ministack.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "ministack"], env=environment, stdout=log, stderr=log)
    assert eventually(lambda: emulator.answers(options.port), True, 60), (state / "ministack.log").read_text()
    yield options.port
    process.terminate()
    process.wait(timeout=30)


def our_local_aws(state: Path, auth: bool, containers: bool) -> Iterator[int]:
    options = emulator.Options(
        port=free_port(), auth=auth, containers=containers, time_scale=TIME_SCALE, services="cognito-idp"
    )
    emulator.up(options, state)
    yield options.port
    emulator.down(state)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    yield from plain_ministack(tmp_path_factory.mktemp("plain"), auth=False)


@pytest.fixture(scope="session")
def plain_auth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    yield from plain_ministack(tmp_path_factory.mktemp("plain_auth"), auth=True)


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    yield from our_local_aws(tmp_path_factory.mktemp("ours"), auth=False, containers=False)


@pytest.fixture(scope="session")
def ours_auth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    yield from our_local_aws(tmp_path_factory.mktemp("ours_auth"), auth=True, containers=False)


@pytest.fixture(scope="session")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The local AWS with containers; the engine ends with it, if it was started here."""
    state = tmp_path_factory.mktemp("containers")
    engine.ensure(state)
    yield from our_local_aws(state, auth=False, containers=True)


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
