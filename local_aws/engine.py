# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Provide a Docker engine: use one that answers, else start one, else install it from Debian's packages."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import docker
from docker.context import ContextAPI
from docker.context.config import get_current_context_name

from local_aws.process import Remembered, say

START_TIMEOUT = 60.0
OTHER_CONTEXT = "Take one that 'docker context ls' shows, by DOCKER_CONTEXT or 'docker context use NAME'."
HOW_TO_GET_ONE = (
    "Install Docker Engine 20.10 or newer (https://docs.docker.com/engine/install/), start it, and see that "
    "'docker version' shows a server for this user; or use --no-containers."
)


class EngineError(RuntimeError):
    """There is no usable Docker engine; the text says what to do."""


def client(timeout: int = 30) -> Any:
    """Return a Docker SDK client of the engine that the Docker CLI would use; a busy one gets time."""
    return docker.from_env(timeout=timeout)


def named() -> tuple[str, str]:
    """Return the engine's address and its source: 'DOCKER_HOST=…', a Docker context, or '' for the local default.

    :raises EngineError: for a missing context, for which the SDK would silently use the local engine.
    """
    host = os.environ.get("DOCKER_HOST")
    if host:
        return host, f"DOCKER_HOST={host}"
    name = os.environ.get("DOCKER_CONTEXT") or get_current_context_name()
    try:
        context = ContextAPI.get_context(name)
    except Exception as error:  # the SDK raises plain exceptions for a context that it can't read
        raise EngineError(f"The Docker context '{name}' can't be read: {error}. {OTHER_CONTEXT}") from error
    if context is None or not context.Host:
        raise EngineError(f"There is no Docker context '{name}' with an engine. {OTHER_CONTEXT}")
    by = "" if name == "default" else f"{context.Host} of the Docker context '{name}'"
    return str(context.Host), by


def answer() -> str:
    """Return '' if the engine answers, else the reason."""
    try:
        _knock(named()[0])
        with contextlib.closing(client()) as asked:
            asked.ping()
    except Exception as error:
        return str(error)
    return ""


def _knock(address: str) -> None:
    # the SDK leaves a refused socket open
    kind, _separator, path = address.removeprefix("http+").partition("://")
    if kind == "unix":
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(path)


def is_debian(os_release: str) -> bool:
    """Return whether /etc/os-release is Debian's, Ubuntu's or a derivative's."""
    facts = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    names = f"{facts.get('ID', '')} {facts.get('ID_LIKE', '')}".replace('"', "").split()
    return "debian" in names or "ubuntu" in names


def may_install() -> bool:
    try:
        os_release = Path("/etc/os-release").read_text()
    except OSError:
        return False
    return os.geteuid() == 0 and is_debian(os_release) and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Install Debian packages, after updating the package lists, which a fresh machine lacks."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *arguments], env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise EngineError(f"'apt-get {' '.join(arguments)}' failed: {last_line(done.stderr)} {HOW_TO_GET_ONE}")


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no output."


def ensure(state: Path) -> None:
    """Return once an engine answers, or raise EngineError."""
    why_not = answer()
    if not why_not:
        return
    _address, by = named()
    if by:
        raise EngineError(f"No Docker engine answers at {by}: {why_not.rstrip('.')}. {HOW_TO_GET_ONE}")
    if "Permission denied" in why_not:
        raise EngineError(
            "This user may not use /var/run/docker.sock: add the user to the group 'docker', or use sudo."
        )
    if shutil.which("dockerd") is None:
        if not may_install():
            raise EngineError(f"No Docker engine answers, and none is installed. {HOW_TO_GET_ONE}")
        say("no Docker engine here; installing docker.io from Debian's packages (about a minute)")
        install("docker.io")
    if answer():
        start(state)


def start(state: Path) -> None:
    if os.geteuid() != 0:
        raise EngineError(
            f"The Docker engine is installed but does not run, and only root may start it. {HOW_TO_GET_ONE}"
        )
    say("starting the Docker engine")
    remembered, log = Remembered(state / "engine.json"), state / "dockerd.log"
    remembered.start(["dockerd"], log)
    until = time.monotonic() + START_TIMEOUT
    while answer():
        if not remembered.alive():
            raise EngineError(f"dockerd ended at once: {last_line(log.read_text(errors='replace'))} (log: {log})")
        if time.monotonic() > until:
            raise EngineError(f"dockerd did not answer within {START_TIMEOUT:.0f} s; see {log}.")
        time.sleep(0.2)


def stop(state: Path) -> bool:
    """Stop the engine if we started it and nothing else runs on it."""
    remembered = Remembered(state / "engine.json")
    if not remembered.alive():
        remembered.path.unlink(missing_ok=True)
        return False
    others = _containers()
    if others:
        say(f"leaving the Docker engine running: {others} container(s) that are not ours use it")
        return False
    return remembered.end(timeout=30)


def _containers() -> int:
    if answer():
        return 0
    with contextlib.closing(client()) as asked:
        return len(asked.containers.list())
