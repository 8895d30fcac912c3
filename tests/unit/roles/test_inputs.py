# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the roles make of inputs that came as text, as each of -e name=value does."""

from __future__ import annotations

import contextlib

import pytest
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import Inputs

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
