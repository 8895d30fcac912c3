# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import decide, lock, process

NOW = datetime.datetime(2026, 11, 22, 15, 0, tzinfo=datetime.UTC)
ME = {"who": "me@here", "machine": "here/boot", "pid": 7, "run": "here/7", "since": "2026-11-22T15:00:00Z"}
OTHER = {"who": "you@here", "machine": "here/boot", "pid": 8, "run": "here/8", "since": "2026-11-22T14:59:00Z"}
ELSEWHERE = {**OTHER, "who": "awx@there", "machine": "there/boot", "run": "there/8", "job": "4711"}


@pytest.mark.parametrize(
    ("holder", "state", "age", "force", "expected"),
    [
        pytest.param(ME, process.RUNNING, 10, False, decide.OURS, id="our own, renewed"),
        pytest.param(ME, process.RUNNING, 9999, False, decide.OURS, id="our own, old"),
        pytest.param(ME, process.RUNNING, 10, True, decide.OURS, id="our own, forced"),
        pytest.param(OTHER, process.RUNNING, 10, False, decide.HELD, id="it runs"),
        pytest.param(OTHER, process.RUNNING, 9999, False, decide.HELD, id="it runs, long without a sign of life"),
        pytest.param(OTHER, process.ENDED, 10, False, decide.STALE, id="it has ended"),
        pytest.param(ELSEWHERE, process.UNKNOWN, 3600, False, decide.HELD, id="elsewhere, just not too old"),
        pytest.param(ELSEWHERE, process.UNKNOWN, 3601, False, decide.STALE, id="elsewhere, too old"),
        pytest.param(OTHER, process.RUNNING, 10, True, decide.STALE, id="forced"),
        pytest.param({"who": "unknown"}, process.UNKNOWN, 10, False, decide.HELD, id="unreadable"),
    ],
)
def test_verdict(holder, state, age, force, expected):
    assert decide.verdict(holder, ME, state, age, 3600, force) == expected


def test_who_comes_second_to_a_run_elsewhere_is_told_until_when_it_holds_and_how_to_break_it():
    assert decide.refusal("magiclub-an2p", ELSEWHERE, ME, process.UNKNOWN, 61, 3600) == (
        "Another run holds magiclub-an2p: awx@there (process 8, job 4711), since 2026-11-22T14:59:00Z."
        " Its last sign of life was 2 minutes ago. Wait until it has ended."
        " If it is dead, its hold ends by itself in 59 minutes, or at once with -e platform_lock_break=true."
    )


def test_who_comes_second_to_a_run_here_is_told_how_to_end_it():
    assert decide.refusal("magiclub-an2p", OTHER, ME, process.RUNNING, 61, 3600) == (
        "Another run holds magiclub-an2p: you@here (process 8), since 2026-11-22T14:59:00Z."
        " It runs on this machine. Wait until it has ended. If it hangs, end that process;"
        " the next run then takes the platform over."
    )


def test_a_second_host_of_the_same_run_is_told_which_is_the_first():
    first, second = ({**ME, "host": host, "run": f"{ME['run']}/{host}"} for host in ("first", "second"))
    assert decide.verdict(first, second, process.RUNNING, 1, 3600, force=False) == decide.HELD
    assert decide.refusal("magiclub-an2p", first, second, process.RUNNING, 1, 3600) == (
        "Another host of this run holds magiclub-an2p: first. second has the same name prefix, so it is the same"
        " platform. Set fargate_name_prefix to one that no other host has, or give --limit."
    )


@pytest.mark.parametrize("value", ["", "no json", "[]", "7"])
def test_an_unreadable_value_has_a_holder_of_no_name(value):
    holder = decide.holder_of(value)
    assert holder == {"who": "unknown", "since": "unknown"}
    assert "holds magiclub-an2p: unknown (process unknown), since unknown." in decide.refusal(
        "magiclub-an2p", holder, ME, process.UNKNOWN, 60, 3600
    )


@pytest.mark.parametrize(
    ("age", "said"), [(-1, "0 minutes"), (0, "0 minutes"), (1, "1 minute"), (60, "1 minute"), (61, "2 minutes")]
)
def test_minutes_are_whole_ones(age, said):
    assert f"was {said} ago." in decide.refusal("magiclub-an2p", ELSEWHERE, ME, process.UNKNOWN, age, 3600)


class Parameters:
    """SSM's rules: a create of what exists fails, a write counts the version up, a delete starts anew."""

    def __init__(self, *values):
        self.values = [json.dumps(value) for value in values]
        self.before_overwrite = []

    def create(self, client, name, value):
        if self.values:
            return False
        self.values.append(json.dumps(value))
        return True

    def read(self, client, name):
        if not self.values:
            return None
        return {"Value": self.values[-1], "Version": len(self.values), "LastModifiedDate": NOW}

    def overwrite(self, client, name, value):
        if self.before_overwrite:
            self.before_overwrite.pop(0)()
        self.values.append(json.dumps(value))
        return len(self.values)

    def restore(self, client, name, version):
        if version <= len(self.values):
            self.values.append(self.values[version - 1])

    def delete(self, client, name):
        self.values.clear()

    def holder(self):
        return json.loads(self.values[-1]) if self.values else None


def take(parameters, me=ME, state=process.RUNNING, force=False, sleep=lambda seconds: None):
    lock.take(
        parameters,
        None,
        "/magiclub-an2p/lock",
        me,
        prefix="magiclub-an2p",
        max_age=3600,
        state=lambda holder: state,
        now=lambda: NOW,
        sleep=sleep,
        force=force,
    )


def test_a_free_lock_is_taken():
    parameters = Parameters()
    take(parameters)
    assert parameters.holder() == ME


def test_a_held_lock_is_refused_and_left_as_it_is():
    parameters = Parameters(OTHER)
    with pytest.raises(lock.Held, match="you@here"):
        take(parameters)
    assert parameters.values == [json.dumps(OTHER)]


def test_the_lock_of_a_dead_run_is_taken_over():
    parameters = Parameters(OTHER)
    take(parameters, state=process.ENDED)
    assert parameters.holder() == ME


def test_of_two_that_take_a_stale_lock_over_the_first_has_it():
    parameters = Parameters(ELSEWHERE)
    first = {**OTHER, "run": "there/9", "who": "first@there", "machine": "there/boot"}
    parameters.before_overwrite.append(lambda: parameters.values.append(json.dumps(first)))
    with pytest.raises(lock.Held, match="first@there"):
        take(parameters, force=True)
    assert parameters.holder() == first


def test_a_stale_lock_that_is_left_meanwhile_is_taken():
    parameters = Parameters(ELSEWHERE, ELSEWHERE)
    parameters.before_overwrite.append(parameters.values.clear)
    take(parameters, force=True)
    assert parameters.holder() == ME


def test_a_lock_that_never_rests_is_given_up():
    parameters = Parameters()
    parameters.create = lambda *args: False
    with pytest.raises(lock.Held, match="changed hands 6 times"):
        take(parameters)


def test_a_name_that_was_just_deleted_is_waited_for():
    """For 30 seconds it may neither be created nor be there (API_DeleteParameter)."""
    parameters, slept = Parameters(), []
    create = parameters.create
    parameters.create = lambda *args: sum(slept) >= 30 and create(*args)
    take(parameters, sleep=slept.append)
    assert parameters.holder() == ME
    assert slept[0] == 1


def test_ours_is_renewed_and_says_since_when_as_before():
    parameters = Parameters(ME)
    take(parameters, {**ME, "since": "2026-11-22T16:00:00Z"})
    assert parameters.values == [json.dumps(ME)] * 2


@pytest.mark.parametrize(("holder", "left"), [(ME, True), (OTHER, False), (None, False)])
def test_only_ours_is_left(holder, left):
    parameters = Parameters(*([holder] if holder else []))
    assert lock.leave(parameters, None, "/magiclub-an2p/lock", ME) is left
    assert parameters.holder() == (None if left else holder)


def here(process_id, **more):
    return {"machine": process.machine(), "pid": process_id, "started": process.started(process_id), **more}


@pytest.fixture
def sleeper():
    """A process of this machine that does nothing."""
    with subprocess.Popen(["sleep", "60"]) as running:
        yield running
        running.kill()


def test_a_holder_runs_until_it_is_killed(sleeper):
    holder = here(sleeper.pid)
    assert process.state(holder) == process.RUNNING
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert process.state(holder) == process.ENDED, "a zombie"
    sleeper.wait()
    assert process.state(holder) == process.ENDED


@pytest.mark.parametrize(
    ("change", "state"),
    [
        pytest.param({}, process.RUNNING, id="itself"),
        pytest.param({"started": "1"}, process.ENDED, id="its id was given again"),
        pytest.param({"started": ""}, process.UNKNOWN, id="nobody noted its start"),
        pytest.param({"machine": "there/boot/pid:[1]"}, process.UNKNOWN, id="elsewhere"),
        pytest.param({"machine": None}, process.UNKNOWN, id="of no machine"),
        pytest.param({"pid": None}, process.UNKNOWN, id="of no process"),
        pytest.param({"pid": 2**22 + 1}, process.ENDED, id="no such process"),
    ],
)
def test_a_process_is_known_by_its_machine_its_id_and_its_start(change, state):
    assert process.state({**here(os.getpid()), **change}) == state


def test_a_process_of_somebody_else_runs_too():
    # the first one; who asks as root may signal it
    assert process.state(here(1)) == process.RUNNING


def test_a_process_that_may_not_be_signalled_is_there(monkeypatch):
    def refuse(_pid, signal):
        assert signal == 0, "looking must not end it"
        raise PermissionError

    holder = here(os.getpid())
    monkeypatch.setattr(process.os, "kill", refuse)
    assert process.state(holder) == process.RUNNING


def test_without_proc_only_the_end_of_a_process_is_known(monkeypatch, tmp_path):
    monkeypatch.setattr(process, "Path", lambda path: tmp_path / path.lstrip("/"))
    assert process.machine() == platform.node()
    assert process.started(os.getpid()) == ""
    assert process.state(here(os.getpid(), started="77")) == process.UNKNOWN
    assert process.state(here(2**22 + 1)) == process.ENDED


def test_two_containers_of_a_machine_are_two_machines(monkeypatch):
    first = process.machine()
    monkeypatch.setattr(process.Path, "readlink", lambda path: "pid:[4026532000]")
    assert process.machine() != first
