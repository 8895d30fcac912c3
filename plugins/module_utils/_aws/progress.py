# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Progress lines from a running module to its action plugin."""

from __future__ import annotations

import typing as t
from pathlib import Path

from . import printable, tone


def writer(path: str | None) -> t.Callable[[str], None]:
    """Return a function that appends a line to the file at I(path), which the action plugin shows.

    Without I(path), it does nothing.  It raises nothing: the run goes on if the file is gone or the disk is full.
    """

    def write(line: str) -> None:
        if not path:
            return
        try:
            with Path(path).open("a", encoding="utf-8", errors="replace") as stream:
                stream.write(tone.packed(printable.line(line), tone.of(line)) + "\n")
        except OSError:
            return  # progress is a courtesy; the result has it all

    return write
