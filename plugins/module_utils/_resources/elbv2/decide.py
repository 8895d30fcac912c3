# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Target groups and listener rules in the form of the modules' options, and their differences."""

from __future__ import annotations

import typing as t

from ..._aws.changes import tag_changes
from ..._aws.refused import RefusedError
from ..._plan.compare import differences
from ..._plan.model import Field
from . import authentication, conditions
from .actions import of_rule

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

# API_CreateRule; the default rule has no priority
HIGHEST_PRIORITY = 50000

GRPC = "GRPC"
"""The protocol version whose health checks expect gRPC codes."""

_HEALTH_CHECK = {
    "path": "HealthCheckPath",
    "protocol": "HealthCheckProtocol",
    "port": "HealthCheckPort",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthy_threshold": "HealthyThresholdCount",
    "unhealthy_threshold": "UnhealthyThresholdCount",
}
# The port is fixed, too, but used only for targets without a port (API_CreateTargetGroup); ECS's targets have one.
FIXED = ("protocol", "protocol_version", "target_type", "vpc_id")


def target_group_values(group: Data, attributes: t.Iterable[Data], tags: Data) -> Values:
    """Return a described target group in the form of the module's options."""
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
    """Return the arguments of ModifyTargetGroup for the given options of a health check."""
    request = {member: check[option] for option, member in _HEALTH_CHECK.items() if check.get(option) is not None}
    if check.get("matcher") is not None:
        request["Matcher"] = {"GrpcCode" if protocol_version == GRPC else "HttpCode": check["matcher"]}
    return request


def attribute_text(value: t.Any) -> str:
    """Return an attribute's value as AWS takes and returns it: C(false), C(30)."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def target_group_fields(name: str, wanted: Data, found: Data) -> list[Field]:
    """Return C({path, before, after}) of each given option that differs, except tags.

    Raises RefusedError if AWS can't change it on an existing target group.
    """
    for key in FIXED:
        if wanted.get(key) is not None and wanted[key] != found[key]:
            raise RefusedError(
                f"Target group {name} has {key} {found[key]}, and {wanted[key]} is wanted: AWS can't change that"
                " on an existing one. Remove the target group (state: absent) and recreate it."
            )
    return [
        field
        for part in ("health_check", "attributes")
        for field in differences(found[part], wanted.get(part) or {}, part)
    ]


def below(fields: t.Iterable[Field], top: str) -> Values:
    """Return the wanted values of the I(fields) below the path I(top)."""
    return {
        field["path"].removeprefix(f"{top}."): field["after"] for field in fields if field["path"].startswith(f"{top}.")
    }


def rule_values(rule: Data, tags: Data) -> Values:
    """Return a described listener rule in the form of the module's options.

    No option has C(other_conditions), the fields of conditions such as regular expressions, nor C(transforms), which
    rewrite requests.
    """
    return {
        "priority": priority(rule),
        **conditions.found(rule.get("Conditions") or []),
        "transforms": _transforms(rule),
        "authenticate": authentication.found(rule.get("Actions") or []),
        "action": of_rule(rule.get("Actions") or []),
        "target_group_arn": forwards_to(rule),
        "target_group_arns": sorted(weights(rule)),
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


def weights(rule: Data) -> dict[str, int]:
    """Return the weight of each target group that a rule forwards to, by ARN; none if it does something else."""
    actions = authentication.without_login(rule.get("Actions") or [])
    if len(actions) != 1 or actions[0]["Type"] != "forward":
        return {}
    groups = (actions[0].get("ForwardConfig") or {}).get("TargetGroups") or []
    found = {group["TargetGroupArn"]: int(group.get("Weight", 1)) for group in groups}
    return found or {arn: 1 for arn in [actions[0].get("TargetGroupArn")] if arn}


def priority(rule: Data) -> int | None:
    """Return the priority of a rule, None for the default rule."""
    return int(rule["Priority"]) if str(rule.get("Priority", "default")).isdigit() else None


def forwards_to(rule: Data) -> str:
    """Return the ARN of the only target group that a rule forwards to, else a description of its actions."""
    actions = authentication.without_login(rule.get("Actions") or [])
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
    """Return the rule with the I(arn), else with the Name, else the one without a Name that forwards to the group.

    With I(taken_over) the last may have any Name, as it was created outside this collection.
    """
    own = [rule for rule in rules if priority(rule) is not None]
    by_arn = [rule for rule in own if rule["RuleArn"] == arn]
    by_name = [rule for rule in own if tags.get(rule["RuleArn"], {}).get("Name") == name]
    free = [rule for rule in own if taken_over or not tags.get(rule["RuleArn"], {}).get("Name")]
    by_group = [rule for rule in free if group_arn and forwards_to(rule) == group_arn]
    return next(iter(by_arn or by_name or by_group), None)


def next_priority(taken: t.Iterable[int], last: bool = False) -> int:
    """Return the priority after the others, except those at the very end; with I(last) the last free one."""
    used = set(taken)
    free = next(number for number in range(HIGHEST_PRIORITY, 0, -1) if number not in used)
    return free if last else max((number for number in used if number < free), default=0) + 1


def matches_all(rule: Data) -> bool:
    """Return whether a rule matches every request, so that rules after it get none."""
    narrowed = any(rule.get(option) for option in conditions.OPTIONS if option != "paths")
    return not narrowed and not {"*", "/*"}.isdisjoint(rule["paths"])


def owner(rules: t.Iterable[Data], tags: t.Mapping[str, Data], wanted: int, but: str | None = None) -> str | None:
    """Return a description of the rule with the priority I(wanted), None if there is none or its ARN is I(but)."""
    for rule in rules:
        if priority(rule) == wanted and rule["RuleArn"] != but:
            values = rule_values(rule, {})
            what = conditions.in_words(values)
            name = tags.get(rule["RuleArn"], {}).get("Name")
            return f"{f'rule {name}' if name else 'rule ' + rule['RuleArn']} ({what})"
    return None


def actions(group_arn: str, alternate_arn: str | None = None) -> list[Values]:
    """Return the actions for CreateRule and ModifyRule: forward to a target group, with weight 0 to an alternate."""
    if not alternate_arn:
        return [{"Type": "forward", "TargetGroupArn": group_arn}]
    groups = [{"TargetGroupArn": group_arn, "Weight": 100}, {"TargetGroupArn": alternate_arn, "Weight": 0}]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]


def rule_fields(wanted: Data, found: Data) -> list[Field]:
    """Return C({path, before, after}) of each difference, except tags; without a wanted priority it stays."""
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
        # ECS sets the weights of the pair
        pair = (wanted["target_group_arn"], wanted["alternate_target_group_arn"])
        after["target_group_arns"] = sorted(pair)
    else:
        after["target_group_arn"] = wanted["target_group_arn"]
    return [
        {"path": path, "before": found[path], "after": value} for path, value in after.items() if found[path] != value
    ]


def certificate_fields(wanted: t.Iterable[str] | None, has: t.Iterable[str] | None) -> list[Field]:
    """Return the difference of a listener's certificates besides the default one; none if they are not wanted."""
    after, before = sorted(set(wanted or [])), sorted(set(has or []))
    return (
        [{"path": "certificates", "before": before, "after": after}] if wanted is not None and after != before else []
    )


def tag_fields(wanted: Data | None, found: Data, purge: bool) -> list[Field]:
    """Return the tags to set, and with I(purge) those to remove, except AWS's own."""
    to_set, gone = tag_changes(dict(found), wanted, purge)
    return [{"path": f"tags.{key}", "before": found.get(key), "after": to_set.get(key)} for key in (*to_set, *gone)]


def diff(fields: t.Iterable[Field]) -> Values:
    """Return the fields in the form of C(--diff)."""
    listed = list(fields)
    return {side: {field["path"]: field[side] for field in listed} for side in ("before", "after")}
