# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The length of a line, where ruff allows what ansible-test does not: one that ends in a URL, and documentation."""

from __future__ import annotations

from tests.support.cloud import ROOT

LONGEST = 160


def test_no_line_is_longer_than_ansible_test_allows() -> None:
    files = [
        path for folder in ("plugins", "roles", "playbooks/callback_plugins") for path in (ROOT / folder).rglob("*.py")
    ]
    texts = {path: path.read_text(encoding="utf-8").splitlines() for path in files}
    assert [
        f"{path.relative_to(ROOT)}:{number}"
        for path, lines in texts.items()
        for number, line in enumerate(lines, 1)
        if len(line) > LONGEST
    ] == []
    assert len(files) > 300
