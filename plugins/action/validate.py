# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks a role's inputs and says everything that is wrong at once.  Runs in the controller: no process, no call."""

from __future__ import annotations

import importlib
import json
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.action import ActionBase
from ansible_collections.magiclub.fargate.plugins.module_utils._validate import names

PACKAGE = "ansible_collections.magiclub.fargate.plugins.module_utils._validate"
KINDS = {
    "vpc": "network",
    "alb": "network",
    "ecs_cluster": "cluster",
    "ecr_push": "registry",
    "service": "service",
}
EXAMPLES: dict[str, tuple[str, t.Any]] = {"list": ("list", []), "dict": ("dictionary", {"KEY": "VALUE"})}


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        if texts := _texts(self._templar, task_vars or {}):
            raise AnsibleActionFail("\n".join(texts))
        _result, args = self.validate_argument_spec(
            {
                "kind": {"type": "str", "choices": list(KINDS)},
                "values": {"type": "dict"},
            },
            required_together=[("kind", "values")],
        )
        if sentences := _misspelt(task_vars or {}) + _wrong(args["kind"], args["values"]):
            raise AnsibleActionFail("\n".join(sentences))
        return {"changed": False}


def _wrong(kind: str | None, values: t.Mapping[str, t.Any]) -> list[str]:
    if kind is None:
        return []
    check = getattr(importlib.import_module(f"{PACKAGE}.{KINDS[kind]}"), kind)
    return t.cast("list[str]", check(values))


def _texts(templar: t.Any, variables: t.Mapping[str, t.Any]) -> list[str]:
    """Look for text where a list or a dictionary has to be: an argument spec lets it pass, and changes nothing."""
    typed = {name: option for name, option in _options(variables).items() if option.get("type") in EXAMPLES}
    given = {name: variables[name] for name in typed if isinstance(variables.get(name), str)}
    values = {name: templar.template(value) for name, value in given.items()}
    return [_no_text(name, value, typed[name]) for name, value in values.items() if isinstance(value, str)]


def _no_text(name: str, value: str, option: t.Mapping[str, t.Any]) -> str:
    kind, example = EXAMPLES[option["type"]]
    shown = "text"
    if option.get("elements") == "str":
        # of others the text may hold a secret
        shown, example = f"the text '{value}'", _listed(value)
    elif option["type"] == "list":
        example = [EXAMPLES["dict"][1]]
    return f"{name} is {shown}, and has to be a {kind}. Give it as -e '{json.dumps({name: example})}'."


def _listed(text: str) -> list[t.Any]:
    try:
        known = json.loads(text)
    except ValueError:
        known = None
    return known if isinstance(known, list) else [part.strip() for part in text.split(",") if part.strip()]


def _misspelt(variables: t.Mapping[str, t.Any]) -> list[str]:
    """Look at the names of all variables, where the task stands in a role that has an argument spec."""
    options = _options(variables)
    return names.misspelt(Path(variables["role_path"]).name, variables, options) if options else []


def _options(variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the options of the role that the task stands in, by name."""
    specs = Path(variables.get("role_path") or "") / "meta" / "argument_specs.yml"
    if not specs.is_file():
        return {}
    # The filter from_yaml takes half a second for the longest, as it has no parser in C.
    doors = yaml_load(specs.read_text(encoding="utf-8"))["argument_specs"].values()
    return {name: option for door in doors for name, option in (door.get("options") or {}).items()}
