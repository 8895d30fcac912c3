# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look-ups in ECR of the images of task definitions."""

from __future__ import annotations

import re
import typing as t

from ..._aws.errors import BotoCoreError, ClientError, RefusedError
from . import api, in_use
from . import decide as ecr

ClientOf = t.Callable[..., t.Any]

# the local AWS puts the host of its registry before ECR's
IN_ECR = re.compile(r"(?:^|/)(\d{12}\.dkr[.-]ecr\..+)")
# Docker pulls the tag latest of an image without tag and digest
NAME_ALONE = re.compile(r"[^/]+(/[^:@/]+)+")


class Place(t.NamedTuple):
    """An image in a private registry of ECR."""

    account: str
    region: str
    reference: ecr.Reference


def place_of(image: str) -> Place | None:
    """Return the place of an image in ECR; None for another registry.  Raises RefusedError for an invalid one."""
    match = IN_ECR.search(image)
    if match is None:
        return None
    reference = ecr.parse_reference(f"{match[1]}:latest" if NAME_ALONE.fullmatch(match[1]) else match[1])
    registry = ecr.ecr_registry(reference.host)
    return Place(*registry, reference) if registry else None


def described(client: ClientOf, place: Place) -> dict[str, t.Any] | None:
    """Return an image as DescribeImages does; None if it does not exist. Raises ArchivedError."""
    reference = place.reference
    ecr_client = client("ecr", region=place.region)
    return api.describe_image(ecr_client, reference.repository, reference.tag, reference.digest, place.account)


def missing(client: ClientOf, images: t.Iterable[str]) -> list[str]:
    """Return the images of ECR that can't be pulled; one that can't be looked up counts as available."""
    return [image for image in images if _state(client, image)]


GONE, ARCHIVED = "gone", "archived"
UNKNOWN = (BotoCoreError, ClientError, RefusedError)
"""Errors of a look-up, after which it is unknown whether an image can be pulled."""


def unavailable(client: ClientOf, images: t.Iterable[str]) -> dict[str, str]:
    """Return GONE or ARCHIVED for each image of ECR that is known to be so."""
    found = {image: _state(client, image) for image in images}
    return {image: state for image, state in found.items() if state}


def _state(client: ClientOf, image: str) -> str:
    try:
        place = place_of(image)
        return GONE if place is not None and described(client, place) is None else ""
    except api.ArchivedError:
        return ARCHIVED
    except UNKNOWN:
        return ""


def tags(client: ClientOf, image: str) -> list[str]:
    """Return the tags of an image that is given by its digest, without those of C(in_use); none if unknown."""
    try:
        place = place_of(image)
        if place is None or not place.reference.digest:
            return []
        given = (described(client, place) or {}).get("imageTags") or []
        return [tag for tag in given if not tag.startswith(in_use.PREFIX)]
    except UNKNOWN:
        return []


def architectures(client: ClientOf, image: str) -> list[str] | None:
    """Return the architectures of an image as ECS names them.

    They are [] if unknown, [ARCHIVED] if the image is in ECR's archive, and None if ECR does not have it.  Raises
    RefusedError for an image of ECR with an invalid tag or digest.
    """
    place = place_of(image)
    if place is None:
        return []
    try:
        found = described(client, place)
    except api.ArchivedError:
        return [ARCHIVED]
    if found is None:
        return None
    ecr_client = client("ecr", region=place.region)
    return api.image_architectures(ecr_client, place.reference.repository, found["imageDigest"], place.account)
