# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""It survives: killed after any write call, and two at once.  This is a sample; ``make survive`` tries every call."""

from __future__ import annotations

import random
import typing as t

import pytest

from tests.house.bare import PREFIX, Bare, bare_cloud
from tests.house.survive import Ground, Tried, flaws_after_destroy, flaws_after_site, stopped, two_at_once

# Write calls of a first run to its last one, DeleteParameter of the lock; images go past the count.
WRITES = 48
# in the middle of the some 30 of a removal
STOP_OF_REMOVAL = 14
LOCK = f"/{PREFIX}/lock"


def sample(parts: int, seed: int) -> list[int]:
    """Return one number out of each of I(parts) equal parts of a run's writes, the same ones for a seed."""
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    size = WRITES / parts
    return [chance.randrange(int(part * size) + 1, int((part + 1) * size)) for part in range(parts)]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Ground]:
    """A local AWS of this file's own, without containers, and what an undisturbed run makes."""
    folder = tmp_path_factory.mktemp("survive")
    with bare_cloud(folder / "aws") as running:
        yield Ground.of(running, folder)


@pytest.mark.parametrize(("then", "stop_at"), list(zip(["site", "destroy"], sample(2, seed=10), strict=True)))
def test_killed_after_a_write_call(ground: Ground, then: str, stop_at: int) -> None:
    bare = ground.fresh(f"{then}-{stop_at}")
    stop = stopped(bare, "site", stop_at)
    assert stop.killed, f"It ended after {len(stop.writes)} writes:\n{stop.text}"
    assert len(stop.writes) == stop_at
    # nobody is left to let the platform go, so what follows has to see that the holder is dead
    assert [parameter["Name"] for parameter in bare.account.client("ssm").describe_parameters()["Parameters"]] == [LOCK]
    if then == "site":
        assert flaws_after_site(bare, ground.reference, ground.folder) == []
    else:
        assert flaws_after_destroy(bare, ground.reference) == []


class Twice(t.NamedTuple):
    """A platform that two runs made at once, and how they ended."""

    bare: Bare
    tried: Tried


@pytest.fixture(scope="module")
def twice(ground: Ground) -> Twice:
    bare = ground.fresh("two")
    return Twice(bare, two_at_once(ground, 1, bare))


def test_two_at_once(twice: Twice) -> None:
    assert twice.tried.flaws == []


def test_a_removal_killed_after_a_write_call(ground: Ground, twice: Twice) -> None:
    stop = stopped(twice.bare, "destroy", STOP_OF_REMOVAL)
    assert stop.killed, f"It ended after {len(stop.writes)} writes:\n{stop.text}"
    assert flaws_after_destroy(twice.bare, ground.reference) == []
