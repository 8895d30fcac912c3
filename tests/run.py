# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs every test and check: two more at once than there are cores, one line as each ends, a table at the end.

``python -m tests.run [--fast | --all] [--only SUITE[/CHECK],…] [--limit SECONDS] [--list]``; the whole output of each
is in build/test/.
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

from .house.cloud import ROOT, Cloud, free_port

# the matrix keeps those of each Python apart
LOGS = ROOT / "build" / os.environ.get("MAGICLUB_TEST_LOGS", "test")
COLLECTION = ROOT / "playbooks" / "collections" / "ansible_collections" / "magiclub" / "fargate"
# What CI runs, within 25 minutes on 2 cores: of the long ones just those that hold the main job.
CORE = (
    "lint",
    "unit",
    "app",
    "local_aws",
    "sanity",
    "galaxy",
    "e2e/site",
    "e2e/update",
    "e2e/destroy",
    "e2e/poc",
    "e2e/ecs_drift",
    "e2e/wait_outcomes",
    "e2e/bad_input",
    "e2e/survive",
    "e2e/faults",
    "e2e/tight",
)
# what mypy checks beside plugins and app
TYPED = (
    "local_aws",
    "bench",
    "tests/run.py",
    "tests/matrix.py",
    "tests/conftest.py",
    "tests/house",
    "tests/local_aws",
    "tests/e2e",
    "extensions/molecule",
    "docs/diagrams",
)
# of the unit tests, those of the collection
PARTS = ("plugins", "roles", "house", "docs", "tower")
# what moto can serve; tests/house/moto.py says why not the rest
MOTO = ("vpc", "alb", "ecs_cluster")
TAIL_LINES = 60
# ends what hangs: the longest single test takes a seventh of it, on 2 cores with others beside it
LIMIT_SECONDS = 3600
LOOK_SECONDS = 1.0
# for fixtures and playbooks to end what they have started; a local AWS took over 60 at half of a slow machine's speed
GRACE_SECONDS = 180
COUNTED = re.compile(r"(\d+) (passed|failed|skipped|errors?)\b")
SKIPPED = re.compile(r"^SKIPPED \[(\d+)\] (?:\S+: )?(.+)$", re.MULTILINE)


class Check(t.NamedTuple):
    """One program to run: it counts as one, or as what its closing line says (`N passed, N failed, N skipped`)."""

    suite: str
    name: str
    command: t.Sequence[str]
    cwd: Path = ROOT
    needs_cloud: bool = False
    environment: t.Mapping[str, str] = {}


class Result(t.NamedTuple):
    """How a check ended."""

    check: Check
    passed: int
    failed: int
    skipped: int
    reasons: t.Sequence[str]
    seconds: float
    output: str


def checks() -> list[Check]:
    """Return all checks, those that take longest first."""
    return [*_e2e(), *_molecule(), _sanity(), *_moto(), _galaxy(), *_lint(), *_pytest()]


def fast_checks() -> list[Check]:
    """Return lint and unit tests without what takes half their time: measuring coverage, and building the pages."""
    return [*(check for check in _lint() if check.name != "pages"), Check("unit", "plugins", _unit())]


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _lint() -> list[Check]:
    shell = [str(ROOT / ".ci" / "run"), *(str(path) for path in sorted(ROOT.glob("tests/**/*.sh")))]
    return [
        Check("lint", "ansible-lint", ["ansible-lint", "--offline", "--strict", "--profile", "production"]),
        Check("lint", "ruff-check", ["ruff", "check", "."]),
        Check("lint", "ruff-format", ["ruff", "format", "--check", "."]),
        Check("lint", "mypy-plugins", ["mypy", "-p", "ansible_collections.magiclub.fargate.plugins"]),
        Check("lint", "mypy-rest", ["mypy", *TYPED]),
        Check("lint", "mypy-app", ["mypy"], ROOT / "lotto_app"),
        Check("lint", "yamllint", ["yamllint", "--strict", "."]),
        Check("lint", "shellcheck", ["shellcheck", *shell]),
        Check("lint", "antsibull-docs", ["antsibull-docs", "lint-collection-docs", "."], COLLECTION),
        Check("lint", "antsibull-changelog", ["antsibull-changelog", "lint"], COLLECTION),
        Check("lint", "argument-specs", _python("tests.house.argspecs")),
        Check("lint", "inventories", _python("tests.house.inventories")),
        Check("lint", "pages", _python("tests.house.docs")),
    ]


def _unit(*options: str) -> list[str]:
    return _python("pytest", "-rfEs", *options, *(f"tests/unit/{part}" for part in PARTS))


def _pytest() -> list[Check]:
    return [
        Check("unit", "plugins", _unit("--cov", "--cov-report=term-missing", "--cov-fail-under=95")),
        Check("local_aws", "unit", _python("pytest", "-rfEs", "tests/unit/local_aws")),
        Check("local_aws", "as-aws", _python("pytest", "-rfEs", "tests/local_aws"), needs_cloud=True),
        Check("app", "lotto_app", _python("tests.house.app_tests")),
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
        Check("moto", scenario, _python("tests.house.moto", scenario)) for scenario in MOTO if scenario in scenarios()
    ]


def scenarios() -> list[str]:
    """Return the names of Molecule's scenarios but `default`, the whole platform first."""
    folders = (path.parent.name for path in (ROOT / "extensions" / "molecule").glob("*/molecule.yml"))
    return sorted((name for name in folders if name != "default"), key=lambda name: (name != "site", name))


def _sanity() -> Check:
    return Check("sanity", "ansible-test", _python("tests.house.sanity"))


def _galaxy() -> Check:
    return Check("galaxy", "build-import-install", _python("tests.house.galaxy"))


def select(every: t.Sequence[Check], wanted: t.Sequence[str]) -> list[Check]:
    """Return the checks of these suites, or these single ones.  Raises SystemExit on a name that selects none."""
    if not wanted:
        return list(every)
    for name in wanted:
        if not any(name in (check.suite, f"{check.suite}/{check.name}") for check in every):
            known = ", ".join(dict.fromkeys(check.suite for check in every))
            raise SystemExit(f"--only {name}: no such suite or check. There are {known}; --list names the checks.")
    return [check for check in every if check.suite in wanted or f"{check.suite}/{check.name}" in wanted]


class Programs:
    """The programs that run now, each the leader of a process group and ended once silent for C(limit) seconds."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def run(self, check: Check, environment: t.Mapping[str, str], log: t.IO[str]) -> int:
        """Return the exit code of a check, -1 where it could not start or was ended for its silence."""
        try:
            process = self._start(check, environment, log)
        except FileNotFoundError as error:
            log.write(f"{error}\n")
            return -1
        try:
            code = wait(process, lambda: os.fstat(log.fileno()).st_size, self._limit)
            if code is None:
                _end(process)
                silent = f"it had said nothing for {self._limit:g} s"
                log.write(f"\nEnded: {silent}. On a slow machine give it more: --limit SECONDS.\n")
            return -1 if code is None else code
        finally:
            with self._lock:
                self._running.discard(process)

    def _start(self, check: Check, environment: t.Mapping[str, str], log: t.IO[str]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ended:
                raise concurrent.futures.CancelledError
            process = subprocess.Popen(
                check.command,
                cwd=check.cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._running.add(process)
        return process

    def end(self) -> None:
        """End them all, with what they have started, and let none start again."""
        with self._lock:
            self._ended = True
            running = list(self._running)
        with concurrent.futures.ThreadPoolExecutor(len(running) or 1) as pool:
            list(pool.map(_end, running))


def wait(
    process: subprocess.Popen[bytes],
    said: t.Callable[[], int],
    limit: float,
    clock: t.Callable[[], float] = time.monotonic,
) -> int | None:
    """Return the exit code of a program, None once what it C(said), in bytes, has not grown for C(limit) seconds."""
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
        # not SIGTERM, at which pytest ends without its fixtures
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
        code = programs.run(check, environment, file)
    return judge(check, code, log.read_text(encoding="utf-8", errors="replace"), time.monotonic() - started)


def judge(check: Check, code: int, output: str, seconds: float) -> Result:
    """Return the result that exit code and output stand for."""
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
    return check.suite not in ("lint", "molecule", "moto")


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
    """Run the checks, against one local AWS where any needs one; say how each ended."""
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
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(run, check, cloud, programs) for check in selected]
        try:
            for done in concurrent.futures.as_completed(running):
                result = done.result()
                _say(result)
                yield result
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            programs.end()
            raise


def _say(result: Result) -> None:
    name = f"{result.check.suite}/{result.check.name}"
    mark = "FAILED" if result.failed else "ok"
    print(f"{mark:<7}{name:<34}{counts_text(result):<36}{result.seconds:6.0f} s", flush=True)
    if result.failed:
        print("\n".join(f"    {line}" for line in result.output.splitlines()[-TAIL_LINES:]), flush=True)


def counts_text(result: Result) -> str:
    """Return C(12 passed, 1 failed), zeros left out."""
    counts = {"passed": result.passed, "failed": result.failed, "skipped": result.skipped}
    return ", ".join(f"{number} {what}" for what, number in counts.items() if number)


def table(results: t.Sequence[Result], elapsed: float) -> str:
    """Return a row for each suite, the reasons of what was skipped, and the closing line."""
    lines = ["", f"{'suite':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}"]
    for suite in dict.fromkeys(result.check.suite for result in results):
        rows = [result for result in results if result.check.suite == suite]
        lines.append(
            f"{suite:<12}{sum(row.passed for row in rows):>8}{sum(row.failed for row in rows):>8}"
            f"{sum(row.skipped for row in rows):>9}{sum(row.seconds for row in rows):>9.0f}"
        )
        lines.extend(f"    skipped: {reason}" for row in rows for reason in row.reasons)
    totals = [sum(getattr(result, field) for result in results) for field in ("passed", "failed", "skipped")]
    lines.append(f"{elapsed:.0f} s in all. The whole output is in {LOGS.relative_to(ROOT)}/.")
    return "\n".join([*lines, "", "{} passed, {} failed, {} skipped".format(*totals)])


def _interrupt(number: int, _frame: object) -> t.NoReturn:
    raise KeyboardInterrupt(signal.Signals(number).name)


def main() -> int:
    """Run what the arguments select; return 1 where anything failed, 130 where a signal ended it."""
    parser = argparse.ArgumentParser(prog="python -m tests.run", description="Runs the tests and checks.")
    parser.add_argument("--fast", action="store_true", help="lint and unit tests, in a minute and a half")
    parser.add_argument("--all", action="store_true", help="the long suites too: Molecule, moto, every e2e file")
    parser.add_argument("--only", default="", help="suites, or single checks as suite/check, with commas between")
    parser.add_argument(
        "--workers",
        type=int,
        # the long ones wait a third of their time
        default=(os.cpu_count() or 1) + 2,
        help="how many at once (default: two more than there are cores)",
    )
    parser.add_argument(
        "--limit",
        type=float,
        default=LIMIT_SECONDS,
        metavar="SECONDS",
        help="end a check that says nothing for so long (default: %(default)s)",
    )
    parser.add_argument("--list", action="store_true", help="name the checks and run none")
    arguments = parser.parse_args()
    named = [name for name in arguments.only.split(",") if name]
    every = fast_checks() if arguments.fast else checks()
    selected = select(every, named or (() if arguments.fast or arguments.all else CORE))
    if arguments.list:
        print("\n".join(f"{check.suite}/{check.name}: {' '.join(map(str, check.command))}" for check in selected))
        return 0
    # handlers, so that no check inherits an ignored SIGINT, as a job in the background of a script has it
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
