# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What tells a process from all others, here and elsewhere, and whether it still runs (proc(5), pid_namespaces(7)).

A run is more than its main process: what is under way outlives it.  A module is started with L(VARIABLE) in its
environment, and a worker that asks AWS itself has a name by C(named), which is how they are found.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import platform
import re
import subprocess
import typing as t
from pathlib import Path

RUNNING, SURVIVED, ENDED, UNKNOWN = "running", "survived", "ended", "unknown"

VARIABLE = "MAGICLUB_FARGATE_RUN"
# ps(1) of POSIX: the environment is there, too, as Ansible gives it to a shell in front of the module
PS = ("ps", "-A", "-o", "pid=", "-o", "etime=", "-o", "args=")
PS_SECONDS = 10
MODULE = re.compile(r"AnsiballZ_(\w+)\.py")
WORKER = "aws-"
"""What the name of a worker begins with while it asks AWS itself; the rest is of its run's mark."""
WORKER_DOES = "a worker of Ansible"
ELAPSED = re.compile(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)")


class Process(t.NamedTuple):
    """A process that belongs to a run: its id, what it does, and since when."""

    pid: int
    command: str
    since: str

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.pid} ({self.command}, since {self.since})"


class Look(t.NamedTuple):
    """What is known of the processes of a holder: one of the states above, and those that are left of it."""

    state: str
    left: t.Sequence[Process] = ()


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


def mark(pid: int) -> str:
    """Return what the processes of a run are marked with, I(pid) being its main one's."""
    return hashlib.sha256(f"{machine()}/{pid}/{started(pid)}".encode()).hexdigest()[:20]


@contextlib.contextmanager
def named(mark_of_run: str) -> t.Iterator[None]:
    """Give this process the name by which C(marked) finds it, until what is done inside has ended."""
    comm = Path("/proc/self/comm")
    before = ""
    with contextlib.suppress(OSError):
        before = comm.read_text(encoding="utf-8").rstrip("\n")
        comm.write_text(_name(mark_of_run), encoding="ascii")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            comm.write_text(before, encoding="utf-8")


def _name(mark_of_run: str) -> str:
    """Return the name of a worker of a run: of 15 bytes, as Linux cuts off what is more (comm in proc(5))."""
    return f"{WORKER}{mark_of_run}"[:15]


def look(holder: t.Mapping[str, t.Any]) -> Look:
    """Return whether the run that a lock names goes on, has left processes behind, has ended, or can't be told.

    A process of the same id that was started at another time is another one; a zombie has ended.
    """
    pid = holder.get("pid")
    if holder.get("machine") != machine() or not isinstance(pid, int):
        return Look(UNKNOWN)
    main = _main_process(pid, holder.get("started"))
    # one that was taken by an older release names no mark
    if main != ENDED or not holder.get("mark"):
        return Look(main)
    left = marked(str(holder["mark"]), whole=holder.get("uid") == os.getuid())
    if left is None:
        return Look(UNKNOWN)
    return Look(SURVIVED, left) if left else Look(ENDED)


def marked(mark_of_run: str, *, whole: bool) -> list[Process] | None:
    """Return the processes of a run that live on this machine, or None if they can't be looked for.

    :param whole: whether they are this user's, whom nothing hides them from (hidepid in proc(5)).
    """
    if _stat(os.getpid()):
        return _of_proc(mark_of_run) if whole or _stat(1) else None
    return _of_ps(f"{VARIABLE}={mark_of_run}")


def _main_process(pid: int, started_at: t.Any) -> str:
    if not _exists(pid):
        return ENDED
    stat = _stat(pid)
    if not stat or not started_at:
        return UNKNOWN
    return RUNNING if stat[19] == started_at and stat[0] not in "ZX" else ENDED


def _of_proc(mark_of_run: str) -> list[Process]:
    found = []
    for pid in sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        does = _does_for(mark_of_run, pid)
        stat = _stat(pid)
        if does and stat and stat[0] not in "ZX":
            found.append(Process(pid, does, _clock(_boot() + int(stat[19]) / os.sysconf("SC_CLK_TCK"))))
    return found


def _does_for(mark_of_run: str, pid: int) -> str:
    """Return what a process does for a run, and an empty string if it is none of its."""
    if "".join(_strings(pid, "comm")).strip() == _name(mark_of_run):
        return WORKER_DOES
    wanted, arguments = f"{VARIABLE}={mark_of_run}", _strings(pid, "cmdline")
    # what is forked and not executed has the environment of what forked it, so a module's child counts, too
    mine = wanted in " ".join(arguments).split() or wanted in _strings(pid, "environ")
    return _command(arguments) if mine else ""


def _of_ps(wanted: str) -> list[Process] | None:
    try:
        answer = subprocess.run(
            PS, capture_output=True, text=True, errors="replace", timeout=PS_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return from_ps(answer, wanted, datetime.datetime.now(datetime.UTC).timestamp())


def from_ps(answer: str, wanted: str, now: float) -> list[Process]:
    """Return the processes in what ps says whose arguments have a word I(wanted), I(now) being seconds since 1970."""
    rows = [line.split() for line in answer.splitlines()]
    return [
        Process(int(row[0]), _command(row[2:]), _clock(now - _seconds(row[1]))) for row in rows if wanted in row[2:]
    ]


def _seconds(elapsed: str) -> int:
    """Return the seconds of C([[days-]hours:]minutes:seconds)."""
    parts = ELAPSED.fullmatch(elapsed)
    days, hours, minutes, seconds = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0, 0)
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _command(arguments: t.Sequence[str]) -> str:
    """Return what a process does, without its arguments: they may hold credentials."""
    module = MODULE.search(" ".join(arguments))
    if module:
        return module[1]
    return Path(arguments[0]).name if arguments else "unknown"


def _clock(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _boot() -> float:
    """Return when this machine was booted, in seconds since 1970."""
    lines = Path("/proc/stat").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("btime "))


def _strings(pid: int, file: str) -> list[str]:
    try:
        content = Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return content.rstrip("\0").split("\0") if content else []


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    # a lock is a text that others can write: its id may be more than the system's pid_t holds
    except (ProcessLookupError, OverflowError):
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
