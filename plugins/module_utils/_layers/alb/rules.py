# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The load balancer's own listener rules, redirects and fixed responses, beside those of services.  Plain dicts."""

from __future__ import annotations

import collections
import re
import typing as t

from ..._plan.model import Resource
from ..._resources.elbv2 import actions, conditions, precedence
from ..._resources.elbv2.decide import HIGHEST_PRIORITY, priority, rule_values

Data = t.Mapping[str, t.Any]

REDIRECT = {
    "protocol": "#{protocol}",
    "port": "#{port}",
    "host": "#{host}",
    "path": "/#{path}",
    "query": "#{query}",
    "status_code": "HTTP_301",
}
FIXED_RESPONSE = {"content_type": "text/plain", "message_body": ""}
# API_FixedResponseActionConfig of Elastic Load Balancing
BODY = 1024
# The form of each part of a redirect: API_RedirectActionConfig of Elastic Load Balancing
_KEYWORD = r"#\{(?:protocol|host|port|path|query)\}"
_FORMS = {
    "host": (re.compile(rf"(?=.{{1,128}}$)(?:[A-Za-z0-9.-]|{_KEYWORD})+"), "a host, as in your.company.com"),
    "path": (re.compile(rf"(?=.{{1,128}}$)/(?:[!-\"$-~]|{_KEYWORD})*"), "a path, as in /shop or /shop/#{path}"),
    "query": (
        re.compile(rf"(?=.{{0,128}}$)(?!\?)(?:[!-\"$-~]|{_KEYWORD})*"),
        "a query without its ?, as in a=1&#{query}",
    ),
    "port": (
        re.compile(r"#\{port\}|[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]"),
        "a port, 1 to 65535 or #{port}",
    ),
}
_CODE = re.compile(r"[245]\d\d")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SENT = ("listener", "priority", *conditions.OPTIONS, "other_conditions", "transforms", "action", "tags")


def desired(rules: t.Sequence[Data], balancer: str, port: int, tags: Data) -> list[Resource]:
    """Return the desired rules, on the services' listener."""
    return [
        {
            "type": "listener_rule",
            "name": full_name(balancer, rule["name"]),
            "values": {
                "listener": f"{balancer}:{port}",
                "priority": int(rule["priority"]),
                **conditions.canonical(rule),
                "other_conditions": [],
                "transforms": [],
                "action": actions.wanted(_complete(rule)),
                "tags": {**tags, "Name": full_name(balancer, rule["name"])},
            },
        }
        for rule in rules
    ]


def full_name(balancer: str, name: str) -> str:
    """Return the tag Name of a rule: no service's name has a slash."""
    return f"{balancer}/{name}"


def _complete(rule: Data) -> dict[str, t.Any]:
    defaults = {"redirect": REDIRECT, "fixed_response": FIXED_RESPONSE}
    return {key: {**ours, **_given(rule[key])} for key, ours in defaults.items() if rule.get(key)}


def _given(options: Data) -> dict[str, t.Any]:
    return {key: value for key, value in options.items() if value is not None}


def found(listeners: t.Sequence[Data], balancer: str) -> list[Resource]:
    """Return the load balancer's own rules, which their tag Name identifies.

    :param listeners: those of users with their C(Rules), each with its C(Tags); the services' listener is the last. The
        port of any other is part of the rule's name, so that the plan removes the rule.
    """
    result: list[Resource] = []
    for place, listener in enumerate(reversed(listeners)):
        for rule in listener.get("Rules") or []:
            name = str(rule["Tags"].get("Name", ""))
            if name.startswith(f"{balancer}/") and priority(rule) is not None:
                values = {**rule_values(rule, rule["Tags"]), "listener": f"{balancer}:{listener['Port']}"}
                result.append(
                    {
                        "type": "listener_rule",
                        "name": name if place == 0 else f"{name} ({listener['Port']})",
                        "id": rule["RuleArn"],
                        "values": {key: values[key] for key in _SENT} | {"listener_arn": listener["ListenerArn"]},
                    }
                )
    return result


def taken(wanted: t.Sequence[Resource], listeners: t.Sequence[Data], balancer: str) -> list[str]:
    """Return an error for each priority that another rule of the listener has."""
    others = {
        priority(rule): str(rule["Tags"].get("Name") or rule["RuleArn"])
        for listener in listeners[-1:]
        for rule in listener.get("Rules") or []
        if not str(rule["Tags"].get("Name", "")).startswith(f"{balancer}/")
    }
    return [
        f"alb_rules {one['name'].rpartition('/')[2]}: priority {one['values']['priority']} is taken by rule"
        f" {others[one['values']['priority']]}: a listener has each once. Give another."
        for one in wanted
        if one["type"] == "listener_rule" and one["values"]["priority"] in others
    ]


def problems(rules: t.Sequence[Data]) -> list[str]:
    """Return the errors in the rules of the inputs."""
    result = [f"alb_rules {rule['name']}: {sentence}" for rule in rules for sentence in _problems(rule)]
    for key in ("name", "priority"):
        counted = collections.Counter(rule[key] for rule in rules)
        result += [
            f"alb_rules has {key} {value} {times} times. Give each rule its own."
            for value, times in counted.items()
            if times > 1
        ]
    return result


def _problems(rule: Data) -> t.Iterator[str]:
    if not _NAME.fullmatch(rule["name"]):
        yield "its name has to be lower-case letters, digits and single inner hyphens. Change name."
    if not 1 <= int(rule["priority"]) <= HIGHEST_PRIORITY:
        yield f"priority {rule['priority']} is out of range: 1 to {HIGHEST_PRIORITY}, the lowest first. Change it."
    if bool(rule.get("redirect")) == bool(rule.get("fixed_response")):
        yield "it needs redirect or fixed_response, and not both. Set one."
    yield from conditions.problems(rule)
    yield from conditions.pattern_problems(rule)
    answer = rule.get("fixed_response") or {}
    code = str(answer.get("status_code", "200"))
    if not _CODE.fullmatch(code):
        yield f"fixed_response.status_code {code} is not a code that AWS answers with: 2XX, 4XX or 5XX. Change it."
    if len(str(answer.get("message_body") or "")) > BODY:
        yield f"fixed_response.message_body has {len(answer['message_body'])} characters: at most {BODY}. Shorten it."
    if redirect := rule.get("redirect"):
        yield from _redirect(rule, _given(redirect))


def _redirect(rule: Data, given: Data) -> t.Iterator[str]:
    wrong = False
    for key, (form, says) in _FORMS.items():
        if key in given and not form.fullmatch(given[key]):
            wrong = True
            yield f"redirect.{key} '{given[key]}' is not {says}. Change it."
    if not set(given) - {"status_code"}:
        yield "redirect leads to where it comes from, for ever. Set host, path, protocol, port or query."
    elif not wrong and not set(given) & {"protocol", "port", "query"} and _takes_again(rule, given):
        yield "redirect leads to what this rule takes again, for ever. Set another host or path."


def _takes_again(rule: Data, given: Data) -> bool:
    """Whether the rule is certain to match the request that it redirects to."""
    host, path = (_plain(given.get(key), same) for key, same in (("host", "#{host}"), ("path", "/#{path}")))
    if "#{" in host + path or any(rule.get(word) for word in ("methods", "headers", "query")):
        return False
    # unchanged parts of the request match
    asked = {"hosts": (rule.get("hosts") or []) if host else [], "paths": (rule.get("paths") or []) if path else []}
    return precedence.takes(asked, host, path or "/")


def _plain(value: str | None, same: str) -> str:
    return "" if value in (None, same) else str(value)
