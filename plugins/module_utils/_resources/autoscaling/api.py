# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Application Auto Scaling calls, one function each."""

from __future__ import annotations

import typing as t

from ..._aws.read import batched, call, none_if_missing, pages

Found = dict[str, t.Any]
Target = t.Mapping[str, str]

TASKS_OF_A_SERVICE = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
# API_DescribeScalableTargets
IDS_PER_CALL = 50


def scalable_targets(client: t.Any, namespace: str, ids: t.Sequence[str], dimension: str) -> list[Found]:
    """Return the scalable targets with these resource ids."""
    result: list[Found] = []
    for some in batched(ids, IDS_PER_CALL):
        result += pages(
            client,
            "describe_scalable_targets",
            "ScalableTargets",
            ServiceNamespace=namespace,
            ResourceIds=some,
            ScalableDimension=dimension,
        )
    return result


def targets_of_services(client: t.Any, ids: t.Sequence[str]) -> list[Found]:
    """Return the scalable targets of the task counts of ECS services, given their resource ids."""
    return scalable_targets(
        client, TASKS_OF_A_SERVICE["ServiceNamespace"], ids, TASKS_OF_A_SERVICE["ScalableDimension"]
    )


def policies(client: t.Any, target: Target) -> list[Found]:
    """Return the scaling policies of a scalable target."""
    return t.cast("list[Found]", pages(client, "describe_scaling_policies", "ScalingPolicies", **target))


def scheduled_actions(client: t.Any, target: Target) -> list[Found]:
    """Return the scheduled actions of a scalable target."""
    return t.cast("list[Found]", pages(client, "describe_scheduled_actions", "ScheduledActions", **target))


def tags(client: t.Any, arn: str | None) -> dict[str, str]:
    """Return the tags of a scalable target; one from before 2023 has no ARN until it is registered again."""
    return dict(call(client, "list_tags_for_resource", ResourceARN=arn)["Tags"]) if arn else {}


def register(
    client: t.Any, target: Target, low: int | None, high: int | None, tags_: dict[str, str] | None
) -> str | None:
    """Create or update a scalable target and return its ARN; tags are accepted only at its creation."""
    given = {"MinCapacity": low, "MaxCapacity": high, "Tags": tags_}
    arguments = {key: value for key, value in given.items() if value is not None}
    answer = call(client, "register_scalable_target", **target, **arguments)
    return t.cast("str | None", answer.get("ScalableTargetARN"))


def deregister(client: t.Any, target: Target) -> None:
    """Delete a scalable target and its policies, if it exists."""
    none_if_missing(lambda: call(client, "deregister_scalable_target", **target), "ObjectNotFoundException")


def put_policy(client: t.Any, target: Target, name: str, configuration: Found) -> None:
    """Create or replace a target-tracking policy."""
    policy = {
        **target,
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": configuration,
    }
    call(client, "put_scaling_policy", **policy)


def delete_policy(client: t.Any, target: Target, name: str) -> None:
    """Delete a scaling policy."""
    call(client, "delete_scaling_policy", **target, PolicyName=name)


def put_scheduled_action(client: t.Any, target: Target, request: Found) -> None:
    """Create or replace a scheduled action."""
    call(client, "put_scheduled_action", **target, **request)


def delete_scheduled_action(client: t.Any, target: Target, name: str) -> None:
    """Delete a scheduled action, if it exists."""
    none_if_missing(
        lambda: call(client, "delete_scheduled_action", **target, ScheduledActionName=name), "ObjectNotFoundException"
    )


def write_tags(client: t.Any, arn: str, changes: t.Mapping[str, str | None]) -> None:
    """Set tags, and remove those whose value is None."""
    gone = [key for key, value in changes.items() if value is None]
    kept = {key: value for key, value in changes.items() if value is not None}
    if gone:
        call(client, "untag_resource", ResourceARN=arn, TagKeys=gone)
    if kept:
        call(client, "tag_resource", ResourceARN=arn, Tags=kept)
