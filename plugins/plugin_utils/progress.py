# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows the progress of a long-running module.

A module can't print, so it waits and this plugin prints. With a local connection, the usual one, the module writes
lines to a file, and a thread shows each within a fraction of a second. With any other connection, the lines are shown
when the module has ended.

Lines go through Display, which passes them to the main process: to the terminal, the log file and AWX alike.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import threading
import typing as t
from pathlib import Path

from ansible_collections.magiclub.fargate.plugins.module_utils._aws import printable, tone

from . import show
from .action import Action

if t.TYPE_CHECKING:
    from typing import Self

LOOK_EVERY = 0.2
# module option that only this plugin sets
FILE = "_progress_file"


class Tail:
    """Context manager that shows each line added to a file."""

    def __init__(self, path: Path, show: t.Callable[[str], None]) -> None:
        self._path, self._show = path, show
        self._seen = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Self:
        self._path.touch()
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._over.set()
        self._thread.join(timeout=2)
        self.show_new()

    def _follow(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            self.show_new()

    def show_new(self) -> None:
        """Show new, complete lines."""
        with contextlib.suppress(OSError), self._path.open(encoding="utf-8", errors="replace") as stream:
            stream.seek(self._seen)
            while (line := stream.readline()).endswith("\n"):
                self._seen = stream.tell()
                self._show(line.rstrip("\n"))


class Showing(Action):
    """Runs a module and shows its progress."""

    _supports_check_mode = True
    _supports_async = True
    _variables: dict[str, t.Any] | None = None

    def act(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        self._variables = variables
        args = {name: value for name, value in self._task.args.items() if name != FILE}
        if self._task.async_val:
            wrap = not self._connection.has_native_async
            result: dict[str, t.Any] = self._execute_module(module_args=args, task_vars=variables, wrap_async=wrap)
        elif self._connection.transport == "local":
            result = self._run_and_tail(args, variables)
        else:
            result = self._execute_module(module_args=args, task_vars=variables)
            for line in result.get("_progress") or []:
                self._show(line)
        result.pop("_progress", None)
        return result

    def _run_and_tail(self, args: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        folder = Path(tempfile.mkdtemp(prefix="progress-"))
        try:
            with Tail(folder / "progress", self._show):
                args[FILE] = str(folder / "progress")
                return self._without_ours(self._execute_module(module_args=args, task_vars=task_vars))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _without_ours(self, found: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the result without the option that this plugin has added."""
        ((found.get("invocation") or {}).get("module_args") or {}).pop(FILE, None)
        return found

    def _show(self, line: str) -> None:
        if not self._task.no_log:
            unpacked = tone.unpacked(line)
            for part in printable.line(unpacked).split("\n"):
                show.line(self._display, f"  {part}", self._variables, unpacked.tone)
