# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A call of a killed run arrives late: a proxy holds it back while the next run works.

Either only the main process is killed, as by SIGKILL or SIGHUP to its process group, or the whole run, as on a
machine that dies.  tests/e2e/test_survive.py releases the call at a chosen point of the next run; ``python -m
tests.campaigns.late`` holds it back for 5, 20 and 60 seconds, three times each, and prints a line for each.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
import typing as t
from pathlib import Path

from ..support.ansible_run import Run, finish
from ..support.kill_proxy import Tripwire, kill_tree
from ..support.no_containers import SITE, Bare, bare_cloud
from .kill_resume import RUN_SECONDS, Ground, flaws_of_platform

HELD_FOR = (5, 20, 60)
# What is killed, and the call in progress: the two that cost money or block every later run, and one of several
# that a module makes in parallel.
TRIES = (("all", "CreateVpc"), ("all", "AllocateAddress"), ("main", "CreateSubnet"))
# NAT gateway and load balancer take nearly as long as on AWS, so that the next run works while the call is held back
SLOW = ("--time-scale", "0.8")


class Holding(Tripwire):
    """The proxy: it holds the first call of an action until C(release) is set, even if its client is gone."""

    def __init__(self, upstream: str, action: str) -> None:
        super().__init__(upstream, stop_at=0)
        self.action = action
        self.held, self.release, self.arrived = (threading.Event() for _ in range(3))

    def before(self, action: str) -> None:
        """Hold back the call."""
        if action == self.action and not self.held.is_set():
            self.held.set()
            self.release.wait()

    def answers(self, action: str, write: bool, sent: bytes = b"") -> bool:
        """Record the call once AWS has handled it."""
        # a retry of the same call meanwhile is another one
        if action == self.action and self.release.is_set():
            self.arrived.set()
        return super().answers(action, write, sent)


@contextlib.contextmanager
def holding(upstream: str, action: str) -> t.Iterator[Holding]:
    """Run the proxy."""
    server = Holding(upstream, action)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()


class Late(t.NamedTuple):
    """The result: the next run, the calls of the killed one after its death, and whether the next had ended by then."""

    run: Run
    writes_after_death: list[str]
    came_after_the_end: bool


def late(bare: Bare, killed: str, action: str, until: t.Callable[[Bare], None]) -> Late:
    """Kill a run while a call of it is held back, start the next, and release the call when I(until) returns."""
    with holding(bare.account.endpoint, action) as proxy:
        first, _events = bare.run.start(SITE, **bare.options(proxy.endpoint))
        reader = threading.Thread(target=t.cast("t.IO[str]", first.stdout).read, daemon=True)
        reader.start()
        assert proxy.held.wait(RUN_SECONDS), f"The run made no {action}."
        before = len(proxy.write_calls)
        if killed == "all":
            kill_tree(first.pid)
        else:
            os.kill(first.pid, signal.SIGKILL)
        first.wait()
        second, events = bare.run.start(SITE, **bare.options())

        def let_go() -> None:
            until(bare)
            proxy.release.set()

        releasing = threading.Thread(target=let_go, daemon=True)
        releasing.start()
        run = finish(second, events, RUN_SECONDS)
        over = not proxy.arrived.is_set()
        releasing.join()
        assert proxy.arrived.wait(RUN_SECONDS)
        reader.join()
        t.cast("t.IO[str]", first.stdout).close()
        return Late(run, proxy.write_calls[before:], over)


def try_once(ground: Ground, killed: str, action: str, seconds: float) -> str:
    """Return a line with the result of a call held back for so long; it ends in C(well) if everything exists once."""
    bare = ground.fresh(f"late-{killed}-{action}-{seconds}")
    began = time.monotonic()
    came = late(bare, killed, action, lambda _bare: time.sleep(seconds))
    lasted = time.monotonic() - began
    flaws = [] if came.run.rc == 0 else [f"site.yml failed: {came.run.message or came.run.text[-2000:]}"]
    again = ""
    if came.came_after_the_end:
        # the next run had ended before: only the one after that can find its resource
        again, third = ", and site.yml again", bare.site()
        flaws += [] if third.rc == 0 else [f"site.yml failed: {third.message or third.text[-2000:]}"]
    flaws += flaws_of_platform(bare, ground.reference.whole)
    after = f"{len(came.writes_after_death)} writes after its death"
    return f"{action} held {seconds:g} s, killed {killed}, {lasted:.0f} s{again}, {after}: {'; '.join(flaws) or 'well'}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.late", description=__doc__)
    parser.add_argument("seconds", nargs="*", type=float, help="only these (default: 5 20 60)")
    chosen = parser.parse_args().seconds or HELD_FOR
    lines: list[str] = []
    with tempfile.TemporaryDirectory(prefix="late-") as name, bare_cloud(Path(name) / "aws", *SLOW) as cloud:
        ground = Ground.of(cloud, Path(name))
        for seconds in chosen:
            # in parallel, each in its own account: most of the time they wait
            with concurrent.futures.ThreadPoolExecutor(len(TRIES)) as pool:
                trying = [pool.submit(try_once, ground, *one, seconds) for one in TRIES]
                for done in concurrent.futures.as_completed(trying):
                    lines.append(done.result())
                    print(lines[-1], flush=True)
    well = sum(line.endswith(": well") for line in lines)
    print(f"{len(lines)} tried, {well} well")
    return 0 if well == len(lines) else 1


if __name__ == "__main__":
    sys.exit(main())
