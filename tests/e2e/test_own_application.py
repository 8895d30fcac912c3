# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""docs/own-application.md as written: its variables files, and the collection's own playbooks."""

from __future__ import annotations

import re
import shutil
import typing as t

import pytest
import yaml

from tests.conftest import Emulator
from tests.support.account import Account
from tests.support.ansible_run import Run, Runner
from tests.support.cloud import ROOT
from tests.support.readme import outputs

from .conftest import BASE, LOCAL, PREFIX, Platform

PAGE = ROOT / "docs" / "own-application.md"
APP = {
    "Dockerfile": f'FROM {BASE}\nWORKDIR /shop\nCOPY . .\nCMD ["python3", "-m", "http.server", "8090"]\n',
    "index.html": "hello",
    "health": "OK",
}
SITE = "magiclub.fargate.site"
VARIABLES = ("services/shop.yml", "services.yml")


@pytest.fixture(scope="module")
def shop(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Platform]:
    """The folder of the page; its inventory is the local one, because AWS itself can't be reached from here."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "app").mkdir()
    for name, text in APP.items():
        (folder / "app" / name).write_text(text)
    variables = shutil.copytree(ROOT / "inventories" / "local", folder / "inventories" / "local") / "group_vars" / "all"
    for name in ("ecr_push.yml", "lotto_service.yml", "services/hello.yml"):
        (variables / name).unlink()
    files = [text for text in outputs(PAGE) if "collections:" not in text]
    for name, text in zip(VARIABLES, files, strict=True):
        (variables / name).write_text(f"---\n{text}")
    account = Account.fresh(emulator.endpoint, emulator.calls_path)
    yield Platform(account, Runner(account.environment, tmp_path_factory.mktemp("runs"), folder))
    account.stop_services()


def play(shop: Platform, playbook: str, **options: t.Any) -> Run:
    collections = {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "playbooks" / "collections")}
    return shop.run(playbook, *LOCAL, env={**shop.environment, **collections}, **options)


def test_the_plan_writes_nothing_and_the_run_serves(shop: Platform) -> None:
    plan = play(shop, SITE, check=True)
    assert plan.rc == 0, plan.text
    assert {call["service"] for call in shop.account.writes()} <= {"ssm"}
    assert "lotto" not in plan.text
    assert re.search(rf"\+ ecr_repository {PREFIX}-shop\n.*\+ image {PREFIX}-shop:[0-9a-f]+", plan.text, re.DOTALL), (
        plan.text
    )
    run = play(shop, SITE)
    assert run.rc == 0, run.text
    assert (shop.get("/").status, shop.get("/").body) == (200, "hello")
    assert re.search(rf"Answer: +hello by task [0-9a-f-]+ of {PREFIX}-shop:1\n", run.text), run.text


def repositories(shop: Platform) -> dict[str, int]:
    """Return the number of images by repository, without tags that mark those in use."""
    ecr = shop.account.client("ecr")
    names = [one["repositoryName"] for one in ecr.describe_repositories()["repositories"]]
    return {name: len(ecr.describe_images(repositoryName=name)["imageDetails"]) for name in names}


def test_each_service_that_is_built_has_a_repository_of_its_own(shop: Platform) -> None:
    assert repositories(shop) == {f"{PREFIX}-shop": 1}
    second = {"name": "worker", "build": {"path": str(shop.run.root / "worker")}}
    (shop.run.root / "worker").mkdir()
    (shop.run.root / "worker" / "Dockerfile").write_text(f'FROM {BASE}\nCMD ["sleep", "9999"]\n')
    services = [second, {"name": "shop", "image": "nginx:1", "build": {"path": "."}}]
    refused = play(shop, SITE, extra_vars={"fargate_services": services})
    assert "Service 'shop' has both image and build. Set the one or the other." in refused.text
    (shop.run.root / "inventories/local/group_vars/all/services.yml").write_text(
        yaml.safe_dump({"fargate_lotto": False, "fargate_services": ["{{ shop }}", second]})
    )
    run = play(shop, SITE, extra_vars={"fargate_service_wait_timeout": 300})
    assert run.rc == 0, run.text
    assert repositories(shop) == {f"{PREFIX}-shop": 1, f"{PREFIX}-worker": 1}


def test_a_service_that_is_taken_out_is_pruned_with_its_repository(shop: Platform) -> None:
    (shop.run.root / "inventories/local/group_vars/all/services.yml").write_text(
        yaml.safe_dump({"fargate_lotto": False, "fargate_services": ["{{ shop }}"]})
    )
    kept = play(shop, SITE, extra_vars={"prune": True})
    assert f"Repository {PREFIX}-worker was not removed, as its images would be lost" in kept.text
    run = play(shop, SITE, extra_vars={"prune": True, "ecr_push_force_delete": True})
    assert run.rc == 0, run.text
    assert repositories(shop) == {f"{PREFIX}-shop": 1}


def test_again_it_changes_nothing(shop: Platform) -> None:
    run = play(shop, SITE)
    assert (run.rc, run.changed_tasks) == (0, []), run.text


@pytest.mark.parametrize(
    ("playbook", "shown"),
    [("status", f"{PREFIX}-shop"), ("verify", f"{PREFIX}-shop"), ("logs", "GET /health")],
)
def test_the_playbooks_of_day_two_know_it(shop: Platform, playbook: str, shown: str) -> None:
    run = play(shop, f"magiclub.fargate.{playbook}")
    assert run.rc == 0, run.text
    assert shown in run.text


def test_a_rule_in_front_leaves_it_nothing(shop: Platform) -> None:
    elbv2 = shop.account.client("elbv2")
    (balancer,) = elbv2.describe_load_balancers(Names=[f"{PREFIX}-pub-alb"])["LoadBalancers"]
    (listener,) = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    page = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "hello"}}
    everything = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}
    (rule,) = elbv2.create_rule(
        ListenerArn=listener["ListenerArn"], Priority=1, Conditions=[everything], Actions=[page]
    )["Rules"]
    status = play(shop, "magiclub.fargate.status")
    run = play(shop, SITE)
    elbv2.delete_rule(RuleArn=rule["RuleArn"])
    assert status.rc == 2, status.text
    assert "NOT SERVING: it is behind rule 1 (/* to fixed-response), which takes all its requests" in status.text
    assert run.rc == 2, run.text
    assert "Service 'shop': no request for /* would reach it at priority 50000" in run.text


def test_destroy_leaves_nothing(shop: Platform) -> None:
    run = play(shop, "magiclub.fargate.destroy", extra_vars={"confirm": PREFIX, "ecr_push_force_delete": True})
    assert run.rc == 0, run.text
    assert shop.account.left(PREFIX) == []
