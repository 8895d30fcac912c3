# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Retry calls that fail because of eventual consistency, by the table of C(eventual_consistency)."""

from __future__ import annotations

import contextlib
import datetime
import email.utils
import functools
import re
import time
import typing as t

with contextlib.suppress(ImportError):  # AnsibleAWSModule reports it
    from botocore.exceptions import BotoCoreError, ClientError

from .eventual_consistency import row_of

Result = t.TypeVar("Result")
IsNew = t.Callable[[str], bool]
"""Returns whether the role with this name or ARN was just created."""

FIRST_DELAY, LONGEST_DELAY = 1.0, 10.0
NEW_FOR = 300
"""Seconds for which a role counts as new: the 120 s of Terraform's provider, and time for a run's other tasks."""

_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]*[\w+=@/-]")


def retried(
    make: t.Callable[[], Result],
    *,
    request: t.Any = None,
    is_new: IsNew | None = None,
    only_for: str = "",
    seconds: float | None = None,
) -> Result:
    """Call I(make) until it succeeds or fails permanently; return its result.

    I(request) is the call's parameters; if the error depends on a role, I(is_new) is asked about the roles in it.
    I(only_for) is that of the table.  I(seconds) overrides the table.  Raises the last ClientError.
    """
    began, delay = time.monotonic(), FIRST_DELAY
    while True:
        try:
            return make()
        except ClientError as error:
            row = row_of(error.operation_name, *_code_and_message(error), only_for)
            if row is None or (row.new_role and not _any_new(error, request, is_new)):
                raise
            longest = row.seconds if seconds is None else seconds
            if time.monotonic() + delay > began + longest:
                raise
        time.sleep(delay)
        delay = min(delay * 1.5, LONGEST_DELAY)


def roles_in(request: t.Any) -> set[str]:
    """Return the ARNs of roles in a request, and the names under its C(...RoleArn)."""
    if isinstance(request, str):
        return set(_ROLE.findall(request))
    if isinstance(request, t.Mapping):
        named = {value for key, value in request.items() if key.endswith("RoleArn") and isinstance(value, str)}
        return named.union(*(roles_in(value) for value in request.values()))
    if isinstance(request, (list, tuple)):
        return set[str]().union(*(roles_in(value) for value in request))
    return set()


def new_roles(iam: t.Callable[[], t.Any]) -> IsNew:
    """Return a function that checks, by AWS's clock, whether a role was created within the last NEW_FOR seconds.

    I(iam) creates a client of IAM when first needed.  A role that can't be read does not count as new.
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
    """Return whether a role that the error names, else one of the request, is new."""
    roles = roles_in(_code_and_message(error)[1].rpartition("on resource: ")[2]) or roles_in(request)
    return is_new is not None and any(is_new(role) for role in sorted(roles))


def _code_and_message(error: ClientError) -> tuple[str, str]:
    answer = error.response["Error"]
    return answer["Code"], answer.get("Message", "")
