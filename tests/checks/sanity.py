# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run ansible-test sanity over the built collection, the only form that it accepts.

``python -m tests.checks.sanity [ARGUMENTS OF ansible-test sanity]``
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import typing as t
from importlib import import_module
from pathlib import Path

from ..support.cloud import ROOT
from ..support.pythons import at_hand

WORK = ROOT / "build" / "sanity"
TREE = WORK / "ansible_collections" / "magiclub" / "fargate"

# Tests that other checks of the same run replace; the nightly run includes them.
ELSEWHERE = {
    "changelog": "lint/antsibull-changelog",
    "import": "tests/unit/plugins/test_imports.py",
    "pep8": "lint/ruff-check (E, W), lint/ruff-format and tests/unit/plugins/test_lines.py",
    "pylint": "lint/ruff-check (PL, F, B, S, T20, TID251) and lint/mypy (strict)",
}

# ansible-test downloads a script that installs pip into its virtual environments; Python includes one
BOOTSTRAP = "import ensurepip\nensurepip.bootstrap()\n"
PIP_VERSIONS = ("24_2", "25_3", "26_1")


def main(arguments: list[str]) -> int:
    """Build, unpack, run; return ansible-test's exit code."""
    unpack()
    interpreters = at_hand()
    path = os.pathsep.join([*(str(python.parent) for python in interpreters.values()), os.environ["PATH"]])
    command = ["ansible-test", "sanity", "--venv", "--color", "no", *arguments]
    environment = {**os.environ, "HOME": str(_home()), "PATH": path, "PYENV_VERSION": "system"}
    tests: set[str] = set()
    failed = 0
    with subprocess.Popen(
        command, cwd=TREE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as test:
        for line in t.cast("t.IO[str]", test.stdout):
            print(line, end="", flush=True)
            if started := re.match("Running sanity test (.+)", line):
                tests.add(started[1])
            if ended := re.search(r"The (\d+) sanity test\(s\) listed below", line):
                failed = int(ended[1])
    print(f"{len(tests) - failed} passed, {failed} failed")
    return test.returncode


def unpack() -> None:
    """Unpack the built collection into TREE, as a git repository, with the files of tests/ that sanity tests need."""
    shutil.rmtree(WORK / "ansible_collections", ignore_errors=True)
    TREE.mkdir(parents=True)
    # our own archive, and Python 3.11 has no filter before 3.11.4
    shutil.unpack_archive(build(WORK), TREE)
    (TREE / "tests").mkdir(exist_ok=True)
    shutil.copy(ROOT / "tests" / "config.yml", TREE / "tests" / "config.yml")
    shutil.copytree(ROOT / "tests" / "sanity", TREE / "tests" / "sanity", dirs_exist_ok=True)
    subprocess.run(["git", "init", "--quiet", "."], cwd=TREE, check=True)
    # ansible-test keeps its virtual environments there, and would check them, too
    (TREE / ".git" / "info" / "exclude").write_text("/tests/output/\n", encoding="utf-8")
    for namespace in ("amazon", "community"):
        installed = import_module(f"ansible_collections.{namespace}").__path__
        (WORK / "ansible_collections" / namespace).symlink_to(next(iter(installed)))
    subprocess.run(["git", "add", "--all", "--force", "."], cwd=TREE, check=True)


def build(folder: Path) -> Path:
    """Build the collection into I(folder); return the archive."""
    command = ["ansible-galaxy", "collection", "build", "--force", "--output-path", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return max(folder.glob("magiclub-fargate-*.tar.gz"), key=lambda path: path.stat().st_mtime)


def _home() -> Path:
    """Return a home for ansible-test, with the user's settings and caches of pip, and BOOTSTRAP."""
    home = WORK / "home"
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for name in (".config", ".cache"):
        if not (home / name).exists() and (Path.home() / name).exists():
            (home / name).symlink_to(Path.home() / name)
    for version in PIP_VERSIONS:
        (cache / f"get_pip_{version}.py").write_text(BOOTSTRAP, encoding="utf-8")
    return home


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
