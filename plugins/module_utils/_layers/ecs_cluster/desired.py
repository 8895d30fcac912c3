# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The desired resources of the ecs_cluster layer, which refer to each other by name."""

from __future__ import annotations

import typing as t

from ..._aws.region import partition
from ..._plan.model import Resource
from ..._plan.names import vpc_name
from ..._resources.ecs.normal import normalise_cluster
from ..._resources.iam import boundary, policy
from ..._resources.iam.policy import canonical, execution_policy, trusting

Inputs = t.Mapping[str, t.Any]

SERVICE_LINKED_ROLE = "AWSServiceRoleForECS"
OTHERS_BOUNDARY = "others_boundary"
"""The type of a permissions boundary that an administrator created: it is used, but never changed or removed."""


def resources(inputs: Inputs) -> list[Resource]:
    """Return the resources in order of their dependencies.

    I(inputs) are those of the role, C(account_id), and C(others_boundary): whether an administrator created the
    boundary.
    """
    return [
        {"type": "service_linked_role", "name": SERVICE_LINKED_ROLE, "values": {}},
        *_boundary(inputs),
        _execution_role(inputs),
        _exec_policy(inputs),
        *([] if inputs.get("cluster_name") else [_cluster(inputs)]),
        *_namespaces(inputs),
    ]


def _resource(inputs: Inputs, kind: str, name: str, values: dict[str, t.Any], fixed: t.Sequence[str] = ()) -> Resource:
    full = f"{inputs['name_prefix']}-{name}"
    return {"type": kind, "name": full, "values": {**values, "tags": _tags(inputs, full)}, "fixed": list(fixed)}


def _tags(inputs: Inputs, name: str) -> dict[str, str]:
    return {**inputs["tags"], "Name": name}


def _execution_role(inputs: Inputs) -> Resource:
    policies = {execution_policy(partition(inputs["region"])), *inputs["execution_role_policies"]}
    values = {
        "trust_policy": canonical(trusting("ecs-tasks.amazonaws.com")),
        "managed_policies": sorted(policies),
        "permissions_boundary": boundary.arn(
            inputs["permissions_boundary"], partition(inputs["region"]), inputs["account_id"], inputs["name_prefix"]
        ),
    }
    return _resource(inputs, "iam_role", "ecs-execution", values)


def _boundary(inputs: Inputs) -> list[Resource]:
    if inputs["permissions_boundary"] != boundary.PLATFORM or inputs["others_boundary"]:
        return []
    document = canonical(boundary.document(inputs["account_id"], inputs["name_prefix"]))
    return [_resource(inputs, "iam_policy", "boundary", {"policy": document})]


def _exec_policy(inputs: Inputs) -> Resource:
    document = policy.of([policy.allow(policy.EXEC_ACTIONS, "*")])
    return _resource(inputs, "iam_policy", "ecs-exec", {"policy": canonical(document)})


def _cluster(inputs: Inputs) -> Resource:
    normal = normalise_cluster(
        {
            "settings": [{"name": "containerInsights", "value": inputs["container_insights"]}],
            "configuration": inputs["configuration"],
            "capacityProviders": inputs["capacity_providers"],
            "defaultCapacityProviderStrategy": inputs["default_capacity_provider_strategy"],
        }
    )
    values = {key: normal[key] for key in sorted(normal) if normal[key] or key != "configuration"}
    return _resource(inputs, "ecs_cluster", "ecs", values)


def _namespaces(inputs: Inputs) -> list[Resource]:
    prefix = inputs["name_prefix"]
    result: list[Resource] = []
    if inputs["private_domain"]:
        vpc = inputs.get("vpc_id") or vpc_name(prefix)
        values = {"type": "DNS_PRIVATE", "vpc": vpc, "tags": _tags(inputs, f"{prefix}-namespace")}
        result.append(_namespace(inputs["private_domain"], values))
    if inputs["http_namespace"]:
        values = {"type": "HTTP", "tags": _tags(inputs, f"{prefix}-http-namespace")}
        result.append(_namespace(inputs["http_namespace"], values))
    return result


def _namespace(name: str, values: dict[str, t.Any]) -> Resource:
    return {"type": "namespace", "name": name, "values": values, "fixed": ["type", "vpc"]}
