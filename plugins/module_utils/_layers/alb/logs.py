# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check, before anything is created, that a load balancer may write its access logs to a bucket.

AWS tests that when logs are turned on, and otherwise rejects the change after minutes of a first run.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

from __future__ import annotations

import fnmatch
import json
import typing as t

Raw = t.Mapping[str, t.Any]

SERVICE = "logdelivery.elasticloadbalancing.amazonaws.com"
"""The service that writes the logs, in every region."""
ACCOUNTS = {
    "af-south-1": "098369216593",
    "ap-east-1": "754344448648",
    "ap-northeast-1": "582318560864",
    "ap-northeast-2": "600734575887",
    "ap-northeast-3": "383597477331",
    "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ap-southeast-3": "589379963580",
    "ca-central-1": "985666609251",
    "cn-north-1": "638102146993",
    "cn-northwest-1": "037604701340",
    "eu-central-1": "054676820928",
    "eu-north-1": "897822967062",
    "eu-south-1": "635631232127",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "me-south-1": "076674570225",
    "sa-east-1": "507241528517",
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-gov-east-1": "190560391635",
    "us-gov-west-1": "048591011584",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
}
"""The account of Elastic Load Balancing by region, which older policies name instead of the service.

Only regions from before August 2022 have one; AWS still accepts such policies.
"""
SSE_S3 = "AES256"


class Place(t.NamedTuple):
    """Where a load balancer writes its logs: the bucket, the prefix of the keys, its own account and region."""

    bucket: str
    prefix: str
    account: str
    region: str
    partition: str

    @property
    def objects(self) -> str:
        """The ARN pattern of all log files."""
        keys = "/".join(filter(None, (self.prefix, "AWSLogs", self.account, "*")))
        return f"arn:{self.partition}:s3:::{self.bucket}/{keys}"


def problems(place: Place, seen: Raw) -> list[str]:
    """Return an error for each reason why the load balancer can't write to the bucket.

    I(seen) has C(exists), C(region), C(policy) and C(encryption) of the bucket, null if they may not be read.
    """
    named = f"alb_access_logs_bucket {place.bucket}"
    if seen["exists"] is False:
        return [f"{named}: there is no such bucket. Create it in {place.region}, or name another."]
    found = []
    if seen["region"] not in (None, place.region):
        found.append(
            f"{named} is in {seen['region']}, and the load balancer in {place.region}: AWS takes one of the same"
            " region. Name another."
        )
    if seen["encryption"] not in (None, SSE_S3):
        found.append(
            f"{named} encrypts by {seen['encryption']}, by which the load balancer writes nothing: AWS takes keys of S3"
            " alone (SSE-S3). Change the bucket's default encryption, or name another."
        )
    if seen["policy"] is not None and not may_write(place, seen["policy"]):
        found.append(
            f"The policy of {named} does not let the load balancer write there. Add the statement"
            f" {json.dumps(statement(place))} to it."
        )
    return found


def statement(place: Place) -> dict[str, t.Any]:
    """Return the statement of a bucket policy that AWS documents for access logs."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": SERVICE},
        "Action": "s3:PutObject",
        "Resource": place.objects,
    }


def may_write(place: Place, policy: Raw) -> bool:
    """Whether a bucket policy lets the load balancer write, if the conditions of its Allow statements are met."""
    about = [one for one in _listed(policy.get("Statement")) if _is_about(place, one)]
    denied = any(one["Effect"] == "Deny" and not one.get("Condition") for one in about)
    return not denied and any(one["Effect"] == "Allow" for one in about)


def _is_about(place: Place, one: Raw) -> bool:
    """Whether a statement applies to the load balancer's writes, also by exclusion (C(NotAction) …)."""
    named = {"Principal": _names_writer, "Action": _names_writing, "Resource": _names_object}
    return all(
        not is_named(place, one[f"Not{word}"]) if f"Not{word}" in one else is_named(place, one.get(word))
        for word, is_named in named.items()
    )


def _names_writing(_place: Place, actions: t.Any) -> bool:
    return any(_fits(str(action).lower(), "s3:putobject") for action in _listed(actions))


def _names_object(place: Place, resources: t.Any) -> bool:
    return any(_fits(str(resource), _object(place)) for resource in _listed(resources))


def _fits(pattern: str, value: str) -> bool:
    # the only wildcards of a policy are * and ?
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


def _names_writer(place: Place, principal: t.Any) -> bool:
    if not isinstance(principal, t.Mapping):
        return bool(principal == "*")
    account = ACCOUNTS.get(place.region, "")
    of_account = {account, f"arn:{place.partition}:iam::{account}:root"} if account else set()
    named = {str(one) for one in _listed(principal.get("AWS"))}
    return SERVICE in _listed(principal.get("Service")) or "*" in named or bool(named & of_account)


def _object(place: Place) -> str:
    """Return the ARN of an example log file: a policy may allow less than everything below the account."""
    return f"{place.objects.removesuffix('*')}elasticloadbalancing/{place.region}/2026/01/01/x.log.gz"


def _listed(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
