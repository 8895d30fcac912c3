# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all action plugins are made of: they act, and a mistake of ours is told as one."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import defect

from .told import EXPECTED

Result = dict[str, t.Any]


class Action(ActionBase):
    """An action plugin, whose own part is C(act)."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Act, and return the result; raises AnsibleActionFail where the plugin itself is wrong."""
        result: Result = super().run(tmp, task_vars)
        try:
            return {**result, **self.act(task_vars or {})}
        except EXPECTED:
            raise
        except Exception as error:
            self._display.vvv(defect.frames(error))
            raise AnsibleActionFail(defect.sentence(error, f"run {self._task.action}")) from None

    def act(self, variables: Result) -> Result:
        """Return the result for a host with these variables."""
        raise NotImplementedError
