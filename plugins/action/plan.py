# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decides what a layer needs, shows it, and keeps it for the summary.  Runs in the controller: no process, no call."""

from __future__ import annotations

import time
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable
from ansible_collections.magiclub.fargate.plugins.module_utils._constraints.resources import refusals
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import compare, owner, render
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.run import kept, of_this_run, with_layer


class ActionModule(ActionBase):
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        _result, args = self.validate_argument_spec(
            {
                "layer": {"type": "str", "required": True},
                "desired": {"type": "list", "elements": "dict", "required": True},
                "found": {"type": "list", "elements": "dict", "required": True},
                "claimed": {"type": "list", "elements": "dict", "default": []},
                "tags": {"type": "dict", "default": {}},
                "rename": {"type": "bool", "default": False},
            }
        )
        known = [*args["desired"], *args["claimed"]]
        if not args["rename"] and (refusal := owner.stranger(known, args["found"], args["tags"])):
            raise AnsibleActionFail(printable.message(refusal))
        try:
            changes = compare.changes(args["desired"], args["found"])
        except ValueError as error:
            raise AnsibleActionFail(printable.message(str(error))) from error
        if refused := refusals(entry for entry in args["desired"] if compare.is_touched(entry, changes)):
            raise AnsibleActionFail(printable.sentences(refused))
        if impossible := compare.impossible(changes, args["desired"]):
            raise AnsibleActionFail(printable.sentences(impossible))

        check = self._task.check_mode
        if not (check and self._task.diff):
            for change in changes:
                self._display.display(f"  {printable.one_line(render.change_line(change))}")
        run = with_layer(of_this_run(task_vars, self._task._uuid), args["layer"], changes, check=check, now=time.time())
        return {
            "changed": check and bool(changes),
            "msg": f"{args['layer']}: {render.totals(changes) if changes else 'no change'}",
            "changes": changes,
            "carry_out": bool(changes) and not check,
            "diff": [{"prepared": render.plan_text(changes)}] if check and changes else [],
            "ansible_facts": kept(run, self._task._uuid),
            **compare.count(changes),
        }
