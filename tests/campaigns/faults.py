# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A misbehaving AWS: microburst, between the playbooks and the local AWS, throttles, disconnects, delays and fails.

``python -m tests.campaigns.faults`` runs site.yml, status.yml and destroy.yml through each fault and through all at
once; one line per fault, with the number of affected calls.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
import typing as t
import urllib.request
from pathlib import Path

import yaml

from ..support.ansible_run import Run
from ..support.cloud import Cloud, free_port
from ..support.holdings import holdings
from ..support.no_containers import DESTROY, SITE, Bare, bare_cloud, plan_of
from .kill_resume import Reference, flaws_of_platform

STATUS = "playbooks/status.yml"
START_SECONDS = 20
RUN_SECONDS = 1800

Rule = dict[str, t.Any]

# The throttling errors of each service: the Common Errors page of its API reference, and for EC2
# https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
THROTTLES = {
    "acm": ("ThrottlingException", 400),
    "application-autoscaling": ("ThrottlingException", 400),
    "ec2": ("RequestLimitExceeded", 503),
    "ecr": ("ThrottlingException", 400),
    "ecs": ("ThrottlingException", 400),
    "elasticloadbalancing": ("Throttling", 400),
    "iam": ("Throttling", 400),
    "logs": ("ThrottlingException", 400),
    "route53": ("Throttling", 400),
    "servicediscovery": ("RequestLimitExceeded", 400),
    "ssm": ("ThrottlingException", 400),
    "sts": ("Throttling", 400),
    "tagging": ("ThrottledException", 400),
}


def _error(code: str, status: int, chance: float, service: str = "*") -> Rule:
    return {"service": service, "probability": chance, "error": {"code": code, "status": status}}


FAULTS: dict[str, list[Rule]] = {
    "throttled": [_error(code, status, 0.2, service) for service, (code, status) in THROTTLES.items()],
    "reset": [{"service": "*", "probability": 0.05, "reset": True}],
    "slow": [{"service": "*", "probability": 0.1, "latency": 2000}],
    "500": [_error("InternalFailure", 500, 0.05)],
    "503": [_error("ServiceUnavailable", 503, 0.05)],
}
FAULTS["all"] = [rule for rules in FAULTS.values() for rule in rules]
# All faults, a fifth as often and a tenth as slow: as many as CI has time for.
FAULTS["sample"] = [
    {**rule, "probability": rule["probability"] / 5, **({"latency": 200} if "latency" in rule else {})}
    for rule in FAULTS["all"]
]


class Proxy(t.NamedTuple):
    """A running microburst."""

    endpoint: str

    def hit(self) -> tuple[int, int]:
        """Return the number of requests, and of those affected by a fault."""
        with urllib.request.urlopen(f"{self.endpoint}/_microburst/stats", timeout=5) as answer:
            requests = json.load(answer)["requests"]
        return requests["total"], requests["faulted"]


@contextlib.contextmanager
def microburst(upstream: str, rules: t.Sequence[Rule], folder: Path) -> t.Iterator[Proxy]:
    """Run a proxy with these rules.  Raises TimeoutError if it does not answer."""
    config = folder / "microburst.yml"
    config.write_text(yaml.safe_dump({"rules": list(rules)}), encoding="utf-8")
    port = free_port()
    command = ["--upstream", upstream, "--host", "127.0.0.1", "--port", str(port), "--config", str(config)]
    process = subprocess.Popen(
        [sys.executable, "-m", "microburst", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    proxy = Proxy(f"http://127.0.0.1:{port}")
    try:
        _await(proxy, process)
        yield proxy
    finally:
        # it would wait for the connections that its clients keep open
        process.kill()
        process.wait()


def _await(proxy: Proxy, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            proxy.hit()
            return
        time.sleep(0.1)
    raise TimeoutError(f"microburst does not answer on {proxy.endpoint}. Is it installed? pip install microburst")


class Endured(t.NamedTuple):
    """Runs through a fault: all requests, those affected, seconds of each run, and the flaws."""

    fault: str
    requests: int
    faulted: int
    seconds: dict[str, float]
    flaws: list[str]

    def __str__(self) -> str:
        times = ", ".join(f"{name} {value:.0f} s" for name, value in self.seconds.items())
        verdict = "; ".join(self.flaws) or "well"
        return f"{self.fault}: {self.faulted} of {self.requests} requests hit; {times}: {verdict}"


def endure(cloud: Cloud, folder: Path, reference: Reference, fault: str) -> Endured:
    """Create, inspect, recreate and remove a platform through a fault; the results are read without it."""
    bare = Bare.fresh(cloud, folder / fault)
    flaws: list[str] = []
    with microburst(bare.account.endpoint, FAULTS[fault], folder / fault) as proxy:
        runs = Runs(bare, proxy.endpoint, flaws, {})
        runs.of("site", SITE)
        flaws += flaws_of_platform(bare, reference.whole) + still_to_do(bare, folder / fault)
        runs.of("status", STATUS)
        again = runs.of("site again", SITE)
        flaws += [f"site again changed: {task}" for task in again.changed_tasks]
        runs.of("destroy", DESTROY, confirm=bare.prefix)
        requests, faulted = proxy.hit()
    over = holdings(bare.account.client) - reference.empty
    # the service-linked role belongs to the account, for every cluster in it
    flaws += sorted(f"left: {kind} '{name}'" for kind, name in over if kind != "service_linked_role")
    return Endured(fault, requests, faulted, runs.seconds, flaws)


class Runs(t.NamedTuple):
    """Run playbooks through a proxy, and record their times and failures."""

    bare: Bare
    endpoint: str
    flaws: list[str]
    seconds: dict[str, float]

    def of(self, name: str, playbook: str, **variables: t.Any) -> Run:
        began = time.monotonic()
        run = self.bare.run(playbook, seconds=RUN_SECONDS, **self.bare.options(self.endpoint, **variables))
        self.seconds[name] = time.monotonic() - began
        if run.rc != 0:
            self.flaws.append(f"{name} failed: {run.message or run.text[-2000:]}")
        return run


def still_to_do(bare: Bare, folder: Path) -> list[str]:
    """Return the changes in a plan without the fault."""
    path = folder / "again.json"
    plan = bare.site(check=True, plan_file=str(path))
    if plan.rc != 0:
        return [f"the plan failed: {plan.message}"]
    return [f"still to {change['action']}: {change['type']} {change['name']}" for change in plan_of(path)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.faults", description=__doc__)
    parser.add_argument("faults", nargs="*", choices=[*FAULTS, []], help="only these (default: each)")
    chosen = parser.parse_args().faults or [name for name in FAULTS if name != "sample"]
    ended = []
    with tempfile.TemporaryDirectory(prefix="faults-") as name, bare_cloud(Path(name) / "aws") as cloud:
        folder = Path(name)
        reference = Reference.of(Bare.fresh(cloud, folder / "reference"), folder)
        for fault in chosen:
            ended.append(endure(cloud, folder, reference, fault))
            print(ended[-1], flush=True)
    return 1 if any(fault.flaws for fault in ended) else 0


if __name__ == "__main__":
    sys.exit(main())
