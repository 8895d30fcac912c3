# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a plan connects to AWS: as every module does, by its options or by module_defaults."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec
from ansible_collections.magiclub.fargate.plugins.plugin_utils import connection

from tests.support.ansible_run import Runner

INPUTS = {
    "fargate_name_prefix": "magiclub-an2p",
    "fargate_region": "ap-northeast-2",
    "fargate_tags": {"Project": "magiclub", "Environment": "PoC", "ManagedBy": "ansible"},
}
NOWHERE = {"profile": "no-such-profile"}


WAYS: dict[str, tuple[dict[str, t.Any], dict[str, str]]] = {
    "of our group": ({"module_defaults": {"group/magiclub.fargate.aws": NOWHERE}}, {}),
    "of the action": ({"module_defaults": {"magiclub.fargate.plan": NOWHERE}}, {}),
    "of the task": ({}, NOWHERE),
}


def test_connection_options_reach_what_a_plan_reads(tmp_path: Path) -> None:
    plays = []
    for name, (play, options) in WAYS.items():
        look = {"magiclub.fargate.plan": {"layers": ["vpc"], "mode": "lookup", **options}}
        plays.append({**play, "vars": INPUTS, "tasks": [{"name": name, "ignore_errors": True, **look}]})
    run = Runner({}, tmp_path)(plays)
    for name in WAYS:
        assert "The config profile (no-such-profile) could not be found" in str(run.of(name).get("msg")), run.text


COMPARED = {"type": "str", "aliases": [], "no_log": None}


def test_the_options_are_those_of_amazon_aws() -> None:
    ours, theirs = (
        {name: {key: option.get(key, default) for key, default in COMPARED.items()} for name, option in spec.items()}
        for spec in (connection.SPEC, aws_argument_spec())
    )
    assert ours == theirs


def test_what_is_not_given_is_left_to_the_module() -> None:
    given = {"profile": "deployer", "validate_certs": False, "access_key": None, "layers": ["vpc"]}
    assert connection.given(given) == {"profile": "deployer", "validate_certs": False}
