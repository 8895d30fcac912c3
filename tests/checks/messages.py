# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write the tables of docs/troubleshooting.md from the rows of the wait: ``python -m tests.checks.messages``."""

from __future__ import annotations

import re
import sys
import typing as t
from importlib import import_module

from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

from ..support.cloud import ROOT

PACKAGE = "ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs"
DOCUMENT = ROOT / "docs" / "troubleshooting.md"


def tables() -> dict[str, str]:
    """Return each table in Markdown by the name of its marker in the document."""
    model, rows, outcomes = (
        import_module(f"{PACKAGE}.{name}") for name in ("messages.model", "messages.rows", "outcomes")
    )
    ends = [
        (f"`{name}`", row.headline, row.cause, row.cure, "yes" if row.rollback_helps else "no")
        for name, row in outcomes.OUTCOMES.items()
        if name != outcomes.STEADY
    ]
    messages = [
        (
            row.text,
            f"`{row.outcome}`" if row.outcome else "no failure",
            row.heals,
            row.cause,
            row.next_step,
            f"[{_short(model.PAGES[row.page])}]({model.GUIDE}{row.page}.html)",
        )
        for row in rows.MESSAGES
    ]
    return {
        "outcomes": _table(("outcome", "what happened", "usual cause", "what to do", "a rollback helps"), ends),
        "messages": _table(("ECS says", "outcome", "heals by itself", "cause", "next step", "AWS's page"), messages),
    }


def _short(title: str) -> str:
    return title.removeprefix("Troubleshooting ").removeprefix("Amazon ECS ")


def _table(head: t.Sequence[str], rows: t.Iterable[t.Sequence[str]]) -> str:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in [list(head), *cells]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def rendered(text: str) -> str:
    """Return the document's text with the current tables."""
    for name, table in tables().items():
        begin, end = rf"<!-- {name}[^\n]*-->\n", f"<!-- end of {name} -->"
        parts = re.split(rf"({begin})|({end})", text)
        if len(parts) != 7:
            raise ValueError(f"{DOCUMENT} has no place, or more than one, for the table of {name}")
        text = f"{parts[0]}{parts[1]}{table}\n{end}{parts[6]}"
    return text


def main() -> int:
    _AnsibleCollectionFinder(paths=[str(ROOT / "playbooks" / "collections")])._install()
    DOCUMENT.write_text(rendered(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
