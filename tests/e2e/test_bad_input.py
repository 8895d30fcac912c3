# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wrong inputs, some of each playbook and layer, are refused with their messages before anything is written.

All other messages are tested without a run: tests/unit/plugins/action/mistakes.yml.  One run covers all inputs that
are refused without a call: the playbooks themselves, up to their first call, with a host for each wrong input.
Rows with C(alone) depend on a run's command line, or on an answer of AWS or the Docker engine, and have their own run.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.support.account import Account
from tests.support.ansible_run import Run, Runner
from tests.support.cloud import ROOT, Cloud
from tests.support.no_containers import INVENTORY, PREFIX

Case = dict[str, t.Any]

TABLE: list[Case] = yaml.safe_load(Path(__file__).with_name("bad_inputs.yml").read_text(encoding="utf-8"))
TOGETHER = [case for case in TABLE if not case.get("alone")]
ALONE = [case for case in TABLE if case.get("alone")]
# Reading the account comes after the lock, which is not part of a platform.
LOCK = {"PutParameter", "DeleteParameter"}
LAYERS = ("vpc", "alb", "ecs_cluster", "ecr_push", "lotto_service")
IMPORT = "ansible.builtin.import_tasks"
PLAN = "magiclub.fargate.plan"
LOCKS = "magiclub.fargate.platform_lock"
BYSTANDER = "bystander"
# nothing listens here, so a call would be a different failure
NOWHERE = "http://127.0.0.1:9"


def writes(account: Account) -> set[str]:
    return {call["action"] for call in account.calls() if call["write"]} - LOCK


def name_of(case: Case) -> str:
    return " ".join([case["playbook"], json.dumps(case["variables"])[:60], *case.get("arguments", [])])


def host_of(case: Case) -> str:
    return f"case-{TABLE.index(case)}"


def group_of(case: Case) -> str:
    """Return the playbook, and for site.yml the layer, whose play checks a wrong input."""
    if case["playbook"] != "site":
        return str(case["playbook"])
    # lotto's image is also ecr_push's
    names = {"all" if name == "lotto_service_image" else name for name in case["variables"]}
    found = [layer for layer in LAYERS if all(name.startswith(f"{layer}_") for name in names)]
    return f"site_{found[0] if found else 'all'}"


def without_calls(group: str) -> dict[str, t.Any]:
    """Return a playbook's play up to its lock or its first read of the account, for hosts that fail separately."""
    folder = ROOT / "playbooks"
    playbook, _, layer = group.partition("_")
    *_before, play = yaml.safe_load((folder / f"{playbook}.yml").read_text(encoding="utf-8"))
    tasks = []
    for task in (step for one in play["tasks"] for step in one.get("block", [one])):
        if task.get(IMPORT) == "tasks/owner.yml" or LOCKS in task:
            break
        tasks.append({**task, IMPORT: str(folder / task[IMPORT])} if IMPORT in task else task)
    if layer in LAYERS:
        tasks = [{"name": "Plan a layer", PLAN: {"layers": [layer]}}]
    elif playbook == "site":
        tasks.append({"name": "Plan every layer", PLAN: {"layers": play["vars"]["__site_layers"]}})
    # if no host were left, Ansible would end with the first play
    tasks = [{"name": "What others are refused", "when": f"inventory_hostname != '{BYSTANDER}'", "block": tasks}]
    files = [str(folder / name) for name in play.get("vars_files", [])]
    return {**play, "vars_files": files, "hosts": f"{group},{BYSTANDER}", "any_errors_fatal": False, "tasks": tasks}


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All inputs that are refused without a call, in one run."""
    folder = tmp_path_factory.mktemp("together")
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    groups: dict[str, t.Any] = {"others": {"hosts": {BYSTANDER: local}}}
    for case in TOGETHER:
        hosts = groups.setdefault(group_of(case), {"hosts": {}})["hosts"]
        hosts[host_of(case)] = {**local, **case["variables"]}
    (folder / "all.yml").write_text(
        yaml.safe_dump([without_calls(group) for group in groups if group != "others"], sort_keys=False)
    )
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": groups}}, sort_keys=False))
    inventories = ("--inventory", INVENTORY, "--inventory", str(folder / "hosts.yml"))
    account = Account.fresh(NOWHERE, None)
    return Runner(account.environment, folder)(folder / "all.yml", *inventories, env={"MAGICLUB_ENDPOINT": NOWHERE})


@pytest.mark.parametrize("case", TOGETHER, ids=name_of)
def test_a_wrong_input_is_refused_before_the_first_call(case: Case, together: Run) -> None:
    said = [
        one["result"]["msg"] for one in together.results if (one["host"], one["event"]) == (host_of(case), "failed")
    ]
    assert len(said) == 1, said
    assert case["says"] in said[0]


@pytest.mark.parametrize("case", ALONE, ids=name_of)
def test_a_wrong_input_is_refused_before_the_first_write(case: Case, cloud: Cloud, tmp_path: Path) -> None:
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
        ({}, "has the tag Environment=Stage, and this inventory has Environment=PoC:", {"ecs"}),
        ({"ecs_cluster_tags": {"Environment": "Stage", "ManagedBy": "ansible"}}, "There is no service", {"ecs"}),
        ({"platform_rename": True}, "There is no service", {"ecs"}),
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


def test_of_each_layer_and_playbook_something_is_refused() -> None:
    playbooks = {"logs", "refresh", "rollback", "run", "scale", "status", "verify"}
    assert {group_of(case) for case in TOGETHER} == {f"site_{layer}" for layer in (*LAYERS, "all")} | playbooks
