# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parts of ARNs."""

from __future__ import annotations


def last(arn: str) -> str:
    """Return the part after the last slash of an ARN, such as magiclub-an2p-lotto:4, or the ARN if it has none."""
    return arn.rpartition("/")[2]


def region_of(arn: str) -> str:
    """Return the region of an ARN; empty for a global resource."""
    return arn.split(":", 4)[3]
