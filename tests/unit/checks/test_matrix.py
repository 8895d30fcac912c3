# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import sys

import pytest

from tests import matrix


@pytest.mark.parametrize(
    ("running", "found", "expected"),
    [
        pytest.param((3, 11), ["3.11", "3.12", "3.13"], ["3.13"], id="the newest"),
        pytest.param((3, 11), ["3.13", "3.11"], ["3.13"], id="in any order"),
        pytest.param((3, 13), ["3.11", "3.13"], [], id="the newest runs this"),
        pytest.param((3, 11), ["3.11"], [], id="none but this one"),
        pytest.param((3, 14), [], [], id="none that is supported"),
    ],
)
def test_the_other_end(monkeypatch, running, found, expected):
    monkeypatch.setattr(sys, "version_info", type("Version", (), {"major": running[0], "minor": running[1]}))
    assert matrix.other_end(found) == expected
