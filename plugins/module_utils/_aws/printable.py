# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make untrusted text safe to print: all text from AWS, containers, builds and HTTP responses goes through here.

Terminals obey control characters: they move the cursor, set the title, clear the screen, fill the clipboard.  Some of
Unicode's format characters reverse the order of a line.  Each is replaced by its escape, such as C(\\x1b).
"""

from __future__ import annotations

import datetime
import re
import typing as t
import unicodedata

CONTINUED = "    "
"""Indentation of the second and later lines of untrusted text, so that none looks like one of Ansible's."""

_KEPT = frozenset("\t\n\u00ad\u200c\u200d")
"""Tab, newline, soft hyphen and the joiners of some scripts, which are harmless."""
_REPLACED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))

SECRET_NAME = re.compile("KEY|PASS|PWD|SECRET|TOKEN|CREDENTIAL", re.IGNORECASE)
"""Matches the name of a value that is never shown, and that init puts into no inventory."""


def line(text: str) -> str:
    """Return I(text) as one entry of a list, with all lines after its first one indented."""
    return escaped(text).rstrip("\n").replace("\n", f"\n{CONTINUED}")


def one_line(text: str) -> str:
    """Return I(text) on one line, as for a plan, in which a second line would look like another change."""
    return escaped(text).replace("\n", "\\n")


def message(text: str) -> str:
    """Return I(text), which may have several lines, with each line but the first indented.

    All lines are, whatever they contain: invisible characters can hide how a line starts.
    """
    first, *others = escaped(text).split("\n")
    return "\n".join([first, *map(_indented, others)])


def _indented(one: str) -> str:
    return f"{CONTINUED}{one}" if one and not one.startswith(CONTINUED) else one


def counted(number: int, thing: str) -> str:
    """Return C(1 task), C(2 tasks)."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def moment(value: t.Any) -> str:
    """Return a time in UTC, to the second; empty for anything else."""
    if not isinstance(value, datetime.datetime):
        return ""
    return value.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def sentences(texts: t.Iterable[str]) -> str:
    """Return messages of the collection, each on its own line, with later lines of a message indented."""
    return "\n".join(map(message, texts))


def all_of(value: t.Any) -> t.Any:
    """Return I(value) with each string in it passed through C(message)."""
    if isinstance(value, str):
        return message(value)
    if isinstance(value, t.Mapping):
        return {all_of(key): all_of(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [all_of(one) for one in value]
    return value


def escaped(text: str) -> str:
    """Return I(text) with control and format characters replaced by their escapes; newlines stay."""
    if text.isprintable():
        return text
    return "".join(map(_character, text.replace("\r\n", "\n")))


def _character(one: str) -> str:
    if one in _KEPT or unicodedata.category(one) not in _REPLACED:
        return one
    code = ord(one)
    if one == "\r":
        return "\\r"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
