# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Base class of the action plugins, which reports an unexpected exception as a bug of the collection."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import defect

from .told import EXPECTED

Result = dict[str, t.Any]


class Action(ActionBase):
    """An action plugin that implements C(act)."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Return the result of C(act); raises AnsibleActionFail for a bug of the plugin."""
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
