# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Desired and found resources of the ecr_push layer."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._resources.ecr import decide, in_use

Values = dict[str, t.Any]
COMPARED = (*decide.FIELDS, "tags")


def found(repository: Values | None, image: Values | None, images: t.Sequence[Values] = ()) -> list[Resource]:
    """Return the found resources.

    I(image) is the one that is built; it exists if it has a digest.  I(images) are further ones, as ECR describes them.
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
    # in-use tags are shown only if the image has no other tag
    tags = ",".join([tag for tag in given if not tag.startswith(in_use.PREFIX)] or given)
    return f"{repository}:{tags}" if tags else f"{repository}@{image['imageDigest']}"


def desired(repository: Values, image_tag: str | None, scanned_by_registry: bool = False) -> list[Resource]:
    """Return the desired resources: the repository and, if one is built, the image with this tag.

    The repository's scan_on_push has no effect if the registry scans, and AWS is about to end it, so it is left out.
    """
    wanted = decide.wanted_values({**repository, **({"scan_on_push": None} if scanned_by_registry else {})})
    values = {path: wanted[path] for path in COMPARED if wanted.get(path) is not None}
    result: list[Resource] = [
        {"type": "ecr_repository", "name": wanted["name"], "values": values, "fixed": ["encryption_type", "kms_key"]}
    ]
    if image_tag:
        result.append({"type": "image", "name": f"{wanted['name']}:{image_tag}", "values": {}})
    return result
