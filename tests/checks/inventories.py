# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find unused names in the inventories: argument specs silently accept unknown variables.

``python -m tests.checks.inventories`` prints a line for each and exits with 1 if there is one.
"""

from __future__ import annotations

import re
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

from ..support.cloud import ROOT

# collection-wide variables: those described in inventories/poc, and optional ones
COLLECTION_WIDE = {
    "fargate_project",
    "fargate_region",
    "fargate_environment",
    "fargate_team",
    "fargate_owner",
    "fargate_domain",
    "fargate_permissions_boundary",
    "fargate_private_domain",
    "fargate_endpoint_url",
    "fargate_lotto",
    "fargate_name_prefix",
    "fargate_tags",
    "fargate_services",
}


def unknown(variables: t.Iterable[str], known: t.Container[str]) -> list[str]:
    """Return the unused variables."""
    return sorted(name for name in variables if name not in known and not name.startswith("ansible_"))


def known_variables(roles: Path) -> set[str]:
    """Return the variables in the roles' argument specs, and the collection-wide ones."""
    names = set(COLLECTION_WIDE)
    for path in roles.glob("*/meta/argument_specs.yml"):
        specs = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
        names.update(name for spec in specs.values() for name in spec.get("options") or {})
    return names


def check(inventory: Path, known: t.Collection[str]) -> t.Iterator[str]:
    """Yield a message for each mistake in an inventory."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(inventory.glob("group_vars/**/*.yml"))}
    named = set(re.findall(r"{{ (\w+) }}", "".join(texts.values())))
    for path, text in texts.items():
        for name in unknown(yaml.safe_load(text) or {}, {*named, *known}):
            yield f"{path.relative_to(ROOT)}: '{name}' is a variable of no role. See roles/*/meta/argument_specs.yml."
    command = ["ansible-inventory", "--inventory", str(inventory), "--list"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode or "WARNING" in listed.stderr:
        yield f"{inventory.relative_to(ROOT)}: {listed.stderr.strip()}"


if __name__ == "__main__":
    variables_of_roles = known_variables(ROOT / "roles")
    folders = [path for path in sorted((ROOT / "inventories").iterdir()) if path.is_dir()]
    lines = [line for folder in folders for line in check(folder, variables_of_roles)]
    print("\n".join(lines) or f"{len(folders)} inventories name only variables that roles read.")
    sys.exit(bool(lines))
