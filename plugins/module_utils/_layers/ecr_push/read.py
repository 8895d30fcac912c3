# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a repository and the image in it."""

from __future__ import annotations

import typing as t

from ..._resources.ecr import api, image
from ..._resources.ecr.options import flat
from . import resources

if t.TYPE_CHECKING:
    from ..._aws.module import OneSessionModule


def repository(module: OneSessionModule, name: str, params: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return the result of M(magiclub.fargate.ecr_repository_info) for these options."""
    client = module.client("ecr")
    options = flat(params, name)
    found_repository = api.read_repository(client, name)
    found = None
    if options["image"]:
        found, warnings = image.existing(lambda region: module.client("ecr", region=region), options)
        for warning in warnings:
            module.warn(warning)
    elif params["build"]:
        found = image.lookup(client, found_repository, options)
    built = found if params["build"] else None
    every = params["all_images"]
    images = api.list_images(client, name) if found_repository and every else []
    own = bool(found_repository and found_repository["scan_on_push"])
    return {
        "repository": found_repository,
        # One call less if the repository itself scans on push.
        "scanned_by_registry": bool(found_repository) and not own and api.is_scanned_by_registry(client, name),
        "image": found,
        "obstacle": image.obstacle(options) if built and not built["digest"] else None,
        "resources": resources.found(found_repository, None if every else built, images),
    }
