# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Derive the CIDR blocks of subnets from that of their VPC."""

from __future__ import annotations

import ipaddress

from ..._resources.ec2 import zones

TIERS = ("public", "apps")
ZONES_PER_TIER = 8
PARTS = len(TIERS) * ZONES_PER_TIER


def derived(vpc: str, tier: str, zone: str) -> str:
    """Return the block of a tier's subnet in a zone: one of sixteen equal parts of the VPC's block.

    Each zone has its own part, so that adding or removing a zone moves no other subnet.
    Raises ValueError if I(vpc) is not a block, its parts would be smaller than /28, or the zone is beyond the eighth.
    """
    block = ipaddress.IPv4Network(vpc)
    place = zones.index(zone)
    if place is None or place >= ZONES_PER_TIER:
        raise ValueError(f"No subnet can be derived for zone '{zone}': it is not one of a to h, az1 to az8.")
    length = block.prefixlen + (PARTS - 1).bit_length()
    if length > 28:
        raise ValueError(f"No subnets can be derived from {vpc}: the smallest that AWS has is /28, of a VPC up to /24.")
    number = TIERS.index(tier) * ZONES_PER_TIER + place
    start = int(block.network_address) + (number << (32 - length))
    return str(ipaddress.IPv4Network((start, length)))
