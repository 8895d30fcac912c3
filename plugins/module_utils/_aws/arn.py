# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parts of ARNs."""

from __future__ import annotations


def last(arn: str) -> str:
    """Return what follows the last slash of an ARN, as in magiclub-an2p-lotto:4; all of it if there is none."""
    return arn.rpartition("/")[2]


def region_of(arn: str) -> str:
    """Return the region of an ARN, as in ap-northeast-2; empty of what is global."""
    return arn.split(":", 4)[3]
