# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run that is bound to a plan applies exactly that plan, and a refusal of the last layer stops the first."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest

from tests.support.ansible_run import Run
from tests.support.cloud import Cloud
from tests.support.no_containers import PREFIX, Bare

LAYERS = ["vpc", "alb", "ecs_cluster", "ecr_push", "lotto_service"]


@pytest.fixture
def empty(cloud: Cloud, tmp_path: Path) -> Bare:
    return Bare.fresh(cloud, tmp_path)


def made(platform: Bare) -> list[str]:
    """Return the writes to the platform, except those of its lock."""
    return [call["action"] for call in platform.account.writes() if call["service"] != "ssm"]


def shown(run: Run) -> str:
    """Return the id at the end of a plan."""
    assert run.rc == 0, run.text
    return t.cast("str", re.search(r"-e plan_id=(\S+)$", run.text, re.MULTILINE)[1])  # type: ignore[index]


def in_another_inventory(platform: Bare) -> dict[str, t.Any]:
    return {"vpc_nat": "none"}


def by_hand(platform: Bare) -> dict[str, t.Any]:
    platform.account.client("ecr").create_repository(repositoryName=f"{PREFIX}-lotto")
    return {}


def by_a_push(platform: Bare) -> dict[str, t.Any]:
    context = Path(platform.variables["ecr_push_build"]["path"])
    (context / "hello").write_text("hello again\n", encoding="utf-8")
    return {}


@pytest.mark.parametrize(
    ("drift", "layers"),
    [(in_another_inventory, ["vpc"]), (by_hand, ["ecr_push"]), (by_a_push, ["ecr_push"])],
    ids=["inventory", "drift", "commit"],
)
def test_a_plan_that_is_stale_is_refused_and_what_is_different_is_named(
    empty: Bare, drift: t.Callable[[Bare], dict[str, t.Any]], layers: list[str]
) -> None:
    approved = shown(empty.site(check=True))
    again = empty.site(check=True, plan_id=approved)
    assert shown(again) == approved
    changed = drift(empty)
    before = made(empty)
    run = empty.site(plan_id=approved, **changed)
    assert run.rc != 0
    assert run.message.startswith(f"The plan is stale: plan_id {approved} was approved"), run.text
    assert f"; different now: {', '.join(layers)}." in run.message
    assert made(empty) == before


def test_an_artifact_of_awx_binds_a_run_and_names_the_lines(empty: Bare) -> None:
    approved = shown(empty.site(check=True))
    artifact = {"id": approved, "lines": ["+ vpc magiclub-an2p-vpc"], "add": 1}
    run = empty.site(fargate_plan=artifact, vpc_nat="none")
    assert "Approved was: + vpc magiclub-an2p-vpc." in run.message, run.text
    assert made(empty) == []


def test_a_run_that_asks_and_gets_no_answer_changes_nothing(empty: Bare) -> None:
    run = empty.site(ask=True)
    assert run.rc != 0
    assert "Nothing was changed: the answer was ''" in run.message, run.text
    assert made(empty) == []


def test_what_the_last_layer_refuses_stops_the_first_and_all_is_said_at_once(empty: Bare) -> None:
    missing = f"{empty.account.key}.dkr.ecr.ap-northeast-2.amazonaws.com/nobody:1"
    services = [
        {"name": "hello", "image": missing},
        {"name": "other", "image": missing.replace("nobody", "nothing")},
    ]
    run = empty.site(fargate_services=services)
    assert run.rc != 0
    assert run.message.count("ECR has no image") == 2, run.text
    assert made(empty) == []


def test_nothing_but_the_lock_is_written_before_everything_is_read(empty: Bare, tmp_path: Path) -> None:
    run = empty.site("--tags", "vpc,ecr_push", plan_file=str(tmp_path / "plan.json"))
    assert run.rc == 0, run.text
    calls = empty.account.calls()
    first = next(number for number, call in enumerate(calls) if call["write"] and call["service"] != "ssm")
    asked = {call["action"] for call in calls[:first]}
    assert {"DescribeVpcs", "DescribeRepositories"} <= asked
    assert json.loads((tmp_path / "plan.json").read_text())["layers"].keys() == {"vpc", "ecr_push"}
