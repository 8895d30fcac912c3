# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Common properties of all playbooks: they check their options first, and document them."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.support.cloud import ROOT

BEFORE = "inventory"
PLAYBOOKS = sorted({path.stem for path in (ROOT / "playbooks").glob("*.yml")} - {BEFORE})
WITHOUT_INVENTORY = ["adopt", "init", "mfa"]
"""They write an inventory, or a session, and need none."""
OPERATING = sorted(set(PLAYBOOKS) - {"site", "destroy", "tower"})


def text(name):
    return (ROOT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8")


def play(name):
    *_before, only = yaml.safe_load(text(name))
    return only


def asked(name):
    """Return the import that a playbook begins with."""
    first = play(name)["tasks"][0]
    return first["block"][0] if "block" in first else first


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_looks_first_at_what_it_was_asked(name):
    first = asked(name)
    assert first["ansible.builtin.import_tasks"] in ("tasks/service.yml", "tasks/layers.yml", "tasks/asked.yml")
    assert first["vars"]["operate_options"]
    assert "always" in (*first.get("tags", []), *play(name).get("tags", []))


@pytest.mark.parametrize("name", sorted(set(PLAYBOOKS) - {*WITHOUT_INVENTORY}))
def test_a_playbook_refuses_to_run_without_a_host(name):
    assert yaml.safe_load(text(name))[0]["ansible.builtin.import_playbook"] == f"{BEFORE}.yml"


@pytest.mark.parametrize("name", OPERATING)
def test_tags_leave_out_nothing_of_a_playbook_without_layers(name):
    assert play(name)["tags"] == ["always"]


@pytest.mark.parametrize("name", sorted(set(PLAYBOOKS) - {"tower"}))
def test_the_header_tells_the_options_and_no_others(name):
    header = re.match(r"---\n((#.*\n)+)", text(name))[1]
    assert set(re.findall(r"-e '?{?\"?([a-z_]+)", header)) == set(asked(name)["vars"]["operate_options"])


def test_cluster_and_load_balancer_may_be_somebody_elses():
    playbooks = ROOT / "playbooks"
    files = {path for folder in ("", "tasks", "vars") for path in (playbooks / folder).glob("*.yml")}
    named = {path.name for path in files if re.search(r"-(ecs|pub-alb)\b['\"]", path.read_text(encoding="utf-8"))}
    assert named == {"platform.yml"}


def test_the_layers_that_may_be_named_are_those_that_are_planned():
    [known] = yaml.safe_load(text("tasks/layers"))
    block = next(task["block"] for task in play("destroy")["tasks"] if "block" in task)
    [removed] = [task["magiclub.fargate.plan"]["layers"] for task in block if "magiclub.fargate.plan" in task]
    assert known["vars"]["operate_layers"] == play("site")["vars"]["__site_layers"]
    assert sorted(removed) == sorted(known["vars"]["operate_layers"])
