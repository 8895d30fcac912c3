# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The resources that adopted services use: network, load balancer, cluster, namespace.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

from ..._aws.arn import last
from ..._aws.refused import RefusedError
from ..._aws.region import partition
from ..._layers.services.platform import Platform
from ..._plan.names import execution_role_name
from . import balanced

Raw = t.Mapping[str, t.Any]


class Around(t.NamedTuple):
    """The resources that adopted services have in common.

    :param listener: the listener of their rules; None without rules.
    """

    vpc: Raw
    subnets: dict[str, list[str]]
    load_balancer: Raw | None
    listener: Raw | None
    namespace: Raw | None
    account_id: str


def of(services: t.Sequence[Raw], live: Raw) -> Around:
    """Return the common resources.  Raises RefusedError unless there is one network and at most one listener."""
    vpcs = {vpc["VpcId"]: vpc for vpc in live["vpcs"]}
    if len(vpcs) != 1:
        raise RefusedError(
            f"The services are in {len(vpcs)} VPCs ({', '.join(sorted(vpcs))}), and an inventory has one: take those of"
            " each over by a run of its own, with -e service=NAME."
        )
    listener = _listener(services, live)
    balancer = (listener or {}).get("LoadBalancerArn")
    return Around(
        next(iter(vpcs.values())),
        _tiers(services, live),
        next((one for one in live["load_balancers"] if one["LoadBalancerArn"] == balancer), None),
        listener,
        _namespace(live),
        services[0]["serviceArn"].split(":")[4],
    )


def _listener(services: t.Sequence[Raw], live: Raw) -> Raw | None:
    """Return the common listener of the services' rules, preferably an HTTPS one."""
    every = {one["ListenerArn"]: one for some in live["listeners"].values() for one in some}
    used = [own for service in services if (own := balanced.listeners(service, live))]
    if not used:
        return None
    common = set.intersection(*used)
    if not common:
        raise RefusedError(
            "The services are behind different listeners, and an inventory has one: take those of each over by a run of"
            " its own, with -e service=NAME or -e load_balancer=ARN."
        )
    return every[min(common, key=lambda arn: (every[arn].get("Protocol") != "HTTPS", arn))]


def _tiers(services: t.Sequence[Raw], live: Raw) -> dict[str, list[str]]:
    tiers: dict[str, set[str]] = {"apps": set(), "public": set()}
    for service in services:
        network = service["networkConfiguration"]["awsvpcConfiguration"]
        tiers["public" if network.get("assignPublicIp") == "ENABLED" else "apps"] |= set(network["subnets"])
    if not tiers["public"]:
        tiers["public"] = {subnet["SubnetId"] for subnet in live["of_load_balancers"]}
    return {tier: sorted(ids) for tier, ids in tiers.items()}


def _namespace(live: Raw) -> Raw | None:
    found = {one["Namespace"]["Id"]: one["Namespace"] for one in live["registries"].values() if one.get("Namespace")}
    return next((found[key] for key in sorted(found)), None)


def platform(around: Around, cluster: str, inputs: Raw) -> Platform:
    """Return the layers below for C(_layers.services), with ids in place of names.

    I(inputs) has C(name_prefix), C(region) and C(tags) of the new inventory.
    """
    balancer, listener = around.load_balancer, around.listener or {}
    arn = str((balancer or {}).get("LoadBalancerArn", ""))
    group = next(iter((balancer or {}).get("SecurityGroups") or []), None)
    name = str((balancer or {}).get("LoadBalancerName", ""))
    return {
        "name_prefix": inputs["name_prefix"],
        "region": inputs["region"],
        "tags": inputs["tags"],
        "permissions_boundary": "",
        "show_environment": False,
        "check_mode": True,
        "partition": partition(inputs["region"]),
        "account_id": around.account_id,
        "cluster": last(cluster),
        "execution_role": execution_role_name(inputs["name_prefix"]),
        "exec_policy": None,
        "namespace": around.namespace["Name"] if around.namespace else "",
        "namespace_id": around.namespace["Id"] if around.namespace else None,
        "http_namespace": "",
        "http_namespace_id": None,
        "namespace_arns": {},
        "namespaces_by_id": {around.namespace["Id"]: around.namespace["Name"]} if around.namespace else {},
        "vpc": around.vpc["VpcId"],
        "vpc_id": around.vpc["VpcId"],
        "subnets": {tier: {one: one for one in ids} for tier, ids in around.subnets.items()},
        "load_balancer": name,
        "load_balancer_suffix": arn.partition(":loadbalancer/")[2],
        "load_balancer_group": group or "",
        "load_balancer_group_id": group,
        "listener": f"{name}:{listener.get('Port', '')}",
        "listener_arn": listener.get("ListenerArn"),
        "listener_protocol": None,
        "other_namespaces": {},
        "other_listeners": {},
    }
