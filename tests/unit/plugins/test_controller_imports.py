# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the plugins that run on the controller import: every task of a run that uses one pays for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.program

PLUGINS = Path(__file__).parents[3] / "plugins"
IMPORT = """
import importlib, sys
import pytest
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader([sys.argv[1]])
for name in sys.argv[2:]:
    importlib.import_module(f"ansible_collections.magiclub.fargate.plugins.{name}")
    found = {module.partition(".")[0] for module in sys.modules} & {"boto3", "botocore"}
    if found:
        sys.exit(f"{name} imports {', '.join(sorted(found))}")
"""


def test_no_plugin_of_the_controller_imports_the_sdk_of_aws() -> None:
    files = [path for kind in ("action", "filter", "plugin_utils") for path in sorted((PLUGINS / kind).glob("*.py"))]
    names = [f"{path.parent.name}.{path.stem}" for path in files if path.stem != "__init__"]
    command = [sys.executable, "-c", IMPORT, str(PLUGINS.parent / "playbooks" / "collections"), *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert len(names) >= 16
    assert (done.returncode, done.stderr) == (0, "")
