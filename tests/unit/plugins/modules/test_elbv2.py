# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import elbv2_listener, elbv2_listener_rule, elbv2_target_group

from tests.unit.plugins.modules.aws_stub import TARGET_GROUP

ELB = "elbv2"
NAME = "magiclub-an2p-web"
ARN = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012"
GROUP_ARN = f"{ARN}:targetgroup/{NAME}/73e2"
LISTENER = f"{ARN}:listener/app/alb/50dc/f2f7"
RULE_ARN = f"{ARN}:listener-rule/app/alb/50dc/f2f7/9683"
OTHER_ARN = f"{ARN}:listener-rule/app/alb/50dc/f2f7/0001"
GROUP = {**TARGET_GROUP, "TargetGroupArn": GROUP_ARN, "TargetGroupName": NAME, "HealthCheckEnabled": True}
ATTRIBUTES = [
    {"Key": "deregistration_delay.timeout_seconds", "Value": "30"},
    {"Key": "stickiness.enabled", "Value": "true"},
]
WANTED = {
    "name": NAME,
    "port": 80,
    "vpc_id": "vpc-1",
    "health_check": {"path": "/health", "interval": 15},
    "attributes": {"deregistration_delay.timeout_seconds": 30},
}


def tagged(aws, **of_arns):
    """Answer DescribeTags with the tags of each ARN."""
    aws.answer(
        ELB,
        "describe_tags",
        {
            "TagDescriptions": [
                {"ResourceArn": arn, "Tags": [{"Key": key, "Value": value} for key, value in pairs.items()]}
                for arn, pairs in of_arns.items()
                if pairs
            ]
        },
        ResourceArns=list(of_arns),
    )


def found_group(aws, attributes=tuple(ATTRIBUTES), tags=None, **different):
    aws.answer(ELB, "describe_target_groups", {"TargetGroups": [{**GROUP, **different}]}, Names=[NAME])
    described_group(aws, attributes, tags)


def described_group(aws, attributes=tuple(ATTRIBUTES), tags=None):
    tagged(aws, **{GROUP_ARN: tags or {}})
    answer = {"Attributes": list(attributes)}
    aws.answer(ELB, "describe_target_group_attributes", answer, TargetGroupArn=GROUP_ARN)


def no_group(aws):
    aws.refuse(ELB, "describe_target_groups", "TargetGroupNotFound", Names=[NAME])


def test_a_target_group_is_created_with_its_attributes(aws):
    no_group(aws)
    aws.answer(
        ELB,
        "create_target_group",
        {"TargetGroups": [GROUP]},
        Name=NAME,
        Protocol="HTTP",
        Port=80,
        VpcId="vpc-1",
        TargetType="ip",
        HealthCheckPath="/health",
        HealthCheckIntervalSeconds=15,
        Tags=[{"Key": "Name", "Value": NAME}, {"Key": "CostCenter", "Value": "42"}],
    )
    aws.answer(
        ELB,
        "modify_target_group_attributes",
        {},
        TargetGroupArn=GROUP_ARN,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}],
    )
    described_group(aws, tags={"Name": NAME})

    result = aws.run(elbv2_target_group.main, **WANTED, tags={"Name": NAME, "CostCenter": 42, "Left": None})

    assert result["changed"] is True
    assert result["target_group"]["arn"] == GROUP_ARN
    assert result["target_group"]["health_check"]["matcher"] == "200"


def test_check_mode_creates_nothing(aws):
    no_group(aws)

    result = aws.run(elbv2_target_group.main, check=True, **WANTED)

    assert (result["changed"], result["target_group"]) == (True, None)


def test_a_target_group_as_wanted_is_left_alone(aws):
    found_group(aws, tags={"Name": NAME, "aws:cloudformation:stack-name": "s"})

    result = aws.run(elbv2_target_group.main, **WANTED, tags={"Name": NAME})

    assert result["changed"] is False


def test_health_check_stickiness_and_tags_are_each_fixed_by_their_own_call(aws):
    found_group(aws, tags={"Name": NAME, "Stray": "1"}, HealthCheckPath="/x")
    aws.answer(ELB, "modify_target_group", {}, TargetGroupArn=GROUP_ARN, HealthCheckPath="/health")
    aws.answer(
        ELB,
        "modify_target_group_attributes",
        {},
        TargetGroupArn=GROUP_ARN,
        Attributes=[{"Key": "stickiness.enabled", "Value": "false"}],
    )
    aws.answer(ELB, "remove_tags", {}, ResourceArns=[GROUP_ARN], TagKeys=["Stray"])
    aws.answer(ELB, "add_tags", {}, ResourceArns=[GROUP_ARN], Tags=[{"Key": "Team", "Value": "t"}])
    found_group(aws)

    result = aws.run(
        elbv2_target_group.main,
        **{**WANTED, "attributes": {"stickiness.enabled": False}},
        tags={"Name": NAME, "Team": "t"},
    )

    assert result["changed"] is True
    assert result["diff"] == {
        "before": {
            "health_check.path": "/x",
            "attributes.stickiness.enabled": "true",
            "tags.Team": None,
            "tags.Stray": "1",
        },
        "after": {
            "health_check.path": "/health",
            "attributes.stickiness.enabled": "false",
            "tags.Team": "t",
            "tags.Stray": None,
        },
    }


def test_an_immutable_difference_is_refused_before_any_change(aws):
    found_group(aws, VpcId="vpc-2", HealthCheckPath="/x")

    result = aws.run(elbv2_target_group.main, **WANTED)

    assert result["failed"] is True
    assert result["msg"] == (
        f"Target group {NAME} has vpc_id vpc-2, and vpc-1 is wanted: AWS can't change that on an existing one."
        " Remove the target group (state: absent) and recreate it."
    )


@pytest.mark.parametrize("check", [True, False])
def test_a_target_group_is_deleted(aws, check):
    aws.answer(ELB, "describe_target_groups", {"TargetGroups": [GROUP]}, Names=[NAME])
    if not check:
        aws.answer(ELB, "delete_target_group", {}, TargetGroupArn=GROUP_ARN)

    assert aws.run(elbv2_target_group.main, check=check, name=NAME, state="absent")["changed"] is True


def test_a_missing_target_group_is_not_a_change(aws):
    no_group(aws)

    result = aws.run(elbv2_target_group.main, name=NAME, state="absent")
    assert (result["changed"], result["diff"]) == (False, {"before": {}, "after": {}})


def test_a_target_group_in_use_fails_with_a_message(aws):
    aws.answer(ELB, "describe_target_groups", {"TargetGroups": [GROUP]}, Names=[NAME])
    aws.refuse(ELB, "delete_target_group", "ResourceInUse", "in use by a listener", TargetGroupArn=GROUP_ARN)

    result = aws.run(elbv2_target_group.main, name=NAME, state="absent")

    assert result["msg"].startswith(f"Failed to delete target group {NAME} in ap-northeast-2: ")


def rule(arn=RULE_ARN, priority="5", paths=("/web/*",), group=GROUP_ARN, conditions=()):
    return {
        "RuleArn": arn,
        "Priority": priority,
        "IsDefault": False,
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": list(paths)}}, *conditions],
        "Actions": [{"Type": "forward", "TargetGroupArn": group}],
    }


DEFAULT = {"RuleArn": "arn:default", "Priority": "default", "IsDefault": True, "Conditions": [], "Actions": []}
WITHOUT_GROUP = {"listener_arn": LISTENER, "name": NAME, "paths": ["/web/*"]}
RULE = {**WITHOUT_GROUP, "target_group_arn": GROUP_ARN}
TARGET = [{"Type": "forward", "TargetGroupArn": GROUP_ARN}]
PATHS = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/web/*"]}}]
NAMED = {"Name": NAME}


def found_rules(aws, *rules_and_tags):
    aws.answer(ELB, "describe_rules", {"Rules": [*(each for each, _ in rules_and_tags), DEFAULT]}, ListenerArn=LISTENER)
    if rules_and_tags:
        tagged(aws, **{each["RuleArn"]: tags for each, tags in rules_and_tags})


def created(aws, described, *, conditions=PATHS, actions=TARGET, tags=NAMED):
    """Expect the request that creates a rule, with the priority of the answer."""
    aws.answer(
        ELB,
        "create_rule",
        {"Rules": [described]},
        ListenerArn=LISTENER,
        Priority=int(described["Priority"]),
        Conditions=conditions,
        Actions=actions,
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


def test_a_rule_is_created_at_the_next_free_priority(aws):
    found_rules(aws, (rule(OTHER_ARN, "7", ["/o"], "arn:o"), {"Name": "other"}))
    created(aws, rule(priority="8"), tags={"CostCenter": "42", **NAMED})

    result = aws.run(elbv2_listener_rule.main, **RULE, tags={"CostCenter": 42})

    assert (result["changed"], result["rule"]["priority"]) == (True, 8)


def test_a_rule_that_matches_every_request_is_created_last(aws):
    found_rules(aws, (rule(OTHER_ARN, "7", ["/o"], "arn:o"), {"Name": "other"}))
    last = rule(priority="50000", paths=["/*"])
    created(aws, last, conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}])

    result = aws.run(elbv2_listener_rule.main, **{**RULE, "paths": ["/*"]})

    assert (result["changed"], result["rule"]["priority"]) == (True, 50000)


def test_a_rule_as_wanted_keeps_its_priority(aws):
    found_rules(aws, (rule(), NAMED))

    result = aws.run(elbv2_listener_rule.main, **RULE)

    assert (result["changed"], result["rule"]["priority"]) == (False, 5)


def test_a_rule_without_its_name_is_identified_by_its_target_group_and_named(aws):
    found_rules(aws, (rule(), {}))
    aws.answer(ELB, "add_tags", {}, ResourceArns=[RULE_ARN], Tags=[{"Key": "Name", "Value": NAME}])
    found_rules(aws, (rule(), NAMED))

    assert aws.run(elbv2_listener_rule.main, **RULE)["changed"] is True


def test_a_condition_added_by_hand_is_removed(aws):
    method = {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST"]}}
    found_rules(aws, (rule(conditions=[method]), NAMED))
    aws.answer(ELB, "modify_rule", {}, RuleArn=RULE_ARN, Conditions=PATHS)
    found_rules(aws, (rule(), NAMED))

    result = aws.run(elbv2_listener_rule.main, **RULE)

    assert result["diff"]["before"] == {"methods": ["POST"]}


def test_a_transform_added_by_hand_is_removed(aws):
    rewrites = {"Rewrites": [{"Regex": "^/old/(.*)$", "Replace": "/new/$1"}]}
    changed = {**rule(), "Transforms": [{"Type": "url-rewrite", "UrlRewriteConfig": rewrites}]}
    found_rules(aws, (changed, NAMED))
    aws.answer(ELB, "modify_rule", {}, RuleArn=RULE_ARN, Conditions=PATHS, ResetTransforms=True)
    found_rules(aws, (rule(), NAMED))

    result = aws.run(elbv2_listener_rule.main, **RULE)

    assert result["diff"] == {
        "before": {"transforms": [{"type": "url-rewrite", "regex": "^/old/(.*)$", "replace": "/new/$1"}]},
        "after": {"transforms": []},
    }


def shared(*weights):
    """A rule whose requests ECS is shifting between two target groups."""
    groups = [
        {"TargetGroupArn": arn, "Weight": weight} for arn, weight in zip((GROUP_ARN, "arn:b"), weights, strict=True)
    ]
    return {**rule(), "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]}


@pytest.mark.parametrize("weights", [(100, 0), (0, 100), (90, 10)])
def test_weights_that_ecs_shifts_are_not_a_difference(aws, weights):
    found_rules(aws, (shared(*weights), NAMED))

    result = aws.run(elbv2_listener_rule.main, **RULE, alternate_target_group_arn="arn:b")

    assert (result["changed"], result["rule"]["target_group_arns"]) == (False, [GROUP_ARN, "arn:b"])


def test_weights_stay_if_the_conditions_change(aws):
    found_rules(aws, (shared(90, 10), NAMED))
    wider = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*", "/web/*"]}}]
    aws.answer(ELB, "modify_rule", {}, RuleArn=RULE_ARN, Conditions=wider)
    found_rules(aws, (shared(90, 10), NAMED))

    wanted = {**RULE, "paths": ["/web/*", "/api/*"], "alternate_target_group_arn": "arn:b"}

    assert aws.run(elbv2_listener_rule.main, **wanted)["changed"] is True


def test_a_second_target_group_is_added_without_a_request(aws):
    found_rules(aws, (rule(), NAMED))
    groups = [{"TargetGroupArn": GROUP_ARN, "Weight": 100}, {"TargetGroupArn": "arn:b", "Weight": 0}]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    aws.answer(ELB, "modify_rule", {}, RuleArn=RULE_ARN, Conditions=PATHS, Actions=[action])
    found_rules(aws, (shared(100, 0), NAMED))

    result = aws.run(elbv2_listener_rule.main, **RULE, alternate_target_group_arn="arn:b")

    assert result["diff"]["after"] == {"target_group_arns": [GROUP_ARN, "arn:b"]}


def test_a_rule_is_created_for_requests_with_a_header(aws):
    found_rules(aws)
    config = {"HttpHeaderName": "X-Release", "Values": ["green"]}
    by_header = {"Field": "http-header", "HttpHeaderConfig": config}
    created(aws, rule(priority="1", conditions=[by_header]), conditions=[*PATHS, by_header])

    result = aws.run(elbv2_listener_rule.main, **RULE, headers=[{"name": "X-Release", "values": ["green"]}])

    assert result["rule"]["headers"] == [{"name": "X-Release", "values": ["green"]}]


def test_a_rule_redirects(aws):
    found_rules(aws)
    config = {
        "Protocol": "#{protocol}",
        "Port": "#{port}",
        "Host": "a.example",
        "Path": "/#{path}",
        "Query": "#{query}",
    }
    action = {"Type": "redirect", "RedirectConfig": {**config, "StatusCode": "HTTP_301"}}
    created(aws, {**rule(priority="1"), "Actions": [action]}, actions=[action])
    result = aws.run(elbv2_listener_rule.main, **WITHOUT_GROUP, redirect={"host": "a.example"})
    assert (result["changed"], result["rule"]["action"]["host"]) == (True, "a.example")


def test_a_fixed_response_is_restored(aws):
    answer = {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "later"}
    action = {"Type": "fixed-response", "FixedResponseConfig": answer}
    found_rules(aws, (rule(), NAMED))
    aws.answer(ELB, "modify_rule", {}, RuleArn=RULE_ARN, Conditions=PATHS, Actions=[action])
    found_rules(aws, ({**rule(), "Actions": [action]}, NAMED))
    wanted = {"fixed_response": {"status_code": "503", "message_body": "later"}}
    result = aws.run(elbv2_listener_rule.main, **WITHOUT_GROUP, **wanted)
    assert result["diff"]["after"] == {
        "action": {
            "type": "fixed-response",
            "status_code": "503",
            "content_type": "text/plain",
            "message_body": "later",
        }
    }


def test_a_rule_is_moved_without_being_rewritten(aws):
    found_rules(aws, (rule(), NAMED))
    aws.answer(ELB, "set_rule_priorities", {}, RulePriorities=[{"RuleArn": RULE_ARN, "Priority": 9}])
    found_rules(aws, (rule(priority="9"), NAMED))

    assert aws.run(elbv2_listener_rule.main, **RULE, priority=9)["rule"]["priority"] == 9


def test_a_taken_priority_is_refused_with_its_owner(aws):
    found_rules(aws, (rule(OTHER_ARN, "9", ["/o/*"], "arn:o"), {"Name": "other"}))

    result = aws.run(elbv2_listener_rule.main, **RULE, priority=9)

    assert result["msg"] == (
        f"Priority 9 for rule {NAME} is taken by rule other (/o/*): a listener has each once."
        " Give another priority, or none to get the next free."
    )


@pytest.mark.parametrize("check", [True, False])
def test_a_rule_is_deleted(aws, check):
    found_rules(aws, (rule(), NAMED))
    if not check:
        aws.answer(ELB, "delete_rule", {}, RuleArn=RULE_ARN)

    result = aws.run(elbv2_listener_rule.main, check=check, listener_arn=LISTENER, name=NAME, state="absent")

    assert result["changed"] is True


def test_a_rule_of_a_missing_listener_is_not_a_change(aws):
    aws.refuse(ELB, "describe_rules", "ListenerNotFound", ListenerArn=LISTENER)

    result = aws.run(elbv2_listener_rule.main, **{**RULE, "state": "absent"})
    assert (result["changed"], result["diff"]) == (False, {"before": {}, "after": {}})


@pytest.mark.parametrize(("state", "doing"), [("present", "set up"), ("absent", "delete")])
def test_an_error_of_aws_is_reported_with_what_failed(aws, state, doing):
    aws.refuse("elbv2", "describe_rules", "AccessDenied", ListenerArn=LISTENER)

    result = aws.run(elbv2_listener_rule.main, **{**RULE, "state": state})

    assert result["msg"].startswith(f"Failed to {doing} listener rule {NAME} in ap-northeast-2: ")


@pytest.mark.parametrize(("purge", "gone"), [(False, []), (True, ["Old"])], ids=["others stay", "others are removed"])
def test_a_listener_is_tagged(aws, purge, gone):
    tagged(aws, **{LISTENER: {"Owner": "ops", "Old": "1", "aws:x": "y"}})
    if gone:
        aws.answer(ELB, "remove_tags", {}, ResourceArns=[LISTENER], TagKeys=gone)
    aws.answer(ELB, "add_tags", {}, ResourceArns=[LISTENER], Tags=[{"Key": "CostCenter", "Value": "42"}])
    wanted = {"listener_arn": LISTENER, "tags": {"Owner": "ops", "CostCenter": 42}, "purge_tags": purge}
    result = aws.run(elbv2_listener.main, **wanted)
    left = {"Owner": "ops", "aws:x": "y", "CostCenter": "42", **({} if purge else {"Old": "1"})}
    assert (result["changed"], result["tags"]) == (True, left)


def test_a_listener_with_its_tags_is_left_alone(aws):
    tagged(aws, **{LISTENER: {"Owner": "ops", "Old": "1"}})
    result = aws.run(elbv2_listener.main, listener_arn=LISTENER, tags={"Owner": "ops"})
    assert (result["changed"], result["diff"]) == (False, {"before": {}, "after": {}})


def test_check_mode_tags_nothing(aws):
    tagged(aws, **{LISTENER: {}})
    result = aws.run(elbv2_listener.main, check=True, listener_arn=LISTENER, tags={"Owner": "ops"})
    assert (result["changed"], result["tags"]) == (True, {"Owner": "ops"})


def test_tagging_a_missing_listener_fails(aws):
    aws.refuse(ELB, "describe_tags", "ListenerNotFound", "gone", ResourceArns=[LISTENER])
    message = aws.run(elbv2_listener.main, listener_arn=LISTENER, tags={"Owner": "ops"})["msg"]
    assert message.startswith(f"Failed to set up listener {LISTENER} in ap-northeast-2: ")


def certified(aws, *arns):
    """Answer with the certificates of a listener, the default one first."""
    listed = [{"CertificateArn": "arn:default", "IsDefault": True}]
    listed += [{"CertificateArn": arn, "IsDefault": False} for arn in arns]
    aws.answer(ELB, "describe_listener_certificates", {"Certificates": listed}, ListenerArn=LISTENER)


def test_each_certificate_is_added_or_removed_by_one_call(aws):
    tagged(aws, **{LISTENER: {"Owner": "ops"}})
    certified(aws, "arn:b", "arn:old", "arn:stray")
    for arn in ("arn:c", "arn:d"):
        aws.answer(ELB, "add_listener_certificates", {}, ListenerArn=LISTENER, Certificates=[{"CertificateArn": arn}])
    for arn in ("arn:old", "arn:stray"):
        given = {"ListenerArn": LISTENER, "Certificates": [{"CertificateArn": arn}]}
        aws.answer(ELB, "remove_listener_certificates", {}, **given)
    wanted = {"listener_arn": LISTENER, "tags": {"Owner": "ops"}, "certificates": ["arn:d", "arn:b", "arn:c"]}
    result = aws.run(elbv2_listener.main, **wanted)
    assert (result["changed"], result["certificates"]) == (True, ["arn:b", "arn:c", "arn:d"])
    assert result["diff"]["before"] == {"certificates": ["arn:b", "arn:old", "arn:stray"]}


@pytest.mark.parametrize(("check", "wanted"), [(True, []), (False, ["arn:b"])], ids=["check mode", "as wanted"])
def test_matching_certificates_are_left_alone_and_check_mode_writes_none(aws, check, wanted):
    tagged(aws, **{LISTENER: {"Owner": "ops"}})
    certified(aws, "arn:b")
    given = {"listener_arn": LISTENER, "tags": {"Owner": "ops"}, "certificates": wanted}
    assert aws.run(elbv2_listener.main, check=check, **given)["changed"] is check
