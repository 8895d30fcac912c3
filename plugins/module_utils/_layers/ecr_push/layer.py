# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ecr_push layer's part of a plan. An image's tag is known before the build, its digest only after the push."""

from __future__ import annotations

import typing as t

from ..._plan import compare
from ..model import Data, Part, Place, Resource
from . import resources as ecr

FACT = "ecr_push_info"


def query(inputs: Data) -> dict[str, t.Any]:
    """Return the value of platform_info's option O(ecr_push)."""
    present = inputs["state"] == "present"
    image = inputs["image"] if present else ""
    options = {
        "name": inputs["repository"]["name"],
        "build": inputs["build"] if present and not image else {},
        "image": image,
        "docker_host": inputs["docker_host"],
    }
    return {**{key: value for key, value in options.items() if value}, "all_images": not present}


def lookup(inputs: Data) -> dict[str, t.Any]:
    """Return the query for the services that run its image."""
    return query(inputs)


def dependencies(_inputs: Data) -> dict[str, Place]:
    """Return the layers that this one depends on: none."""
    return {}


def info(place: Place, resources: t.Sequence[Resource], read: Data, inputs: Data) -> dict[str, t.Any]:
    """Return C(ecr_push_info)."""
    repository, image = read["repository"] or {}, read["image"]
    there = bool((image or {}).get("digest"))
    return {
        "name_prefix": place.name_prefix,
        "region": place.region,
        "key": inputs.get("key", ""),
        "exists": bool(repository),
        "planned": there,
        "ready": there,
        "repository": {
            "name": inputs["repository"]["name"],
            "uri": repository.get("uri"),
            "arn": repository.get("arn"),
        },
        "image": image,
        "scanned_by_registry": read["scanned_by_registry"],
        "resources": list(resources),
    }


def unmet(known: Data) -> str:
    """Return the error for services whose image is not in ECR, with the next step."""
    return (
        f"No image {known['repository']['name']}:{(known['image'] or {}).get('tag')} in ECR of {known['region']}:"
        " the source has changed since the last push, or nothing was pushed yet."
        " Run playbooks/site.yml with '--tags ecr_push' first."
    )


def plan(inputs: Data, place: Place, read: Data, _lower: Data) -> Part:
    """Return the layer's part of the plan."""
    found = list(read["resources"])
    if inputs["state"] == "absent":
        obstacles = with_images(inputs["repository"]["name"], found, inputs["force_delete"])
        return Part([], found, info(place, found, read, inputs), obstacles)
    if inputs["image"]:
        # An image from another registry needs no repository, but is no reason to delete an existing one.
        return Part([], [], info(place, found, read, inputs))
    tag = read["image"]["tag"] if read["image"] else None
    wanted = ecr.desired(inputs["repository"], tag, read["scanned_by_registry"])
    facts = {**info(place, compare.expected(wanted, found), read, inputs), "planned": True}
    obstacle = read["obstacle"] if not inputs["check_mode"] else None
    return Part(wanted, found, facts, [obstacle] if obstacle else [])


def with_images(repository: str, found: t.Iterable[Resource], force_delete: bool) -> list[str]:
    """Return an error if the repository still has images and I(force_delete) is not set."""
    names = [entry["name"] for entry in found if entry["type"] == "image"]
    images = [name for name in names if name.startswith((f"{repository}:", f"{repository}@"))]
    if not images or force_delete:
        return []
    return [
        f"Repository {repository} was not removed, as its images would be lost ({len(images)}):"
        f" {', '.join(images)}. Set ecr_push_force_delete to true to delete them, too."
    ]
