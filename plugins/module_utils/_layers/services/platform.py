# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The platform: what services need to know of the lower layers."""

from __future__ import annotations

import typing as t

from ..._aws.region import partition
from ..._resources.iam import boundary

Data = t.Mapping[str, t.Any]


class Account(t.TypedDict):
    """The parts of an ARN that identify partition, region and account."""

    region: str
    partition: str
    account_id: str


class Namespaces(t.TypedDict):
    """The names of the platform's namespaces, empty if there is none."""

    namespace: str
    http_namespace: str


class Platform(Account, Namespaces):
    """The names and ids of other layers' resources; an id is null if the resource is only planned."""

    name_prefix: str
    tags: dict[str, str]
    permissions_boundary: str
    show_environment: bool
    check_mode: bool
    repository: t.NotRequired[Data | None]
    """Settings for the repositories of services that are built, without names and tags."""
    cluster: str
    execution_role: str | None
    exec_policy: str | None
    namespace_id: str | None
    http_namespace_id: str | None
    namespace_arns: dict[str, str]
    namespaces_by_id: dict[str, str]
    vpc: str
    vpc_id: str | None
    subnets: dict[str, dict[str, str]]
    """Ids by name, for the tiers C(apps) and C(public)."""
    load_balancer: str
    load_balancer_suffix: str | None
    load_balancer_group: str
    load_balancer_group_id: str | None
    listener: str
    listener_arn: str | None
    listener_protocol: str | None
    other_namespaces: dict[str, str]
    other_listeners: dict[str, str]


def of(inputs: Data, vpc: Data, alb: Data, cluster: Data) -> Platform:
    """Return the platform, from the inputs and the facts of the lower layers.

    I(inputs) has C(name_prefix), C(region), C(tags), C(permissions_boundary), C(show_environment) and C(check_mode).
    """
    aws = partition(inputs["region"])
    bounds = inputs.get("permissions_boundary", "")
    balancer, listener = alb["load_balancer"], alb["service_listener"] or {}
    made: Data = {
        **inputs,
        "partition": aws,
        "permissions_boundary": boundary.arn(bounds, aws, cluster["account_id"], inputs.get("name_prefix", "")),
        "account_id": cluster["account_id"],
        "cluster": cluster["cluster"]["name"],
        "execution_role": _name(cluster.get("execution_role")),
        "exec_policy": _name(cluster.get("exec_policy")),
        "namespace": _name(cluster.get("namespace")) or "",
        "namespace_id": (cluster.get("namespace") or {}).get("id"),
        "http_namespace": _name(cluster.get("http_namespace")) or "",
        "http_namespace_id": (cluster.get("http_namespace") or {}).get("id"),
        "namespace_arns": {one["name"]: one["arn"] for one in _namespaces(cluster) if one.get("arn")},
        "namespaces_by_id": {one["id"]: one["name"] for one in _namespaces(cluster) if one.get("id")},
        "vpc": vpc["vpc"]["name"],
        "vpc_id": vpc["vpc"]["id"],
        "subnets": {
            tier: {subnet["name"]: subnet["id"] for subnet in vpc[f"{tier}_subnets"]} for tier in ("apps", "public")
        },
        "load_balancer": balancer["name"],
        "load_balancer_suffix": balancer.get("arn_suffix"),
        "load_balancer_group": alb["security_group"]["name"],
        "load_balancer_group_id": alb["security_group"]["id"],
        "listener": f"{balancer['name']}:{listener.get('port', '')}",
        "listener_arn": listener.get("arn"),
        "listener_protocol": listener.get("protocol"),
        "other_namespaces": cluster.get("other_namespaces") or {},
        "other_listeners": {
            f"{balancer['name']}:{port}": arn
            for port, arn in (alb.get("listeners") or {}).items()
            if arn and int(port) != listener.get("port")
        },
    }
    return t.cast("Platform", made)


def with_shared(platform: Platform, shared: Data) -> Platform:
    """Return the platform with existing namespaces, C({id, arn}) by the name or ARN in the inventory."""
    there = {name: one for name, one in shared.items() if one}
    return {
        **platform,
        "namespace_arns": {**platform["namespace_arns"], **{name: one["arn"] for name, one in there.items()}},
        "namespaces_by_id": {**platform["namespaces_by_id"], **{one["id"]: name for name, one in there.items()}},
    }


def known(platform: Platform) -> dict[str, str]:
    """Return the names of other layers' resources by id."""
    names = {platform["vpc_id"]: platform["vpc"], platform["load_balancer_group_id"]: platform["load_balancer_group"]}
    for subnets in platform["subnets"].values():
        names |= {found: name for name, found in subnets.items()}
    return {found: name for found, name in names.items() if found}


def _namespaces(cluster: Data) -> list[Data]:
    return [one for one in (cluster.get("namespace"), cluster.get("http_namespace")) if one]


def _name(thing: Data | None) -> str | None:
    return thing["name"] if thing else None


def others(around: t.Mapping[str, t.Any], kind: str) -> list[tuple[str, str]]:
    """Return name and id of the C(namespaces) or C(listeners) that services no longer use."""
    return list((around.get(f"other_{kind}") or {}).items())
