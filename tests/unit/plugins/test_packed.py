# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What modules of every run carry: Ansible parses and packs each file once a run, and each process compiles it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.program

COLLECTIONS = Path(__file__).parents[3] / "playbooks" / "collections"
UTILS = "ansible_collections.magiclub.fargate.plugins.module_utils."
IMPORT = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
importlib.import_module(f"ansible_collections.magiclub.fargate.plugins.modules.{sys.argv[2]}")
print(json.dumps(sorted(name.removeprefix(sys.argv[3]) for name in sys.modules if name.startswith(sys.argv[3]))))
"""


def carried(module: str) -> list[str]:
    """Return the files of module_utils that a module of ours imports."""
    command = [sys.executable, "-c", IMPORT, str(COLLECTIONS), module, UTILS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [str(name) for name in json.loads(done.stdout)]


def test_the_module_that_reads_knows_nothing_of_what_aws_takes_or_a_service_asks_for() -> None:
    files = carried("platform_info")
    unneeded = ("_constraints", "_layers.services.desired", "_layers.services.validate", "_layers.services.containers")
    assert [name for name in files if name.startswith(unneeded)] == []
    assert "_layers.services.found" in files


@pytest.mark.parametrize(("module", "files"), [("platform_lock", 20), ("http_answer_info", 32), ("platform_info", 153)])
def test_a_module_of_every_run_carries_few_files(module: str, files: int) -> None:
    assert 10 < len(carried(module)) <= files
