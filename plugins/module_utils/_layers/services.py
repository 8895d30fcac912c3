# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The services' part of a plan: those of all layers together, as they share a listener's priorities."""

from __future__ import annotations

import typing as t

from .._service import found, platform
from .._service import plan as services
from . import prune
from .model import Asked, Data, Part, Place, Resource, place_of

FACT = "fargate_service_info"
BELOW = ("vpc", "alb", "ecs_cluster")


def query(layers: t.Sequence[Asked]) -> dict[str, t.Any]:
    """Return what M(magiclub.fargate.platform_info) is to read, as its option I(services)."""
    wanted = [service for layer in layers for service in layer.inputs["services"]]
    return {
        "names": [service["name"] for service in wanted],
        "images": services.images([one for layer in layers if layer.is_present for one in layer.inputs["services"]]),
        "inactive_revisions": not all(layer.is_present for layer in layers),
    }


def below(inputs: Data) -> dict[str, Place]:
    """Return the layers that services stand on."""
    image = inputs.get("image_inputs")
    return {**dict.fromkeys(BELOW, place_of(inputs)), **({"ecr_push": place_of(image)} if image else {})}


def needed(inputs: Data) -> list[str]:
    """Return those of them that have to be there: a removal goes on if one is gone already."""
    if inputs["state"] == "absent":
        return []
    balanced = any(service["rule"] for service in inputs["services"])
    return ["vpc", *(["alb"] if balanced else []), "ecs_cluster", *(["ecr_push"] if inputs.get("needs_image") else [])]


def info(inputs: Data, read: Data, names: t.Sequence[str]) -> dict[str, t.Any]:
    """Return C(fargate_service_info) of these services."""
    there = {name: one for name, one in (read.get("services") or {}).items() if name in names}
    return {
        "name_prefix": inputs["name_prefix"],
        "region": inputs["region"],
        "names": list(names),
        "cluster": f"{inputs['name_prefix']}-ecs",
        "services": there,
        "rules": read.get("rules") or [],
        "missing_images": read.get("missing_images") or [],
        "resources": [entry for one in there.values() for entry in found.resources(one)],
        "steady": all(one["steady"] for one in there.values()),
    }


def parts(
    layers: t.Sequence[Asked],
    read: Data,
    below: Data,
    built: bool,
    leaving: t.Container[str] = (),
    planned: t.Iterable[Resource] = (),
) -> dict[str, Part]:
    """Return the part of each layer of services; I(built) tells that their image is, in this run.

    I(leaving) are the ARNs of the rules of services that the same run removes, I(planned) the resources of all others.
    """
    first = layers[0]
    wanted = [service for layer in layers for service in layer.inputs["services"]]
    known = info(first.inputs, read, [service["name"] for service in wanted])
    known["rules"] = [{**rule, "leaving": rule["arn"] in leaving} for rule in known["rules"]]
    if not first.is_present:
        naming = read.get("naming_groups") or []
        return {layer.name: _removal(layer, known, naming, planned) for layer in layers}
    around = platform.of(first.inputs, below["vpc"], below["alb"], below["ecs_cluster"])
    numbered = {service["name"]: service for service in services.with_priorities(wanted, known)}
    result = {}
    for layer in layers:
        own = [numbered[service["name"]] for service in layer.inputs["services"]]
        compared = services.compared(own, {**around, **_of_layer(layer)}, known)
        result[layer.name] = Part(compared["desired"], compared["found"], known)
    result[first.name].warnings = services.warnings(list(numbered.values()), around, known)
    later = {"check_mode": built or first.inputs["check_mode"]}
    result[first.name].obstacles = services.obstacles(list(numbered.values()), {**around, **later}, known)
    return result


def _removal(layer: Asked, known: dict[str, t.Any], naming: t.Iterable[Data], planned: t.Iterable[Resource]) -> Part:
    there = _own(layer, known)["resources"]
    going = {entry["id"] for entry in known["resources"]}
    others = [group for group in naming if group["group_id"] not in going]
    is_pruned = layer.name == prune.LAYER
    obstacles = prune.obstacles(there, layer.inputs["tags"], others, planned) if is_pruned else []
    return Part([], there, known, obstacles, claimed=services.claims(layer.inputs["services"], known))


def _of_layer(layer: Asked) -> dict[str, t.Any]:
    return {key: layer.inputs[key] for key in ("tags", "show_environment")}


def _own(layer: Asked, known: Data) -> dict[str, t.Any]:
    return info(layer.inputs, known, [service["name"] for service in layer.inputs["services"]])
