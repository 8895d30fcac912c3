# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes a listener rule so, or removes it."""

from __future__ import annotations

import typing as t

from ..._aws.changes import as_text
from ..._aws.refused import RefusedError
from ..._plan.model import Field
from . import actions, api, conditions, decide

Values = dict[str, t.Any]


def ensure_present(client: t.Any, params: Values, check: bool) -> Values:
    """Return the module's result after the rule was made so, or in check mode what it would be.

    Raises RefusedError if the conditions are none that a rule takes, or the priority is another rule's.
    """
    params = {**params, "action": actions.wanted(params)}
    if problems := conditions.problems(params):
        raise RefusedError(f"Rule {params['name']}: {' '.join(problems)}")
    rules, tags = _all(client, params["listener_arn"])
    rule = decide.pick_rule(rules, tags, params["name"], params["target_group_arn"], params["rule_arn"])
    wanted = {**params, "tags": {**as_text(params["tags"]), "Name": params["name"]}}
    _refuse_taken(params, rules, tags, rule)
    if rule is None:
        taken = [number for number in map(decide.priority, rules) if number is not None]
        number = wanted["priority"] or decide.next_priority(taken, decide.matches_all(wanted))
        return _create(client, {**wanted, "priority": number}, check)
    arn = rule["RuleArn"]
    found = decide.rule_values(rule, tags.get(arn, {}))
    fields = decide.rule_fields(wanted, found)
    tag_fields = decide.tag_fields(wanted["tags"], found["tags"], params["tags"] is not None and params["purge_tags"])
    result = {
        "changed": bool(fields or tag_fields),
        "diff": decide.diff(fields + tag_fields),
        "rule": _shown(arn, found),
    }
    if check or not result["changed"]:
        return result
    _write(client, arn, wanted, fields)
    api.write_tags(client, arn, tag_fields)
    rules, tags = _all(client, params["listener_arn"])
    now = next(entry for entry in rules if entry["RuleArn"] == arn)
    return {**result, "rule": _shown(arn, decide.rule_values(now, tags.get(arn, {})))}


def ensure_absent(client: t.Any, params: Values, check: bool) -> Values:
    """Return the module's result after the rule was deleted."""
    rules, tags = _all(client, params["listener_arn"])
    rule = decide.pick_rule(rules, tags, params["name"], params["target_group_arn"], params["rule_arn"])
    if rule is None:
        return {"changed": False, "diff": {"before": {}, "after": {}}, "rule": None}
    if not check:
        api.delete_rule(client, rule["RuleArn"])
    before = _shown(rule["RuleArn"], decide.rule_values(rule, tags.get(rule["RuleArn"], {})))
    return {"changed": True, "diff": {"before": before, "after": {}}, "rule": None}


def _all(client: t.Any, listener_arn: str) -> tuple[list[Values], dict[str, dict[str, str]]]:
    rules = api.rules(client, listener_arn)
    own = [rule["RuleArn"] for rule in rules if decide.priority(rule) is not None]
    return rules, api.tags(client, own)


def _refuse_taken(
    params: Values, rules: list[Values], tags: dict[str, dict[str, str]], rule: t.Mapping[str, t.Any] | None
) -> None:
    wanted = params["priority"]
    taken_by = decide.owner(rules, tags, wanted, rule["RuleArn"] if rule else None) if wanted else None
    if taken_by:
        raise RefusedError(
            f"Priority {wanted} for rule {params['name']} is taken by {taken_by}: a listener has each once."
            " Give another priority, or none to get the next free."
        )


def _create(client: t.Any, wanted: Values, check: bool) -> Values:
    shown = {key: wanted[key] for key in ("name", "priority", "tags")}
    further = ("target_group_arn", "action", "alternate_target_group_arn", *conditions.WORDS)
    shown |= {key: wanted[key] for key in further if wanted.get(key)}
    result = {"changed": True, "diff": {"before": {}, "after": shown}, "rule": None}
    if check:
        return result
    request = {
        "ListenerArn": wanted["listener_arn"],
        "Priority": wanted["priority"],
        "Conditions": conditions.request(wanted),
        "Actions": _actions(wanted),
    }
    rule = api.create_rule(client, request, wanted["tags"])
    return {**result, "rule": _shown(rule["RuleArn"], decide.rule_values(rule, wanted["tags"]))}


def _write(client: t.Any, arn: str, wanted: Values, fields: list[Field]) -> None:
    changed = {field["path"] for field in fields}
    forwards = changed & {"target_group_arn", "target_group_arns", "action"}
    if changed - {"priority"}:
        # actions that are not sent stay as they are, weights that ECS shifts among them
        api.modify_rule(client, arn, conditions.request(wanted), _actions(wanted) if forwards else [])
    if "priority" in changed:
        api.set_priority(client, arn, wanted["priority"])


def _actions(wanted: Values) -> list[Values]:
    if wanted.get("action"):
        return [actions.request(wanted["action"])]
    return decide.actions(wanted["target_group_arn"], wanted.get("alternate_target_group_arn"))


def _shown(arn: str, values: Values) -> Values:
    return {"arn": arn, **values}
