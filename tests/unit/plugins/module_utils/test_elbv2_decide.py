# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._elbv2 import decide

GROUP = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/web/1"


@pytest.mark.parametrize(
    ("taken", "expected"),
    [([], 1), ([1, 2], 3), ([5], 6), ([1, 50000], 2), ([*range(1, 100), 50000], 100), ([49999], 50000)],
)
def test_the_next_priority_is_after_the_last_or_the_first_gap(taken, expected):
    assert decide.next_priority(taken) == expected


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([{"Type": "forward", "TargetGroupArn": GROUP}], GROUP),
        (
            [
                {
                    "Type": "forward",
                    "TargetGroupArn": GROUP,
                    "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": GROUP, "Weight": 1}]},
                }
            ],
            GROUP,
        ),
        (
            [
                {
                    "Type": "forward",
                    "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "a", "Weight": 9}, {"TargetGroupArn": "b"}]},
                }
            ],
            "forward to a (9), b (1)",
        ),
        ([{"Type": "fixed-response"}], "fixed-response"),
        ([{"Type": "authenticate-oidc"}, {"Type": "forward", "TargetGroupArn": GROUP}], "authenticate-oidc, forward"),
        ([], "(none)"),
    ],
)
def test_a_rule_is_said_to_forward_only_where_it_does_just_that(actions, expected):
    assert decide.forwards_to({"Actions": actions}) == expected


def test_conditions_are_read_in_their_old_and_their_new_spelling():
    rule = {
        "Priority": "3",
        "Conditions": [
            {"Field": "path-pattern", "Values": ["/b", "/a"]},
            {"Field": "host-header", "HostHeaderConfig": {"Values": ["x.y"]}},
            {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
        ],
        "Actions": [],
    }

    values = decide.rule_values(rule, {"Name": "web"})

    assert (values["paths"], values["hosts"], values["other_conditions"]) == (["/a", "/b"], ["x.y"], ["source-ip"])


def rule(arn, group="arn:other", priority="1"):
    return {"RuleArn": arn, "Priority": priority, "Actions": [{"Type": "forward", "TargetGroupArn": group}]}


@pytest.mark.parametrize(
    ("rules", "tags", "expected"),
    [
        ([rule("a"), rule("b")], {"b": {"Name": "web"}}, "b"),
        ([rule("a", GROUP), rule("b")], {"b": {"Name": "web"}}, "b"),
        ([rule("a", GROUP)], {}, "a"),
        ([rule("a", GROUP)], {"a": {"Name": "somebody-else"}}, None),
        ([rule("a", GROUP, "default")], {"a": {"Name": "web"}}, None),
        ([], {}, None),
    ],
)
def test_a_rule_is_known_by_its_name_or_without_one_by_its_target_group(rules, tags, expected):
    found = decide.pick_rule(rules, tags, "web", GROUP)

    assert (found or {}).get("RuleArn") == expected


@pytest.mark.parametrize(
    ("wanted", "purge", "expected"),
    [
        (None, True, {}),
        ({"A": "1"}, False, {}),
        ({"A": "2"}, False, {"tags.A": "2"}),
        ({"B": "1"}, False, {"tags.B": "1"}),
        ({"B": "1"}, True, {"tags.B": "1", "tags.A": None}),
        ({}, True, {"tags.A": None}),
    ],
)
def test_tags_of_aws_are_never_removed(wanted, purge, expected):
    fields = decide.tag_fields(wanted, {"A": "1", "aws:x": "y"}, purge)

    assert {field["path"]: field["after"] for field in fields} == expected
