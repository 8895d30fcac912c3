# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Existing services are taken over: read, described, planned with only tags, and changed.

The tests are the life of one platform, in order. Its services get a request twice a second all the time.
"""

from __future__ import annotations

import dataclasses
import stat
import typing as t
from pathlib import Path

import pytest

from tests.conftest import Emulator
from tests.support import refused_ways, ten_ways
from tests.support.ansible_run import Run
from tests.support.ground import Ground
from tests.support.no_containers import PREFIX, SITE, Bare, plan_of

from .conftest import BASE
from .served import OF_TAGS, Served, adopt, write_inventory


class Taken(t.NamedTuple):
    """The platform, its inventory with the services taken over, the run that wrote it, and the clients."""

    bare: Bare
    ground: Ground
    folder: Path
    written: Run
    served: Served

    def plan(self, name: str = "plan.json", **more: t.Any) -> tuple[Run, list[dict[str, t.Any]]]:
        path = self.folder / name
        run = self.site(check=True, plan_file=str(path), **more)
        assert run.failed == 0, run.text
        return run, plan_of(path)

    def site(self, **more: t.Any) -> Run:
        options = self.bare.options(**more)
        return self.bare.run(SITE, **{**options, "env": {**options["env"], "ANSIBLE_INVENTORY": str(self.inventory)}})

    @property
    def inventory(self) -> Path:
        return self.folder / "inventory"


@pytest.fixture(scope="module")
def taken(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Taken]:
    """Services of ten tools on a platform of the roles, and an inventory written from them."""
    folder = tmp_path_factory.mktemp("adopt")
    bare = Bare.fresh(emulator, folder / "run")
    made = bare.site("--tags", "vpc,alb,ecs_cluster")
    assert made.failed == 0, made.text
    ground = Ground.of(bare.account.client, PREFIX, BASE)
    for make in ten_ways.SERVICES.values():
        make(ground)
    ground.settled()
    with Served(bare, ten_ways.ASKED) as served:
        before = len(bare.account.calls())
        written = adopt(bare, ground.cluster, folder)
        assert written.failed == 0, written.text
        assert {call["action"] for call in bare.account.calls()[before:] if call["write"]} == set()
        write_inventory(folder)
        yield Taken(bare, ground, folder, written, served)
    bare.account.stop_services()


def test_it_tells_that_all_of_it_can_be_said_and_who_keeps_the_roles(taken: Taken) -> None:
    assert "The inventory describes everything: its plan is empty except for tags." in taken.written.text
    assert f"executionRoleArn arn:aws:iam::{taken.bare.account.key}:role/ecsTaskExecutionRole" in taken.written.text
    assert "s3cr3t-t0ken" not in taken.written.text


def test_a_secret_value_is_in_a_file_of_its_own_that_nobody_else_may_read(taken: Taken) -> None:
    file = taken.folder / "adopted" / "group_vars" / "all" / "secrets.yml"
    assert "s3cr3t-t0ken" in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    others = [path for path in (taken.folder / "adopted").rglob("*.yml") if path != file]
    assert all("s3cr3t-t0ken" not in path.read_text(encoding="utf-8") for path in others)


def test_the_plan_of_it_is_empty_but_for_tags(taken: Taken) -> None:
    _run, changes = taken.plan()
    assert {change["action"] for change in changes} == {"change"}
    assert {field["path"].split(".")[0] for change in changes for field in change["fields"]} <= OF_TAGS
    services = {change["name"] for change in changes if change["type"] == "ecs_service"}
    assert services == {*ten_ways.SERVICES, "also-here"}


def test_a_run_writes_the_tags_and_starts_no_deployment(taken: Taken) -> None:
    before = len(taken.bare.account.calls())
    run = taken.site()
    assert run.failed == 0, run.text
    writes = {call["action"] for call in taken.bare.account.calls()[before:] if call["write"]}
    assert not writes & {"CreateService", "RegisterTaskDefinition", "CreateTargetGroup", "CreateRule", "CreateLogGroup"}
    assert taken.plan("after.json")[1] == []


def test_a_change_is_made_to_the_service_that_was_there(taken: Taken) -> None:
    file = taken.inventory / "group_vars" / "all" / "services" / "cli-service.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("memory: 512", "memory: 1024"), encoding="utf-8")
    _run, changes = taken.plan("change.json")
    assert {(change["type"], change["name"]) for change in changes} == {
        ("ecs_task_definition", "cli"),
        ("ecs_service", "cli-service"),
    }
    run = taken.site()
    assert run.failed == 0, run.text
    found = taken.ground.client("ecs").describe_services(cluster=taken.ground.cluster, services=["cli-service"])
    assert found["services"][0]["taskDefinition"].endswith(":task-definition/cli:2")
    assert taken.plan("changed.json")[1] == []


def test_an_ecs_service_is_not_renamed(taken: Taken) -> None:
    file = taken.inventory / "group_vars" / "all" / "services" / "cli-service.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("service: cli-service", "service: another"), encoding="utf-8")
    run = taken.site(check=True)
    file.write_text(text, encoding="utf-8")
    assert run.failed == 1
    assert "Service 'cli-service' is cli-service in ECS, which renames no service" in run.text


def test_what_can_not_be_taken_over_is_refused_with_the_way_and_nothing_is_written(
    taken: Taken, tmp_path: Path
) -> None:
    ground = dataclasses.replace(taken.ground, cluster="others")
    ground.client("ecs").create_cluster(clusterName=ground.cluster)
    for make, _why in refused_ways.REFUSED.values():
        make(ground)
    ground.settled()
    run = adopt(taken.bare, ground.cluster, tmp_path)
    assert run.failed == 1
    output = " ".join(run.text.split())
    for name, (_make, why) in refused_ways.REFUSED.items():
        assert f"Service {name}: " in output and why in output
    assert not (tmp_path / "adopted").exists()


def test_all_were_served_throughout(taken: Taken) -> None:
    taken.served.stop()
    assert taken.served.wrong == []
    assert taken.served.right.keys() == ten_ways.ASKED.keys()
    assert min(taken.served.right.values()) > 50, taken.served.right


def test_one_that_leaves_the_inventory_is_removed_with_all_that_it_was_taken_over_with(taken: Taken) -> None:
    listed = taken.inventory / "group_vars" / "all" / "services.yml"
    lines = listed.read_text(encoding="utf-8").splitlines(keepends=True)
    listed.write_text("".join(line for line in lines if "cli_service_service" not in line), encoding="utf-8")
    run = taken.site(prune=True)
    assert run.failed == 0, run.text
    ecs, elb, ec2, logs = (taken.ground.client(name) for name in ("ecs", "elbv2", "ec2", "logs"))
    assert not [arn for arn in ecs.list_services(cluster=taken.ground.cluster)["serviceArns"] if "/cli-service" in arn]
    assert "cli-tg" not in {group["TargetGroupName"] for group in elb.describe_target_groups()["TargetGroups"]}
    assert "cli-sg" not in {group["GroupName"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    assert logs.describe_log_groups(logGroupNamePrefix="/ecs/cli")["logGroups"] == []
    rules = elb.describe_rules(ListenerArn=taken.ground.listener)["Rules"]
    assert "10" not in {rule["Priority"] for rule in rules}
