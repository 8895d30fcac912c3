# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two platforms in one inventory, two playbooks in one command, and a start in the middle of one."""

from __future__ import annotations

import json
import shutil
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.support.account import Account
from tests.support.ansible_run import LOCALHOST, Run, Runner
from tests.support.cloud import ROOT, Cloud
from tests.support.no_containers import DESTROY, INVENTORY, PREFIX, SITE, Bare, plan_of

SOMEONE = {"who": "someone", "machine": "elsewhere", "pid": 1, "run": "elsewhere/1", "since": "now", "job": ""}
OTHER = "other-an2p"


def _imported(playbook: str) -> dict[str, t.Any]:
    return {"import_playbook": str(ROOT / playbook)}


@pytest.fixture
def fresh(cloud: Cloud) -> Account:
    return Account.fresh(cloud.endpoint, cloud.calls_path)


def run(
    account: Account,
    folder: Path,
    projects: t.Mapping[str, str],
    playbook: str,
    *arguments: str,
    prefixes: t.Mapping[str, str] | None = None,
    **variables: t.Any,
) -> Run:
    """Run a playbook with a host for each of the projects, by name; I(prefixes) are their own name prefixes."""
    inventory = folder / "inventory"
    shutil.copytree(ROOT / INVENTORY, inventory, dirs_exist_ok=True)
    hosts = {name: {**LOCALHOST, "fargate_project": project} for name, project in projects.items()}
    for name, prefix in (prefixes or {}).items():
        hosts[name]["fargate_name_prefix"] = prefix
    main = inventory / "group_vars" / "all" / "main.yml"
    main.write_text(main.read_text().replace("\nfargate_project: magiclub\n", "\n"))
    (inventory / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    env = {"ANSIBLE_INVENTORY": str(inventory), "MAGICLUB_ENDPOINT": account.endpoint}
    return Runner(account.environment, folder)(f"playbooks/{playbook}.yml", *arguments, env=env, extra_vars=variables)


def locks(account: Account) -> dict[str, str]:
    ssm = account.client("ssm")
    names = [parameter["Name"] for parameter in ssm.describe_parameters()["Parameters"]]
    return {name: json.loads(ssm.get_parameter(Name=name)["Parameter"]["Value"])["who"] for name in names}


@pytest.mark.parametrize(
    ("playbook", "variables"),
    [("site", {}), ("destroy", {}), ("rollback", {"revision": 1}), ("scale", {"desired_count": 1}), ("refresh", {})],
)
def test_where_one_platform_is_held_the_lock_of_the_other_is_let_go(
    fresh: Account, tmp_path: Path, playbook: str, variables: dict[str, t.Any]
) -> None:
    fresh.client("ssm").put_parameter(Name=f"/{OTHER}/lock", Value=json.dumps(SOMEONE), Type="String")
    done = run(fresh, tmp_path, {"ours": "magiclub", "theirs": "other"}, playbook, **variables)
    assert done.rc != 0
    found = [
        str(item["result"]["msg"]) for item in done.results if item["event"] == "failed" and item["host"] == "theirs"
    ]
    assert found, done.text
    assert all(message.startswith(f"Another run holds {OTHER}: someone") for message in found), done.text
    assert "is undefined" not in done.text
    assert locks(fresh) == {f"/{OTHER}/lock": "someone"}
    assert {call["action"] for call in fresh.writes()} == {"PutParameter", "DeleteParameter"}


BOTH = {"ours": "magiclub", "theirs": "magiclub"}


def test_each_line_says_whose_it_is_and_no_platform_of_the_run_is_unasked(fresh: Account, tmp_path: Path) -> None:
    given = {"prefixes": {"theirs": OTHER}}
    made = run(fresh, tmp_path, BOTH, "site", "--tags", "vpc", **given)
    assert made.rc == 0, made.text
    for host, prefix in (("ours", PREFIX), ("theirs", OTHER)):
        assert f"[{host}]   + vpc {prefix}-vpc" in made.text
        assert f"[{host}] {prefix} in ap-northeast-2" in made.text
    planned = run(fresh, tmp_path, BOTH, "site", "--check", plan_file=str(tmp_path / "plan.json"), **given)
    assert planned.rc == 0, planned.text
    assert "not in the inventory" not in planned.text
    found = planned.artifacts["fargate_plan"]["hosts"]
    for host, prefix in (("ours", PREFIX), ("theirs", OTHER)):
        balancers = [one["name"] for one in plan_of(tmp_path / f"plan.{host}.json") if one["type"] == "load_balancer"]
        assert balancers == [f"{prefix}-pub-alb"]
        assert found[host]["id"] == json.loads((tmp_path / f"plan.{host}.json").read_text())["id"]
    assert not (tmp_path / "plan.json").exists()


def test_two_hosts_of_one_platform_do_not_both_get_in(fresh: Account, tmp_path: Path) -> None:
    done = run(fresh, tmp_path, {"first": "magiclub", "second": "magiclub"}, "destroy")
    assert done.rc != 0
    assert f"Another host of this run holds {PREFIX}: " in done.text
    assert locks(fresh) == {}


def test_the_second_playbook_of_a_command_counts_its_own_changes(fresh: Account, tmp_path: Path) -> None:
    bare, plan, both = Bare.of(fresh, tmp_path), tmp_path / "plan.json", tmp_path / "both.yml"
    both.write_text(yaml.safe_dump([_imported(SITE), _imported(DESTROY)]))
    done = bare.run(both, "--tags", "vpc", **bare.options(check=True, plan_file=str(plan)))
    assert done.rc == 0, done.text
    assert plan_of(plan) == []


def test_a_start_past_the_lock_takes_it_before_the_first_write(fresh: Account, tmp_path: Path) -> None:
    env = {"ANSIBLE_INVENTORY": INVENTORY, "MAGICLUB_ENDPOINT": fresh.endpoint}
    started = ("--start-at-task", "Read the platform and plan every layer")
    done = Runner(fresh.environment, tmp_path)(
        SITE, "--tags", "ecr_push", *started, env=env, extra_vars={"ecr_push_image": ""}
    )
    written = [call["action"] for call in fresh.writes()]
    assert (written[0], written[-1]) == ("PutParameter", "DeleteParameter"), done.text


@pytest.mark.parametrize("layer", ["vpc", "alb"])
def test_a_layer_that_is_skipped_is_asked_for_no_inputs(fresh: Account, tmp_path: Path, layer: str) -> None:
    env = {"ANSIBLE_INVENTORY": INVENTORY, "MAGICLUB_ENDPOINT": fresh.endpoint}
    wrong = {"vpc_zones": [], "alb_idle_timeout": 4001}
    other = {"vpc": "alb_idle_timeout is 4001", "alb": "vpc_zones is"}
    done = Runner(fresh.environment, tmp_path)(SITE, "--skip-tags", layer, env=env, extra_vars=wrong)
    assert done.message.startswith(other[layer]), done.text
