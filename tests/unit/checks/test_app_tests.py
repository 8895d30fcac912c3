# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest

from tests.checks.app_tests import python_of


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("magiclub.local/python:3.11-slim-bookworm", "3.11"),
        ("public.ecr.aws/docker/library/python:3.12-slim", "3.12"),
    ],
)
def test_the_python_of_a_base_image(base, expected):
    assert python_of(base) == expected


def test_a_base_image_without_a_version_is_an_error():
    with pytest.raises(ValueError, match=r"^Base image python:latest: its tag has to begin with a version"):
        python_of("python:latest")
