# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Target groups and listener rules in the options' words, and what has to change.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

from ..._aws.changes import tag_changes
from ..._aws.refused import RefusedError
from ..._plan.model import Field
from . import authentication, conditions
from .actions import of_rule

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

# A rule's priority: API_CreateRule; the default rule has none.
HIGHEST_PRIORITY = 50000

GRPC = "GRPC"
"""The protocol version whose health checks are answered with codes of gRPC."""

_HEALTH_CHECK = {
    "path": "HealthCheckPath",
    "protocol": "HealthCheckProtocol",
    "port": "HealthCheckPort",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthy_threshold": "HealthyThresholdCount",
    "unhealthy_threshold": "UnhealthyThresholdCount",
}
# The port is fixed, too, but just for registrations without one of their own (API_CreateTargetGroup); ECS's have one.
FIXED = ("protocol", "protocol_version", "target_type", "vpc_id")


def target_group_values(group: Data, attributes: t.Iterable[Data], tags: Data) -> Values:
    """Return a described target group in the words of the module's options."""
    check = {option: group[member] for option, member in _HEALTH_CHECK.items() if member in group}
    if group.get("Matcher"):
        check["matcher"] = group["Matcher"].get("HttpCode") or group["Matcher"].get("GrpcCode")
    return {
        "protocol": group.get("Protocol"),
        "protocol_version": group.get("ProtocolVersion") or "HTTP1",
        "port": group.get("Port"),
        "target_type": group.get("TargetType"),
        "vpc_id": group.get("VpcId"),
        "health_check": check,
        "attributes": {attribute["Key"]: attribute["Value"] for attribute in attributes},
        "tags": dict(tags),
    }


def target_group_request(name: str, wanted: Data) -> Values:
    """Return the arguments of CreateTargetGroup."""
    request = {
        "Name": name,
        "Protocol": wanted["protocol"],
        "ProtocolVersion": wanted.get("protocol_version"),
        "Port": wanted["port"],
        "VpcId": wanted["vpc_id"],
        "TargetType": wanted["target_type"],
        **health_check_request(wanted.get("health_check") or {}, wanted.get("protocol_version")),
    }
    return {key: value for key, value in request.items() if value is not None}


def health_check_request(check: Data, protocol_version: str | None = None) -> Values:
    """Return the arguments of ModifyTargetGroup for what is given of a health check."""
    request = {member: check[option] for option, member in _HEALTH_CHECK.items() if check.get(option) is not None}
    if check.get("matcher") is not None:
        request["Matcher"] = {"GrpcCode" if protocol_version == GRPC else "HttpCode": check["matcher"]}
    return request


def attribute_text(value: t.Any) -> str:
    """Return an attribute's value as AWS takes and returns it: C(false), C(30)."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def target_group_fields(name: str, wanted: Data, found: Data) -> list[Field]:
    """Return C({path, before, after}) of what is given and differs, tags aside.

    Raises RefusedError if a living target group can't be given that.
    """
    for key in FIXED:
        if wanted.get(key) is not None and wanted[key] != found[key]:
            raise RefusedError(
                f"Target group {name} has {key} {found[key]}, and {wanted[key]} is wanted: AWS can't change that"
                " on a living one. Remove the target group (state: absent) and recreate it."
            )
    fields = _given("health_check", wanted.get("health_check") or {}, found["health_check"])
    return fields + _given("attributes", wanted.get("attributes") or {}, found["attributes"])


def below(fields: t.Iterable[Field], top: str) -> Values:
    """Return what I(fields) set below one path."""
    return {
        field["path"].removeprefix(f"{top}."): field["after"] for field in fields if field["path"].startswith(f"{top}.")
    }


def _given(top: str, wanted: Data, has: Data) -> list[Field]:
    return [
        {"path": f"{top}.{key}", "before": has.get(key), "after": value}
        for key, value in wanted.items()
        if value is not None and has.get(key) != value
    ]


def rule_values(rule: Data, tags: Data) -> Values:
    """Return a described listener rule in the words of the module's options.

    C(other_conditions) are the kinds of those conditions that the options have no word for, as regular expressions;
    C(transforms) rewrite what is forwarded, which no option asks for.
    """
    return {
        "priority": priority(rule),
        **conditions.found(rule.get("Conditions") or []),
        "transforms": _transforms(rule),
        "authenticate": authentication.found(rule.get("Actions") or []),
        "action": of_rule(rule.get("Actions") or []),
        "target_group_arn": forwards_to(rule),
        "target_group_arns": sorted(shares(rule)),
        "tags": dict(tags),
    }


# API_RuleTransform
_REWRITES = {"host-header-rewrite": "HostHeaderRewriteConfig", "url-rewrite": "UrlRewriteConfig"}


def _transforms(rule: Data) -> list[Values]:
    return [
        {"type": one["Type"], "regex": rewrite["Regex"], "replace": rewrite["Replace"]}
        for one in rule.get("Transforms") or []
        for rewrite in (one.get(_REWRITES.get(one["Type"], "")) or {}).get("Rewrites") or []
    ]


def shares(rule: Data) -> dict[str, int]:
    """Return the weight of each target group that a rule forwards to, by ARN; none if it does something else."""
    actions = authentication.behind(rule.get("Actions") or [])
    if len(actions) != 1 or actions[0]["Type"] != "forward":
        return {}
    groups = (actions[0].get("ForwardConfig") or {}).get("TargetGroups") or []
    weights = {group["TargetGroupArn"]: int(group.get("Weight", 1)) for group in groups}
    return weights or {arn: 1 for arn in [actions[0].get("TargetGroupArn")] if arn}


def priority(rule: Data) -> int | None:
    """Return a rule's priority, None for the default rule."""
    return int(rule["Priority"]) if str(rule.get("Priority", "default")).isdigit() else None


def forwards_to(rule: Data) -> str:
    """Return the ARN of the one target group that a rule forwards to, else its actions in words."""
    actions = authentication.behind(rule.get("Actions") or [])
    if len(actions) == 1 and actions[0]["Type"] == "forward":
        groups = (actions[0].get("ForwardConfig") or {}).get("TargetGroups") or []
        arns = [group["TargetGroupArn"] for group in groups] or [actions[0].get("TargetGroupArn")]
        if len(arns) == 1 and arns[0]:
            return str(arns[0])
        return "forward to " + ", ".join(f"{group['TargetGroupArn']} ({group.get('Weight', 1)})" for group in groups)
    return ", ".join(action["Type"] for action in rule.get("Actions") or []) or "(none)"


def pick_rule(
    rules: t.Iterable[Data],
    tags: t.Mapping[str, Data],
    name: str,
    group_arn: str | None,
    arn: str | None = None,
    taken_over: bool = False,
) -> Data | None:
    """Return the rule that has the Name, or else, where the tag was lifted, the one that forwards to the group.

    With I(taken_over) that has a Name of somebody else's, who made it.  That of an I(arn) is the one, whatever it has.
    """
    own = [rule for rule in rules if priority(rule) is not None]
    by_arn = [rule for rule in own if rule["RuleArn"] == arn]
    by_name = [rule for rule in own if tags.get(rule["RuleArn"], {}).get("Name") == name]
    free = [rule for rule in own if taken_over or not tags.get(rule["RuleArn"], {}).get("Name")]
    by_group = [rule for rule in free if group_arn and forwards_to(rule) == group_arn]
    return next(iter(by_arn or by_name or by_group), None)


def next_priority(taken: t.Iterable[int], last: bool = False) -> int:
    """Return the priority after the others, but before those at the very end; or for I(last) the last free one."""
    used = set(taken)
    free = next(number for number in range(HIGHEST_PRIORITY, 0, -1) if number not in used)
    return free if last else max((number for number in used if number < free), default=0) + 1


def matches_all(rule: Data) -> bool:
    """Whether a rule takes every request, so that no rule behind it gets any."""
    narrowed = any(rule.get(word) for word in conditions.WORDS if word != "paths")
    return not narrowed and not {"*", "/*"}.isdisjoint(rule["paths"])


def owner(rules: t.Iterable[Data], tags: t.Mapping[str, Data], wanted: int, but: str | None = None) -> str | None:
    """Return who has a priority, in words, where a rule other than that of ARN I(but) has it."""
    for rule in rules:
        if priority(rule) == wanted and rule["RuleArn"] != but:
            values = rule_values(rule, {})
            what = conditions.in_words(values)
            name = tags.get(rule["RuleArn"], {}).get("Name")
            return f"{f'rule {name}' if name else 'rule ' + rule['RuleArn']} ({what})"
    return None


def actions(group_arn: str, alternate_arn: str | None = None) -> list[Values]:
    """Return the actions of CreateRule and ModifyRule: forward to one target group, with another one in waiting."""
    if not alternate_arn:
        return [{"Type": "forward", "TargetGroupArn": group_arn}]
    groups = [{"TargetGroupArn": group_arn, "Weight": 100}, {"TargetGroupArn": alternate_arn, "Weight": 0}]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]


def rule_fields(wanted: Data, found: Data) -> list[Field]:
    """Return C({path, before, after}) of a rule, tags aside; without a wanted priority the found one stays."""
    after = {
        "priority": wanted.get("priority") or found["priority"],
        **conditions.canonical(wanted),
        "other_conditions": [],
        "transforms": [],
    }
    if wanted.get("authenticate") is not None:
        after["authenticate"] = wanted["authenticate"]
    if wanted.get("action"):
        after["action"] = wanted["action"]
    elif wanted.get("alternate_target_group_arn"):
        # whose share of the requests is whose is ECS's to say
        pair = (wanted["target_group_arn"], wanted["alternate_target_group_arn"])
        after["target_group_arns"] = sorted(pair)
    else:
        after["target_group_arn"] = wanted["target_group_arn"]
    return [
        {"path": path, "before": found[path], "after": value} for path, value in after.items() if found[path] != value
    ]


def certificate_fields(wanted: t.Iterable[str] | None, has: t.Iterable[str] | None) -> list[Field]:
    """Return the certificates of a listener beside the default one, if they are wanted and differ."""
    after, before = sorted(set(wanted or [])), sorted(set(has or []))
    return (
        [{"path": "certificates", "before": before, "after": after}] if wanted is not None and after != before else []
    )


def tag_fields(wanted: Data | None, found: Data, purge: bool) -> list[Field]:
    """Return the tags to set, and with I(purge) those to remove, AWS's own aside."""
    to_set, gone = tag_changes(dict(found), wanted, purge)
    return [{"path": f"tags.{key}", "before": found.get(key), "after": to_set.get(key)} for key in (*to_set, *gone)]


def diff(fields: t.Iterable[Field]) -> Values:
    """Return the fields for C(--diff)."""
    listed = list(fields)
    return {side: {field["path"]: field[side] for field in listed} for side in ("before", "after")}
