# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.until import WaitTimeoutError, wait_until


class Clock:
    def __init__(self):
        self.now, self.pauses = 100.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds


def test_what_is_done_is_not_waited_for():
    clock = Clock()
    assert wait_until(lambda: "INACTIVE", lambda state: True, 600, clock=clock, sleep=clock.sleep) == "INACTIVE"
    assert clock.pauses == []


def test_pauses_grow_to_fifteen_seconds():
    clock, states = Clock(), iter(range(20))
    assert wait_until(lambda: next(states), lambda state: state == 9, 600, clock=clock, sleep=clock.sleep) == 9
    assert clock.pauses[:3] == [1.0, 1.5, 2.25]
    assert clock.pauses[-1] == 15.0


def test_a_last_look_at_the_very_end():
    clock, seen = Clock(), []

    def look():
        seen.append(clock.now)
        return "DRAINING"

    with pytest.raises(WaitTimeoutError) as caught:
        wait_until(look, lambda state: False, 4, clock=clock, sleep=clock.sleep)
    assert caught.value.last == "DRAINING"
    assert seen[-1] == 104.0
    assert sum(clock.pauses) == 4
    assert str(caught.value) == "not reached within 4 s"


def test_a_pause_shorter_than_a_second_at_the_very_end():
    clock = Clock()
    with pytest.raises(WaitTimeoutError):
        wait_until(lambda: None, bool, 3, clock=clock, sleep=clock.sleep)
    assert clock.pauses == [1.0, 1.5, 0.5]


def test_a_look_that_takes_longer_than_what_is_left():
    clock = Clock()

    def look():
        clock.now += 3

    with pytest.raises(WaitTimeoutError):
        wait_until(look, bool, 4, clock=clock, sleep=clock.sleep)
    assert clock.pauses == [1.0]
