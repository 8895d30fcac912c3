# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records how long each layer took, for the summary."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._plan.run import (
    as_fact,
    of_this_run,
    restarted,
    with_lap,
)
from ansible_collections.magiclub.fargate.plugins.plugin_utils.action import Action


class ActionModule(Action):
    _requires_connection = False

    def act(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        _result, args = self.validate_argument_spec(
            {"layer": {"type": "str"}, "restart": {"type": "bool", "default": False}}
        )
        known, now = of_this_run(variables, self._task._uuid), time.time()
        run = restarted(known, now) if args["restart"] else with_lap(known, args["layer"], now)
        return {"changed": False, "ansible_facts": as_fact(run, self._task._uuid)}
