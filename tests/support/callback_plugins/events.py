# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write each task's result as a line of JSON to the file MAGICLUB_EVENTS, beside the output of the usual callback."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: events
type: notification
short_description: Task results as JSON lines
version_added: 1.0.0
description: For the tests of magiclub.fargate.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "events"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._note("ok", result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._note("ignored" if ignore_errors else "failed", result)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._note("skipped", result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._note("unreachable", result)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        hosts = {host: stats.summarize(host) for host in stats.processed}
        self._write({"event": "recap", "hosts": hosts, "artifacts": stats.custom.get("_run", {})})

    def _note(self, event: str, result: t.Any) -> None:
        self._write(
            {
                "event": event,
                "task": result.task.get_name(),
                "action": result.task.resolved_action or result.task.action,
                "host": result.host.get_name(),
                "result": dict(result.result),
            }
        )

    def _write(self, line: dict[str, t.Any]) -> None:
        with Path(os.environ["MAGICLUB_EVENTS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")
