# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs killed after each of their write calls, and what the next run makes of it.

``python -m tests.house.survive [--every N] [--first N]`` tries all of it: each write of a first run, followed by
site.yml and by destroy.yml, and each write of a removal, followed by another; one line a stop, the figures last.
"""

from __future__ import annotations

import argparse
import collections
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
SWEEPS = (("site", "site"), ("site", "destroy"), ("destroy", "destroy"))


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


def sweep(cloud: Cloud, folder: Path, every: int, first: int) -> int:
    """Try every stop of C(SWEEPS); return how many were not survived."""
    reference = Reference.of(Bare.fresh(cloud, folder / "reference"), folder)
    figures: collections.Counter[str] = collections.Counter()
    for playbook, then in SWEEPS:
        for number in range(first, 1000, every):
            bare = Bare.fresh(cloud, folder / f"{playbook}-{then}-{number}")
            if playbook == "destroy":
                made = bare.site()
                assert made.rc == 0, made.text
            stop = stopped(bare, playbook, number)
            if not stop.killed:
                break
            after_site = then == "site"
            found = flaws_after_site(bare, reference, folder) if after_site else flaws_after_destroy(bare, reference)
            bare.account.stop_services()
            figures[f"{playbook}, then {then}: stops"] += 1
            figures[f"{playbook}, then {then}: not survived"] += bool(found)
            print(f"{playbook} {number:3} {stop.writes[-1]}, then {then}: {'; '.join(found) or 'well'}", flush=True)
    for name, count in sorted(figures.items()):
        print(f"{name}: {count}")
    return sum(count for name, count in figures.items() if name.endswith("not survived"))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.house.survive", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="try each Nth write only (default 1)")
    parser.add_argument("--first", type=int, default=1, help="the first write to stop at (default 1)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="survive-") as folder, bare_cloud(Path(folder) / "aws") as cloud:
        return 1 if sweep(cloud, Path(folder), arguments.every, arguments.first) else 0


if __name__ == "__main__":
    sys.exit(main())
