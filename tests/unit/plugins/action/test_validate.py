# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.magiclub.fargate.plugins.action import validate

VPC = {
    "region": "ap-northeast-2",
    "zones": ["apne2-az1", "apne2-az3"],
    "cidr_block": "172.25.0.0/16",
    "allow_public_range": False,
    "public_subnets": [],
    "apps_subnets": [],
    "permissions_boundary": "",
}


@pytest.mark.parametrize("check", [True, False])
def test_good_inputs_change_nothing(run_action, check):
    result, lines = run_action(validate, {"kind": "vpc", "values": VPC}, check=check)
    assert result["changed"] is False
    assert lines == []


def test_every_sentence_is_said(run_action):
    with pytest.raises(AnsibleActionFail) as error:
        run_action(validate, {"kind": "vpc", "values": {**VPC, "zones": [], "cidr_block": "8.8.0.0/16"}})
    assert [line.split()[0] for line in error.value.message.splitlines()] == ["vpc_zones", "vpc_cidr_block"]


def test_every_kind_has_a_check():
    for kind, where in validate.KINDS.items():
        module = validate.importlib.import_module(f"{validate.PACKAGE}.{where}")
        assert callable(getattr(module, kind)), kind
