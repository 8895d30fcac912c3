# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/workloads.md has to paste: each definition is one that AWS takes, and the tables lead to it."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import checks
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.inputs import complete

from tests.support import workloads
from tests.support.cloud import ROOT
from tests.support.every_option import SERVICE_SPEC
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


def written_as(text):
    """Yield what the first table says a workload is written as: what it has in code."""
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| \[?[^|]+\|$", text, re.MULTILINE)
    return [code for row in rows for code in re.findall(r"`([^`]+)`", row)]


def options(spec, path=""):
    """Yield the paths of all options of an argument spec."""
    for name, option in spec.items():
        yield f"{path}{name}"
        yield from options(option.get("options") or {}, f"{path}{name}.")


def test_what_is_supported_is_there():
    """Each is an option of a service or of a role, or a playbook."""
    said = written_as(next(iter(SECTIONS.values())))
    roles = [ROOT / "roles" / name / "meta/argument_specs.yml" for name in ("alb", "vpc", "ecs_cluster")]
    of_roles = {
        name
        for path in roles
        for name in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    }
    known = {*options(SERVICE_SPEC), *of_roles}
    # as in driver: splunk
    named = [code.partition(":")[0] for code in said if not (ROOT / code).is_file()]
    assert [name for name in named if name not in known] == ["driver"]
    assert len(named) > 30
