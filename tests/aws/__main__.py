# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The acceptance run: the whole life of a platform on a real account, under a separate prefix.

``python -m tests.aws [--region REGION] [--project NAME] [--domain NAME] [--confirm PREFIX] [--keep]``, or
``make test-aws``. Credentials come from the environment as boto3 finds them; with MAGICLUB_ENDPOINT it runs against
a local AWS. docs/testing-on-aws.md describes what it creates, costs and records.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
import threading
import time
import typing as t
from pathlib import Path

import boto3
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import api as alb
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster import api as cluster
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import read as service
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.names import Names
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import api as vpc
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.names import name_prefix
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.ansible_run import Run, Runner, finish
from tests.support.cloud import ROOT
from tests.support.no_containers import planned

from .recorder import ACCOUNT, PREFIX, Cleaner, Recorder

FOLDER = ROOT / "build" / "test-aws"
FIXTURES = ROOT / "tests" / "fixtures" / "aws"
ENVIRONMENT = "Test"
SECONDS = 5400
SAMPLE_SECONDS = 5.0
END_SECONDS = 120
APP = "lotto"
DOMAIN_INSTEAD = "lotto.your.company.com"
# List prices in ap-northeast-2 in US dollars an hour; the run takes about half an hour, the last hour counts as whole.
COST = (
    ("one NAT gateway with its public address", 0.064),
    ("one load balancer with its two public addresses", 0.033),
    ("one or two tasks of 0.5 vCPU and 1 GB", 0.06),
)
STAGES = ("site", "plan", "update", "rollback", "status", "destroy", "left")


class FailedError(Exception):
    """A stage failed; the message has its name and the cause."""


class Acceptance:
    """One run: its platform, the playbooks that it starts, and the recorded answers of AWS."""

    def __init__(self, options: argparse.Namespace, folder: Path, endpoint: str | None) -> None:
        self.prefix = name_prefix(options.project, options.region, ENVIRONMENT)
        self.folder, self._options, self._endpoint = folder, options, endpoint
        self.inventory, self.answers = folder / "inventory", folder / "answers.jsonl"
        self._session = boto3.Session(region_name=options.region)
        names = {self.prefix: PREFIX, options.project: "magiclub"}
        if options.domain:
            names[options.domain] = DOMAIN_INSTEAD
        self.account = str(self._session.client("sts", endpoint_url=endpoint).get_caller_identity()["Account"])
        names[self.account] = ACCOUNT
        self.recorder = Recorder(self.answers, Cleaner(names), self._session, endpoint)
        self._run = Runner({"ANSIBLE_FORCE_COLOR": "0"}, folder)
        self.began = self.removed = False

    @property
    def is_local(self) -> bool:
        """Return whether it runs against a local AWS, whose answers are no fixtures."""
        return bool(self._endpoint)

    def prepare(self) -> None:
        """Write the inventory: a copy of poc, or of local on a local AWS, with a file of the differences."""
        shutil.copytree(ROOT / "inventories" / ("local" if self._endpoint else "poc"), self.inventory)
        ec2 = self._session.client("ec2", endpoint_url=self._endpoint)
        zones = ec2.describe_availability_zones(Filters=[{"Name": "zone-type", "Values": ["availability-zone"]}])
        ids = sorted(zone["ZoneId"] for zone in zones["AvailabilityZones"] if zone["OptInStatus"] != "not-opted-in")
        domain = self._options.domain or ""
        differs = {
            "fargate_project": self._options.project,
            "fargate_region": self._options.region,
            "fargate_environment": ENVIRONMENT,
            "fargate_domain": domain,
            "alb_https": bool(domain),
            "alb_records": [domain] if domain else [],
            "fargate_private_domain": f"{self._options.project}.internal",
            "vpc_zones": ids[:2],
            "fargate_services": [],
        }
        # the last of its folder, so that it overrides the others
        text = yaml.safe_dump(differs, sort_keys=False)
        (self.inventory / "group_vars" / "all" / "zz_acceptance.yml").write_text(text, encoding="utf-8")

    def play(self, stage: str, playbook: str, *arguments: str, **variables: t.Any) -> Run:
        """Run a playbook as a user does, with its output in the folder.  Raises FailedError if it fails."""
        given = ("--inventory", str(self.inventory), *arguments)
        process, events = self._run.start(f"playbooks/{playbook}.yml", *given, extra_vars=variables)
        try:
            run = finish(process, events, SECONDS)
        except KeyboardInterrupt:
            # it releases the lock, which the removal needs
            process.terminate()
            process.wait(END_SECONDS)
            raise
        (self.folder / f"{stage}.txt").write_text(run.text, encoding="utf-8")
        if run.rc != 0:
            raise FailedError(f"{stage}: {playbook}.yml ended with {run.rc}: {run.message or run.text[-2000:]}")
        return run

    def planned(self, stage: str) -> list[tuple[str, str, str]]:
        """Return action, type and name of what a plan of the platform lists."""
        file = self.folder / f"{stage}.json"
        self.play(stage, "site", "--check", plan_file=str(file))
        return [(action, *entry) for action in ("add", "change", "remove") for entry in planned(file, action)]

    def record(self, stage: str) -> None:
        """Read the whole platform once, with the readers of the modules, and record AWS's answers."""
        self.recorder.stage = stage
        client, name = self.recorder.client, f"{self.prefix}-pub-alb"
        vpc.read(client, self.prefix, flow_logs=True, holders=True)
        balancer = alb.read(client, name, f"{self.prefix}-vpc", None, "", certificates=False)
        cluster.read(client, self.prefix)
        listeners = {str(found["Port"]): found["ListenerArn"] for found in balancer.get("listeners") or []}
        namespaces = client("servicediscovery").list_namespaces()["Namespaces"]
        private = [found["Id"] for found in namespaces if found["Name"] == f"{self._options.project}.internal"]
        query = service.Query(
            services=[Names(self.prefix, APP)],
            cluster=f"{self.prefix}-ecs",
            listener_arn=listeners.get("443") or listeners.get("80"),
            namespace_id=next(iter(private), None),
            inactive_revisions=True,
        )
        service.read(client, query)

    @contextlib.contextmanager
    def watched(self, stage: str) -> t.Iterator[None]:
        """Record the deployment while the block runs: every five seconds the reads of a wait."""
        done = threading.Event()
        thread = threading.Thread(target=self._watch, args=(stage, done), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join(SAMPLE_SECONDS * 4)

    def _watch(self, stage: str, done: threading.Event) -> None:
        ecs, elbv2 = self.recorder.client("ecs"), self.recorder.client("elbv2")
        where = {"cluster": f"{self.prefix}-ecs"}
        full = Names(self.prefix, APP).full
        while not done.wait(SAMPLE_SECONDS):
            self.recorder.stage = stage
            # before the first run there is no cluster, and that answer is recorded, too
            with contextlib.suppress(ClientError, BotoCoreError):
                found = ecs.describe_services(**where, services=[full])["services"]
                ecs.list_service_deployments(**where, service=full)
                stopped = ecs.list_tasks(**where, family=full, desiredStatus="STOPPED")["taskArns"]
                if stopped:
                    ecs.describe_tasks(**where, tasks=stopped)
                for entry in [entry for each in found for entry in each["loadBalancers"]]:
                    elbv2.describe_target_health(TargetGroupArn=entry["targetGroupArn"])

    def run(self) -> None:
        """Run all stages.  Raises FailedError at the first that fails."""
        others = [entry for entry in self.planned("before") if entry[0] != "add"]
        if others:
            raise FailedError(f"before: {self.prefix} has these already: {others[:5]}. Give another --project.")
        self.began = True
        with self.watched("site"):
            self.play("site", "site")
        self.record("site")
        self._empty("plan")
        change = {"lotto_service_environment": {"LOG_LEVEL": "DEBUG"}}
        with self.watched("update"):
            self.play("update", "site", "--tags", "lotto_service", **change)
        self.record("update")
        with self.watched("rollback"):
            self.play("rollback", "rollback", service=APP)
        self.record("rollback")
        self._empty("plan after the rollback")
        self.play("status", "status")
        self.destroy()
        self.record("destroy")
        left = [entry for entry in self.planned("left") if entry[0] != "add"]
        if left:
            raise FailedError(f"left: after destroy.yml there is still {left}.")

    def _empty(self, stage: str) -> None:
        entries = self.planned(stage)
        if entries:
            raise FailedError(f"{stage}: the plan of an unchanged inventory is not empty: {entries}")

    def destroy(self) -> None:
        """Remove the platform."""
        with self.watched("destroy"):
            self.play("destroy", "destroy", confirm=self.prefix, ecr_push_force_delete=True)
        self.removed = True


def announce(run: Acceptance, options: argparse.Namespace) -> str:
    """Return what the run will create, in which account, and its cost."""
    cost = "\n".join(f"  {what:<50} {price:.3f}" for what, price in COST)
    total = sum(price for _what, price in COST)
    return f"""\
Account {run.account}, region {options.region}: a platform {run.prefix}, about half an hour, removed at the end.
{cost}
  about {total:.2f} US dollars an hour, list prices, without traffic; check them before you rely on them.
Stages: {", ".join(STAGES)}. Output of each, and what AWS answered: {run.folder.relative_to(ROOT)}/"""


def _options(arguments: t.Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.aws", description="The acceptance run on a real account.")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION", "ap-northeast-2"))
    parser.add_argument("--project", default="mctest", help="what its names begin with (default: %(default)s)")
    parser.add_argument("--domain", help="a name in a public hosted zone of the account, with a certificate: HTTPS")
    parser.add_argument("--confirm", metavar="PREFIX", help="the prefix, in place of the question")
    parser.add_argument("--keep", action="store_true", help="leave the platform there if a stage fails")
    return parser.parse_args(arguments)


def main(arguments: t.Sequence[str] | None = None) -> int:
    """Return 0 if every stage succeeded and nothing is left, 1 if not, 2 if nothing was started."""
    options = _options(arguments)
    endpoint = os.environ.get("MAGICLUB_ENDPOINT") or None
    run = Acceptance(options, FOLDER / time.strftime("%Y%m%d-%H%M%S"), endpoint)
    print(announce(run, options), flush=True)
    confirmed = options.confirm or input(f"Type {run.prefix} to begin: ")
    if confirmed != run.prefix:
        print(f"'{confirmed}' is not {run.prefix}: nothing was begun.")
        return 2
    # after a closed terminal, too, nothing is left that costs money
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    started = time.monotonic()
    try:
        run.prepare()
        run.run()
    except BaseException as error:
        print(f"Failed after {time.monotonic() - started:.0f} s. {_reason(error)}", flush=True)
        return _end(run, options)
    if not run.is_local:
        target = FIXTURES / f"{options.region}.jsonl"
        shutil.copy(run.answers, target)
        print(f"What AWS answered is in {target.relative_to(ROOT)}; read it before you commit it.")
    print(f"{len(STAGES)} passed, 0 failed. {time.monotonic() - started:.0f} s. Nothing is left.", flush=True)
    return 0


def _reason(error: BaseException) -> str:
    if isinstance(error, FailedError):
        return str(error)
    return "Interrupted." if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"


def _end(run: Acceptance, options: argparse.Namespace) -> int:
    by_hand = (
        f"ansible-playbook playbooks/destroy.yml -i {run.inventory.relative_to(ROOT)} -e confirm={run.prefix}"
        " -e ecr_push_force_delete=true"
    )
    if not run.began:
        print("Nothing was made.")
    elif run.removed:
        print("destroy.yml had ended well before that: what the line above names is all that can be left.")
    elif options.keep:
        print(f"{run.prefix} is still there, and costs money. Remove it:\n  {by_hand}")
    else:
        print("Removing what was made ...", flush=True)
        try:
            run.destroy()
            print("It is removed.")
        except BaseException as error:
            print(f"It is NOT removed, and costs money: {_reason(error)}\nRemove it:\n  {by_hand}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
