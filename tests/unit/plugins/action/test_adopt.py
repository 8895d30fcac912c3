# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is written of services that run: files that Ansible reads back as it was said, and lines that tell the rest."""

from __future__ import annotations

import copy
import stat

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.magiclub.fargate.plugins.action import adopt
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.adopt.read import Query
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.adopt.take import take
from ansible_collections.magiclub.fargate.plugins.plugin_utils import inventory

from tests.support.ground import CLUSTER
from tests.support.recorded import INPUTS, Player, answers_of
from tests.support.ten_ways import SERVICES

FRONT = "shop-prod-front-Service-1ABCDEFGH"
GIVEN = {"project": "shop", "region": "ap-northeast-2", "cluster": CLUSTER}


def read(name):
    return take(lambda service: Player(service, answers_of(name)), Query(CLUSTER, [name]), INPUTS)


@pytest.fixture
def adopted(run_action, tmp_path, monkeypatch):
    def run(found, check=False, **arguments):
        asked = []

        def execute(_self, module_name, module_args, task_vars):
            asked.append((module_name, module_args))
            return copy.deepcopy(found)

        monkeypatch.setattr(adopt.ActionModule, "_execute_module", execute)
        given = {**GIVEN, "target": str(tmp_path / "new"), **arguments}
        result, lines = run_action(adopt, given, check=check)
        return result, lines, asked

    return run


def variables_of(folder):
    """Return what Ansible reads of the files, its expressions resolved."""
    loader, found = DataLoader(), {}
    for path in sorted(folder.rglob("group_vars/all/**/*.yml")):
        found |= loader.load_from_file(str(path), trusted_as_template=True) or {}
    templar = Templar(loader=loader, variables=found)
    return {
        key: templar.template(value)
        for key, value in found.items()
        if key not in ("fargate_name_prefix", "fargate_tags")
    }


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_written_is_read_back_as_it_was_said(adopted, tmp_path, name):
    found = read(name)
    result, lines, _asked = adopted(found)
    variables = variables_of(tmp_path / "new")
    assert variables["fargate_services"] == found["definitions"]
    assert variables["ecs_cluster_name"] == CLUSTER and variables["fargate_permissions_boundary"] == ""
    assert "The inventory describes everything: its plan is empty except for tags." in lines
    assert (result["changed"], result["differs"]) == (True, [])


def test_a_secret_is_for_its_owner_alone_and_an_expression_of_somebody_else_is_text(adopted, tmp_path):
    _result, lines, _asked = adopted(read(FRONT))
    file = tmp_path / "new" / inventory.SECRETS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    others = [path.read_text(encoding="utf-8") for path in (tmp_path / "new").rglob("*.yml") if path != file]
    assert not [text for text in [*others, *lines] if "s3cr3t-t0ken" in text]
    assert '!unsafe "{{ not_ours }}"' in "".join(others)


def test_what_differs_is_told(adopted):
    found = read(FRONT)
    found["definitions"][0]["memory"] = 2048
    result, lines, _asked = adopted(found)
    sentence = "ecs_task_definition shop-prod-front: memory is 512, and would become 2048."
    assert sentence in result["differs"] and f"  - {sentence}" in lines
    assert "Not covered by the inventory, and what the next run would do to it:" in lines


def test_check_mode_writes_nothing(adopted, tmp_path):
    result, lines, _asked = adopted(read("cli-service"), check=True)
    assert not (tmp_path / "new").exists() and "hosts.yml" in result["files"]
    assert lines[0].startswith("Would be written: ")


def test_what_is_refused_is_said_and_nothing_is_written(adopted, tmp_path):
    with pytest.raises(AnsibleActionFail, match="held by somebody"):
        adopted({"refused": ["Service shop: held by somebody."]})
    assert not (tmp_path / "new").exists()


def test_what_the_module_says_is_handed_on(adopted):
    result, _lines, asked = adopted({"failed": True, "msg": "no"}, services=["a", "b"], load_balancer_arn="arn:x")
    assert (result["failed"], result["msg"]) == (True, "no")
    name, arguments = asked[0]
    assert name == "magiclub.fargate.adopt_info"
    assert (arguments["services"], arguments["load_balancer_arn"]) == (["a", "b"], "arn:x")
    assert arguments["name_prefix"] == "shop-an2p"
    assert arguments["platform_tags"]["Project"] == "shop"


def test_a_folder_with_something_in_it_is_not_written_over(adopted, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine.yml").write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(AnsibleActionFail, match="is there already"):
        adopted(read("cli-service"))


@pytest.mark.parametrize(("given", "says"), [({"project": "Shop!"}, "project"), ({"region": "seoul"}, "region")])
def test_a_wrong_project_or_region_is_refused_before_anything_is_read(adopted, given, says):
    with pytest.raises(AnsibleActionFail, match=says):
        adopted({}, **given)
