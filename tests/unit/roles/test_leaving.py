# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service that is being deleted is neither refreshed nor scaled: ECS would take no deployment of it."""

from __future__ import annotations

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.support.cloud import ROOT

WRITES = ("magiclub.fargate.ecs_service", "magiclub.fargate.application_autoscaling_target")


def tasks_of(playbook: str) -> list[dict]:
    """Return the tasks of a playbook in their order, those of blocks too."""

    def flat(tasks: list[dict]) -> list[dict]:
        return [one for task in tasks for one in (flat(task["block"]) if "block" in task else [task])]

    plays = yaml.safe_load((ROOT / "playbooks" / playbook).read_text(encoding="utf-8"))
    return [task for play in plays for task in flat(play.get("tasks", []))]


@pytest.mark.parametrize("playbook", ["refresh.yml", "scale.yml"])
def test_it_is_refused_before_the_first_write(playbook: str) -> None:
    tasks = tasks_of(playbook)
    refused = next(n for n, task in enumerate(tasks) if task.get("ansible.builtin.import_tasks") == "tasks/leaving.yml")
    written = [n for n, task in enumerate(tasks) if any(module in task for module in WRITES)]
    assert written
    assert refused < min(written)


def test_the_message_names_it_and_what_to_do() -> None:
    (task,) = yaml.safe_load((ROOT / "playbooks/tasks/leaving.yml").read_text(encoding="utf-8"))
    services = [{"name": "a", "status": "ACTIVE"}, {"name": "b", "status": "DRAINING"}]
    known = {"operate_found": {"status": {"services": services}}}
    known["operate_leaving"] = Templar(loader=DataLoader(), variables=known).template(
        trust_as_template(task["vars"]["operate_leaving"])
    )
    assert known["operate_leaving"] == [services[1]]
    told = Templar(loader=DataLoader(), variables=known).template(
        trust_as_template(task["ansible.builtin.assert"]["fail_msg"])
    )
    assert str(told).startswith("b is DRAINING: it is being deleted. Nothing was changed.")
