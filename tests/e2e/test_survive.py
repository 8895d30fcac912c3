# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""It survives: killed after any write call, and two at once.  This is a sample; ``make survive`` tries every call."""

from __future__ import annotations

import getpass
import random
import re
import typing as t
from pathlib import Path

import pytest

from tests.house.ansible_run import finish
from tests.house.bare import PREFIX, SITE, Bare, bare_cloud
from tests.house.cloud import Cloud
from tests.house.survive import Reference, flaws_after_destroy, flaws_after_site, flaws_of_platform, stopped

# Write calls of a first run to its last one, DeleteParameter of the lock; images go past the count.
WRITES = 48
LOCK = f"/{PREFIX}/lock"


def sample(parts: int, seed: int) -> list[int]:
    """Return one number out of each of I(parts) equal parts of a run's writes, the same ones for a seed."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    size = WRITES / parts
    return [chance.randrange(int(part * size) + 1, int((part + 1) * size)) for part in range(parts)]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Cloud]:
    """A local AWS of this file's own, without containers."""
    with bare_cloud(tmp_path_factory.mktemp("survive") / "aws") as running:
        yield running


@pytest.fixture(scope="module")
def reference(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """What an undisturbed run makes."""
    folder = tmp_path_factory.mktemp("reference")
    return Reference.of(Bare.fresh(cloud, folder / "run"), folder)


@pytest.mark.parametrize(("then", "stop_at"), list(zip(["site", "destroy"] * 2, sample(4, seed=10), strict=True)))
def test_killed_after_a_write_call(cloud: Cloud, reference: Reference, tmp_path: Path, then: str, stop_at: int) -> None:
    bare = Bare.fresh(cloud, tmp_path / "run")
    stop = stopped(bare, "site", stop_at)
    assert stop.killed, f"It ended after {len(stop.writes)} writes:\n{stop.text}"
    assert len(stop.writes) == stop_at
    # nobody is left to let the platform go, so what follows has to see that the holder is dead
    assert [parameter["Name"] for parameter in bare.account.client("ssm").describe_parameters()["Parameters"]] == [LOCK]
    if then == "site":
        assert flaws_after_site(bare, reference, tmp_path) == []
    else:
        assert flaws_after_destroy(bare, reference) == []


def test_two_at_once(cloud: Cloud, reference: Reference, tmp_path: Path) -> None:
    bare = Bare.fresh(cloud, tmp_path / "run")
    started = [bare.run.start(SITE, **bare.options()) for _ in range(2)]
    runs = [finish(process, events, 600) for process, events in started]
    well = [run for run in runs if run.rc == 0]
    refused = [run for run in runs if run.rc != 0]
    assert well, "\n".join(run.text for run in runs)
    for run in refused:
        holder = rf"Another run holds {PREFIX}: {re.escape(getpass.getuser())}@\S+ \(process \d+\), since \d{{4}}-"
        assert re.search(holder, run.message), run.text
        assert run.changed_tasks == []
    assert flaws_of_platform(bare, reference.whole) == []
