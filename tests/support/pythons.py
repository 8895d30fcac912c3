# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The installed Python interpreters: those on the PATH, and pyenv's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13")


def at_hand() -> dict[str, Path]:
    """Return version and interpreter for each of VERSIONS that runs and can create virtual environments."""
    found = {version: next((path for path in _candidates(version) if _works(path)), None) for version in VERSIONS}
    return {version: path for version, path in found.items() if path}


def _candidates(version: str) -> list[Path]:
    on_path = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return [*([Path(on_path)] if on_path else []), *sorted(pyenv.glob(f"{version}.*/bin/python{version}"))]


def _works(path: Path) -> bool:
    # pyenv has a shim for every version, which fails for those that are not selected
    return subprocess.run([path, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode == 0
