# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Follows a log group.  Clock, sleep and calls are passed in."""

from __future__ import annotations

import datetime
import re
import typing as t

from .._aws.refused import RefusedError

Fetch = t.Callable[[int], t.Sequence[t.Mapping[str, t.Any]]]

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
EVERY = 2.0
# CloudWatch Logs ingests events with a delay of seconds, and out of order.
OVERLAP_MS = 10_000


def seconds(text: str) -> int:
    """Return the seconds of C(90), C(15m), C(2h) or C(1d); raises RefusedError with the rule."""
    match = re.fullmatch(r"(\d+)([smhd]?)", text.strip())
    if not match:
        raise RefusedError(f"since '{text}' is not a duration: a number and s, m, h or d, as in 15m. Set since.")
    return int(match[1]) * UNITS[match[2] or "s"]


def line(event: t.Mapping[str, t.Any]) -> str:
    """Return an event as a line with time in UTC and task."""
    at = datetime.datetime.fromtimestamp(event["timestamp"] / 1000, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
    task = str(event.get("logStreamName", "")).rpartition("/")[2][:8]
    return f"{at} {task} {str(event['message']).rstrip()}"


class Follow:
    """Returns new events only.

    :param fetch: returns the events since a time in milliseconds since 1970.
    :param start: the time of the first call.
    """

    def __init__(self, fetch: Fetch, start: int) -> None:
        self._fetch = fetch
        self.start = start
        self.seen: set[str] = set()

    def new(self) -> list[str]:
        """Return the lines that are new since the last call."""
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
        """Show existing lines, then new ones until I(end); return all lines."""
        lines: list[str] = []
        while True:
            for text in self.new():
                lines.append(text)
                show(text)
            left = end - clock()
            if left <= 0:
                return lines
            sleep(min(EVERY, left))
