"""Draw games of six numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

HIGHEST = 45
PICKED = 6
MOST_GAMES = 5

_NUMBERS = range(1, HIGHEST + 1)


def draw(source: Random) -> list[int]:
    """Return six different integers from 1 to 45, ascending.

    Each of the 8,145,060 combinations is as likely as any other, and nothing is kept between calls.
    """
    return sorted(source.sample(_NUMBERS, PICKED))
