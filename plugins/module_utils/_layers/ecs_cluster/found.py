# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The found resources of the ecs_cluster layer, which refer to each other by name."""

from __future__ import annotations

import typing as t

from ..._aws.tagged import tags
from ..._plan.model import Resource
from ..._plan.names import vpc_name
from ..._resources.ecs.normal import normalise_cluster
from ..._resources.iam import boundary, role
from ..._resources.iam.policy import canonical, document
from .desired import OTHERS_BOUNDARY, SERVICE_LINKED_ROLE

Raw = dict[str, t.Any]


def resources(raw: Raw, prefix: str, namespace_names: t.Container[str], vpc_id: str = "") -> list[Resource]:
    """Return the found resources.

    A namespace belongs to the layer if its Name tag is one of the layer's, or if its name is in I(namespace_names)
    and it is an HTTP namespace or associated with the platform's VPC (I(vpc_id) for an existing one).
    """
    # as C(api) identifies a VPC: an existing one by its id, else by its Name tag
    vpc = vpc_id or vpc_name(prefix)
    found = [
        *(_service_linked_role(entry) for entry in raw["service_linked_roles"]),
        role.found(raw["execution_role"]) if raw["execution_role"] else None,
        _policy(raw["exec_policy"]),
        _boundary(raw["boundary"], prefix),
        *(_cluster(entry) for entry in raw["clusters"]),
        *(
            _namespace(entry, raw["vpc_names"], vpc)
            for entry in raw["namespaces"]
            if _ours(entry, prefix, namespace_names, raw["vpc_names"], vpc)
        ),
    ]
    return [entry for entry in found if entry]


def _service_linked_role(role: Raw) -> Resource:
    return {"type": "service_linked_role", "name": SERVICE_LINKED_ROLE, "id": role["Arn"], "values": {}}


def _boundary(policy: Raw | None, prefix: str) -> Resource | None:
    """Return the boundary: a policy of this layer if it has its Name tag, else an administrator's."""
    found = _policy(policy)
    if found is None or found["values"]["tags"].get("Name") == boundary.name(prefix):
        return found
    return {**found, "type": OTHERS_BOUNDARY, "values": {}}


def _policy(policy: Raw | None) -> Resource | None:
    if policy is None:
        return None
    values = {"policy": canonical(document(policy["Document"])), "tags": tags(policy)}
    return {"type": "iam_policy", "name": policy["PolicyName"], "id": policy["Arn"], "values": values}


def _cluster(cluster: Raw) -> Resource | None:
    if cluster["status"] not in ("ACTIVE", "PROVISIONING"):
        return None
    normal = normalise_cluster(cluster)
    values = {
        "settings": normal.get("settings", {}),
        "configuration": normal.get("configuration", {}),
        "capacity_providers": normal.get("capacity_providers", []),
        "default_capacity_provider_strategy": normal.get("default_capacity_provider_strategy", []),
        "tags": normal.get("tags", {}),
    }
    return {"type": "ecs_cluster", "name": cluster["clusterName"], "id": cluster["clusterArn"], "values": values}


def _ours(namespace: Raw, prefix: str, names: t.Container[str], vpc_names: t.Mapping[str, list[str]], vpc: str) -> bool:
    if tags(namespace).get("Name") in (f"{prefix}-namespace", f"{prefix}-http-namespace"):
        return True
    if namespace["Name"] not in names or namespace["Type"] == "DNS_PUBLIC":
        return False
    return namespace["Type"] == "HTTP" or vpc in vpc_names.get(namespace["Id"], [])


def _namespace(namespace: Raw, vpc_names: t.Mapping[str, list[str]], our_vpc: str) -> Resource:
    values: dict[str, t.Any] = {"type": namespace["Type"], "tags": tags(namespace)}
    if namespace["Type"] == "DNS_PRIVATE":
        served = vpc_names.get(namespace["Id"], [])
        values["vpc"] = our_vpc if our_vpc in served else next(iter(served), None)
    return {
        "type": "namespace",
        "name": namespace["Name"],
        "id": namespace["Id"],
        "arn": namespace["Arn"],
        "state": "pending" if namespace.get("Pending") else "available",
        "values": values,
    }
