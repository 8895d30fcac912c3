# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A worker ends with its run; tests/unit/plugins/module_utils/test_lock.py kills one."""

from __future__ import annotations

import os
import types

import pytest
from ansible_collections.magiclub.fargate.plugins.filter import names
from ansible_collections.magiclub.fargate.plugins.plugin_utils import run

STARTED = {"region": "us-east-1"}


@pytest.fixture
def worker(monkeypatch):
    """Make this process look like a worker of its parent, whose threads are only counted; return them."""
    threads = []

    def thread(**options):
        threads.append(options)
        return types.SimpleNamespace(start=lambda: None)

    parent = types.SimpleNamespace(pid=os.getppid())
    monkeypatch.setattr(run.multiprocessing, "parent_process", lambda: parent)
    monkeypatch.setattr(run.threading, "Thread", thread)
    run._watched.cache_clear()
    run._mark.cache_clear()
    yield threads
    run._watched.cache_clear()
    run._mark.cache_clear()


def test_the_main_process_is_its_own_run():
    assert (run.main_process(), run.orphaned()) == (os.getpid(), False)
    run.end_with_the_run()


def test_a_worker_belongs_to_its_main_process_and_watches_it_once(worker):
    assert (run.main_process(), run.orphaned()) == (os.getppid(), False)
    names.aws_environment(**STARTED)
    names.aws_environment(**STARTED)
    assert len(worker) == 1
    assert worker[0]["daemon"] is True


def test_a_worker_whose_run_has_ended_starts_no_module(worker, monkeypatch):
    mark = run.mark()
    ended = os.getppid()
    monkeypatch.setattr(run.os, "getppid", lambda: ended + 1)
    with pytest.raises(run.RunEndedError, match="was ended, so the task was not started"):
        names.aws_environment(**STARTED)
    assert (run.mark(), worker) == (mark, [])


def test_the_watch_lasts_as_long_as_the_run():
    looks, ended, slept = [False, False, True], [], []
    run.watch(over=lambda: looks.pop(0), end=ended.append, sleep=slept.append)
    assert (ended, slept, looks) == ([1], [run.LOOK_EVERY] * 2, [])
