# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run's processes start with: modules as Ansible packs them, and workers of our playbooks; nobody else's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import garbage

from tests.support.cloud import ROOT

pytestmark = pytest.mark.program

MODULE = """#!/usr/bin/python
import gc
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import codes
AnsibleModule({}).exit_json(threshold=gc.get_threshold()[0], known=len(codes.DENIED))
"""
FILTER = """
import gc, sys
FILTERS = "ansible_collections.magiclub.fargate.plugins.filter."
def worker(_value):
    filters = [name for name in sys.modules if name.startswith(FILTERS)]
    tests = [name for name in sys.modules if name.startswith("ansible.plugins.test.core")]
    sdk = {"boto3", "ansible_collections.magiclub.fargate.plugins.modules.platform_lock"} <= set(sys.modules)
    return [gc.get_threshold()[0], len(filters), bool(tests), sdk]
class FilterModule:
    def filters(self):
        return {"worker": worker}
"""
PLAYBOOK = [
    {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable},
        "tasks": [
            {"name": "Ask a module", "probe": None, "register": "module"},
            {"name": "Lock", "magiclub.fargate.platform_lock": {"name_prefix": "p"}, "check_mode": True},
            {"name": "Show", "ansible.builtin.debug": {"msg": "{{ [module.threshold] + ('' | worker) }}"}},
        ],
    }
]


def started(folder: Path) -> list[t.Any]:
    """Return the thresholds of a module and of a worker, and which filters, tests and SDK it has, in a run there."""
    for name, text in (("library/probe.py", MODULE), ("filter_plugins/threshold.py", FILTER)):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "play.yml").write_text(json.dumps(PLAYBOOK), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(folder / "play.yml")]
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.json"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    [play] = json.loads(done.stdout)["plays"]
    return list(play["tasks"][-1]["hosts"]["localhost"]["msg"])


def test_a_packed_module_looks_for_garbage_rarely_and_a_worker_of_others_does_not(tmp_path: Path) -> None:
    module, worker, *loaded = started(tmp_path)
    assert (module, worker < garbage.NEW_OBJECTS, loaded) == (garbage.NEW_OBJECTS, True, [0, False, False])


def test_a_worker_of_our_playbooks_has_all_that_is_imported_once_and_looks_for_garbage_rarely(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "playbooks" / "callback_plugins", tmp_path / "callback_plugins")
    files = [path for path in (ROOT / "plugins" / "filter").glob("*.py") if path.stem != "__init__"]
    assert started(tmp_path) == [garbage.NEW_OBJECTS, garbage.NEW_OBJECTS, len(files), True, True]


def test_whoever_imports_the_collection_otherwise_looks_as_before() -> None:
    name = "ansible_collections.magiclub.fargate.plugins.module_utils._aws.codes"
    code = f"import gc, sys; sys.path.insert(0, sys.argv[1]); before = gc.get_threshold(); import {name}\n"
    command = [sys.executable, "-c", f"{code}sys.exit(gc.get_threshold() != before)"]
    subprocess.run([*command, str(ROOT / "playbooks" / "collections")], check=True)
