# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import logs

NOON = 1_795_348_800_000  # 2026-11-22 12:00:00 UTC


def event(number, seconds=0, text=None):
    message = text or f"line {number}\n"
    stream = "ecs/lotto-api/0f3c9a1b2d4e4f6d"
    return {"eventId": str(number), "timestamp": NOON + seconds * 1000, "message": message, "logStreamName": stream}


class Group:
    """A log group that gets events as its clock goes on, some of them late."""

    def __init__(self, arrivals):
        self.now = 0.0
        self.arrivals = arrivals
        self.asked = []

    def fetch(self, start):
        self.asked.append(start)
        return [item for at, item in self.arrivals if at <= self.now and item["timestamp"] >= start]

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.mark.parametrize(("text", "expected"), [("90", 90), ("45s", 45), ("15m", 900), ("2h", 7200), (" 1d ", 86400)])
def test_seconds(text, expected):
    assert logs.seconds(text) == expected


@pytest.mark.parametrize("text", ["", "m", "1w", "-5m", "1.5h", "15 m"])
def test_seconds_refuses(text):
    with pytest.raises(RefusedError, match=r"is not a duration: a number and s, m, h or d, as in 15m\. Set since\."):
        logs.seconds(text)


def test_line_tells_time_task_and_text():
    assert logs.line(event(1)) == "2026-11-22 12:00:00 0f3c9a1b line 1"


def test_following_shows_each_event_once_in_order_and_late_ones_too():
    group = Group([(0, event(2, 2)), (0, event(1, 1)), (3, event(4, 4)), (5, event(3, 3)), (99, event(5, 50))])
    shown = []
    follow = logs.Follow(group.fetch, NOON)
    lines = follow.until(10, shown.append, group.clock, group.sleep)
    assert [line.rpartition(" ")[2] for line in lines] == ["1", "2", "4", "3"]
    assert shown == lines
    assert group.now == 10


def test_without_following_it_looks_once():
    group = Group([(0, event(1)), (1, event(2))])
    assert len(logs.Follow(group.fetch, NOON).until(0, print, group.clock, group.sleep)) == 1
    assert group.asked == [NOON]


def test_it_asks_again_from_a_little_before_the_newest_event():
    group = Group([(0, event(1, 60))])
    follow = logs.Follow(group.fetch, NOON)
    follow.until(2, print, group.clock, group.sleep)
    assert group.asked == [NOON, NOON + 50_000]
