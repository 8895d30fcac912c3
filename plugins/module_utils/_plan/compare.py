# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare the current resources with the desired ones.

Resources refer to each other by name, so that a plan can be made before the first of them exists.
"""

from __future__ import annotations

import typing as t

from .._aws.changes import as_text
from .model import HIDDEN, Action, Change, ChangeSummary, Field, Resource, key_of


class Gone(str):
    """A string that equals no other string: a user's value may have the same text."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Gone)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, Gone)

    __hash__ = str.__hash__


GONE = Gone("(none)")
"""Marks a key of a desired map that will be removed; plain text in the changes of a plan."""


def changes(desired: t.Sequence[Resource], found: t.Sequence[Resource]) -> list[Change]:
    """Return the changes that turn I(found) into I(desired): adds and changes in desired order, then removals.

    Raises ValueError if two desired resources have the same type and name.
    """
    desired = [_with_tags_as_text(resource) for resource in desired]
    left: dict[tuple[str, str], list[Resource]] = {}
    for resource in found:
        left.setdefault(key_of(resource), []).append(resource)
    seen: set[tuple[str, str]] = set()
    result: list[Change] = []
    for resource in desired:
        key = key_of(resource)
        if key in seen:
            raise ValueError(
                f"Two desired resources are a {key[0]} named {key[1]}: names are unique by type. Rename one of them."
            )
        seen.add(key)
        same = left.get(key)
        if not same:
            result.append(_change("add", resource, None, []))
            continue
        match = same.pop(0)
        fields = differences(match.get("values") or {}, resource.get("values") or {})
        if fields:
            result.append(_change("change", resource, match, fields))
    for resources in left.values():
        result.extend(
            _change("remove", resource, resource, []) for resource in resources if not resource.get("foreign")
        )
    return result


def differences(before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any], path: str = "") -> list[Field]:
    """Return the fields of I(after) whose values differ from I(before); null means not given."""
    result: list[Field] = []
    for key, wanted in after.items():
        if wanted is None:
            continue
        here = f"{path}.{key}" if path else str(key)
        has = before.get(key)
        if isinstance(wanted, t.Mapping) and isinstance(has, t.Mapping) and wanted:
            result.extend(differences(has, wanted, here))
        elif has != wanted:
            result.append({"path": here, "before": has, "after": wanted})
    return result


def with_removals(wanted: t.Any, has: t.Any) -> t.Any:
    """Return I(wanted) with C(GONE) for each key that only I(has), as a comparison ignores keys that are not given."""
    if not isinstance(wanted, t.Mapping) or not isinstance(has, t.Mapping):
        return wanted
    gone = {key: GONE for key in has if key not in wanted}
    return {**{key: with_removals(value, has.get(key)) for key, value in wanted.items()}, **gone}


def expected(desired: t.Sequence[Resource], found: t.Sequence[Resource]) -> list[Resource]:
    """Return the resources expected after the changes; C(id) is null for those that do not exist yet."""
    # of two with the same name the first, as in a comparison
    there = {key_of(resource): resource for resource in reversed(found)}
    return [
        {
            **there.get(key_of(resource), {"id": None}),
            **resource,
            "values": _merged(there.get(key_of(resource), {}).get("values") or {}, resource["values"]),
        }
        for resource in desired
    ]


def immutable_changes(plan: t.Iterable[Change], desired: t.Iterable[Resource]) -> list[str]:
    """Return one message for each change of an immutable field, as listed in C(fixed) of the desired resource."""
    wanted = {key_of(resource): resource for resource in desired}
    return [
        f"{change['type']} {change['name']}: AWS can't change {field['path']}"
        f" from {field['before']} to {field['after']}."
        f" {_next_step(wanted[key_of(change)], field)}."
        for change in plan
        for field in change["fields"]
        if _below(field["path"], wanted[key_of(change)].get("fixed") or [])
    ]


def _next_step(resource: Resource, field: Field) -> str:
    other = resource.get("alternative") or f"remove the {resource['type']} first"
    return (resource.get("next_steps") or {}).get(field["path"]) or f"Put {field['before']} back, or {other}"


def is_touched(resource: Resource, plan: t.Iterable[Change]) -> bool:
    """Return whether I(plan) adds or changes a desired resource."""
    return any(key_of(change) == key_of(resource) for change in plan)


def hide(fields: t.Sequence[Field], sensitive: t.Sequence[str]) -> list[Field]:
    """Return I(fields) with the values masked that are below, or contain, a path in I(sensitive).

    What is added or removed is still seen to be.
    """

    def masked(value: t.Any, path: str) -> t.Any:
        if value is None or value == GONE:
            return value
        return _masked(value, sensitive, path) if isinstance(value, t.Mapping) else HIDDEN

    return [
        {**field, "before": masked(field["before"], field["path"]), "after": masked(field["after"], field["path"])}
        if _touches(field["path"], sensitive)
        else field
        for field in fields
    ]


def count(plan: t.Iterable[ChangeSummary]) -> dict[str, int]:
    """Return the number of changes by action."""
    counts = {"add": 0, "change": 0, "remove": 0}
    for change in plan:
        counts[change["action"]] += 1
    return counts


def _with_tags_as_text(resource: Resource) -> Resource:
    """Return I(resource) with the values of its tags as text, as AWS stores them."""
    values = resource.get("values") or {}
    if not isinstance(values.get("tags"), t.Mapping):
        return resource
    return {**resource, "values": {**values, "tags": as_text(values["tags"])}}


def _below(path: str, prefixes: t.Sequence[str]) -> bool:
    return any(path == prefix or path.startswith(prefix + ".") for prefix in prefixes)


def _merged(before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return I(before) merged with I(after); as in a comparison, null means not given and other keys stay."""
    result = dict(before)
    for key, wanted in after.items():
        has = before.get(key)
        if wanted == GONE:
            result.pop(key, None)
        elif isinstance(wanted, t.Mapping) and isinstance(has, t.Mapping) and wanted:
            result[key] = _merged(has, wanted)
        elif wanted is not None or key not in before:
            result[key] = wanted
    return result


def _touches(path: str, prefixes: t.Sequence[str]) -> bool:
    return _below(path, prefixes) or any(_below(prefix, [path]) for prefix in prefixes)


def _masked(values: t.Mapping[str, t.Any], sensitive: t.Sequence[str], path: str = "") -> dict[str, t.Any]:
    """Return I(values) with the values below the I(sensitive) paths masked; the keys stay."""
    result: dict[str, t.Any] = {}
    for key, value in values.items():
        here = f"{path}.{key}" if path else str(key)
        if isinstance(value, t.Mapping):
            result[key] = _masked(value, sensitive, here)
        else:
            result[key] = HIDDEN if value is not None and _below(here, sensitive) else _plain(value)
    return result


def _plain(value: t.Any) -> t.Any:
    """Return C(GONE) as plain text, which Ansible can serialize, and any other value unchanged."""
    return str(value) if value == GONE else value


def _change(action: Action, resource: Resource, match: Resource | None, fields: list[Field]) -> Change:
    sensitive = resource.get("sensitive") or []
    return {
        "action": action,
        "type": resource["type"],
        "name": resource["name"],
        "id": match.get("id") if match else None,
        "fields": [{**field, "after": _plain(field["after"])} for field in hide(fields, sensitive)],
        "values": _masked(resource.get("values") or {}, sensitive),
        "sensitive": list(sensitive),
    }
