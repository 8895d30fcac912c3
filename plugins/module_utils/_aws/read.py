# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls to AWS: one call, all pages of one, many in parallel.  Transient errors are retried."""

from __future__ import annotations

import functools
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

from .retry import IsNew, retried

Call = t.Callable[[], t.Any]
Item = t.TypeVar("Item")
Result = t.TypeVar("Result")

THREADS = 8
LOG_PAGES = 10


def in_parallel(**calls: Call) -> dict[str, t.Any]:
    """Run all I(calls) in parallel and return their results by name.  The first error among them is raised."""
    return _at_once(calls, THREADS)


def of_each(keys: t.Iterable[str], fetch: t.Callable[[str], t.Any], threads: int | None = None) -> dict[str, t.Any]:
    """Call I(fetch) for each of the I(keys) in parallel, by default with C(THREADS); return the results by key."""
    return _at_once({key: functools.partial(fetch, key) for key in keys}, threads or THREADS)


def _at_once(calls: t.Mapping[str, Call], threads: int) -> dict[str, t.Any]:
    with ThreadPoolExecutor(max_workers=threads) as pool:
        running = {name: pool.submit(call) for name, call in calls.items()}
        return {name: future.result() for name, future in running.items()}


_retries = AWSRetry.jittered_backoff(
    retries=8,
    delay=1,
    max_delay=20,
    catch_extra_error_codes=[
        "ThrottlingException",
        "ServerException",
        "UpdateInProgressException",
        "ConflictException",
    ],
)
"""Retries errors that botocore does not retry long enough, or at all."""


@_retries
def pages(client: t.Any, operation: str, key: str, **arguments: t.Any) -> list[dict[str, t.Any]]:
    """Return the entries under I(key) of all pages of I(operation)."""
    found: list[dict[str, t.Any]] = []
    for page in client.get_paginator(operation).paginate(**arguments):
        found.extend(page.get(key) or [])
    return found


def newest(client: t.Any, operation: str, key: str, count: int, **arguments: t.Any) -> list[dict[str, t.Any]]:
    """Return the first I(count) entries under I(key) of an operation for which botocore has no paginator.

    A page may have fewer entries than requested even if more pages follow.
    """
    found: list[dict[str, t.Any]] = []
    token: dict[str, str] = {}
    while True:
        page = call(client, operation, **arguments, maxResults=count, **token)
        found += page.get(key) or []
        if len(found) >= count or not page.get("nextToken"):
            return found[:count]
        token = {"nextToken": page["nextToken"]}


def batched(items: t.Sequence[Item], size: int) -> t.Iterator[list[Item]]:
    """Yield I(items) in lists of at most I(size)."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def last_events(get: t.Callable[..., t.Any], lines: int, **place: t.Any) -> list[dict[str, t.Any]]:
    """Return the last I(lines) events of a log stream; I(get) calls GetLogEvents once.

    "A returned page might only be partially full, or even empty"; the last page returns the token of its request
    (U(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html)).
    """
    found: list[dict[str, t.Any]] = []
    token: dict[str, str] = {}
    for _page in range(LOG_PAGES):
        answer = get(**place, limit=lines, startFromHead=False, **token)
        found = [*(answer.get("events") or []), *found]
        further = answer.get("nextBackwardToken")
        if len(found) >= lines or not further or further == token.get("nextToken"):
            break
        token = {"nextToken": further}
    return found[-lines:]


@_retries
def call(
    client: t.Any,
    operation: str,
    *,
    is_new: IsNew | None = None,
    only_for: str = "",
    seconds: float | None = None,
    **arguments: t.Any,
) -> dict[str, t.Any]:
    """Call I(operation) once, retrying transient errors, and return its response.

    I(is_new), I(only_for) and I(seconds) are those of C(retried).  Raises ClientError or BotoCoreError.
    """
    response = retried(
        lambda: getattr(client, operation)(**arguments),
        request=arguments,
        is_new=is_new,
        only_for=only_for,
        seconds=seconds,
    )
    return {key: value for key, value in response.items() if key != "ResponseMetadata"}


def none_if_missing(make: t.Callable[[], Result], *missing: str) -> Result | None:
    """Return the result of I(make), or None if AWS returns one of the error codes I(missing).

    Raises any other ClientError.
    """
    try:
        return make()
    except is_boto3_error_code(list(missing)):
        return None
