# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The commands of a README, and their output."""

from __future__ import annotations

import re
from pathlib import Path

FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(path: Path) -> list[str]:
    """Return the indented lines outside of fenced blocks, in order: each is a command."""
    lines = FENCED.sub("", path.read_text(encoding="utf-8")).splitlines()
    return [line.strip() for line in lines if re.match(r" {4,}\S", line)]


def outputs(path: Path) -> list[str]:
    """Return the fenced blocks: each is the output of a command."""
    return FENCED.findall(path.read_text(encoding="utf-8"))
