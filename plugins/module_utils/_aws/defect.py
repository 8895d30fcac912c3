# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Messages for unexpected exceptions, which are bugs of the collection: their place, but never the values involved."""

from __future__ import annotations

import traceback
from pathlib import PurePosixPath

HERE = "/magiclub/fargate/"
"""Part of the path of each file of the collection, also in the zip that Ansible builds for a module."""
REPORT_AT = "https://github.com/magiclub/magiclub.fargate/issues"
PLACES = 3


def sentence(error: BaseException, doing: str) -> str:
    """Return an error message with its place and the next step; I(doing) is a phrase such as C(read the network).

    The text of the exception is left out, because it may be a value, as with KeyError.
    """
    return (
        f"Failed to {doing}: {type(error).__name__} at {' < '.join(places(error)) or 'an unknown place'}. This is a bug"
        f" of magiclub.fargate. Report it at {REPORT_AT}, with this message and what 'ansible --version' and"
        " 'ansible-galaxy collection list' say."
    )


def places(error: BaseException) -> list[str]:
    """Return C(FILE:LINE in FUNCTION) for the innermost frames of the collection, the one that failed first."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in reversed(frames) if HERE in PurePosixPath(frame.filename).as_posix()]
    return [f"{frame.filename.rpartition(HERE)[2]}:{frame.lineno} in {frame.name}" for frame in ours[:PLACES]]


def frames(error: BaseException) -> str:
    """Return the traceback without the text of the exception."""
    return f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}\n"
