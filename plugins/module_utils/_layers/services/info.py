# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what fargate_service_info returns.  Writes nothing."""

from __future__ import annotations

import typing as t

from ..._resources.ecr import images
from . import found, found_routes, read


def info(
    client: t.Callable[..., t.Any],
    query: read.Query,
    around: t.Mapping[str, t.Any],
    wanted_images: t.Iterable[str] = (),
) -> dict[str, t.Any]:
    """Return services, rules, missing images, resources, and whether all services are steady.

    I(around) has the C(names) of other layers' resources by id, and the names of the C(listener) and C(namespace).
    """
    raw = read.read(client, query)
    shared = {one["Id"]: name for name, one in raw["shared_namespaces"].items() if one}
    by_id = {**(around.get("namespaces_by_id") or {}), **shared}
    services = found.services(raw, query.services, {**around, "namespaces_by_id": by_id})
    return {
        "services": services,
        "rules": found_routes.rules(raw),
        "missing_images": images.missing(client, sorted({*wanted_images} - read.images(raw))),
        "missing_secrets": [source for source, there in raw["client_secrets"].items() if there is False],
        "resources": [entry for service in services.values() for entry in found.resources(service)],
        "naming_groups": raw["naming_groups"],
        "shared_namespaces": {
            name: {"id": one["Id"], "arn": one["Arn"]} if one else None
            for name, one in raw["shared_namespaces"].items()
        },
        "other_queues": raw["other_queues"],
        "steady": all(service["steady"] for service in services.values()),
    }
