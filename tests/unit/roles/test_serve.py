# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role fargate_service remembers of the deployments that a run has started."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.support.ansible_run import Runner

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = yaml.safe_load((ROOT / "roles" / "fargate_service" / "tasks" / "deploy.yml").read_text(encoding="utf-8"))
STEADY = yaml.safe_load((ROOT / "roles" / "fargate_service" / "tasks" / "steady.yml").read_text(encoding="utf-8"))


def after_the_wait():
    """Return the template of what is left to wait for."""
    (keep,) = [task for task in STEADY if task["name"] == "Serve | Set fargate_service_info from the wait"]
    return keep["ansible.builtin.set_fact"]["fargate_service_started"]


@pytest.mark.parametrize(
    ("started", "watched", "left"),
    [
        ({"lotto": "ecs-svc/1", "hello": "ecs-svc/2"}, ["lotto"], {"hello": "ecs-svc/2"}),
        ({"lotto": "ecs-svc/1", "hello": None}, ["lotto", "hello"], {}),
        ({}, ["lotto"], {}),
        (None, ["lotto"], {}),
    ],
)
def test_a_wait_forgets_only_what_it_waited_for(started, watched, left):
    """Else the other's rollback would pass for its deployment: its own id is what tells them apart."""
    variables = {"__fargate_service_watched": [{"name": name} for name in watched]}
    if started is not None:
        variables["fargate_service_started"] = started
    templar = Templar(loader=DataLoader(), variables=variables)
    assert templar.template(trust_as_template(after_the_wait())) == left


@pytest.mark.program
def test_a_workflow_is_told_what_was_deployed_on_every_host(tmp_path):
    (tell,) = [task for task in DEPLOY if "ansible.builtin.set_stats" in task]
    started = {"kept": None, "web": "ecs-svc/1", "api": "ecs-svc/2"}
    names = ["{{ inventory_hostname }}-" + name for name in started]
    renamed = "{{ dict(started | map('regex_replace', '^', inventory_hostname ~ '-') | zip(started.values())) }}"
    tasks = [{**tell, "name": name, "vars": {"__fargate_service_deployment": {"name": name}}} for name in names]
    play = {"hosts": "a:b", "vars": {"started": started, "fargate_service_started": renamed}, "tasks": tasks}
    shown = {"ANSIBLE_SHOW_CUSTOM_STATS": "1", "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    run = Runner(shown, tmp_path)([play], "--inventory", "a,b,")
    assert run.rc == 0, run.text
    told = json.loads(run.text.rpartition("RUN: ")[2])
    assert sorted(told["fargate_deployed"]) == ["a-api", "a-web", "b-api", "b-web"]
