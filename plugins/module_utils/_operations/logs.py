# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Following a log group: what is new since the last look.  The clock, the sleep and the calls are passed in."""

from __future__ import annotations

import datetime
import re
import typing as t

from .._aws.refused import RefusedError

Fetch = t.Callable[[int], t.Sequence[t.Mapping[str, t.Any]]]

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
EVERY = 2.0
# CloudWatch Logs takes events in some seconds after they happened, and not in their order.
OVERLAP_MS = 10_000


def seconds(text: str) -> int:
    """Return the seconds of C(90), C(15m), C(2h) or C(1d); raises RefusedError with the rule."""
    match = re.fullmatch(r"(\d+)([smhd]?)", text.strip())
    if not match:
        raise RefusedError(f"since '{text}' is not a duration: a number and s, m, h or d, as in 15m. Set since.")
    return int(match[1]) * UNITS[match[2] or "s"]


def line(event: t.Mapping[str, t.Any]) -> str:
    """Return an event with its time in UTC and the task that wrote it."""
    at = datetime.datetime.fromtimestamp(event["timestamp"] / 1000, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
    task = str(event.get("logStreamName", "")).rpartition("/")[2][:8]
    return f"{at} {task} {str(event['message']).rstrip()}"


class Follow:
    """Remembers what was shown.

    :param fetch: gives the events since a moment in milliseconds since 1970.
    :param start: that moment, for the first look.
    """

    def __init__(self, fetch: Fetch, start: int) -> None:
        self._fetch = fetch
        self.start = start
        self.seen: set[str] = set()

    def new(self) -> list[str]:
        """Return the lines that have come since the last look."""
        events = [event for event in self._fetch(self.start) if event["eventId"] not in self.seen]
        events.sort(key=lambda event: event["timestamp"])
        self.seen.update(event["eventId"] for event in events)
        if events:
            self.start = max(self.start, events[-1]["timestamp"] - OVERLAP_MS)
        return [line(event) for event in events]

    def until(
        self,
        end: float,
        show: t.Callable[[str], None],
        clock: t.Callable[[], float],
        sleep: t.Callable[[float], None],
    ) -> list[str]:
        """Show what is there, then what comes until the clock is at I(end); return all lines."""
        lines: list[str] = []
        while True:
            for text in self.new():
                lines.append(text)
                show(text)
            left = end - clock()
            if left <= 0:
                return lines
            sleep(min(EVERY, left))
