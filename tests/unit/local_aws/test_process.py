# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Only a process that we started is ever ended."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from local_aws.process import Remembered, start_time

FOREVER = [sys.executable, "-c", "import threading; threading.Event().wait()"]
DEAF_PROGRAM = """
import signal, threading
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(flush=True)
threading.Event().wait()
"""
DEAF = [sys.executable, "-c", DEAF_PROGRAM]


def test_start_remember_end(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "p.json")
    pid = remembered.start(FOREVER, tmp_path / "log", port=1)
    assert remembered.alive() == {"pid": pid, "start_time": start_time(pid), "port": 1}
    assert remembered.end(timeout=10) is True
    assert start_time(pid) is None
    assert not remembered.path.exists()
    assert remembered.end(timeout=10) is False


def test_one_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "p.json")
    pid = remembered.start(DEAF, tmp_path / "log")
    while not (tmp_path / "log").read_text():
        assert remembered.alive()
    assert remembered.end(timeout=0.2) is True
    assert start_time(pid) is None


def test_a_process_that_got_the_same_id_later_is_left_alone(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "p.json")
    remembered.path.write_text(json.dumps({"pid": os.getpid(), "start_time": "1"}))
    assert remembered.alive() == {}
    assert remembered.end(timeout=1) is False


def test_a_broken_file_is_no_process(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "p.json")
    remembered.path.write_text("{")
    assert remembered.alive() == {}
