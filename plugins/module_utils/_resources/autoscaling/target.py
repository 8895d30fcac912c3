# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creates, updates or deletes a scalable target with its policies and scheduled actions."""

from __future__ import annotations

import typing as t

from ..._aws.changes import as_text
from ..elbv2.decide import diff, tag_fields
from . import api, decide, scheduled

Values = dict[str, t.Any]


def ensure_present(client: t.Any, params: Values, check: bool) -> Values:
    """Create or update target, policies and scheduled actions unless I(check), and return the module's result."""
    target = _target(params)
    found = read(client, params)
    fields = decide.target_fields(params, found["values"])
    policies = decide.policy_fields(params["policies"] or [], found["policies"], _purges(params))
    policies += scheduled.fields(_actions(params), found["scheduled_actions"], params["absent_scheduled_actions"])
    tags = tag_fields(params["tags"], found["tags"], params["purge_tags"])
    changed = not found["exists"] or bool(fields or policies or tags)
    result = {"changed": changed, "diff": diff(fields + policies + tags), "target": _shown(params, found)}
    if check or not changed:
        return result
    arn = found["arn"]
    if fields or not found["exists"] or (tags and not arn):
        first = None if found["exists"] else as_text(params["tags"]) or None
        arn = api.register(client, target, params["min_capacity"], params["max_capacity"], first) or arn
    _write_policies(client, target, params, found)
    _write_scheduled(client, target, params, found)
    if found["exists"] and arn and tags:
        api.write_tags(client, arn, {field["path"].removeprefix("tags."): field["after"] for field in tags})
    return {**result, "target": _shown(params, read(client, params))}


def ensure_absent(client: t.Any, params: Values, check: bool) -> Values:
    """Delete the scalable target with its policies unless I(check), and return the module's result."""
    found = read(client, params)
    if found["exists"] and not check:
        api.deregister(client, _target(params))
    before = _shown(params, found) if found["exists"] else {}
    return {"changed": found["exists"], "diff": {"before": before, "after": {}}, "target": None}


def read(client: t.Any, params: Values) -> Values:
    """Return whether the scalable target C(exists), with its values, policies, scheduled actions and tags."""
    target = _target(params)
    described = api.scalable_targets(
        client, target["ServiceNamespace"], [target["ResourceId"]], target["ScalableDimension"]
    )
    if not described:
        return {"exists": False, "arn": None, "values": {}, "policies": {}, "scheduled_actions": {}, "tags": {}}
    arn = described[0].get("ScalableTargetARN")
    return {
        "exists": True,
        "arn": arn,
        "values": decide.target_values(described[0]),
        "policies": {policy["PolicyName"]: decide.policy_values(policy) for policy in api.policies(client, target)},
        "scheduled_actions": _scheduled(client, target) if _manages_actions(params) else {},
        "tags": api.tags(client, arn),
    }


def _manages_actions(params: Values) -> bool:
    return params["scheduled_actions"] is not None or bool(params["absent_scheduled_actions"])


def _actions(params: Values) -> list[Values]:
    return params["scheduled_actions"] or []


def _scheduled(client: t.Any, target: dict[str, str]) -> dict[str, Values]:
    return {one["ScheduledActionName"]: scheduled.values(one) for one in api.scheduled_actions(client, target)}


def _purges(params: Values) -> bool:
    return params["policies"] is not None and bool(params["purge_policies"])


def _write_policies(client: t.Any, target: dict[str, str], params: Values, found: Values) -> None:
    put, gone = decide.policies_to_write(params["policies"] or [], found["policies"], _purges(params))
    for policy in put:
        api.put_policy(client, target, policy["name"], decide.policy_request(policy))
    for name in gone:
        api.delete_policy(client, target, name)


def _write_scheduled(client: t.Any, target: dict[str, str], params: Values, found: Values) -> None:
    fields = scheduled.fields(_actions(params), found["scheduled_actions"], params["absent_scheduled_actions"])
    changes = {field["path"].removeprefix("scheduled_actions."): field["after"] for field in fields}
    for action in _actions(params):
        if action["name"] in changes:
            api.put_scheduled_action(client, target, scheduled.request(action))
    for name in (name for name, after in changes.items() if after is None):
        api.delete_scheduled_action(client, target, name)


def _target(params: Values) -> dict[str, str]:
    return {
        "ServiceNamespace": params["service_namespace"],
        "ResourceId": params["resource_id"],
        "ScalableDimension": params["scalable_dimension"],
    }


def _shown(params: Values, found: Values) -> Values | None:
    if not found["exists"]:
        return None
    policies = [{"name": name, **values} for name, values in sorted(found["policies"].items())]
    own = {"resource_id": params["resource_id"], "arn": found["arn"]}
    actions = [{"name": name, **values} for name, values in sorted(found["scheduled_actions"].items())]
    return {**own, **found["values"], "policies": policies, "scheduled_actions": actions, "tags": found["tags"]}
