# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A second opinion: run a Molecule scenario on moto, so that we don't depend on quirks of one emulator.

``python -m tests.checks.moto SCENARIO``. moto runs no tasks and has no data plane, so ecr_push, fargate_service,
lotto_service and site, whose tests need a running container, can't run there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ..support.cloud import ROOT, Cloud, free_port


def main(scenario: str) -> int:
    """Run the scenario on a separate moto; return Molecule's exit code."""
    folder = ROOT / "build" / "moto" / scenario
    cloud = Cloud(free_port(), folder, moto=True)
    cloud.up()
    environment = {
        **os.environ,
        "MAGICLUB_CLOUD": "moto",
        "MAGICLUB_ENDPOINT": cloud.endpoint,
        "MOLECULE_EPHEMERAL_DIRECTORY": str(folder / "molecule"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    try:
        return subprocess.run(["molecule", "test", "-s", scenario], cwd=ROOT, env=environment, check=False).returncode
    finally:
        cloud.down()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
