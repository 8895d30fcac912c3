# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import select
import signal
import subprocess
import sys
import types

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import decide, lock, process
from ansible_collections.magiclub.fargate.plugins.plugin_utils import run

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
        pytest.param(OTHER, process.SURVIVED, 9999, False, decide.HELD, id="it has ended, and not all of it"),
        pytest.param(OTHER, process.SURVIVED, 10, True, decide.STALE, id="not all of it has ended, forced"),
        pytest.param(ELSEWHERE, process.UNKNOWN, 3600, False, decide.HELD, id="elsewhere, just not too old"),
        pytest.param(ELSEWHERE, process.UNKNOWN, 3601, False, decide.STALE, id="elsewhere, too old"),
        pytest.param(OTHER, process.RUNNING, 10, True, decide.STALE, id="forced"),
        pytest.param({"who": "unknown"}, process.UNKNOWN, 10, False, decide.HELD, id="unreadable"),
    ],
)
def test_verdict(holder, state, age, force, expected):
    assert decide.verdict(holder, ME, state, age, 3600, force) == expected


LEFT = [process.Process(9, "ec2_vpc_net", "2026-11-22T14:59:30Z"), process.Process(10, "sh", "2026-11-22T14:59:30Z")]
SURVIVED = process.RunState(process.SURVIVED, LEFT)


def refusal(holder, state, age, me=ME):
    return decide.refusal("magiclub-an2p", holder, me, process.RunState(state), age, 3600)


def test_who_comes_second_to_a_run_elsewhere_is_told_until_when_it_holds_and_how_to_break_it():
    assert refusal(ELSEWHERE, process.UNKNOWN, 61) == (
        "Another run holds magiclub-an2p: awx@there (process 8, job 4711), since 2026-11-22T14:59:00Z."
        " The lock was last renewed 2 minutes ago. Wait until that run has ended."
        " If it is dead, the lock expires in 59 minutes, or at once with -e platform_lock_break=true."
    )


def test_who_comes_second_to_a_run_here_is_told_how_to_end_it():
    assert refusal(OTHER, process.RUNNING, 61) == (
        "Another run holds magiclub-an2p: you@here (process 8), since 2026-11-22T14:59:00Z."
        " It runs on this machine. Wait until it has ended. If it hangs, end that process;"
        " the next run then takes the platform over."
    )


@pytest.mark.parametrize(
    ("left", "who", "pids"),
    [
        (LEFT[:1], "process 9 (ec2_vpc_net, since 2026-11-22T14:59:30Z) is", "9"),
        (
            LEFT,
            "processes 9 (ec2_vpc_net, since 2026-11-22T14:59:30Z), 10 (sh, since 2026-11-22T14:59:30Z) are",
            "9 10",
        ),
    ],
)
def test_who_waited_in_vain_for_what_an_ended_run_left_is_told_what_that_is(left, who, pids):
    known = process.RunState(process.SURVIVED, left)
    assert decide.refusal("magiclub-an2p", OTHER, ME, known, 61, 3600, 120) == (
        "Another run holds magiclub-an2p: you@here (process 8), since 2026-11-22T14:59:00Z."
        f" That run was killed, but {who} still running on this machine and may still change something."
        " This run waited 120 s without success. Wait until AWS has answered, or end what hangs:"
        f" kill {pids}. Then run again."
    )


def test_a_second_host_of_the_same_run_is_told_which_is_the_first():
    first, second = ({**ME, "host": host, "run": f"{ME['run']}/{host}"} for host in ("first", "second"))
    assert decide.verdict(first, second, process.RUNNING, 1, 3600, force=False) == decide.HELD
    assert refusal(first, process.RUNNING, 1, second) == (
        "Another host of this run holds magiclub-an2p: first. second has the same name prefix, so it is the same"
        " platform. Set fargate_name_prefix to one that no other host has, or give --limit."
    )


@pytest.mark.parametrize(
    "value",
    [
        "",
        "no json",
        "[]",
        "7",
        "{}",
        '{"owner": "me@host"}',
        '{"who": null, "since": null}',
        '{"who": ["a"], "since": 5}',
    ],
)
def test_an_unreadable_value_has_a_holder_of_no_name(value):
    holder = decide.holder_of(value)
    assert holder == {"who": "unknown", "since": "unknown"}
    assert refusal(holder, process.UNKNOWN, 60) == (
        "Another run may hold magiclub-an2p: the SSM parameter /magiclub-an2p/lock has a value that no run of this"
        " release wrote. The lock was last renewed 1 minute ago. Wait until that run has ended."
        " If it is dead, the lock expires in 59 minutes, or at once with -e platform_lock_break=true."
    )


@pytest.mark.parametrize(
    ("age", "said"), [(-1, "0 minutes"), (0, "0 minutes"), (1, "1 minute"), (60, "1 minute"), (61, "2 minutes")]
)
def test_minutes_are_whole_ones(age, said):
    assert f"was last renewed {said} ago." in refusal(ELSEWHERE, process.UNKNOWN, age)


class Parameters:
    """SSM's rules: a create of what exists fails, a write counts the version up, a delete starts again."""

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


def take(
    parameters, me=ME, state=process.RUNNING, look=None, sleep=lambda seconds: None, warn=lambda text: None, **more
):
    asked = lock.Request("/magiclub-an2p/lock", me, "magiclub-an2p", max_age=3600, **more)
    look = look or (lambda holder: process.RunState(state))
    lock.acquire(parameters, None, asked, lock.Tools(look, lambda: NOW, sleep, warn))


def test_a_free_lock_is_taken():
    parameters = Parameters()
    take(parameters)
    assert parameters.holder() == ME


def test_a_held_lock_is_refused_and_left_as_it_is():
    parameters = Parameters(OTHER)
    with pytest.raises(lock.LockHeldError, match="you@here"):
        take(parameters)
    assert parameters.values == [json.dumps(OTHER)]


def test_the_lock_of_a_dead_run_is_taken_over():
    parameters = Parameters(OTHER)
    take(parameters, state=process.ENDED)
    assert parameters.holder() == ME


def test_the_lock_of_a_dead_run_is_taken_over_once_none_of_its_processes_is_left():
    parameters, slept, warned = Parameters(OTHER), [], []

    def look(_holder):
        assert parameters.holder() == OTHER, "taken while somebody was at work"
        return SURVIVED if sum(slept) < 5 else process.RunState(process.ENDED)

    take(parameters, look=look, sleep=slept.append, wait=60, warn=warned.append)

    assert parameters.holder() == ME
    assert sum(slept) == 5
    assert warned == [
        "Waited 5 s for processes that a killed run had left behind: 9 (ec2_vpc_net, since 2026-11-22T14:59:30Z),"
        " 10 (sh, since 2026-11-22T14:59:30Z)."
    ]


def test_what_a_dead_run_has_left_is_not_waited_for_for_ever():
    parameters, slept = Parameters(OTHER), []
    with pytest.raises(lock.LockHeldError, match="This run waited 60 s without success"):
        take(parameters, look=lambda _holder: SURVIVED, sleep=slept.append, wait=60)
    assert (parameters.holder(), sum(slept)) == (OTHER, 60)


def test_a_lock_that_is_broken_waits_for_nobody():
    parameters, slept = Parameters(OTHER), []
    take(parameters, look=lambda _holder: SURVIVED, sleep=slept.append, wait=60, force=True)
    assert (parameters.holder(), slept) == (ME, [])


def test_a_run_that_goes_on_is_not_waited_for():
    slept = []
    with pytest.raises(lock.LockHeldError):
        take(Parameters(OTHER), sleep=slept.append, wait=60)
    assert slept == []


def test_of_two_that_take_a_stale_lock_over_the_first_has_it():
    parameters = Parameters(ELSEWHERE)
    first = {**OTHER, "run": "there/9", "who": "first@there", "machine": "there/boot"}
    parameters.before_overwrite.append(lambda: parameters.values.append(json.dumps(first)))
    with pytest.raises(lock.LockHeldError, match="first@there"):
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
    with pytest.raises(lock.LockHeldError, match="changed hands 6 times"):
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
    assert lock.release(parameters, None, "/magiclub-an2p/lock", ME) is left
    assert parameters.holder() == (None if left else holder)


def here(process_id, **more):
    return {"machine": process.machine(), "pid": process_id, "started": process.started(process_id), **more}


def state_of(holder):
    return process.inspect(holder).state


@pytest.fixture
def sleeper():
    """A process of this machine that does nothing."""
    with subprocess.Popen(["sleep", "60"]) as running:
        yield running
        running.kill()


def test_a_holder_runs_until_it_is_killed(sleeper):
    holder = here(sleeper.pid)
    assert state_of(holder) == process.RUNNING
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert state_of(holder) == process.ENDED, "a zombie"
    sleeper.wait()
    assert state_of(holder) == process.ENDED


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
        pytest.param({"pid": 2**40}, process.ENDED, id="more than a process id can be"),
        pytest.param({"pid": -(2**40)}, process.ENDED, id="less than a process id can be"),
    ],
)
def test_a_process_is_known_by_its_machine_its_id_and_its_start(change, state):
    assert state_of({**here(os.getpid()), **change}) == state


def test_a_process_of_somebody_else_runs_too():
    # the first one; who asks as root may signal it
    assert state_of(here(1)) == process.RUNNING


def test_a_process_that_may_not_be_signalled_is_there(monkeypatch):
    def refuse(_pid, signal):
        assert signal == 0, "looking must not end it"
        raise PermissionError

    holder = here(os.getpid())
    monkeypatch.setattr(process.os, "kill", refuse)
    assert state_of(holder) == process.RUNNING


def test_without_proc_only_the_end_of_a_process_is_known(monkeypatch, tmp_path):
    without_proc(monkeypatch, tmp_path)
    assert process.machine() == platform.node()
    assert process.started(os.getpid()) == ""
    assert state_of(here(os.getpid(), started="77")) == process.UNKNOWN
    assert state_of(here(2**22 + 1)) == process.ENDED


def test_two_containers_of_a_machine_are_two_machines(monkeypatch):
    first = process.machine()
    monkeypatch.setattr(process.Path, "readlink", lambda path: "pid:[4026532000]")
    assert process.machine() != first


SECONDS = 30
MAIN = """
import multiprocessing, os, subprocess, sys
from ansible_collections.magiclub.fargate.plugins.plugin_utils import run

def work(report):
    run.end_with_the_run()
    environment = {**os.environ, "MAGICLUB_FARGATE_RUN": run.mark()}
    module = subprocess.Popen(["sleep", "600"], env=environment)
    print(run.main_process(), run.mark(), os.getpid(), module.pid, flush=True)
    # as a loop with many items does, or the pause of a retry
    while True:
        module.wait()

if __name__ == "__main__":
    worker = multiprocessing.get_context("fork").Process(target=work, args=(int(sys.argv[1]),))
    worker.start()
    worker.join()
"""


@pytest.mark.program
@pytest.mark.skipif(not process.started(os.getpid()), reason="no /proc")
def test_of_a_run_that_was_killed_the_workers_end_and_the_module_under_way_is_seen(tmp_path):
    script = tmp_path / "main.py"
    script.write_text(MAIN, encoding="utf-8")
    alive, held_open = os.pipe()
    command = [sys.executable, str(script), str(held_open)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(
        command, pass_fds=[held_open], env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as main:
        os.close(held_open)
        pid, mark, worker, module = main.stdout.readline().split()
        assert int(pid) == main.pid
        holder = here(main.pid, mark=mark, uid=os.getuid())
        try:
            assert process.inspect(holder) == process.RunState(process.RUNNING)
            assert mark == process.mark(main.pid)
            main.kill()
            main.wait()
            # main and worker hold its other end open; a module does not inherit it
            assert select.select([alive], [], [], SECONDS)[0], "the worker lives on"
            look = process.inspect(holder)
            assert (look.state, [one.pid for one in look.left]) == (process.SURVIVED, [int(module)])
            assert look.left[0].command == "sleep"
        finally:
            os.close(alive)
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(worker), signal.SIGKILL)
            ended = os.pidfd_open(int(module))
            os.kill(int(module), signal.SIGKILL)
            assert select.select([ended], [], [], SECONDS)[0]
            os.close(ended)
    assert process.inspect(holder) == process.RunState(process.ENDED)


ASKING = """
import multiprocessing, os, sys
from ansible_collections.magiclub.fargate.plugins.plugin_utils import run

def work(answer):
    run.end_with_the_run()
    with run.asking():
        print(os.getpid(), run.mark(), flush=True)
        os.read(answer, 1)
    while True:
        pass

if __name__ == "__main__":
    worker = multiprocessing.get_context("fork").Process(target=work, args=(int(sys.argv[1]),))
    worker.start()
    worker.join()
"""


@pytest.mark.program
@pytest.mark.skipif(not process.started(os.getpid()), reason="no /proc")
def test_a_worker_of_a_killed_run_that_asks_aws_itself_is_seen_and_ends_once_it_is_answered(tmp_path):
    script = tmp_path / "main.py"
    script.write_text(ASKING, encoding="utf-8")
    answer, answering = os.pipe()
    command = [sys.executable, str(script), str(answer)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(
        command, pass_fds=[answer], env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as main:
        worker, mark = main.stdout.readline().split()
        ended = os.pidfd_open(int(worker))
        try:
            holder = here(main.pid, mark=mark, uid=os.getuid())
            main.kill()
            main.wait()
            look = process.inspect(holder)
            assert (look.state, [one.pid for one in look.left]) == (process.SURVIVED, [int(worker)])
            assert look.left[0].command == "a worker of Ansible"
            assert not select.select([ended], [], [], 3 * run.LOOK_EVERY)[0], "it ended before it was answered"
            os.write(answering, b"x")
            assert select.select([ended], [], [], SECONDS)[0], "the worker lives on"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(worker), signal.SIGKILL)
            for one in (ended, answer, answering):
                os.close(one)
    assert process.inspect(holder) == process.RunState(process.ENDED)


def test_a_process_is_found_by_its_name_only_while_it_asks():
    before = process.Path("/proc/self/comm").read_text(encoding="utf-8")
    with process.named("ab12" * 5):
        [found] = process.marked("ab12" * 5, whole=True)
        assert (found.pid, process.marked("cd34" * 5, whole=True)) == (os.getpid(), [])
    assert process.marked("ab12" * 5, whole=True) == []
    assert process.Path("/proc/self/comm").read_text(encoding="utf-8") == before


def test_without_proc_a_process_keeps_its_name(monkeypatch, tmp_path):
    without_proc(monkeypatch, tmp_path)
    with process.named("ab12" * 5):
        assert list(tmp_path.iterdir()) == []


def test_a_module_is_named_and_its_arguments_are_not(monkeypatch):
    shell = "AWS_SECRET_ACCESS_KEY=hush MAGICLUB_FARGATE_RUN=ab12 /usr/bin/python3 /tmp/x/AnsiballZ_ec2_vpc_net.py"
    answer = f"  41   01:05 /bin/sh -c {shell} && sleep 0\n  42 1-02:03:04 sshd: me [priv]\n  43 00:01 grep ab12\n"
    [found] = process.from_ps(answer, "MAGICLUB_FARGATE_RUN=ab12", NOW.timestamp())
    assert str(found) == "41 (ec2_vpc_net, since 2026-11-22T14:58:55Z)"


@pytest.mark.parametrize(("elapsed", "seconds"), [("00:07", 7), ("02:03:04", 7384), ("1-02:03:04", 93784), ("?", 0)])
def test_the_elapsed_time_of_ps(elapsed, seconds):
    [found] = process.from_ps(f"1 {elapsed} sh RUN=1", "RUN=1", NOW.timestamp())
    assert found.since == (NOW - datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def without_proc(monkeypatch, tmp_path):
    monkeypatch.setattr(process, "Path", lambda path: tmp_path / str(path).lstrip("/"))


def test_without_proc_the_processes_of_a_run_are_found_by_ps(monkeypatch, tmp_path):
    without_proc(monkeypatch, tmp_path)
    asked = []

    def run(command, **_options):
        asked.append(command)
        return types.SimpleNamespace(stdout="41 00:05 sh -c MAGICLUB_FARGATE_RUN=ab12 python3 AnsiballZ_ec2_eip.py\n")

    monkeypatch.setattr(process.subprocess, "run", run)
    look = process.inspect({**here(2**22 + 1), "mark": "ab12", "uid": os.getuid()})
    assert (look.state, [one.command for one in look.left]) == (process.SURVIVED, ["ec2_eip"])
    assert asked == [process.PS]
    assert process.inspect({**here(2**22 + 1), "mark": "cd34", "uid": os.getuid()}).state == process.ENDED


def test_where_nothing_shows_processes_nobody_is_called_dead(monkeypatch, tmp_path):
    without_proc(monkeypatch, tmp_path)

    def run(*_arguments, **_options):
        raise FileNotFoundError

    monkeypatch.setattr(process.subprocess, "run", run)
    assert process.inspect({**here(2**22 + 1), "mark": "ab12", "uid": os.getuid()}).state == process.UNKNOWN


@pytest.mark.parametrize(("uid", "state"), [(os.getuid(), process.ENDED), (os.getuid() + 1, process.UNKNOWN)])
def test_of_another_user_whose_processes_are_hidden_nothing_is_known(monkeypatch, uid, state):
    stat = process._stat
    monkeypatch.setattr(process, "_stat", lambda pid: [] if pid == 1 else stat(pid))
    assert process.inspect({**here(2**22 + 1), "mark": "ab12", "uid": uid}).state == state


def test_a_lock_that_names_no_mark_counts_by_its_main_process():
    assert process.inspect(here(2**22 + 1)).state == process.ENDED
