# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose rules the role fargate_service takes out when it removes services."""

from __future__ import annotations

import pytest
import yaml

from tests.support.ansible_run import Runner
from tests.support.cloud import ROOT

pytestmark = pytest.mark.program

VARS = yaml.safe_load((ROOT / "roles" / "fargate_service" / "vars" / "main.yml").read_text(encoding="utf-8"))


def group(name, vpc="vpc-1", named="sg-hello"):
    permissions = [{"ip_protocol": "tcp", "user_id_group_pairs": [{"group_id": named}]}]
    return {"group_id": f"sg-{name}", "group_name": name, "vpc_id": vpc, "ip_permissions": permissions}


CASES = {
    "it goes next": (["lotto"], [group("a-an2p-lotto-sg")], ["a-an2p-lotto-sg"]),
    "it stays": ([], [group("a-an2p-lotto-sg")], []),
    "others": (["lotto"], [group("a-an2p-shop-sg"), group("lotto"), group("b-an2p-lotto-sg")], []),
    "of another network": (["lotto"], [group("a-an2p-lotto-sg", vpc="vpc-2")], []),
    "it lets in another": (["lotto"], [group("a-an2p-lotto-sg", named="sg-other")], []),
    "of several": (["lotto", "shop"], [group("a-an2p-shop-sg")], ["a-an2p-shop-sg"]),
    "none": (["lotto"], [], []),
}


def told(name, leaving, there):
    found = {"item": "ip-permission.group-id", "security_groups": there}
    variables = {
        "fargate_service_name_prefix": "a-an2p",
        "fargate_service_leaving": leaving,
        "__fargate_service_platform": {"vpc_id": "vpc-1"},
        "__fargate_service_removed_groups": {"sg-hello": "a-an2p-hello-sg"},
        # as an emulator answers that knows neither filter, and as a loop that was skipped has it
        "__fargate_service_referencing": {"results": [found, found, {"item": "x", "skipped": True}]},
        **{name: VARS[name] for name in ("__fargate_service_followers", "__fargate_service_following")},
    }
    return {"name": name, "vars": variables, "ansible.builtin.debug": {"msg": "{{ __fargate_service_followers }}"}}


def test_rules_of_what_goes_next_may_go_before_it(tmp_path):
    tasks = [told(name, leaving, there) for name, (leaving, there, _followers) in CASES.items()]
    run = Runner({}, tmp_path)([{"tasks": tasks}])
    assert run.rc == 0, run.text
    found = {name: [one["group_name"] for one in run.of(name)["msg"]] for name in CASES}
    assert found == {name: followers for name, (_leaving, _there, followers) in CASES.items()}
