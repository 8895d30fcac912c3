# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A Docker engine is made sure of, or one sentence says what to do."""

from __future__ import annotations

import gc
import shutil
import socket
from pathlib import Path

import pytest

from local_aws import engine


@pytest.mark.parametrize(
    ("os_release", "expected"),
    [
        ("ID=debian\nVERSION_ID=12", True),
        ("ID=ubuntu\nID_LIKE=debian", True),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"', True),
        ("ID=fedora", False),
        ('ID=rocky\nID_LIKE="rhel centos fedora"', False),
        ("", False),
    ],
)
def test_is_debian(os_release: str, expected: bool) -> None:
    assert engine.is_debian(os_release) is expected


@pytest.mark.parametrize(("bound", "why"), [(False, "No such file"), (True, "Connection refused")])
def test_asking_an_engine_that_does_not_run_leaves_no_socket_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bound: bool, why: str
) -> None:
    path = tmp_path / "docker.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    with socket.socket(socket.AF_UNIX) as left:
        if bound:
            left.bind(str(path))
        assert why in engine.answer()
        # pytest fails for a socket that nobody closed
        gc.collect()


class Machine:
    """A machine on which the engine answers after some of these steps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answers_after: str, **facts: object) -> None:
        self.steps: list[str] = []
        self.answers_after = answers_after
        why = str(facts.get("why", "Connection refused"))
        monkeypatch.setattr(engine, "answer", lambda: "" if self.answers_after in self.steps else why)
        monkeypatch.setattr(engine, "install", lambda *names: self.steps.append(f"install {' '.join(names)}"))
        monkeypatch.setattr(engine, "start", lambda _state: self.steps.append("start"))
        monkeypatch.setattr(engine, "may_install", lambda: bool(facts.get("root", True)))
        monkeypatch.setattr(shutil, "which", lambda _name: "/x" if facts.get("installed") else None)
        monkeypatch.delenv("DOCKER_HOST", raising=False)


def test_an_installed_engine_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = Machine(monkeypatch, "start", installed=True)
    engine.ensure(tmp_path)
    assert machine.steps == ["start"]


def test_a_missing_engine_is_installed_and_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = Machine(monkeypatch, "start")
    engine.ensure(tmp_path)
    assert machine.steps == ["install docker.io", "start"]


def test_an_engine_that_its_package_started_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = Machine(monkeypatch, "install docker.io")
    engine.ensure(tmp_path)
    assert machine.steps == ["install docker.io"]


@pytest.mark.parametrize(
    ("facts", "docker_host", "sentence"),
    [
        ({"root": False}, None, "No Docker engine answers, and none is installed. Install Docker Engine 20.10"),
        ({"why": "Permission denied"}, None, "add the user to the group 'docker'"),
        ({}, "tcp://10.0.0.1:2375", "No Docker engine answers at DOCKER_HOST=tcp://10.0.0.1:2375."),
    ],
)
def test_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, facts: dict[str, object], docker_host: str | None, sentence: str
) -> None:
    machine = Machine(monkeypatch, "never", **facts)
    if docker_host:
        monkeypatch.setenv("DOCKER_HOST", docker_host)
    with pytest.raises(engine.EngineError, match=sentence):
        engine.ensure(tmp_path)
    assert machine.steps == []


def test_an_engine_of_others_is_not_stopped(tmp_path: Path) -> None:
    assert engine.stop(tmp_path) is False
