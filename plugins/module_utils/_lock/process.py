# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Identify the processes of a run, and find out whether they are still running (proc(5), pid_namespaces(7)).

Modules and workers outlive the main process of a killed run.  They are found by a mark: modules are started with
L(VARIABLE) in their environment, and a worker that calls AWS itself is renamed by C(named).
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
# ps(1) of POSIX; the arguments have the environment, as Ansible puts it in front of the module's command
PS = ("ps", "-A", "-o", "pid=", "-o", "etime=", "-o", "args=")
PS_SECONDS = 10
MODULE = re.compile(r"AnsiballZ_(\w+)\.py")
WORKER = "aws-"
"""Prefix of a worker's name while it calls AWS itself; the mark of its run follows."""
WORKER_DOES = "a worker of Ansible"
ELAPSED = re.compile(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)")


class Process(t.NamedTuple):
    """A process of a run: its id, its command, and the time of its start."""

    pid: int
    command: str
    since: str

    def __str__(self) -> str:
        """Return the process as text."""
        return f"{self.pid} ({self.command}, since {self.since})"


class RunState(t.NamedTuple):
    """The state of a run, one of those above, and the processes that it has left behind."""

    state: str
    left: t.Sequence[Process] = ()


def machine() -> str:
    """Return the scope of a process id: the machine, its boot, and the pid namespace (container)."""
    parts = [platform.node()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    with contextlib.suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return "/".join(parts)


def started(pid: int) -> str:
    """Return when a process was started, in ticks since boot; empty if unknown."""
    stat = _stat(pid)
    return stat[19] if stat else ""


def mark(pid: int) -> str:
    """Return the mark of the processes of a run whose main process is I(pid)."""
    return hashlib.sha256(f"{machine()}/{pid}/{started(pid)}".encode()).hexdigest()[:20]


@contextlib.contextmanager
def named(mark_of_run: str) -> t.Iterator[None]:
    """Rename this process for the duration of the body, so that C(marked) finds it."""
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
    """Return the name of a worker of a run, in the 15 bytes that Linux keeps (comm in proc(5))."""
    return f"{WORKER}{mark_of_run}"[:15]


def inspect(holder: t.Mapping[str, t.Any]) -> RunState:
    """Return whether the run that a lock names is running, has left processes behind, has ended, or is unknown.

    A process with the same id and another start time is a different one; a zombie counts as ended.
    """
    pid = holder.get("pid")
    if holder.get("machine") != machine() or not isinstance(pid, int):
        return RunState(UNKNOWN)
    main = _main_process(pid, holder.get("started"))
    # a lock of an older release has no mark
    if main != ENDED or not holder.get("mark"):
        return RunState(main)
    left = marked(str(holder["mark"]), whole=holder.get("uid") == os.getuid())
    if left is None:
        return RunState(UNKNOWN)
    return RunState(SURVIVED, left) if left else RunState(ENDED)


def marked(mark_of_run: str, *, whole: bool) -> list[Process] | None:
    """Return the processes of a run on this machine, or None if they can't be listed.

    :param whole: whether the run is this user's, from whom its processes are not hidden (hidepid in proc(5)).
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
    """Return the command of a process of a run; empty if it is not one of its processes."""
    if "".join(_strings(pid, "comm")).strip() == _name(mark_of_run):
        return WORKER_DOES
    wanted, arguments = f"{VARIABLE}={mark_of_run}", _strings(pid, "cmdline")
    # a fork without exec inherits the environment, so the child processes of a module count, too
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
    """Return the processes in the output of ps that have I(wanted) among their arguments; I(now) is a Unix time."""
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
    """Return the name of a command without its arguments, which may contain credentials."""
    module = MODULE.search(" ".join(arguments))
    if module:
        return module[1]
    return Path(arguments[0]).name if arguments else "unknown"


def _clock(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _boot() -> float:
    """Return when this machine was booted, as a Unix time."""
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
    # others can write the lock, so its process id may exceed the system's pid_t
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _stat(pid: int) -> list[str]:
    """Return the fields after the command: the first is the state, the twentieth the start time."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
