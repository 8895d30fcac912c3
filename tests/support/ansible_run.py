# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run playbooks as a user does, in a separate process, and return the results of all tasks."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

from .cloud import ROOT
from .kill_proxy import kill_tree

LOCALHOST = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
PLAYBOOK_SECONDS = 1500
HERE = Path(__file__).resolve().parent
# actions whose module is a separate process; the others work in the worker
STARTING = {"adopt", "ecs_service_wait", "service_logs_info"}
IN_THE_CONTROLLER = {
    *(f"ansible.builtin.{name}" for name in ("assert", "fail", "set_fact", "include_role", "include_tasks", "pause")),
    "ansible.builtin.validate_argument_spec",
    *(f"magiclub.fargate.{path.stem}" for path in (ROOT / "plugins" / "action").glob("*.py")),
} - {f"magiclub.fargate.{name}" for name in STARTING}


@dataclasses.dataclass(frozen=True)
class Run:
    """The results of a playbook: C(results) is C({event, task, action, host, result}) in order.

    C(artifacts) are AWX's artifacts.
    """

    rc: int
    text: str
    results: list[dict[str, t.Any]]
    recap: dict[str, dict[str, int]]
    artifacts: dict[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def changed(self) -> int:
        """Return the number of tasks that changed something, over all hosts."""
        return self._sum("changed")

    @property
    def failed(self) -> int:
        """Return the number of failed tasks, over all hosts, including unreachable ones."""
        return self._sum("failures") + self._sum("unreachable")

    @property
    def ok(self) -> int:
        """Return the number of successful tasks, changed or not, over all hosts."""
        return self._sum("ok")

    @property
    def skipped(self) -> int:
        return self._sum("skipped")

    @property
    def changed_tasks(self) -> list[str]:
        return [item["task"] for item in self.results if item["result"].get("changed")]

    @property
    def processes(self) -> list[str]:
        """Return the tasks' actions that started a process."""
        done = [item["action"] for item in self.results if item["event"] != "skipped"]
        return [action for action in done if action not in IN_THE_CONTROLLER]

    @property
    def lines(self) -> int:
        """Return the number of printed lines."""
        return len(self.text.splitlines())

    @property
    def message(self) -> str:
        """Return the message of the first failed task, or an empty string."""
        return next((str(item["result"].get("msg", "")) for item in self.results if item["event"] == "failed"), "")

    def of(self, task: str) -> dict[str, t.Any]:
        """Return the last result of the task with this name (without or with a role's prefix)."""
        found = [item["result"] for item in self.results if task in (item["task"], item["task"].split(" : ", 1)[-1])]
        assert found, f"No task named '{task}' in this run:\n{self.text}"
        return t.cast("dict[str, t.Any]", found[-1])

    def _sum(self, key: str) -> int:
        return sum(host[key] for host in self.recap.values())


@dataclasses.dataclass
class Runner:
    """Run playbooks in an account, with output in the test's folder."""

    environment: t.Mapping[str, str]
    folder: Path
    root: Path = ROOT

    def __call__(
        self,
        plays: str | Path | t.Sequence[t.Mapping[str, t.Any]],
        *arguments: str,
        extra_vars: t.Mapping[str, t.Any] | None = None,
        check: bool = False,
        env: t.Mapping[str, str] | None = None,
        seconds: float = PLAYBOOK_SECONDS,
    ) -> Run:
        """Run plays, or a playbook by its path in the repository or its name in the collection, to the end."""
        process, events = self.start(plays, *arguments, extra_vars=extra_vars, check=check, env=env)
        return finish(process, events, seconds)

    def start(
        self,
        plays: str | Path | t.Sequence[t.Mapping[str, t.Any]],
        *arguments: str,
        extra_vars: t.Mapping[str, t.Any] | None = None,
        check: bool = False,
        env: t.Mapping[str, str] | None = None,
    ) -> tuple[subprocess.Popen[str], Path]:
        """Start the same and return the process and the file of its events, for C(finish)."""
        given = [] if isinstance(plays, str | Path) else ["--inventory", "localhost,"]
        path = plays if isinstance(plays, str | Path) else write_plays(plays, self.folder)
        events = self.folder / f"events-{len(list(self.folder.glob('events-*')))}.jsonl"
        events.touch()
        extra = ["--extra-vars", json.dumps(extra_vars)] if extra_vars else []
        mode = ["--check", "--diff"] if check else []
        ours = {
            "ANSIBLE_COLLECTIONS_PATH": str(self.root / "playbooks" / "collections"),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "events",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "MAGICLUB_EVENTS": str(events),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "ansible.cli.playbook", str(path), *given, *extra, *mode, *arguments],
            cwd=self.root,
            env={**os.environ, **ours, **self.environment, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return process, events


def finish(process: subprocess.Popen[str], events: Path, seconds: float) -> Run:
    """Wait for a run of C(start).  Raises TimeoutExpired after I(seconds), after killing all its processes."""
    try:
        text, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill_tree(process.pid)
        process.communicate()
        raise
    lines = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()] if events.exists() else []
    recap: dict[str, t.Any] = next((line for line in lines if line["event"] == "recap"), {"hosts": {}, "artifacts": {}})
    results = [line for line in lines if line["event"] != "recap"]
    return Run(process.returncode, text, results, recap["hosts"], recap["artifacts"])


def write_plays(plays: t.Sequence[t.Mapping[str, t.Any]], folder: Path) -> Path:
    """Write plays to a file, with hosts: localhost and gather_facts: false by default."""
    whole = [{"hosts": "localhost", "gather_facts": False, "vars": {}, **play} for play in plays]
    for play in whole:
        play["vars"] = {**LOCALHOST, **t.cast("dict[str, t.Any]", play["vars"])}
    path = folder / f"plays-{len(list(folder.glob('plays-*')))}.yml"
    path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    return path
