# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Our processes, remembered by id and start time, so that no others are ever ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


def say(text: str) -> None:
    """Print progress for a person; standard output is for results."""
    print(f"local-aws: {text}", file=sys.stderr, flush=True)


def start_time(pid: int) -> str | None:
    """Return when a process was started, as the kernel reports it; None if it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


@dataclass
class Remembered:
    """A process that we started, kept in a file."""

    path: Path

    def read(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return found

    def alive(self) -> dict[str, Any]:
        """Return the remembered process if that very process still runs, else {}."""
        found = self.read()
        return found if found and start_time(found["pid"]) == found["start_time"] else {}

    def start(self, command: Sequence[str], log: Path, env: dict[str, str] | None = None, **facts: Any) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env=env,
                cwd=self.path.parent,
            )
        CHILDREN[child.pid] = child
        self.path.write_text(json.dumps({"pid": child.pid, "start_time": start_time(child.pid), **facts}))
        return child.pid

    def end(self, timeout: float) -> bool:
        """Send SIGTERM, and SIGKILL after the timeout (seconds). Return False if it was not running."""
        found = self.alive()
        if found:
            os.kill(found["pid"], signal.SIGTERM)
            until = time.monotonic() + timeout
            while self.alive() and time.monotonic() < until:
                time.sleep(0.05)
            if self.alive():
                os.kill(found["pid"], signal.SIGKILL)
            reap(found["pid"], timeout=10)
        self.path.unlink(missing_ok=True)
        return bool(found)


def reap(pid: int, timeout: float = 0.0) -> None:
    """Collect the exit status of a child of this process, if it is one and ends within the timeout."""
    child = CHILDREN.get(pid)
    if child is None:
        return
    try:
        child.wait(timeout)
    except subprocess.TimeoutExpired:
        return
    del CHILDREN[pid]
