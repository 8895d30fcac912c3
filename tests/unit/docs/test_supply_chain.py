# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that is fetched to build, test or release is pinned by what is in it, not by a name alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
LOCKED = [
    "requirements",
    "requirements-dev",
    "lotto_app/requirements",
    "lotto_app/requirements-build",
    "bench/app-requirements",
    "tests/checkov-requirements",
    "tests/eda-requirements",
]
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[.*?\])?==(?P<version>[^ ;\\]+)(?: *; *(?P<marker>[^\\]+?))?(?= *\\?$)")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def entries(name):
    """Return the requirements of a file, each with its hashes as one line."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("#", "-r"))]


def pins(name):
    """Return the (name, version) pairs of a requirements file."""
    found = [PIN.match(entry.split(" --hash")[0].strip()) for entry in entries(name)]
    return {(pin["name"].lower().replace("_", "-"), pin["version"]) for pin in found}


@pytest.mark.parametrize("name", LOCKED)
def test_each_requirement_has_its_hashes(name):
    for entry in entries(f"{name}.txt"):
        assert PIN.match(entry.split(" --hash")[0].strip()), entry
        assert re.search(r" --hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("name", LOCKED)
def test_no_file_names_a_host(name):
    assert not re.search(r"://|--(extra-)?index-url|--find-links", (ROOT / f"{name}.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LOCKED)
def test_what_is_asked_for_is_locked(name):
    missing = pins(f"{name}.in") - pins(f"{name}.txt")
    assert not missing, f"{missing} of {name}.in are not in {name}.txt: run 'make lock'."


@pytest.mark.parametrize("name", ["requirements", "lotto_app/requirements"])
def test_the_tools_take_the_versions_that_run(name):
    assert pins(f"{name}.txt") <= pins("requirements-dev.txt"), "run 'make lock'"


@pytest.mark.parametrize("place", ["inventories/poc", "inventories/local"])
def test_the_images_pip_is_the_locked_one(place):
    build = yaml.safe_load((ROOT / place / "group_vars" / "all" / "ecr_push.yml").read_text(encoding="utf-8"))
    (package,) = build["ecr_push_build"]["python_wheels"]["packages"]
    pinned, digest = package.split(" --hash=")
    (locked,) = entries("lotto_app/requirements-build.txt")
    assert locked.startswith(f"{pinned} ")
    assert f"--hash={digest}" in locked


def test_every_install_of_the_makefile_checks_hashes():
    installs = [line for line in (ROOT / "Makefile").read_text().splitlines() if "pip install" in line]
    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_and_say_their_version(path):
    uses = re.findall(r"^\s*-? ?uses: *(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert uses
    assert [use for use in uses if not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []


def test_a_release_has_checksums_a_bill_of_materials_and_provenance():
    release = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
    assert release["permissions"] == {"contents": "write", "id-token": "write", "attestations": "write"}
    steps = release["jobs"]["release"]["steps"]
    (attest,) = [step for step in steps if "attest-build-provenance@" in step.get("uses", "")]
    assert attest["with"] == {"subject-checksums": "build/galaxy/SHA256SUMS"}
    (published,) = [step["run"] for step in steps if "gh release create" in step.get("run", "")]
    for files in ("*.tar.gz", "*.cdx.json", "SHA256SUMS"):
        assert f"build/galaxy/{files} " in published
    assert steps.index(attest) < [step.get("name") for step in steps].index("Release")
