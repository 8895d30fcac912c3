# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines with a tone, which a terminal shows as a colour.  The text itself has no colour codes."""

from __future__ import annotations

import typing as t

ADD, CHANGE, REMOVE = "add", "change", "remove"
WELL, WRONG, DOUBT = "well", "wrong", "doubt"
TONES = (ADD, CHANGE, REMOVE, WELL, WRONG, DOUBT)

_END = "\x1f"
"""Ends the tone of a packed line.  Printable lines never contain it."""


class Line(str):
    """A line of I(text) with its I(tone): one of L(TONES), or empty."""

    __slots__ = ("tone",)
    tone: str

    def __new__(cls, text: str, tone: str = "") -> t.Self:
        line = super().__new__(cls, text)
        line.tone = tone
        return line


def of(text: str) -> str:
    """Return the tone of a line; empty for plain text."""
    return text.tone if isinstance(text, Line) else ""


def packed(text: str, tone: str) -> str:
    """Return a line with its tone as plain text, for a file or the result of a module; see L(unpacked)."""
    return f"{tone}{_END}{text}" if tone else text


def unpacked(text: str) -> Line:
    """Return a line that was L(packed); plain text gets no tone."""
    tone, end, rest = text.partition(_END)
    return Line(rest, tone) if end and tone in TONES else Line(text)
