# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The load balancer's web ACL of AWS WAF.

Without an input it is left alone, as AWS Firewall Manager may have associated it.
https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html
"""

from __future__ import annotations

import re
import typing as t

NONE = "none"
"""The input that removes the web ACL."""

# Its name and id are as long as WAF's EntityName and EntityId:
# https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACLSummary.html
ARN = re.compile(
    r"arn:aws[a-z-]*:wafv2:(?P<region>[a-z0-9-]+):\d{12}:(?P<scope>regional|global)/webacl/(?P<name>[\w-]{1,128})/(?P<id>[\w-]{1,36})"
)


def wanted(given: str) -> str | None:
    """Return the desired ARN: empty for no web ACL, None to leave it alone."""
    return None if not given else "" if given == NONE else given


def problems(given: str, region: str) -> t.Iterator[str]:
    """Return the errors in the input."""
    if given in ("", NONE):
        return
    found = ARN.fullmatch(given)
    if not found:
        yield (
            f"alb_web_acl_arn '{given}' is not the ARN of a web ACL. Write one as in"
            ' arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID, none for no web ACL, or "" to leave it alone.'
        )
    elif found["scope"] == "global":
        yield f"alb_web_acl_arn {given} is one for CloudFront: a load balancer takes a regional one. Name another."
    elif found["region"] != region:
        yield (
            f"alb_web_acl_arn {given} is in {found['region']}, and this platform is in {region}. Name one of that"
            " region."
        )


def missing(given: str, is_there: bool | None) -> list[str]:
    """Return an error if there is no such web ACL; None means unknown."""
    if is_there is not False:
        return []
    return [f"alb_web_acl_arn {given}: there is no such web ACL in this account. Create it first, or name another."]
