# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The part of services in a plan. All layers of services are planned together: they share a listener's priorities."""

from __future__ import annotations

import datetime
import functools
import typing as t

from ..._plan.names import cluster_name, exec_policy_name, execution_role_name
from ..ecr_push import layer as ecr_push
from ..model import Asked, Data, Part, Place, Resource, place_of
from . import (
    connect,
    found,
    images,
    overlaps,
    plan,
    platform,
    priorities,
    pruned,
    queue,
    routes,
    scaling_schedules,
    strategy,
)
from . import obstacles as in_the_way
from .names import Names, given_names
from .others import problems as existing_problems

FACT = "fargate_service_info"
LOWER = ("vpc", "alb", "ecs_cluster")


def query(layers: t.Sequence[Asked]) -> dict[str, t.Any]:
    """Return the value of platform_info's option O(services)."""
    wanted = [service for layer in layers for service in layer.inputs["services"]]
    staying = [service for layer in layers if layer.is_present for service in layer.inputs["services"]]
    return {
        "names": [service["name"] for service in wanted],
        "given_names": {service["name"]: given for service in wanted if (given := given_names(service))},
        "shared_namespaces": connect.given_namespaces(staying),
        "other_queues": queue.existing_names(staying),
        "images": images.named(staying),
        "client_secrets": routes.client_secrets(staying),
        "repositories": {name: one for layer in layers for name, one in _repositories(layer).items()},
        "inactive_revisions": not all(layer.is_present for layer in layers),
    }


def _repositories(layer: Asked) -> dict[str, t.Any]:
    """Return the queries for the services' repositories: for a service to be removed, all images in it."""
    wanted = layer.inputs["services"]
    if not layer.is_present:
        prefix, kept = layer.inputs["name_prefix"], layer.inputs.get("repository_of_lotto")
        own = [one["name"] for one in wanted if Names.of(prefix, one).repository != kept]
        return {name: {"all_images": True} for name in own}
    host = layer.inputs.get("docker_host")
    engine = {"docker_host": host} if host else {}
    return {service["name"]: {"build": service["build"], **engine} for service in wanted if service.get("build")}


def _build_obstacles(layer: Asked, known: Data) -> t.Iterator[str]:
    """Yield the obstacles to building images, one message each."""
    for service in layer.inputs["services"]:
        built = (known["services"].get(service["name"]) or {}).get("built") or {}
        wrong = [*(built.get("wrong") or []), *([built["obstacle"]] if _is_in_the_way(layer, built) else [])]
        yield from (f"Service '{service['name']}': {sentence}" for sentence in wrong)


def _is_in_the_way(layer: Asked, built: Data) -> bool:
    return bool(built.get("obstacle")) and not layer.inputs["check_mode"]


def dependencies(inputs: Data) -> dict[str, Place]:
    """Return the layers that services depend on."""
    image = inputs.get("image_inputs")
    return {**dict.fromkeys(LOWER, place_of(inputs)), **({"ecr_push": place_of(image)} if image else {})}


def needed(inputs: Data) -> list[str]:
    """Return the dependencies that must exist; a removal needs none."""
    if inputs["state"] == "absent":
        return []
    balanced = any(service["rule"] for service in inputs["services"])
    return ["vpc", *(["alb"] if balanced else []), "ecs_cluster", *(["ecr_push"] if inputs.get("needs_image") else [])]


def missing(inputs: Data, lower: Data) -> list[str]:
    """Return what the services need and the existing lower layers lack, one message each."""
    if inputs["state"] == "absent":
        return []
    wanted, prefix = inputs["services"], inputs["name_prefix"]
    cluster, balancer = lower["ecs_cluster"], lower["alb"]
    named = {entry["name"] for entry in cluster["resources"] if entry["type"] == "namespace"}
    used = ((inputs.get("below") or {}).get("ecs_cluster") or {}).get("used_namespaces") or []
    lacking = [
        *([] if cluster["execution_role"] else [f"role {execution_role_name(prefix)}"]),
        *(
            []
            if cluster["exec_policy"] or not _asks(wanted, "enable_execute_command")
            else [f"policy {exec_policy_name(prefix)}"]
        ),
        *(f"namespace {name}" for name in used if name not in named),
    ]
    found = [
        f"Service '{service['name']}': service_connect needs a namespace, and the platform has none. Set"
        " ecs_cluster_http_namespace or fargate_private_domain, or service_connect.namespace to one that is there."
        for service in wanted
        if service["service_connect"] and not connect.namespace(service, _namespaces(cluster))
    ]
    found += [
        f"Of the cluster {cluster['cluster']['name']} the {what} is missing. {_first('ecs_cluster')}"
        for what in lacking
    ]
    if _asks(wanted, "rule") and not balancer["service_listener"]:
        name = balancer["load_balancer"]["name"]
        found.append(f"Load balancer {name} has no listener for the rules of services. {_first('alb')}")
    found += [
        f"Service '{service['name']}': load balancer {balancer['load_balancer']['name']} has no listener at port"
        f" {port}, which deployment.test asks for. {_listener_for_tests(balancer)}"
        for service in wanted
        for port in [strategy.test_port(service)]
        if port and str(port) not in balancer["listeners"]
    ]
    return found


def _listener_for_tests(balancer: Data) -> str:
    if not balancer.get("kept"):
        return _first("alb")
    return "Ask its owner for one, or set deployment.test.header instead of the port."


def _namespaces(cluster: Data) -> platform.Namespaces:
    own, http = ((cluster.get(kind) or {}).get("name") or "" for kind in ("namespace", "http_namespace"))
    return {"namespace": own, "http_namespace": http}


def _asks(wanted: t.Iterable[Data], option: str) -> bool:
    return any(service.get(option) for service in wanted)


def _first(layer: str) -> str:
    return f"Run playbooks/site.yml with '--tags {layer}' first, or without --tags."


def without_internet_route(inputs: Data, network: Data) -> list[str]:
    """Return an error if tasks could neither pull their image nor write logs.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-outbound.html
    """
    if network.get("kept"):
        return []
    private = [service["name"] for service in inputs["services"] if service.get("subnets", "apps") == "apps"]
    endpoints = {entry["name"] for entry in network["resources"] if entry["type"] == "vpc_endpoint"}
    needed = {f"{network['name_prefix']}-{name}-endpoint" for name in ("ecr-api", "ecr-dkr", "logs")}
    if not private or network["nat_gateways"] or needed <= endpoints:
        return []
    return [
        f"Services {', '.join(private)} are in the apps subnets, which have neither a NAT gateway nor endpoints"
        " for ecr.api, ecr.dkr and logs: unless you have added a route to the internet, tasks can't pull their image."
        " Set vpc_nat, vpc_interface_endpoints, or subnets: public of the services."
    ]


def info(inputs: Data, read: Data, names: t.Sequence[str]) -> dict[str, t.Any]:
    """Return C(fargate_service_info) for these services."""
    there = {name: one for name, one in (read.get("services") or {}).items() if name in names}
    return {
        "name_prefix": inputs["name_prefix"],
        "region": inputs["region"],
        "names": list(names),
        "cluster": inputs.get("cluster") or cluster_name(inputs["name_prefix"]),
        "services": there,
        "rules": read.get("rules") or [],
        "missing_images": read.get("missing_images") or [],
        "missing_secrets": read.get("missing_secrets") or [],
        "shared_namespaces": read.get("shared_namespaces") or {},
        "other_queues": read.get("other_queues") or [],
        "resources": [entry for one in there.values() for entry in found.resources(one)],
        "steady": all(one["steady"] for one in there.values()),
    }


def parts(
    layers: t.Sequence[Asked],
    read: Data,
    lower: Data,
    built: bool,
    removed_rules: t.Container[str] = (),
    others: t.Sequence[Part] = (),
    now: t.Callable[[], datetime.datetime] = functools.partial(datetime.datetime.now, datetime.UTC),
) -> dict[str, Part]:
    """Return the part of each layer of services in the plan.

    :param built: whether this run builds their image.
    :param removed_rules: ARNs of the rules of services that the same run removes.
    :param others: the parts of the other layers.
    :param now: the clock, for schedules whose time has passed.
    """
    first = layers[0]
    wanted = [service for layer in layers for service in layer.inputs["services"]]
    known = info(first.inputs, read, [service["name"] for service in wanted])
    known["rules"] = [{**rule, "leaving": rule["arn"] in removed_rules} for rule in known["rules"]]
    known["rules"] = overlaps.with_balancers(known["rules"], first.inputs["name_prefix"], others)
    if not first.is_present:
        naming = read.get("naming_groups") or []
        return {layer.name: _removal(layer, known, naming, others) for layer in layers}
    around = platform.of(first.inputs, lower["vpc"], lower["alb"], lower["ecs_cluster"])
    around = platform.with_shared(around, known["shared_namespaces"])
    moment = now()
    known["services"] = scaling_schedules.with_passed(wanted, around["name_prefix"], known["services"], moment)
    numbered = {
        service["name"]: service for service in priorities.with_priorities(wanted, around["name_prefix"], known)
    }
    result = {}
    for layer in layers:
        own = [numbered[service["name"]] for service in layer.inputs["services"]]
        both = plan.compared(own, t.cast("platform.Platform", {**around, **_of_layer(layer)}), known)
        result[layer.name] = Part(both["desired"], both["found"], known)
    out = [sentence for layer in layers for sentence in without_internet_route(layer.inputs, lower["vpc"])]
    over = [
        sentence
        for service in wanted
        for sentence in scaling_schedules.expired(
            service, around["name_prefix"], known["services"][service["name"]], moment
        )
    ]
    result[first.name].warnings = [*in_the_way.warnings(list(numbered.values()), around, known), *out, *over]
    later: platform.Platform = {**around, "check_mode": built or first.inputs["check_mode"]}
    obstacles = in_the_way.obstacles(list(numbered.values()), later, known)
    builds = [sentence for layer in layers for sentence in _build_obstacles(layer, known)]
    lacking = [
        *missing({**first.inputs, "services": wanted}, lower),
        *existing_problems(wanted, lower, first.inputs["permissions_boundary"]),
    ]
    result[first.name].obstacles = [*lacking, *builds, *obstacles]
    return result


def _removal(layer: Asked, known: dict[str, t.Any], naming: t.Iterable[Data], others: t.Sequence[Part]) -> Part:
    kept = layer.inputs.get("repository_of_lotto")
    taken = {(entry["type"], entry["name"]) for part in others for entry in part.found}
    own = [entry for entry in _own(layer, known)["resources"] if (entry["type"], entry["name"]) not in taken]
    there = [entry for entry in own if not _is_of(entry, kept)]
    going = {entry["id"] for entry in known["resources"]}
    staying = [group for group in naming if group["group_id"] not in going]
    planned = [entry for part in others for entry in part.desired]
    is_pruned = layer.name == pruned.LAYER
    obstacles = pruned.obstacles(there, layer.inputs["tags"], staying, planned) if is_pruned else []
    obstacles += _with_images(layer.inputs, there)
    return Part([], there, known, obstacles, claimed=plan.claims(layer.inputs["services"], known))


def _is_of(entry: Resource, repository: str | None) -> bool:
    is_of_one = entry["type"] in ("ecr_repository", "image")
    return is_of_one and entry["name"].partition(":")[0].partition("@")[0] == repository


def _with_images(inputs: Data, there: t.Sequence[Resource]) -> list[str]:
    repositories = [entry["name"] for entry in there if entry["type"] == "ecr_repository"]
    return [one for name in repositories for one in ecr_push.with_images(name, there, bool(inputs.get("force_delete")))]


def _of_layer(layer: Asked) -> dict[str, t.Any]:
    return {key: layer.inputs.get(key) for key in ("tags", "show_environment", "repository")}


def _own(layer: Asked, known: Data) -> dict[str, t.Any]:
    return info(layer.inputs, known, [service["name"] for service in layer.inputs["services"]])
