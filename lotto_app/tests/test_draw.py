"""Every combination is equally likely."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, combinations, pairwise
from math import comb, sqrt

import pytest

from lotto_app.draw import draw

HIGHEST, PICKED = 45, 6


def deviations(draws):
    """Return how many standard deviations two chi-square statistics lie off a fair game's mean.

    The first is over numbers, the second over pairs. The counts of a draw without replacement
    hang together, so the plain degrees of freedom don't hold. The covariance matrices of the
    counts are those of the Johnson schemes J(45,1) and J(45,2); their eigenvalues weigh the
    chi-square variables that each statistic is a sum of.
    """
    numbers = Counter(chain.from_iterable(draws))
    pairs = Counter(chain.from_iterable(combinations(numbers_, 2) for numbers_ in draws))

    one, two, three, four = (comb(PICKED, k) / comb(HIGHEST, k) for k in (1, 2, 3, 4))
    over_numbers = [(one - two, HIGHEST - 1)]
    same, shared, apart = two - two**2, three - two**2, four - two**2
    over_pairs = [
        (same + (HIGHEST - 4) * shared - (HIGHEST - 3) * apart, HIGHEST - 1),
        (same - 2 * shared + apart, comb(HIGHEST, 2) - HIGHEST),
    ]
    cells = range(1, HIGHEST + 1)
    return (
        _deviation([numbers[cell] for cell in cells], one, len(draws), over_numbers),
        _deviation([pairs[cell] for cell in combinations(cells, 2)], two, len(draws), over_pairs),
    )


def _deviation(counts, probability, draws, eigenvalues):
    expected = draws * probability
    statistic = sum((count - expected) ** 2 / expected for count in counts)
    mean = sum(value * times for value, times in eigenvalues) / probability
    spread = sqrt(sum(2 * value**2 * times for value, times in eigenvalues)) / probability
    return (statistic - mean) / spread


def modulo_draw(source):
    """Draw as a careless program would: 6 bits modulo 45, so 1 to 19 occur twice as often."""
    drawn = set()
    while len(drawn) < PICKED:
        drawn.add(source.getrandbits(6) % HIGHEST + 1)
    return sorted(drawn)


def sticky_draw(source):
    """Draw fair numbers in unfair pairs: 1 brings 2 along more often than it should."""
    drawn = draw(source)
    if 1 in drawn and 2 not in drawn and source.random() < 0.1:
        drawn = sorted({*drawn[:-1], 2})
    return drawn


@pytest.mark.parametrize(
    "count", [50_000, pytest.param(1_000_000, marks=pytest.mark.slow)], ids=str
)
def test_numbers_and_pairs_are_fair(count):
    source = random.Random(20021207)

    by_number, by_pair = deviations([draw(source) for _ in range(count)])

    assert abs(by_number) < 4
    assert abs(by_pair) < 4


@pytest.mark.parametrize(("unfair", "statistic"), [(modulo_draw, 0), (sticky_draw, 1)])
def test_the_measure_sees_what_is_unfair(unfair, statistic):
    source = random.Random(20021207)

    assert deviations([unfair(source) for _ in range(50_000)])[statistic] > 4


def test_the_measure_spreads_as_it_says():
    """Over many fair games the deviations have mean 0 and standard deviation 1."""
    source = random.Random(20021207)
    measured = [deviations([draw(source) for _ in range(500)]) for _ in range(200)]

    for values in zip(*measured, strict=True):
        mean = sum(values) / len(values)
        spread = sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
        assert abs(mean) < 0.25
        assert 0.8 < spread < 1.25


def test_threads_that_draw_at_once_share_nothing():
    source = random.SystemRandom()
    threads, each = 64, 1_000

    with ThreadPoolExecutor(threads) as pool:
        hands = list(pool.map(lambda _: [draw(source) for _ in range(each)], range(threads)))

    drawn = [tuple(numbers) for hand in hands for numbers in hand]
    assert len(drawn) == threads * each
    assert all(len(set(numbers)) == PICKED for numbers in drawn)
    assert all(numbers == tuple(sorted(numbers)) for numbers in drawn)
    assert {number for numbers in drawn for number in numbers} == set(range(1, HIGHEST + 1))
    # Chance repeats a draw now and then, n(n-1)/2 pairs at 1 in 8,145,060, but never two in a row.
    repeats = comb(len(drawn), 2) / comb(HIGHEST, PICKED)
    assert abs(len(drawn) - len(set(drawn)) - repeats) < 7 * sqrt(repeats)
    in_a_row = [pair for hand in hands for pair in pairwise(map(tuple, hand))]
    assert len(in_a_row) == len(set(in_a_row))
