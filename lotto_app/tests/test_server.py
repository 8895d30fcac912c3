"""The server as a process: its socket, its signals, its metrics."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic

import pytest

from lotto_app import healthcheck
from lotto_app import server as server_module

SOURCES = Path(__file__).parents[1] / "src"
# only an upper bound: a correct server needs a tenth of it
PATIENCE = 60
SERVE_WAITING_APP = """
import os
from lotto_app.server import serve
from lotto_app.settings import read_settings
serve(read_settings(os.environ), "waiting_app:create_app")
"""

# the unchanged app, with a second to send a request's head
SERVE_IMPATIENTLY = """
import os
from lotto_app import server
from lotto_app.settings import read_settings
server.SECONDS_TO_ASK = server.Scrape.timeout = 1
server.serve(read_settings(os.environ))
"""
HEAD = b"GET /health HTTP/1.1\r\nHost: a\r\n"
MANY = 1100


def free_ports(count):
    """Return free ports."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def accepts(port):
    """Return whether somebody listens on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), PATIENCE).close()
    except ConnectionError:
        return False
    return True


def wait_until(holds):
    """Poll until it holds."""
    deadline = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < deadline, "waited in vain"


class Served:
    """A server process."""

    def __init__(self, command, environ):
        self.port, self.metrics_port = free_ports(2)
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{SOURCES}:{Path(__file__).parent}",
                "HOST": "127.0.0.1",
                "PORT": str(self.port),
                "METRICS_PORT": str(self.metrics_port),
                "WORKERS": "1",
                **environ,
            },
        )
        self.log = []

    def read_until(self, text):
        """Read the log up to the line with `text`."""
        for line in self.process.stdout:
            self.log.append(line)
            if text in line:
                return
        pytest.fail(f"no {text!r} in the log:\n{''.join(self.log)}")

    def get(self, path, port=None):
        connection = HTTPConnection("127.0.0.1", port or self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def stop(self, signal_number=signal.SIGTERM):
        """Send the signal and return the exit code."""
        self.process.send_signal(signal_number)
        rest, _ = self.process.communicate(timeout=PATIENCE)
        self.log += rest.splitlines(keepends=True)
        return self.process.returncode

    def kill(self):
        """End all remaining processes, including workers: they outlive their parent."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


@contextmanager
def serve(*command, workers=1, **environ):
    served = Served(command or ("-m", "lotto_app"), {"WORKERS": str(workers), **environ})
    try:
        for _ in range(workers):
            served.read_until("Started worker-")
        wait_until(lambda: accepts(served.port))
        # granian loses a signal before its worker waits for one; a worker that answers is waiting
        served.get("/health")
        yield served
    finally:
        served.kill()


def test_it_serves_and_ends_on_sigterm_with_a_log_of_json_lines():
    with serve() as server:
        status, body = server.get("/api/lotto/lucky")
        assert server.stop() == 0

    assert status == 200
    entries = [json.loads(line) for line in server.log]
    assert all({"time", "level", "message"} <= set(entry) for entry in entries)
    assert [entry["draw"] for entry in entries if "draw" in entry] == [json.loads(body)]


def test_sigint_ends_it_too():
    with serve() as server:
        assert server.stop(signal.SIGINT) == 0


def test_what_is_in_flight_is_finished_and_nothing_new_accepted(tmp_path):
    os.mkfifo(tmp_path / "entered")
    os.mkfifo(tmp_path / "go")

    with (
        serve("-c", SERVE_WAITING_APP, FIFOS=str(tmp_path)) as server,
        ThreadPoolExecutor() as pool,
    ):
        in_flight = pool.submit(server.get, "/wait")
        assert (tmp_path / "entered").read_text() == "entered"
        server.process.send_signal(signal.SIGTERM)
        server.read_until("Stopping worker-1")
        wait_until(lambda: not accepts(server.port))
        assert not in_flight.done()
        (tmp_path / "go").write_text("went on")

        assert in_flight.result(PATIENCE) == (200, "went on")
        assert server.process.wait(PATIENCE) == 0


@pytest.mark.slow
def test_who_never_finishes_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "entered")
    os.mkfifo(tmp_path / "go")

    with (
        serve("-c", SERVE_WAITING_APP, FIFOS=str(tmp_path)) as server,
        ThreadPoolExecutor() as pool,
    ):
        in_flight = pool.submit(server.get, "/wait")
        assert (tmp_path / "entered").read_text() == "entered"

        server.stop()

        with pytest.raises(ConnectionError):
            in_flight.result(PATIENCE)


def test_the_metrics_are_those_of_all_workers():
    with serve(workers=2) as server:
        # One connection each: the kernel distributes them over the workers.
        for _ in range(40):
            server.get("/api/lotto/lucky?games=2")
        status, metrics = server.get("/metrics", server.metrics_port)
        on_app_port, _ = server.get("/metrics")
        server.stop()

    labels = 'method="GET",route="/api/lotto/lucky",status="200"'
    assert status == 200
    assert f"lotto_http_requests_total{{{labels}}} 40.0\n" in metrics
    assert "lotto_draws_total 80.0\n" in metrics
    assert on_app_port == 404


def test_without_metrics_nobody_listens_there():
    with serve(METRICS_PORT="0") as server:
        assert server.get("/health") == (200, "OK")
        with pytest.raises(ConnectionError):
            server.get("/metrics", server.metrics_port)


def test_the_counts_are_gone_with_the_server():
    def left():
        return set(Path("/dev/shm").glob("lotto-metrics-*"))

    before = left()
    with serve() as server:
        ours = left() - before
        server.stop()

    assert ours
    assert not ours & left()


def test_a_wrong_setting_ends_it_with_a_sentence_and_2():
    server = Served(("-m", "lotto_app"), {"WORKERS": "many"})
    output, _ = server.process.communicate(timeout=PATIENCE)

    assert server.process.returncode == 2
    assert json.loads(output)["message"] == (
        "WORKERS is 'many': it must be a whole number from 1 to 128."
    )


def test_the_health_check_knows_well_from_dead():
    with serve() as server:
        assert healthcheck.check(server.port) is None
        assert "failed: ConnectionRefusedError" in healthcheck.check(free_ports(1)[0])
        server.stop()


@pytest.fixture
def files():
    """Let this process and its children open more than the usual 1,024 files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < MANY + 400:
        pytest.skip(f"this machine lets a process open {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, MANY + 400), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def held_open(port, count, sent):
    """Hold connections open without sending a whole request."""
    with ExitStack() as stack:
        held = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            for _ in range(count)
        ]
        for each in held:
            each.sendall(sent)
        yield held


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("sent", [b"", HEAD], ids=["idle", "half-sent"])
def test_the_health_check_is_answered_while_1100_connections_are_held_open(sent):
    with serve() as server, held_open(server.port, MANY, sent):
        started = monotonic()
        assert server.get("/health") == (200, "OK")
        # HEALTHCHECK gives up after 3 s; the held connections would be cut off after 10 s only
        assert monotonic() - started < 3


@pytest.mark.parametrize("sent", [b"", HEAD], ids=["idle", "half-sent"])
@pytest.mark.parametrize("port", ["port", "metrics_port"])
def test_who_sends_no_whole_request_is_cut_off(port, sent):
    with (
        serve("-c", SERVE_IMPATIENTLY) as server,
        held_open(getattr(server, port), 3, sent) as held,
    ):
        assert [each.recv(1) for each in held] == [b"", b"", b""]
        assert server.get("/health") == (200, "OK")
        server.stop()
    assert not [line for line in server.log if "Traceback" in line]


def test_a_body_that_does_not_come_is_not_waited_for():
    with serve() as server, held_open(server.port, 1, HEAD + b"Content-Length: 9\r\n\r\n") as held:
        assert held[0].recv(100).startswith(b"HTTP/1.1 200 OK")


def test_a_connection_is_for_one_request():
    """A load balancer that keeps connections would use one that was cut off, and answer 502."""
    with serve() as server, held_open(server.port, 1, HEAD + b"\r\n") as held:
        answer = b"".join(iter(lambda: held[0].recv(1000), b""))
    assert b"connection: close" in answer.lower()


def test_it_waits_ten_seconds_for_a_request():
    assert server_module.SECONDS_TO_ASK == server_module.Scrape.timeout == 10


@pytest.mark.parametrize(
    ("limits", "connections", "soft"),
    [
        ((65535, 65535), 4096, 65535),
        ((1024, 524288), 4096, 4224),
        ((1024, -1), 4096, 4224),
        ((-1, -1), 4096, -1),
        ((1024, 1024), 896, 1024),
        ((1024, 2048), 1920, 2048),
        ((64, 64), 1, 64),
    ],
)
def test_a_limit_leaves_files_for_the_rest(monkeypatch, limits, connections, soft):
    now = [limits]
    monkeypatch.setattr(server_module.resource, "getrlimit", lambda _which: now[-1])
    monkeypatch.setattr(server_module.resource, "setrlimit", lambda _which, new: now.append(new))
    assert server_module.most_connections() == connections
    assert now[-1] == (soft, limits[1])
