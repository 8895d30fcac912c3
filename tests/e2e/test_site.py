# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The main job: site.yml on an empty account, again, layer by layer, and removed, in this order."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from tests.house.account import Account
from tests.house.ansible_run import Run, Runner
from tests.house.cloud import ROOT

from .conftest import PREFIX, Platform, is_lucky

LAYERS = ("vpc", "alb", "ecs_cluster", "ecr_push", "lotto_service")
# the lock of a platform is a parameter, written and deleted by every run
LOCK = "ssm"
# What a run without change starts a process for, beside taking and leaving the lock; seconds go by their number.
PROCESSES = {
    "vpc": ["magiclub.fargate.vpc_info"],
    "alb": ["magiclub.fargate.vpc_info", "magiclub.fargate.alb_info"],
    "ecs_cluster": ["magiclub.fargate.vpc_info", "magiclub.fargate.ecs_cluster_info"],
    "ecr_push": ["magiclub.fargate.ecr_repository_info"],
    "lotto_service": [
        "magiclub.fargate.ecr_repository_info",
        "magiclub.fargate.platform_info",
        "ansible.builtin.uri",
    ],
    "all": [
        "magiclub.fargate.vpc_info",
        "magiclub.fargate.alb_info",
        "magiclub.fargate.ecs_cluster_info",
        "magiclub.fargate.ecr_repository_info",
        "magiclub.fargate.fargate_service_info",
        "ansible.builtin.uri",
    ],
}
IN_THE_CONTROLLER = {
    *(f"ansible.builtin.{name}" for name in ("assert", "fail", "set_fact", "include_role", "include_tasks")),
    "ansible.builtin.validate_argument_spec",
    *(f"magiclub.fargate.{name}" for name in ("lap", "plan", "summary", "validate", "platform_lock")),
}


def processes(run: Run) -> list[str]:
    return [
        item["action"] for item in run.results if item["event"] != "skipped" and item["action"] not in IN_THE_CONTROLLER
    ]


def changing(calls: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    return [f"{call['service']}:{call['action']}" for call in calls if call["service"] != LOCK]


def floor(account: Account) -> int:
    """Return how many calls a plain script needs to know that nothing changed."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.floor", PREFIX],
        cwd=ROOT,
        env=account.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(json.loads(done.stdout)["calls"])


def complaints(run: Run) -> list[str]:
    """Return the warnings of a run, but for those of amazon.aws about itself."""
    lines = [line for line in run.text.splitlines() if "WARNING]" in line]
    return [line for line in lines if "amazon.aws" not in line and "Deprecation warnings can be disabled" not in line]


def planned(path: Path) -> list[tuple[str, str, str, str]]:
    plan = json.loads(path.read_text())
    return sorted(
        (layer, change["action"], change["type"], change["name"])
        for layer, content in plan["layers"].items()
        for change in content["changes"]
    )


def test_the_plan_on_an_empty_account_writes_nothing_and_the_run_does_just_that(
    empty_platform: Platform, tmp_path: Path
) -> None:
    plan = empty_platform.site("--extra-vars", f"plan_file={tmp_path / 'plan.json'}", check=True)
    assert plan.rc == 0, plan.text
    assert changing(empty_platform.account.writes()) == []
    assert plan.changed > 0
    run = empty_platform.site("--extra-vars", f"plan_file={tmp_path / 'run.json'}")
    assert run.rc == 0, run.text
    assert planned(tmp_path / "run.json") == planned(tmp_path / "plan.json")
    assert complaints(run) + complaints(plan) == []


def test_six_numbers_come_through_the_load_balancer(platform: Platform) -> None:
    draws = [platform.numbers() for _ in range(20)]
    assert all(is_lucky(draw) for draw in draws), draws
    assert len({tuple(draw) for draw in draws}) > 1
    assert (platform.get("/health").status, platform.get("/health").body.strip()) == (200, "OK")
    assert (platform.get("/nowhere").status, platform.get("/nowhere").body) == (200, "OK")


def test_a_second_run_changes_nothing_and_its_curl_line_works(platform: Platform) -> None:
    before, calls = len(platform.account.writes()), len(platform.account.calls())
    run = platform.site()
    assert run.rc == 0, run.text
    assert run.changed_tasks == []
    assert sorted(processes(run)) == sorted(PROCESSES["all"])
    assert len(platform.account.calls()) - calls <= 1.5 * floor(platform.account)
    assert changing(platform.account.writes()[before:]) == []
    [curl] = [line[line.index("curl") :] for line in run.text.splitlines() if "curl " in line]
    output = subprocess.run(shlex.split(curl), capture_output=True, text=True, check=True).stdout
    assert is_lucky(json.loads(output)), curl


def test_check_mode_on_the_platform_plans_nothing(platform: Platform) -> None:
    run = platform.site(check=True)
    assert (run.rc, run.changed_tasks) == (0, []), run.text


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clone") / "fargate"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_alone_from_another_clone(platform: Platform, clone: Path, tmp_path: Path, layer: str) -> None:
    run = Platform(platform.account, Runner(platform.account.environment, tmp_path, clone)).site("--tags", layer)
    assert (run.rc, run.changed_tasks) == (0, []), run.text
    assert any(f"magiclub.fargate.{layer} : " in item["task"] for item in run.results), "The layer did not run at all."
    assert sorted(processes(run)) == sorted(PROCESSES[layer])


@pytest.mark.parametrize("arguments", [(), ("--tags", "lotto_service")])
def test_an_environment_that_comes_to_the_same_names_is_refused(platform: Platform, arguments: tuple[str, ...]) -> None:
    before = len(platform.account.writes())
    run = platform.site(*arguments, extra_vars={"fargate_environment": "Prod"})
    assert run.rc != 0
    assert "bears the tag Environment=PoC, and this inventory has Environment=Prod:" in run.text
    assert changing(platform.account.writes()[before:]) == []


def test_it_is_not_removed_by_that_environment_either(platform: Platform) -> None:
    before = len(platform.account.writes())
    run = platform.destroy(extra_vars={"fargate_environment": "Prod"})
    assert run.rc != 0
    assert "bears the tag Environment=PoC, and this inventory has Environment=Prod:" in run.text
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
    assert "bears the tag Environment=PoC, and this inventory has Environment=Prod:" in run.text
    assert platform.account.writes()[before:] == []


def test_a_platform_can_be_renamed(platform: Platform) -> None:
    variables = {"fargate_environment": "Prod", "platform_rename": True}
    plan = platform.site(check=True, extra_vars=variables)
    assert (plan.rc, plan.changed) == (0, 5), plan.text
    assert plan.text.count("(tags.Environment)") > 10


def test_a_long_run_renews_its_lock(platform: Platform) -> None:
    before = len(platform.account.writes())
    run = platform.site("--tags", "ecr_push", extra_vars={"platform_lock_renew_after": 0})
    assert run.rc == 0, run.text
    written = [call["action"] for call in platform.account.writes()[before:]]
    # it is taken once and renewed twice, and each renewal asks first whether the lock is free
    assert written == ["PutParameter"] * (1 + 2 * 2) + ["DeleteParameter"]


def test_one_layer_without_the_one_below_says_what_to_do(account: Account, tmp_path: Path) -> None:
    nothing = Platform(account, Runner(account.environment, tmp_path))
    run = nothing.site("--tags", "alb")
    assert run.rc != 0
    assert f"No VPC tagged Name={PREFIX}-vpc in ap-northeast-2." in run.message, run.text
    assert changing(account.writes()) == []


def test_removing_needs_the_confirmation(platform: Platform) -> None:
    before = len(platform.account.writes())
    run = platform.run(
        "playbooks/destroy.yml",
        "--inventory",
        "inventories/local",
        "--extra-vars",
        "confirm=no",
        env=platform.environment,
    )
    assert run.rc != 0
    assert f"has to be '{PREFIX}'" in run.text
    assert changing(platform.account.writes()[before:]) == []


def test_removing_leaves_nothing_and_can_be_repeated(platform: Platform) -> None:
    before = len(platform.account.writes())
    run = platform.destroy()
    assert run.rc == 0, run.text
    lock = [call["action"] for call in platform.account.writes()[before:] if call["service"] == LOCK]
    # it is taken once, and renewed after the confirmation, after the tasks and after the load balancer
    assert lock == ["PutParameter"] * (1 + 2 * 3) + ["DeleteParameter"]
    assert platform.account.left(PREFIX) == []
    again = platform.destroy()
    assert (again.rc, again.changed_tasks) == (0, []), again.text
