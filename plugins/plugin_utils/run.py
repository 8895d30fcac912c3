# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which run a process of the controller belongs to, and that a worker starts nothing once that run has ended.

Ansible's workers are sessions of their own: SIGKILL, or SIGHUP of the process group, ends the main process and not
them, and a worker goes on with the rest of its loop.  Whatever calls AWS gets its environment from a filter of ours,
which a worker evaluates before each module: there a worker is told to end with its run, and its modules are marked.
A module that is under way is left to end by itself, so that what it has asked for is answered and, if it has to,
tagged; the lock waits for it.  So it does for a worker that asks AWS itself.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import threading
import time
import typing as t

from ansible import context
from ansible.errors import AnsibleError

from ..module_utils._lock import process

LOOK_EVERY = 0.2

_asking = threading.Lock()


class RunEndedError(AnsibleError):
    """The run of this worker has ended."""


def main_process() -> int:
    """Return the id of the main process of the run that this process belongs to, also when that has ended."""
    parent = multiprocessing.parent_process()
    return parent.pid if parent and parent.pid else os.getpid()


@functools.lru_cache(maxsize=1)
def _mark(pid: int) -> str:
    return process.mark(pid)


def mark() -> str:
    """Return what tells the processes of this run from those of any other."""
    return _mark(main_process())


def orphaned() -> bool:
    """Return whether this is a worker whose main process has ended: its parent is another process then."""
    return multiprocessing.parent_process() is not None and os.getppid() != main_process()


def left_out(starts: t.Container[str]) -> str:
    """Return a sentence if C(--start-at-task) names another task than I(starts); empty if not."""
    given = context.CLIARGS.get("start_at_task")
    if not given or given in starts:
        return ""
    return (
        f"--start-at-task '{given}' leaves out what this task needs, so nothing was done. Run the playbook without it:"
        " what is done already is not done again."
    )


def end_with_the_run() -> None:
    """In a worker, end it when its run ends; raises RunEndedError if that was before."""
    if multiprocessing.parent_process() is None:
        return
    if orphaned():
        raise RunEndedError("The run that this task belongs to was ended, so the task was not started.")
    _watched(os.getpid())


@contextlib.contextmanager
def asking() -> t.Iterator[None]:
    """Have a worker whose run ends meanwhile end after this, and the lock wait for it until then."""
    with _asking, process.named(mark()):
        yield


@functools.lru_cache(maxsize=1)
def _watched(_pid: int) -> threading.Thread:
    """Return the thread that watches over this process: one each, and a forked one has none yet."""
    thread = threading.Thread(target=watch, name="magiclub.fargate: ends with the run", daemon=True)
    thread.start()
    return thread


def watch(
    over: t.Callable[[], bool] = orphaned,
    end: t.Callable[[int], t.Any] = os._exit,
    sleep: t.Callable[[float], None] = time.sleep,
) -> None:
    """End this process as soon as its run has ended, and what it asks AWS itself is answered."""
    while not over():
        sleep(LOOK_EVERY)
    with _asking:
        end(1)
