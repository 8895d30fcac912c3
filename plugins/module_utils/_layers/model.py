# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every layer of a platform is planned in."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._plan.model import Resource

__all__ = ["Asked", "Data", "Part", "Place", "Resource", "place_of"]

Data = t.Mapping[str, t.Any]


class Place(t.NamedTuple):
    """One platform: what lies under one name prefix of a region, at AWS or at the address of a local AWS."""

    region: str
    endpoint_url: str
    name_prefix: str


class Asked(t.NamedTuple):
    """A layer that is to be planned.

    :param name: what plan and summary call it.
    :param kind: one of C(platform.KINDS), or C(services).
    :param inputs: those of the role, of the right types.
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
        """Return whether it is to be there."""
        return bool(self.inputs["state"] == "present")


@dataclass
class Part:
    """What a layer is to have beside what it has.

    :param info: the fact that other layers and the user's tasks read, as the run will leave it.
    :param obstacles: what AWS would refuse, a sentence each.
    :param claimed: what is this platform's by tags of its own, see C(owner.ownership_conflict).
    """

    desired: list[Resource]
    found: list[Resource]
    info: dict[str, t.Any]
    obstacles: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    claimed: list[Resource] = field(default_factory=list)


def place_of(inputs: Data, name_prefix: str | None = None) -> Place:
    """Return the place of a role's inputs, or that of another I(name_prefix) beside it."""
    return Place(inputs["region"], inputs["endpoint_url"], name_prefix or inputs["name_prefix"])
