# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags for the images that services use and used last, which a lifecycle policy keeps.

ECR can also count the time since the last pull (C(sinceImagePulled)), but only to archive images, which can't be pulled
then; and it would count the image of tasks that run for months without a restart as unused.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

from __future__ import annotations

import re
import typing as t

PREFIX = "in-use-"
"""The prefix of the tags; the lifecycle policy of the role ecr_push has it, too."""


class Change(t.NamedTuple):
    """Tags to add to the image, and tags to remove from any image."""

    add: list[str]
    remove: list[str]


def tag(service: str, revision: int) -> str:
    """Return the tag for the image of a service's revision.

    It includes the revision, as a repository with immutable tags does not let a tag move to another image.
    """
    return f"{PREFIX}{service}-{revision}"


def change(service: str, revision: int, images: t.Iterable[t.Mapping[str, t.Any]], digest: str, keep: int) -> Change:
    """Return the tags to change when a revision serves.

    :param images: the images of the repository, as DescribeImages returns them.
    :param digest: digest of the image that serves.
    :param keep: number of previous revisions to keep, the newest.
    """
    pattern = re.compile(rf"{re.escape(PREFIX)}{re.escape(service)}-([1-9][0-9]*)")
    tagged = {
        int(match[1]): image
        for image in images
        for match in map(pattern.fullmatch, image.get("imageTags") or [])
        if match
    }
    others = sorted((number for number in tagged if number != revision), reverse=True)
    # never the last tag of an image: that would delete the image, which is left to the lifecycle policy
    gone = [number for number in others[keep:] if len(tagged[number].get("imageTags") or []) > 1]
    moved = revision in tagged and tagged[revision]["imageDigest"] != digest
    wanted = tag(service, revision)
    remove = [tag(service, number) for number in sorted(gone)]
    if moved:
        return Change([wanted], [wanted, *remove])
    return Change([] if revision in tagged else [wanted], remove)
