# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nobody asks for any more: told beside a plan, and removed by it if that is asked for."""

from __future__ import annotations

import re
import typing as t

from .._resources.ec2 import security_group_rules as rules
from . import unasked
from .model import Data, Place, Resource
from .services.names import as_option

LAYER = "prune"
"""What plan and summary call the services that are removed, as no inventory has them any more."""


NOTHING = "prune=true removes nothing: every service that has the platform's tags is in the inventory"
NOT_ASKED = (
    "prune=true removes services that are not in the inventory, and --tags or --skip-tags leave services out."
    " Nothing was changed. Leave --tags out, or give --tags services."
)


def query(
    place: Place, tags: Data, services: t.Sequence[str], prefixes: t.Iterable[str], *, prune: bool, repository: str
) -> dict[str, t.Any]:
    """Return what M(magiclub.fargate.platform_info) is to read, as its option I(unasked).

    I(prefixes) are those that the run has something with: of its layers, and of its other hosts.  I(repository) is that
    of the layer ecr_push, which may not be among the layers that are read.
    """
    return {
        "tags": dict(tags),
        "services": list(services),
        "beside": sorted(set(prefixes) - {place.name_prefix}),
        "read": prune,
        "repositories": [repository] if repository else [],
    }


def read(reads: t.Mapping[Place, Data]) -> Data:
    """Return what was read of the place where what nobody asks for was looked for, empty if it was not."""
    return next((one for one in reads.values() if "unasked" in one), {})


def services(read: Data) -> list[dict[str, t.Any]]:
    """Return definitions of which no more than names are known, as the role fargate_service takes them to remove."""
    found = (read.get("unasked") or {}).get("found") or []
    named = unasked.given_names(found)
    return [{"name": name, "image": "none", "names": as_option(given)} for name, given in named.items()]


def obstacles(
    found: t.Sequence[Resource], tags: Data, naming_groups: t.Iterable[Data], planned: t.Iterable[Data]
) -> list[str]:
    """Return a sentence for each thing that keeps services from being removed.

    These are resources with other tags, and I(naming_groups), as M(magiclub.fargate.fargate_service_info) returns them,
    unless they have no such rule any more in the resources that the same run plans.
    """
    going = {str(entry["id"]): str(entry["name"]) for entry in found if entry["type"] == "security_group"}
    freed = {
        entry["name"]
        for entry in planned
        if entry["type"] == "security_group"
        and not going.keys() & {str(rule["source"]) for rule in entry["values"]["ingress"]}
    }
    naming = rules.naming([group for group in naming_groups if group["group_name"] not in freed], going)
    named = [
        f"prune=true removes no service whose security group a rule of another one names: {text}. Take that rule out;"
        " if the group is a service's, take this one out of its allow_from."
        for text in naming
    ]
    return [*unasked.foreign(found, tags), *named]


def rules_of(read: Data, services: t.Container[str]) -> set[str]:
    """Return the ARNs of the listener rules of services that go."""
    there = [one for name, one in (read.get("services") or {}).items() if name in services]
    return {rule["arn"] for one in there for rule in one.get("rules") or []}


def lines(read: Data, prune: bool, refused: t.Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the lines that a plan shows of what nobody asks for, and further refusals.

    A refusal that names something of such a service is told with what removes that.
    """
    found = (read.get("unasked") or {}).get("found") or []
    wrong = (read.get("unasked") or {}).get("wrong") or ""
    if wrong:
        return ([], [wrong]) if prune else ([wrong], [])
    lines = unasked.lines(found, prune)
    if prune and "unasked" in read and not unasked.services(found):
        lines.append(NOTHING)
    meant = [
        line
        for entry, line in zip(found, unasked.lines(found, prune=False), strict=True)
        if entry["kind"] == "service"
        and any(_names(text, one["name"]) for text in refused for one in entry["resources"])
    ]
    return lines, [*unasked.renamed(found), *([] if prune else [f"{line}." for line in meant])]


def result(plan: t.Any, read: Data, prune: bool) -> dict[str, t.Any]:
    """Return what a plan tells the tasks after it: what nobody asks for, and what it removes of that, with its fact."""
    part = plan.parts.get(LAYER)
    gone = {"services": services(read), "info": part.info} if part and prune else {"services": [], "info": {}}
    return {"unasked": (read.get("unasked") or {}).get("found") or [], "pruned": gone}


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None
