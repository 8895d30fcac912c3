# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules document exactly the keys of botocore's model."""

from __future__ import annotations

import re

import botocore
import botocore.session
import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.form import USER_MAPS, snake
from ansible_collections.magiclub.fargate.plugins.modules import ecs_cluster, ecs_service, ecs_task_definition

SERVICE_MODEL = botocore.session.get_session().get_service_model("ecs")

# the botocore that the documentation was written for: an older one lacks keys, a newer one has more
WRITTEN_FROM = (1, 44, 5)
INSTALLED = tuple(int(part) for part in botocore.__version__.split(".")[:3])

# options with shorter names than AWS's
SIMPLER = {"name": {"service_name", "cluster_name"}}
NOT_OPTIONS = {"client_token"}
IN_A_FRAGMENT = {"tags"}
FLATTENED = {"awsvpc_configuration"}

MODULES = [
    (ecs_task_definition, "RegisterTaskDefinition"),
    (ecs_service, "CreateService"),
    (ecs_cluster, "CreateCluster"),
]


def members(shape, seen=()):
    """Return all members of a structure in snake case, with nested ones."""
    if shape.type_name == "list":
        return members(shape.member, seen)
    if shape.type_name != "structure" or shape.name in seen:
        return set()
    found = {snake(name) for name in shape.members}
    for name, member in shape.members.items():
        if snake(name) not in USER_MAPS:
            found |= members(member, (*seen, shape.name))
    return found


def suboptions(options):
    for name, option in options.items():
        yield name, option
        yield from suboptions(option.get("suboptions", {}))


def documented(module):
    """Return the names of all options and suboptions, and the keys in C() in their descriptions."""
    found = set()
    for name, option in suboptions(yaml.safe_load(module.DOCUMENTATION)["options"]):
        description = option["description"]
        text = description if isinstance(description, str) else " ".join(description)
        found |= {name, *re.findall(r"C\(([a-z0-9_]+)\)", text)}
    return found


@pytest.mark.skipif(INSTALLED > WRITTEN_FROM, reason="a newer botocore may have keys that are not documented yet")
@pytest.mark.parametrize(("module", "operation"), MODULES)
def test_every_key_is_documented(module, operation):
    wanted = members(SERVICE_MODEL.operation_model(operation).input_shape)
    left = wanted - documented(module) - NOT_OPTIONS - SIMPLER["name"] - IN_A_FRAGMENT - FLATTENED
    assert left == set()


@pytest.mark.skipif(INSTALLED < WRITTEN_FROM, reason="an older botocore lacks keys that are documented")
@pytest.mark.parametrize(("module", "operation"), MODULES)
def test_every_documented_suboption_is_a_key(module, operation):
    known = members(SERVICE_MODEL.operation_model(operation).input_shape)
    options = yaml.safe_load(module.DOCUMENTATION)["options"]
    nested = {name for option in options.values() for name, _ in suboptions(option.get("suboptions", {}))}
    assert nested - known == set()


@pytest.mark.skipif(INSTALLED > WRITTEN_FROM, reason="a newer botocore may have fields that are no options yet")
@pytest.mark.parametrize(("module", "operation"), MODULES)
def test_every_field_of_the_request_is_an_option(module, operation):
    fields = {snake(name) for name in SERVICE_MODEL.operation_model(operation).input_shape.members}
    assert fields - NOT_OPTIONS - SIMPLER["name"] - set(module.FIELDS) == set()


@pytest.mark.skipif(INSTALLED < WRITTEN_FROM, reason="an older botocore lacks fields that are options")
@pytest.mark.parametrize(("module", "operation"), MODULES)
def test_every_option_is_a_field_of_the_request(module, operation):
    fields = {snake(name) for name in SERVICE_MODEL.operation_model(operation).input_shape.members}
    assert set(module.FIELDS) - fields - set(SIMPLER) == set()


@pytest.mark.skipif(INSTALLED < WRITTEN_FROM, reason="an older botocore lacks choices that are options")
@pytest.mark.parametrize(("module", "operation"), MODULES)
def test_choices_equal_aws_enums(module, operation):
    shape = SERVICE_MODEL.operation_model(operation).input_shape
    by_option = {snake(name): member for name, member in shape.members.items()}
    for name, option in module.FIELDS.items():
        if "choices" in option and name != "deployment_controller":
            member = by_option[name]
            assert set(option["choices"]) == set(getattr(member, "member", member).enum), name
