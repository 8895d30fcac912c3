# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the roles make of inputs that came as text, as each of -e name=value does."""

from __future__ import annotations

import contextlib

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.support.cloud import ROOT

WIDE = {"fargate_name_prefix": "magiclub-an2p", "fargate_region": "ap-northeast-2", "fargate_tags": {}}
# Every option of lotto_service goes on to fargate_service, whose argument spec gives it its type.
GENERIC = ["alb", "ecr_push", "ecs_cluster", "fargate_service", "vpc"]
VALUES = {"bool": [True, False], "int": [7], "float": [7.5]}


def file_of(role, path):
    return yaml.safe_load((ROOT / "roles" / role / path).read_text(encoding="utf-8"))


def trusted(value):
    """Return I(value) with every text in it as a template, as Ansible loads it."""
    if isinstance(value, dict):
        return {key: trusted(one) for key, one in value.items()}
    if isinstance(value, list):
        return [trusted(one) for one in value]
    return trust_as_template(value) if isinstance(value, str) else value


def cases():
    for role in GENERIC:
        options = file_of(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
        for name, option in options.items():
            for value in VALUES.get(option["type"], []):
                yield role, name, value


def rendered(role, **given):
    """Return the variables of a role that need nothing but its inputs."""
    templates = trusted(file_of(role, "vars/main.yml"))
    known = {"ansible_check_mode": False, **WIDE, **trusted(file_of(role, "defaults/main.yml")), **templates, **given}
    templar = Templar(loader=DataLoader(), variables=known)
    result = {}
    for name, template in templates.items():
        # the others are of what was read or planned
        with contextlib.suppress(AnsibleError):
            result[name] = templar.template(template)
    return result


@pytest.mark.parametrize(("role", "name", "value"), list(cases()))
def test_text_means_what_a_value_of_its_type_means(role, name, value):
    with_value, with_text = rendered(role, **{name: value}), rendered(role, **{name: str(value).lower()})
    assert with_value, role
    assert with_text == with_value
