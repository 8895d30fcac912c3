# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.progress import writer


def test_each_line_is_added(tmp_path):
    path = tmp_path / "progress"
    path.write_text("zero\n", encoding="utf-8")
    write = writer(str(path))
    write("one")
    write("둘")
    assert path.read_text(encoding="utf-8").splitlines() == ["zero", "one", "둘"]


@pytest.mark.parametrize("path", [None, "", "/dev/full", "/nowhere/progress", "/"])
def test_a_run_goes_on_where_nothing_can_be_written(path):
    writer(path)("one")


def test_half_a_character_is_written_as_its_escape(tmp_path):
    path = tmp_path / "progress"
    writer(str(path))("\ud83d!")
    assert path.read_text(encoding="utf-8") == "\\ud83d!\n"
