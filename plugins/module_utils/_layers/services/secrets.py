# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sources of secrets."""

from __future__ import annotations

import re

_ARN = re.compile(r"arn:aws[a-z-]*:(?:ssm:[a-z0-9-]+:\d{12}:parameter/\S+|secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+)")
_PARAMETER_NAME = re.compile(r"/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")


def is_secret_source(source: str) -> bool:
    """Return whether a text is the ARN of a secret or SSM parameter, or the name of an SSM parameter."""
    return bool(_ARN.fullmatch(source) or _PARAMETER_NAME.fullmatch(source))
