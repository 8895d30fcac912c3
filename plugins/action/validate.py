# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks a role's inputs and says everything that is wrong at once.  Runs in the controller: no process, no call."""

from __future__ import annotations

import importlib
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

PACKAGE = "ansible_collections.magiclub.fargate.plugins.module_utils._validate"
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
        _result, args = self.validate_argument_spec(
            {
                "kind": {"type": "str", "choices": list(KINDS), "required": True},
                "values": {"type": "dict", "required": True},
            }
        )
        kind = args["kind"]
        check = getattr(importlib.import_module(f"{PACKAGE}.{KINDS[kind]}"), kind)
        if sentences := check(args["values"]):
            raise AnsibleActionFail("\n".join(sentences))
        return {"changed": False}
