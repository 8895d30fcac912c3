# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The clock of schedules: this machine's time plus what ``python -m local_aws forward`` has added."""

from __future__ import annotations

import json
import re
import time
from typing import Any

PATH = "/_ministack/forward"
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = 366 * UNITS["d"]

_AHEAD = [0.0]


class ClockError(Exception):
    """A duration is not valid; the text has the rule."""


def seconds(text: str) -> int:
    """Return the seconds of '90', '90s', '15m', '8h' or '1d'.

    :raises ClockError: for any other text, and for more than a year.
    """
    found = re.fullmatch(r"([1-9]\d{0,8})([smhd]?)", text.strip())
    result = int(found[1]) * UNITS[found[2] or "s"] if found else 0
    if not 0 < result <= LONGEST:
        raise ClockError(f"'{text}' is not a time to go forward by: 90, 90s, 15m, 8h or 1d, a year at most.")
    return result


def now() -> float:
    return time.time() + _AHEAD[0]


def forward(by: float) -> None:
    _AHEAD[0] += by


def reset() -> None:
    _AHEAD[0] = 0.0


def answer(query: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Answer a request to the path: how far ahead the clock is now, or why it was not moved."""
    given = query.get("by") or ""
    try:
        forward(seconds(str(given[0] if isinstance(given, list) else given)))
    except ClockError as error:
        return 400, {"Content-Type": "application/json"}, json.dumps({"message": str(error)}).encode()
    return 200, {"Content-Type": "application/json"}, json.dumps({"ahead": _AHEAD[0]}).encode()
