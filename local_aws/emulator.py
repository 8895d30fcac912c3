# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Start, show, reset and stop the process of the local AWS and the containers of its tasks."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from docker.errors import APIError

from local_aws import clock, engine, reference, settings
from local_aws.process import Remembered, say

START_TIMEOUT = 60.0
STOP_TIMEOUT = 40.0
# loopback needs no proxy
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
INHERITED = frozenset(
    {
        "ALL_PROXY",
        "DOCKER_CERT_PATH",
        "DOCKER_CONFIG",
        "DOCKER_CONTEXT",
        "DOCKER_HOST",
        "DOCKER_TLS",
        "DOCKER_TLS_HOSTNAME",
        "DOCKER_TLS_VERIFY",
        "HOME",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "LANG",
        "LD_LIBRARY_PATH",
        "LOGNAME",
        "LOG_LEVEL",
        "NO_PROXY",
        "PATH",
        "REQUESTS_CA_BUNDLE",
        "SSH_AUTH_SOCK",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "TMPDIR",
        "TZ",
        "USER",
        "VIRTUAL_ENV",
        "all_proxy",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    }
)
INHERITED_PREFIXES = ("COVERAGE_", "LC_", "LOCAL_AWS_", "PYTHON", "XDG_")
PACKAGE_ROOT = Path(__file__).resolve().parent.parent


class EmulatorError(RuntimeError):
    """The local AWS could not be started or reached; the text says what to do."""


@dataclass(frozen=True)
class Options:
    """Options of the local AWS.

    :param port: TCP port on 127.0.0.1.
    :param auth: enforce IAM policies.
    :param containers: run ECS tasks as containers.
    :param time_scale: factor on AWS's own waiting times.
    :param services: additional services, as returned by ``services.parse``.
    """

    port: int = settings.DEFAULT_PORT
    auth: bool = False
    containers: bool = True
    time_scale: float = settings.DEFAULT_TIME_SCALE
    services: str = ""


def endpoint(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def request(port: int, method: str, path: str, timeout: float = 5.0) -> dict[str, Any]:
    data = b"" if method == "POST" else None
    asked = urllib.request.Request(f"{endpoint(port)}{path}", method=method, data=data)  # noqa: S310 - loopback
    with OPENER.open(asked, timeout=timeout) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found


def answers(port: int) -> bool:
    try:
        request(port, "GET", "/_ministack/health", timeout=2.0)
    except (OSError, ValueError):
        return False
    return True


@contextlib.contextmanager
def locked(state: Path) -> Iterator[None]:
    """Allow one `up`, `down` or `reset` at a time in a state folder."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def environment(options: Options, state: Path) -> dict[str, str]:
    """Return the environment of the process: our variables, and the caller's for Python and Docker.

    MiniStack reads a hundred other variables: container flags, ports to listen on, folders for its state.
    """
    inherited = {k: v for k, v in os.environ.items() if k in INHERITED or k.startswith(INHERITED_PREFIXES)}
    address, by = engine.named() if options.containers else ("", "")
    return {
        **inherited,
        # MiniStack uses the socket of DOCKER_HOST and ignores contexts
        **({"DOCKER_HOST": address} if by and address.startswith("unix://") else {}),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PACKAGE_ROOT), os.environ.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
        "GATEWAY_PORT": str(options.port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": str(options.auth).lower(),
        "PERSIST_STATE": "0",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOCAL_AWS_STATE_DIR": str(state),
        "LOCAL_AWS_CONTAINERS": str(int(options.containers)),
        "LOCAL_AWS_TIME_SCALE": str(options.time_scale),
        "LOCAL_AWS_SERVICES": options.services,
    }


def port_is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def up(options: Options, state: Path) -> None:
    """Start the local AWS if it is not running, and return once it answers."""
    if options.auth:
        try:
            reference.check_installed()
        except reference.MissingReferenceError as error:
            raise EmulatorError(str(error)) from error
    with locked(state):
        remembered = Remembered(state / "emulator.json")
        running = remembered.alive()
        if running:
            wanted = {**running, **asdict(options)}
            if wanted != running:
                raise EmulatorError(
                    f"The local AWS of {state} runs with other options: {running}. "
                    "Run 'python -m local_aws down' first."
                )
            wait_until_it_answers(remembered, options.port, state / "emulator.log")
            return
        if port_is_taken(options.port):
            raise EmulatorError(
                f"Port {options.port} is taken by another process. Give a free one with --port, or to "
                f"'make demo' and the playbooks, too, with export MAGICLUB_ENDPOINT={endpoint(options.port + 1)}."
            )
        log = state / "emulator.log"
        log.unlink(missing_ok=True)
        command = [sys.executable, "-m", "local_aws.serve"]
        remembered.start(command, log, environment(options, state), **asdict(options))
        wait_until_it_answers(remembered, options.port, log)


def wait_until_it_answers(remembered: Remembered, port: int, log: Path) -> None:
    until = time.monotonic() + START_TIMEOUT
    while not answers(port):
        if not remembered.alive():
            raise EmulatorError(
                f"The local AWS ended at once: {engine.last_line(log.read_text(errors='replace'))} (log: {log})"
            )
        if time.monotonic() > until:
            raise EmulatorError(f"The local AWS did not answer within {START_TIMEOUT:.0f} s; see {log}.")
        time.sleep(0.05)


def instance(port: int) -> str:
    """Return the label with which MiniStack marks the containers of one instance."""
    return f"ministack.instance={socket.gethostname()}:{port}"


def remove_containers(port: int) -> int:
    """Remove the containers that a killed instance left behind, and return their number."""
    if engine.answer():
        return 0
    left = engine.client(timeout=60).containers.list(all=True, filters={"label": instance(port)})
    for container in left:
        container.remove(force=True, v=True)
    remove_networks(port)
    return len(left)


def remove_networks(port: int) -> None:
    """Remove the network of an instance's tasks, whose addresses other networks may need."""
    for network in engine.client(timeout=60).networks.list(filters={"label": instance(port)}):
        with contextlib.suppress(APIError):
            network.remove()


def down(state: Path) -> bool:
    """Stop what `up` started, and the containers of its tasks. Return False if nothing was running."""
    with locked(state):
        remembered = Remembered(state / "emulator.json")
        port = remembered.read().get("port")
        ended = remembered.end(timeout=STOP_TIMEOUT)
        if port:
            left = remove_containers(port)
            if left:
                say(f"removed {left} container(s) that were left behind")
        return engine.stop(state) or ended


def status(state: Path) -> dict[str, Any]:
    """Return whether the local AWS runs, where, and since when."""
    running = Remembered(state / "emulator.json").alive()
    ready = bool(running) and answers(running["port"])
    shown: dict[str, Any] = {"running": bool(running), "ready": ready, "state_dir": str(state)}
    if running:
        names = ("pid", "port", "auth", "containers", "time_scale", "services")
        shown.update({name: running.get(name) for name in names}, endpoint=endpoint(running["port"]))
        shown["call_log"] = str(settings.call_log_path(state))
    shown["engine_started_by_us"] = bool(Remembered(state / "engine.json").alive())
    return shown


def reset(state: Path) -> None:
    """Empty every account and remove the containers of all tasks."""
    control(state, "/_ministack/reset", "reset")


def forward(state: Path, by: str) -> None:
    """Put the clock of schedules forward, and start each schedule that is due meanwhile once."""
    control(state, f"{clock.PATH}?by={clock.seconds(by)}", "clock change")


def control(state: Path, path: str, what: str) -> None:
    with locked(state):
        running = Remembered(state / "emulator.json").alive()
        if not running:
            raise EmulatorError("The local AWS does not run. Start it with 'python -m local_aws up'.")
        try:
            request(running["port"], "POST", path, timeout=120)
        except (OSError, urllib.error.URLError) as error:
            raise EmulatorError(f"The {what} failed: {error}; see {state / 'emulator.log'}.") from error
