# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Actions of a listener: C({type, …}) in snake case, as plans show and compare them."""

from __future__ import annotations

import re
import typing as t

Raw = t.Mapping[str, t.Any]
Action = dict[str, t.Any]

CONFIGS = {"redirect": "RedirectConfig", "fixed-response": "FixedResponseConfig"}
FIELDS = {
    "RedirectConfig": ("Protocol", "Port", "Host", "Path", "Query", "StatusCode"),
    "FixedResponseConfig": ("StatusCode", "ContentType", "MessageBody"),
}


def shown(actions: t.Iterable[Raw], names: t.Mapping[str, str]) -> list[Action]:
    """Return actions as AWS describes them in the words of a plan; I(names) tells names by id."""
    return [_shown(action, names) for action in sorted(actions, key=lambda action: int(action.get("Order", 1)))]


def _shown(action: Raw, names: t.Mapping[str, str]) -> Action:
    kind = action["Type"]
    if kind in CONFIGS:
        config = action.get(CONFIGS[kind]) or {}
        return {"type": kind, **{_snake(key): config[key] for key in FIELDS[CONFIGS[kind]] if config.get(key)}}
    if "TargetGroupArn" in action:
        return {"type": kind, "target_group": names.get(action["TargetGroupArn"], action["TargetGroupArn"])}
    return {"type": kind}


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
