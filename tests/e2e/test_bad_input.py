# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wrong inputs, each refused with its sentence before anything of a platform is written."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.house.account import Account
from tests.house.ansible_run import Runner
from tests.house.bare import INVENTORY, PREFIX, bare_cloud
from tests.house.cloud import Cloud

TABLE = yaml.safe_load(Path(__file__).with_name("bad_inputs.yml").read_text(encoding="utf-8"))
# What the account has to be asked for comes after the lock, which is no part of a platform.
LOCK = {"PutParameter", "DeleteParameter"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Cloud]:
    with bare_cloud(tmp_path_factory.mktemp("bad_input") / "aws") as running:
        yield running


def writes(account: Account) -> set[str]:
    return {call["action"] for call in account.calls() if call["write"]} - LOCK


def name_of(case: dict[str, t.Any]) -> str:
    return " ".join([case["playbook"], json.dumps(case["variables"])[:60], *case.get("arguments", [])])


@pytest.mark.parametrize("case", TABLE, ids=name_of)
def test_a_wrong_input_is_refused_before_the_first_write(case: dict[str, t.Any], cloud: Cloud, tmp_path: Path) -> None:
    account = Account.fresh(cloud.endpoint, cloud.calls_path)
    inventory = {"ANSIBLE_INVENTORY": INVENTORY, "MAGICLUB_ENDPOINT": account.endpoint}

    run = Runner(account.environment, tmp_path)(
        f"playbooks/{case['playbook']}.yml",
        *case.get("arguments", []),
        env=inventory,
        extra_vars=case["variables"],
        check=case.get("check", False),
    )

    assert (run.failed, writes(account)) == (1, set()), run.text
    assert case["says"] in run.message


@pytest.mark.parametrize(
    ("variables", "says", "services"),
    [
        ({}, "bears the tag Environment=Stage, and this inventory has Environment=PoC:", {"ecs"}),
        ({"ecs_cluster_tags": {"Environment": "Stage", "ManagedBy": "ansible"}}, "There is no service", {"ecs", "ssm"}),
        ({"platform_rename": True}, "There is no service", {"ecs", "ssm"}),
    ],
)
def test_whose_platform_it_is_the_cluster_alone_says(
    cloud: Cloud, tmp_path: Path, variables: dict[str, t.Any], says: str, services: set[str]
) -> None:
    account = Account.fresh(cloud.endpoint, cloud.calls_path)
    tags = [{"key": key, "value": value} for key, value in (("Environment", "Stage"), ("ManagedBy", "ansible"))]
    account.client("ecs").create_cluster(clusterName=f"{PREFIX}-ecs", tags=tags)
    inventory = {"ANSIBLE_INVENTORY": INVENTORY, "MAGICLUB_ENDPOINT": account.endpoint}

    run = Runner(account.environment, tmp_path)("playbooks/rollback.yml", env=inventory, extra_vars=variables)

    assert says in run.message, run.text
    assert {call["service"] for call in account.calls()} == services


def test_the_table_is_long_enough() -> None:
    assert len(TABLE) >= 80
