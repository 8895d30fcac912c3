# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

from tests import run
from tests.campaigns import kill_resume

PYTEST = """\
SKIPPED [2] tests/unit/test_x.py:7: could not import 'moto'
=========== 1 failed, 12 passed, 2 skipped, 1 error in 0.40s ============
"""


@pytest.mark.parametrize(
    ("suite", "code", "output", "expected"),
    [
        pytest.param("unit", 0, "===== 12 passed in 0.40s =====", (12, 0, 0), id="pytest"),
        pytest.param("unit", 1, PYTEST, (12, 2, 2), id="pytest with all there is"),
        pytest.param("unit", 1, "12 passed\nFAIL Required test coverage of 95% not reached", (12, 1, 0), id="coverage"),
        pytest.param("unit", 5, "no tests ran in 0.01s", (0, 1, 0), id="no test"),
        pytest.param("unit", 0, "", (1, 0, 0), id="a program without counts"),
        pytest.param("molecule", 1, "1 failed and 3 successful", (0, 1, 0), id="molecule counts as one"),
        pytest.param("lint", 0, "3 failed", (1, 0, 0), id="lint counts as one"),
    ],
)
def test_judge(suite, code, output, expected):
    result = run.judge(run.Check(suite, "x", []), code, output, 1.0)
    assert (result.passed, result.failed, result.skipped) == expected


def test_judge_keeps_the_reasons_of_what_was_skipped():
    assert run.judge(run.Check("unit", "x", []), 1, PYTEST, 1.0).reasons == ["2 x could not import 'moto'"]


def test_table_ends_in_the_closing_line():
    results = [
        run.Result(run.Check("unit", "a", []), 3, 0, 1, ["1 x no engine"], 2.0, ""),
        run.Result(run.Check("lint", "b", []), 0, 1, 0, [], 3.0, ""),
    ]
    lines = run.table(results, 4.0).splitlines()
    assert lines[-1] == "3 passed, 1 failed, 1 skipped"
    assert "    skipped: 1 x no engine" in lines


def test_table_names_what_took_far_more_than_it_may():
    took = [
        run.Result(run.Check("unit", name, []), 1, 0, 0, [], 9.0, "", cpu)
        for name, cpu in (("plugins", 61), ("x", 401))
    ]
    said = [line for line in run.table(took, 9.0).splitlines() if " took " in line]
    assert said == ["unit/x took 401 s of a processor; tests/run.py gives it 200."]


def test_what_ci_runs_is_there_and_takes_ten_minutes_of_two_processors():
    names = {check.full_name for check in run.checks()}
    assert set(run.CORE) <= names
    assert {name for name in names if name.startswith(("lint/", "unit/"))} <= set(run.CORE)
    assert sum(run.CORE.values()) <= 0.9 * 2 * 600


def test_contributing_tells_what_ci_runs_and_how_long_it_may_take():
    rows = re.findall(r"^\| (`.+?) \|.*\| (\d+) \| CI", (run.ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    told = {tuple(re.findall(r"`(.+?)`", names)): int(seconds) for names, seconds in rows}
    budgets = [({name, name.partition("/")[0]}, seconds) for name, seconds in run.CORE.items()]
    counted = {row: sum(seconds for names, seconds in budgets if names & {*row}) for row in told}
    assert told == counted
    assert sum(told.values()) == sum(run.CORE.values())


@pytest.mark.parametrize("parts", [1, 2, 4, 50])
def test_the_parts_of_all_checks_are_all_of_them_once_and_about_as_long(parts):
    every = run.checks()
    found = [run.shard(every, f"{part + 1}/{parts}") for part in range(parts)]
    assert sorted(check.full_name for part in found for check in part) == sorted(check.full_name for check in every)
    sums = [sum(check.budget for check in part) for part in found]
    assert max(sums) - min(sums) <= max(check.budget for check in every)


def test_every_night_all_parts_are_run_and_sweeps_that_there_are():
    text = (run.ROOT / ".github" / "workflows" / "nightly.yml").read_text("utf-8")
    matrices = {name: job["strategy"]["matrix"] for name, job in yaml.safe_load(text)["jobs"].items()}
    parts = matrices["all"]["part"]
    assert parts == list(range(1, len(parts) + 1))
    assert f'tests.run --all --shard "${{{{ matrix.part }}}}/{len(parts)}"' in text
    assert set(matrices["sweeps"]["sweep"]) <= set(kill_resume.SWEEPS)


@pytest.mark.parametrize("wrong", ["0/2", "3/2", "1", "a/b", "1/0"])
def test_a_part_that_there_is_not(wrong):
    with pytest.raises(SystemExit, match=f"--shard {wrong}: it is a part and how many there are, as in 1/4."):
        run.shard([], wrong)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], ["lint/a", "lint/b", "unit/a"]),
        (["lint"], ["lint/a", "lint/b"]),
        (["unit", "lint/b"], ["lint/b", "unit/a"]),
    ],
)
def test_select(wanted, expected):
    every = [run.Check("lint", "a", []), run.Check("lint", "b", []), run.Check("unit", "a", [])]
    assert [check.full_name for check in run.select(every, wanted)] == expected


def test_select_of_what_is_not_there():
    with pytest.raises(SystemExit, match="--only nope: no such suite or check"):
        run.select([run.Check("lint", "a", [])], ["nope"])


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ([sys.executable, "-c", "print('4 passed')"], (4, 0)),
        ([sys.executable, "-c", "raise SystemExit(3)"], (0, 1)),
        (["no-such"], (0, 1)),
    ],
)
def test_run_keeps_the_output(command, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "LOGS", tmp_path)
    result = run.run(run.Check("unit", "x", command), None, run.Programs(60))
    assert (result.passed, result.failed) == expected
    assert (tmp_path / "unit-x.log").read_text() == result.output


def test_run_counts_the_seconds_of_a_check_and_of_what_it_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "LOGS", tmp_path)
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    command = [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"]
    assert 0.2 <= run.run(run.Check("unit", "x", command), None, run.Programs(60)).cpu < 20


def test_what_only_computes_leaves_the_processors_to_what_waits_for_others(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "LOGS", tmp_path)
    yielded = []
    monkeypatch.setattr(run, "yield_to_others", yielded.append)
    programs = run.Programs(60)
    for suite in ("e2e", "local_aws", "molecule", "moto", "app"):
        run.run(run.Check(suite, "x", ["true"]), None, programs)
    assert yielded == []
    run.run(run.Check("unit", "x", ["true"]), None, programs)
    assert len(yielded) == 1


def test_to_yield_is_to_be_nice():
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, start_new_session=True) as program:
        run.yield_to_others(program.pid)
        assert os.getpriority(os.PRIO_PROCESS, program.pid) == os.getpriority(os.PRIO_PROCESS, 0) + run.NICE
    run.yield_to_others(program.pid)


class Talker:
    """A program that prints at C(says) seconds and ends at C(ends), on a clock that waiting moves."""

    def __init__(self, says, ends):
        self.now, self.says, self.ends = 0.0, says, ends

    def wait(self, timeout):
        self.now += timeout
        if self.now < self.ends:
            raise subprocess.TimeoutExpired("talker", timeout)
        return 0

    def said(self):
        return sum(at <= self.now for at in self.says)


@pytest.mark.parametrize(
    ("says", "ends", "code", "at"),
    [
        pytest.param([], 50, 0, 50, id="silent, and shorter than the limit"),
        pytest.param([50, 100, 150], 200, 0, 200, id="longer than the limit, and never silent for as long"),
        pytest.param([], 200, None, 60, id="silent from the start"),
        pytest.param([50, 100], 200, None, 160, id="silent after it had talked"),
    ],
)
def test_what_is_silent_for_the_limit_is_ended_and_what_talks_is_not(says, ends, code, at):
    talker = Talker(says, ends)
    assert (run.wait(talker, talker.said, 60, clock=lambda: talker.now), talker.now) == (code, at)


def test_a_check_that_hangs_is_ended_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "LOGS", tmp_path)
    started, start = [], run.Programs._start
    monkeypatch.setattr(run.Programs, "_start", lambda *given: started.append(start(*given)) or started[0])
    result = run.run(run.Check("unit", "x", ["sleep", "20"]), None, run.Programs(0))
    assert started[0].poll() is not None
    assert result.failed == 1
    assert result.output == "\nEnded: it had said nothing for 0 s. On a slow machine give it more: --limit SECONDS.\n"


# both hold the FIFO open as long as they live
CHECK = """
import os, subprocess, sys
fifo = os.open(sys.argv[1], os.O_WRONLY)
program = subprocess.Popen(["sleep", "60"], pass_fds=[fifo])
os.write(fifo, b"started")
program.wait()
"""
RUN = """
import sys
from pathlib import Path
from tests import run
run.LOGS = Path(sys.argv[2])
run.ROOT = run.LOGS.parent
one = run.Check("unit", "one", [sys.executable, "-c", sys.argv[3], sys.argv[1]])
run.checks = lambda *_options: [one, run.Check("unit", "two", ["touch", str(run.ROOT / "two")])]
sys.argv[1:] = ["--only", "unit", "--workers", "1", *sys.argv[4:]]
sys.exit(run.main())
"""


# otherwise a remaining process would end by itself
@pytest.mark.timeout(30)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_that_runs(number, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    command = [sys.executable, "-c", RUN, str(fifo), str(tmp_path / "logs"), CHECK]
    with subprocess.Popen(command, cwd=Path(run.__file__).parents[1], stdout=subprocess.PIPE, text=True) as runner:
        with fifo.open("rb", buffering=0) as alive:
            assert alive.read(7) == b"started"
            os.kill(runner.pid, number)
            assert alive.read() == b""
        output, _ = runner.communicate(timeout=60)
    assert (runner.returncode, f"Ended by {number.name}" in output) == (130, True)
    assert not (tmp_path / "two").exists()


def test_a_signal_while_checks_are_still_handed_out_ends_those_that_run(monkeypatch):
    ended = threading.Event()
    monkeypatch.setattr(run.Programs, "end", lambda _programs: ended.set())
    monkeypatch.setattr(run, "run", lambda *_given: ended.wait(5))

    def selected():
        yield run.Check("unit", "one", ["true"])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run._results(selected(), None, 1, 1))
    assert ended.is_set()


def test_the_limit_given_is_that_of_each_check(tmp_path):
    given = ["-", str(tmp_path / "logs"), "import time; time.sleep(20)", "--limit", "0.1"]
    command = [sys.executable, "-c", RUN, *given]
    root = Path(run.__file__).parents[1]
    ended = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, "it had said nothing for 0.1 s." in ended.stdout) == (1, True)


def test_every_scenario_is_run():
    assert "default" not in run.scenarios()
    assert {check.name for check in run.checks() if check.suite == "molecule"} == set(run.scenarios())


def test_fast_is_lint_and_unit_tests_without_what_is_slow():
    fast = run.fast_checks()
    assert {check.suite for check in fast} == {"lint", "unit"}
    assert {"pages"} == {check.name for check in run.checks() if check.suite == "lint"} - {check.name for check in fast}
    assert not [check.name for check in fast if any("--cov" in part for part in check.command)]
