# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The extract of botocore's shapes that the collection checks plans with.

``python -m tests.checks.constraints`` writes it, from the installed botocore and the members in
``_constraints/sent.py``, and prints the number of constraints by service.
"""

from __future__ import annotations

import collections
import html
import json
import re
import typing as t
from importlib import import_module

from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
from botocore.loaders import Loader

from ..support.cloud import ROOT

PACKAGE = "ansible_collections.magiclub.fargate.plugins.module_utils"
FILE = ROOT / "plugins" / "module_utils" / "_constraints" / "shapes.json"
LIMITS = ("min", "max", "pattern", "enum")
NUMBERS = {"integer": "integer", "long": "integer", "float": "number", "double": "number"}


class Models:
    """botocore's service models, each read once."""

    def __init__(self) -> None:
        self._loader = Loader()
        self._models: dict[str, t.Any] = {}

    def of(self, service: str) -> t.Any:
        """Return the model of a service."""
        if service not in self._models:
            self._models[service] = self._loader.load_service_model(service, "service-2")
        return self._models[service]

    def path(self, member: str) -> list[tuple[str, str]]:
        """Return the shape's name and the documentation of each step to ``service.Operation.Member``.

        Lists are no steps of a path.  Raises KeyError if botocore has no such member.
        """
        service, operation, *steps = member.split(".")
        model = self.of(service)
        shapes = model["shapes"]
        name = model["operations"][operation]["input"]["shape"]
        result = [(name, model["operations"][operation].get("documentation", ""))]
        for step in steps:
            while shapes[name]["type"] == "list":
                name = shapes[name]["member"]["shape"]
            shape = shapes[name]
            keys = {"(key)": "key", "(value)": "value"}
            reference = shape[keys[step]] if shape["type"] == "map" else shape["members"][step]
            name = reference["shape"]
            result.append((name, reference.get("documentation", "") + shapes[name].get("documentation", "")))
        return result

    def says(self, member: str) -> str:
        """Return botocore's documentation of a member and of its parents, as plain text."""
        text = " ".join(documentation for _name, documentation in self.path(member))
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def extract(members: t.Iterable[str]) -> dict[str, t.Any]:
    """Return the shapes of these members, with all nested ones."""
    models = Models()
    names: dict[str, str] = {}
    by_service: dict[str, dict[str, t.Any]] = collections.defaultdict(dict)
    for member in members:
        service = member.partition(".")[0]
        names[member] = models.path(member)[-1][0]
        _collect(models.of(service)["shapes"], names[member], by_service[service])
    return {
        "members": dict(sorted(names.items())),
        "shapes": {service: dict(sorted(known.items())) for service, known in sorted(by_service.items())},
    }


def _collect(model: t.Any, name: str, known: dict[str, t.Any]) -> None:
    if name in known:
        return
    shape = model[name]
    kind = shape["type"]
    limits = {key: shape[key] for key in LIMITS if key in shape}
    inner: list[str] = []
    if kind == "structure":
        snake = _ours("_resources.ecs.form").snake
        required = {"required": [snake(key) for key in shape["required"]]} if shape.get("required") else {}
        known[name] = {
            "members": {snake(key): [key, one["shape"]] for key, one in shape["members"].items()},
            **required,
        }
        inner = [one for _key, one in known[name]["members"].values()]
    elif kind == "list":
        known[name] = {"list": shape["member"]["shape"], **limits}
        inner = [shape["member"]["shape"]]
    elif kind == "map":
        known[name] = {"map": [shape["key"]["shape"], shape["value"]["shape"]], **limits}
        inner = known[name]["map"]
    else:
        known[name] = {"type": NUMBERS.get(kind, kind), **limits}
    for one in inner:
        _collect(model, one, known)


def counts() -> dict[str, int]:
    """Return the number of checked constraints, by service: each pattern, bound, list of values and reserved word."""
    known = _ours("_constraints.shapes").extract()
    result: collections.Counter[str] = collections.Counter()
    for member, name in known["members"].items():
        _count(known["shapes"][member.partition(".")[0]], member, name, result, (name,))
    return dict(sorted(result.items()))


def _count(known: t.Any, member: str, name: str, result: collections.Counter[str], above: tuple[str, ...]) -> None:
    shape = known[name]
    own = _ours("_constraints.documented").DOCUMENTED.get(member)
    service = member.partition(".")[0]
    result[service] += sum(key in shape for key in LIMITS)
    if own and ("list" not in shape or "entries" in own.rule):
        result[service] += len(own.rule)
    steps = {
        **{f"{member}.{key}": one for key, one in shape.get("members", {}).values()},
        **dict(zip((f"{member}.(key)", f"{member}.(value)"), shape.get("map", ()), strict=False)),
        **({member: shape["list"]} if "list" in shape else {}),
    }
    for step, one in steps.items():
        if one not in above:
            _count(known, step, one, result, (*above, one))


def text(members: t.Iterable[str]) -> str:
    """Return the content of the file: one shape per line."""
    known = extract(members)
    lines = ["{", ' "members": {']
    lines += _lines(known["members"], "  ")
    lines += [" },", ' "shapes": {']
    last = list(known["shapes"])[-1]
    for service, of_service in known["shapes"].items():
        lines += [f'  "{service}": {{', *_lines(of_service, "   "), "  }" + ("" if service == last else ",")]
    return "\n".join([*lines, " }", "}"]) + "\n"


def _lines(values: dict[str, t.Any], indent: str) -> list[str]:
    lines = [f"{indent}{json.dumps(key)}: {json.dumps(value)}" for key, value in values.items()]
    return [f"{line}," for line in lines[:-1]] + lines[-1:]


def _ours(name: str) -> t.Any:
    return import_module(f"{PACKAGE}.{name}")


def main() -> None:
    """Write the extract and print the counts."""
    _AnsibleCollectionFinder(paths=[str(ROOT / "playbooks" / "collections")])._install()
    FILE.write_text(text(_ours("_constraints.sent").members()), encoding="utf-8")
    known = counts()
    for service, number in known.items():
        print(f"{service:<26}{number:>5}")
    print(f"{'in all':<26}{sum(known.values()):>5}")


if __name__ == "__main__":
    main()
