# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import decide

GROUP = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/web/1"


@pytest.mark.parametrize(
    ("taken", "last", "expected"),
    [
        ([], False, 1),
        ([1, 2], False, 3),
        ([5], False, 6),
        ([49999], False, 50000),
        ([50000], False, 1),
        ([1, 50000], False, 2),
        ([7, 49999, 50000], False, 8),
        ([*range(1, 49999), 50000], False, 49999),
        ([*range(2, 50001)], False, 1),
        ([], True, 50000),
        ([1, 2], True, 50000),
        ([50000], True, 49999),
    ],
)
def test_the_next_priority_is_behind_the_others_but_before_those_at_the_end(taken, last, expected):
    assert decide.next_priority(taken, last) == expected


@pytest.mark.parametrize("word", ["methods", "headers", "query", "source_ips"])
def test_a_rule_that_asks_for_more_does_not_take_every_request(word):
    assert not decide.matches_all({"paths": ["/*"], "hosts": [], word: ["one"]})


@pytest.mark.parametrize(
    ("paths", "hosts", "expected"),
    [
        (["/*"], [], True),
        (["*"], [], True),
        (["/api/*", "/*"], [], True),
        (["/api/*"], [], False),
        (["/*"], ["shop.example.com"], False),
        ([], ["shop.example.com"], False),
    ],
)
def test_a_rule_that_takes_every_request(paths, hosts, expected):
    assert decide.matches_all({"paths": paths, "hosts": hosts}) is expected


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
        ([{"Type": "redirect"}], "redirect"),
        ([{"Type": "authenticate-oidc"}, {"Type": "forward", "TargetGroupArn": GROUP}], GROUP),
        ([{"Type": "authenticate-oidc"}, {"Type": "redirect"}], "authenticate-oidc, redirect"),
        ([{"Type": "forward", "TargetGroupArn": GROUP}, {"Type": "redirect"}], "forward, redirect"),
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

    assert (values["paths"], values["hosts"], values["source_ips"]) == (["/a", "/b"], ["x.y"], ["10.0.0.0/8"])
    assert values["other_conditions"] == []


def test_what_rewrites_a_request_is_told():
    """API_RuleTransform: one of the host and one of the URL, each with one rewrite."""
    of_host = {"Rewrites": [{"Regex": "^www[.](.+)$", "Replace": "$1"}]}
    of_url = {"Rewrites": [{"Regex": "^/old/(.*)$", "Replace": "/new/$1"}]}
    transforms = [
        {"Type": "host-header-rewrite", "HostHeaderRewriteConfig": of_host},
        {"Type": "url-rewrite", "UrlRewriteConfig": of_url},
    ]
    values = decide.rule_values({"Priority": "1", "Conditions": [], "Actions": [], "Transforms": transforms}, {})
    assert values["transforms"] == [
        {"type": "host-header-rewrite", "regex": "^www[.](.+)$", "replace": "$1"},
        {"type": "url-rewrite", "regex": "^/old/(.*)$", "replace": "/new/$1"},
    ]


def test_a_rule_that_checks_tokens_first_does_not_just_forward():
    """An action that somebody put in front by hand, and that no option asks for."""
    check = {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": {"JwksEndpoint": "https://x", "Issuer": "x"}}
    forward = {"Type": "forward", "Order": 2, "TargetGroupArn": "arn:group"}
    values = decide.rule_values({"Priority": "1", "Conditions": [], "Actions": [check, forward]}, {})
    assert (values["target_group_arn"], values["target_group_arns"]) == ("jwt-validation, forward", [])


def test_a_regular_expression_is_another_condition():
    """A rule of somebody else on the same listener may have one, and no Values."""
    regex = {"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/v[0-9]+"]}}
    values = decide.rule_values({"Priority": "1", "Conditions": [regex], "Actions": []}, {})
    assert (values["paths"], values["other_conditions"]) == ([], ["path-pattern"])


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
        ([rule("a", GROUP[:-1]), rule("b", f"{GROUP}0")], {}, None),
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
        ({"A": 1}, False, {}),
        ({"A": 2}, False, {"tags.A": "2"}),
        ({"A": None}, False, {}),
        ({"A": None}, True, {"tags.A": None}),
        ({"A": "2"}, False, {"tags.A": "2"}),
        ({"B": "1"}, False, {"tags.B": "1"}),
        ({"B": "1"}, True, {"tags.B": "1", "tags.A": None}),
        ({}, True, {"tags.A": None}),
    ],
)
def test_tags_of_aws_are_never_removed(wanted, purge, expected):
    fields = decide.tag_fields(wanted, {"A": "1", "aws:x": "y"}, purge)

    assert {field["path"]: field["after"] for field in fields} == expected


def test_without_a_target_group_a_rule_is_known_by_its_name_only():
    assert decide.pick_rule([rule("a", GROUP)], {}, "web", None) is None


CHECK = {"path": "/health", "interval": 15, "matcher": "200-299"}


def header(**config):
    return {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Release", **config}}


@pytest.mark.parametrize(
    ("described", "headers", "other"),
    [
        ([header(Values=["green", "beta"])], [{"name": "X-Release", "values": ["beta", "green"]}], []),
        ([header(RegexValues=["^g"])], [], ["http-header"]),
        (
            [header(Values=["green"]), header(Values=["beta"])],
            [{"name": "X-Release", "values": ["beta"]}, {"name": "X-Release", "values": ["green"]}],
            [],
        ),
        ([], [], []),
    ],
)
def test_headers_are_known_unless_they_are_regular_expressions(described, headers, other):
    values = decide.rule_values({"Priority": "1", "Conditions": described, "Actions": []}, {})
    assert (values["headers"], values["other_conditions"]) == (headers, other)


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([{"Type": "forward", "TargetGroupArn": "a"}], {"a": 1}),
        (
            [
                {
                    "Type": "forward",
                    "ForwardConfig": {
                        "TargetGroups": [{"TargetGroupArn": "b", "Weight": 0}, {"TargetGroupArn": "a", "Weight": 100}]
                    },
                }
            ],
            {"a": 100, "b": 0},
        ),
        ([{"Type": "fixed-response"}], {}),
        ([], {}),
    ],
)
def test_the_shares_of_the_target_groups(actions, expected):
    assert decide.weights({"Actions": actions}) == expected


def test_a_second_target_group_gets_nothing_at_first():
    (action,) = decide.actions("a", "b")
    weights = [(group["TargetGroupArn"], group["Weight"]) for group in action["ForwardConfig"]["TargetGroups"]]
    assert (weights, "TargetGroupArn" in action) == ([("a", 100), ("b", 0)], False)


@pytest.mark.parametrize(
    ("matcher", "expected"),
    [
        ({"Matcher": {"HttpCode": "200"}}, {"path": "/", "matcher": "200"}),
        ({"Matcher": {"GrpcCode": "12"}}, {"path": "/", "matcher": "12"}),
        ({"Matcher": {}}, {"path": "/"}),
        ({}, {"path": "/"}),
    ],
)
def test_a_target_group_in_the_words_of_the_options(matcher, expected):
    group = {"Protocol": "HTTP", "Port": 80, "TargetType": "ip", "VpcId": "vpc-1", "HealthCheckPath": "/", **matcher}
    attributes = [{"Key": "stickiness.enabled", "Value": "false"}]
    assert decide.target_group_values(group, attributes, {"Name": "web"}) == {
        "protocol": "HTTP",
        "protocol_version": "HTTP1",
        "port": 80,
        "target_type": "ip",
        "vpc_id": "vpc-1",
        "health_check": expected,
        "attributes": {"stickiness.enabled": "false"},
        "tags": {"Name": "web"},
    }


def test_what_is_not_given_is_left_to_aws_where_a_target_group_is_made():
    wanted = {"protocol": "HTTP", "port": 80, "vpc_id": "vpc-1", "target_type": None}
    assert decide.target_group_request("web", {**wanted, "health_check": {**CHECK, "timeout": None}}) == {
        "Name": "web",
        "Protocol": "HTTP",
        "Port": 80,
        "VpcId": "vpc-1",
        "HealthCheckPath": "/health",
        "HealthCheckIntervalSeconds": 15,
        "Matcher": {"HttpCode": "200-299"},
    }
    assert set(decide.target_group_request("web", wanted)) == {"Name", "Protocol", "Port", "VpcId"}


def test_the_codes_of_grpc_have_a_member_of_their_own():
    wanted = {"protocol": "HTTP", "protocol_version": "GRPC", "port": 80, "vpc_id": "vpc-1", "target_type": "ip"}
    request = decide.target_group_request("web", {**wanted, "health_check": {"matcher": "0-99"}})
    assert (request["ProtocolVersion"], request["Matcher"]) == ("GRPC", {"GrpcCode": "0-99"})
    assert decide.health_check_request({"matcher": "12"}, "GRPC") == {"Matcher": {"GrpcCode": "12"}}
    assert decide.health_check_request({"matcher": "200"}, "HTTP2") == {"Matcher": {"HttpCode": "200"}}


FOUND = {
    "protocol": "HTTP",
    "protocol_version": "HTTP1",
    "port": 80,
    "target_type": "ip",
    "vpc_id": "vpc-1",
    "health_check": {"path": "/", "interval": 15},
    "attributes": {"deregistration_delay.timeout_seconds": "300"},
}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, []),
        ({"protocol": "HTTP", "target_type": "ip", "vpc_id": "vpc-1"}, []),
        ({"port": 8080}, []),
        ({"health_check": {"path": "/", "interval": None}}, []),
        ({"health_check": {"path": "/health", "interval": 15}}, [("health_check.path", "/", "/health")]),
        ({"health_check": {"interval": 5}}, [("health_check.interval", 15, 5)]),
        ({"health_check": {"interval": 30}}, [("health_check.interval", 15, 30)]),
        ({"health_check": {"matcher": "200"}}, [("health_check.matcher", None, "200")]),
        (
            {"health_check": {"path": "/x"}, "attributes": {"deregistration_delay.timeout_seconds": "30"}},
            [("health_check.path", "/", "/x"), ("attributes.deregistration_delay.timeout_seconds", "300", "30")],
        ),
    ],
)
def test_what_is_given_of_a_target_group_and_differs(wanted, expected):
    fields = decide.target_group_fields("web", wanted, FOUND)
    assert [(field["path"], field["before"], field["after"]) for field in fields] == expected


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("protocol", "HTTPS"),
        ("protocol_version", "GRPC"),
        ("target_type", "instance"),
        ("target_type", "lambda"),
        ("vpc_id", "v"),
    ],
)
def test_what_aws_can_not_change_on_a_living_target_group_is_refused(key, value):
    with pytest.raises(RefusedError) as told:
        decide.target_group_fields("web", {key: value}, FOUND)
    assert str(told.value) == (
        f"Target group web has {key} {FOUND[key]}, and {value} is wanted: AWS can't change that on an existing one."
        " Remove the target group (state: absent) and recreate it."
    )


def test_fields_below_one_path():
    fields = [
        {"path": "attributes.a.b", "after": "1"},
        {"path": "attributes_x", "after": "2"},
        {"path": "x", "after": 3},
    ]
    assert decide.below(fields, "attributes") == {"a.b": "1"}


@pytest.mark.parametrize(("value", "expected"), [(True, "true"), (False, "false"), (30, "30"), ("Lax", "Lax")])
def test_an_attribute_as_aws_has_it(value, expected):
    assert decide.attribute_text(value) == expected


def with_conditions(arn, priority):
    conditions = [
        {"Field": "path-pattern", "Values": ["/b", "/a"]},
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["x.y"]}},
    ]
    return {**rule(arn, priority=priority), "Conditions": conditions}


RULES = [with_conditions("m", "7"), with_conditions("n", "9"), rule("d", priority="default")]


@pytest.mark.parametrize(
    ("wanted", "but", "expected"),
    [
        (7, None, "rule m (x.y /a /b)"),
        (9, None, "rule web (x.y /a /b)"),
        (9, "m", "rule web (x.y /a /b)"),
        (7, "n", "rule m (x.y /a /b)"),
        (9, "n", None),
        (8, None, None),
        (10, None, None),
    ],
)
def test_who_has_a_priority(wanted, but, expected):
    rules = [each for each in RULES if each["Priority"] != "default"]
    assert decide.owner(rules, {"n": {"Name": "web"}}, wanted, but) == expected


def test_the_default_rule_has_no_priority_that_could_be_taken():
    assert decide.owner(RULES[2:], {}, 1) is None


RULE = {
    "priority": 5,
    "paths": ["/a", "/b"],
    "hosts": [],
    "methods": [],
    "source_ips": [],
    "headers": [],
    "query": [],
    "other_conditions": [],
    "transforms": [],
    "target_group_arn": GROUP,
    "target_group_arns": [GROUP],
}
GREEN = {"name": "X-Release", "values": ["green", "beta"]}
SORTED = {"name": "X-Release", "values": ["beta", "green"]}
REWRITE = {"type": "url-rewrite", "regex": "^/old/(.*)$", "replace": "/new/$1"}
BOTH = {"target_group_arn": "forward to …", "target_group_arns": [GROUP, "arn:b"]}


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        ({}, {}, []),
        ({"paths": ["/b", "/a"]}, {}, []),
        ({"priority": None}, {}, []),
        ({"priority": 4}, {}, [("priority", 5, 4)]),
        ({"priority": 6}, {}, [("priority", 5, 6)]),
        ({"hosts": ["b", "a"]}, {}, [("hosts", [], ["a", "b"])]),
        ({"target_group_arn": "arn:other"}, {}, [("target_group_arn", GROUP, "arn:other")]),
        ({}, {"other_conditions": ["source-ip"]}, [("other_conditions", ["source-ip"], [])]),
        ({}, {"transforms": [REWRITE]}, [("transforms", [REWRITE], [])]),
        ({"headers": [GREEN]}, {}, [("headers", [], [SORTED])]),
        ({"headers": [GREEN]}, {"headers": [SORTED]}, []),
        ({"methods": ["POST", "GET"]}, {}, [("methods", [], ["GET", "POST"])]),
        ({"query": [{"values": ["b", "a"]}]}, {"query": [{"values": ["a", "b"]}]}, []),
        ({"alternate_target_group_arn": "arn:b"}, {}, [("target_group_arns", [GROUP], [GROUP, "arn:b"])]),
        ({"alternate_target_group_arn": "arn:b"}, BOTH, []),
        ({"target_group_arn": "arn:b", "alternate_target_group_arn": GROUP}, BOTH, []),
        ({}, BOTH, [("target_group_arn", "forward to …", GROUP)]),
    ],
)
def test_what_differs_of_a_rule(wanted, found, expected):
    fields = decide.rule_fields({**RULE, **wanted}, {**RULE, **found})
    assert [(field["path"], field["before"], field["after"]) for field in fields] == expected
