# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What tells a process from all others, here and elsewhere, and whether it still runs (proc(5), pid_namespaces(7))."""

from __future__ import annotations

import contextlib
import os
import platform
import typing as t
from pathlib import Path

RUNNING, ENDED, UNKNOWN = "running", "ended", "unknown"


def machine() -> str:
    """Return what a process id means something within: this boot of this machine, and a container of it."""
    parts = [platform.node()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    with contextlib.suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return "/".join(parts)


def started(pid: int) -> str:
    """Return when a process was started, in ticks since boot, and an empty string where nothing tells."""
    stat = _stat(pid)
    return stat[19] if stat else ""


def state(holder: t.Mapping[str, t.Any]) -> str:
    """Return whether the process that a lock names runs, has ended, or can't be told from here.

    A process of the same id that was started at another time is another one; a zombie has ended.
    """
    pid = holder.get("pid")
    if holder.get("machine") != machine() or not isinstance(pid, int):
        return UNKNOWN
    if not _exists(pid):
        return ENDED
    stat = _stat(pid)
    if not stat or not holder.get("started"):
        return UNKNOWN
    return RUNNING if stat[19] == holder["started"] and stat[0] not in "ZX" else ENDED


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _stat(pid: int) -> list[str]:
    """Return the fields after the name of the program: the state is the first, the start the twentieth."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
