# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the collection-wide variables of an inventory, which belong to no role."""

from __future__ import annotations

import re
import typing as t

from .._resources.iam import problems as policy
from .alb.validate import domain_wrong
from .inputs import spec

Variables = t.Mapping[str, t.Any]

_TEXT: spec.Option = {"type": "str"}
_REQUIRED: spec.Option = {"type": "str", "required": True}
OPTIONS: t.Mapping[str, spec.Option] = {
    "fargate_project": _REQUIRED,
    "fargate_region": _REQUIRED,
    "fargate_environment": _REQUIRED,
    "fargate_team": _REQUIRED,
    "fargate_owner": _REQUIRED,
    "fargate_domain": _TEXT,
    "fargate_private_domain": _TEXT,
    "fargate_permissions_boundary": _TEXT,
    "fargate_endpoint_url": _TEXT,
    "fargate_lotto": {"type": "bool"},
}
DERIVED: t.Mapping[str, spec.Option] = {"fargate_name_prefix": _REQUIRED, "fargate_tags": {"type": "dict"}}
"""The variables that an inventory derives from the others by default."""
REQUIRED = [name for name, option in OPTIONS.items() if option.get("required")]

_ENDPOINT = re.compile(r"https?://[^/?#\s]+/?", re.IGNORECASE)


def missing(variables: t.Container[str], host: str, inventories: t.Sequence[str]) -> list[str]:
    """Return an error if a host lacks a variable that every platform needs.

    I(inventories) are the inventories in the given folder, if it is not one itself.
    """
    lacks = [name for name in REQUIRED if name not in variables]
    if not lacks:
        return []
    if inventories:
        step = f"That is a folder of inventories: give one of them, as in -i {inventories[0]}, or -i {inventories[-1]}."
    elif len(lacks) == len(REQUIRED):
        step = "Give an inventory with group_vars/all/main.yml beside its hosts, as in -i inventories/poc."
    else:
        step = f"Set {'it' if len(lacks) == 1 else 'them'} in its group_vars/all/main.yml."
    return [f"Host '{host}' has no {', '.join(lacks)}. {step}"]


def problems(values: Variables, origin: spec.Origin) -> list[str]:
    """Return the errors in those of I(values) that are collection-wide."""
    if found := list(spec.problems(values, OPTIONS, origin=origin)):
        return found
    domain = values.get("fargate_domain")
    return [
        *(domain_wrong("fargate_domain", domain) if domain else []),
        *policy.boundary_wrong("fargate_permissions_boundary", values.get("fargate_permissions_boundary") or ""),
        *_endpoint(values.get("fargate_endpoint_url") or ""),
    ]


def derived_problems(values: Variables, origin: spec.Origin) -> list[str]:
    """Return the errors in the derived variables, which can only be templated if the others are right."""
    return list(spec.problems(values, DERIVED, origin=origin))


def _endpoint(url: str) -> t.Iterator[str]:
    if url and not _ENDPOINT.fullmatch(url):
        yield (
            f"fargate_endpoint_url '{url}' is not the address of a local AWS: http:// or https://, host and port, as"
            ' http://127.0.0.1:4566. Write "" for AWS itself.'
        )
