# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Actions of a listener: C({type, …}) in snake case, as plans show and compare them."""

from __future__ import annotations

import re
import typing as t

Raw = t.Mapping[str, t.Any]
Action = dict[str, t.Any]

OPTIONS = {"redirect": "redirect", "fixed-response": "fixed_response"}
"""The option that asks for each."""
CONFIGS = {"redirect": "RedirectConfig", "fixed-response": "FixedResponseConfig"}
FIELDS = {
    "RedirectConfig": ("Protocol", "Port", "Host", "Path", "Query", "StatusCode"),
    "FixedResponseConfig": ("StatusCode", "ContentType", "MessageBody"),
}
EMPTY: t.Mapping[str, Action] = {"redirect": {"query": ""}}
"""What of each may be empty, and is not its default: a redirect that drops the query."""


def shown(actions: t.Iterable[Raw], names: t.Mapping[str, str]) -> list[Action]:
    """Return actions as AWS describes them in the words of a plan; I(names) tells names by id."""
    return [_shown(action, names) for action in sorted(actions, key=lambda action: int(action.get("Order", 1)))]


def _shown(action: Raw, names: t.Mapping[str, str]) -> Action:
    kind = action["Type"]
    if kind in CONFIGS:
        config = action.get(CONFIGS[kind]) or {}
        fields = {_snake(key): config[key] for key in FIELDS[CONFIGS[kind]] if config.get(key)}
        return {"type": kind, **EMPTY.get(kind, {}), **fields}
    if "TargetGroupArn" in action:
        return {"type": kind, "target_group": names.get(action["TargetGroupArn"], action["TargetGroupArn"])}
    return {"type": kind}


def wanted(options: Raw) -> Action | None:
    """Return the one action other than forward, of options C(redirect) and C(fixed_response); None for a forward."""
    for kind, option in OPTIONS.items():
        if given := options.get(option):
            fields = {key: str(value) for key, value in given.items() if value not in (None, "")}
            return {"type": kind, **EMPTY.get(kind, {}), **fields}
    return None


def request(action: Raw) -> dict[str, t.Any]:
    """Return such an action for CreateRule and ModifyRule."""
    config = CONFIGS[action["type"]]
    empty = EMPTY.get(action["type"], {})
    named = {key: _snake(key) for key in FIELDS[config]}
    fields = {
        key: action[name] for key, name in named.items() if action.get(name) or name in empty.keys() & action.keys()
    }
    return {"Type": action["type"], config: fields}


def of_rule(actions: t.Sequence[Raw]) -> Action | None:
    """Return the one action of a rule, if it is a redirect or a fixed response."""
    return _shown(actions[0], {}) if len(actions) == 1 and actions[0]["Type"] in CONFIGS else None


def arguments(actions: t.Iterable[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return redirects and fixed responses of a plan as M(amazon.aws.elb_application_lb) compares them: every field."""
    result = []
    for order, action in enumerate(actions, start=1):
        config = CONFIGS[action["type"]]
        fields = {key: action[_snake(key)] for key in FIELDS[config]}
        result.append({"Type": action["type"], "Order": order, config: fields})
    return result


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
