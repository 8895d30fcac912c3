# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creates, updates or deletes a listener rule."""

from __future__ import annotations

import typing as t

from ..._aws.changes import as_text
from ..._aws.refused import RefusedError
from ..._plan.model import Field
from ..secrets import api as secrets
from . import actions, api, authentication, conditions, decide

Values = dict[str, t.Any]
Client = t.Callable[..., t.Any]


def ensure_present(client_of: Client, params: Values, check: bool) -> Values:
    """Create or update the rule unless I(check), and return the module's result.

    I(client_of) returns a client for the name of a service.  Raises RefusedError if a condition or the authentication
    is not valid, another rule has the priority, or the client secret does not exist.
    """
    client = client_of("elbv2")
    option = params["authenticate"]
    source = authentication.secret_source(option)
    problems = [*conditions.problems(params), *authentication.problems(option)]
    params = {**params, "action": actions.wanted(params), "authenticate": authentication.canonical(option)}
    if problems:
        raise RefusedError(f"Rule {params['name']}: {' '.join(problems)}")
    rules, tags = _all(client, params["listener_arn"])
    rule = decide.pick_rule(rules, tags, params["name"], params["target_group_arn"], params["rule_arn"])
    kept = {authentication.SECRET_TAG: source} if source else {}
    wanted = {**params, "tags": {**as_text(params["tags"]), "Name": params["name"], **kept}}
    _refuse_taken(params, rules, tags, rule)
    if rule is None:
        taken = [number for number in map(decide.priority, rules) if number is not None]
        number = wanted["priority"] or decide.next_priority(taken, decide.matches_all(wanted))
        return _create(client, {**wanted, "priority": number}, check, lambda: _secret(client_of, option))
    arn = rule["RuleArn"]
    found = decide.rule_values(rule, tags.get(arn, {}))
    fields = decide.rule_fields(wanted, found)
    purge = params["tags"] is not None and params["purge_tags"]
    tag_fields = decide.tag_fields(wanted["tags"], found["tags"], purge)
    renewed = bool(kept) and any(field["path"] == f"tags.{authentication.SECRET_TAG}" for field in tag_fields)
    result = {
        "changed": bool(fields or tag_fields),
        "diff": decide.diff(fields + tag_fields),
        "rule": _shown(arn, found),
    }
    if check or not result["changed"]:
        return result
    _write(client, arn, wanted, fields, renewed, lambda: _secret(client_of, option))
    api.write_tags(client, arn, tag_fields)
    rules, tags = _all(client, params["listener_arn"])
    now = next(entry for entry in rules if entry["RuleArn"] == arn)
    return {**result, "rule": _shown(arn, decide.rule_values(now, tags.get(arn, {})))}


def _secret(client_of: Client, option: Values | None) -> str | None:
    """Return the client secret, None if there is none."""
    own = (option or {}).get("oidc") or {}
    source = own.get("client_secret_from")
    return secrets.value(client_of, source) if source else own.get("client_secret")


def ensure_absent(client_of: Client, params: Values, check: bool) -> Values:
    """Delete the rule unless I(check), and return the module's result."""
    client = client_of("elbv2")
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


def _create(client: t.Any, wanted: Values, check: bool, secret_of: t.Callable[[], str | None]) -> Values:
    shown = {key: wanted[key] for key in ("name", "priority", "tags")}
    further = ("target_group_arn", "authenticate", "action", "alternate_target_group_arn", *conditions.OPTIONS)
    shown |= {key: wanted[key] for key in further if wanted.get(key)}
    result = {"changed": True, "diff": {"before": {}, "after": shown}, "rule": None}
    if check:
        return result
    request = {
        "ListenerArn": wanted["listener_arn"],
        "Priority": wanted["priority"],
        "Conditions": conditions.request(wanted),
        "Actions": _actions(wanted, secret_of),
    }
    rule = api.create_rule(client, request, wanted["tags"])
    return {**result, "rule": _shown(rule["RuleArn"], decide.rule_values(rule, wanted["tags"]))}


def _write(
    client: t.Any,
    arn: str,
    wanted: Values,
    fields: list[Field],
    renewed: bool,
    secret_of: t.Callable[[], str | None],
) -> None:
    changed = {field["path"] for field in fields}
    acts = changed & {"target_group_arn", "target_group_arns", "authenticate", "action"} or renewed
    if changed - {"priority"} or renewed:
        # actions that are not sent stay, and with them the weights that ECS shifts
        sent = _actions(wanted, secret_of) if acts else []
        api.modify_rule(client, arn, conditions.request(wanted), sent, "transforms" in changed)
    if "priority" in changed:
        api.set_priority(client, arn, wanted["priority"])


def _actions(wanted: Values, secret_of: t.Callable[[], str | None]) -> list[Values]:
    if wanted.get("action"):
        return [actions.request(wanted["action"])]
    forward = decide.actions(wanted["target_group_arn"], wanted.get("alternate_target_group_arn"))
    if not wanted["authenticate"]:
        return forward
    return [authentication.request(wanted["authenticate"], secret_of()), *({**one, "Order": 2} for one in forward)]


def _shown(arn: str, values: Values) -> Values:
    return {"arn": arn, **values}
