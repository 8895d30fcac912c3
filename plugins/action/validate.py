# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks what a role or a playbook is given, and says everything that is wrong at once.

Runs in the controller: no process, no call.
"""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.vars import load_extra_vars
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.inputs import misspelt as names
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.inputs.checks import CHECKS, wrong
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.inputs.texts import texts
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import ROLES, inputs_of


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        role = Path(variables.get("role_path") or "")
        inputs = inputs_of(role)
        if refused := texts(variables, inputs, self._templar.template):
            raise AnsibleActionFail(printable.sentences(refused))
        _result, args = self.validate_argument_spec(
            {
                "kind": {"type": "str", "choices": list(CHECKS)},
                "values": {"type": "dict"},
                "options": {"type": "list", "elements": "str", "default": []},
            },
            required_together=[("kind", "values")],
        )
        given = sorted(load_extra_vars(self._loader)) if args["options"] else []
        sentences = [
            *_unknown(given, args["options"]),
            *(names.collection_wide(variables) if args["options"] else []),
            *(names.misspelt(role.name, variables, inputs) if inputs else []),
            *_wrong(args["kind"], args["values"]),
        ]
        if sentences:
            raise AnsibleActionFail(printable.sentences(sentences))
        return {"changed": False, "given": given}


def _wrong(kind: str | None, values: t.Mapping[str, t.Any]) -> list[str]:
    return wrong(kind, values) if kind else []


def _unknown(given: list[str], options: list[str]) -> list[str]:
    found = names.unknown(given, options)
    # An input of a role may be nearly an option of a playbook, and roles' specs take long to read.
    return found and names.unknown(set(given) - set(inputs_of(*ROLES.iterdir())), options)
