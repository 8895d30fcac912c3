# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Identifies the run of a controller process, and makes a worker end with its run.

Ansible's workers have their own sessions: SIGKILL, or SIGHUP of the process group, ends only the main process, and a
worker goes on with its loop.  All tasks that call AWS get their environment from the filter aws_environment, which a
worker evaluates before each module.  The filter marks the module, and makes the worker end with its run.  A running
module (or a worker that calls AWS itself) is not interrupted, so that it sees each response and can tag what it has
created; the lock waits for it.
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
    """Return the id of the main process of this run, even after it has ended."""
    parent = multiprocessing.parent_process()
    return parent.pid if parent and parent.pid else os.getpid()


@functools.lru_cache(maxsize=1)
def _mark(pid: int) -> str:
    return process.mark(pid)


def mark() -> str:
    """Return the mark of this run's processes."""
    return _mark(main_process())


def orphaned() -> bool:
    """Return whether this is a worker whose main process has ended, by its changed parent."""
    return multiprocessing.parent_process() is not None and os.getppid() != main_process()


def left_out(starts: t.Container[str]) -> str:
    """Return a message if C(--start-at-task) names a task that is not in I(starts), else an empty string."""
    given = context.CLIARGS.get("start_at_task")
    if not given or given in starts:
        return ""
    return (
        f"--start-at-task '{given}' leaves out what this task needs, so nothing was done. Run the playbook without it:"
        " what is done already is not done again."
    )


def end_with_the_run() -> None:
    """Make a worker end when its run ends; raises RunEndedError if that has already ended."""
    if multiprocessing.parent_process() is None:
        return
    if orphaned():
        raise RunEndedError("The run that this task belongs to was ended, so the task was not started.")
    _watched(os.getpid())


@contextlib.contextmanager
def asking() -> t.Iterator[None]:
    """Delay the end of a worker whose run ends meanwhile, and make the lock wait for it."""
    with _asking, process.named(mark()):
        yield


@functools.lru_cache(maxsize=1)
def _watched(_pid: int) -> threading.Thread:
    """Return the watching thread of this process; a forked process starts its own."""
    thread = threading.Thread(target=watch, name="magiclub.fargate: ends with the run", daemon=True)
    thread.start()
    return thread


def watch(
    over: t.Callable[[], bool] = orphaned,
    end: t.Callable[[int], t.Any] = os._exit,
    sleep: t.Callable[[float], None] = time.sleep,
) -> None:
    """End this process when its run and its own calls to AWS have ended."""
    while not over():
        sleep(LOOK_EVERY)
    with _asking:
        end(1)
