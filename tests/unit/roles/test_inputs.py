# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the roles make of inputs that came as text, as each of -e name=value does."""

from __future__ import annotations

import contextlib
import re

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.inputs import misspelt
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import ROLES, Inputs, every_input, inputs_of

from tests.support.cloud import ROOT

WIDE = {"fargate_name_prefix": "magiclub-an2p", "fargate_region": "ap-northeast-2", "fargate_tags": {}}
# Every option of lotto_service goes on to fargate_service, whose argument spec gives it its type.
GENERIC = ["alb", "ecr_push", "ecs_cluster", "fargate_service", "vpc"]
VALUES = {"bool": [True, False], "int": [7], "float": [7.5]}


def file_of(role, path):
    """Return a file of a role with every text in it as a template, as Ansible loads it."""
    return DataLoader().load_from_file(str(ROOT / "roles" / role / path), trusted_as_template=True)


def cases():
    for role in GENERIC:
        options = file_of(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
        for name, option in options.items():
            for value in VALUES.get(option["type"], []):
                yield role, name, value


def rendered(role, **given):
    """Return the variables of a role that need nothing but its inputs."""
    templates = file_of(role, "vars/main.yml")
    known = {"ansible_check_mode": False, **WIDE, **file_of(role, "defaults/main.yml"), **templates, **given}
    templar = Templar(loader=DataLoader(), variables=known)
    result = {}
    for name, template in templates.items():
        # the others are of what was read or planned
        with contextlib.suppress(AnsibleError):
            result[name] = templar.template(template)
    if role != "fargate_service":
        loader, variables = DataLoader(), {"ansible_check_mode": False, **WIDE, **given}
        result["inputs"] = Inputs(Templar(loader=loader, variables=variables), loader, variables).of_layer(role)
    return result


@pytest.mark.parametrize(("role", "name", "value"), list(cases()))
def test_text_means_what_a_value_of_its_type_means(role, name, value):
    with_value, with_text = rendered(role, **{name: value}), rendered(role, **{name: str(value).lower()})
    assert with_value, role
    assert with_text == with_value


def facts():
    """Return the names of the facts that playbooks and roles set, without the private ones."""
    files = [*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml"), *ROOT.glob("playbooks/tasks/*.yml")]
    blocks = re.compile(r"^( *)ansible\.builtin\.set_fact:\n((?:\1  .*\n|\n)+)", re.MULTILINE)
    for file in files:
        for indent, block in blocks.findall(file.read_text(encoding="utf-8")):
            yield from re.findall(rf"^{indent}  ([a-z]\w*):", block, re.MULTILINE)


def test_no_fact_is_taken_for_a_misspelt_input_by_the_next_run_of_a_play():
    """A playbook may import site.yml twice, and the second run finds the facts of the first."""
    given = dict.fromkeys(facts(), "x")
    assert {"fargate_service_left", "vpc_info"} <= given.keys()
    roles = [role.name for role in ROLES.iterdir()]
    assert [one for role in roles for one in misspelt.misspelt(role, given, inputs_of(ROLES / role))] == []
    assert misspelt.collection_wide(given, every_input()) == []
    assert misspelt.nearly(given, every_input(), roles) == []
