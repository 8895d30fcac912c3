# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The definitions in docs/workloads.md."""

from __future__ import annotations

import re
import typing as t

import yaml

from tests.support.cloud import ROOT

TEXT = (ROOT / "docs" / "workloads.md").read_text(encoding="utf-8")
SERVICES = "fargate_services"


def sections() -> dict[str, str]:
    """Return the text of each section by its title."""
    return dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def definitions() -> dict[str, list[dict[str, t.Any]]]:
    """Return the services of each section that has some, as written."""
    found = {title: _blocks(text) for title, text in sections().items()}
    return {title: [one for block in blocks for one in block[SERVICES]] for title, blocks in found.items() if blocks}


def _blocks(text: str) -> list[dict[str, t.Any]]:
    read = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]
    return [block for block in read if SERVICES in block]


def variables(title: str) -> dict[str, t.Any]:
    """Return the variables in a section's indented block, as in a file of an inventory."""
    blocks = re.findall(r"(?:^ {4}.*\n)+", sections()[title], re.MULTILINE)
    return t.cast("dict[str, t.Any]", yaml.safe_load("".join(blocks)))
