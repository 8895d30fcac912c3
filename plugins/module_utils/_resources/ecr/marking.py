# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags the image of the revision that serves as in use, and removes the tags of old revisions."""

from __future__ import annotations

import typing as t

from ..._aws.errors import BotoCoreError, ClientError, RefusedError, explain
from . import api, images, in_use

KEPT = 10
"""Number of previous revisions whose images are kept."""
OPTIONS: dict[str, dict[str, t.Any]] = {
    "image": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "revision": {"type": "int", "required": True},
    "name_prefix": {"type": "str", "required": True},
    "account_id": {"type": "str", "required": True},
    "keep": {"type": "int", "default": KEPT},
}
NOTHING = in_use.Change([], [])
Given = t.Mapping[str, t.Any]


def place_of(given: Given, region: str | None) -> images.Place | None:
    """Return the place of the image of these C(OPTIONS), None if it is in none of the platform's repositories."""
    try:
        place = images.place_of(given["image"])
    except RefusedError:
        return None
    if place is None or (place.account, place.region) != (given["account_id"], region):
        return None
    return place if place.reference.repository.startswith(f"{given['name_prefix']}-") else None


def mark(client: t.Any, given: Given, place: images.Place, *, write: bool) -> tuple[in_use.Change, str]:
    """Add and remove the tags; return the change, which without I(write) is not carried out, and a warning."""
    repository = place.reference.repository
    found = api.describe_image(client, repository, place.reference.tag, place.reference.digest)
    if found is None:
        return NOTHING, (
            f"ECR has no image {given['image']}, though {given['service']} serves with it: new tasks can't start."
        )
    digest = found["imageDigest"]
    change = in_use.change(
        given["service"], given["revision"], api.list_images(client, repository), digest, given["keep"]
    )
    if write and change.remove:
        api.remove_tags(client, repository, change.remove)
    for image_tag in change.add if write else []:
        api.put_tag(client, repository, api.image_manifest(client, repository, digest), image_tag)
    return change, ""


def mark_if_allowed(
    client_of: t.Callable[[str], t.Any], given: Given, region: str | None, *, write: bool
) -> tuple[in_use.Change, str]:
    """As C(mark), but with a warning if AWS refuses, and without effect on images that are not the platform's."""
    place = place_of(given, region)
    if place is None:
        return NOTHING, ""
    try:
        return mark(client_of("ecr"), given, place, write=write)
    except RefusedError as error:
        # the image is archived
        return NOTHING, str(error)
    except (BotoCoreError, ClientError) as error:
        return NOTHING, (
            f"The image of {given['service']} could not be tagged, so ECR may expire it while it runs."
            f" {explain(error, 'tag it')} Allow ecr:DescribeImages, ecr:BatchGetImage, ecr:PutImage and"
            " ecr:BatchDeleteImage."
        )
