# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Measure lotto_app on loopback with wrk and print a table: `make bench-app`.

The contenders take turns in each round, and the median of the rounds counts, so that a busy
moment of the machine affects all of them. CPU time per request shows the same without the noise.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from time import monotonic, sleep

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "lotto_app" / "src"
LUCKY = "/api/lotto/lucky"
CONNECTIONS = 16
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

GRANIAN = """
import os, sys
from lotto_app.server import serve
from lotto_app.settings import read_settings
serve(read_settings(os.environ), sys.argv[1])
"""
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass(frozen=True)
class Contender:
    """A WSGI app under a server."""

    name: str
    server: str
    app: str

    def command(self, port: int) -> list[str]:
        """Return the command that serves it with one process."""
        if self.server == "granian":
            return [sys.executable, "-c", GRANIAN, f"app_wsgi:{self.app}"]
        options = f"--bind 127.0.0.1:{port} --workers 1 --worker-class gthread --threads 8"
        return [sys.executable, "-m", "gunicorn", *options.split(), f"app_wsgi:{self.app}()"]


CONTENDERS = [
    Contender("lotto_app, granian", "granian", "lotto"),
    Contender("lotto_app, gunicorn 8 threads", "gunicorn", "lotto"),
    Contender("empty WSGI app, granian", "granian", "empty"),
    Contender("empty WSGI app, gunicorn 8 threads", "gunicorn", "empty"),
]


@dataclass(frozen=True)
class Load:
    """The results of one run of wrk."""

    rate: float
    p50: float
    p99: float
    errors: int
    cpu: float = 0.0


Loads = dict[Contender, list[Load]]


class Server:
    """A server process with its workers."""

    def __init__(self, command: Sequence[str], port: int) -> None:
        self.port = port
        self.started = monotonic()
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{SOURCES}:{Path(__file__).parent}",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "METRICS_PORT": str(free_port()),
            "WORKERS": "1",
        }
        self.process = subprocess.Popen(
            command,
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.seconds_to_ready = self._wait(command)

    def _wait(self, command: Sequence[str]) -> float:
        while monotonic() < self.started + 30:
            if self.process.poll() is not None:
                sys.exit(f"{command} ended with {self.process.returncode}")
            if answers(self.port):
                return monotonic() - self.started
            sleep(0.002)
        sys.exit(f"{command} did not answer within 30 s")

    def processes(self) -> list[int]:
        """Return the process ids of its session: the parent, then the workers."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[3]) == self.process.pid:
                found.append(int(stat.parent.name))
        return sorted(found)

    def cpu_seconds(self) -> float:
        """Return the processor time that it has taken, user and system."""
        total = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICK

    def worker_bytes(self) -> int:
        """Return the resident memory of its worker."""
        pid = self.processes()[-1]
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE

    def stop(self) -> None:
        """End it and its workers."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)


@contextmanager
def serving(contender: Contender) -> Iterator[Server]:
    """Serve the contender on a free port."""
    port = free_port()
    server = Server(contender.command(port), port)
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return int(each.getsockname()[1])


def answers(port: int) -> bool:
    """Return whether GET on the app's path answers 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", LUCKY)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def wrk(server: Server, seconds: int, script: Path | None = None) -> Load:
    """Load the server; return wrk's results."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
    command += ["-s", str(script)] if script else []
    before = server.cpu_seconds()
    printed = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}{LUCKY}"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    spent = server.cpu_seconds() - before
    requests = int(groups(r"(\d+) requests in", printed)[0])
    return Load(
        rate=float(groups(r"Requests/sec:\s+([\d.]+)", printed)[0]),
        p50=latency(printed, "50%"),
        p99=latency(printed, "99%"),
        errors=sum(map(int, re.findall(r"(?:connect|read|write|timeout|responses:) (\d+)", printed))),
        cpu=spent / requests,
    )


def groups(pattern: str, printed: str) -> Sequence[str]:
    """Return the groups of the pattern in wrk's output; exit with the output if there is none."""
    match = re.search(pattern, printed)
    if not match:
        sys.exit(f"wrk printed nothing like {pattern}:\n{printed}")
    return match.groups()


def latency(printed: str, percentile: str) -> float:
    """Return a percentile of wrk's latency distribution, in seconds."""
    value, unit = groups(rf"{percentile}\s+([\d.]+)(us|ms|s|m)\n", printed)
    return float(value) * SECONDS[unit]


def peak(contenders: Sequence[Contender], rounds: int, seconds: int) -> Loads:
    """Return the loads of each contender, a round each in turn."""
    loads: Loads = {contender: [] for contender in contenders}
    for turn in range(rounds):
        for contender in contenders:
            say(f"round {turn + 1} of {rounds}: {contender.name}")
            with serving(contender) as server:
                wrk(server, 1)
                loads[contender].append(wrk(server, seconds))
    return loads


def half_load(contender: Contender, rate: float, seconds: int, folder: Path) -> Load:
    """Return the load at about half of `rate`: each connection waits between its requests."""
    script = folder / "half.lua"
    pause = round(1000 * CONNECTIONS / (rate / 2))
    # Otherwise all connections would send in step, unlike real users.
    script.write_text(f"function delay() return math.random(0, {2 * pause}) end\n")
    with serving(contender) as server:
        wrk(server, 1)
        return wrk(server, seconds, script)


def memory(contender: Contender, requests: int) -> tuple[int, int, int]:
    """Return the worker's memory after a tenth of the requests, and after all of them."""
    with serving(contender) as server:
        sizes: list[tuple[int, int]] = []
        done = 0
        while done < requests:
            load = wrk(server, 5)
            done += int(load.rate * 5)
            sizes.append((done, server.worker_bytes()))
            say(f"{done:,} requests: {sizes[-1][1] / 1e6:.1f} MB")
    early = next(size for at, size in sizes if at >= requests / 10)
    return early, sizes[-1][1], done


def image_bytes(image: str) -> int:
    """Return the size of an image in bytes."""
    printed = subprocess.run(["docker", "image", "inspect", image], check=True, capture_output=True, text=True).stdout
    return int(json.loads(printed)[0]["Size"])


def container_start(image: str) -> float:
    """Return the seconds from `docker run` to the first answer."""
    port = free_port()
    started = monotonic()
    run = ["docker", "run", "--detach", "--rm", "--read-only", "--publish", f"127.0.0.1:{port}:8080"]
    container = subprocess.run([*run, image], check=True, capture_output=True, text=True).stdout.strip()
    try:
        while not answers(port):
            if monotonic() > started + 30:
                sys.exit(f"{image} did not answer within 30 s")
            sleep(0.002)
        return monotonic() - started
    finally:
        subprocess.run(["docker", "stop", container], check=True, capture_output=True)


def say(text: str) -> None:
    """Print the progress."""
    print(f"  {text}", file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contender")
    parser.add_argument("--seconds", type=int, default=6, help="of load in each turn")
    parser.add_argument("--requests", type=int, default=500_000, help="for the memory")
    parser.add_argument("--image", help="an image of the app: adds its size and start")
    parser.add_argument("--base", help="the image that it is built on")
    return parser.parse_args()


def main() -> None:
    """Measure all and print the tables."""
    asked = arguments()
    for tool in ("wrk", *(["docker"] if asked.image else [])):
        if not shutil.which(tool):
            sys.exit(f"No {tool} on PATH. On Debian: apt-get install {tool}.")
    loads = peak(CONTENDERS, asked.rounds, asked.seconds)
    print_peak(loads)
    print_targets(asked, loads)


def print_peak(loads: Loads) -> None:
    """Print the results of each contender at full load."""
    print(f"\n{'peak load, one process':36}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>9}")
    for contender, runs in loads.items():
        rate, p50, p99, cpu = (median(getattr(run, name) for run in runs) for name in ("rate", "p50", "p99", "cpu"))
        print(f"{contender.name:36}{rate:12,.0f}{p50 * 1e3:9.2f}{p99 * 1e3:9.2f}{cpu * 1e6:9.0f}")
    errors = sum(run.errors for runs in loads.values() for run in runs)
    print(f"failed requests: {errors}")


def print_targets(asked: argparse.Namespace, loads: Loads) -> None:
    """Print each figure beside its target."""
    ours, theirs = CONTENDERS[:2]
    rate = median(run.rate for run in loads[ours])
    ratio = median(a.rate / b.rate for a, b in zip(loads[ours], loads[theirs], strict=True))
    cpu = median(b.cpu / a.cpu for a, b in zip(loads[ours], loads[theirs], strict=True))
    with tempfile.TemporaryDirectory() as folder:
        half = half_load(ours, rate, asked.seconds, Path(folder))
    starts = []
    for _ in range(5):
        with serving(ours) as server:
            starts.append(server.seconds_to_ready)
    early, late, done = memory(ours, asked.requests)
    rows = [
        ("requests/s over gunicorn's", f"{ratio:.2f} times", "1.8", ratio >= 1.8),
        ("gunicorn's CPU a request over ours", f"{cpu:.2f} times", "", None),
        (f"p99 at {half.rate:,.0f} requests/s", f"{half.p99 * 1e3:.1f} ms", "20", half.p99 < 0.02),
        ("process start to first answer", f"{median(starts):.2f} s", "1", median(starts) < 1),
        (f"worker's memory at {done:,}", f"{late / 1e6:.1f} MB", "80", late < 80e6),
        ("its growth since a tenth of them", f"{(late - early) / 1e6:+.1f} MB", "1", late - early < 1e6),
    ]
    if asked.image:
        start = median(container_start(asked.image) for _ in range(5))
        rows.append(("container start to first answer", f"{start:.2f} s", "1", start < 1))
    if asked.image and asked.base:
        over = image_bytes(asked.image) - image_bytes(asked.base)
        rows.append(("image above its base", f"{over / 1e6:.1f} MB", "80", over < 80e6))
    print(f"\n{'figure':40}{'found':>14}{'bound':>8}{'met':>6}")
    for name, found, bound, met in rows:
        print(f"{name:40}{found:>14}{bound:>8}{'' if met is None else 'yes' if met else 'NO':>6}")


if __name__ == "__main__":
    main()
