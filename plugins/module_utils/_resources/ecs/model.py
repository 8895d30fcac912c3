# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Convert module options to AWS requests by botocore's service model, and report the options that don't fit it.

A shape is a botocore.model.Shape.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import typing as t

with contextlib.suppress(ImportError):  # AnsibleAWSModule says what is missing
    import botocore

from ..._aws.refused import RefusedError
from .form import snake, text

_TRUE = frozenset(("true", "yes", "on"))
_FALSE = frozenset(("false", "no", "off"))
_KEYS = ("name", "key", "namespace")


def request_for(client: t.Any, operation: str, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the request of I(operation) for the options, by the installed botocore's model.

    :raises RefusedError: with one message for each problem with the options.
    """
    shape = client.meta.service_model.operation_model(operation).input_shape
    result, problems = request(shape, options, botocore.__version__)
    if problems:
        raise RefusedError("\n".join(problems))
    return result


def options_of(client: t.Any, operation: str) -> frozenset[str]:
    """Return the options of I(operation) in the installed botocore, in snake_case."""
    return frozenset(members(client.meta.service_model.operation_model(operation).input_shape))


def members(shape: t.Any) -> dict[str, str]:
    """Return the members of a structure by their option names: C(enable_ecs_managed_tags: enableECSManagedTags)."""
    return {snake(name): name for name in shape.members}


def request(shape: t.Any, options: t.Mapping[str, t.Any], version: str = "") -> tuple[dict[str, t.Any], list[str]]:
    """Return the request for I(options), and one message for each problem with them.

    Keys may be in snake_case or AWS's spelling; null means 'not given'.  A list of name and value pairs may be a map.
    Numbers and booleans may be strings and vice versa; C(ENABLED) and C(DISABLED) may be booleans.
    I(version) is botocore's, named if it does not know an option.
    """
    given = {key: value for key, value in options.items() if value is not None}
    known = members(shape)
    problems = [
        f"{key}: the installed botocore {version} doesn't know it. Install a newer one (pip install --upgrade boto3)."
        for key in given
        if key not in known
    ]
    result = _structure(shape, {key: value for key, value in given.items() if key in known}, "", problems)
    return result, problems


def _convert(shape: t.Any, value: t.Any, path: str, problems: list[str]) -> t.Any:
    convert = _CONVERTERS.get(shape.type_name)
    return convert(shape, value, path, problems) if convert else value


def _structure(shape: t.Any, value: t.Any, path: str, problems: list[str]) -> t.Any:
    if getattr(shape, "is_document_type", False):
        return value
    if not isinstance(value, t.Mapping):
        return _wrong(path, "a map", value, problems)
    known = members(shape)
    result: dict[str, t.Any] = {}
    for key, item in value.items():
        member = known.get(key) or (key if key in shape.members else None)
        here = f"{path}.{key}" if path else str(key)
        if member is None:
            problems.append(_unknown(here, str(key), list(known)))
        elif item is not None:
            result[member] = _convert(shape.members[member], item, here, problems)
    # Members that the request itself requires are options that the module's argument spec requires.
    missing = [member for member in shape.required_members if member not in result] if path else []
    problems.extend(f"{path}.{snake(member)}: is required." for member in missing)
    return result


def _list(shape: t.Any, value: t.Any, path: str, problems: list[str]) -> t.Any:
    pair = _pair(shape.member)
    if isinstance(value, t.Mapping) and pair:
        return [
            _pair_of(shape.member, dict(zip(pair, (name, item), strict=True)), f"{path}.{name}", problems)
            for name, item in value.items()
            if item is not None
        ]
    if not isinstance(value, (list, tuple)):
        return _wrong(path, "a list of pairs or a map" if pair else "a list", value, problems)
    _duplicates(shape.member, value, path, problems)
    return [
        _convert(shape.member, item, f"{path}[{index}]", problems)
        for index, item in enumerate(value)
        if item is not None
    ]


def _pair_of(shape: t.Any, parts: t.Mapping[str, t.Any], path: str, problems: list[str]) -> dict[str, t.Any]:
    return {member: _convert(shape.members[member], part, path, problems) for member, part in parts.items()}


def _map(shape: t.Any, value: t.Any, path: str, problems: list[str]) -> t.Any:
    if not isinstance(value, t.Mapping):
        return _wrong(path, "a map", value, problems)
    return {
        str(key): _convert(shape.value, item, f"{path}.{key}", problems)
        for key, item in value.items()
        if item is not None
    }


def _string(shape: t.Any, value: t.Any, path: str, problems: list[str]) -> t.Any:
    choices = list(getattr(shape, "enum", None) or [])
    if isinstance(value, (t.Mapping, list, tuple)):
        return _wrong(path, "a string", value, problems)
    if isinstance(value, bool) and {choice.lower() for choice in choices} == {"enabled", "disabled"}:
        return next(choice for choice in choices if choice.lower() == ("enabled" if value else "disabled"))
    result = text(value)
    if choices and result not in choices:
        problems.append(f"{path}: '{result}' is not one of {', '.join(choices)}{_nearest(result, choices) or '.'}")
    return result


def _integer(shape: t.Any, value: t.Any, path: str, problems: list[str]) -> t.Any:
    whole = re.fullmatch(r"-?\d+(\.0)?", str(value).strip())
    if not whole:
        return _wrong(path, "a whole number", value, problems)
    number = int(float(str(value)))
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and number < low) or (high is not None and number > high):
        problems.append(f"{path}: {number} is out of range: {low} to {high}. Change it.")
    return number


def _double(_shape: t.Any, value: t.Any, path: str, problems: list[str]) -> t.Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return _wrong(path, "a number", value, problems)


def _boolean(_shape: t.Any, value: t.Any, path: str, problems: list[str]) -> t.Any:
    word = str(value).lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    return _wrong(path, "true or false", value, problems)


_CONVERTERS: dict[str, t.Callable[[t.Any, t.Any, str, list[str]], t.Any]] = {
    "boolean": _boolean,
    "double": _double,
    "float": _double,
    "integer": _integer,
    "list": _list,
    "long": _integer,
    "map": _map,
    "string": _string,
    "structure": _structure,
}


def _pair(shape: t.Any) -> tuple[str, str] | None:
    """Return the key and value members of a structure of two strings, which may be given as a map; else None."""
    if shape.type_name != "structure" or len(shape.members) != 2:
        return None
    if any(member.type_name != "string" for member in shape.members.values()):
        return None
    key = next((name for name in _KEYS if name in shape.members), None)
    return (key, next(name for name in shape.members if name != key)) if key else None


def _duplicates(shape: t.Any, items: t.Sequence[t.Any], path: str, problems: list[str]) -> None:
    key = next((name for name in _KEYS if name in getattr(shape, "members", {})), None)
    names = [item[key] for item in items if key and isinstance(item, t.Mapping) and item.get(key) is not None]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    problems.extend(f"{path}: {key} '{name}' is there more than once." for name in twice)


def _unknown(path: str, key: str, known: list[str]) -> str:
    keys = f". The installed botocore knows {', '.join(sorted(known))}."
    return f"{path}: no such key{_nearest(key, known) or keys}"


def _nearest(word: str, choices: list[str]) -> str:
    by_lower = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(snake(word) if word not in by_lower else word, by_lower, n=1, cutoff=0.6)
    near = near or difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"; did you mean '{by_lower[near[0]]}'?" if near else ""


def _wrong(path: str, wanted: str, value: t.Any, problems: list[str]) -> None:
    kinds = {dict: "a map", list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    kind = kinds.get(type(value), f"a {type(value).__name__}")
    shown = f", {value!r}" if isinstance(value, (bool, int, float)) or wanted in _SHOWABLE else ""
    problems.append(f"{path}: has to be {wanted}, and is {kind}{shown}.")


# A value given in place of one of these is not a secret.
_SHOWABLE = frozenset(("a whole number", "a number", "true or false"))
