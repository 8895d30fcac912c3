# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of the sweeps is tried, what is kept of it, and what it comes to."""

from __future__ import annotations

import argparse
import json

import pytest

from tests.campaigns.kill_resume import NO_LIMIT, SWEEPS, Tried, figures, tried_before, untried

WELL, LOST = Tried("site-site", 1, "CreateVpc", []), Tried("site-site", 4, "CreateSubnet", ["left: subnet 'a'"])


def chosen(**options):
    return argparse.Namespace(**{"sweep": None, "first": 1, "last": NO_LIMIT, "every": 1, **options})


@pytest.mark.parametrize(
    ("options", "tried", "expected"),
    [
        ({"sweep": ["two"]}, [], {"two": list(range(1, 21))}),
        ({"sweep": ["two"], "first": 19}, [], {"two": [19, 20]}),
        ({"sweep": ["site-site"], "last": 7, "every": 3}, [WELL, LOST], {"site-site": [7]}),
        ({"sweep": ["site-destroy"], "last": 2}, [WELL, LOST], {"site-destroy": [1, 2]}),
        ({"sweep": ["two", "moment"], "last": 1}, [], {"two": [1], "moment": [1]}),
        ({"last": 1}, [], {name: [1] for name in SWEEPS}),
    ],
)
def test_what_is_chosen_and_not_recorded_is_tried(options, tried, expected):
    assert dict(untried(chosen(**options), tried)) == expected


def test_a_record_holds_what_was_tried(tmp_path):
    record = tmp_path / "record.jsonl"
    assert tried_before(record) == tried_before(None) == []
    record.write_text("".join(json.dumps(one) + "\n" for one in (WELL, LOST)), encoding="utf-8")
    assert tried_before(record) == [WELL, LOST]


def test_a_line_says_what_is_wrong():
    assert str(WELL) == "site-site   1 CreateVpc: well"
    assert str(LOST) == "site-site   4 CreateSubnet: left: subnet 'a'"


def test_figures_count_by_sweep():
    ends = ["one was refused", "one was refused", "both ended well"]
    two = [Tried("two", number, event, []) for number, event in enumerate(ends, 1)]
    assert list(figures([WELL, *two, LOST])) == [
        "site-site: 2 tried, 1 not survived",
        "two: 3 tried, 0 not survived, both ended well: 1, one was refused: 2",
    ]
