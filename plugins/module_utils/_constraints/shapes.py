# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check a value against the shape of the member that it is sent as.  Plain data in and out."""

from __future__ import annotations

import functools
import json
import math
import typing as t
from pathlib import Path

from .._resources.ecs.normal_fields import BY_NAME
from .documented import DOCUMENTED
from .patterns import invalid_characters, matches

Shape = dict[str, t.Any]
NUMBERS = ("integer", "number")
"""The types of a whole number and of one with a fraction in the extract."""
SHOWN = 60
"""Characters of a value in a message."""

# AWS's patterns in plain words.
_TAG_CHARACTERS = "letters, digits, spaces and _ . : / = + - @"
_WORDS = {
    r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)": _TAG_CHARACTERS,
    r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+": _TAG_CHARACTERS,
    r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*": _TAG_CHARACTERS,
    r"([\p{L}\p{Z}\p{N}_.:/=+\-@]+)": _TAG_CHARACTERS,
    r"[\w+=,.@-]+": "letters, digits and _ + = , . @ -",
    r"[\.\-_/#A-Za-z0-9]+": "letters, digits and . - _ / #",
    "[a-zA-Z0-9_-]+": "letters, digits, _ and -",
    "[a-zA-Z0-9._-]+": "letters, digits, . _ and -",
    "fs-[0-9a-f]{8,40}": "the id of a file system, such as fs-0123456789abcdef0",
    "fsap-[0-9a-f]{8,40}": "the id of an access point, such as fsap-0123456789abcdef0",
    DOCUMENTED["elbv2.CreateTargetGroup.Name"].rule["pattern"]: "a name of letters, digits and inner hyphens",
    DOCUMENTED["ec2.CreateSecurityGroup.GroupName"].rule["pattern"]: (
        "letters, digits, spaces and . _ - : / ( ) # , @ [ ] + = & ; { } ! $ *"
    ),
    r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*": (
        "a name of lower-case letters and digits, joined by single . _ / or by hyphens"
    ),
    DOCUMENTED["ecs.CreateCluster.capacityProviders"].rule["pattern"]: (
        "FARGATE, FARGATE_SPOT or a name of letters, digits, _ and - that does not begin with aws, ecs or fargate"
    ),
    DOCUMENTED["ecs.CreateService.platformVersion"].rule["pattern"]: "LATEST or a version such as 1.4.0",
    DOCUMENTED["elbv2.CreateListener.Certificates.CertificateArn"].rule["pattern"]: (
        "the ARN of a certificate, such as arn:aws:acm:REGION:ACCOUNT:certificate/ID"
    ),
}


class Problem(t.NamedTuple):
    """An invalid value: member, such as C(ecs.CreateCluster.clusterName), path in the plan, value and the rule."""

    member: str
    path: str
    value: str
    rule: str


@functools.cache
def extract() -> dict[str, t.Any]:
    """Return C(shapes.json): the C(members) that are sent, each with its shape, and the C(shapes) by service.

    The keys of a structure's C(members) are in snake_case; each value is AWS's name and the shape.
    """
    file = Path(__file__).with_name("shapes.json")
    return t.cast("dict[str, t.Any]", json.loads(file.read_text(encoding="utf-8")))


def is_known(value: t.Any) -> bool:
    """Return whether a value is sent: only null is not, as a user's value may have any text."""
    return value is not None


def problems(member: str, value: t.Any, path: str = "") -> t.Iterator[Problem]:
    """Yield the problems of I(value) if it is sent as I(member): C(service.Operation.Member.Member).

    A map may stand for a list of named structures, and a list of single values is checked one by one.  I(path) is the
    path of the value in the plan.
    """
    service, name = member.partition(".")[0], extract()["members"][member]
    one_by_one = "type" in extract()["shapes"][service][name] and isinstance(value, list)
    for one in value if one_by_one else [value]:
        yield from _within(service, member, name, one, path)


def _within(service: str, member: str, name: str, value: t.Any, path: str) -> t.Iterator[Problem]:
    if not is_known(value):
        return
    shape = extract()["shapes"][service][name]
    if "members" in shape:
        yield from _structure(service, member, shape, value, path)
    elif "list" in shape:
        yield from _list(service, member, shape, value, path)
    elif not isinstance(value, t.Mapping) if "map" in shape else isinstance(value, (t.Mapping, list)):
        yield Problem(member, path, _shown(value), f"must be {'a map' if 'map' in shape else 'a single value'}")
    elif "map" in shape:
        yield from _limits(member, path, shape, len(value))
        for key, one in value.items():
            yield from _within(service, f"{member}.(key)", shape["map"][0], str(key), f"{path}.{key}")
            yield from _within(service, f"{member}.(value)", shape["map"][1], one, f"{path}.{key}")
    else:
        yield from _scalar(member, path, shape, value)


def _structure(service: str, member: str, shape: Shape, value: t.Any, path: str) -> t.Iterator[Problem]:
    if not isinstance(value, t.Mapping):
        yield Problem(member, path, _shown(value), "must be a map")
        return
    for key, one in value.items():
        if key not in shape["members"]:
            known = _listed(sorted(shape["members"]))
            yield Problem(member, f"{path}.{key}", _shown(one), f"is unknown to AWS; it knows {known}")
            continue
        its, inner = shape["members"][key]
        yield from _within(service, f"{member}.{its}", inner, one, f"{path}.{key}")
    for key in shape.get("required", ()):
        if value.get(key) is None:
            yield Problem(member, f"{path}.{key}", "(none)", "is required")


def _list(service: str, member: str, shape: Shape, value: t.Any, path: str) -> t.Iterator[Problem]:
    if not isinstance(value, t.Mapping):
        items = [(path, one) for one in (value if isinstance(value, list) else [value])]
    elif "members" not in (element := extract()["shapes"][service][shape["list"]]):
        yield Problem(member, path, _shown(value), "must be a list")
        return
    else:
        items = [(f"{path}.{key}", one) for key, one in named(path.rpartition(".")[2], value, element).items()]
    yield from _limits(member, path, shape, len(items))
    for where, one in items:
        yield from _within(service, member, shape["list"], one, where)


def named(field: str, value: t.Mapping[str, t.Any], element: Shape) -> dict[str, t.Any]:
    """Return the structures that a map of tags, containers, environment or attributes stands for, by name."""
    members = element.get("members", {})
    key, only = BY_NAME.get(field, ("key", "value"))
    own = {name: one if isinstance(one, t.Mapping) else {str(only): one} for name, one in value.items()}
    return {name: {key: name, **one} if key in members else dict(one) for name, one in own.items()}


def rules(member: str, shape: Shape) -> list[Shape]:
    """Return the constraints of a string or number: those of the shape, and those that AWS documents."""
    own = {key: value for key, value in shape.items() if key != "type"}
    documented = DOCUMENTED.get(member)
    return [rule for rule in (own, documented.rule if documented else {}) if rule]


def _scalar(member: str, path: str, shape: Shape, value: t.Any) -> t.Iterator[Problem]:
    text = ("false", "true")[value] if isinstance(value, bool) else str(value)
    kind = shape["type"]
    # A value without rules still has to be a number if its shape is one.
    for rule in rules(member, shape) or [{}]:
        broken = _broken_text(rule, text) if kind not in NUMBERS else _broken_number(rule, value, kind == "integer")
        if broken:
            yield Problem(member, path, _shown(text), broken)
            return


def _shown(value: t.Any) -> str:
    text = str(value)
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


def _broken_text(rule: Shape, text: str) -> str:
    low, high = rule.get("min", 0), rule.get("max")
    if len(text) < low:
        return f"has {_characters(text)}; {low} at least"
    if high is not None and len(text) > high:
        return f"has {_characters(text)}; {high} at most"
    if "enum" in rule and text not in rule["enum"]:
        return f"must be one of {_listed(rule['enum'])}"
    if reserved := next((one for one in rule.get("reserved", ()) if text.lower().startswith(one)), ""):
        return f"begins with '{reserved}', which AWS reserves"
    pattern = rule.get("pattern")
    if pattern and not matches(pattern, text):
        takes = _WORDS.get(pattern.removeprefix("^").removesuffix("$"))
        others = " ".join(repr(one) for one in invalid_characters(pattern, text)[:5])
        return f"has {others}; allowed are {takes or pattern}" if others else f"does not match {takes or pattern}"
    return ""


def _characters(text: str) -> str:
    return f"{len(text)} character{'' if len(text) == 1 else 's'}"


def _broken_number(rule: Shape, value: t.Any, whole: bool) -> str:
    if isinstance(value, bool):  # a subclass of int
        return "must be a number"
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return "must be a number"
    if not math.isfinite(number):
        return "must be a number"
    if whole and not number.is_integer():
        return "must be a whole number"
    if "enum" in rule and number not in rule["enum"]:
        return f"must be one of {_listed([str(one) for one in rule['enum']])}"
    low, high = rule.get("min"), rule.get("max")
    if (low is not None and number < low) or (high is not None and number > high):
        return f"is out of range: {low if low is not None else 'any'} to {high if high is not None else 'any'}"
    return ""


def _limits(member: str, path: str, shape: Shape, count: int) -> t.Iterator[Problem]:
    low, high = shape.get("min", 0), shape.get("max")
    if documented := DOCUMENTED.get(member):
        high = documented.rule.get("entries", high)
    # An empty list or map is not sent.
    if count and (count < low or (high is not None and count > high)):
        yield Problem(member, path, f"with {count} entries", f"has to have {low} to {high}")


def _listed(values: t.Sequence[t.Any]) -> str:
    return ", ".join(map(str, values[:12])) + (", …" if len(values) > 12 else "")
