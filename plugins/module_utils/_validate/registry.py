# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the inputs of the role ecr_push."""

from __future__ import annotations

import typing as t

from .._aws import region as regions
from .._ecr import decide

Inputs = t.Mapping[str, t.Any]


def ecr_push(inputs: Inputs) -> list[str]:
    """Return what is wrong with the inputs of the role ecr_push."""
    return [
        *regions.wrong(inputs["region"]),
        *_source(inputs["build"], inputs["image"]),
        *([] if inputs["image"] else decide.repository_problems(dict(inputs["repository"]))),
    ]


def _source(build: Inputs, image: str) -> t.Iterator[str]:
    if image:
        yield from _reference(image)
        return
    if not build:
        yield "ecr_push_build and ecr_push_image: neither is set. Set one: what to build, or which image to take."
    if build and not build.get("path"):
        yield "ecr_push_build has no path. Set it to the folder that is the build context."
    if build and build.get("platform", "linux/amd64") not in decide.PLATFORMS:
        yield (
            f"ecr_push_build.platform: '{build['platform']}' does not run on Fargate."
            f" Set one of {', '.join(decide.PLATFORMS)}."
        )


def _reference(image: str) -> t.Iterator[str]:
    try:
        decide.parse_reference(image)
    except ValueError as error:
        yield f"ecr_push_image: {error}"
