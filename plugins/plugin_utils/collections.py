# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks at the start for required collections; Ansible reports a missing one in the middle of a run, if at all."""

from __future__ import annotations

import functools
import importlib
import json
import typing as t
from pathlib import Path

import yaml
from ansible.utils.version import SemanticVersion

from . import advice

HERE = Path(__file__).resolve().parents[2]
OF_MODULES = "amazon.aws"
"""The only collection that the modules need; the roles need others, too."""
LISTED = "collections/requirements.yml"
"""The file from which AWX installs a project's collections; only a checkout has it."""


def missing(wanted: t.Mapping[str, str], version_of: t.Callable[[str], str | None] | None = None) -> list[str]:
    """Return a message for each of the I(wanted) collections that is missing or too old."""
    there = {name: (version_of or version)(name) for name in wanted}
    return [
        _sentence(name, wanted[name], found)
        for name, found in there.items()
        if found is None or not _satisfies(found, wanted[name])
    ]


def _satisfies(found: str, wanted: str) -> bool:
    """Return whether a version satisfies a C(>=) requirement; a checkout without a version does."""
    return not found or bool(SemanticVersion(found) >= SemanticVersion(wanted.removeprefix(">=")))


def _sentence(name: str, wanted: str, found: str | None) -> str:
    there = f"{found} is there" if found else "it is not there"
    return f"The collection {name} {wanted} is needed, and {there}. Nothing was done. {_install(name, wanted)}"


def _install(name: str, wanted: str) -> str:
    if advice.is_job():
        return (
            f"AWX installs what {LISTED} of the project lists, unless 'Enable Collection(s) Download' is off in its"
            " settings: turn it on and sync the project, or take an execution environment that has it."
        )
    if (HERE / LISTED).is_file():
        return f"Run: ansible-galaxy collection install --upgrade -r {LISTED}"
    return f"Run: ansible-galaxy collection install --upgrade '{name}:{wanted}'"


def needed(changes: bool) -> dict[str, str]:
    """Return the required versions by collection: all for I(changes), else only that of the modules."""
    return {name: wanted for name, wanted in dependencies().items() if changes or name == OF_MODULES}


@functools.lru_cache(maxsize=1)
def dependencies() -> dict[str, str]:
    """Return the required versions by collection, from the metadata of this one."""
    return _metadata(HERE).get("dependencies") or {}


def version(name: str) -> str | None:
    """Return the version of an installed collection; None if it is not installed, empty if it has no version."""
    try:
        package = importlib.import_module(f"ansible_collections.{name}")
    except ImportError:
        return None
    return str(_metadata(Path(next(iter(package.__path__)))).get("version") or "")


def _metadata(folder: Path) -> dict[str, t.Any]:
    """Return the metadata in MANIFEST.json of an installed collection, or in galaxy.yml of a checkout."""
    manifest, source = folder / "MANIFEST.json", folder / "galaxy.yml"
    try:
        if manifest.is_file():
            return dict(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"])
        return dict(yaml.safe_load(source.read_text(encoding="utf-8")) or {}) if source.is_file() else {}
    except (OSError, ValueError, KeyError, yaml.YAMLError):
        return {}
