# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kill runs after each of their write calls, and check the next run.

``python -m tests.campaigns.kill_resume`` tries all of it: each write of a first run, followed by site.yml and by
destroy.yml, and each write of a removal, followed by another; a first run killed at 20 moments; 20 times two concurrent
runs. The sweeps ``…-steps`` use one platform: each of its runs is killed after one write more, which takes a tenth
of the time. ``one-of-each-…`` are the same with a service of each kind of docs/workloads.md, after each write that the
platform with only the example does not make. One line each, the totals last. ``--sweep``, ``--first``, ``--last``
and ``--every`` select some of it; with ``--record FILE`` a later call continues where this one ended.
"""

from __future__ import annotations

import argparse
import collections
import functools
import getpass
import itertools
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import typing as t
from pathlib import Path

from ..support.ansible_run import Run, finish
from ..support.cloud import Cloud
from ..support.holdings import Holdings, as_held, holdings
from ..support.kill_proxy import kill_tree, tripwire
from ..support.no_containers import DESTROY, SITE, Bare, bare_cloud, plan_of, planned
from ..support.one_of_each import one_of_each

RUN_SECONDS = 900
PLAYBOOKS = {"site": SITE, "destroy": DESTROY, "rollback": "playbooks/rollback.yml"}
# more writes than any run has; such a sweep ends at the first stop that its run does not reach
NO_LIMIT = 999
MOMENTS = 20
# taking over the lock, which is no step
OF_THE_LOCK = {"PutParameter": 2, "DeleteParameter": 1}


class Stop(t.NamedTuple):
    """The end of a run: its write calls and their contents, and whether it was killed, or ended with C(rc)."""

    killed: bool
    writes: list[str]
    text: str
    rc: int
    sent: t.Sequence[bytes] = ()

    @property
    def steps(self) -> list[tuple[str, bytes]]:
        """Return the writes except those of the lock."""
        return [step for step in zip(self.writes, self.sent, strict=False) if step[0] not in OF_THE_LOCK]


Usual = t.Mapping[str, int] | None


def stopped(bare: Bare, playbook: str, stop_at: int, usual: Usual = None) -> Stop:
    """Run a playbook and kill it after its I(stop_at)th write call that is not I(usual); with 0 it runs to the end."""
    confirmed: dict[str, t.Any] = {"confirm": bare.prefix} if playbook == "destroy" else {}
    return killed_after(
        bare.account.endpoint,
        stop_at,
        lambda endpoint: bare.run.start(PLAYBOOKS[playbook], **bare.options(endpoint, **confirmed)),
        usual,
    )


def killed_after(
    upstream: str,
    stop_at: int,
    start: t.Callable[[str], tuple[subprocess.Popen[str], Path]],
    usual: Usual = None,
) -> Stop:
    """Start a run with a given endpoint of AWS, and kill it after its I(stop_at)th write call."""
    with tripwire(upstream, stop_at, usual) as proxy:
        process, _events = start(proxy.endpoint)
        text: list[str] = []
        reader = threading.Thread(target=text.extend, args=(process.stdout,), daemon=True)
        reader.start()
        deadline = time.monotonic() + RUN_SECONDS
        try:
            while not proxy.tripped.wait(0.05) and process.poll() is None and time.monotonic() < deadline:
                pass
        finally:
            killed = process.poll() is None
            if killed:
                kill_tree(process.pid)
            process.wait()
        reader.join()
        t.cast("t.IO[str]", process.stdout).close()
        stop = Stop(killed, list(proxy.write_calls), "".join(text), process.returncode, proxy.sent)
        if killed and not proxy.tripped.is_set():
            raise TimeoutError(f"It came to no end in {RUN_SECONDS} s, after {stop.writes}:\n{stop.text}")
        return stop


class Reference(t.NamedTuple):
    """The contents of an account before any run, and after an undisturbed one."""

    empty: Holdings
    whole: Holdings

    @classmethod
    def of(cls, bare: Bare, folder: Path) -> Reference:
        """Read it from an empty account and its plan, which lists what a run creates (tests/e2e/test_plan.py)."""
        path = folder / "expected.json"
        plan = bare.site(check=True, plan_file=str(path))
        assert plan.rc == 0, plan.text
        empty = holdings(bare.account.client)
        return cls(empty, empty + as_held(planned(path)))


def flaws_of_platform(bare: Bare, whole: Holdings) -> list[str]:
    """Return the flaws of a platform, compared with I(whole): duplicates, unnamed or missing resources, the lock."""
    found = holdings(bare.account.client)
    more = [f"{count} {kind} '{name}' too many" for (kind, name), count in (found - whole).items()]
    less = [f"{count} {kind} '{name}' missing" for (kind, name), count in (whole - found).items()]
    return sorted(more + less)


def flaws_after_site(bare: Bare, reference: Reference, folder: Path) -> list[str]:
    """Run site.yml after a stop; return a message for each way in which the platform is not complete and unique."""
    run = bare.site()
    if run.rc != 0:
        return [f"site.yml failed: {run.message or run.text[-2000:]}"]
    return flaws_of_whole(bare, reference, folder)


def flaws_of_whole(bare: Bare, reference: Reference, folder: Path) -> list[str]:
    """Return a message for each way in which the platform is not complete and unique, and for each change of a plan."""
    path = folder / "again.json"
    again = bare.site(check=True, plan_file=str(path))
    left_to_do = flaws_of_plan(path) if again.rc == 0 else [f"the plan failed: {again.message}"]
    return flaws_of_platform(bare, reference.whole) + left_to_do


def flaws_of_plan(path: Path) -> list[str]:
    """Return a message for each change of a plan file, and for each unasked resource."""
    changes = [f"still to {change['action']}: {change['type']} {change['name']}" for change in plan_of(path)]
    unasked = json.loads(path.read_text(encoding="utf-8"))["unasked"]
    return changes + [f"nobody asks for {one['type']} {one['name']}" for entry in unasked for one in entry["resources"]]


def flaws_after_destroy(bare: Bare, reference: Reference) -> list[str]:
    """Run destroy.yml after a stop; return a message for each resource that is left."""
    run = bare.destroy()
    failed = [f"destroy.yml failed: {run.message or run.text[-2000:]}"] if run.rc != 0 else []
    over = holdings(bare.account.client) - reference.empty
    # the service-linked role belongs to the account, for every cluster in it
    return failed + sorted(f"left: {kind} '{name}'" for kind, name in over if kind != "service_linked_role")


class Tried(t.NamedTuple):
    """One try: its sweep, its number, what happened in it, and the flaws afterwards."""

    sweep: str
    number: int
    event: str
    flaws: list[str]

    def __str__(self) -> str:
        return f"{self.sweep} {self.number:3} {self.event}: {'; '.join(self.flaws) or 'well'}"


class Ground(t.NamedTuple):
    """The emulator of the tries, a folder for their files, and the expected resources.

    C(platform) adds to a platform with only the example; C(usual) are the writes of that one, by playbook.
    """

    cloud: Cloud
    folder: Path
    reference: Reference
    platform: t.Callable[[Bare], Bare] = lambda bare: bare
    usual: t.Callable[[str], Usual] = lambda _playbook: None

    @classmethod
    def of(cls, cloud: Cloud, folder: Path) -> Ground:
        """Return it with the reference read."""
        return cls(cloud, folder, Reference.of(Bare.fresh(cloud, folder / "reference"), folder))

    def with_one_of_each(self) -> Ground:
        """Return it with a service of each kind, where only the writes count that the example does not make."""

        @functools.cache
        def usual() -> dict[str, Usual]:
            plain = self.fresh("plain")
            stops = {playbook: stopped(plain, playbook, stop_at=0) for playbook in ("site", "destroy")}
            return {playbook: collections.Counter(stop.writes) for playbook, stop in stops.items()}

        reference = Reference.of(one_of_each(self.fresh("reference-of-each")), self.folder)
        return Ground(self.cloud, self.folder, reference, one_of_each, lambda playbook: usual()[playbook])

    def fresh(self, name: str) -> Bare:
        """Return a platform in an account with nothing but the resources that its services need."""
        return self.platform(Bare.fresh(self.cloud, self.folder / name))


def stop_and(sweep: str, ground: Ground, number: int) -> Tried | None:
    """Stop a run after its I(number)th write and run the next; None if it ended before."""
    playbook, then = sweep.split("-")[-2:]
    bare = ground.fresh(f"{sweep}-{number}")
    if playbook == "destroy":
        made = bare.site()
        assert made.rc == 0, made.text
    stop = stopped(bare, playbook, number, ground.usual(playbook))
    if not stop.killed:
        return None
    flaws = flaws_after(then, ground, bare)
    bare.account.stop_services()
    return Tried(sweep, number, stop.writes[-1], flaws)


def flaws_after(playbook: str, ground: Ground, bare: Bare) -> list[str]:
    """Run a playbook after a stop; return a message for each flaw that it leaves."""
    if playbook == "site":
        return flaws_after_site(bare, ground.reference, ground.folder)
    return flaws_after_destroy(bare, ground.reference)


def step_by_step(sweep: str, ground: Ground, number: int) -> Tried:
    """Kill a run after I(number) writes, the next one after as many more, and so on until one ends normally.

    So a run is killed after each write, and only the writes before it are an earlier run's.
    """
    playbook = sweep.split("-")[-2]
    bare = ground.fresh(f"{sweep}-{number}")
    if playbook == "destroy":
        made = bare.site()
        assert made.rc == 0, made.text
    kills = 0
    last, allowed = stopped(bare, playbook, number, OF_THE_LOCK), number
    while last.killed:
        kills += 1
        print(f"{sweep} {number:3} {kills:3} {last.writes[-1]}", flush=True)
        now = stopped(bare, playbook, allowed, OF_THE_LOCK)
        # a run that repeats the previous one makes no progress
        again = itertools.takewhile(lambda both: both[0] == both[1], zip(last.steps, now.steps, strict=False))
        allowed = number + len(list(again))
        last = now
    failed = [] if last.rc == 0 else [f"{playbook}.yml failed after {kills} kills: {last.text[-2000:]}"]
    flaws = flaws_after(playbook, ground, bare)
    bare.account.stop_services()
    return Tried(sweep, number, f"killed {kills} times", failed + flaws)


def at_a_moment(ground: Ground, number: int, seconds: float = 60) -> Tried:
    """Kill a first run within I(seconds), at a moment chosen by I(number), and run it again."""
    bare = ground.fresh(f"moment-{number}")
    moment = random.Random(number).uniform(0, seconds)  # noqa: S311 - to be repeated, not to be secret
    process, _events = bare.run.start(SITE, **bare.options())
    try:
        process.communicate(timeout=moment)
        event = f"ended before {moment:.1f} s"
    except subprocess.TimeoutExpired:
        kill_tree(process.pid)
        process.communicate()
        event = f"killed after {moment:.1f} s and {len(bare.account.writes())} writes"
    return Tried("moment", number, event, flaws_after_site(bare, ground.reference, ground.folder))


def two_at_once(ground: Ground, number: int, bare: Bare | None = None) -> Tried:
    """Start two first runs of one platform together: one is refused or waits, and all is created once."""
    bare = bare or ground.fresh(f"two-{number}")
    endpoint = bare.account.endpoint
    with tripwire(endpoint, 0) as one, tripwire(endpoint, 0) as other:
        proxies = (one, other)
        started = [bare.run.start(SITE, **bare.options(proxy.endpoint)) for proxy in proxies]
        runs = [finish(process, events, RUN_SECONDS) for process, events in started]
    work = [worked(zip(proxy.write_calls, proxy.times, strict=True)) for proxy in proxies]
    refused = [both for both in zip(runs, work, strict=True) if both[0].rc != 0]
    event = ("both ended well", "one was refused", "none ended well")[len(refused)]
    flaws = [flaw for run, writes in refused for flaw in flaws_of_refusal(bare, run, writes)]
    flaws += [event] if len(refused) > 1 else flaws_of_whole(bare, ground.reference, ground.folder)
    return Tried("two", number, event, flaws + flaws_of_time(work))


def worked(writes: t.Iterable[tuple[str, float]]) -> dict[float, str]:
    """Return the writes of a run except those of the lock, with their times."""
    return {moment: action for action, moment in writes if action not in OF_THE_LOCK}


def flaws_of_time(work: t.Sequence[t.Collection[float]]) -> list[str]:
    """Return a message if one of two runs wrote before the other one was done, given the times of their writes."""
    if not all(work):
        return []
    first, second = sorted(work, key=min)
    return [] if max(first) < min(second) else [f"both runs worked at once, for {max(first) - min(second):.1f} s"]


def flaws_of_refusal(bare: Bare, run: Run, writes: t.Mapping[float, str]) -> list[str]:
    """Return a message for each way in which a second run did not name the holder, or changed something."""
    holder = rf"Another run holds {bare.prefix}: {re.escape(getpass.getuser())}@\S+ \(process \d+\), since \d{{4}}-"
    said = [] if re.search(holder, run.message) else [f"a run failed: {run.message or run.text[-2000:]}"]
    did = [f"the refused run did '{task}'" for task in run.changed_tasks]
    return said + did + [f"the refused run called {action}" for action in writes.values()]


Try = t.Callable[[Ground, int], Tried | None]
OF_EACH = "one-of-each-"
STOPS: dict[str, tuple[int, Try]] = {
    f"{prefix}{one}": (NO_LIMIT, functools.partial(stop_and, f"{prefix}{one}"))
    for prefix in ("", OF_EACH)
    for one in ("site-destroy", "site-site", "destroy-destroy")
}
STEPS: dict[str, tuple[int, Try]] = {
    f"{prefix}{one}": (1, functools.partial(step_by_step, f"{prefix}{one}"))
    for prefix in ("", OF_EACH)
    for one in ("site-steps", "destroy-steps")
}
# By name: the number of tries, and the function of one.
SWEEPS: dict[str, tuple[int, Try]] = {
    **STEPS,
    **STOPS,
    "moment": (MOMENTS, at_a_moment),
    "two": (MOMENTS, two_at_once),
}


def tried_before(record: Path | None) -> list[Tried]:
    """Return the tries in a record: one per line, as a JSON array."""
    if record is None or not record.exists():
        return []
    return [Tried(*json.loads(line)) for line in record.read_text(encoding="utf-8").splitlines()]


def figures(tried: t.Sequence[Tried]) -> t.Iterator[str]:
    """Yield a line for each sweep: the number of tries, of failed ones, and for concurrent runs how they ended."""
    for name in dict.fromkeys(one.sweep for one in tried):
        ours = [one for one in tried if one.sweep == name]
        ends = collections.Counter(one.event for one in ours if name == "two")
        shown = "".join(f", {event}: {count}" for event, count in sorted(ends.items()))
        yield f"{name}: {len(ours)} tried, {sum(bool(one.flaws) for one in ours)} not survived{shown}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.kill_resume", description=__doc__)
    parser.add_argument("--sweep", choices=SWEEPS, action="append", help="only this one; may be given again")
    parser.add_argument(
        "--first",
        type=int,
        default=1,
        help="the first write to stop at, or number; of steps how many writes (default 1)",
    )
    parser.add_argument("--last", type=int, default=NO_LIMIT, help="the last one (default: the sweep's last)")
    parser.add_argument("--every", type=int, default=1, help="try each Nth only (default 1)")
    parser.add_argument("--record", type=Path, help="keep each result in this file, and leave out what it holds")
    return parser.parse_args()


def untried(chosen: argparse.Namespace, tried: t.Iterable[Tried]) -> t.Iterator[tuple[str, list[int]]]:
    """Yield each chosen sweep with its chosen numbers that the record lacks."""
    before = {(one.sweep, one.number) for one in tried}
    for sweep in chosen.sweep or SWEEPS:
        # the first one is tried even if there are fewer: steps are of so many writes
        last = max(chosen.first, min(chosen.last, SWEEPS[sweep][0]))
        yield sweep, [one for one in range(chosen.first, last + 1, chosen.every) if (sweep, one) not in before]


def main() -> int:
    chosen = arguments()
    tried = tried_before(chosen.record)
    with tempfile.TemporaryDirectory(prefix="survive-") as folder, bare_cloud(Path(folder) / "aws") as cloud:
        plain = functools.cache(lambda: Ground.of(cloud, Path(folder)))
        of_each = functools.cache(lambda: plain().with_one_of_each())
        for sweep, numbers in untried(chosen, list(tried)):
            ground = of_each() if sweep.startswith(OF_EACH) else plain()
            for number in numbers:
                one = SWEEPS[sweep][1](ground, number)
                if one is None:
                    break
                print(one, flush=True)
                tried.append(one)
                if chosen.record:
                    with chosen.record.open("a", encoding="utf-8") as record:
                        record.write(json.dumps(one) + "\n")
    print("\n".join(figures(tried)))
    return 1 if any(one.flaws for one in tried) else 0


if __name__ == "__main__":
    sys.exit(main())
