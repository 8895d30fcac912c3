# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Python wheels for an image, downloaded by pip on this machine, so that the build needs no network."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from ..._aws.refused import RefusedError
from . import content

Values = dict[str, t.Any]

MACHINES = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}
# glibc 2.28 and older, which images of Debian 10, RHEL 8 and later all support (PEP 600)
GLIBC = ("manylinux_2_28", "manylinux_2_17", "manylinux2014")
LAST_LINES = 8


def inputs(requirements: str, options: Values, platform: str) -> Values:
    """Return everything the wheels depend on, for the image's tag; comments and empty lines do not count."""
    lines = [line.split(" #")[0].strip() for line in requirements.splitlines()]
    return {
        "requirements": [line for line in lines if line and not line.startswith("#")],
        "packages": sorted(options["packages"]),
        "python_version": options["python_version"],
        "platform": platform,
        "folder": options["folder"],
    }


def command(
    requirements: t.Sequence[str], options: Values, platform: str, folder: str, python: str = sys.executable
) -> list[str]:
    """Return the pip command that downloads the wheels into I(folder), for the image's Python, not this one.

    I(requirements) are files, as a requirement can have hashes only in a file.
    """
    machine = MACHINES[platform]
    result = [python, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--quiet"]
    result += ["--only-binary=:all:", "--implementation", "cp", "--python-version", options["python_version"]]
    for glibc in GLIBC:
        result += ["--platform", f"{glibc}_{machine}"]
    result += ["--dest", folder]
    for file in requirements:
        result += ["--requirement", file]
    return result


def fetch(
    requirements: str,
    options: Values,
    platform: str,
    folder: str,
    run: t.Callable[..., t.Any] = subprocess.run,
) -> list[content.Entry]:
    """Download the wheels into I(folder) and return them as entries of the build context."""
    with tempfile.TemporaryDirectory() as place:
        packages = Path(place, "packages.txt")
        packages.write_text("".join(f"{package}\n" for package in options["packages"]), encoding="utf-8")
        files = [requirements, *([str(packages)] if options["packages"] else [])]
        result = run(command(files, options, platform, folder), capture_output=True, text=True, check=False)
    if result.returncode:
        raise RefusedError(failure(requirements, options, platform, result.stderr or result.stdout))
    return [
        content.Entry(f"{options['folder']}/{wheel.name}", source=str(wheel))
        for wheel in sorted(Path(folder).iterdir())
    ]


def _cut_off(lines: t.Iterable[str]) -> bool:
    """Return whether pip's last attempt to reach the index failed; then, too, it reports that nothing matches."""
    return any("Retry(total=0" in line for line in lines)


def failure(requirements: str, options: Values, platform: str, output: str) -> str:
    """Return the error message of a failed pip with the next step."""
    lines = [line for line in output.splitlines() if line.strip()]
    if any("No module named pip" in line for line in lines):
        advice = "Install pip for the interpreter that runs this module."
    elif any("--require-hashes" in line for line in lines):
        advice = (
            "If one requirement has a hash, all need one: give packages as 'pip==25.3 --hash=sha256:…', and write the"
            " requirements by 'uv pip compile --generate-hashes' or 'pip-compile --generate-hashes'."
        )
    elif any("DO NOT MATCH THE HASHES" in line for line in lines):
        advice = "The index served another file than the pinned one: find out why before you install it."
    elif any("No matching distribution" in line for line in lines) and not _cut_off(lines):
        advice = "Pin a version that has a wheel for that Python and platform."
    else:
        advice = "Check this machine's access to the package index (pip config list), and run again."
    return f"No wheels of {requirements} for CPython {options['python_version']} on {platform}. {advice}\n" + "\n".join(
        f"  {line}" for line in lines[-LAST_LINES:]
    )
