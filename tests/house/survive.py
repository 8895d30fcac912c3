# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs killed after each of their write calls, and what the next run makes of it.

``python -m tests.house.survive`` tries all of it: each write of a first run, followed by site.yml and by destroy.yml,
and each write of a removal, followed by another; one line a stop, the figures last.  ``--sweep``, ``--first``,
``--last`` and ``--every`` choose some of it; with ``--record FILE`` a later call goes on where this one ended.
"""

from __future__ import annotations

import argparse
import collections
import json
import sys
import tempfile
import threading
import time
import typing as t
from pathlib import Path

from .bare import DESTROY, SITE, Bare, bare_cloud, plan_of, planned
from .cloud import Cloud
from .holdings import Holdings, as_held, holdings
from .tripwire import kill_tree, tripwire

RUN_SECONDS = 900
PLAYBOOKS = {"site": SITE, "destroy": DESTROY}
SWEEPS = {"site-destroy": ("site", "destroy"), "site-site": ("site", "site"), "destroy-destroy": ("destroy", "destroy")}
# more writes than any run has; a sweep ends at the first stop that its run never reaches
NO_LIMIT = 999


class Stop(t.NamedTuple):
    """How far a run came: its write calls in order, and whether it was killed after the last."""

    killed: bool
    writes: list[str]
    text: str


def stopped(bare: Bare, playbook: str, stop_at: int) -> Stop:
    """Run a playbook and kill it after its I(stop_at)th write call; 0 lets it run to its end."""
    with tripwire(bare.account.endpoint, stop_at) as proxy:
        options = bare.options(proxy.endpoint, confirm=bare.prefix)
        process, _events = bare.run.start(PLAYBOOKS[playbook], **options)
        text: list[str] = []
        reader = threading.Thread(target=text.extend, args=(process.stdout,), daemon=True)
        reader.start()
        deadline = time.monotonic() + RUN_SECONDS
        killed = False
        try:
            while not proxy.tripped.wait(0.05) and process.poll() is None and time.monotonic() < deadline:
                pass
        finally:
            if process.poll() is None:
                kill_tree(process.pid)
                killed = True
            process.wait()
        reader.join()
        t.cast("t.IO[str]", process.stdout).close()
        return Stop(killed, list(proxy.write_calls), "".join(text))


class Reference(t.NamedTuple):
    """What an account holds before any run, and after an undisturbed one."""

    empty: Holdings
    whole: Holdings

    @classmethod
    def of(cls, bare: Bare, folder: Path) -> Reference:
        """Read it from an empty account and its plan, which lists just what a run makes (tests/e2e/test_plan.py)."""
        path = folder / "expected.json"
        plan = bare.site(check=True, plan_file=str(path))
        assert plan.rc == 0, plan.text
        empty = holdings(bare.account.client)
        return cls(empty, empty + as_held(planned(path)))


def flaws_of_platform(bare: Bare, whole: Holdings) -> list[str]:
    """Return what there is too much or too little of, against I(whole): twice, without a name, missing, the lock."""
    found = holdings(bare.account.client)
    more = [f"{count} {kind} '{name}' too many" for (kind, name), count in (found - whole).items()]
    less = [f"{count} {kind} '{name}' missing" for (kind, name), count in (whole - found).items()]
    return sorted(more + less)


def flaws_after_site(bare: Bare, reference: Reference, folder: Path) -> list[str]:
    """Run site.yml after a stop; return a sentence for each way in which the platform is not whole, single and done."""
    run = bare.site()
    if run.rc != 0:
        return [f"site.yml failed: {run.message or run.text[-2000:]}"]
    path = folder / "again.json"
    again = bare.site(check=True, plan_file=str(path))
    left_to_do = (
        [f"still to {change['action']}: {change['type']} {change['name']}" for change in plan_of(path)]
        if again.rc == 0
        else [f"the plan failed: {again.message}"]
    )
    return flaws_of_platform(bare, reference.whole) + left_to_do


def flaws_after_destroy(bare: Bare, reference: Reference) -> list[str]:
    """Run destroy.yml after a stop; return a sentence for each thing that is left."""
    run = bare.destroy()
    failed = [f"destroy.yml failed: {run.message or run.text[-2000:]}"] if run.rc != 0 else []
    over = holdings(bare.account.client) - reference.empty
    # the service-linked role is the account's, for every cluster in it
    return failed + sorted(f"left: {kind} '{name}'" for kind, name in over if kind != "service_linked_role")


class Tried(t.NamedTuple):
    """A stop: which sweep, after which write, the call it was, and what the next run made of it that is not right."""

    sweep: str
    number: int
    call: str
    flaws: list[str]

    def __str__(self) -> str:
        """Return it as a line of output."""
        return f"{self.sweep} {self.number:3} {self.call}: {'; '.join(self.flaws) or 'well'}"


def tried_before(record: Path | None) -> list[Tried]:
    """Return what a record holds: one stop a line, as a JSON array."""
    if record is None or not record.exists():
        return []
    return [Tried(*json.loads(line)) for line in record.read_text(encoding="utf-8").splitlines()]


def figures(tried: t.Iterable[Tried]) -> dict[str, tuple[int, int]]:
    """Return how many stops each sweep tried, and how many of them were not survived."""
    stops: collections.Counter[str] = collections.Counter()
    lost: collections.Counter[str] = collections.Counter()
    for stop in tried:
        stops[stop.sweep] += 1
        lost[stop.sweep] += bool(stop.flaws)
    return {name: (count, lost[name]) for name, count in stops.items()}


def try_stop(cloud: Cloud, folder: Path, reference: Reference, sweep: str, number: int) -> Tried | None:
    """Stop a run after its I(number)th write and run what follows; None where it ended before."""
    playbook, then = SWEEPS[sweep]
    bare = Bare.fresh(cloud, folder / f"{sweep}-{number}")
    if playbook == "destroy":
        made = bare.site()
        assert made.rc == 0, made.text
    stop = stopped(bare, playbook, number)
    if not stop.killed:
        return None
    after_site = then == "site"
    found = flaws_after_site(bare, reference, folder) if after_site else flaws_after_destroy(bare, reference)
    bare.account.stop_services()
    return Tried(sweep, number, stop.writes[-1], found)


def try_all(cloud: Cloud, folder: Path, sweep: str, numbers: t.Iterable[int]) -> t.Iterator[Tried]:
    """Yield each stop of a sweep, to the last one that the run reaches."""
    reference = Reference.of(Bare.fresh(cloud, folder / f"{sweep}-reference"), folder)
    for number in numbers:
        tried = try_stop(cloud, folder, reference, sweep, number)
        if tried is None:
            return
        yield tried


def arguments() -> argparse.Namespace:
    """Return what the command line chooses."""
    parser = argparse.ArgumentParser(prog="python -m tests.house.survive", description=__doc__)
    parser.add_argument("--sweep", choices=SWEEPS, action="append", help="only this one; may be given again")
    parser.add_argument("--first", type=int, default=1, help="the first write to stop at (default 1)")
    parser.add_argument("--last", type=int, default=NO_LIMIT, help="the last write to stop at (default: its last)")
    parser.add_argument("--every", type=int, default=1, help="try each Nth write only (default 1)")
    parser.add_argument("--record", type=Path, help="keep each result in this file, and leave out what it holds")
    return parser.parse_args()


def main() -> int:
    chosen = arguments()
    tried = tried_before(chosen.record)
    before = {(stop.sweep, stop.number) for stop in tried}
    with tempfile.TemporaryDirectory(prefix="survive-") as folder, bare_cloud(Path(folder) / "aws") as cloud:
        for sweep in chosen.sweep or SWEEPS:
            numbers = range(chosen.first, chosen.last + 1, chosen.every)
            for stop in try_all(cloud, Path(folder), sweep, [n for n in numbers if (sweep, n) not in before]):
                print(stop, flush=True)
                tried.append(stop)
                if chosen.record:
                    with chosen.record.open("a", encoding="utf-8") as record:
                        record.write(json.dumps(stop) + "\n")
    for name, (stops, lost) in figures(tried).items():
        print(f"{name}: {stops} stops, {lost} not survived")
    return 1 if any(stop.flaws for stop in tried) else 0


if __name__ == "__main__":
    sys.exit(main())
