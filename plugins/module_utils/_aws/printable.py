# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text from elsewhere, made fit for a terminal: all that AWS, containers, builds and answers say goes through here.

A terminal obeys control characters: it moves the cursor, sets its title, clears itself, fills the clipboard. Some of
Unicode's format characters turn the order of a line round. Each is replaced by its escape, as in C(\\x1b), which shows
that it was there.
"""

from __future__ import annotations

import datetime
import typing as t
import unicodedata

CONTINUED = "    "
"""What stands before each further line of a text from elsewhere, so that none passes for one of Ansible's."""

_KEPT = frozenset("\t\n\u00ad\u200c\u200d")
"""A tab, a soft hyphen, and what joins letters of some scripts: they do nothing but that."""
_REPLACED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def line(text: str) -> str:
    """Return I(text), one line of a list, with what follows a newline of its own below it, indented."""
    return escaped(text).rstrip("\n").replace("\n", f"\n{CONTINUED}")


def one_line(text: str) -> str:
    """Return I(text) on one line, as of a plan, where a second line would pass for another change."""
    return escaped(text).replace("\n", "\\n")


def message(text: str) -> str:
    """Return I(text), which may have lines, with every further one indented that is not.

    What a line says is not judged: characters that nobody sees may stand before it, and Ansible's lines are many.
    """
    first, *others = escaped(text).split("\n")
    return "\n".join([first, *map(_indented, others)])


def _indented(one: str) -> str:
    return f"{CONTINUED}{one}" if one and not one.startswith(CONTINUED) else one


def counted(number: int, thing: str) -> str:
    """Return C(1 task), C(2 tasks)."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def moment(value: t.Any) -> str:
    """Return a moment in UTC, to the second; empty for none."""
    if not isinstance(value, datetime.datetime):
        return ""
    return value.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def sentences(texts: t.Iterable[str]) -> str:
    """Return sentences of ours, each on a line, with what follows a newline within one indented below it."""
    return "\n".join(map(message, texts))


def all_of(value: t.Any) -> t.Any:
    """Return I(value) with every text in it as a message."""
    if isinstance(value, str):
        return message(value)
    if isinstance(value, t.Mapping):
        return {all_of(key): all_of(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [all_of(one) for one in value]
    return value


def escaped(text: str) -> str:
    """Return I(text) with every character that a terminal would obey replaced by its escape; newlines stay."""
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
