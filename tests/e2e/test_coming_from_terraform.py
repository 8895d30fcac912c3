# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps of docs/coming-from-terraform.md: the earlier project's platform, taken over, changed and removed.

The tests are the life of one platform, in order. Its service gets a request twice a second until it is removed.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.conftest import Emulator
from tests.support import terraform_shape
from tests.support.ansible_run import Run
from tests.support.no_containers import DESTROY, PREFIX, SITE, Bare, plan_of

from .conftest import BASE
from .served import OF_TAGS, Served, adopt, write_inventory

# Types that no plan may add, according to step 5 of the document.
NOT_ADDED = {
    "elastic_ip",
    "ecs_cluster",
    "ecs_service",
    "ecs_task_definition",
    "internet_gateway",
    "listener",
    "load_balancer",
    "log_group",
    "nat_gateway",
    "route_table",
    "subnet",
    "target_group",
    "vpc",
}
OF_SERVICES = {"ecs_service", "ecs_task_definition", "listener_rule", "log_group", "target_group"}


class Platform(t.NamedTuple):
    """The platform with the document's inventory, and its clients."""

    bare: Bare
    folder: Path
    served: Served

    def run(self, playbook: str, check: bool = False, **more: t.Any) -> Run:
        options = self.bare.options(check=check, fargate_lotto=False, **terraform_shape.VARIABLES, **more)
        inventory = {"ANSIBLE_INVENTORY": str(self.folder / "inventory")}
        return self.bare.run(playbook, **{**options, "env": {**options["env"], **inventory}})

    def plan(self, name: str) -> list[dict[str, t.Any]]:
        path = self.folder / name
        run = self.run(SITE, check=True, plan_file=str(path))
        assert run.failed == 0, run.text
        return plan_of(path)

    def ports(self) -> set[int]:
        """Return the ports that the load balancer's group admits."""
        filters = [{"Name": "group-name", "Values": [f"{PREFIX}-pub-alb-sg"]}]
        (group,) = self.bare.account.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
        return {permission["FromPort"] for permission in group["IpPermissions"]}


@pytest.fixture(scope="module")
def platform(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Platform]:
    """Steps 1 to 4."""
    folder = tmp_path_factory.mktemp("terraform")
    bare = Bare.fresh(emulator, folder / "run")
    terraform_shape.made(bare.account.client, BASE).settled()
    with Served(bare, {"lotto": ("/api/lotto", "lotto-api by 8080")}) as served:
        terraform_shape.renamed(bare.account.client)
        written = adopt(bare, f"{PREFIX}-ecs", folder)
        assert written.failed == 0, written.text
        assert "The inventory describes everything" in written.text, written.text
        write_inventory(folder)
        yield Platform(bare, folder, served)
    bare.account.stop_services()


def test_the_plan_removes_and_recreates_nothing_and_has_tags_alone_of_the_service(platform: Platform) -> None:
    changes = platform.plan("first.json")
    assert [change["name"] for change in changes if change["action"] == "remove"] == []
    assert {change["type"] for change in changes if change["action"] == "add"} & NOT_ADDED == set()
    fields = {field["path"] for change in changes if change["type"] in OF_SERVICES for field in change["fields"]}
    assert {path.partition(".")[0] for path in fields} <= OF_TAGS


def test_the_run_starts_no_deployment_closes_what_was_opened_by_hand_and_leaves_an_empty_plan(
    platform: Platform,
) -> None:
    assert platform.ports() == {22, 80, 443}
    before = len(platform.bare.account.calls())
    run = platform.run(SITE)
    assert run.failed == 0, run.text
    writes = {call["action"] for call in platform.bare.account.calls()[before:] if call["write"]}
    assert not writes & {"CreateService", "RegisterTaskDefinition", "CreateSubnet", "CreateNatGateway"}
    assert platform.ports() == {80}
    assert platform.plan("second.json") == []


def test_it_was_served_throughout(platform: Platform) -> None:
    platform.served.stop()
    assert platform.served.wrong == []
    assert platform.served.right["lotto"] > 50


def test_it_is_removed_without_a_rest(platform: Platform) -> None:
    run = platform.run(DESTROY, confirm=PREFIX)
    assert run.failed == 0, run.text
    assert platform.bare.account.left(PREFIX) == []
