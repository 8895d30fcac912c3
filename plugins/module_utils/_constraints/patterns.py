# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Translate AWS's patterns, which are Java's, to Python's."""

from __future__ import annotations

import functools
import re
import string
import unicodedata

# POSIX classes of java.util.regex.Pattern, US-ASCII only:
# https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html
_POSIX = {
    "ASCII": "\\x00-\\x7F",
    "Alpha": "a-zA-Z",
    "Alnum": "a-zA-Z0-9",
    "Digit": "0-9",
    "Graph": "\\x21-\\x7E",
    "Lower": "a-z",
    "Print": "\\x20-\\x7E",
    "Space": " \\t\\n\\x0B\\f\\r",
    "Upper": "A-Z",
}
# Characters beyond U+FFFF are surrogate pairs in Java's older notation; AWS's patterns have all of them as one range.
_ASTRAL = re.compile(r"\\uD800\\uDC00-\\uDBFF\\uDFFF", re.IGNORECASE)
_TOKEN = re.compile(r"\\p\{(?P<name>\w+)\}|\\u(?P<code>[0-9A-Fa-f]{4})|\\.|.", re.DOTALL)


def matches(pattern: str, value: str) -> bool:
    """Return whether all of I(value) matches I(pattern), as AWS reads it.

    Raises ValueError if the pattern can't be translated.
    """
    # Unicode's classes have 140,000 characters: only those in this value are spelled out.
    return bool(_compiled(pattern, "".join(sorted({one for one in value if not one.isascii()}))).fullmatch(value))


def invalid_characters(pattern: str, value: str) -> str:
    """Return the characters of I(value) that I(pattern) does not allow; empty if it is more than one class."""
    if not re.fullmatch(r"\^?\(?\[(?:[^\[\]\\]|\\.|\\p\{\w+\})+\][*+]\)?\$?", pattern):
        return ""
    return "".join(dict.fromkeys(one for one in value if not matches(pattern, one)))


@functools.cache
def _compiled(pattern: str, beyond_ascii: str) -> re.Pattern[str]:
    return re.compile(translated(pattern, beyond_ascii), re.ASCII)


def translated(pattern: str, beyond_ascii: str) -> str:
    """Return I(pattern) for Python, with Unicode classes expanded to their ASCII and I(beyond_ascii) characters."""
    if "&&" in pattern:
        raise ValueError(f"The pattern {pattern} has an intersection, which is not translated.")
    result, in_class = "", False
    for token in _TOKEN.finditer(_ASTRAL.sub(lambda _match: r"\U00010000-\U0010FFFF", pattern)):
        text = token[0]
        if name := token["name"]:
            members = _class(name, beyond_ascii)
            # An empty class matches nothing.
            text = members if in_class else f"[{members}]" if members else "(?!)"
        elif in_class and text == "[":
            raise ValueError(f"The pattern {pattern} has a class in a class, which is not translated.")
        elif text == "[":
            in_class = True
        elif text == "]":
            in_class = False
        result += text
    # A class is left empty if none of the value's characters is in it.
    return result.replace("[]", "(?!)")


def _class(name: str, beyond_ascii: str) -> str:
    if name in _POSIX:
        return _POSIX[name]
    if name not in ("C", "L", "M", "N", "P", "S", "Z"):
        raise ValueError(f"The class \\p{{{name}}} is not translated.")
    printable = string.ascii_letters + string.digits + string.punctuation + " "
    members = [one for one in printable + beyond_ascii if unicodedata.category(one).startswith(name)]
    return "".join(re.escape(one) for one in members)
