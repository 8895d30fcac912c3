# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A Docker engine is provided, or one message says what to do."""

from __future__ import annotations

import gc
import hashlib
import json
import shutil
import socket
from pathlib import Path

import pytest

from local_aws import emulator, engine


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
        # pytest fails for an unclosed socket
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


def contexts(folder: Path, current: str | None) -> None:
    """Create Docker's folder with a context 'desktop'."""
    place = folder / "contexts" / "meta" / hashlib.sha256(b"desktop").hexdigest()
    place.mkdir(parents=True)
    endpoints = {"docker": {"Host": "unix:///home/a/docker.sock", "SkipTLSVerify": False}}
    (place / "meta.json").write_text(json.dumps({"Name": "desktop", "Metadata": {}, "Endpoints": endpoints}))
    (folder / "config.json").write_text(json.dumps({"currentContext": current} if current else {}))


DESKTOP = ("unix:///home/a/docker.sock", "unix:///home/a/docker.sock of the Docker context 'desktop'")


@pytest.mark.parametrize(
    ("current", "environment", "expected"),
    [
        (None, {}, ("unix:///var/run/docker.sock", "")),
        (None, {"DOCKER_HOST": "tcp://h:1"}, ("tcp://h:1", "DOCKER_HOST=tcp://h:1")),
        ("desktop", {}, DESKTOP),
        (None, {"DOCKER_CONTEXT": "desktop"}, DESKTOP),
        ("desktop", {"DOCKER_HOST": "tcp://h:1"}, ("tcp://h:1", "DOCKER_HOST=tcp://h:1")),
        ("desktop", {"DOCKER_CONTEXT": "default"}, ("unix:///var/run/docker.sock", "")),
    ],
)
def test_who_names_the_engine(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    current: str | None,
    environment: dict[str, str],
    expected: tuple[str, str],
) -> None:
    contexts(tmp_path, current)
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**environment, "DOCKER_CONFIG": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    assert engine.named() == expected
    # MiniStack checks this before it asks for containers at all
    given = emulator.environment(emulator.Options(), tmp_path)
    assert given.get("DOCKER_HOST") == (None if expected[1] == "" else expected[0])


def test_a_context_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONTEXT", "gone")
    with pytest.raises(engine.EngineError, match="There is no Docker context 'gone' with an engine"):
        engine.ensure(tmp_path)


def test_the_environment_of_the_process_has_nothing_that_loosens_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("LAMBDA_EXECUTOR", "EC2_DOCKER_FLAGS", "AWS_PROFILE", "MINISTACK_HOST", "SFTP_PORT", "SERVICES"):
        monkeypatch.setenv(name, "--privileged")
    assert "--privileged" not in emulator.environment(emulator.Options(), tmp_path).values()
