# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The execution environment of the templates, as far as it is made without an engine."""

from __future__ import annotations

import pathlib
import subprocess

import pytest

pytestmark = pytest.mark.program

pytest.importorskip("ansible_builder", reason="ansible-builder is not installed: pip install ansible-builder")

ROOT = pathlib.Path(__file__).parents[3]


def test_ansible_builder_takes_it_with_what_a_run_needs(tmp_path):
    command = ["ansible-builder", "create", "-f", "tower/execution-environment.yml", "-c", str(tmp_path)]
    done = subprocess.run(
        [*command, "--output-filename", "Containerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = tmp_path / "_build"
    written = (tmp_path / "Containerfile").read_text(encoding="utf-8")
    assert "python3.12" in written
    assert "ansible-runner>=2.4.2" in written
    assert written.index("ENV ORIGINAL_STDOUT_CALLBACK=magiclub.fargate.quiet") > written.rindex("FROM ")
    assert (made / "requirements.yml").read_bytes() == (ROOT / "collections" / "requirements.yml").read_bytes()
    assert (made / "requirements.txt").read_bytes() == (ROOT / "meta" / "ee-requirements.txt").read_bytes()
