# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/tower.yml against a controller that keeps what it is told."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import typing as t

import pytest
import yaml

from tests.support.controller import ENCRYPTED, NEEDS_MODULES, Controller, serving

ROOT = pathlib.Path(__file__).parents[2]
TOWER = ROOT / "tower"
PLANTED = "planted-secret-key"

pytestmark = NEEDS_MODULES


def data(name: str) -> t.Any:
    return yaml.safe_load((TOWER / f"{name}.yml").read_text(encoding="utf-8"))


def run(url: str, *args: str) -> int:
    environment = {
        **os.environ,
        "CONTROLLER_HOST": url,
        "CONTROLLER_OAUTH_TOKEN": "planted-token",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": PLANTED,
    }
    command = ["ansible-playbook", "playbooks/tower.yml", "-i", "localhost,", *args]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert PLANTED not in done.stdout + done.stderr
    changed = re.search(r"changed=(\d+)", done.stdout)
    assert changed, done.stdout
    return int(changed[1])


@pytest.fixture(scope="module")
def controller() -> Controller:
    return Controller()


@pytest.fixture(scope="module")
def url(controller: Controller) -> t.Iterator[str]:
    with serving(controller) as address:
        yield address


@pytest.fixture(scope="module")
def made(controller: Controller, url: str) -> Controller:
    assert run(url) > 0
    return controller


def test_every_template_is_made_with_its_playbook_and_tags(made: Controller) -> None:
    wanted = {
        item["name"]: (item["playbook"], item.get("job_tags", ""), item.get("job_type", "run"))
        for item in data("job_templates")["tower_job_templates"]
    }
    held = {
        item["name"]: (item["playbook"], item["job_tags"], item["job_type"])
        for item in made.objects["job_templates"].values()
    }
    assert held == wanted


def test_a_launch_of_the_whole_platform_may_leave_a_layer_out(made: Controller) -> None:
    asking = {item["name"] for item in made.objects["job_templates"].values() if item["ask_skip_tags_on_launch"]}
    assert asking == {"magiclub plan", "magiclub site", "magiclub drift"}


def test_no_template_runs_twice_at_a_time(made: Controller) -> None:
    templates = [*made.objects["job_templates"].values(), *made.objects["workflow_job_templates"].values()]
    assert [item["name"] for item in templates if item["allow_simultaneous"]] == []


def test_surveys_are_there_and_enabled(made: Controller) -> None:
    templates = data("job_templates")["tower_job_templates"]
    with_survey = {item["name"] for item in templates if "survey" in item}
    held = {
        item["name"]
        for item in made.objects["job_templates"].values()
        if item["survey_enabled"] and made.surveys[("job_templates", item["id"])]["spec"]
    }
    assert held == with_survey


def test_the_secret_is_kept_encrypted_only(made: Controller) -> None:
    (credential,) = made.objects["credentials"].values()
    assert credential["inputs"]["password"] == ENCRYPTED


def test_workflow_nodes_are_joined_as_described(made: Controller) -> None:
    nodes = made.objects["workflow_job_template_nodes"]
    workflows = {item["id"]: item["name"] for item in made.objects["workflow_job_templates"].values()}
    held = {
        (workflows[nodes[key]["workflow_job_template"]], nodes[key]["identifier"], kind, nodes[target]["identifier"])
        for (name, key, kind), targets in made.links.items()
        if name == "workflow_job_template_nodes" and kind.endswith("_nodes")
        for target in targets
    }
    wanted = {
        (workflow["name"], node["identifier"], f"{kind}_nodes", target)
        for workflow in data("workflows")["tower_workflows"]
        for node in workflow["nodes"]
        for kind in ("success", "failure")
        for target in node.get(kind, [])
    }
    assert held == wanted


def test_a_second_run_changes_only_what_was_changed_by_hand(made: Controller, url: str) -> None:
    template = next(item for item in made.objects["job_templates"].values() if item["name"] == "magiclub vpc")
    template["job_tags"] = "alb"
    before = len(made.calls)
    assert run(url) == 1
    assert template["job_tags"] == "vpc"
    assert [call for call in made.calls[before:] if call[0] != "GET"] == [("PATCH", template["url"])]


def test_all_but_the_organization_is_removed(made: Controller, url: str) -> None:
    run(url, "-e", "tower_state=absent")
    kinds = ("job_templates", "workflow_job_templates", "projects", "inventories", "credentials", "schedules")
    assert {kind: made.names(kind) for kind in kinds} == {kind: [] for kind in kinds}
    assert made.names("organizations") == ["magiclub"]


def test_every_playbook_of_a_template_is_there() -> None:
    playbooks = {item["playbook"] for item in data("job_templates")["tower_job_templates"]}
    assert sorted(name for name in playbooks if not (ROOT / name).is_file()) == []


def test_every_template_of_a_workflow_or_schedule_is_there() -> None:
    names = {item["name"] for item in data("job_templates")["tower_job_templates"]}
    flows = data("workflows")
    used = {node["template"] for flow in flows["tower_workflows"] for node in flow["nodes"] if "template" in node}
    used |= {item["template"] for item in flows["tower_schedules"]}
    assert used <= names
