# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the desired resources by AWS's constraints, before anything is read or written.

What only AWS knows, such as certificates, hosted zones and ids, has placeholders.
"""

from __future__ import annotations

import typing as t

from .._aws.region import partition
from .._constraints.resources import refusals
from .._plan.model import Resource
from .._plan.names import alb_name, cluster_name, execution_role_name, vpc_name
from .._resources.iam import boundary
from .alb import desired as alb
from .alb import kept
from .ecr_push import resources as ecr_push
from .ecs_cluster import desired as ecs_cluster
from .services import desired as services
from .services.platform import Platform
from .services.validate_containers import KNOWN_LATER
from .vpc import desired as vpc

Inputs = t.Mapping[str, t.Any]

ACCOUNT = "0" * 12
ADDRESSES = "10.0.0.0/16"
NAMESPACE = "internal"
IMAGE = "image"


def wrong(kind: str, inputs: Inputs) -> list[str]:
    """Return an error for each value that AWS would reject, of inputs without other errors."""
    return refusals(RESOURCES[kind](inputs))


def _vpc(inputs: Inputs) -> list[Resource]:
    return [] if inputs.get("vpc_id") else vpc.resources(inputs, {zone: zone for zone in inputs["zones"]})


def _alb(inputs: Inputs) -> list[Resource]:
    if kept.asked(inputs):
        return []
    network = {
        "vpc": {"name": vpc_name(inputs["name_prefix"]), "cidr_block": ADDRESSES},
        "public_subnets": [],
        "apps_subnets": [],
    }
    further = [one for one in inputs["certificates"] if one.startswith("arn:")]
    found = {"certificate_arn": inputs["certificate_arn"] or None, "certificates": further}
    return alb.resources(inputs, network, found)


def _ecs_cluster(inputs: Inputs) -> list[Resource]:
    return ecs_cluster.resources({**inputs, "account_id": ACCOUNT, "others_boundary": False})


def _ecr_push(inputs: Inputs) -> list[Resource]:
    return [] if inputs["image"] else ecr_push.desired(inputs["repository"], None)


def _services(inputs: Inputs) -> list[Resource]:
    platform = _platform(inputs)
    return [entry for one in inputs["services"] for entry in services.resources(_with_image(one), platform, {})]


def _with_image(service: Inputs) -> dict[str, t.Any]:
    """Return a service with a placeholder for an image that is not built yet."""
    sidecars = [{**one, "image": IMAGE} if one["image"] == KNOWN_LATER else one for one in service["sidecars"]]
    return {**service, "image": IMAGE if service["image"] == KNOWN_LATER else service["image"], "sidecars": sidecars}


def _platform(inputs: Inputs) -> Platform:
    """Return a platform that does not exist yet."""
    prefix = inputs["name_prefix"]
    return {
        "name_prefix": prefix,
        "region": inputs["region"],
        "tags": inputs["tags"],
        "permissions_boundary": boundary.arn(
            inputs["permissions_boundary"], partition(inputs["region"]), ACCOUNT, prefix
        ),
        "show_environment": False,
        "check_mode": True,
        "repository": inputs.get("repository"),
        "partition": partition(inputs["region"]),
        "account_id": ACCOUNT,
        "cluster": cluster_name(prefix),
        "execution_role": execution_role_name(prefix),
        "exec_policy": None,
        "namespace": NAMESPACE,
        "namespace_id": None,
        "http_namespace": "",
        "http_namespace_id": None,
        "namespace_arns": {},
        "namespaces_by_id": {},
        "vpc": vpc_name(prefix),
        "vpc_id": None,
        "subnets": {"apps": {}, "public": {}},
        "load_balancer": alb_name(prefix),
        "load_balancer_suffix": None,
        "load_balancer_group": f"{alb_name(prefix)}-sg",
        "load_balancer_group_id": None,
        "listener": f"{alb_name(prefix)}:80",
        "listener_arn": None,
        "listener_protocol": None,
        "other_namespaces": {},
        "other_listeners": {},
    }


RESOURCES: dict[str, t.Callable[[Inputs], list[Resource]]] = {
    "vpc": _vpc,
    "alb": _alb,
    "ecs_cluster": _ecs_cluster,
    "ecr_push": _ecr_push,
    "service": _services,
}
"""The desired resources by the kind of inputs, as the module C(validate) takes it."""
