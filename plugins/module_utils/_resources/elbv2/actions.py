# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Actions of listeners and rules as plans show and compare them: C({type, …}) in snake case."""

from __future__ import annotations

import re
import typing as t

Raw = t.Mapping[str, t.Any]
Action = dict[str, t.Any]

OPTIONS = {"redirect": "redirect", "fixed-response": "fixed_response"}
"""The option for each type of action."""
CONFIGS = {"redirect": "RedirectConfig", "fixed-response": "FixedResponseConfig"}
FIELDS = {
    "RedirectConfig": ("Protocol", "Port", "Host", "Path", "Query", "StatusCode"),
    "FixedResponseConfig": ("StatusCode", "ContentType", "MessageBody"),
}
EMPTY: t.Mapping[str, Action] = {"redirect": {"query": ""}}
"""Fields that may be empty, which is not their default: a redirect with an empty query drops the request's."""


def shown(actions: t.Iterable[Raw], names: t.Mapping[str, str]) -> list[Action]:
    """Return described actions as a plan shows them; I(names) maps ARNs to names."""
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
    """Return the action of the options C(redirect) and C(fixed_response); None if neither is given."""
    for kind, option in OPTIONS.items():
        if given := options.get(option):
            fields = {key: str(value) for key, value in given.items() if value not in (None, "")}
            return {"type": kind, **EMPTY.get(kind, {}), **fields}
    return None


def request(action: Raw) -> dict[str, t.Any]:
    """Return a redirect or fixed response for CreateRule and ModifyRule."""
    config = CONFIGS[action["type"]]
    empty = EMPTY.get(action["type"], {})
    named = {key: _snake(key) for key in FIELDS[config]}
    fields = {
        key: action[name] for key, name in named.items() if action.get(name) or name in empty.keys() & action.keys()
    }
    return {"Type": action["type"], config: fields}


def of_rule(actions: t.Sequence[Raw]) -> Action | None:
    """Return the only action of a rule if it is a redirect or a fixed response, else None."""
    return _shown(actions[0], {}) if len(actions) == 1 and actions[0]["Type"] in CONFIGS else None


def arguments(actions: t.Iterable[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """Return redirects and fixed responses of a plan as M(amazon.aws.elb_application_lb) compares them, in full."""
    result = []
    for order, action in enumerate(actions, start=1):
        config = CONFIGS[action["type"]]
        fields = {key: action[_snake(key)] for key in FIELDS[config]}
        result.append({"Type": action["type"], "Order": order, config: fields})
    return result


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
