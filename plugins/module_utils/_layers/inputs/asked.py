# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ansible-playbook was asked for and says nothing of, though nobody knows it."""

from __future__ import annotations

import typing as t

LOST = "_raw_params"
OF_ANSIBLE = frozenset({"all", "tagged", "untagged", "always", "never"})
OF_MOLECULE = frozenset({"notest", "molecule-notest", "molecule-idempotence-notest"})
"""Molecule skips these wherever it runs a playbook."""


def lost(variables: t.Mapping[str, t.Any]) -> list[str]:
    """Return a sentence for what follows a space in C(-e name=value), which Ansible keeps as C(_raw_params)."""
    if LOST not in variables:
        return []
    return [
        f"'{variables[LOST]}' got lost from -e: a value with spaces needs quotes of its own, as in"
        """ -e "name='two words'", or JSON, as in -e '{"name": "two words"}'. Nothing was changed."""
    ]


def unknown_tags(given: t.Iterable[str], layers: t.Sequence[str]) -> list[str]:
    """Return a sentence for the tags of C(--tags) and C(--skip-tags) that are none of I(layers), which have some."""
    unknown = sorted(set(given) - set(layers) - OF_ANSIBLE - OF_MOLECULE)
    if not unknown:
        return []
    known = (
        f"The layers are {', '.join(layers)}. Give one of those to --tags or --skip-tags."
        if layers
        else "This playbook has no layers: leave out --tags and --skip-tags."
    )
    names = "', '".join(unknown)
    return [f"No task has the tag '{names}'. Nothing was changed. {known}"]


def without_check_mode(variables: t.Mapping[str, t.Any], names: t.Iterable[str]) -> list[str]:
    """Return a sentence for each of the options I(names) that is set, as it is for a plan."""
    return [f"{name} is for a plan: give --check, too. Nothing was changed." for name in names if variables.get(name)]
