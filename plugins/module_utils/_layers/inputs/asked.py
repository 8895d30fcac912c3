# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the arguments of ansible-playbook that Ansible itself does not check: extra vars and tags."""

from __future__ import annotations

import math
import typing as t

from . import spec

LOST = "_raw_params"
OF_ANSIBLE = frozenset({"all", "tagged", "untagged", "always", "never"})
OF_MOLECULE = frozenset({"notest", "molecule-notest", "molecule-idempotence-notest"})
"""Tags that Molecule skips whenever it runs a playbook."""

_FLAG: spec.Option = {"type": "bool"}
_SECONDS: spec.Option = {"type": "float"}
_WHOLE_SECONDS: spec.Option = {"type": "int"}
_TEXT: spec.Option = {"type": "str"}
OPTIONS: t.Mapping[str, spec.Option] = {
    "ask": _FLAG,
    "denied": _FLAG,
    "destroy_wait_timeout": _WHOLE_SECONDS,
    "graph": _TEXT,
    "local": _FLAG,
    "only_deployed": _FLAG,
    "only_failed": _FLAG,
    "plan_file": _TEXT,
    "plan_id": _TEXT,
    "plan_must_be_empty": _FLAG,
    "platform_lock_break": _FLAG,
    "platform_lock_renew_after": _SECONDS,
    "platform_rename": _FLAG,
    "prune": _FLAG,
    "report": _TEXT,
    "run_timeout": _WHOLE_SECONDS,
    "stopped": _FLAG,
}
"""The types of the playbooks' options.  Ansible takes any text for false that it does not know as true."""


def wrong(values: t.Mapping[str, t.Any]) -> list[str]:
    """Return an error for each option that has a wrong value; an empty one counts as not given."""
    given = {name: value for name, value in values.items() if value not in ("", None)}
    kinds = {name: kind for name, kind in OPTIONS.items() if name in given}
    found = list(spec.problems(given, kinds))
    seconds = [name for name, kind in kinds.items() if kind in (_SECONDS, _WHOLE_SECONDS)]
    return found or [
        f"{name} {given[name]} is out of range: 0 or more seconds. Change {name}."
        for name in seconds
        if float(given[name]) < 0 or math.isnan(float(given[name]))
    ]


def lost(variables: t.Mapping[str, t.Any]) -> list[str]:
    """Return an error for text after a space in C(-e name=value), which Ansible stores as C(_raw_params)."""
    if LOST not in variables:
        return []
    return [
        f"'{variables[LOST]}' got lost from -e: a value with spaces needs quotes of its own, as in"
        """ -e "name='two words'", or JSON, as in -e '{"name": "two words"}'. Nothing was changed."""
    ]


def unknown_tags(given: t.Iterable[str], layers: t.Sequence[str]) -> list[str]:
    """Return an error for those of C(--tags) and C(--skip-tags) that are neither I(layers) nor special tags."""
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
    """Return an error for each of the options I(names) that is set, as they require check mode."""
    return [f"{name} is for a plan: give --check, too. Nothing was changed." for name in names if variables.get(name)]
