# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECS's messages about failed tasks and services, their meaning and what to do: one row each.

Sources: the pages of the Amazon ECS Developer Guide in C(PAGES), every message of which has a row; the words in place
of '<reason>' are from stopped tasks and events that people have published. docs/troubleshooting.md shows the rows
(tests/checks/messages.py writes them), and tests/unit/fixtures/ecs/messages.yml has AWS's texts.
"""

from __future__ import annotations

import functools
import re
import typing as t

from .deployment import DEPLOYMENT
from .health import HEALTH, MEMORY
from .initialization import INITIALIZATION
from .model import Message, compiled
from .placement import OTHER_PLACEMENT, PLACEMENT
from .pull import PULLS
from .start import STARTS
from .stopped import ENDS, NO_FAILURE
from .words import PULL

MESSAGES: tuple[Message, ...] = (
    *MEMORY,  # first, as ECS reports it together with other reasons
    *INITIALIZATION,
    *PULLS,
    *STARTS,
    *HEALTH,
    *PLACEMENT,
    *DEPLOYMENT,
    *OTHER_PLACEMENT,
    *ENDS,
    *NO_FAILURE,
)
"""The first row that matches a text is its meaning."""

# Names in AWS's messages, and their placeholders: a service or an image may be called 'firelens' or 'error-pages'.
# Names have no spaces; the expressions don't match AWS's own words.
NAMES: tuple[tuple[str, str], ...] = (
    (r"\barn:[^\s'\"(),;]+", "arn"),
    (r"\bhttps?://[^\s'\"(),;]+", "address"),
    (r"\((service|target-group|elb|task ?set|task|instance|deployment|port) [^()]*\)", r"(\1)"),
    (r"\b(service|target-group|task set) \([^()]*\)", r"\1 ()"),
    (r"^[\w.-]+(?= has (started|stopped|reached|begun)\b)", "service"),
    (r"(?<!error )\"[^\s\"]+\"", '""'),
    (r"(?<!\w)'[^\s']+'", "''"),
    # an image with its registry, a file system with its path, another path
    (r"\b[\w-]+(\.[\w-]+)+(:\d*)?/[\w./:@-]*", "image"),
    (r"(?<![\w/:.])/[\w./@-]+", "path"),
    (r"(CannotPull\w*Error: )(?!\w+(?:Exception|Error):)[\w./:@-]+(?=: )", r"\1image"),
    (
        r"\b(resolve ref(?:erence)?|denied for|manifest for|such manifest:|on resource:|json key) [^\s,:]+\S*",
        r"\1 name",
    ),
    (r"\b(ssm parameters:) \S+(, \S+)*", r"\1 name"),
    (r"\b(pull) (?!secrets?\b|images?\b)\S+(?= from\b)", r"\1 image"),
    (r"\b(repository) \S+(?= not found)", r"\1 name"),
    (r"\b(secret|get|head|post|exec) [^\s:]+(:[^\s:]+)*(?=: )", r"\1 name"),
)


def without_names(text: str) -> str:
    """Return a message with placeholders for the names that people chose, so that only AWS's words are left."""
    plain = re.sub("[\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}]", "'", text)
    for pattern, stand_in in NAMES:
        plain = compiled(pattern).sub(stand_in, plain)
    return plain


def message_of(text: str, exit_codes: t.Collection[int] = ()) -> Message | None:
    """Return the row that matches a task's reason or a service's event, if any.

    :param exit_codes: those of the task's containers, 0 included.  If one failed, those of containers that succeeded or
        were only stopped because of it (143: SIGTERM, 137: SIGKILL), are ignored.
    """
    return _row(text, frozenset(exit_codes))


# each poll of a wait reads the same events and reasons again
@functools.lru_cache(maxsize=1024)
def _row(text: str, exit_codes: frozenset[int]) -> Message | None:
    codes = exit_codes - {0, 137, 143} or exit_codes - {143} or exit_codes
    plain = without_names(text)
    # the rows about pulls are the most specific ones for a pull
    rows = sorted(MESSAGES, key=lambda row: row.page != PULL) if "cannotpull" in plain.lower() else MESSAGES
    return next((row for row in rows if row.found_in(plain, codes)), None)
