# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said of a mistake of ours, an exception that nobody expects: where it is, and never what it is about."""

from __future__ import annotations

import traceback
from pathlib import PurePosixPath

HERE = "/magiclub/fargate/"
"""What the path of each of our files has, also in the archive that Ansible makes of a module."""
REPORT_AT = "https://github.com/magiclub/magiclub.fargate/issues"
PLACES = 3


def sentence(error: BaseException, doing: str) -> str:
    """Return what failed, where, and what to do; I(doing) is as in C(read the network).

    The text of the exception is left out: it may be a value, as KeyError's is.
    """
    return (
        f"Failed to {doing}: {type(error).__name__} at {' < '.join(places(error)) or 'an unknown place'}. This is a bug"
        f" of magiclub.fargate. Report it at {REPORT_AT}, with this message and what 'ansible --version' and"
        " 'ansible-galaxy collection list' say."
    )


def places(error: BaseException) -> list[str]:
    """Return C(FILE:LINE in FUNCTION) of the innermost of our frames, the one that failed first."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in reversed(frames) if HERE in PurePosixPath(frame.filename).as_posix()]
    return [f"{frame.filename.rpartition(HERE)[2]}:{frame.lineno} in {frame.name}" for frame in ours[:PLACES]]


def frames(error: BaseException) -> str:
    """Return the traceback without the text of the exception."""
    return f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}\n"
