# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest

from local_aws.scaling import MathError, Memory, Tracked, evaluate, wanted

BACKLOG = "FILL(messages, 0) / IF(FILL(tasks, 0) > 0, FILL(tasks, 0), 1)"


@pytest.mark.parametrize(
    ("expression", "values", "expected"),
    [
        (BACKLOG, {"messages": 30.0, "tasks": 2.0}, 15.0),
        (BACKLOG, {"messages": 30.0, "tasks": None}, 30.0),
        (BACKLOG, {"messages": None, "tasks": 2.0}, 0.0),
        ("m1 / m2", {"m1": 4.0, "m2": 0.0}, None),
        ("m1 + 2 * m2 - 1", {"m1": 4.0, "m2": 3.0}, 9.0),
        ("m1 / m2", {"m1": None, "m2": 3.0}, None),
        ("IF(m1 >= 4, 1, 0)", {"m1": 4.0}, 1.0),
    ],
)
def test_metric_math(expression, values, expected):
    assert evaluate(expression, values) == expected


@pytest.mark.parametrize(
    "expression", ["__import__('os')", "m1.real", "RATE(m1)", "m1 ** 2", "m1 /", "'text'", "other"]
)
def test_what_is_not_understood_is_said(expression):
    with pytest.raises(MathError):
        evaluate(expression, {"m1": 1.0})


@pytest.mark.parametrize(
    ("tasks", "policies", "expected"),
    [
        (1, [Tracked(50, 10)], 5),
        (1, [Tracked(500, 10)], 9),
        (4, [Tracked(10, 10)], 4),
        (4, [Tracked(9.5, 10)], 4),
        (4, [Tracked(2, 10)], 1),
        (4, [Tracked(0, 10)], 1),
        (4, [Tracked(2, 10, scales_in=False)], 4),
        (4, [Tracked(None, 10)], 4),
        # out if one asks for it, in only if all do
        (4, [Tracked(2, 10), Tracked(20, 10)], 8),
        (4, [Tracked(2, 10), Tracked(10, 10)], 4),
        (4, [Tracked(2, 10), Tracked(5, 10)], 2),
        (0, [Tracked(25, 10)], 3),
        (0, [], 1),
    ],
)
def test_how_many_tasks_are_wanted(tasks, policies, expected):
    assert wanted(tasks, policies, 1, 9) == expected


def test_it_scales_once_the_need_has_lasted_and_again_after_the_cooldown():
    memory = Memory()
    moments = {now: memory.due(1, 5, now, 1.0, 60, 300) for now in (0, 100, 179, 180, 200, 359, 390)}
    assert [now for now, due in moments.items() if due] == [180, 390]


def test_it_scales_in_later_than_out_and_a_need_that_ends_counts_no_more():
    memory = Memory()
    assert not memory.due(5, 1, 10, 1.0, 60, 300)
    assert not memory.due(5, 5, 500, 1.0, 60, 300)
    assert not memory.due(5, 1, 910, 1.0, 60, 300)
    assert memory.due(5, 1, 1810, 1.0, 60, 300)


def test_the_time_scale_makes_it_shorter():
    memory = Memory()
    assert not memory.due(1, 5, 1.0, 0.05, 60, 300)
    assert memory.due(1, 5, 10.0, 0.05, 60, 300)
