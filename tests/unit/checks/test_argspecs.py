# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest

from tests.checks.argspecs import differences

DEFAULTS = {"vpc_nat": "single", "vpc_zones": []}
OPTIONS = {"vpc_nat": {"default": "single"}, "vpc_zones": {"default": []}, "vpc_owner": {"required": True}}


def specs(**options):
    return {door: {"options": {**OPTIONS, **options}} for door in ("main", "validate", "ready", "lookup")}


def test_equal():
    assert not list(differences("vpc", DEFAULTS, specs()))


@pytest.mark.parametrize(
    ("defaults", "options", "sentence"),
    [
        ({"vpc_nat": "none"}, {}, "'vpc_nat' defaults to 'single', in defaults/main.yml to 'none'"),
        ({"vpc_nat": None}, {}, "'vpc_nat' defaults to 'single', in defaults/main.yml to None"),
        ({"vpc_x": 1}, {}, "vpc: 'vpc_x' of defaults/main.yml is in no argument spec"),
        ({"vpc_owner": "me"}, {}, "'vpc_owner' is required, yet has a default in defaults/main.yml"),
        ({}, {"vpc_y": {}}, "'vpc_y' is optional, yet not in defaults/main.yml"),
        (
            {},
            {"vpc_owner": {"required": True, "options": {"id": {"description": ["one", {"as in V({'a'": "b})"}]}}}},
            "vpc: main: the description of 'vpc_owner.id' is no text",
        ),
        ({}, {"alb_y": {"required": True}}, "'alb_y' does not begin with 'vpc_'"),
    ],
)
def test_different(defaults, options, sentence):
    assert any(line.endswith(sentence) for line in differences("vpc", {**DEFAULTS, **defaults}, specs(**options)))


@pytest.mark.parametrize(
    ("kind", "default", "given", "differs"),
    [
        ("dict", "{{ fargate_tags }}", False, False),
        ("dict", "{{ fargate_tags }}", True, True),
        ("str", "{{ fargate_region }}", False, False),
        ("str", "{{ fargate_region }}", True, True),
        ("str", "{{ fargate_domain | default('') }}", True, False),
        ("str", "{{ fargate_domain | default('') }}", False, True),
    ],
)
def test_a_template_is_given_only_for_text_that_is_always_defined(kind, default, given, differs):
    option = {"type": kind, **({"default": default} if given else {})}
    defaults = {**DEFAULTS, "vpc_tags": default}
    assert bool(list(differences("vpc", defaults, specs(vpc_tags=option)))) is differs


def test_a_missing_door():
    without = {"main": {"options": OPTIONS}, "validate": {}, "ready": {}}
    assert list(differences("vpc", DEFAULTS, without)) == ["vpc: entry point 'lookup' has no argument spec"]
