# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures for tests against the local AWS: an emulator per session, an account per test, and ways to run playbooks."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from tests.support.account import Account
from tests.support.ansible_run import Runner
from tests.support.cloud import Cloud, free_port


class Emulator(t.NamedTuple):
    endpoint: str
    calls_path: Path | None


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulator]:
    """The local AWS: the one at MAGICLUB_ENDPOINT (call log: MAGICLUB_CALL_LOG), else a separate one per session."""
    endpoint = os.environ.get("MAGICLUB_ENDPOINT")
    if endpoint:
        calls = os.environ.get("MAGICLUB_CALL_LOG")
        yield Emulator(endpoint, Path(calls) if calls else None)
        return
    cloud = Cloud(free_port(), tmp_path_factory.mktemp("local_aws"))
    cloud.up()
    yield Emulator(cloud.endpoint, cloud.calls_path)
    cloud.down()


@pytest.fixture
def account(emulator: Emulator) -> t.Iterator[Account]:
    """A separate account for the test; its containers are stopped after the test."""
    fresh = Account.fresh(emulator.endpoint, emulator.calls_path)
    yield fresh
    fresh.stop_services()


@pytest.fixture
def playbook(account: Account, tmp_path: Path) -> Runner:
    """Run plays, or a playbook of the repository, in the account."""
    return Runner(account.environment, tmp_path)


class Module(t.Protocol):
    def __call__(
        self, name: str, *, check: bool = False, fails: bool = False, **parameters: t.Any
    ) -> dict[str, t.Any]: ...


@pytest.fixture
def module(playbook: Runner) -> Module:
    """Run one module of this collection, or any by its full name, in the account; return its result."""

    def run(name: str, *, check: bool = False, fails: bool = False, **parameters: t.Any) -> dict[str, t.Any]:
        action = name if "." in name else f"magiclub.fargate.{name}"
        result = playbook([{"tasks": [{"name": "Run the module", action: parameters}]}], check=check)
        assert (result.rc != 0) is fails, result.text
        return result.of("Run the module")

    return run
