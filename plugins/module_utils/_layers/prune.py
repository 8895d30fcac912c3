# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services that are no longer in the inventory: a plan reports them, and with C(prune=true) removes them."""

from __future__ import annotations

import re
import typing as t

from . import unasked
from .model import Data, Place
from .services.names import as_option
from .services.pruned import LAYER

NOTHING = "prune=true removes nothing: every service that has the platform's tags is in the inventory"
NOT_ASKED = (
    "prune=true removes services that are not in the inventory, and --tags or --skip-tags leave services out."
    " Nothing was changed. Leave --tags out, or give --tags services."
)


def query(
    place: Place, tags: Data, services: t.Sequence[str], prefixes: t.Iterable[str], *, prune: bool, repository: str
) -> dict[str, t.Any]:
    """Return the value of platform_info's option O(unasked).

    :param prefixes: the name prefixes of the run's layers and of its other hosts.
    :param repository: that of the layer ecr_push, which may not be among the layers that are read.
    """
    return {
        "tags": dict(tags),
        "services": list(services),
        "beside": sorted(set(prefixes) - {place.name_prefix}),
        "read": prune,
        "repositories": [repository] if repository else [],
    }


def read(reads: t.Mapping[Place, Data]) -> Data:
    """Return what was read of the place that was searched for resources not in the inventory, empty if none was."""
    return next((one for one in reads.values() if "unasked" in one), {})


def services(read: Data) -> list[dict[str, t.Any]]:
    """Return the definitions, just names, with which the role fargate_service removes services."""
    found = (read.get("unasked") or {}).get("found") or []
    named = unasked.given_names(found)
    return [{"name": name, "image": "none", "names": as_option(given)} for name, given in named.items()]


def rules_of(read: Data, services: t.Container[str]) -> set[str]:
    """Return the ARNs of the listener rules of removed services."""
    there = [one for name, one in (read.get("services") or {}).items() if name in services]
    return {rule["arn"] for one in there for rule in one.get("rules") or []}


class Told(t.NamedTuple):
    """What a plan says of resources that are not in the inventory: lines, and errors that refuse it."""

    lines: list[str]
    refused: list[str]


def told(read: Data, prune: bool, refused: t.Sequence[str]) -> Told:
    """Return what to say; if an error in I(refused) names a resource of such a service, how to remove the service."""
    found = (read.get("unasked") or {}).get("found") or []
    wrong = (read.get("unasked") or {}).get("wrong") or ""
    if wrong:
        return Told([], [wrong]) if prune else Told([wrong], [])
    lines = unasked.lines(found, prune)
    if prune and "unasked" in read and not unasked.services(found):
        lines.append(NOTHING)
    meant = [
        line
        for entry, line in zip(found, unasked.lines(found, prune=False), strict=True)
        if entry["kind"] == "service"
        and any(_mentions(text, one["name"]) for text in refused for one in entry["resources"])
    ]
    return Told(lines, [*unasked.renamed(found), *([] if prune else [f"{line}." for line in meant])])


def result(plan: t.Any, read: Data, prune: bool) -> dict[str, t.Any]:
    """Return a plan's results for later tasks: the resources not in the inventory, and the services to remove."""
    part = plan.parts.get(LAYER)
    gone = {"services": services(read), "info": part.info} if part and prune else {"services": [], "info": {}}
    return {"unasked": (read.get("unasked") or {}).get("found") or [], "pruned": gone}


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None
