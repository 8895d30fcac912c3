# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The images that services run."""

from __future__ import annotations

import typing as t

from . import desired_task
from .validate_containers import KNOWN_LATER

Data = t.Mapping[str, t.Any]


def named(services: t.Iterable[Data]) -> list[str]:
    """Return the images named in the services' definitions, without duplicates."""
    every = {image for service in services for image in of(service, {})}
    return sorted(image for image in every if image != KNOWN_LATER)


def of(service: Data, there: Data) -> list[str]:
    """Return the image of a service, then those of its sidecars.

    :param there: the current state of services by name, for one that keeps its running image.
    """
    own = desired_task.image(service, there.get(service["name"]) or {})
    return [own, *(sidecar["image"] for sidecar in service["sidecars"])]


def prebuilt(service: Data, there: Data) -> list[str]:
    """Return the images of a service that this run does not build."""
    own, *sidecars = of(service, there)
    return sidecars if service.get("build") else [own, *sidecars]
