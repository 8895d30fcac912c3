# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ecs_cluster layer's part of a plan."""

from __future__ import annotations

import typing as t

from ..._plan import compare
from ..model import Data, Part, Place, Resource, place_of
from . import desired, facts, kept

FACT = "ecs_cluster_info"


def query(inputs: Data) -> dict[str, t.Any]:
    """Return the value of platform_info's option O(ecs_cluster)."""
    absent = inputs["state"] == "absent"
    settle = inputs["wait_timeout"] if absent else 0
    return {
        "namespaces": namespace_names(inputs),
        "used_namespaces": inputs["used_namespaces"],
        "settle_timeout": settle,
        **_kept(inputs),
    }


def _kept(inputs: Data) -> dict[str, t.Any]:
    """Return the inputs that name an existing cluster or VPC."""
    return {key: inputs[key] for key in ("cluster_name", "vpc_id") if inputs.get(key)}


def namespace_names(inputs: Data) -> list[str]:
    """Return the names of the desired namespaces."""
    return [name for name in (inputs["private_domain"], inputs["http_namespace"]) if name]


def lookup(inputs: Data) -> dict[str, t.Any]:
    """Return that value for a layer above this one, which reads the namespaces that it uses."""
    used = inputs.get("used_namespaces")
    return {"namespaces": used or [], "used_namespaces": used, **_kept(inputs)}


def dependencies(inputs: Data) -> dict[str, Place]:
    """Return the layers that this one depends on."""
    return {"vpc": place_of(inputs)} if inputs["state"] == "present" and inputs["private_domain"] else {}


def info(place: Place, resources: t.Sequence[Resource], read: Data, inputs: Data) -> dict[str, t.Any]:
    """Return C(ecs_cluster_info)."""
    used = inputs.get("used_namespaces")
    return facts.of_resources(place.name_prefix, place.region, read.get("account_id", ""), resources, used)


def unmet(known: Data) -> str:
    """Return the error for dependent layers if the cluster does not exist, with the next step."""
    return (
        f"No ECS cluster {known['cluster']['name']} in {known['region']}."
        " Run playbooks/site.yml with '--tags ecs_cluster' first, or set ecs_cluster_name_prefix."
    )


def plan(inputs: Data, place: Place, read: Data, _lower: Data) -> Part:
    """Return the layer's part of the plan.

    The service-linked role belongs to the account: it is created if it is missing and never removed. A boundary that
    an administrator created is never changed or removed.
    """
    others = [entry for entry in read["resources"] if entry["type"] in (desired.OTHERS_BOUNDARY, kept.TYPE)]
    found = [entry for entry in read["resources"] if entry not in others]
    if inputs["state"] == "absent":
        own = [entry for entry in found if entry["type"] != "service_linked_role"]
        return Part([], own, info(place, read["resources"], read, inputs))
    bounded = any(entry["type"] == desired.OTHERS_BOUNDARY for entry in others)
    wanted = desired.resources({**inputs, "account_id": read["account_id"], "others_boundary": bounded})
    left = [*compare.expected(wanted, found), *others]
    # a namespace to be removed stays in the facts, because services leave it only once they serve in the new one
    before = [entry for entry in found if entry["type"] == "namespace" and entry["name"] not in namespace_names(inputs)]
    return Part(wanted, found, info(place, [*left, *before], read, inputs))
