# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import datetime

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import application_autoscaling_target

AAS = "application-autoscaling"
RESOURCE = "service/magiclub-an2p-ecs/magiclub-an2p-web"
ARN = "arn:aws:application-autoscaling:ap-northeast-2:123456789012:scalable-target/0ec4"
TARGET = {
    "ServiceNamespace": "ecs",
    "ResourceId": RESOURCE,
    "ScalableDimension": "ecs:service:DesiredCount",
}
MADE = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
CPU = {"name": "web-cpu", "metric": "ECSServiceAverageCPUUtilization", "target_value": 60}
REQUESTS = {
    "name": "web-requests",
    "metric": "ALBRequestCountPerTarget",
    "target_value": 100,
    "resource_label": "app/alb/1/targetgroup/web/2",
    "scale_out_cooldown": 60,
}
WANTED = {"resource_id": RESOURCE, "min_capacity": 1, "max_capacity": 3, "policies": [CPU]}


def configuration(value=60.0, metric="ECSServiceAverageCPUUtilization", **more):
    return {
        "TargetValue": value,
        "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 300,
        "DisableScaleIn": False,
        **more,
    }


def policy(name="web-cpu", **config):
    return {
        "PolicyARN": f"arn:policy/{name}",
        "PolicyName": name,
        **TARGET,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": configuration(**config),
        "CreationTime": MADE,
    }


def found(aws, *policies, high=3, tags=None, arn=ARN, actions=None):
    described = {
        **TARGET,
        "MinCapacity": 1,
        "MaxCapacity": high,
        "RoleARN": "arn:role",
        "CreationTime": MADE,
        **({"ScalableTargetARN": arn} if arn else {}),
    }
    asked = {"ServiceNamespace": "ecs", "ResourceIds": [RESOURCE], "ScalableDimension": TARGET["ScalableDimension"]}
    aws.answer(AAS, "describe_scalable_targets", {"ScalableTargets": [described]}, **asked)
    aws.answer(AAS, "describe_scaling_policies", {"ScalingPolicies": list(policies)}, **TARGET)
    if actions is not None:
        common = {"ScheduledActionARN": "arn:action", "CreationTime": MADE, **TARGET}
        listed = [{**common, **one} for one in actions]
        aws.answer(AAS, "describe_scheduled_actions", {"ScheduledActions": listed}, **TARGET)
    if arn:
        aws.answer(AAS, "list_tags_for_resource", {"Tags": tags or {}}, ResourceARN=arn)


def nothing(aws):
    asked = {"ServiceNamespace": "ecs", "ResourceIds": [RESOURCE], "ScalableDimension": TARGET["ScalableDimension"]}
    aws.answer(AAS, "describe_scalable_targets", {"ScalableTargets": []}, **asked)


def put(aws, name, **config):
    aws.answer(
        AAS,
        "put_scaling_policy",
        {"PolicyARN": "arn:policy", "Alarms": []},
        **TARGET,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=configuration(**config),
    )


def test_a_target_is_registered_with_its_policies_and_tags(aws):
    nothing(aws)
    tags = {"Team": "t", "CostCenter": "42"}
    aws.answer(AAS, "register_scalable_target", {}, **TARGET, MinCapacity=1, MaxCapacity=3, Tags=tags)
    put(aws, "web-cpu")
    aws.answer(
        AAS,
        "put_scaling_policy",
        {"PolicyARN": "arn:policy", "Alarms": []},
        **TARGET,
        PolicyName="web-requests",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            **configuration(value=100.0, ScaleOutCooldown=60),
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "ALBRequestCountPerTarget",
                "ResourceLabel": "app/alb/1/targetgroup/web/2",
            },
        },
    )
    found(aws, policy(), tags={"Team": "t"})

    wanted = {**WANTED, "policies": [CPU, REQUESTS], "tags": {"Team": "t", "CostCenter": 42}}
    result = aws.run(application_autoscaling_target.main, **wanted)

    assert result["changed"] is True
    assert result["target"]["policies"][0]["metric"] == "ECSServiceAverageCPUUtilization"


def test_a_target_without_an_arn_is_registered_again_to_be_tagged(aws):
    found(aws, policy(), arn=None)
    aws.answer(AAS, "register_scalable_target", {"ScalableTargetARN": ARN}, **TARGET, MinCapacity=1, MaxCapacity=3)
    aws.answer(AAS, "tag_resource", {}, ResourceARN=ARN, Tags={"Team": "t"})
    found(aws, policy(), tags={"Team": "t"})

    result = aws.run(application_autoscaling_target.main, **WANTED, tags={"Team": "t"})

    assert (result["changed"], result["target"]["tags"]) == (True, {"Team": "t"})


def test_a_target_without_an_arn_is_left_alone_if_no_tags_are_wanted(aws):
    found(aws, policy(), arn=None)

    assert aws.run(application_autoscaling_target.main, **WANTED, tags={})["changed"] is False


def test_check_mode_registers_nothing(aws):
    nothing(aws)

    result = aws.run(application_autoscaling_target.main, check=True, **WANTED)

    assert (result["changed"], result["target"]) == (True, None)


def test_a_target_as_wanted_is_left_alone(aws):
    found(aws, policy(), tags={"Team": "t", "Other": "o"})

    result = aws.run(application_autoscaling_target.main, **WANTED, tags={"Team": "t"}, purge_tags=False)

    assert result["changed"] is False


def test_bounds_policies_and_tags_are_each_fixed_by_their_own_call(aws):
    found(aws, policy(value=11.0), policy("hand"), high=9, tags={"Stray": "1"})
    aws.answer(AAS, "register_scalable_target", {}, **TARGET, MinCapacity=1, MaxCapacity=3)
    put(aws, "web-cpu")
    aws.answer(AAS, "delete_scaling_policy", {}, **TARGET, PolicyName="hand")
    aws.answer(AAS, "untag_resource", {}, ResourceARN=ARN, TagKeys=["Stray"])
    aws.answer(AAS, "tag_resource", {}, ResourceARN=ARN, Tags={"Team": "t"})
    found(aws, policy(), tags={"Team": "t"})

    result = aws.run(application_autoscaling_target.main, **WANTED, tags={"Team": "t"})

    assert result["diff"]["before"]["max_capacity"] == 9
    assert result["diff"]["after"] == {
        "max_capacity": 3,
        "policies.web-cpu.target_value": 60.0,
        "policies.hand": None,
        "tags.Team": "t",
        "tags.Stray": None,
    }


def test_policies_that_are_not_given_are_left_alone(aws):
    found(aws, policy("hand"))

    result = aws.run(application_autoscaling_target.main, resource_id=RESOURCE, min_capacity=1, max_capacity=3)

    assert result["changed"] is False


def test_a_policy_of_another_type_with_our_name_is_replaced(aws):
    step = {**policy(), "PolicyType": "StepScaling"}
    step.pop("TargetTrackingScalingPolicyConfiguration")
    found(aws, step)
    put(aws, "web-cpu")
    found(aws, policy())

    result = aws.run(application_autoscaling_target.main, **WANTED)

    assert result["diff"]["before"]["policies.web-cpu.metric"] == "(StepScaling)"


@pytest.mark.parametrize("check", [True, False])
def test_a_target_is_deregistered(aws, check):
    found(aws, arn=None)
    if not check:
        aws.answer(AAS, "deregister_scalable_target", {}, **TARGET)

    result = aws.run(application_autoscaling_target.main, check=check, resource_id=RESOURCE, state="absent")

    assert result["changed"] is True


def test_a_target_that_disappears_meanwhile_is_not_a_failure(aws):
    found(aws, arn=None)
    aws.refuse(AAS, "deregister_scalable_target", "ObjectNotFoundException", **TARGET)

    assert aws.run(application_autoscaling_target.main, resource_id=RESOURCE, state="absent")["changed"] is True


def test_a_missing_target_is_not_a_change(aws):
    nothing(aws)

    assert aws.run(application_autoscaling_target.main, resource_id=RESOURCE, state="absent")["changed"] is False


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"min_capacity": 4},
            "min_capacity 4 is greater than max_capacity 3. Lower the first or raise the second.",
        ),
        (
            {"policies": [{**REQUESTS, "resource_label": None}]},
            (
                "Policy web-requests tracks ALBRequestCountPerTarget, which needs resource_label:"
                " app/LOAD-BALANCER/ID/targetgroup/TARGET-GROUP/ID, the ends of both ARNs."
            ),
        ),
    ],
)
def test_wrong_options_are_refused_before_any_call(aws, wrong, sentence):
    assert aws.run(application_autoscaling_target.main, **{**WANTED, **wrong})["msg"] == sentence


@pytest.mark.parametrize(("state", "doing"), [("present", "set up"), ("absent", "remove")])
def test_an_error_of_aws_is_reported_with_what_failed(aws, state, doing):
    aws.refuse(
        AAS,
        "describe_scalable_targets",
        "ConcurrentUpdateException",
        ServiceNamespace="ecs",
        ResourceIds=[RESOURCE],
        ScalableDimension="ecs:service:DesiredCount",
    )

    result = aws.run(application_autoscaling_target.main, **{**WANTED, "state": state})

    assert result["msg"].startswith(f"Failed to {doing} scaling of {RESOURCE} in ap-northeast-2: ")


NIGHT = {
    "name": "web-night",
    "schedule": "cron(0 22 ? * * *)",
    "timezone": "Asia/Seoul",
    "min_capacity": 0,
    "max_capacity": 1,
}
RATE = {"name": "web-often", "schedule": "rate(12 hours)", "max_capacity": 6}


def action(name="web-night", schedule="cron(0 22 ? * * *)", zone="Asia/Seoul", **sets):
    given = {"ScheduledActionName": name, "Schedule": schedule, "ScalableTargetAction": sets}
    return {**given, **({"Timezone": zone} if zone else {})}


AS_WANTED = action(MinCapacity=0, MaxCapacity=1)


def test_scheduled_actions_are_put_if_they_differ_and_removed_by_name(aws):
    theirs = action("theirs", MinCapacity=1)
    found(aws, policy(), actions=[action(MinCapacity=1), action("web-old", MinCapacity=1), theirs])
    aws.answer(AAS, "put_scheduled_action", {}, **TARGET, **action(MinCapacity=0, MaxCapacity=1))
    often = action("web-often", "rate(12 hours)", None, MaxCapacity=6)
    aws.answer(AAS, "put_scheduled_action", {}, **TARGET, **often)
    aws.answer(AAS, "delete_scheduled_action", {}, **TARGET, ScheduledActionName="web-old")
    found(aws, policy(), actions=[AS_WANTED, often, theirs])

    actions = {"scheduled_actions": [NIGHT, RATE], "absent_scheduled_actions": ["web-old", "web-gone"]}
    result = aws.run(application_autoscaling_target.main, **WANTED, **actions)

    assert result["diff"]["before"] == {
        "scheduled_actions.web-night": {
            "schedule": "cron(0 22 ? * * *)",
            "timezone": "Asia/Seoul",
            "capacity": {"min_capacity": 1},
        },
        "scheduled_actions.web-often": None,
        "scheduled_actions.web-old": {
            "schedule": "cron(0 22 ? * * *)",
            "timezone": "Asia/Seoul",
            "capacity": {"min_capacity": 1},
        },
    }
    assert [one["name"] for one in result["target"]["scheduled_actions"]] == ["theirs", "web-night", "web-often"]


@pytest.mark.parametrize("actions", [[NIGHT], []])
def test_matching_and_foreign_scheduled_actions_are_left_alone(aws, actions):
    found(aws, policy(), actions=[AS_WANTED, action("theirs", MinCapacity=1)])

    result = aws.run(application_autoscaling_target.main, **WANTED, scheduled_actions=actions)

    assert result["changed"] is False


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"min_capacity": None, "max_capacity": None}, "sets neither min_capacity nor max_capacity. Give one."),
        ({"min_capacity": 2}, "min_capacity 2 is greater than max_capacity 1. Lower the first or raise the second."),
    ],
)
def test_a_scheduled_action_with_no_or_contradicting_bounds_is_refused(aws, given, says):
    result = aws.run(application_autoscaling_target.main, **WANTED, scheduled_actions=[{**NIGHT, **given}])

    assert says in result["msg"]
