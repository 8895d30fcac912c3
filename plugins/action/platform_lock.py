# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module with the identity of this run, which only the controller knows."""

from __future__ import annotations

import datetime
import getpass
import os
import platform
import typing as t

from ansible.errors import AnsibleActionFail
from ansible_collections.magiclub.fargate.plugins.module_utils._constraints.resources import name_refusal
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import process
from ansible_collections.magiclub.fargate.plugins.module_utils._lock.options import ARGUMENTS
from ansible_collections.magiclub.fargate.plugins.plugin_utils import connection
from ansible_collections.magiclub.fargate.plugins.plugin_utils import run as this_run
from ansible_collections.magiclub.fargate.plugins.plugin_utils.in_worker import InWorker


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


class ActionModule(InWorker):
    def act(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        name = f"/{self._task.args.get('name_prefix', '')}/lock"
        if refused := name_refusal("lock", name):
            if self._task.args.get("state") == "absent":
                return {"changed": False, "name": name}  # no such lock can exist
            raise AnsibleActionFail(refused)
        if self._task.check_mode:
            # the module would make no call
            self.validate_argument_spec({**ARGUMENTS, **connection.SPEC})
            return {"changed": False, "name": name}
        this_run.end_with_the_run()
        # this process ends with its task
        pid = this_run.main_process()
        host = str(variables.get("inventory_hostname", ""))
        machine, started = process.machine(), process.started(pid)
        holder = {
            "who": f"{variables.get('awx_user_name') or _user()}@{platform.node()}",
            "machine": machine,
            "pid": pid,
            "started": started,
            "mark": this_run.mark(),
            "uid": os.getuid(),
            "job": str(variables.get("awx_job_id") or variables.get("tower_job_id") or ""),
            "since": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "host": host,
            "run": f"{machine}/{pid}/{started}/{host}",
        }
        result: dict[str, t.Any] = self._execute_module(
            module_name="magiclub.fargate.platform_lock",
            module_args={**self._task.args, "holder": holder},
            task_vars=variables,
        )
        return result
