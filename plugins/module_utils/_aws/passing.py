# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refusals that pass by themselves: AWS does not see everywhere yet what another call has just made or ended.

Their codes are those of a wrong request, so botocore and AWSRetry don't repeat them; the text tells them apart.
"""

from __future__ import annotations

import time
import typing as t

try:
    from botocore.exceptions import ClientError
except ImportError:
    pass  # AnsibleAWSModule says so

Result = t.TypeVar("Result")
# code of the error to phrases of its text; an empty phrase is any text
Passing = t.Mapping[str, t.Sequence[str]]

SECONDS = 120
"""How long one may last: a role of IAM, the longest, is seen after a minute or so."""
FIRST_DELAY, LONGEST_DELAY = 1.0, 10.0


def repeated(make: t.Callable[[], Result], passing: Passing, seconds: float = SECONDS) -> Result:
    """Call I(make) until AWS takes it or refuses it for another reason, I(seconds) at most; return its result.

    Raises the last ClientError.
    """
    end, delay = time.monotonic() + seconds, FIRST_DELAY
    while True:
        try:
            return make()
        except ClientError as error:
            if not is_passing(error, passing) or time.monotonic() + delay > end:
                raise
        time.sleep(delay)
        delay = min(delay * 1.5, LONGEST_DELAY)


def is_passing(error: ClientError, passing: Passing) -> bool:
    """Whether the error has one of the codes, and its text one of that code's phrases."""
    told = error.response["Error"]
    return any(phrase in told.get("Message", "") for phrase in passing.get(told["Code"], ()))
