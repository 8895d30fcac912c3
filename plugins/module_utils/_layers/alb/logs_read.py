# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the bucket of the access logs."""

from __future__ import annotations

import functools
import json
import typing as t

from ..._aws import codes
from ..._aws.errors import ClientError, error_code
from ..._aws.read import call, in_parallel
from ..._aws.region import partition
from .logs import SSE_S3, Place

Client = t.Callable[[str], t.Any]

# GetBucketLocation has names of its own for two regions
REGIONS = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}
_EMPTY: t.Mapping[str, t.Any] = {}


def place(client: Client, bucket: str, prefix: str, region: str) -> Place:
    """Return where the load balancer of this account writes."""
    account = str(call(client("sts"), "get_caller_identity")["Account"])
    return Place(bucket, prefix, account, region, partition(region))


def read(client: Client, bucket: str) -> dict[str, t.Any]:
    """Return C(exists), C(region), C(policy) and C(encryption) of a bucket, null if access is denied."""
    asked = functools.partial(_asked, client("s3"), bucket)
    answers = in_parallel(
        location=lambda: asked("get_bucket_location"),
        policy=lambda: asked("get_bucket_policy", "NoSuchBucketPolicy"),
        encryption=lambda: asked("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"),
    )
    if any(answer is False for answer in answers.values()):
        return {"exists": False, "region": None, "policy": None, "encryption": None}
    location, policy, encryption = (answers[key] for key in ("location", "policy", "encryption"))
    named = None if location is None else location.get("LocationConstraint")
    return {
        "exists": None if location is None else True,
        "region": None if location is None else REGIONS.get(named, named),
        "policy": None if policy is None else json.loads(policy.get("Policy") or "{}"),
        "encryption": None if encryption is None else _algorithm(encryption),
    }


def _asked(s3: t.Any, bucket: str, operation: str, code_of_none: str = "") -> t.Any:
    """Return S3's response about a bucket: None if access is denied, C(False) if there is no bucket.

    :param code_of_none: the error code of a bucket that has no such configuration; the response is then empty.
    """
    try:
        return call(s3, operation, Bucket=bucket)
    except ClientError as error:
        code = error_code(error)
        if code == code_of_none:
            return _EMPTY
        if code in ("NoSuchBucket", "404"):
            return False
        # the bucket is in another account or in a region that this endpoint does not serve
        if code in codes.DENIED or code in ("PermanentRedirect", "AllAccessDisabled", "MethodNotAllowed"):
            return None
        raise


def _algorithm(encryption: t.Mapping[str, t.Any]) -> str:
    rules = (encryption.get("ServerSideEncryptionConfiguration") or {}).get("Rules") or []
    given = ((one.get("ApplyServerSideEncryptionByDefault") or {}).get("SSEAlgorithm") for one in rules)
    return next((str(one) for one in given if one), SSE_S3)
