# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names the run that holds the lock, which only the controller knows, and has the module take or leave it."""

from __future__ import annotations

import datetime
import getpass
import os
import platform
import typing as t
from pathlib import Path

from ansible.plugins.action import ActionBase


def _machine() -> str:
    """Return what tells this boot of this machine from all others, so that a process id means something."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        return f"{platform.node()}/{boot.strip()}"
    except OSError:
        return platform.node()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        pid = os.getppid()
        since = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        holder = {
            "who": f"{variables.get('awx_user_name') or _user()}@{platform.node()}",
            "machine": _machine(),
            "pid": pid,
            "job": str(variables.get("awx_job_id") or variables.get("tower_job_id") or ""),
            "since": since,
            "run": f"{_machine()}/{pid}/{_started(pid)}",
        }
        result.update(
            self._execute_module(
                module_name="magiclub.fargate.platform_lock",
                module_args={**self._task.args, "holder": holder},
                task_vars=task_vars,
            )
        )
        return result


def _started(pid: int) -> str:
    """Return when a process was started, in ticks since boot: a process id alone comes round again."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except OSError:
        return ""
