# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures for tests against the local AWS: an emulator a session, an account a test, what runs in it."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from tests.house import ansible_run
from tests.house.account import Account
from tests.house.cloud import ROOT, Cloud, free_port

PLAYBOOK_SECONDS = 600


class Emulator(t.NamedTuple):
    endpoint: str
    calls_path: Path | None


class Playbook(t.Protocol):
    def __call__(
        self,
        plays: str | Path | t.Sequence[t.Mapping[str, t.Any]],
        *arguments: str,
        extra_vars: t.Mapping[str, t.Any] | None = None,
        check: bool = False,
        env: t.Mapping[str, str] | None = None,
        seconds: float = PLAYBOOK_SECONDS,
    ) -> ansible_run.Run: ...


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Emulator]:
    """The local AWS: the one at MAGICLUB_ENDPOINT (call log: MAGICLUB_CALL_LOG), else one of this session's own."""
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
    """An account of the test's own; what it runs in containers is stopped after the test."""
    fresh = Account.fresh(emulator.endpoint, emulator.calls_path)
    yield fresh
    fresh.stop_services()


@pytest.fixture
def playbook(account: Account, tmp_path: Path) -> Playbook:
    """Run plays, or a playbook of the repository, in the account."""

    def run(
        plays: str | Path | t.Sequence[t.Mapping[str, t.Any]],
        *arguments: str,
        extra_vars: t.Mapping[str, t.Any] | None = None,
        check: bool = False,
        env: t.Mapping[str, str] | None = None,
        seconds: float = PLAYBOOK_SECONDS,
    ) -> ansible_run.Run:
        if isinstance(plays, str | Path):
            path = ROOT / plays
        else:
            path = ansible_run.write_plays(plays, tmp_path)
            arguments = ("--inventory", "localhost,", *arguments)
        events = tmp_path / f"events-{len(list(tmp_path.glob('events-*')))}.jsonl"
        events.touch()
        command = [*ansible_run.variables(extra_vars or {}), *(["--check", "--diff"] if check else []), *arguments]
        process = ansible_run.start(path, command, {**account.environment, **(env or {})}, events)
        return ansible_run.finish(process, events, seconds)

    return run


class Module(t.Protocol):
    def __call__(
        self, name: str, *, check: bool = False, fails: bool = False, **parameters: t.Any
    ) -> dict[str, t.Any]: ...


@pytest.fixture
def module(playbook: Playbook) -> Module:
    """Run one module of this collection, or any by its full name, in the account; return what it returned."""

    def run(name: str, *, check: bool = False, fails: bool = False, **parameters: t.Any) -> dict[str, t.Any]:
        action = name if "." in name else f"magiclub.fargate.{name}"
        result = playbook([{"tasks": [{"name": "Run the module", action: parameters}]}], check=check)
        assert (result.rc != 0) is fails, result.text
        return result.of("Run the module")

    return run
