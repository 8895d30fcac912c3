# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What services need and the cluster, or an existing network or load balancer, does not provide."""

from __future__ import annotations

import typing as t

from ..._resources.iam import boundary
from ..alb import kept as alb
from ..ecs_cluster import kept as existing_cluster
from . import routes, strategy

Data = t.Mapping[str, t.Any]


def problems(services: t.Iterable[Data], lower: Data, bounded_by: str = "") -> list[str]:
    """Return an error for each thing that services lack there, known before the first change.

    :param lower: the facts of C(vpc), C(alb) and C(ecs_cluster).
    :param bounded_by: the input C(permissions_boundary) of the services' roles.
    """
    wanted, network, balancer = list(services), lower["vpc"], lower["alb"]
    result = []
    for service in wanted:
        errors = list(_of_cluster(service, lower["ecs_cluster"]))
        errors += _of_network(service, network) if network.get("kept") else []
        if balancer.get("kept") and service["rules"]:
            errors += _of_balancer(service, balancer, network, bounded_by)
        result += [f"Service '{service['name']}': {sentence}" for sentence in errors]
    return result


def _of_cluster(service: Data, cluster: Data) -> t.Iterator[str]:
    """Yield an error if the cluster does not have the service's capacity providers (API_CreateService)."""
    wanted = {one["capacity_provider"] for one in service["capacity_provider_strategy"]}
    found = next((one for one in cluster["resources"] if one["type"] in ("ecs_cluster", existing_cluster.TYPE)), None)
    missing = sorted(wanted.difference(found["values"]["capacity_providers"])) if found else []
    step = "Ask its owner to add that"
    if not cluster.get("kept"):
        step = "Add that to ecs_cluster_capacity_providers, in a run with the layer ecs_cluster"
    if missing:
        yield (
            f"cluster {cluster['cluster']['name']} does not have capacity provider {', '.join(missing)}. {step}, or set"
            " capacity_provider_strategy: [] of the service, for the launch type FARGATE."
        )


def _of_network(service: Data, network: Data) -> t.Iterator[str]:
    tier = service["subnets"]
    stuck = network["stuck"][tier]
    if not network[f"{tier}_subnets"]:
        yield (
            f"its tasks run in the subnets {tier}, of which vpc_{tier}_subnet_ids names none. Set that, or subnets of"
            " the service."
        )
    elif stuck:
        lacks = "no route to the internet" if tier == "apps" else "no default route to an internet gateway"
        yield (
            f"{', '.join(stuck)} of vpc_{tier}_subnet_ids: {lacks}, nor endpoints for ecr.api, ecr.dkr and logs, so"
            f" that its tasks could neither pull their image nor write logs. Choose others, or ask the owner of"
            f" {network['vpc']['id']} for a route."
        )


def _of_balancer(service: Data, balancer: Data, network: Data, bounded_by: str) -> list[str]:
    subnets = network[f"{service['subnets']}_subnets"]
    result = alb.problems(balancer, network, routes.ports(service), subnets)
    if strategy.shifts(service) and bounded_by == boundary.PLATFORM:
        result.append(
            f"with deployment.strategy {service['deployment']['strategy']} ECS changes its rule, and the boundary of"
            f" the platform lets it change none of load balancer {balancer['load_balancer']['name']}. Set"
            " fargate_permissions_boundary to a policy that does, or deploy by rolling."
        )
    return result
