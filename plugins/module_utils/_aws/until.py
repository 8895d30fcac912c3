# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait until AWS reaches a state."""

from __future__ import annotations

import time
import typing as t

State = t.TypeVar("State")

FIRST_DELAY = 1.0
LONGEST_DELAY = 15.0


class WaitTimeoutError(Exception):
    """The state was not reached in time; I(last) is the last one seen."""

    def __init__(self, last: t.Any, seconds: float) -> None:
        super().__init__(f"not reached within {seconds:g} s")
        self.last = last


def wait_until(
    read: t.Callable[[], State],
    done: t.Callable[[State], bool],
    timeout: float,
    *,
    clock: t.Callable[[], float] = time.monotonic,
    sleep: t.Callable[[float], None] = time.sleep,
) -> State:
    """Poll with I(read) until the state is I(done), and return it; the pause between polls grows from 1 s to 15 s.

    Raises WaitTimeoutError after I(timeout) seconds.
    """
    end, delay = clock() + timeout, FIRST_DELAY
    while True:
        state = read()
        if done(state):
            return state
        left = end - clock()
        if left <= 0:
            raise WaitTimeoutError(state, timeout)
        sleep(min(delay, left))
        delay = min(delay * 1.5, LONGEST_DELAY)
