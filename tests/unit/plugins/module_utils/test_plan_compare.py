# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.model import HIDDEN

VPC = {"type": "vpc", "name": "an2p-vpc", "values": {"cidr_block": "172.25.0.0/16", "tags": {"Owner": "ops"}}}
SUBNET = {"type": "subnet", "name": "an2p-pub-a1", "values": {"vpc": "an2p-vpc", "cidr_block": "172.25.0.0/24"}}
FOUND_VPC = {
    "type": "vpc",
    "name": "an2p-vpc",
    "id": "vpc-0a",
    "values": {"cidr_block": "172.25.0.0/16", "tags": {"Owner": "ops", "aws:other": "theirs"}},
}
FOUND_SUBNET = {**SUBNET, "id": "subnet-0a"}


def summary(changes):
    return [(change["action"], change["type"], change["id"]) for change in changes]


@pytest.mark.parametrize(
    ("desired", "found", "expected"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([VPC, SUBNET], [], [("add", "vpc", None), ("add", "subnet", None)], id="empty account"),
        pytest.param([VPC, SUBNET], [FOUND_SUBNET, FOUND_VPC], [], id="converged, in any order"),
        pytest.param([VPC], [FOUND_VPC, FOUND_SUBNET], [("remove", "subnet", "subnet-0a")], id="surplus"),
        pytest.param(
            [], [FOUND_VPC, FOUND_SUBNET], [("remove", "vpc", "vpc-0a"), ("remove", "subnet", "subnet-0a")], id="absent"
        ),
        pytest.param([VPC], [FOUND_VPC, {**FOUND_SUBNET, "foreign": True}], [], id="somebody else's"),
        pytest.param([VPC], [FOUND_VPC, {**FOUND_VPC, "id": "vpc-0b"}], [("remove", "vpc", "vpc-0b")], id="made twice"),
        pytest.param(
            [{**VPC, "type": "subnet"}], [FOUND_VPC], [("add", "subnet", None), ("remove", "vpc", "vpc-0a")], id="type"
        ),
        pytest.param(
            [{**VPC, "values": {"tags": {"Cost": 42, "Spot": True, 7: "x", "Left": None}}}],
            [{**FOUND_VPC, "values": {"tags": {"Cost": "42", "Spot": "True", "7": "x"}}}],
            [],
            id="tags that YAML has as numbers",
        ),
        pytest.param([{**VPC, "values": None}], [{**FOUND_VPC, "values": None}], [], id="no values"),
    ],
)
def test_changes(desired, found, expected):
    assert summary(compare.changes(desired, found)) == expected


def test_a_change_names_the_found_id_and_the_desired_values():
    wanted = {**VPC, "values": {"cidr_block": "172.26.0.0/16"}}
    assert compare.changes([wanted], [FOUND_VPC]) == [
        {
            "action": "change",
            "type": "vpc",
            "name": "an2p-vpc",
            "id": "vpc-0a",
            "fields": [{"path": "cidr_block", "before": "172.25.0.0/16", "after": "172.26.0.0/16"}],
            "values": {"cidr_block": "172.26.0.0/16"},
            "sensitive": [],
        }
    ]


def test_a_name_stands_once_a_type():
    with pytest.raises(ValueError, match=r"^Two desired resources are a vpc named an2p-vpc: .* Rename one of them\.$"):
        compare.changes([VPC, VPC], [])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({"a": 1}, {"a": 1}, [], id="equal"),
        pytest.param({"a": ["x", {"b": 1}]}, {"a": ["x", {"b": 1}]}, [], id="equal lists"),
        pytest.param({"a": 1, "b": 2}, {"a": 1}, [], id="only what is given counts"),
        pytest.param({"a": 1}, {"a": None}, [], id="null is not given"),
        pytest.param({}, {"a": 0}, [("a", None, 0)], id="zero is given"),
        pytest.param({}, {"a": []}, [("a", None, [])], id="an empty list is given"),
        pytest.param({"a": [1, 2]}, {"a": [2, 1]}, [("a", [1, 2], [2, 1])], id="lists as a whole"),
        pytest.param({"t": {"A": "1", "X": "2"}}, {"t": {"A": "1"}}, [], id="others' keys are left alone"),
        pytest.param(
            {"t": {"A": "1"}}, {"t": {"A": "2", "B": "3"}}, [("t.A", "1", "2"), ("t.B", None, "3")], id="key by key"
        ),
        pytest.param({"t": {"A": {"B": 1}}}, {"t": {"A": {"B": 2}}}, [("t.A.B", 1, 2)], id="deep"),
        pytest.param({"t": {"A": "1"}}, {"t": {}}, [("t", {"A": "1"}, {})], id="an empty dictionary is given"),
        pytest.param({"t": None}, {"t": {"A": "1"}}, [("t", None, {"A": "1"})], id="was null"),
        pytest.param({"t": "x"}, {"t": {"A": "1"}}, [("t", "x", {"A": "1"})], id="was no dictionary"),
        pytest.param({"t": {"A": "1"}}, {"t": "x"}, [("t", {"A": "1"}, "x")], id="is to be no dictionary"),
    ],
)
def test_differences(before, after, expected):
    assert [
        (field["path"], field["before"], field["after"]) for field in compare.differences(before, after)
    ] == expected


@pytest.mark.parametrize(
    ("sensitive", "before", "after", "shown"),
    [
        pytest.param(
            ["environment.KEY"],
            {"environment": {"KEY": "old"}},
            {"environment": {"KEY": "new"}},
            (HIDDEN, HIDDEN),
            id="the field",
        ),
        pytest.param(
            ["environment"],
            {"environment": {"KEY": "old"}},
            {"environment": {"KEY": "new"}},
            (HIDDEN, HIDDEN),
            id="what holds it",
        ),
        pytest.param(
            ["environment.KEY"],
            {},
            {"environment": {"KEY": "new"}},
            (None, {"KEY": HIDDEN}),
            id="first of its dictionary",
        ),
        pytest.param(
            ["environment.KEY"],
            {"environment": "old"},
            {"environment": {"KEY": "new"}},
            (HIDDEN, {"KEY": HIDDEN}),
            id="was no dictionary",
        ),
    ],
)
def test_a_sensitive_value_is_in_no_field(sensitive, before, after, shown):
    found = {"type": "task", "name": "x", "id": "1", "values": before}
    wanted = {"type": "task", "name": "x", "values": after, "sensitive": sensitive}
    [change] = compare.changes([wanted], [found])
    assert [(field["before"], field["after"]) for field in change["fields"]] == [shown]


SECRET = {"environment": {"PASSWORD": "hunter2", "NESTED": {"KEY": "hunter2"}}, "list": [{"key": "hunter2"}], "x": 1}


@pytest.mark.parametrize("sensitive", [["environment", "list"], ["environment.PASSWORD", "environment.NESTED", "list"]])
@pytest.mark.parametrize(
    ("desired", "found"),
    [
        pytest.param(SECRET, None, id="add"),
        pytest.param({**SECRET, "x": 2}, SECRET, id="change of another field"),
        pytest.param(SECRET, {**SECRET, "environment": {"PASSWORD": "hunter22"}}, id="change of it"),
        pytest.param(None, SECRET, id="remove"),
    ],
)
def test_a_sensitive_value_is_in_no_values(sensitive, desired, found):
    def of(values, **more):
        resource = {"type": "task", "name": "x", "values": values, "sensitive": sensitive, **more}
        return [] if values is None else [resource]

    [change] = compare.changes(of(desired), of(found, id="1"))
    assert "hunter2" not in repr(change)
    assert change["values"] == {
        "environment": {"PASSWORD": HIDDEN, "NESTED": {"KEY": HIDDEN}},
        "list": HIDDEN,
        "x": (desired or found)["x"],
    }


def test_a_path_that_is_not_there_hides_nothing():
    wanted = {"type": "task", "name": "x", "values": {"a": None, "b": "c"}, "sensitive": ["a.b", "b.c", "d"]}
    assert compare.changes([wanted], [])[0]["values"] == {"a": None, "b": "c"}


def test_what_only_begins_alike_is_not_sensitive():
    fields = [{"path": "environment.KEYS", "before": 1, "after": 2}]
    assert compare.hide(fields, ["environment.KEY"]) == fields


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        pytest.param("hunter2", compare.GONE, (HIDDEN, compare.GONE), id="removed"),
        pytest.param(None, "hunter2", (None, HIDDEN), id="added"),
        pytest.param("hunter1", "hunter2", (HIDDEN, HIDDEN), id="changed"),
        pytest.param(None, {"token": "hunter2"}, (None, {"token": HIDDEN}), id="added with what it is in"),
    ],
)
def test_a_hidden_value_is_still_seen_to_be_added_or_removed(before, after, shown):
    path = "options" if isinstance(after, dict) else "options.token"
    [field] = compare.hide([{"path": path, "before": before, "after": after}], ["options.token"])
    assert (field["before"], field["after"]) == shown


def test_outcome_is_what_will_be_found():
    assert compare.expected([VPC, SUBNET], [FOUND_VPC]) == [FOUND_VPC, {**SUBNET, "id": None}]


def test_outcome_takes_the_desired_value():
    wanted = {**VPC, "values": {"cidr_block": "172.26.0.0/16"}}
    assert compare.expected([wanted], [FOUND_VPC])[0]["values"]["cidr_block"] == "172.26.0.0/16"


@pytest.mark.parametrize(
    ("fixed", "expected"),
    [
        pytest.param(None, [], id="all can change"),
        pytest.param(["tags"], [], id="another field"),
        pytest.param(
            ["cidr_block"],
            [
                (
                    "vpc an2p-vpc: AWS can't change cidr_block from 172.25.0.0/16 to 172.26.0.0/16."
                    " Put 172.25.0.0/16 back, or remove the vpc first."
                )
            ],
            id="fixed",
        ),
    ],
)
def test_impossible(fixed, expected):
    wanted = {**VPC, "values": {"cidr_block": "172.26.0.0/16"}, "fixed": fixed}
    assert compare.immutable_changes(compare.changes([wanted], [FOUND_VPC]), [wanted]) == expected


def test_an_addition_of_a_fixed_field_is_possible():
    wanted = {**VPC, "fixed": ["cidr_block"]}
    assert compare.immutable_changes(compare.changes([wanted], []), [wanted]) == []


def test_outcome_keeps_what_is_not_given():
    [result] = compare.expected([{**VPC, "values": {"cidr_block": None, "tags": {"Team": "x"}}}], [FOUND_VPC])
    assert result["values"] == {
        "cidr_block": "172.25.0.0/16",
        "tags": {"Owner": "ops", "aws:other": "theirs", "Team": "x"},
    }


def test_outcome_has_what_is_not_given_and_not_there_as_null():
    [result] = compare.expected([{**VPC, "values": {"zone": None}}], [])
    assert result["values"] == {"zone": None}


def test_outcome_adds_a_dictionary_where_none_was():
    [result] = compare.expected([{**VPC, "values": {"log": {"days": 30}, "tags": {}}}], [FOUND_VPC])
    assert result["values"] == {"cidr_block": "172.25.0.0/16", "tags": {}, "log": {"days": 30}}


def test_outcome_puts_a_word_where_a_dictionary_was():
    [result] = compare.expected([{**VPC, "values": {"tags": "none"}}], [FOUND_VPC])
    assert result["values"] == {"cidr_block": "172.25.0.0/16", "tags": "none"}


@pytest.mark.parametrize(
    ("desired", "found", "expected"),
    [
        pytest.param([{**VPC, "values": None}], [], {}, id="nothing given"),
        pytest.param([VPC], [{**FOUND_VPC, "values": None}], VPC["values"], id="nothing known"),
    ],
)
def test_a_resource_may_have_no_values(desired, found, expected):
    [change] = compare.changes(desired, found)
    assert change["values"] == expected


def test_count():
    assert compare.count(compare.changes([VPC], [FOUND_SUBNET])) == {"add": 1, "change": 0, "remove": 1}


def test_what_goes_is_told_as_plain_text_as_ansible_keeps_no_other():
    found = {"type": "x", "name": "n", "id": "i", "values": {"m": {"a": "1", "b": "(none)"}}}
    wanted = {"type": "x", "name": "n", "values": compare.with_removals({"m": {"a": "1"}}, found["values"])}
    [change] = compare.changes([wanted], [found])
    assert change["fields"] == [{"path": "m.b", "before": "(none)", "after": "(none)"}]
    assert (type(change["fields"][0]["after"]), type(change["values"]["m"]["b"])) == (str, str)
