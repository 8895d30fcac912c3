# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run suites under every supported installed Python, each with the newest Ansible that supports it.

``python -m tests.matrix [--python 3.13 | --other-end] [ARGUMENTS OF tests.run]``; without arguments lint, unit and the
site scenario; at the other end, for CI, only what another Python or Ansible can change.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import typing as t
from pathlib import Path

from .support.cloud import ROOT
from .support.pythons import VERSIONS, at_hand

DEFAULT = ("--only", "lint,unit,molecule/site")
# lint has the same result there; e2e/poc creates and removes the platform with HTTPS, certificate and records
OTHER_END = ("--only", "unit,e2e/poc")


def main() -> int:
    """Return 1 if a suite fails under any interpreter, or the requested one is not installed."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix")
    parser.add_argument("--python", action="append", choices=VERSIONS, help="only this version (may be repeated)")
    parser.add_argument("--other-end", action="store_true", help="only the newest, where another one runs this")
    arguments, rest = parser.parse_known_args()
    found = at_hand()
    failed = []
    for version in other_end(found) if arguments.other_end else arguments.python or VERSIONS:
        if version not in found:
            print(f"Python {version}: not at hand, left out", flush=True)
            failed += [version] if arguments.python else []
            continue
        python = environment(version, found[version])
        release = _output(python, "import ansible.release; print(ansible.release.__version__)")
        print(f"Python {version}, ansible-core {release}", flush=True)
        logs = {"MAGICLUB_TEST_LOGS": f"test-{version}"}
        command = [python, "-m", "tests.run", *(rest or (OTHER_END if arguments.other_end else DEFAULT))]
        ended = subprocess.run(command, cwd=ROOT, env={**os.environ, **logs}, check=False)
        failed += [version] if ended.returncode else []
    if failed:
        print(f"Failed under Python {', '.join(failed)}.")
    return int(bool(failed))


def other_end(found: t.Iterable[str]) -> list[str]:
    """Return the newest of I(found), or nothing if it is the one that runs this."""
    newest = max(found, key=VERSIONS.index, default="")
    if newest in ("", f"{sys.version_info.major}.{sys.version_info.minor}"):
        print("No newer Python is at hand than the one that has run everything.", flush=True)
        return []
    return [newest]


def environment(version: str, interpreter: Path) -> Path:
    """Return the Python of a virtual environment with the tests' requirements, created if it is missing."""
    folder = ROOT / "build" / f"venv-{version}"
    python, stamp = folder / "bin" / "python", folder / ".requirements"
    wanted = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("requirements.txt", "requirements-dev.txt"))
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print(f"Installing Ansible and the test tools for Python {version}: a minute or two ...", flush=True)
        subprocess.run([interpreter, "-m", "venv", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(ROOT / "requirements-dev.txt")], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def _output(python: Path, code: str) -> str:
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
