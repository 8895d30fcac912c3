# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sources of secrets."""

from __future__ import annotations

import re
import typing as t

_ARN = re.compile(r"arn:aws[a-z-]*:(?:ssm:[a-z0-9-]+:\d{12}:parameter/\S+|secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+)")
_PARAMETER_NAME = re.compile(r"/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")


def is_secret_source(source: str) -> bool:
    """Return whether a text is the ARN of a secret or SSM parameter, or the name of an SSM parameter."""
    return bool(_ARN.fullmatch(source) or _PARAMETER_NAME.fullmatch(source))


def problems(option: str, sources: t.Mapping[str, t.Any]) -> t.Iterator[str]:
    """Yield an error for each secret in I(option) whose source is not valid."""
    for name, source in sources.items():
        if not (isinstance(source, str) and is_secret_source(source)):
            yield (
                f"{option}.{name} has to be the ARN of an SSM parameter or of a Secrets Manager secret, or an SSM"
                " parameter's name. Change it; a secret's value does not belong here."
            )
