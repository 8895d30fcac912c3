# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a rule asks of a request: in AWS's words and back, what is wrong with it, and which of two takes what."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import conditions, precedence

GREEN = {"name": "X-Release", "values": ["green", "beta"]}
EVERY = {
    "paths": ["/b", "/a"],
    "hosts": ["x.y"],
    "methods": ["POST", "GET"],
    "source_ips": ["10.0.0.0/8"],
    "headers": [GREEN],
    "query": [{"key": "v", "values": ["2", "1"]}, {"values": ["debug"]}],
}


def test_each_word_is_a_condition_of_aws():
    assert conditions.request(EVERY) == [
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a", "/b"]}},
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["x.y"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET", "POST"]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Release", "Values": ["beta", "green"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": "debug"}]}},
        {
            "Field": "query-string",
            "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1"}, {"Key": "v", "Value": "2"}]},
        },
    ]


@pytest.mark.parametrize("option", conditions.OPTIONS)
def test_what_aws_describes_is_what_was_asked_for(option):
    alone = {option: EVERY[option]}
    assert conditions.found(conditions.request(alone)) == {**conditions.canonical(alone), "other_conditions": []}


@pytest.mark.parametrize(
    "condition",
    [
        {"Field": "host-header", "HostHeaderConfig": {"RegexValues": ["^a"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a", "Value": "1"}, {"Value": "2"}]}},
        {"Field": "something-new", "Values": ["x"]},
    ],
)
def test_what_has_no_word_is_another_condition(condition):
    found = conditions.found([condition])
    assert found == {**conditions.canonical({}), "other_conditions": [condition["Field"]]}


@pytest.mark.parametrize(
    "asked",
    [
        EVERY | {"paths": [], "hosts": [], "methods": [], "source_ips": []},
        {"methods": ["GET", "M-SEARCH", "X_Y"]},
        {"source_ips": ["10.0.0.0/8", "2001:db8::/32"]},
        {"headers": [{"name": "X", "values": ["1"]}, {"name": "X", "values": ["2"]}]},
        {"query": [{"key": "k", "values": ["x" * 128]}]},
    ],
)
def test_right_conditions(asked):
    assert conditions.problems(asked) == []


def rule(**asked):
    return {"paths": ["/*"], "hosts": [], **asked}


def having(name, *values):
    return rule(headers=[{"name": name, "values": list(values)}])


def asking(key, *values):
    return rule(query=[{"key": key, "values": list(values)}])


@pytest.mark.parametrize(
    ("front", "behind", "everything"),
    [
        (rule(), rule(methods=["GET"]), True),
        (rule(methods=["GET"]), rule(), False),
        (rule(methods=["GET", "POST"]), rule(methods=["GET"]), True),
        (rule(methods=["GET"]), rule(methods=["GET", "POST"]), False),
        (rule(source_ips=["10.0.0.0/8"]), rule(source_ips=["10.1.0.0/16"]), True),
        (rule(source_ips=["10.1.0.0/16"]), rule(source_ips=["10.0.0.0/8"]), False),
        (rule(source_ips=["10.0.0.0/8"]), rule(source_ips=["2001:db8::/32"]), False),
        (having("x-release", "GREEN", "b*"), having("X-Release", "beta", "green"), True),
        (having("X-Release", "green"), having("X-Release", "green", "blue"), False),
        (having("X-Release", "green"), having("X-Other", "green"), False),
        (having("X-Release", "green"), rule(), False),
        (asking("v", "*"), asking("v", "1"), True),
        (asking(None, "1"), asking("v", "1"), True),
        (asking("v", "1"), asking(None, "1"), False),
        (rule(other_conditions=["path-pattern"]), rule(), False),
    ],
)
def test_who_takes_everything_that_another_rule_asks_for(front, behind, everything):
    assert bool(precedence.taken(behind, front)) is everything
    assert bool(precedence.lost(behind, front)) is everything


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (rule(methods=["GET"]), rule(methods=["POST"]), False),
        (rule(methods=["GET"]), rule(methods=["POST", "GET"]), True),
        (rule(methods=["GET"]), rule(), True),
        (rule(source_ips=["10.0.0.0/16"]), rule(source_ips=["10.1.0.0/16"]), False),
        (rule(source_ips=["10.0.0.0/8"]), rule(source_ips=["10.1.0.0/16"]), True),
        (rule(source_ips=["10.0.0.0/8"]), rule(source_ips=["2001:db8::/32"]), False),
        (having("X", "1"), having("X", "2"), True),
    ],
)
def test_whether_a_request_can_do_for_both_rules(one, other, both):
    assert bool(precedence.shared(one, other)) is both
    assert bool(precedence.shared(other, one)) is both


def test_what_requests_for_both_rules_have():
    one, other = rule(methods=["GET", "POST"], headers=[GREEN]), rule(methods=["POST"], source_ips=["10.0.0.0/8"])
    assert precedence.narrowed(one, other) == {
        "methods": ["POST"],
        "source_ips": ["10.0.0.0/8"],
        "headers": [GREEN],
        "query": [],
    }


REQUEST = precedence.Request("a.b", "/x", "v=1&debug", {"X-Release": "Green"}, "POST")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (rule(), True),
        (rule(paths=["/y"]), False),
        (rule(methods=["POST"]), True),
        (rule(methods=["GET"]), False),
        (having("x-release", "gr*n"), True),
        (having("X-Release", "blue"), False),
        (having("X-Other", "*"), False),
        (asking("V", "1", "2"), True),
        (asking("v", "2"), False),
        (asking(None, "1"), True),
        (asking("debug", "*"), True),
        (rule(source_ips=["10.0.0.0/8"]), None),
        (rule(other_conditions=["query-string"]), None),
        (rule(methods=["GET"], source_ips=["10.0.0.0/8"]), False),
    ],
)
def test_whether_a_rule_takes_a_request(asked, expected):
    assert precedence.answers(asked, REQUEST) is expected


def test_in_words():
    assert conditions.in_words({**conditions.canonical(EVERY), "other_conditions": ["x"]}) == (
        "x.y /a /b GET POST from 10.0.0.0/8 X-Release=beta|green query=debug v=1|2 x"
    )
