# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Elastic Load Balancing v2 calls, one function each."""

from __future__ import annotations

import typing as t

from ..._aws.read import batched, call, none_if_missing, pages
from ..._plan.model import Field

Found = dict[str, t.Any]
Tags = dict[str, str]

# API_DescribeTags
ARNS_PER_CALL = 20


def load_balancer(client: t.Any, name: str) -> Found | None:
    """Return a load balancer by its name or its ARN, None if it does not exist."""
    given = {"LoadBalancerArns" if name.startswith("arn:") else "Names": [name]}
    found = none_if_missing(lambda: call(client, "describe_load_balancers", **given), "LoadBalancerNotFound")
    return next(iter(found["LoadBalancers"]), None) if found else None


def listeners(client: t.Any, load_balancer_arn: str) -> list[Found]:
    """Return the listeners of a load balancer, without their tags."""
    return t.cast("list[Found]", pages(client, "describe_listeners", "Listeners", LoadBalancerArn=load_balancer_arn))


def further_certificates(client: t.Any, listener_arn: str) -> list[str]:
    """Return the ARNs of a listener's certificates besides the default one, sorted; none if the listener is gone."""
    found = none_if_missing(
        lambda: pages(client, "describe_listener_certificates", "Certificates", ListenerArn=listener_arn),
        "ListenerNotFound",
    )
    # "If the default certificate is also in the certificate list, it appears twice":
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListenerCertificates.html
    return sorted({str(one["CertificateArn"]) for one in found or [] if not one.get("IsDefault")})


def write_certificates(client: t.Any, listener_arn: str, wanted: set[str], has: set[str]) -> None:
    """Add and remove certificates of a listener besides the default one; each call takes one."""
    for arn in sorted(wanted - has):
        call(client, "add_listener_certificates", ListenerArn=listener_arn, Certificates=[{"CertificateArn": arn}])
    for arn in sorted(has - wanted):
        call(client, "remove_listener_certificates", ListenerArn=listener_arn, Certificates=[{"CertificateArn": arn}])


def target_groups(client: t.Any) -> list[Found]:
    """Return all target groups of the region, as DescribeTargetGroups by name fails if a single one is unknown."""
    return t.cast(
        "list[Found]", pages(client, "describe_target_groups", "TargetGroups", PaginationConfig={"PageSize": 400})
    )


def target_group(client: t.Any, name: str) -> Found | None:
    """Return a target group by its name, None if it does not exist."""
    found = none_if_missing(lambda: call(client, "describe_target_groups", Names=[name]), "TargetGroupNotFound")
    return next(iter(found["TargetGroups"]), None) if found else None


def target_group_of(client: t.Any, arn: str, *missing: str) -> Found | None:
    """Return a target group by its ARN; None if it does not exist, or AWS answers with one of the codes I(missing)."""
    found = none_if_missing(
        lambda: call(client, "describe_target_groups", TargetGroupArns=[arn]), "TargetGroupNotFound", *missing
    )
    return next(iter(found["TargetGroups"]), None) if found else None


def target_group_attributes(client: t.Any, arn: str) -> list[Found]:
    """Return the attributes of a target group."""
    return t.cast("list[Found]", call(client, "describe_target_group_attributes", TargetGroupArn=arn)["Attributes"])


def target_health(client: t.Any, arn: str) -> list[Found]:
    """Return the targets of a target group with their health; none if the group is gone."""
    return target_health_or_none(client, arn) or []


def target_health_or_none(client: t.Any, arn: str) -> list[Found] | None:
    """Return the targets of a target group with their health; None if the group is gone."""
    found = none_if_missing(lambda: call(client, "describe_target_health", TargetGroupArn=arn), "TargetGroupNotFound")
    return t.cast("list[Found]", found["TargetHealthDescriptions"]) if found else None


def rules(client: t.Any, listener_arn: str) -> list[Found]:
    """Return the rules of a listener, with the default rule; none if the listener is gone."""
    found = none_if_missing(
        lambda: pages(client, "describe_rules", "Rules", ListenerArn=listener_arn), "ListenerNotFound"
    )
    return found or []


def tags(client: t.Any, arns: t.Sequence[str]) -> dict[str, Tags]:
    """Return the tags of each resource, by ARN."""
    result: dict[str, Tags] = {}
    for some in batched(arns, ARNS_PER_CALL):
        for entry in call(client, "describe_tags", ResourceArns=some)["TagDescriptions"]:
            result[entry["ResourceArn"]] = {tag["Key"]: tag["Value"] for tag in entry.get("Tags") or []}
    return result


def create_target_group(client: t.Any, request: Found, tags_: Tags) -> Found:
    """Create a target group and return it."""
    return t.cast("Found", call(client, "create_target_group", **request, **_tagged(tags_))["TargetGroups"][0])


def modify_health_check(client: t.Any, arn: str, request: Found) -> None:
    """Change the health check of a target group."""
    call(client, "modify_target_group", TargetGroupArn=arn, **request)


def modify_attributes(client: t.Any, arn: str, attributes: t.Mapping[str, str]) -> None:
    """Change attributes of a target group."""
    pairs = [{"Key": key, "Value": value} for key, value in attributes.items()]
    call(client, "modify_target_group_attributes", TargetGroupArn=arn, Attributes=pairs)


def delete_target_group(client: t.Any, arn: str) -> None:
    """Delete a target group; fails if a listener or rule uses it, or did until a short while ago."""
    call(client, "delete_target_group", TargetGroupArn=arn)


def create_rule(client: t.Any, request: Found, tags_: Tags) -> Found:
    """Create a listener rule and return it."""
    return t.cast("Found", call(client, "create_rule", **request, **_tagged(tags_))["Rules"][0])


def modify_rule(
    client: t.Any, arn: str, conditions: list[Found], actions: list[Found], reset_transforms: bool = False
) -> None:
    """Replace the conditions of a rule and, if given, its actions; with I(reset_transforms) remove its transforms."""
    given = {**({"Actions": actions} if actions else {}), **({"ResetTransforms": True} if reset_transforms else {})}
    call(client, "modify_rule", RuleArn=arn, Conditions=conditions, **given)


def set_priority(client: t.Any, arn: str, priority: int) -> None:
    """Set the priority of a rule."""
    call(client, "set_rule_priorities", RulePriorities=[{"RuleArn": arn, "Priority": priority}])


def delete_rule(client: t.Any, arn: str) -> None:
    """Delete a rule."""
    call(client, "delete_rule", RuleArn=arn)


def write_tags(client: t.Any, arn: str, fields: t.Iterable[Field]) -> None:
    """Set and remove the tags of I(fields)."""
    changes = {field["path"].removeprefix("tags."): field["after"] for field in fields}
    gone = [key for key, value in changes.items() if value is None]
    kept = {key: value for key, value in changes.items() if value is not None}
    if gone:
        call(client, "remove_tags", ResourceArns=[arn], TagKeys=gone)
    if kept:
        call(client, "add_tags", ResourceArns=[arn], **_tagged(kept))


def _tagged(tags_: Tags) -> Found:
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags_.items()]} if tags_ else {}
