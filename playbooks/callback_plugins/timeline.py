# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps in memory what ran when.  Ansible loads it for every playbook beside it, and it prints and writes nothing.

It is also the first of the collection that a run has in its main process, which it readies for all that are forked.
"""

from __future__ import annotations

import typing as t

from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import filter_loader, test_loader
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.garbage import look_rarely
from ansible_collections.magiclub.fargate.plugins.plugin_utils.in_worker import ready
from ansible_collections.magiclub.fargate.plugins.plugin_utils.timeline import RUN

READ = {"magiclub.fargate.platform_lock": "platform_lock", "magiclub.fargate.plan": "platform_info"}
"""The modules that several tasks of a run have a worker run, by the actions that do."""

DOCUMENTATION = r"""
name: timeline
type: aggregate
short_description: Keeps in memory what ran when
description:
  - For the report of C(site.yml) (C(-e report=run.html)). It prints nothing and writes nothing.
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
        # before the first task, as each is a fork of this process: what it has they need not load or look through again
        look_rarely()
        filter_loader.get("magiclub.fargate.printable")
        test_loader.get("ansible.builtin.defined")

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:  # noqa: ARG002 - the name is Ansible's
        """Import what several workers would import each: boto3, and what reads a platform."""
        if task.action in READ:
            ready(READ[task.action])

    def v2_runner_on_start(self, host: t.Any, task: t.Any) -> None:
        """Note when a task starts on a host."""
        RUN.start(host.get_name(), task)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        """Note when one of a loop is done."""
        RUN.item(result.host.get_name(), result.task, result.result)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """Note when a task is done."""
        RUN.end(result.host.get_name(), result.task, result.result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        """Note when a task has failed."""
        RUN.end(result.host.get_name(), result.task, result.result, failed=not ignore_errors)
