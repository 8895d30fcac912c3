# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading AWS: many independent calls at once, and errors in words."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

try:
    from botocore import exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

from . import denied
from .retry import retried

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Call = t.Callable[[], t.Any]
Item = t.TypeVar("Item")
Result = t.TypeVar("Result")

THREADS = 8
LOG_PAGES = 10


def together(**calls: Call) -> dict[str, t.Any]:
    """Make all I(calls) at once and return their results by name.  The first error among them is raised."""
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        running = {name: pool.submit(call) for name, call in calls.items()}
        return {name: future.result() for name, future in running.items()}


@AWSRetry.jittered_backoff(retries=8, delay=1, max_delay=20)
def pages(client: t.Any, operation: str, key: str, **arguments: t.Any) -> list[dict[str, t.Any]]:
    """Return what all pages of I(operation) hold under I(key)."""
    found: list[dict[str, t.Any]] = []
    for page in client.get_paginator(operation).paginate(**arguments):
        found.extend(page.get(key) or [])
    return found


def newest(client: t.Any, operation: str, key: str, count: int, **arguments: t.Any) -> list[dict[str, t.Any]]:
    """Return the first I(count) entries under I(key) of an operation that botocore has no paginator for.

    A page may hold fewer than were asked for, also where more follow.
    """
    found: list[dict[str, t.Any]] = []
    token: dict[str, str] = {}
    while True:
        page = call(client, operation, **arguments, maxResults=count, **token)
        found += page.get(key) or []
        if len(found) >= count or not page.get("nextToken"):
            return found[:count]
        token = {"nextToken": page["nextToken"]}


def portions(items: t.Sequence[Item], size: int) -> t.Iterator[list[Item]]:
    """Yield I(items) in lists of I(size) at most, as many as one call takes."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def last_events(get: t.Callable[..., t.Any], lines: int, **place: t.Any) -> list[dict[str, t.Any]]:
    """Return the last I(lines) events of a log stream; I(get) makes one call of GetLogEvents.

    "A returned page might only be partially full, or even empty"; the last one has the token that it was asked by
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


@AWSRetry.jittered_backoff(retries=8, delay=1, max_delay=20)
def call(client: t.Any, operation: str, **arguments: t.Any) -> dict[str, t.Any]:
    """Return the response to one call of I(operation), retried while AWS only does not see yet what it needs."""
    response = retried(lambda: getattr(client, operation)(**arguments), request=arguments)
    return {key: value for key, value in response.items() if key != "ResponseMetadata"}


def if_there(make: t.Callable[[], Result], *missing: str) -> Result | None:
    """Return what I(make) does, or None where AWS answers with one of the codes I(missing): there is no such thing.

    Raises any other ClientError.
    """
    try:
        return make()
    except is_boto3_error_code(list(missing)):
        return None


def fail(module: AnsibleAWSModule, error: Exception, doing: str = "") -> t.NoReturn:
    """End the module with what failed, why and what to do.

    I(doing) is as in 'read the network'; an AnsibleAWSError says by itself what failed.
    """
    region = module.region
    if isinstance(error, AnsibleAWSError):
        denied.fail_json_aws_error(module, error)
    if isinstance(error, (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)):
        module.fail_json(
            msg=f"No AWS credentials to {doing} in {region}."
            " Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run on a machine with a role."
        )
    if isinstance(error, exceptions.EndpointConnectionError):
        module.fail_json(
            msg=f"No answer to {doing} in {region}: {error}."
            " Check fargate_region, fargate_endpoint_url and the network; 'python -m local_aws up' starts a local AWS."
        )
    denied.fail_json_aws(module, error, f"Unable to {doing} in {region}")
    raise SystemExit(1)  # fail_json_aws has no types that say that it ends here
