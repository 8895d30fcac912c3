# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ECS says of tasks and services that fail, what it means and what to do: a row a message.

Sources: the pages of the Amazon ECS Developer Guide that C(PAGES) names, of which every message has a row, and, for the
words behind their '<reason>', stopped tasks and events that people have published. docs/troubleshooting.md shows the
rows (tests/checks/messages.py writes them), and tests/unit/fixtures/ecs/messages.yml has AWS's texts.
"""

from __future__ import annotations

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
    *MEMORY,  # first, as ECS says it beside other reasons
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
"""The first that matches is what a text means."""

# What people name, in the places where AWS's messages have it, and what stands for it: a service or an image may be
# called 'firelens' or 'error-pages'. A name has no spaces; each expression leaves AWS's own words alone.
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
    """Return a message's text with a word in place of every name that people chose: AWS's own words are left."""
    plain = re.sub("[\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}]", "'", text)
    for pattern, stand_in in NAMES:
        plain = compiled(pattern).sub(stand_in, plain)
    return plain


def message_of(text: str, exit_codes: t.Collection[int] = ()) -> Message | None:
    """The row of a task's reason or a service's event; C(None) for words that no row knows.

    :param exit_codes: those of the task's containers, zero too. One that ended well, or was only made to end as another
        had (143: SIGTERM, 137: SIGKILL), says nothing where a third failed.
    """
    codes = set(exit_codes) - {0, 137, 143} or set(exit_codes) - {143} or set(exit_codes)
    plain = without_names(text)
    # of a pull, its rows tell more than any other's words
    rows = sorted(MESSAGES, key=lambda row: row.page != PULL) if "cannotpull" in plain.lower() else MESSAGES
    return next((row for row in rows if row.found_in(plain, codes)), None)
