# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks what a role or a playbook is given, and says everything that is wrong at once.

Runs in the controller: no process, no call.
"""

from __future__ import annotations

import importlib
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.action import ActionBase
from ansible.utils.vars import load_extra_vars
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable
from ansible_collections.magiclub.fargate.plugins.module_utils._validate import names, planned
from ansible_collections.magiclub.fargate.plugins.module_utils._validate.texts import texts

PACKAGE = "ansible_collections.magiclub.fargate.plugins.module_utils._validate"
ROLES = Path(__file__).resolve().parents[2] / "roles"
KINDS = {
    "vpc": "network",
    "alb": "network",
    "ecs_cluster": "cluster",
    "ecr_push": "registry",
    "service": "service",
}


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        role = Path(variables.get("role_path") or "")
        inputs = _inputs(role)
        if refused := texts(variables, inputs, self._templar.template):
            raise AnsibleActionFail(printable.sentences(refused))
        _result, args = self.validate_argument_spec(
            {
                "kind": {"type": "str", "choices": list(KINDS)},
                "values": {"type": "dict"},
                "options": {"type": "list", "elements": "str", "default": []},
            },
            required_together=[("kind", "values")],
        )
        given = sorted(load_extra_vars(self._loader)) if args["options"] else []
        sentences = [
            *_unknown(given, args["options"]),
            *(names.misspelt(role.name, variables, inputs) if inputs else []),
            *_wrong(args["kind"], args["values"]),
        ]
        if sentences:
            raise AnsibleActionFail(printable.sentences(sentences))
        return {"changed": False, "given": given}


def _wrong(kind: str | None, values: t.Mapping[str, t.Any]) -> list[str]:
    if kind is None:
        return []
    check = getattr(importlib.import_module(f"{PACKAGE}.{KINDS[kind]}"), kind)
    sentences = t.cast("list[str]", check(values))
    # Resources can be made of right inputs alone; a wrong one has its sentence, in the inputs' own words.
    return sentences or planned.wrong(kind, values)


def _unknown(given: list[str], options: list[str]) -> list[str]:
    found = names.unknown(given, options)
    # An input of a role may be nearly an option of a playbook, and roles' specs take long to read.
    return found and names.unknown(set(given) - set(_inputs(*ROLES.iterdir())), options)


def _inputs(*roles: Path) -> dict[str, t.Any]:
    """Return all inputs of these roles by name, none of what has no argument spec."""
    files = [path for role in roles if (path := role / "meta" / "argument_specs.yml").is_file()]
    # The filter from_yaml takes half a second for the longest, as it has no parser in C.
    specs = [yaml_load(path.read_text(encoding="utf-8"))["argument_specs"] for path in files]
    doors = [door.get("options") or {} for spec in specs for door in spec.values()]
    return {name: option for door in doors for name, option in door.items()}
