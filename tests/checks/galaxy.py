# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Build the collection, check it with Galaxy's importer, and install it into an empty folder.

``python -m tests.checks.galaxy [FOLDER]`` leaves the archive and the installed collection in FOLDER (build/galaxy).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from ..support.cloud import ROOT
from .sanity import build

CONFIG = "[galaxy-importer]\nRUN_ANSIBLE_LINT = False\nRUN_ANSIBLE_TEST = False\nCHECK_REQUIRED_TAGS = True\n"
WANTED = ("playbooks/site.yml", "roles/vpc/tasks/main.yml", "plugins/modules/ecs_service.py", "lotto_app/Dockerfile")
UNWANTED = (
    "tests/",
    "local_aws/",
    "lotto_app/tests/",
    "extensions/",
    ".github/",
    ".ci/",
    "build/",
    ".venv/",
    "playbooks/collections/",
    "bench/",
    "ansible.cfg",
)


def main(folder: Path) -> int:
    """Build, check, import, install; return 1 if one of them fails."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archive = build(folder)
    failures = [*wrong_content(archive), *_import(archive, folder), *_install(archive, folder / "collections")]
    print("\n".join(failures) or f"{archive.name} is built, accepted by galaxy-importer, and installed.")
    return int(bool(failures))


def wrong_content(archive: Path) -> list[str]:
    """Return a message for each file that the archive lacks, or must not contain."""
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    missing = [f"{archive.name} lacks {name}" for name in WANTED if name not in names]
    surplus = [
        f"{archive.name} holds {name}, see build_ignore in galaxy.yml" for name in names if name.startswith(UNWANTED)
    ]
    return missing + surplus


def _import(archive: Path, folder: Path) -> list[str]:
    config = folder / "galaxy-importer.cfg"
    config.write_text(CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "galaxy_importer.main", "--print-result", str(archive)]
    environment = {**os.environ, "GALAXY_IMPORTER_CONFIG": str(config)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr, sep="\n")
    complaints = [line for line in done.stderr.splitlines() if line.startswith(("ERROR", "WARNING"))]
    if done.returncode or complaints:
        return [f"galaxy-importer: {line}" for line in complaints] or [f"galaxy-importer ended with {done.returncode}"]
    return []


def _install(archive: Path, path: Path) -> list[str]:
    command = ["ansible-galaxy", "collection", "install", "--no-deps", "--offline", "-p", str(path), str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [f"ansible-galaxy can't install it: {done.stderr}"] if done.returncode else []


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve() if sys.argv[1:] else ROOT / "build" / "galaxy"))
