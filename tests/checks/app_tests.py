# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the tests of lotto_app, with those of its image: ``python -m tests.checks.app_tests [PYTEST OPTION …]``.

If a Docker engine answers, the image is built first, on the base image of the local AWS.  If none does, the tests
of the image are skipped with a message.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from local_aws import base_image, engine

from ..support.cloud import ROOT

APP = ROOT / "lotto_app"
TAG = "magiclub.local/lotto_app:tests"
BUILD_SECONDS = 600


def python_of(base: str) -> str:
    """Return the version of Python in a base image, by its tag: C(3.12) of C(python:3.12-slim)."""
    found = re.search(r":(\d+\.\d+)-slim", base)
    if not found:
        raise ValueError(f"Base image {base}: its tag has to begin with a version of Python, as in 3.12-slim.")
    return found[1]


def fetch_wheels(folder: Path, version: str) -> None:
    """Fetch the image's wheels into a folder.  Raises CalledProcessError if the package index lacks one."""
    machine = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())
    platforms = [f"--platform={glibc}_{machine}" for glibc in ("manylinux_2_28", "manylinux2014")]
    options = ["--quiet", "--only-binary=:all:", "--dest", str(folder), "--python-version", version, *platforms]
    for name in ("requirements.txt", "requirements-build.txt"):
        options += ["--requirement", str(APP / name)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options], check=True)


def build(folder: Path) -> str:
    """Build the image with a folder as its context; return its tag."""
    base = base_image.ensure(folder)
    context = folder / "lotto_app"
    shutil.copytree(APP, context, ignore=shutil.ignore_patterns(".*", "__pycache__", "wheels", "tests"))
    fetch_wheels(context / "wheels", python_of(base))
    labels = {"SOURCE": "https://example.com", "REVISION": "tests", "VERSION": "0"}
    arguments = {"PYTHON_IMAGE": base, **labels}
    engine.client(BUILD_SECONDS).images.build(path=str(context), tag=TAG, buildargs=arguments, rm=True)
    return TAG


def main() -> int:
    environment = dict(os.environ)
    if not engine.answer():
        with tempfile.TemporaryDirectory(prefix="lotto-app-") as folder:
            environment["LOTTO_APP_IMAGE"] = build(Path(folder))
    command = [sys.executable, "-m", "pytest", "-rfEs", *sys.argv[1:]]
    return subprocess.run(command, cwd=APP, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
