# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validate the inputs of the role ecs_cluster.

AWS's rules: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html (name),
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html (base and weight),
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (names of roles),
https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html (names of namespaces).
"""

from __future__ import annotations

import re
import typing as t

from ..._aws import region as regions
from ..._plan.names import execution_role_name
from ..._resources.iam import problems as policy
from ..inputs.spec import beside_kept, twice

Inputs = t.Mapping[str, t.Any]

ROLE_NAME_LIMIT = 64
# API_CreateCluster of Amazon ECS
NAME = re.compile("[A-Za-z0-9_-]{1,255}")
LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
DOMAIN = re.compile(rf"{LABEL}(\.{LABEL})*", re.IGNORECASE)


def ecs_cluster(inputs: Inputs) -> list[str]:
    """Return the problems with the inputs of the role ecs_cluster."""
    return [
        *regions.problems(inputs["region"]),
        *_prefix(inputs["name_prefix"]),
        *_existing(inputs),
        *_strategy(inputs["capacity_providers"], inputs["default_capacity_provider_strategy"]),
        *(
            sentence
            for arn in inputs["execution_role_policies"]
            for sentence in policy.wrong("ecs_cluster_execution_role_policies", arn)
        ),
        *twice("ecs_cluster_capacity_providers", inputs["capacity_providers"]),
        *twice("ecs_cluster_execution_role_policies", inputs["execution_role_policies"]),
        *policy.boundary_wrong("ecs_cluster_permissions_boundary", inputs["permissions_boundary"]),
        *_namespaces(inputs["private_domain"], inputs["http_namespace"]),
    ]


def _existing(inputs: Inputs) -> list[str]:
    """Return the problems with the name of an existing cluster."""
    name = inputs.get("cluster_name")
    if not name:
        return []
    result = beside_kept("ecs_cluster", inputs, "cluster", f"ecs_cluster_name {name}")
    if not NAME.fullmatch(name):
        result.append(
            f"ecs_cluster_name '{name}' is not the name of a cluster: letters, digits, - and _, 255 at most. Of an ARN"
            " give what follows its last slash."
        )
    return result


def _prefix(prefix: str) -> list[str]:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", prefix):
        return [f"ecs_cluster_name_prefix: '{prefix}' is not a name: ECS takes letters, digits, '_', '-'. Change it."]
    name = execution_role_name(prefix)
    if len(name) > ROLE_NAME_LIMIT:
        rule = f"has {len(name)} characters, and IAM takes {ROLE_NAME_LIMIT}"
        return [f"ecs_cluster_name_prefix: the name '{name}' of a role {rule}. Shorten fargate_project."]
    return []


def _strategy(providers: t.Sequence[str], strategy: t.Sequence[Inputs]) -> t.Iterator[str]:
    variable = "ecs_cluster_default_capacity_provider_strategy"
    unknown = sorted({item["capacity_provider"] for item in strategy} - set(providers))
    if unknown:
        yield (
            f"{variable} names {', '.join(unknown)}, which is not in ecs_cluster_capacity_providers"
            f" ({', '.join(providers) or 'none'}). Add it there, or name another."
        )
    if strategy and not any(item.get("weight", 0) > 0 for item in strategy):
        yield f"{variable} gives no provider a weight over 0, so no task would be placed. Give one a weight of 1."
    if sum(item.get("base", 0) > 0 for item in strategy) > 1:
        yield f"{variable} gives two providers a base, and ECS takes one. Take one away."
    for item in strategy:
        if item.get("weight", 0) == item.get("base", 0) == 0 and len(strategy) > 1:
            yield f"{variable}: {item['capacity_provider']} has neither weight nor base. Give it one, or take it out."
    for key, high in (("weight", 1000), ("base", 100000)):
        for item in strategy:
            if not 0 <= item.get(key, 0) <= high:
                of = f"of {item['capacity_provider']}"
                yield f"{variable}: {key} {item[key]} {of} is out of range: 0 to {high}. Change it."


def _namespaces(private: str, http: str) -> t.Iterator[str]:
    if private and (len(private) > 253 or not DOMAIN.fullmatch(private)):
        yield (
            f"ecs_cluster_private_domain: '{private}' is not a domain of at most 253 characters."
            " Write one as in magiclub.internal, or leave it empty for no namespace."
        )
    if http and not re.fullmatch(r"(?!arn:)[!-~]{1,1024}", http):
        yield f"ecs_cluster_http_namespace: '{http}' has blanks or is too long: 1 to 1024 visible ASCII characters."
    if http and http == private:
        yield (
            f"ecs_cluster_http_namespace and ecs_cluster_private_domain are both '{http}'."
            " Cloud Map namespaces of a platform need names of their own. Rename one."
        )
