# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags that say which images services use and used last: a lifecycle policy keeps what has one.

ECR can count since the last pull, too (C(sinceImagePulled)), but only to archive an image, and nothing can be pulled
from the archive; and the image of tasks that run for months without a restart counts as unused.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

from __future__ import annotations

import re
import typing as t

PREFIX = "in-use-"
"""What the tags begin with; the lifecycle policy of the role ecr_push names it."""


class Change(t.NamedTuple):
    """Tags to set on the image, and to take off any."""

    add: list[str]
    remove: list[str]


def tag(service: str, revision: int) -> str:
    """Return the tag for the image of a service's revision.

    No tag is ever moved to another image, as a repository with immutable tags would not have it.
    """
    return f"{PREFIX}{service}-{revision}"


def change(service: str, revision: int, images: t.Iterable[t.Mapping[str, t.Any]], digest: str, keep: int) -> Change:
    """Return what to do once a revision serves.

    :param images: those of the repository, as DescribeImages returns them.
    :param digest: of the image that serves.
    :param keep: how many revisions that served before are kept, the newest.
    """
    pattern = re.compile(rf"{re.escape(PREFIX)}{re.escape(service)}-([1-9][0-9]*)")
    tagged = {
        int(match[1]): image
        for image in images
        for match in map(pattern.fullmatch, image.get("imageTags") or [])
        if match
    }
    others = sorted((number for number in tagged if number != revision), reverse=True)
    # The last tag of an image is not taken off: that would delete the image, which is for the lifecycle policy to do.
    gone = [number for number in others[keep:] if len(tagged[number].get("imageTags") or []) > 1]
    moved = revision in tagged and tagged[revision]["imageDigest"] != digest
    wanted = tag(service, revision)
    remove = [tag(service, number) for number in sorted(gone)]
    if moved:
        return Change([wanted], [wanted, *remove])
    return Change([] if revision in tagged else [wanted], remove)
