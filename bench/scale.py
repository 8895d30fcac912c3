# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many platforms in one run: ``python -m bench.scale [HOSTS …]``, by default 1, 5 and 20 of them.

Seconds, processor seconds and memory of a plan, a first run and a run without change, with a fork per platform,
against a local AWS without containers; one table, for docs/scale.md.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import typing as t
from pathlib import Path

import yaml

from tests.support.no_containers import Bare, bare_cloud

ROOT = Path(__file__).resolve().parents[1]
KIB_OF_A_GIB = 1024 * 1024
LOOK_EVERY = 0.5
REGIONS = ("ap-northeast-2", "ap-northeast-1", "us-east-1", "eu-west-1", "us-west-2")
RUNS = (("plan of nothing", True), ("first run", False), ("run without change", False), ("plan without change", True))


class Took(t.NamedTuple):
    """The cost of a run: by the clock, on a processor, and the peak memory of all its processes."""

    seconds: float
    cpu: float
    gib: float


def inventory(folder: Path, hosts: int) -> Path:
    """Write an inventory of so many platforms, in several regions, each with its own names."""
    known = {
        f"p{number:02}": {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "fargate_region": REGIONS[number % len(REGIONS)],
            "fargate_name_prefix": f"scale-{number:02}",
            "vpc_zones": [f"{REGIONS[number % len(REGIONS)]}{zone}" for zone in "ac"],
        }
        for number in range(hosts)
    }
    path = folder / f"hosts-{hosts}.yml"
    path.write_text(yaml.safe_dump({"all": {"hosts": known}}), encoding="utf-8")
    return path


def variables(bare: Bare) -> dict[str, t.Any]:
    """Return the common variables of all platforms."""
    return {
        **bare.variables,
        "fargate_project": "scale",
        "fargate_environment": "Bench",
        "fargate_team": "x",
        "fargate_owner": "x@example.com",
        "fargate_domain": "",
        "fargate_private_domain": "scale.internal",
        "fargate_permissions_boundary": "platform",
        "fargate_endpoint_url": bare.account.endpoint,
        "fargate_services": [],
        "ecr_push_app": "lotto",
        "alb_https": False,
        "lotto_service_wait_timeout": 1800,
    }


def run(bare: Bare, hosts: int, folder: Path, *, check: bool) -> Took:
    """Run site.yml on so many platforms at once, each in its own fork."""
    given = folder / "variables.yml"
    tags = "{{ fargate_project | magiclub.fargate.tags(fargate_environment, fargate_team, fargate_owner) }}"
    given.write_text(yaml.safe_dump({**variables(bare), "fargate_tags": tags}), encoding="utf-8")
    command = [
        *(sys.executable, "-m", "ansible.cli.playbook", "playbooks/site.yml"),
        *("--inventory", str(inventory(folder, hosts)), "--forks", str(hosts), "--extra-vars", f"@{given}"),
        *(["--check"] if check else []),
    ]
    output = folder / "output"
    with output.open("w") as file:
        before, began = _cpu(), time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **bare.account.environment}, stdout=file, stderr=subprocess.STDOUT
        )
        with Memory(process.pid) as memory:
            code = process.wait()
        took = Took(time.perf_counter() - began, _cpu() - before, memory.most / KIB_OF_A_GIB)
    if code:
        sys.exit(f"The run failed:\n{output.read_text()[-4000:]}")
    return took


class Memory:
    """The peak memory of a process and its descendants, in KiB, without counting shared memory twice."""

    def __init__(self, pid: int) -> None:
        self.most, self._pid, self._over = 0, pid, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> t.Self:
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            self.most = max(self.most, sum(map(_proportional, _below(self._pid))))


def _below(pid: int) -> list[int]:
    """Return a process and its descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(") ")[2].split()
            children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, open_ = list[int](), [pid]
    while open_:
        one = open_.pop()
        found.append(one)
        open_.extend(children.get(one, []))
    return found


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def _cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hosts", nargs="*", type=int, default=[1, 5, 20])
    parser.add_argument("--plan", action="store_true", help="plans of nothing alone, which take seconds")
    arguments = parser.parse_args()
    numbers, runs = arguments.hosts, RUNS[:1] if arguments.plan else RUNS
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = Path(name)
        with bare_cloud(folder / "aws") as cloud:
            print("| platforms | run | seconds | seconds a platform | on a processor a platform | memory, GiB |")
            print("|---|---|---|---|---|---|")
            for number in numbers:
                bare = Bare.fresh(cloud, folder / f"of-{number}")
                for what, check in runs:
                    took = run(bare, number, folder, check=check)
                    each = f"{took.seconds / number:.1f} | {took.cpu / number:.1f}"
                    print(f"| {number} | {what} | {took.seconds:.0f} | {each} | {took.gib:.2f} |", flush=True)


if __name__ == "__main__":
    main()
