# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records the timeline of a run in memory.  Ansible loads it for every playbook beside it; prints and writes nothing.

As the collection's first plugin in the main process, it also loads what every fork would have to load.
"""

from __future__ import annotations

import typing as t

from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import filter_loader, test_loader
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.garbage import collect_rarely
from ansible_collections.magiclub.fargate.plugins.plugin_utils.in_worker import ready
from ansible_collections.magiclub.fargate.plugins.plugin_utils.timeline import RUN

READ = {"magiclub.fargate.platform_lock": "platform_lock", "magiclub.fargate.plan": "platform_info"}
"""Modules that a worker runs in several tasks, by action."""

DOCUMENTATION = r"""
name: timeline
type: aggregate
short_description: Records the timeline of a run
description:
  - For the report of C(site.yml) (C(-e report=run.html)). Prints and writes nothing.
author:
  - magiclub.fargate contributors (@magiclub)
"""


class CallbackModule(CallbackBase):
    """See DOCUMENTATION."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "timeline"

    def __init__(self) -> None:
        super().__init__()
        # each task is a fork of this process, and need not load what is loaded here
        collect_rarely()
        filter_loader.get("magiclub.fargate.printable")
        test_loader.get("ansible.builtin.defined")

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:  # noqa: ARG002 - the name is Ansible's
        """Import boto3 and the platform's readers once, for all workers."""
        if task.action in READ:
            ready(READ[task.action])

    def v2_runner_on_start(self, host: t.Any, task: t.Any) -> None:
        """Record the start of a task."""
        RUN.start(host.get_name(), task)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        """Record the end of a loop item."""
        RUN.item(result.host.get_name(), result.task, result.result)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """Record the end of a task."""
        RUN.end(result.host.get_name(), result.task, result.result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        """Record the failure of a task."""
        RUN.end(result.host.get_name(), result.task, result.result, failed=not ignore_errors)
