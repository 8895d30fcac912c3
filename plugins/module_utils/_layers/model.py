# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The types that layers are planned with."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._plan.model import Resource

__all__ = ["Asked", "Data", "Part", "Place", "Resource", "place_of"]

Data = t.Mapping[str, t.Any]


class Place(t.NamedTuple):
    """One platform: a name prefix in a region, at AWS or at the address of a local AWS."""

    region: str
    endpoint_url: str
    name_prefix: str


class Asked(t.NamedTuple):
    """A layer to plan.

    :param name: its name in plan and summary.
    :param kind: one of C(platform.KINDS), or C(services).
    :param inputs: those of its role, converted to the types of the argument spec.
    """

    name: str
    kind: str
    inputs: Data

    @property
    def place(self) -> Place:
        """Return where it is."""
        return place_of(self.inputs)

    @property
    def is_present(self) -> bool:
        """Return whether its desired state is C(present)."""
        return bool(self.inputs["state"] == "present")


@dataclass
class Part:
    """A layer's part of a plan: its desired and its current resources.

    :param info: its fact, which other layers and the user's tasks read, as it will be after the run.
    :param obstacles: errors: what AWS would reject.
    :param claimed: current resources that belong to the platform whatever their tags, see C(owner.ownership_conflict).
    """

    desired: list[Resource]
    found: list[Resource]
    info: dict[str, t.Any]
    obstacles: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    claimed: list[Resource] = field(default_factory=list)


def place_of(inputs: Data, name_prefix: str | None = None) -> Place:
    """Return the place of a role's inputs, with another I(name_prefix) if it is given."""
    return Place(inputs["region"], inputs["endpoint_url"], name_prefix or inputs["name_prefix"])
