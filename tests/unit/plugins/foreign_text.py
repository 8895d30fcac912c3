# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a container or a stranger's tag may say to a terminal."""

from __future__ import annotations

import re
import unicodedata

SAID = {
    "colours": ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
    "the window's title": ("\x1b]0;pwned\x07after", r"\x1b]0;pwned\x07after"),
    "the clipboard": ("\x1b]52;c;cm0gLXJm\x07", r"\x1b]52;c;cm0gLXJm\x07"),
    "a link": ("\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\", None),
    "the screen cleared": ("\x1b[2J\x1b[Hgone", r"\x1b[2J\x1b[Hgone"),
    "the line before overwritten": ("failed\x1b[1A\x1b[2Kok", r"failed\x1b[1A\x1b[2Kok"),
    "the line itself overwritten": ("failed\rok: [host]", r"failed\rok: [host]"),
    "letters taken back": ("failed\b\b\b\b\b\bfine", r"failed\x08\x08\x08\x08\x08\x08fine"),
    "C1, which is ESC [ in one": ("\x9b2J\x9d0;t\x9c", r"\x9b2J\x9d0;t\x9c"),
    "a line turned round": ("gpj.\u202eexe", r"gpj.\u202eexe"),
    "an isolate": ("a\u2066b\u2069", r"a\u2066b\u2069"),
    "a NUL and a DEL": ("a\x00b\x7f", r"a\x00b\x7f"),
    "a separator of lines": ("a\u2028ok: [host]\x85ok: [host]", r"a\u2028ok: [host]\x85ok: [host]"),
    "a form feed": ("a\x0b\x0cb", r"a\x0b\x0cb"),
    "tags nobody sees": ("a\U000e0041", r"a\U000e0041"),
    "half a pair": ("a\ud83db", r"a\ud83db"),
    "a byte order mark": ("\ufeffa\u200b", r"\ufeffa\u200b"),
    "a forged task": ("x\nTASK [Remove everything] ****\nok: [host]", None),
    "a forged failure": ("x\r\nfatal: [host]: FAILED! => {}\nPLAY RECAP ***", None),
    "a forged warning": ("x\n[ERROR]: Task failed\n...ignoring", None),
}
"""By what it does: the text, and what is shown of it if that is one line."""

ANSIBLE = re.compile(
    r"\s{0,3}(ok:|changed:|fatal:|failed:|skipping:|TASK \[|PLAY |PLAY RECAP|\[ERROR\]|\[WARNING\]|\.\.\.ignoring)"
)


def wrong(shown: list[str]) -> list[str]:
    """Return each line on the terminal that it would obey, or that passes for one of Ansible's."""
    lines = [line for text in shown for line in text.split("\n")]
    return [
        repr(line)
        for line in lines
        if ANSIBLE.match(line)
        or any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") and one != "\t" for one in line)
    ]
