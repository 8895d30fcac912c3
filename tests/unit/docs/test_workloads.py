# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/workloads.md has to paste: each definition is one that AWS takes, and the tables lead to it."""

from __future__ import annotations

import re

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.inputs import checks
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.inputs import complete

from tests.support import workloads
from tests.unit.plugins.module_utils.service_definitions import SPEC
from tests.unit.plugins.module_utils.whole_platform import LAYERS

DEFINITIONS = workloads.definitions()
SECTIONS = workloads.sections()


def anchor(title):
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("title", DEFINITIONS)
def test_a_definition_is_taken_as_it_is(title):
    services = complete(DEFINITIONS[title], SPEC)
    assert checks.wrong("service", {**LAYERS["service"], "services": services}) == []


def test_all_definitions_can_be_pasted_into_one_inventory():
    services = complete([service for some in DEFINITIONS.values() for service in some], SPEC)
    assert checks.wrong("service", {**LAYERS["service"], "services": services}) == []


def test_each_section_with_a_definition_is_in_the_table():
    linked = set(re.findall(r"\]\(#([a-z0-9-]+)\)", workloads.TEXT))
    assert linked >= {anchor(title) for title in DEFINITIONS}
    assert linked <= {anchor(title) for title in SECTIONS}
    assert len(linked) >= 4
