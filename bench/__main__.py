# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Benchmarks of what users wait for, as ratios within one run: ``python -m bench [NAME …]``.

Prints one table, and leaves results.json and timeline.svg in build/bench.  Without names: all.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from tests.support.ansible_run import Run, Runner
from tests.support.cloud import Cloud, free_port
from tests.support.no_containers import Bare, bare_cloud

from . import deployments, timeline
from .terraform import Terraform, on_processor

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "bench"
PREFIX = "magiclub-an2p"
SERVICES = (1, 5, 25)
LAYERS = ("vpc", "alb", "ecs_cluster", "ecr_push", "lotto_service")
# The proxy's provisioning times of AWS, in seconds: NAT gateway, load balancer, namespace, ECS deployment.
DELAYS = {"nat": 110, "alb": 150, "namespace": 45, "ecs": 75}

# The limit of a plan's processor seconds: a third of Terraform's for the four roots of the original, which took 13 s.
PLAN_CPU = 4.3

# The services of the detection: their names, and their options beside name and image.
DETECTED_NAMES = ("s1", "s2", "s3", "s4", "s5", "s6")
DETECTED = {"port": 8080, "cpu": 256, "memory": 512, "health_check": {"path": "/health"}, "log_retention": 1}


class Row(t.NamedTuple):
    """One line of the table; smaller is better."""

    what: str
    ours: float
    floor: float | None
    goal: float
    unit: str

    @property
    def ratio(self) -> float | None:
        return round(self.ours / self.floor, 2) if self.floor else None

    @property
    def met(self) -> bool:
        return self.ours <= self.goal


class Took(t.NamedTuple):
    """The time of a run: seconds by the clock, and on a processor."""

    seconds: float
    cpu: float
    run: Run


class Bench:
    """Runs against one local AWS, each benchmark in a separate account."""

    def __init__(self, cloud: Cloud, runs: int, folder: Path) -> None:
        self.cloud, self.runs, self.folder = cloud, runs, folder
        self._accounts = iter(range(700_000_000_001, 700_000_000_100))
        self._made: dict[str, str] | None = None

    def environment(self, endpoint: str) -> dict[str, str]:
        """Return the environment of a fresh account."""
        return {
            **os.environ,
            "MAGICLUB_ENDPOINT": endpoint,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "ap-northeast-2",
            "AWS_DEFAULT_REGION": "ap-northeast-2",
            "AWS_ACCESS_KEY_ID": str(next(self._accounts)),
            "AWS_SECRET_ACCESS_KEY": "unchecked-by-a-local-aws",
        }

    def service(self) -> deployments.Service:
        """Return the service lotto of the platform."""
        return deployments.Service(self.made(), f"{PREFIX}-ecs", f"{PREFIX}-lotto")

    def made(self) -> dict[str, str]:
        """Return the environment of the account with the platform, which is created once."""
        if self._made is None:
            self._made = self.environment(self.cloud.endpoint)
            self.site(self._made)
        return self._made

    def site(self, environment: t.Mapping[str, str], *arguments: str, playbook: str = "site") -> Took:
        """Run a playbook."""
        runner = Runner(environment, self.folder)
        before, began = on_processor(), time.perf_counter()
        run = runner(f"playbooks/{playbook}.yml", "--inventory", "inventories/local", *arguments)
        took = Took(time.perf_counter() - began, on_processor() - before, run)
        if run.rc:
            raise SystemExit(f"{playbook}.yml {' '.join(arguments)} failed:\n{run.text[-6000:]}")
        return took

    def unchanged(self, *arguments: str, playbook: str = "site") -> Took:
        """Return the median of runs without change, and the last of them."""
        took = [self.site(self.made(), *arguments, playbook=playbook) for _ in range(self.runs)]
        changed = sum(one.run.changed for one in took)
        if changed:
            raise SystemExit(f"runs that should have changed nothing changed {changed}")
        return Took(median(one.seconds for one in took), median(one.cpu for one in took), took[-1].run)

    def terraform(self) -> Terraform | None:
        """Return Terraform for a separate account, null if it is not installed."""
        environment = self.environment(self.cloud.endpoint)
        folder = self.folder / environment["AWS_ACCESS_KEY_ID"]
        peer = Terraform(folder, environment, self.service().image())
        return peer if peer.is_there() else None

    def calls_of(self, environment: t.Mapping[str, str], run: t.Callable[[], t.Any]) -> int:
        """Return the number of AWS calls of I(run) in the account."""
        before = self._calls(environment)
        run()
        return self._calls(environment) - before

    def _calls(self, environment: t.Mapping[str, str]) -> int:
        lines = self.cloud.calls_path.read_text(encoding="utf-8").splitlines()
        return sum(json.loads(line)["account"] == environment["AWS_ACCESS_KEY_ID"] for line in lines)

    def floor(self) -> dict[str, float]:
        """Return calls and wall seconds of the floor, the median of the runs."""
        environment, walls, calls = self.made(), [], 0
        for _ in range(self.runs):
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "bench.floor", PREFIX],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                check=True,
            )
            walls.append(time.perf_counter() - began)
            calls = json.loads(done.stdout)["calls"]
        return {"calls": calls, "seconds": median(walls)}


def nothing(bench: Bench) -> list[Row]:
    """A run without change, its plan and the status. The floor is plain boto3; on a processor, Terraform."""
    floor, environment = bench.floor(), bench.made()
    calls = bench.calls_of(environment, lambda: bench.site(environment))
    run, plan = bench.unchanged(), bench.unchanged("--check", "--diff")
    peer = bench.terraform()
    theirs = None
    if peer:
        peer.apply()
        theirs = median(peer.plan() for _ in range(bench.runs))
        peer.destroy()
    fast = min(4.5, 7 * floor["seconds"])
    rows = [Row("its AWS calls", calls, floor["calls"], 1.5 * floor["calls"], "calls")]
    for what, took in (("run without change", run), ("--check --diff", plan)):
        rows += [
            Row(what, took.seconds, floor["seconds"], fast, "s"),
            Row("… on a processor", took.cpu, theirs, PLAN_CPU, "CPU s"),
            Row("… tasks", len(took.run.results), None, 50, ""),
            Row("… processes", len(took.run.processes), None, 4, ""),
            Row("… lines", took.run.lines, None, 40, ""),
        ]
    return [*rows, Row("status.yml", bench.unchanged(playbook="status").seconds, None, 1.6, "s")]


def whole(bench: Bench) -> list[Row]:
    """A first run and a removal: seconds on a processor, beside Terraform's, and lines."""
    bench.made()  # build the image once, and provide the base of both
    environment, peer = bench.environment(bench.cloud.endpoint), bench.terraform()
    made = bench.site(environment)
    removed = bench.site(environment, "--extra-vars", f"confirm={PREFIX}", playbook="destroy")
    theirs = (peer.apply(), peer.destroy()) if peer else (None, None)
    return [
        Row("first run", made.cpu, theirs[0], 30, "CPU s"),
        Row("… lines", made.run.lines, None, 150, ""),
        Row("destroy", removed.cpu, theirs[1], 25, "CPU s"),
        Row("… lines", removed.run.lines, None, 150, ""),
    ]


def layers(bench: Bench) -> list[Row]:
    """Each layer alone, without change."""
    return [Row(f"--tags {layer}", bench.unchanged("--tags", layer).seconds, None, 3, "s") for layer in LAYERS]


def first(bench: Bench) -> list[Row]:
    """The first whole run, with the proxy's provisioning times."""
    log = OUT / "first.jsonl"
    log.unlink(missing_ok=True)
    with _slow(bench.cloud.endpoint, log) as endpoint:
        began = time.time()
        seconds = bench.site(bench.environment(endpoint)).seconds
    chain = DELAYS["nat"] + DELAYS["ecs"]
    calls = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    (OUT / "timeline.svg").write_text(timeline.svg(calls, began, seconds, DELAYS), encoding="utf-8")
    return [Row("first run behind the proxy", seconds, chain, 1.2 * chain, "s")]


def image(bench: Bench) -> list[Row]:
    """A new image, ready in ECR, until it is steady: the seconds beyond ECS's own; peers are the floor."""
    service, peers = bench.service(), deployments.Peers(OUT / "peers")
    by_digest = service.image()
    name, _at, digest = by_digest.partition("@")
    [found] = service.client("ecr").describe_images(
        repositoryName=f"{PREFIX}-lotto", imageIds=[{"imageDigest": digest}]
    )["imageDetails"]
    by_tag = f"{name}:{found['imageTags'][0]}"

    def ours(image: str) -> list[list[str]]:
        playbook = ["ansible-playbook", "playbooks/site.yml", "-i", "inventories/local"]
        return [[*playbook, "--tags", "lotto_service", "-e", f"lotto_service_image={image}"]]

    ways: dict[str, t.Callable[[str], list[list[str]]]] = {
        "ours": ours,
        "ecs-deploy": lambda image: peers.ecs_deploy(service, image),
        "aws cli": lambda image: peers.aws_cli(service, image),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(bench.runs):
        for way, commands in ways.items():
            # Two references to one image, so that each deployment is a new revision and none pulls more than another.
            new = by_tag if service.image() == by_digest else by_digest
            seconds[way].append(deployments.overhead(service, commands(new), ROOT))
    mean = {way: median(found) for way, found in seconds.items()}
    rows = [Row("new image: overhead", mean["ours"], None, 3, "s")]
    return rows + [Row(f"… over {way}", mean["ours"], mean[way], mean[way], "s") for way in ways if way != "ours"]


def detection(_bench: Bench) -> list[Row]:
    """From a deployment's steady state, or failure, to the end of the wait.

    24 successful ones take ECS's time behind the proxy, and 6 fail, with the emulator at AWS's pace; six at a time.
    """
    with (
        tempfile.TemporaryDirectory(prefix="magiclub-bench-") as folder,
        _cloud(Path(folder), "--time-scale", "1") as cloud,
    ):
        real = Bench(cloud, 1, Path(folder))
        options = {**DETECTED, "image": real.service().image()}
        defined = [{**options, "name": name, "rule": {"paths": [f"/{name}/*"]}} for name in DETECTED_NAMES]
        names = [f"{PREFIX}-{name}" for name in DETECTED_NAMES]
        with _slow(cloud.endpoint, OUT / "detection.jsonl") as endpoint, ThreadPoolExecutor(len(names)) as pool:
            slow = {**real.made(), "MAGICLUB_ENDPOINT": endpoint, "AWS_ENDPOINT_URL": endpoint}
            # Their first deployments take AWS's time, too: other times in the history would mislead the wait.
            real.site(slow, "-e", json.dumps({"fargate_services": defined}))
            services = deployments.services(slow, f"{PREFIX}-ecs", names)
            well = [one for _ in range(4) for one in pool.map(deployments.detected_steady, services)]
            failed = [
                *pool.map(deployments.detected_failure, deployments.services(real.made(), f"{PREFIX}-ecs", names))
            ]
    seen = well + failed
    print(f"detection: {dict(collections.Counter(one.outcome for one in seen))}")
    print(f"waited, delay, calls: {[(round(one.waited), round(one.delay, 1), one.calls) for one in seen]}")
    delays = sorted(one.delay for one in seen)
    rate = 5 * sum(one.calls for one in well) / sum(one.waited for one in well)
    return [
        Row("detection, median", median(delays), None, 1, "s"),
        Row("detection, 95th of 100", delays[math.ceil(0.95 * len(delays)) - 1], None, 3, "s"),
        Row("its calls in 5 s", rate, None, 1.5, "calls"),
    ]


def growth(bench: Bench) -> list[Row]:
    """The cost of each further service in a run without change, and of each new one on a processor."""
    with tempfile.TemporaryDirectory(prefix="magiclub-bench-") as folder, bare_cloud(Path(folder) / "aws") as cloud:
        platform = Bare.fresh(cloud, Path(folder) / "run")
        seconds, cpu = {}, {}
        for number in SERVICES:
            services = _services(number)
            before = on_processor()
            platform.site(fargate_services=services)
            cpu[number] = on_processor() - before
            seconds[number] = median(_timed(platform, services) for _ in range(bench.runs))
    low, middle, high = SERVICES
    return [
        Row(f"services {low} to {middle}, each", (seconds[middle] - seconds[low]) / (middle - low), None, 0.2, "s"),
        Row(f"services {middle} to {high}, each", (seconds[high] - seconds[middle]) / (high - middle), None, 0.2, "s"),
        Row(f"new services, {high - middle} of {high}, each", cpu[high] / (high - middle), None, 4, "CPU s"),
    ]


@contextlib.contextmanager
def _slow(upstream: str, log: Path) -> t.Iterator[str]:
    """Run the proxy with AWS's provisioning times; return its endpoint."""
    port = free_port()
    delays = [part for name, value in DELAYS.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "bench.slow_aws", "--listen", str(port), "--upstream", upstream, "--log", str(log)]
    proxy = subprocess.Popen([*command, *delays], cwd=ROOT)
    try:
        while proxy.poll() is None and socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        proxy.terminate()
        proxy.wait()


@contextlib.contextmanager
def _cloud(folder: Path, *options: str) -> t.Iterator[Cloud]:
    cloud = Cloud(free_port(), folder, options=options)
    cloud.up()
    try:
        yield cloud
    finally:
        cloud.down()


def _services(number: int) -> list[dict[str, t.Any]]:
    """Return the definitions of all services except lotto, for I(number) in total."""
    return [
        {"name": f"s{one}", "image": "nginx:1", "port": 80, "rule": {"paths": [f"/s{one}/*"]}, "log_retention": 1}
        for one in range(1, number)
    ]


def _timed(platform: Bare, services: t.Sequence[t.Mapping[str, t.Any]]) -> float:
    began = time.perf_counter()
    run = platform.site(fargate_services=services)
    seconds = time.perf_counter() - began
    if run.rc or run.changed:
        raise SystemExit(f"a run that should have changed nothing changed {run.changed}:\n{run.text}")
    return seconds


BENCHMARKS = {
    "nothing": nothing,
    "whole": whole,
    "layers": layers,
    "first": first,
    "image": image,
    "detection": detection,
    "growth": growth,
}


def table(rows: t.Sequence[Row]) -> str:
    """Return the rows for people."""
    lines = [f"{'what':<30}{'ours':>14}{'floor':>10}{'ratio':>8}{'goal':>10}  met"]
    for row in rows:
        floor = f"{row.floor:.1f}" if row.floor else "-"
        ratio = f"{row.ratio:.2f}" if row.ratio else "-"
        ours, goal = f"{row.ours:.1f} {row.unit}", f"{row.goal:.1f}"
        lines.append(f"{row.what:<30}{ours:>14}{floor:>10}{ratio:>8}{goal:>10}  {'yes' if row.met else 'NO'}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(BENCHMARKS)}")
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median counts (default 3)")
    args = parser.parse_args()
    unknown = sorted(set(args.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="magiclub-bench-") as folder, _cloud(Path(folder)) as cloud:
        bench = Bench(cloud, args.runs, Path(folder))
        rows = [row for name in args.names or BENCHMARKS for row in BENCHMARKS[name](bench)]
    results = [{**row._asdict(), "ratio": row.ratio, "met": row.met} for row in rows]
    (OUT / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(table(rows))


if __name__ == "__main__":
    main()
