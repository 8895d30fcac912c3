# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The layer of the image as resources of a plan."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._resources.ecr import decide, in_use

Values = dict[str, t.Any]
COMPARED = (*decide.FIELDS, "tags")


def found(repository: Values | None, image: Values | None, images: t.Sequence[Values] = ()) -> list[Resource]:
    """Return what there is as a plan's found resources.

    I(image) is the one that is built, not there without a digest; I(images) are those to name besides, in ECR's words.
    """
    if repository is None:
        return []
    name = repository["name"]
    values = {path: repository[path] for path in COMPARED}
    result: list[Resource] = [{"type": "ecr_repository", "name": name, "id": repository["arn"], "values": values}]
    if image and image["digest"]:
        result.append({"type": "image", "name": f"{name}:{image['tag']}", "id": image["digest"], "values": {}})
    named = [(_image_name(name, entry), entry["imageDigest"]) for entry in images]
    return result + [{"type": "image", "name": title, "id": digest, "values": {}} for title, digest in sorted(named)]


def _image_name(repository: str, image: Values) -> str:
    given = sorted(image.get("imageTags") or [])
    # What says that a service uses it is not a name of its own, for as long as it has another.
    tags = ",".join([tag for tag in given if not tag.startswith(in_use.PREFIX)] or given)
    return f"{repository}:{tags}" if tags else f"{repository}@{image['imageDigest']}"


def desired(repository: Values, image_tag: str | None) -> list[Resource]:
    """Return a plan's desired resources: the repository and, where one is to be built, the image of this tag."""
    wanted = decide.wanted_values(repository)
    values = {path: wanted[path] for path in COMPARED if wanted.get(path) is not None}
    result: list[Resource] = [
        {"type": "ecr_repository", "name": wanted["name"], "values": values, "fixed": ["encryption_type", "kms_key"]}
    ]
    if image_tag:
        result.append({"type": "image", "name": f"{wanted['name']}:{image_tag}", "values": {}})
    return result
