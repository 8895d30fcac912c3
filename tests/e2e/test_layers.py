# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each layer alone, from another clone; a platform is run, renamed and removed only by its own inventory."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.support.account import Account
from tests.support.ansible_run import Runner
from tests.support.cloud import ROOT

from .conftest import LOCK, PREFIX, Platform, changing

LAYERS = ("vpc", "alb", "ecs_cluster", "ecr_push", "lotto_service")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clone") / "fargate"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_alone_from_another_clone(platform: Platform, clone: Path, tmp_path: Path, layer: str) -> None:
    run = Platform(platform.account, Runner(platform.account.environment, tmp_path, clone)).site("--tags", layer)
    assert (run.rc, run.changed_tasks) == (0, []), run.text
    assert f"\n  {layer:<16}no change" in run.text, "The layer was not planned at all."
    # the time depends on their number
    assert run.processes == []


@pytest.mark.parametrize("arguments", [(), ("--tags", "lotto_service")])
def test_an_environment_that_comes_to_the_same_names_is_refused(platform: Platform, arguments: tuple[str, ...]) -> None:
    before = len(platform.account.writes())
    run = platform.site(*arguments, extra_vars={"fargate_environment": "Prod"})
    assert run.rc != 0
    assert "has the tag Environment=PoC, and this inventory has Environment=Prod:" in run.message, run.text
    assert changing(platform.account.writes()[before:]) == []


def test_it_is_not_removed_by_that_environment_either(platform: Platform) -> None:
    before = len(platform.account.writes())
    run = platform.destroy(extra_vars={"fargate_environment": "Prod"})
    assert run.rc != 0
    assert "has the tag Environment=PoC, and this inventory has Environment=Prod:" in run.message, run.text
    assert changing(platform.account.writes()[before:]) == []


@pytest.mark.parametrize(
    ("playbook", "asked"),
    [
        ("rollback", {}),
        ("scale", {"desired_count": 2}),
        ("refresh", {}),
        ("run", {"command": ["true"]}),
    ],
)
def test_it_is_not_operated_by_that_environment(platform: Platform, playbook: str, asked: dict[str, t.Any]) -> None:
    before = len(platform.account.writes())
    run = platform.run(
        f"playbooks/{playbook}.yml",
        "--inventory",
        "inventories/local",
        extra_vars={**asked, "fargate_environment": "Prod"},
        env=platform.environment,
    )
    assert run.rc != 0
    assert "has the tag Environment=PoC, and this inventory has Environment=Prod:" in run.message, run.text
    assert platform.account.writes()[before:] == []


def test_a_platform_can_be_renamed(platform: Platform) -> None:
    variables = {"fargate_environment": "Prod", "platform_rename": True}
    plan = platform.site(check=True, extra_vars=variables)
    assert (plan.rc, plan.changed) == (0, 1), plan.text
    assert plan.text.count("+ tags.Environment: Prod") > 10


def test_a_long_run_renews_its_lock(platform: Platform) -> None:
    before = len(platform.account.writes())
    run = platform.site("--tags", "ecr_push", extra_vars={"platform_lock_renew_after": 0, "ecr_push_keep_images": 29})
    assert run.rc == 0, run.text
    written = [call["action"] for call in platform.account.writes()[before:] if call["service"] == LOCK]
    # it is taken once and renewed twice, and each renewal first checks whether the lock is free
    assert written == ["PutParameter"] * (1 + 2 * 2) + ["DeleteParameter"]


def test_one_layer_without_the_one_below_says_what_to_do(account: Account, tmp_path: Path) -> None:
    nothing = Platform(account, Runner(account.environment, tmp_path))
    run = nothing.site("--tags", "alb")
    assert run.rc != 0
    assert f"No VPC tagged Name={PREFIX}-vpc in ap-northeast-2." in run.message, run.text
    assert changing(account.writes()) == []


def test_removing_leaves_nothing_and_can_be_repeated(platform: Platform) -> None:
    before = len(platform.account.writes())
    run = platform.destroy(extra_vars={"platform_lock_renew_after": 0})
    assert run.rc == 0, run.text
    lock = [call["action"] for call in platform.account.writes()[before:] if call["service"] == LOCK]
    # it is taken once, and renewed after confirmation, tasks and load balancer if these take long
    assert lock == ["PutParameter"] * (1 + 2 * 3) + ["DeleteParameter"]
    assert platform.account.left(PREFIX) == []
    again = platform.destroy()
    assert (again.rc, again.changed_tasks) == (0, []), again.text
