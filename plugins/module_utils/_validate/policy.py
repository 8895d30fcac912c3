# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the ARN of a managed policy.

Rule of AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns.
"""

from __future__ import annotations

import re

from .._aws.boundary import PLATFORM

ARN = re.compile(r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/[\w+=,.@/-]+", re.ASCII)


def wrong(variable: str, arn: str) -> list[str]:
    """Return what is wrong with C(arn), the value of C(variable)."""
    if ARN.fullmatch(arn):
        return []
    return [f"{variable}: '{arn}' is no ARN of a policy. Write one as in arn:aws:iam::123456789012:policy/name."]


def boundary_wrong(variable: str, arn: str) -> list[str]:
    """Return what is wrong with a permissions boundary; empty, there is none."""
    return [] if arn in ("", PLATFORM) else wrong(variable, arn)
