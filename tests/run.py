# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run every test and check, with one line as each ends, and a table at the end.

Those that wait for AWS, containers and answers start first, more at once than there are cores, because each waits a
third of its time.  Beside them run as many CPU-bound ones as there are cores, at low priority.

``python -m tests.run [--fast | --all] [--only SUITE[/CHECK],…] [--shard N/M] [--coverage] [--limit SECONDS]
[--list]``; the whole output of each is in build/test/.  A new end-to-end file runs with ``--all``, every night; only
there the coverage of the unit tests is measured, because that doubles their time.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import typing as t
from pathlib import Path

from .checks.sanity import ELSEWHERE
from .support.cloud import ROOT, Cloud, free_port

# the matrix keeps those of each Python separate
LOGS = ROOT / "build" / os.environ.get("MAGICLUB_TEST_LOGS", "test")
COLLECTION = ROOT / "playbooks" / "collections" / "ansible_collections" / "magiclub" / "fargate"
# The checks of CI, and the processor seconds of each: together at most nine tenths of ten minutes of two processors,
# because none is always busy. A state that e2e/site reaches is tested there; a separate file is added here only for
# what that can't show, and its time has to be saved elsewhere.
CORE = {
    "unit/plugins": 145,
    "e2e/site": 125,
    "e2e/tight": 110,
    "local_aws/as-aws": 82,
    "e2e/poc": 50,
    "e2e/bad_input": 50,
    "sanity/ansible-test": 41,
    "lint/pages": 39,
    "app/lotto_app": 33,
    "lint/ansible-lint": 31,
    "lint/mypy": 16,
    "unit/checks": 15,
    "galaxy/build-import-install": 11,
    "lint/antsibull-changelog": 8,
    "local_aws/unit": 3,
    "lint/mypy-app": 3,
    "lint/yamllint": 2,
    **{
        f"lint/{name}": 1
        for name in ("antsibull-docs", "argument-specs", "inventories", "ruff-check", "ruff-format", "shellcheck")
    },
}
# mypy's folders beside the app, in one run, so that nothing is checked twice
TYPED = (
    "playbooks/collections/ansible_collections/magiclub/fargate/plugins",
    "local_aws",
    "bench",
    "tests/run.py",
    "tests/matrix.py",
    "tests/conftest.py",
    "tests/aws",
    "tests/support",
    "tests/checks",
    "tests/campaigns",
    "tests/local_aws",
    "tests/e2e",
    "extensions/molecule",
    "docs/diagrams",
)
# the unit tests of the collection
PARTS = ("plugins", "roles", "docs", "tower", "aws")
# the roles that moto can serve; tests/checks/moto.py explains the rest
MOTO = ("vpc", "alb", "ecs_cluster")
# suites that wait for others; all else computes, and can do so whenever a processor is free
WAITING = ("e2e", "local_aws", "molecule", "moto", "app")
NICE = 5
# the factor on the planned time for a slow or busy machine
SLACK = 2
# for a check outside CORE, if it has to be weighed against others
USUAL_SECONDS = 200
TAIL_LINES = 60
# ends hanging checks: the longest single test takes a seventh of it, on 2 cores with others beside it
LIMIT_SECONDS = 3600
LOOK_SECONDS = 1.0
# for fixtures and playbooks to end their processes; a local AWS took over 60 at half of a slow machine's speed
GRACE_SECONDS = 180
COUNTED = re.compile(r"(\d+) (passed|failed|skipped|errors?)\b")
SKIPPED = re.compile(r"^SKIPPED \[(\d+)\] (?:\S+: )?(.+)$", re.MULTILINE)


class Check(t.NamedTuple):
    """A program to run: it counts as one, or as its closing line (`N passed, N failed, N skipped`)."""

    suite: str
    name: str
    command: t.Sequence[str]
    cwd: Path = ROOT
    needs_cloud: bool = False
    environment: t.Mapping[str, str] = {}

    @property
    def full_name(self) -> str:
        """Return suite and name, as in --only."""
        return f"{self.suite}/{self.name}"

    @property
    def budget(self) -> int:
        """Return its budget of processor seconds."""
        return CORE.get(self.full_name, USUAL_SECONDS)

    @property
    def waits(self) -> bool:
        """Return whether it waits for AWS, containers or answers, and so leaves a processor to others."""
        return self.suite in WAITING


class Result(t.NamedTuple):
    """The result of a check, after C(seconds), of which its processes computed for C(cpu)."""

    check: Check
    passed: int
    failed: int
    skipped: int
    reasons: t.Sequence[str]
    seconds: float
    output: str
    cpu: float = 0.0


def checks(coverage: bool = False, every_python: bool = False) -> list[Check]:
    """Return all checks, longest first; sanity without the rules that others check, or all for each Python."""
    every = [*_e2e(), *_molecule(), _sanity(every_python), *_moto(), _galaxy(), *_lint(), *_pytest(coverage)]
    return sorted(every, key=lambda check: -check.budget)


def fast_checks() -> list[Check]:
    """Return lint, and unit tests of the collection, without what is slow: the pages, and tests that start programs."""
    quick = ("-m", "not program")
    halves = [
        Check("unit", "module_utils", _unit(*quick, parts=("plugins/module_utils",))),
        Check("unit", "others", _unit(*quick, "--ignore=tests/unit/plugins/module_utils")),
    ]
    return [*halves, *(check for check in checks() if check.suite == "lint" and check.name != "pages")]


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _lint() -> list[Check]:
    shell = [str(ROOT / ".ci" / "run"), *(str(path) for path in sorted(ROOT.glob("tests/**/*.sh")))]
    return [
        Check("lint", "ansible-lint", _python("tests.checks.ansible_lint")),
        Check("lint", "ruff-check", ["ruff", "check", "."]),
        Check("lint", "ruff-format", ["ruff", "format", "--check", "."]),
        Check("lint", "mypy", ["mypy", *TYPED]),
        Check("lint", "mypy-app", ["mypy"], ROOT / "lotto_app"),
        Check("lint", "yamllint", ["yamllint", "--strict", "."]),
        Check("lint", "shellcheck", ["shellcheck", *shell]),
        Check("lint", "antsibull-docs", ["antsibull-docs", "lint-collection-docs", "."], COLLECTION),
        Check("lint", "antsibull-changelog", ["antsibull-changelog", "lint"], COLLECTION),
        Check("lint", "argument-specs", _python("tests.checks.argspecs")),
        Check("lint", "inventories", _python("tests.checks.inventories")),
        Check("lint", "pages", _python("tests.checks.docs", "--check")),
    ]


def _unit(*options: str, parts: t.Sequence[str] = PARTS) -> list[str]:
    return _python("pytest", "-rfEs", *options, *(f"tests/unit/{part}" for part in parts))


def _pytest(coverage: bool) -> list[Check]:
    measured = ("--cov", "--cov-report=term-missing", "--cov-fail-under=95") if coverage else ()
    return [
        Check("unit", "plugins", _unit(*measured)),
        # their templates need the collection loaded by Ansible before anything imports it
        Check("unit", "checks", _unit(parts=("checks",))),
        Check("local_aws", "unit", _python("pytest", "-rfEs", "tests/unit/local_aws")),
        Check("local_aws", "as-aws", _python("pytest", "-rfEs", "tests/local_aws"), needs_cloud=True),
        Check("app", "lotto_app", _python("tests.checks.app_tests")),
    ]


def _e2e() -> list[Check]:
    files = sorted((ROOT / "tests" / "e2e").glob("test_*.py"))
    options = ("-rfEs", "--durations=10", "--durations-min=1")
    return [
        Check("e2e", path.stem.removeprefix("test_"), _python("pytest", *options, str(path)), needs_cloud=True)
        for path in files
    ]


def _molecule() -> list[Check]:
    return [
        Check(
            "molecule",
            scenario,
            ["molecule", "test", "-s", scenario],
            needs_cloud=True,
            environment={"MOLECULE_EPHEMERAL_DIRECTORY": str(ROOT / "build" / "molecule" / scenario)},
        )
        for scenario in scenarios()
    ]


def _moto() -> list[Check]:
    return [
        Check("moto", scenario, _python("tests.checks.moto", scenario)) for scenario in MOTO if scenario in scenarios()
    ]


def scenarios() -> list[str]:
    """Return the names of Molecule's scenarios except `default`."""
    folders = (path.parent.name for path in (ROOT / "extensions" / "molecule").glob("*/molecule.yml"))
    return sorted(name for name in folders if name != "default")


def _sanity(every_python: bool) -> Check:
    this = ("--python", f"{sys.version_info.major}.{sys.version_info.minor}")
    few = (*this, *(part for name in ELSEWHERE for part in ("--skip-test", name)))
    return Check("sanity", "ansible-test", _python("tests.checks.sanity", *(() if every_python else few)))


def _galaxy() -> Check:
    return Check("galaxy", "build-import-install", _python("tests.checks.galaxy"))


def select(every: t.Sequence[Check], wanted: t.Sequence[str]) -> list[Check]:
    """Return the checks of these suites, or these single ones.  Raises SystemExit for a name that selects none."""
    if not wanted:
        return list(every)
    for name in wanted:
        if not any(name in (check.suite, check.full_name) for check in every):
            known = ", ".join(dict.fromkeys(check.suite for check in every))
            raise SystemExit(f"--only {name}: no such suite or check. There are {known}; --list names the checks.")
    return [check for check in every if check.suite in wanted or check.full_name in wanted]


def shard(selected: t.Sequence[Check], which: str) -> list[Check]:
    """Return part N of M of the checks, for C(N/M); the parts take about the same time."""
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", which)
    if not found or int(found[1]) > int(found[2]):
        raise SystemExit(f"--shard {which}: it is a part and how many there are, as in 1/4.")
    parts: list[list[Check]] = [[] for _ in range(int(found[2]))]
    for check in sorted(selected, key=lambda check: (-check.budget, check.full_name)):
        min(parts, key=lambda part: sum(one.budget for one in part)).append(check)
    return parts[int(found[1]) - 1]


class Program(subprocess.Popen[bytes]):
    """A program; once it has ended, C(cpu) is its processor time, with that of its children."""

    cpu = 0.0

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        """Reap it as Popen does, which does not ask for times."""
        try:
            pid, status, used = os.wait4(self.pid, wait_flags)
        except ChildProcessError:
            return self.pid, 0
        if pid:
            self.cpu = used.ru_utime + used.ru_stime
        return pid, status


class Programs:
    """The running programs, each the leader of a process group, ended after C(limit) seconds without output."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._running: set[Program] = set()
        self._ended = False

    def run(self, check: Check, environment: t.Mapping[str, str], log: t.IO[str]) -> tuple[int, float]:
        """Return the exit code of a check (-1 if it did not start, or was ended as silent) and its CPU seconds."""
        try:
            process = self._start(check, environment, log)
        except FileNotFoundError as error:
            log.write(f"{error}\n")
            return -1, 0.0
        try:
            code = wait(process, lambda: os.fstat(log.fileno()).st_size, self._limit)
            if code is None:
                _end(process)
                silent = f"it had said nothing for {self._limit:g} s"
                log.write(f"\nEnded: {silent}. On a slow machine give it more: --limit SECONDS.\n")
            return -1 if code is None else code, process.cpu
        finally:
            with self._lock:
                self._running.discard(process)

    def _start(self, check: Check, environment: t.Mapping[str, str], log: t.IO[str]) -> Program:
        with self._lock:
            if self._ended:
                raise concurrent.futures.CancelledError
            process = Program(
                check.command,
                cwd=check.cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._running.add(process)
        if not check.waits:
            yield_to_others(process.pid)
        return process

    def end(self) -> None:
        """End them all, with their children, and let none start again."""
        with self._lock:
            self._ended = True
            running = list(self._running)
        with concurrent.futures.ThreadPoolExecutor(len(running) or 1) as pool:
            list(pool.map(_end, running))


def yield_to_others(pid: int) -> None:
    """Let a program that leads its session, and its children, compute only when others leave a processor."""
    # it may have ended
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PGRP, pid, os.getpriority(os.PRIO_PROCESS, pid) + NICE)
    # Linux divides a processor among sessions first (sched(7), autogroup); elsewhere this file does not exist
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(NICE), encoding="ascii")


def wait(
    process: subprocess.Popen[bytes],
    said: t.Callable[[], int],
    limit: float,
    clock: t.Callable[[], float] = time.monotonic,
) -> int | None:
    """Return the exit code of a program, None if its output C(said), in bytes, has not grown for C(limit) seconds."""
    heard, bytes_heard = clock(), said()
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(min(limit, LOOK_SECONDS))
        now, bytes_now = clock(), said()
        if bytes_now != bytes_heard:
            heard, bytes_heard = now, bytes_now
        elif now - heard >= limit:
            return None


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        # not SIGTERM, on which pytest ends without its fixtures
        os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)


def run(check: Check, cloud: Cloud | None, programs: Programs) -> Result:
    """Run one check to its end; its output goes to its log."""
    started = time.monotonic()
    log = LOGS / f"{check.suite}-{check.name}.log"
    environment = {**os.environ, **_environment(cloud if check.needs_cloud else None), **check.environment}
    with log.open("w", encoding="utf-8") as file:
        code, cpu = programs.run(check, environment, file)
    result = judge(check, code, log.read_text(encoding="utf-8", errors="replace"), time.monotonic() - started)
    return result._replace(cpu=cpu)


def judge(check: Check, code: int, output: str, seconds: float) -> Result:
    """Return the result of an exit code and output."""
    closing = next((line for line in reversed(output.splitlines()) if COUNTED.search(line)), "")
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for number, what in COUNTED.findall(closing) if _counts(check) else []:
        counts["failed" if what.startswith("error") else what] += int(number)
    if not any(counts.values()):
        counts["passed" if code == 0 else "failed"] = 1
    if code != 0 and not counts["failed"]:
        counts["failed"] = 1
    reasons = [f"{number} x {reason}" for number, reason in SKIPPED.findall(output)]
    return Result(check, counts["passed"], counts["failed"], counts["skipped"], reasons, seconds, output)


def _counts(check: Check) -> bool:
    return check.suite not in ("lint", "molecule", "moto", "galaxy")


def _environment(cloud: Cloud | None) -> dict[str, str]:
    ours = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "NO_COLOR": "1",
        "ANSIBLE_NOCOLOR": "1",
        "PYTHONUNBUFFERED": "1",
    }
    if cloud:
        ours |= {"MAGICLUB_ENDPOINT": cloud.endpoint, "MAGICLUB_CALL_LOG": str(cloud.calls_path)}
    return ours


def run_all(selected: t.Sequence[Check], workers: int, limit: float) -> list[Result]:
    """Run the checks, against one local AWS if any needs one; print how each ended."""
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir(parents=True)
    cloud = Cloud(free_port(), LOGS / "local_aws") if any(check.needs_cloud for check in selected) else None
    try:
        if cloud:
            print("Starting the local AWS ...", flush=True)
            cloud.up()
        return list(_results(selected, cloud, workers, limit))
    finally:
        if cloud:
            cloud.down()


def _results(selected: t.Sequence[Check], cloud: Cloud | None, workers: int, limit: float) -> t.Iterator[Result]:
    programs = Programs(limit)
    pool = concurrent.futures.ThreadPoolExecutor
    with pool(workers) as waiting, pool(min(workers, os.cpu_count() or 1)) as computing:
        try:
            running = [
                (waiting if check.waits else computing).submit(run, check, cloud, programs) for check in selected
            ]
            for done in concurrent.futures.as_completed(running):
                result = done.result()
                _say(result)
                yield result
        except BaseException:
            for one in (waiting, computing):
                one.shutdown(wait=False, cancel_futures=True)
            programs.end()
            raise


def _say(result: Result) -> None:
    mark = "FAILED" if result.failed else "ok"
    times = f"{result.seconds:6.0f} s {result.cpu:6.0f} s of a processor"
    print(f"{mark:<7}{result.check.full_name:<34}{counts_text(result):<36}{times}", flush=True)
    if result.failed:
        print("\n".join(f"    {line}" for line in result.output.splitlines()[-TAIL_LINES:]), flush=True)


def counts_text(result: Result) -> str:
    """Return C(12 passed, 1 failed), without zeros."""
    counts = {"passed": result.passed, "failed": result.failed, "skipped": result.skipped}
    return ", ".join(f"{number} {what}" for what, number in counts.items() if number)


def table(results: t.Sequence[Result], elapsed: float) -> str:
    """Return a row for each suite, skipped checks, those over their budget, and the closing line."""
    lines = ["", f"{'suite':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}{'CPU':>7}"]
    for suite in dict.fromkeys(result.check.suite for result in results):
        rows = [result for result in results if result.check.suite == suite]
        lines.append(
            f"{suite:<12}{sum(row.passed for row in rows):>8}{sum(row.failed for row in rows):>8}"
            f"{sum(row.skipped for row in rows):>9}{sum(row.seconds for row in rows):>9.0f}"
            f"{sum(row.cpu for row in rows):>7.0f}"
        )
        lines.extend(f"    skipped: {reason}" for row in rows for reason in row.reasons)
    lines.extend(
        f"{row.check.full_name} took {row.cpu:.0f} s of a processor; tests/run.py gives it {row.check.budget}."
        for row in results
        if row.cpu > SLACK * row.check.budget
    )
    totals = [sum(getattr(result, field) for result in results) for field in ("passed", "failed", "skipped")]
    lines.append(f"{elapsed:.0f} s in all. The whole output is in {LOGS.relative_to(ROOT)}/.")
    return "\n".join([*lines, "", "{} passed, {} failed, {} skipped".format(*totals)])


def _interrupt(number: int, _frame: object) -> t.NoReturn:
    raise KeyboardInterrupt(signal.Signals(number).name)


def main() -> int:
    """Run the selected checks; return 1 if anything failed, 130 if a signal ended it."""
    parser = argparse.ArgumentParser(prog="python -m tests.run", description="Runs the tests and checks.")
    parser.add_argument("--fast", action="store_true", help="lint, and the unit tests that start no program")
    parser.add_argument("--all", action="store_true", help="the long suites too: Molecule, moto, every e2e file")
    parser.add_argument("--only", default="", help="suites, or single checks as suite/check, with commas between")
    parser.add_argument(
        "--workers",
        type=int,
        # the long ones wait a third of their time
        default=(os.cpu_count() or 1) + 1,
        help="how many that wait for others at once (default: one more than there are cores)",
    )
    parser.add_argument(
        "--limit",
        type=float,
        default=LIMIT_SECONDS,
        metavar="SECONDS",
        help="end a check that says nothing for so long (default: %(default)s)",
    )
    parser.add_argument("--shard", default="1/1", metavar="N/M", help="of what is selected the Nth of M equal parts")
    parser.add_argument("--coverage", action="store_true", help="measure what the unit tests cover; --all does")
    parser.add_argument("--list", action="store_true", help="name the checks and run none")
    arguments = parser.parse_args()
    named = [name for name in arguments.only.split(",") if name]
    every = fast_checks() if arguments.fast else checks(arguments.coverage or arguments.all, arguments.all)
    selected = select(every, named or (() if arguments.fast or arguments.all else tuple(CORE)))
    selected = shard(selected, arguments.shard)
    if arguments.list:
        print("\n".join(f"{check.suite}/{check.name}: {' '.join(map(str, check.command))}" for check in selected))
        return 0
    # handlers, so that no check inherits an ignored SIGINT, which background jobs of a script have
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    started = time.monotonic()
    try:
        results = run_all(selected, arguments.workers, arguments.limit)
    except KeyboardInterrupt as interrupt:
        print(f"Ended by {interrupt} after {time.monotonic() - started:.0f} s, and all that ran.", flush=True)
        return 130
    print(table(results, time.monotonic() - started), flush=True)
    return int(any(result.failed for result in results))


if __name__ == "__main__":
    sys.exit(main())
