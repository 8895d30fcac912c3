# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.magiclub.fargate.plugins.filter import names, plan
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import process

from tests.unit.plugins.filter.templates import lazy


def entry(action, kind, name, fields=(), values=None):
    return {
        "action": action,
        "type": kind,
        "name": name,
        "fields": [{"path": path} for path in fields],
        "values": values or {},
    }


PLAN = lazy(
    {
        "changes": [
            entry("add", "vpc", "v", values={"cidr_block": "172.25.0.0/16"}),
            entry("change", "subnet", "a", ["tags.Owner"], {"vpc": "v", "tags": {"Name": "a"}}),
            entry("change", "subnet", "b", ["tags.Owner", "cidr_block"], {"routes": [{"target": "v"}]}),
            entry("remove", "subnet", "c", values={"vpc": "w"}),
        ]
    }
)


def named(entries):
    return [item["name"] for item in entries]


@pytest.mark.parametrize(
    ("pick", "types", "expected"),
    [
        (plan.to_make, ["subnet"], ["a", "b"]),
        (plan.to_make, ["vpc", "subnet"], ["v", "a", "b"]),
        (plan.to_make, ["listener"], []),
        (plan.to_remove, ["subnet"], ["c"]),
        (plan.to_remove, ["vpc"], []),
        (plan.to_replace, ["subnet", "vpc"], ["b"]),
    ],
)
def test_pick(pick, types, expected):
    assert named(pick(PLAN, *types)) == expected


@pytest.mark.parametrize("pick", [plan.to_make, plan.to_remove, plan.to_replace])
@pytest.mark.parametrize("wrong", [None, [], {"skipped": True}])
def test_what_is_no_plan_is_refused(pick, wrong):
    with pytest.raises(AnsibleFilterError, match=r"Register the result of magiclub\.fargate\.plan and filter that\."):
        pick(wrong, "vpc")


@pytest.mark.parametrize(
    ("names_", "expected"),
    [(["v"], ["a", "b"]), (["w"], ["c"]), (["Name"], []), (["172.25.0.0/16", "a"], ["v", "a"])],
)
def test_mentioning(names_, expected):
    assert named(plan.mentioning(PLAN["changes"], names_)) == expected


def test_another_platform():
    found = [{"type": "ecs_cluster", "name": "magiclub-an2p-ecs", "values": {"tags": {"Environment": "PoC"}}}]
    assert plan.another_platform(found, {"Environment": "PoC"}) == ""
    assert "Environment=PoC, and this inventory has Environment=Prod" in plan.another_platform(
        found, {"Environment": "Prod"}
    )


def test_filters_of_plan():
    assert set(plan.FilterModule().filters()) == {
        "to_make",
        "to_remove",
        "to_replace",
        "mentioning",
        "another_platform",
        "proven",
    }


def test_filters_of_names(monkeypatch):
    for name in ("AWS_PROFILE", "AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "210000000001")
    filters = names.FilterModule().filters()
    assert filters["name_prefix"]("magiclub", "ap-northeast-2", "PoC") == "magiclub-an2p"
    assert filters["tags"]("p", "e", "t", "o")["ManagedBy"] == "ansible"
    assert filters["aws_environment"]("us-east-1", "http://127.0.0.1:1") == {
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_RETRY_MODE": "standard",
        "AWS_MAX_ATTEMPTS": "10",
        "AWS_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "MAGICLUB_FARGATE_RUN": process.mark(os.getpid()),
    }
    with pytest.raises(AnsibleFilterError, match=r"^No name prefix: region 'x' is not an AWS region"):
        filters["name_prefix"]("magiclub", "x", "PoC")
