# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check that defaults/main.yml and meta/argument_specs.yml of every role have the same variables and defaults.

Descriptions have to be text, in which a colon needs quotes: otherwise antsibull-docs builds no page of the role.
``python -m tests.checks.argspecs`` prints a line for each difference and exits with 1 if there is one.
"""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

import yaml

from ..support.cloud import ROOT

DOORS = {"main", "validate", "ready", "lookup"}


def differences(role: str, defaults: t.Mapping[str, t.Any], specs: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """Yield a message for each difference between a role's defaults and its argument specs."""
    for door in sorted(DOORS - specs.keys()):
        yield f"{role}: entry point '{door}' has no argument spec"
    described: set[str] = set()
    for door, spec in specs.items():
        options = spec.get("options") or {}
        described |= options.keys()
        yield from (f"{role}: {door}: the description of '{path}' is no text" for path in not_text(options))
        for name, option in options.items():
            if not name.startswith(f"{role}_"):
                yield f"{role}: {door}: '{name}' does not begin with '{role}_'"
            elif option.get("required"):
                if name in defaults:
                    yield f"{role}: {door}: '{name}' is required, yet has a default in defaults/main.yml"
            elif name not in defaults:
                yield f"{role}: {door}: '{name}' is optional, yet not in defaults/main.yml"
            elif option.get("default") != describable(option, defaults[name]):
                pair = f"{option.get('default')!r}, in defaults/main.yml to {defaults[name]!r}"
                yield f"{role}: {door}: '{name}' defaults to {pair}"
    for name in sorted(defaults.keys() - described):
        yield f"{role}: '{name}' of defaults/main.yml is in no argument spec"


def not_text(options: t.Mapping[str, t.Any], path: str = "") -> t.Iterator[str]:
    """Yield the path of each option whose description contains something other than text."""
    for name, option in options.items():
        description = option.get("description", "")
        if not all(isinstance(one, str) for one in (description if isinstance(description, list) else [description])):
            yield f"{path}{name}"
        yield from not_text(option.get("options") or {}, f"{path}{name}.")


def describable(option: t.Mapping[str, t.Any], default: t.Any) -> t.Any:
    """Return the default that a spec can give: none if a template's result is not text, or may be undefined.

    Ansible templates a spec's default even if the variable is set.
    """
    if not isinstance(default, str) or "{{" not in default:
        return default
    return default if option.get("type") in ("str", "path", "raw") and "default(" in default else None


def check(roles: Path) -> list[str]:
    """Return the differences of all roles in this folder."""
    found: list[str] = []
    for role in sorted(path for path in roles.iterdir() if path.is_dir()):
        defaults = _load(role / "defaults" / "main.yml")
        specs = _load(role / "meta" / "argument_specs.yml").get("argument_specs") or {}
        found.extend(differences(role.name, defaults, specs))
    return found


def _load(path: Path) -> dict[str, t.Any]:
    if not path.exists():
        return {}
    return t.cast("dict[str, t.Any]", yaml.safe_load(path.read_text(encoding="utf-8")) or {})


if __name__ == "__main__":
    lines = check(ROOT / "roles")
    print("\n".join(lines) or "Defaults and argument specs of all roles are equal.")
    sys.exit(bool(lines))
