# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the types and names of values by an argument spec, as they were read from YAML.

Ansible converts values: 1.10, 0777, 12:30 and yes become other text than was written, text becomes a list at its
commas, true becomes 1, and null vanishes.  Here a value has to be of the type in the argument spec.  Text for a number
or truth value is accepted, as C(-e name=value) has only text.
"""

from __future__ import annotations

import collections
import datetime
import difflib
import json
import re
import shlex
import typing as t

from ansible.module_utils.common.validation import check_type_bool, check_type_float, check_type_int
from ansible.module_utils.parsing.convert_bool import boolean

from ..._aws.printable import SECRET_NAME

Option = t.Mapping[str, t.Any]
Sentences = t.Iterator[str]

TEXTS = frozenset(("build_args", "environment", "provenance_args", "tags"))
"""Dictionaries whose values are text: environment variables, build arguments, tags."""
WORDS = frozenset(("command", "entry_point"))
"""Lists of the words of a command."""
KINDS = {
    "bool": "true or false",
    "dict": "a dictionary",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "path": "text",
    "str": "text",
}
NUMBERS: t.Mapping[str, t.Callable[[t.Any], t.Any]] = {"int": check_type_int, "float": check_type_float}
LEAST = {"_wait_timeout": 1, "_keep_images": 0}
"""The minimum of a role's input, by the end of its name."""
NEEDED: t.Mapping[str, tuple[str, ...]] = {
    "autoscaling": ("cpu",),
    "fargate_services": ("name", "image"),
    "fargate_service_services": ("name", "image"),
    "schedules": ("cron", "min", "max"),
}
"""Options for the example of a dictionary whose spec requires none, as one of several has to be given."""
NEAR = 0.7
OF_OTHERS = {
    "container_port": "port",
    "count": "desired_count",
    "env": "environment",
    "host": "rule.hosts",
    "hosts": "rule.hosts",
    "mem_limit": "memory",
    "path": "rule.paths",
    "paths": "rule.paths",
    "ports": "port",
    "replicas": "desired_count",
    "scale": "desired_count",
}
"""Names in compose files, Kubernetes and Terraform for options of a service or of its rule."""


class Origin(t.NamedTuple):
    """The origin of values: the names of all variables, and of the extra vars."""

    variables: t.Container[str] = ()
    extra: t.Container[str] = ()


UNKNOWN = Origin()


def problems(
    values: t.Mapping[t.Any, t.Any],
    options: t.Mapping[str, Option],
    at: str = "",
    *,
    known: bool = False,
    origin: Origin = UNKNOWN,
) -> Sentences:
    """Yield an error for each of I(values) that is not of its option's type; with I(known), also for unknown names."""
    yield from (_unknown(name, options, at) for name in values if known and name not in options)
    for name, option in options.items():
        if name in values:
            yield from _value(f"{at}{name}", values[name], option, origin)


def inputs(values: t.Mapping[str, t.Any], options: t.Mapping[str, Option], origin: Origin) -> Sentences:
    """Yield an error for each of a role's I(values) that is not of its option's type, or that is null.

    Ansible does not replace null by the default, but rejects it for most types, in Python's terms.
    """
    for name, value in values.items():
        kind = options[name].get("type", "str")
        if value is None and kind != "raw":
            default = options[name].get("default")
            none = f" write {json.dumps(default)} for none," if default in ("", [], {}) else ""
            yield f"{name} is null, and has to be {KINDS[kind]}. Set it,{none} or leave it out for its default."
        least = next((number for end, number in LEAST.items() if name.endswith(end)), None)
        if least is not None and isinstance(value, int) and value < least:
            yield f"{name} {value} is out of range: {least} or more. Change it."
    yield from problems(values, options, origin=origin)


def _unknown(name: t.Any, options: t.Iterable[str], at: str) -> str:
    word = OF_OTHERS.get(str(name), "")
    known = word.partition(".")[0] in options
    near = [word] if known else difflib.get_close_matches(str(name), sorted(options), n=2, cutoff=NEAR)
    meant = f"Did you mean {' or '.join(near)}?" if near else f"Options are {', '.join(sorted(options))}."
    return f"unknown option {at}{name}. {meant}"


def _value(path: str, value: t.Any, option: Option, origin: Origin) -> Sentences:
    kind = option.get("type", "str")
    if value is None:
        if option.get("required"):
            yield f"{path} is null, and has to be {KINDS[kind]}. Give it a value."
    elif kind == "list":
        yield from _list(path, value, option, origin)
    elif kind == "dict":
        yield from _dictionary(path, value, option, origin)
    elif kind in ("str", "path"):
        yield from _text(path, value, option)
    elif kind in NUMBERS:
        if isinstance(value, bool) or not _converts(NUMBERS[kind], value):
            yield f"{path} {_read(value)}, and has to be {KINDS[kind]}. Change {path}."
    elif kind == "bool" and not _converts(check_type_bool, value):
        yield f"{path} {_read(value)}, and has to be true or false. Change {path}."


def converted(value: t.Any, option: Option) -> t.Any:
    """Return text for a number or a truth value as its option's type has it, and any other value as it is."""
    kind = option.get("type", "str")
    if kind == "bool":
        return boolean(value, strict=False)
    return NUMBERS[kind](value) if kind in NUMBERS and _converts(NUMBERS[kind], value) else value


def _converts(check: t.Callable[[t.Any], t.Any], value: t.Any) -> bool:
    try:
        check(value)
    except (TypeError, ValueError, OverflowError):  # of an endless number
        return False
    return True


def _text(path: str, value: t.Any, option: Option) -> Sentences:
    # the text of a date is as it was written
    if isinstance(value, str) or _is_date(value):
        return
    name = path.rpartition(".")[2]
    hidden = bool(SECRET_NAME.search(name))
    words = f"{path} {_read(value, hidden)}, and has to be text."
    if isinstance(value, (t.Mapping, list, tuple)):
        yield f"{words} Write it as text, or end its expression in | to_json."
        return
    if option.get("choices"):
        yield f"{words} Write one of {', '.join(map(str, option['choices']))}, in quotes."
        return
    quoted = f'"{"…" if hidden else _scalar(value)}"'
    shown = quoted if name.endswith("]") else f"{name}: {quoted}"
    yield f"{words} Put what you mean in quotes, as in {shown}; end an expression in | string."


def _is_date(value: t.Any) -> bool:
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _list(path: str, value: t.Any, option: Option, origin: Origin) -> Sentences:
    if isinstance(value, (list, tuple)):
        element = {**option, "type": option.get("elements", "raw"), "required": True}
        for number, one in enumerate(value):
            yield from _value(f"{path}[{number}]", one, element, origin)
        return
    if isinstance(value, t.Mapping):
        yield f"{path} is a dictionary, and has to be a list. Begin each entry with a hyphen."
        return
    of_text = option.get("elements") == "str"
    # other text may contain a secret
    shown = f"is the text '{value}'" if isinstance(value, str) and of_text else _read(value, hidden=True)
    numbers = re.findall(r"\d+", str(value)) if option.get("elements") == "int" else []
    others = list(map(int, numbers)) if numbers else [_entry(option, _called(path))]
    example = _listed(path, value) if of_text else others
    yield f"{path} {shown}, and has to be a list. {_given_as(path, example, origin)}"


def _dictionary(path: str, value: t.Any, option: Option, origin: Origin) -> Sentences:
    options = option.get("options")
    if not isinstance(value, t.Mapping):
        yield _no_dictionary(path, value, option, origin)
    elif options:
        yield from problems(value, options, f"{path}.", known=True, origin=origin)
    elif any(f"_{path.rpartition('.')[2]}".endswith(f"_{name}") for name in TEXTS):
        for key, one in value.items():
            yield from _key(path, key)
            yield from _value(f"{path}.{key}", one, {"type": "str", "required": True}, origin)
    else:
        yield from _document(path, value)


def _no_dictionary(path: str, value: t.Any, option: Option, origin: Origin) -> str:
    words = f"{path} {_read(value, hidden=True)}, and has to be a dictionary."
    if isinstance(value, str) and path.endswith("]") and value in origin.variables:
        return f'{words} For the variable {value} write "{{{{ {value} }}}}", with the quotes.'
    entry = _entry(option, _called(path))
    if value is False:
        return f"{words} Leave it out, or write {json.dumps(entry)}."
    return f"{words} {_given_as(path, entry, origin)}"


def _called(path: str) -> str:
    """Return the name of the option at a path, or of the list that has the entry."""
    return re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]


def _document(path: str, value: t.Any) -> Sentences:
    """Yield an error for each value that JSON can't represent."""
    if isinstance(value, t.Mapping):
        for key, one in value.items():
            yield from _key(path, key)
            yield from _document(f"{path}.{key}", one)
    elif isinstance(value, (list, tuple)):
        for number, one in enumerate(value):
            yield from _document(f"{path}[{number}]", one)
    elif isinstance(value, datetime.datetime):
        yield from _text(path, value, {})


def _key(path: str, key: t.Any) -> Sentences:
    if not isinstance(key, str):
        yield f"{path} has a name that {_read(key)}, and has to be text. Quote the name."


def _entry(option: Option, called: str = "") -> dict[str, t.Any]:
    """Return an example of a dictionary with just the required options; I(called) is its name (C(NEEDED))."""
    options = option.get("options") or {key: {} for key in NEEDED.get(called, ("KEY",))}
    also = [name for name in NEEDED.get(called, ()) if name in options]
    names = [name for name, one in options.items() if one.get("required")] + also or list(options)[:1]
    return {name: _example(options[name]) for name in names}


def _example(option: Option) -> t.Any:
    kind = option.get("type")
    if kind == "dict":
        return _entry(option)
    if kind == "list":
        return [_entry(option) if option.get("elements") == "dict" else "VALUE"]
    return "VALUE"


def _listed(path: str, value: t.Any) -> list[t.Any]:
    if not isinstance(value, str):
        return [str(value)]
    try:
        known = json.loads(value)
    except ValueError:
        known = None
    if isinstance(known, list):
        return known
    if path.endswith("container_health_check.command"):
        return ["CMD-SHELL", value]
    if path.rpartition(".")[2] in WORDS:
        return _words(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote without its other
        return text.split()


def _given_as(path: str, example: t.Any, origin: Origin) -> str:
    if path in origin.extra:
        return f"Give it as -e '{json.dumps({path: example}, ensure_ascii=False)}'."
    name = path.rpartition(".")[2]
    shown = json.dumps(example, ensure_ascii=False)
    return f"Write it as {shown if name.endswith(']') else f'{name}: {shown}'}."


def _read(value: t.Any, hidden: bool = False) -> str:
    """Return how YAML read a value; with I(hidden), without the value."""
    if value is None:
        return "is null"
    if isinstance(value, str):
        return "is text" if hidden else f"is the text '{value}'"
    if isinstance(value, bool):
        return f"is read as {_scalar(value)}"
    if isinstance(value, (int, float)):
        return "is read as a number" if hidden else f"is read as the number {value}"
    if isinstance(value, datetime.date):
        return f"is read as the time {value}"
    if isinstance(value, t.Mapping):
        return "is a dictionary"
    return "is a list" if isinstance(value, (list, tuple)) else f"is of type {type(value).__name__}"


def _scalar(value: t.Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.isoformat()  # as YAML and AWS write it
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)


def twice(variable: str, values: t.Sequence[str]) -> list[str]:
    """Return an error for each of the I(values) of I(variable) that is there more than once."""
    return [
        f"{variable} has '{value}' {times} times. Take the others out."
        for value, times in collections.Counter(values).items()
        if times > 1
    ]


def beside_kept(role: str, inputs: t.Mapping[str, t.Any], made: str, named: str) -> list[str]:
    """Return an error for each input of what the role would create that is set beside an existing resource.

    I(inputs) have C(defaults), those of what the role creates. A value that is the default counts as not set.
    """
    return [
        f"{role}_{key} configures a new {made}, and {named} is an existing one, which is not changed."
        f" Take one of them out, or leave {role}_{key} at its default, {json.dumps(default)}."
        for key, default in inputs.get("defaults", {}).items()
        if inputs[key] != default
    ]
