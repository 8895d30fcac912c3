# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The collection installed from Galaxy's archive, run by name outside of a checkout."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.checks.sanity import build
from tests.support.ansible_run import Runner
from tests.support.cloud import ROOT

from .conftest import LOCAL, PREFIX, Platform, is_lucky


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's project: an inventory and the installed collection, nothing else."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "inventories", folder / "inventories")
    archive = build(folder)
    collections = folder / "collections"
    command = [
        "ansible-galaxy",
        "collection",
        "install",
        "--no-deps",
        "--offline",
        "-p",
        str(collections),
        str(archive),
    ]
    # Outside of the checkout, whose ansible.cfg would make it look installed already.
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def test_the_installed_playbooks_make_and_remove_the_platform(empty_platform: Platform, project: Path) -> None:
    run_in_project = Runner(empty_platform.account.environment, project, project)
    environment = {**empty_platform.environment, "ANSIBLE_COLLECTIONS_PATH": str(project / "collections")}
    made = run_in_project("magiclub.fargate.site", *LOCAL, env=environment)
    assert made.rc == 0, made.text
    assert is_lucky(empty_platform.numbers())
    again = run_in_project("magiclub.fargate.site", *LOCAL, env=environment)
    assert (again.rc, again.changed_tasks) == (0, []), again.text
    confirmed = (*LOCAL, "--extra-vars", f"confirm={PREFIX}")
    removed = run_in_project("magiclub.fargate.destroy", *confirmed, env=environment)
    assert removed.rc == 0, removed.text
    assert empty_platform.account.left(PREFIX) == []
