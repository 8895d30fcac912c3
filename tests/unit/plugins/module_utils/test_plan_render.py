# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare, render, run

ADD, CHANGE, REMOVE = compare.changes(
    [
        {
            "type": "vpc",
            "name": "an2p-vpc",
            "values": {"cidr_block": "172.25.0.0/16", "dns": True, "zone": None, "tags": {"Owner": "ops"}, "note": ""},
        },
        {
            "type": "security_group",
            "name": "an2p-sg",
            "values": {"ingress": [{"port": 80}, {"port": 443}], "secret": {"key": "s3cret"}, "note": "new"},
            "sensitive": ["secret"],
        },
    ],
    [
        {
            "type": "security_group",
            "name": "an2p-sg",
            "id": "sg-1",
            "values": {"ingress": [{"port": 80}, {"port": 22}], "secret": {"key": "old"}},
        },
        {"type": "subnet", "name": "an2p-old", "id": "subnet-1", "values": {}},
    ],
)
PLAN = [ADD, CHANGE, REMOVE]


def test_plan_text():
    assert (
        render.plan_text(PLAN)
        == """\
+ vpc an2p-vpc
    + cidr_block: 172.25.0.0/16
    + dns: true
    + tags: Owner=ops
    + note: ""
~ security_group an2p-sg
    - ingress: {"port": 22}
    + ingress: {"port": 443}
    - secret.key: (sensitive)
    + secret.key: (sensitive)
    + note: new
- subnet an2p-old
"""
    )


def test_tags_of_all_that_is_added_are_shown_once():
    shared = {"Owner": "ops", "Team": "DevOps"}
    tagged = [{"type": "subnet", "name": name, "values": {"tags": {"Name": name, **shared}}} for name in "abc"]
    plan = compare.changes([*tagged, {"type": "role", "name": "d", "values": {}}], [])
    shown = render.plan_text(plan).splitlines()
    assert shown[:2] == ["+ subnet a", "    + tags: Name=a"]
    assert shown[-2:] == ["+ role d", "Tags of all added resources: Owner=ops, Team=DevOps"]
    assert "Tags of all" not in render.plan_text(plan[:2])


def test_tags_that_an_added_resource_lacks_are_shown_of_the_others():
    values = [{"Owner": "ops"}, {"Owner": "ops"}, {"Owner": "ops", "Team": "a"}, {"Owner": "web"}]
    plan = compare.changes(
        [{"type": "x", "name": str(at), "values": {"tags": tags}} for at, tags in enumerate(values)], []
    )
    shown = render.plan_text(plan)
    assert "Tags of all" not in shown
    assert "    + tags: Owner=ops, Team=a" in shown.splitlines()


def test_a_list_in_another_order_shows_both_orders():
    [change] = compare.changes(
        [{"type": "listener", "name": "x", "values": {"zones": ["a", "c"]}}],
        [{"type": "listener", "name": "x", "values": {"zones": ["c", "a"]}}],
    )
    assert render.change_text(change).splitlines()[1:] == ['    - zones: ["c", "a"]', '    + zones: ["a", "c"]']


@pytest.mark.parametrize(("before", "after"), [(None, ["a"]), (["a"], None)])
def test_a_list_that_is_new_or_gone_is_shown_whole(before, after):
    plan = compare.changes(
        [{"type": "listener", "name": "x", "values": {"zones": after}}],
        [{"type": "listener", "name": "x", "values": {"zones": before}}],
    )
    shown = [line for change in plan for line in render.change_text(change).splitlines()[1:]]
    assert shown == ['    + zones: ["a"]'] if after else ['    - zones: ["a"]', "    + zones: none"]


def test_a_sensitive_value_is_shown_in_no_addition():
    [change] = compare.changes([{"type": "x", "name": "y", "values": {"a": {"b": "s3cret"}}, "sensitive": ["a.b"]}], [])
    assert "s3cret" not in render.change_text(change)


def test_a_value_in_another_script_stays_readable():
    assert render.scalar(["로또"]) == '["로또"]'


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (ADD, "+ vpc an2p-vpc"),
        (CHANGE, "~ security_group an2p-sg (ingress, secret.key, note none -> new)"),
        (REMOVE, "- subnet an2p-old"),
    ],
    ids=["add", "change", "remove"],
)
def test_change_line(change, line):
    assert render.change_line(change) == line


@pytest.mark.parametrize(
    ("changes", "check", "line"),
    [
        (PLAN, True, "Plan: 1 to add, 1 to change, 1 to remove."),
        (PLAN, False, "Done: 1 added, 1 changed, 1 removed."),
        ([], True, "No changes. The platform is as described."),
        ([], False, "Nothing had to change."),
    ],
)
def test_headline(changes, check, line):
    assert render.headline(run.with_layer(None, "vpc", changes, check, 0)) == line


@pytest.mark.parametrize(
    ("left", "line"),
    [
        ([], "Failed: 1 added, 1 changed, 1 removed; all of the plan is done."),
        ([CHANGE], "Not finished: 1 added, 0 changed, 1 removed; 1 of 3 not done yet."),
    ],
)
def test_headline_of_a_run_that_failed(left, line):
    seen = run.with_layer(None, "vpc", PLAN, False, 0)
    assert render.headline(run.with_left(seen, {"vpc": {"changes": left}})) == line


def test_summary_of_a_run_that_failed_tells_what_is_left_and_what_to_do():
    seen = run.with_layer(run.with_layer(None, "vpc", [ADD], False, 0), "alb", [CHANGE], False, 0)
    left = run.with_left(
        run.with_layer(seen, "services", [], False, 0), {"vpc": {"changes": []}, "alb": {"changes": [CHANGE]}}
    )
    assert list(render.summary(left, "", {}, 7)) == [
        "",
        "  vpc             1 added, 0 changed, 0 removed",
        "    + vpc an2p-vpc",
        # it had a change to make, and has made none
        "  alb             0 added, 0 changed, 0 removed",
        "    not done: ~ security_group an2p-sg (ingress, secret.key, note none -> new)",
        "  services        no change",
        "",
        "Not finished: 1 added, 0 changed, 0 removed; 1 of 2 not done yet. 7 s.",
        "The error is shown above. Fix its cause, then run this again: it continues from here.",
    ]


@pytest.mark.parametrize(
    ("check", "line"), [(True, "There is nothing to remove."), (False, "Nothing had to be removed.")]
)
def test_headline_of_a_removal_of_nothing(check, line):
    assert render.headline({**run.with_layer(None, "vpc", [], check, 0), "removal": True}) == line


def test_summary_of_a_run():
    seen = run.with_layer(run.with_lap(None, None, 100), "vpc", PLAN, False, 100)
    seen = run.with_layer(run.with_lap(seen, "vpc", 112.4), "alb", [], False, 113)
    assert list(render.summary(seen, "magiclub-an2p", {"Address": "http://x", "Numbers": [1, 2]}, 15.4)) == [
        "",
        "magiclub-an2p",
        "  vpc             1 added, 1 changed, 1 removed       12 s",
        "    ~ security_group an2p-sg (ingress, secret.key, note none -> new)",
        "  alb             no change",
        "",
        "  Address:  http://x",
        "  Numbers:  [1, 2]",
        "",
        "Done: 1 added, 1 changed, 1 removed. 15 s.",
    ]


def test_summary_of_check_mode_tells_no_seconds():
    seen = run.with_layer(run.with_lap(None, "vpc", 100), "vpc", [ADD], True, 112)
    assert list(render.summary(seen, "", {}, 12)) == [
        "",
        "  vpc             1 to add, 0 to change, 0 to remove",
        "",
        "Plan: 1 to add, 0 to change, 0 to remove.",
    ]


@pytest.mark.parametrize(("changes", "lines"), [([ADD], ["To carry out exactly this plan: -e plan_id=a.b"]), ([], [])])
def test_a_plan_ends_with_what_binds_a_run_to_it(changes, lines):
    seen = run.with_layer(None, "vpc", changes, True, 100)
    shown = list(render.summary(seen, "", {}, None, "a.b"))
    assert shown[shown.index(render.headline(seen)) + 1 :] == lines


@pytest.mark.parametrize("check", [True, False])
def test_the_lines_of_layers_fit_a_narrow_terminal(check):
    seen = run.with_lap(None, None, 0)
    for layer in ("vpc", "lotto_service"):
        seen = run.with_layer(seen, layer, [ADD] * 25 + [CHANGE] * 10 + [REMOVE] * 10, check, 0)
        seen = run.with_lap(seen, layer, 1000)
    lines = [line for line in render.summary(seen, "", {}, 1) if line.startswith("  ") and not line.startswith("    ")]
    assert len(lines) == 2
    assert max(map(len, lines)) <= 60
