# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a run reads back what it has changed: always, but where reads after the last write have shown it already."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

from tests.support.ansible_run import Runner
from tests.support.cloud import ROOT

pytestmark = pytest.mark.program

LAYERS = ("vpc", "alb", "ecs_cluster", "ecr_push", "lotto_service", "services")
NOTHING: dict[str, t.Any] = {"changes": []}
LEFT = {"changes": [{"action": "remove", "type": "iam_role", "name": "magiclub-an2p-lotto-task"}]}
SERVED = {"fargate_service_left": {"lotto_service": NOTHING}}
STARTED = {"fargate_service_left": {"lotto_service": LEFT}}


def loaded(path: str) -> t.Any:
    return yaml.safe_load((ROOT / "playbooks" / path).read_text(encoding="utf-8"))


def set_facts(path: str) -> dict[str, t.Any]:
    """Return what the one task in a file that sets facts sets."""
    [facts] = [task["ansible.builtin.set_fact"] for task in loaded(path) if "ansible.builtin.set_fact" in task]
    return dict(facts)


def again(*layers: str, ready: bool = True) -> dict[str, t.Any]:
    """Return what is known once layers were read again that have nothing left."""
    found = {"layers": dict.fromkeys(layers, NOTHING), "ready": ready, "facts": {}}
    return {"__site_again": found, "__site_left_below": set_facts("tasks/again.yml")["__site_left_below"]}


def plan(*carried_out: str, prune: bool = False, removed: int = 0) -> dict[str, t.Any]:
    carry_out = {**{name: name in carried_out for name in LAYERS}, "prune": prune}
    counts = {"add": 0, "change": 1, "remove": removed}
    return {"__site_plan": {"to_do": True, "layers": dict.fromkeys(LAYERS, counts), "carry_out": carry_out}}


ROWS: list[tuple[dict[str, t.Any], bool]] = [
    ({**plan("lotto_service"), **SERVED}, False),
    ({**plan("ecr_push", "lotto_service"), **SERVED, **again("ecr_push")}, False),
    ({**plan("alb"), **again("alb")}, False),
    # one of them was not read, or left something
    (plan("lotto_service"), True),
    ({**plan("ecr_push", "lotto_service"), **SERVED}, True),
    ({**plan("lotto_service"), **STARTED}, True),
    ({**plan("lotto_service"), **STARTED, "fargate_service_waiting": ["a gate"]}, True),
    # what was not usable yet got more after it was read, as the network does
    ({**plan("ecs_cluster", "lotto_service"), **SERVED, **again("ecs_cluster", ready=False)}, True),
    ({**plan("ecs_cluster"), **again("ecs_cluster"), "ecs_cluster_info": {"ready": False}}, True),
    ({**plan("vpc"), **again("vpc")}, True),
    ({**plan("vpc", "lotto_service"), **SERVED, **again("vpc")}, True),
    # something goes only now
    ({**plan("ecs_cluster", removed=1), **again("ecs_cluster")}, True),
    ({**plan("lotto_service", prune=True), **SERVED}, True),
]


def test_what_reads_have_not_shown_is_read_back(tmp_path: Path) -> None:
    [site] = [play for play in loaded("site.yml") if "vars_files" in play]
    [prove] = [task for task in site["tasks"][0]["block"] if task["name"] == "Verify that everything is as described"]
    start = {name: set_facts("tasks/facts.yml")[name] for name in ("fargate_service_left", "__site_left_below")}
    facts = {name: {"ready": True} for name in ("vpc_info", "alb_info", "ecs_cluster_info")}
    tasks = [
        {"name": f"row {number}", "ansible.builtin.assert": {"that": True}, "vars": given, "when": prove["when"]}
        for number, (given, _is_read_back) in enumerate(ROWS)
    ]
    run = Runner({}, tmp_path)([{"vars": {**site["vars"], **facts, **start}, "tasks": tasks}])
    assert run.rc == 0, run.text
    told = {item["task"]: item["event"] == "ok" for item in run.results}
    assert told == {f"row {number}": is_read_back for number, (_given, is_read_back) in enumerate(ROWS)}
