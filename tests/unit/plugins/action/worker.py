# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An action, that of the lock by default, as a worker of Ansible has it, for a host that is this machine."""

from __future__ import annotations

import sys
import types
import typing as t

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.template import Templar, trust_as_template
from ansible_collections.magiclub.fargate.plugins.action import platform_lock

NAME = "magiclub.fargate.platform_lock"
HERE = {
    "ansible_python_interpreter": trust_as_template("{{ ansible_playbook_python }}"),
    "ansible_playbook_python": sys.executable,
}


def action(
    options: dict[str, t.Any],
    *,
    check: bool = False,
    environment: t.Any = None,
    task: dict[str, t.Any] | None = None,
    connection: dict[str, t.Any] | None = None,
    of: types.ModuleType = platform_lock,
) -> t.Any:
    """Return the action I(of) a task with these options; I(task) and I(connection) replace what they have."""
    of_task = {"async_val": 0, "delegate_to": None, "action": NAME, "no_log": False, "diff": False, **(task or {})}
    shell = types.SimpleNamespace(
        tmpdir=None, env_prefix=lambda **_environment: "", get_option=lambda _name: "~/.ansible/tmp"
    )
    local = {"transport": "local", "become": None, "socket_path": None, "_shell": shell, **(connection or {})}
    loader = DataLoader()
    return of.ActionModule(
        types.SimpleNamespace(args=options, check_mode=check, environment=environment, **of_task),
        types.SimpleNamespace(**local),
        PlayContext(),
        loader,
        Templar(loader=loader, variables=HERE),
        None,
    )
