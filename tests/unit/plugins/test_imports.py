# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each file of the collection is imported where nothing is but what Ansible itself brings, and says nothing meanwhile.

The test `import` of ansible-test asks the same, in 45 times the time, every night.
"""

from __future__ import annotations

import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

pytestmark = pytest.mark.program

ROOT = Path(__file__).parents[3]
CONTROLLER = ("action", "callback", "doc_fragments", "filter", "plugin_utils")
IMPORT = """
import importlib, re, sys
from importlib.abc import MetaPathFinder

collections, allowed, names = sys.argv[1], re.compile(sys.argv[2]), sys.argv[3:]
sys.path.insert(0, collections)


class Nothing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        of_python = name.partition(".")[0] in sys.stdlib_module_names or name.startswith("_sysconfigdata_")
        if not of_python and not allowed.fullmatch(name):
            raise ModuleNotFoundError(f"No module named {name!r}, by this test", name=name)


sys.meta_path.insert(0, Nothing())
for name in names:
    importlib.import_module(f"ansible_collections.magiclub.fargate.plugins.{name}")
"""
# packages, and of Ansible what reaches a host: what is common to modules
A_HOST_HAS = (
    r"ansible(\.(_vendor|release|module_utils)(\..+)?)?"
    r"|ansible_collections(\.\w+){0,2}|ansible_collections\.\w+\.\w+\.plugins(\.(module_utils|modules)(\..+)?)?"
)
# what ansible-core requires
A_CONTROLLER_HAS = (
    r"(ansible|ansible_collections|jinja2|markupsafe|yaml|_yaml|packaging|cryptography|_cffi_backend)(\..+)?"
)


def imported(allowed: str, kinds: t.Iterable[str], root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Import all files of these kinds of plugins in a new process, where nothing but what is allowed is found."""
    plugins = root / "plugins"
    files = [
        path.relative_to(plugins).with_suffix("") for kind in kinds for path in sorted((plugins / kind).rglob("*.py"))
    ]
    names = [".".join(path.parts) for path in files if path.name != "__init__"]
    command = [sys.executable, "-c", IMPORT, str(root / "playbooks" / "collections"), allowed, *names]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("allowed", "kinds"),
    [
        pytest.param(A_HOST_HAS, ("module_utils", "modules"), id="modules"),
        pytest.param(A_CONTROLLER_HAS, CONTROLLER, id="plugins of the controller"),
    ],
)
def test_nothing_is_imported_that_is_not_surely_there(allowed: str, kinds: tuple[str, ...]) -> None:
    done = imported(allowed, kinds)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
