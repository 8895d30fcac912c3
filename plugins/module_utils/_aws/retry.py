# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Retry a call that AWS refuses for a while only, as the table of C(passing) has it."""

from __future__ import annotations

import contextlib
import datetime
import email.utils
import functools
import re
import time
import typing as t

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    from botocore.exceptions import BotoCoreError, ClientError

from .eventual_consistency import row_of

Result = t.TypeVar("Result")
IsNew = t.Callable[[str], bool]
"""Whether IAM made the role of this name or ARN a moment ago."""

FIRST_DELAY, LONGEST_DELAY = 1.0, 10.0
NEW_FOR = 300
"""Seconds for which a role counts as new: Terraform's provider gives IAM 120 s, and a run does other things between."""

_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]*[\w+=@/-]")


def retried(
    make: t.Callable[[], Result],
    *,
    request: t.Any = None,
    is_new: IsNew | None = None,
    only_for: str = "",
    seconds: float | None = None,
) -> Result:
    """Call I(make) until AWS takes it or refuses it for good; return its result.

    I(request) is what the call sends; the roles in it are asked of I(is_new) where the error hangs on a role.
    I(only_for) names the caller's case.  I(seconds) replaces those of the table.  Raises the last ClientError.
    """
    began, delay = time.monotonic(), FIRST_DELAY
    while True:
        try:
            return make()
        except ClientError as error:
            row = row_of(error.operation_name, *_said(error), only_for)
            if row is None or (row.new_role and not _any_new(error, request, is_new)):
                raise
            longest = row.seconds if seconds is None else seconds
            if time.monotonic() + delay > began + longest:
                raise
        time.sleep(delay)
        delay = min(delay * 1.5, LONGEST_DELAY)


def roles_in(request: t.Any) -> set[str]:
    """Return the ARNs of roles that a request holds, and the names under its C(...RoleArn)."""
    if isinstance(request, str):
        return set(_ROLE.findall(request))
    if isinstance(request, t.Mapping):
        named = {value for key, value in request.items() if key.endswith("RoleArn") and isinstance(value, str)}
        return named.union(*(roles_in(value) for value in request.values()))
    if isinstance(request, (list, tuple)):
        return set[str]().union(*(roles_in(value) for value in request))
    return set()


def new_roles(iam: t.Callable[[], t.Any]) -> IsNew:
    """Return what tells, by the clock of AWS, whether a role was made within the last NEW_FOR seconds.

    I(iam) makes a client of IAM when first needed.  A role that can't be read is none of this run.
    """

    @functools.cache
    def client() -> t.Any:
        return iam()

    def is_new(role: str) -> bool:
        try:
            answer = client().get_role(RoleName=role.rsplit("/", 1)[-1])
        except (ClientError, BotoCoreError):
            return False
        date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        now = email.utils.parsedate_to_datetime(date) if date else datetime.datetime.now(datetime.UTC)
        return bool((now - answer["Role"]["CreateDate"]).total_seconds() < NEW_FOR)

    return is_new


def _any_new(error: ClientError, request: t.Any, is_new: IsNew | None) -> bool:
    """Return whether a role that the error names, or else one of the request, is new."""
    roles = roles_in(_said(error)[1].rpartition("on resource: ")[2]) or roles_in(request)
    return is_new is not None and any(is_new(role) for role in sorted(roles))


def _said(error: ClientError) -> tuple[str, str]:
    answer = error.response["Error"]
    return answer["Code"], answer.get("Message", "")
