# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What services need of the layers below them.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

from ..._aws.region import partition
from ..._resources.iam import boundary

Data = t.Mapping[str, t.Any]


def of(inputs: Data, vpc: Data, alb: Data, cluster: Data) -> dict[str, t.Any]:
    """Return the platform: names of the other layers' things, and their ids, null if they are only planned.

    I(inputs) has C(name_prefix), C(region), C(tags), C(permissions_boundary), C(show_environment) and C(check_mode).
    """
    name_of = partition(inputs["region"])
    asked = inputs.get("permissions_boundary", "")
    balancer, listener = alb["load_balancer"], alb["service_listener"] or {}
    return {
        **inputs,
        "partition": name_of,
        "permissions_boundary": boundary.arn(asked, name_of, cluster["account_id"], inputs.get("name_prefix", "")),
        "account_id": cluster["account_id"],
        "cluster": cluster["cluster"]["name"],
        "execution_role": _name(cluster.get("execution_role")),
        "exec_policy": _name(cluster.get("exec_policy")),
        "namespace": _name(cluster.get("namespace")) or "",
        "namespace_id": (cluster.get("namespace") or {}).get("id"),
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


def known(platform: Data) -> dict[str, str]:
    """Return the names of the other layers' things by their ids."""
    names = {platform["vpc_id"]: platform["vpc"], platform["load_balancer_group_id"]: platform["load_balancer_group"]}
    for subnets in platform["subnets"].values():
        names |= {found: name for name, found in subnets.items()}
    return {found: name for found, name in names.items() if found}


def _name(thing: Data | None) -> str | None:
    return thing["name"] if thing else None
