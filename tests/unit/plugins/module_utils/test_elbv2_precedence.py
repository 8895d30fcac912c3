# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import fnmatch
import itertools

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import precedence

PATTERNS = ["".join(letters) for length in range(4) for letters in itertools.product("ab*?", repeat=length)]
TEXTS = ["".join(letters) for length in range(6) for letters in itertools.product("ab", repeat=length)]


def matched(pattern: str) -> set[str]:
    return {text for text in TEXTS if fnmatch.fnmatchcase(text, pattern)}


MATCHED = {pattern: matched(pattern) for pattern in PATTERNS}


def test_a_pattern_covers_another_only_if_it_matches_all_that_the_other_does():
    wrong = [
        (front, behind)
        for front, behind in itertools.product(PATTERNS, repeat=2)
        if precedence.covers(front, behind) and not MATCHED[behind] <= MATCHED[front]
    ]
    assert wrong == []


def test_few_pairs_are_covered_without_being_seen():
    missed = [
        (front, behind)
        for front, behind in itertools.product(PATTERNS, repeat=2)
        if not precedence.covers(front, behind) and MATCHED[behind] <= MATCHED[front]
    ]
    # each needs a ? in front to stand for a part of a * behind it
    assert {pair for pair in missed if "?" not in pair[0]} == set()
    assert len(missed) < len(PATTERNS) ** 2 / 40


def test_two_patterns_meet_if_one_text_matches_both():
    wrong = [
        (one, other)
        for one, other in itertools.product(PATTERNS, repeat=2)
        if precedence.overlap(one, other) is not bool(MATCHED[one] & MATCHED[other])
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("requests", "host", "path", "taken"),
    [
        ({"hosts": [], "paths": ["/a/*"]}, "x.io", "/a/b", True),
        ({"hosts": [], "paths": ["/a/*"]}, "x.io", "/A/b", False),
        ({"hosts": ["X.io"], "paths": []}, "x.IO", "/", True),
        ({"hosts": ["x.io"], "paths": ["/a", "/b?"]}, "x.io", "/bc", True),
        ({"hosts": ["x.io"], "paths": ["/a", "/b?"]}, "y.io", "/bc", False),
    ],
)
def test_what_a_rule_takes(requests, host, path, taken):
    assert precedence.takes(requests, host, path) is taken


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"hosts": [], "paths": ["/a*"]}, {"hosts": [], "paths": ["*b"]}, "/a* that fits *b"),
        ({"hosts": ["a.io"], "paths": ["/*"]}, {"hosts": ["b.io"], "paths": ["/*"]}, ""),
        ({"hosts": ["A.io"], "paths": ["/x"]}, {"hosts": ["*.io"], "paths": []}, "a.io/x"),
        ({"hosts": ["a.io"], "paths": []}, {"hosts": [], "paths": ["/x", "/y"]}, "a.io/x a.io/y"),
    ],
)
def test_what_would_do_for_two_rules(one, other, expected):
    assert precedence.in_words(precedence.shared(one, other)) == expected


@pytest.mark.parametrize(
    ("requests", "front", "expected"),
    [
        ({"hosts": [], "paths": ["/*"]}, {"hosts": [], "paths": ["/x/*"]}, ""),
        ({"hosts": [], "paths": ["/x/*", "/y"]}, {"hosts": [], "paths": ["/*"]}, "/x/* /y"),
        ({"hosts": [], "paths": ["/x/*", "/y"]}, {"hosts": [], "paths": ["/x/*"]}, "/x/*"),
        ({"hosts": [], "paths": ["/x/*"]}, {"hosts": ["a.io"], "paths": []}, ""),
        ({"hosts": ["a.io"], "paths": []}, {"hosts": [], "paths": ["/x/*"]}, "a.io/x/*"),
        ({"hosts": ["a.io"], "paths": []}, {"hosts": ["*.io"], "paths": ["/x"]}, "a.io/x"),
        ({"hosts": [], "paths": ["/x*"]}, {"hosts": [], "paths": ["*/y"]}, "/x* that fits */y"),
        ({"hosts": [], "paths": ["/*"]}, {"hosts": ["*"], "paths": ["*"]}, "/*"),
        ({"hosts": [], "paths": ["*/y"]}, {"hosts": [], "paths": ["/*"]}, "*/y"),
        ({"hosts": [], "paths": ["/x"]}, {"hosts": [], "paths": ["/*"], "other_conditions": ["source-ip"]}, ""),
    ],
)
def test_a_rule_in_front_takes_what_a_more_specific_one_would_not(requests, front, expected):
    assert precedence.in_words(precedence.lost(requests, front)) == expected
