# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Variables that look like an input of a role or an option of a playbook and are none, which Ansible lets pass."""

from __future__ import annotations

import difflib
import typing as t

# A letter more, less or in another place in our shortest names is as near as this.
NEAR = 0.83
# Facts that roles leave behind bear their names, too.
FACTS = ("info", "started", "serving")
COLLECTION_WIDE = frozenset(
    {
        "fargate_domain",
        "fargate_endpoint_url",
        "fargate_environment",
        "fargate_lotto",
        "fargate_name_prefix",
        "fargate_owner",
        "fargate_permissions_boundary",
        "fargate_private_domain",
        "fargate_project",
        "fargate_region",
        "fargate_services",
        "fargate_tags",
        "fargate_team",
    }
)
"""What an inventory tells every role and playbook, as inventories/poc does."""
WIDE, ROLE = "fargate_", "fargate_service_"


def misspelt(role: str, given: t.Iterable[str], inputs: t.Iterable[str]) -> list[str]:
    """Return a sentence for each name in I(given) that is nearly one of I(inputs), or the beginning of one."""
    prefix = f"{role}_"
    known = {name.removeprefix(prefix) for name in inputs}
    others = {name.removeprefix(prefix) for name in given if name.startswith(prefix)} - known - set(FACTS)
    meant = {name: _meant(name, known) for name in sorted(others)}
    return [
        f"{prefix}{name} is no input of the role {role}, so nothing would read it."
        f" Did you mean {' or '.join(prefix + one for one in near)}? Where it is a variable of your own, rename it."
        for name, near in meant.items()
        if near
    ]


def collection_wide(given: t.Iterable[str]) -> list[str]:
    """Return a sentence for each name in I(given) that is nearly a collection-wide one, or the beginning of one."""
    known = {name.removeprefix(WIDE) for name in COLLECTION_WIDE}
    others = {name for name in given if name.startswith(WIDE) and not name.startswith(ROLE)} - COLLECTION_WIDE
    meant = {name: _meant(name.removeprefix(WIDE), known) for name in sorted(others)}
    return [
        f"{name} is not a variable of the collection, so nothing would read it."
        f" Did you mean {' or '.join(WIDE + one for one in near)}? If it is a variable of your own, rename it."
        for name, near in meant.items()
        if near
    ]


def unknown(given: t.Iterable[str], options: t.Iterable[str]) -> list[str]:
    """Return a sentence for each name in I(given) that is nearly a playbook's option, or the beginning of one."""
    known = set(options)
    meant = {name: _meant(name, known) for name in sorted(set(given) - known)}
    return [
        f"{name} is no option of this playbook, so nothing would read it."
        f" Did you mean {' or '.join(near)}? Where it is a variable of your own, rename it."
        for name, near in meant.items()
        if near
    ]


def _meant(name: str, known: t.Iterable[str]) -> list[str]:
    longer = sorted(one for one in known if one.startswith(f"{name}_"))
    return longer or difflib.get_close_matches(name, sorted(known), n=2, cutoff=NEAR)
