# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ansible's default output without the lines that say nothing of the platform."""

from __future__ import annotations

DOCUMENTATION = r"""
name: quiet
type: stdout
version_added: 1.0.0
short_description: Default output that tells what is done, and a failure once
author:
  - magiclub.fargate contributors (@magiclub)
description:
  - The default output, but tasks and roles that are included are not shown, and a failure that a rescue only repeats is
    shown once, without the place in the playbook.
  - With C(-v), it is the default output.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as stdout_callback in configuration
"""

import typing as t

from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback.default import CallbackModule as Default


class CallbackModule(Default):
    """See DOCUMENTATION."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "magiclub.fargate.quiet"

    def __init__(self) -> None:
        super().__init__()
        self._said = ""

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """Show a task that has changed something."""
        if self._display.verbosity or not isinstance(result.task, TaskInclude):
            super().v2_runner_on_ok(result)

    def v2_playbook_on_include(self, included_file: t.Any) -> None:
        """Show nothing: what is included shows itself."""
        if self._display.verbosity:
            super().v2_playbook_on_include(included_file)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        """Show a failure, unless it is the one that was shown before."""
        if not self._display.verbosity:
            message = str(result.result.get("msg", ""))
            if message and message in self._said:
                return
            self._said = message
            # the place in the playbook, and the message once more
            result.result.pop("exception", None)
        super().v2_runner_on_failed(result, ignore_errors)
