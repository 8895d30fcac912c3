# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ansible's default output without the lines that say nothing about the platform."""

from __future__ import annotations

DOCUMENTATION = r"""
name: quiet
type: stdout
version_added: 1.1.0
short_description: Ansible's default output, without included tasks and repeated failures
author:
  - magiclub.fargate contributors (@magiclub)
description:
  - Like the default output, but included files and roles are not shown, and a failure that a rescue repeats is shown
    once, with its message only and without its place in the playbook.
  - There is no empty line between tasks.
  - A task that waits with C(until) is shown when it begins to wait and every 30 seconds, with the seconds waited.
  - A deprecation warning that C(amazon.aws.iam_role) always raises, about a return value that nothing reads, is not
    shown. Others are.
  - With C(-v), the output is the default one.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as stdout_callback in configuration
"""

import contextlib
import time
import typing as t
from pathlib import Path

from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback.default import CallbackModule as Default
from ansible.utils.color import stringc
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable, tone
from ansible_collections.magiclub.fargate.plugins.plugin_utils import advice, show, told

SHOWN = ("msg", "rc", "stdout", "stderr", "module_stdout", "module_stderr")
"""The keys of a failed result that are shown."""
SIGNS = {"+": tone.ADD, "~": tone.CHANGE, "-": tone.REMOVE}
STATUS = "status.yml"
AGAIN = 30
"""Seconds after which a waiting task is shown again."""
UNUSED = "iam_role.assume_role_policy_document_raw"
"""A return value about which amazon.aws.iam_role always warns (10.1 to 11.4)."""


class OnStderr:
    """Ansible's display, printing on stderr."""

    def __init__(self, display: t.Any) -> None:
        self._display = display

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._display, name)

    def display(self, text: str, **how: t.Any) -> None:
        """Print on stderr."""
        self._display.display(text, **{**how, "stderr": True})

    def banner(self, text: str, color: str | None = None, cows: bool = True) -> None:
        """Print a banner on stderr."""
        type(self._display).banner(self, text, color=color, cows=cows)


class CallbackModule(Default):
    """See DOCUMENTATION."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "magiclub.fargate.quiet"
    _display: t.Any

    def __init__(self) -> None:
        super().__init__()
        self._last_task_banner: t.Any = None
        self._last_failure = self._playbook = ""
        self._fails = False
        self._waits: dict[tuple[str, str], tuple[float, float]] = {}

    def v2_playbook_on_start(self, playbook: t.Any) -> None:
        """Keep the name of the playbook."""
        self._playbook = Path(str(playbook._file_name)).name

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        """Show the play; with output=…, all of status.yml but the requested value goes to stderr."""
        requested = self._playbook == STATUS and play.get_variable_manager().extra_vars.get("output")
        if requested and not isinstance(self._display, OnStderr):
            self._display = OnStderr(self._display)
        super().v2_playbook_on_play_start(play)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """Show a changed task, but no include."""
        self._leave_out_unused(result)
        if self._display.verbosity or not isinstance(result.task, TaskInclude):
            super().v2_runner_on_ok(result)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        """Show a changed item of a loop."""
        self._leave_out_unused(result)
        super().v2_runner_item_on_ok(result)

    def v2_playbook_on_include(self, included_file: t.Any) -> None:
        """Show nothing: the included tasks are shown."""
        if self._display.verbosity:
            super().v2_playbook_on_include(included_file)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        """Show a failure, unless it repeats the last one."""
        if isinstance(result.result.get("msg"), str):
            result.result["msg"] = advice.adapted(told.ours(result.result["msg"]))
        if not self._was_shown(result.result):
            with self._failure():
                super().v2_runner_on_failed(result, ignore_errors)

    def v2_runner_item_on_failed(self, result: t.Any) -> None:
        """Show a failed item of a loop, unless it repeats the last failure."""
        if not self._was_shown(result.result):
            with self._failure():
                super().v2_runner_item_on_failed(result)

    def v2_runner_retry(self, result: t.Any) -> None:
        """Show that a task waits; Ansible would show each attempt as a failure."""
        if self._display.verbosity:
            super().v2_runner_retry(result)
            return
        key, now = (self.host_label(result), str(result.task._uuid)), time.monotonic()
        since, shown = self._waits.get(key, (now, now - AGAIN))
        if now - shown >= AGAIN:
            shown = now
            self._display.display(f"  [{key[0]}] {result.task_name} ({now - since:.0f} s)")
        self._waits[key] = since, shown

    def _was_shown(self, result: dict[str, t.Any]) -> bool:
        """Return whether a failure repeats the last one; if not, remove the repetitions within it."""
        if self._display.verbosity:
            return False
        # a rescue indents further lines
        message = " ".join(str(result.get("msg", "")).split())
        if message and message in self._last_failure:
            return True
        # a loop itself fails because of its items, whose failures were shown
        self._last_failure = self._last_failure if "results" in result else message
        # has the place in the playbook and the same message
        result.pop("exception", None)
        return False

    def _get_diff(self, difflist: t.Any) -> str:
        """Return a diff; Ansible does not colour prepared ones, such as a plan's."""
        text = t.cast("str", super()._get_diff(difflist))
        if not any("prepared" in one for one in (difflist if isinstance(difflist, list) else [difflist])):
            return text
        return "\n".join(map(_coloured, text.split("\n")))

    def _leave_out_unused(self, result: t.Any) -> None:
        deprecations = result.result.get("deprecations")
        if deprecations and not self._display.verbosity and all(UNUSED in str(one) for one in deprecations):
            # Ansible reads the deprecations from the result
            result.result.pop("deprecations")

    def _print_task_banner(self, task: t.Any) -> None:
        if self._display.verbosity or self._fails or self._last_task_banner is None:
            super()._print_task_banner(task)
            return
        # banner() begins with an empty line
        marker = " [CHECK MODE]" if task.check_mode and self.get_option("check_mode_markers") else ""
        self._display.display(f"TASK [{self._last_task_name or task.get_name()}]{marker}")
        self._last_task_banner = task._uuid

    @contextlib.contextmanager
    def _failure(self) -> t.Iterator[None]:
        self._fails = True
        try:
            yield
        finally:
            self._fails = False

    def _dump_results(self, result: t.Any, *arguments: t.Any, **options: t.Any) -> str:
        if self._fails and not self._display.verbosity and result.get("msg"):
            result = {key: result[key] for key in SHOWN if result.get(key) not in (None, "")}
            if list(result) == ["msg"]:
                return printable.message(str(result["msg"]))
        return t.cast("str", super()._dump_results(result, *arguments, **options))


def _coloured(line: str) -> str:
    tone = SIGNS.get(line.lstrip()[:2].rstrip())
    return t.cast("str", stringc(line, show.colour(tone))) if tone else line
