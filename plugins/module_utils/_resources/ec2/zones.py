# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Availability Zones, given by name (C(ap-northeast-2a)) or by id (C(apne2-az1))."""

from __future__ import annotations

import re
import string

from ..._aws.region import FORM as REGION

NAME = re.compile(rf"{REGION}([a-z])")
ID = re.compile(r"[a-z]+\d-az([1-9]\d*)")


def index(zone: str) -> int | None:
    """Return the index of a zone in its region, from 0: by the letter of a name or the number of an id."""
    if named := NAME.fullmatch(zone):
        return string.ascii_lowercase.index(named[1])
    if numbered := ID.fullmatch(zone):
        return int(numbered[1]) - 1
    return None


def suffix(zone: str) -> str:
    """Return the suffix of names of resources in a zone: C(a1) for C(ap-northeast-2a), and for C(apne2-az1).

    Raises ValueError if the zone is neither a name nor an id.
    """
    place = index(zone)
    if place is None or place >= len(string.ascii_lowercase):
        raise ValueError(f"'{zone}' is neither the name (ap-northeast-2a) nor the id (apne2-az1) of a zone.")
    # 1 is the number of the subnet in its zone, which has one of each tier
    return f"{string.ascii_lowercase[place]}1"
