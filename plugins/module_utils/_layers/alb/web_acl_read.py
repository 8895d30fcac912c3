# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the web ACL of a load balancer."""

from __future__ import annotations

import typing as t

from ..._aws import codes
from ..._aws.errors import ClientError, error_code
from ..._aws.read import call, none_if_missing
from .web_acl import ARN

NOT_THERE = "WAFNonexistentItemException"


def of(client: t.Any, load_balancer_arn: str) -> str:
    """Return the ARN of the web ACL that is associated with a load balancer, empty if there is none."""
    answer = none_if_missing(lambda: call(client, "get_web_acl_for_resource", ResourceArn=load_balancer_arn), NOT_THERE)
    return str(((answer or {}).get("WebACL") or {}).get("ARN") or "")


def is_there(client: t.Any, arn: str) -> bool | None:
    """Return whether a web ACL exists; None if I(arn) is not valid, or access is denied."""
    found = ARN.fullmatch(arn)
    if not found:
        return None
    try:
        answer = call(client, "get_web_acl", Name=found["name"], Scope="REGIONAL", Id=found["id"])
    except ClientError as error:
        if error_code(error) in codes.DENIED:
            return None
        if error_code(error) == NOT_THERE:
            return False
        raise
    return bool(answer["WebACL"]["ARN"] == arn)
