# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the load balancer: that of a name prefix, or an existing one."""

from __future__ import annotations

import datetime
import typing as t

from ..._aws import codes
from ..._aws.errors import ClientError, error_code
from ..._aws.read import call, none_if_missing
from ..._plan.names import alb_name, vpc_name
from . import api, found, kept_read, logs, logs_read, web_acl

if t.TYPE_CHECKING:
    from ..._aws.module import OneSessionModule

Options = t.Mapping[str, t.Any]

NO_WEB_ACL = "WAFNonexistentItemException"


def read(module: OneSessionModule, options: Options) -> dict[str, t.Any]:
    """Return the state of the load balancer, by the options I(alb) of M(magiclub.fargate.platform_info)."""
    prefix, records = module.params["name_prefix"], options.get("records")
    if options.get("arn") or options.get("listener_arn"):
        return kept_read.read(module.client, options)
    name, zone_id = alb_name(prefix), options.get("hosted_zone_id") or ""
    wanted = found.Certificates(
        options.get("certificate_arn") or "", options.get("certificate_names") or [], options.get("certificates") or []
    )
    raw = api.read(
        module.client,
        name,
        options.get("vpc_id") or options.get("vpc_name") or vpc_name(prefix),
        records,
        zone_id,
        wanted.are_wanted,
    )
    raw |= _web_acl(module, options.get("web_acl_arn") or "", raw["load_balancer"])
    now = datetime.datetime.now(datetime.UTC)
    return {
        "resources": found.resources(raw, name),
        "certificate_arn": found.certificate_arn(raw, wanted, now),
        "certificates": found.further_arns(raw, wanted, now),
        "zones": found.zones(raw),
        "zone_ids": found.zone_ids(raw),
        "problems": [
            *found.problems(raw, records or [], wanted),
            *_of_access_logs(module, options),
            *web_acl.missing(options.get("web_acl_arn") or "", raw.get("web_acl_is_there")),
        ],
        "listeners": found.of_users(raw),
    }


def _web_acl(module: OneSessionModule, given: str, balancer: Options | None) -> dict[str, t.Any]:
    """Return the C(web_acl) of the load balancer and whether the requested one exists; empty without a request."""
    if not given:
        return {}
    client = module.client("wafv2")
    has = web_acl_of(client, balancer["LoadBalancerArn"]) if balancer else ""
    return {"web_acl": has, "web_acl_is_there": has == given or web_acl_exists(client, given)}


def _of_access_logs(module: OneSessionModule, options: Options) -> list[str]:
    bucket, prefix = options.get("access_logs_bucket"), options.get("access_logs_prefix") or ""
    if not bucket:
        return []
    place = logs_read.place(module.client, bucket, prefix, module.region)
    return logs.problems(place, logs_read.read(module.client, bucket))


def web_acl_of(client: t.Any, arn: str) -> str:
    """Return the ARN of the web ACL that is associated with a load balancer, empty if there is none."""
    answer = none_if_missing(lambda: call(client, "get_web_acl_for_resource", ResourceArn=arn), NO_WEB_ACL)
    return str(((answer or {}).get("WebACL") or {}).get("ARN") or "")


def web_acl_exists(client: t.Any, arn: str) -> bool | None:
    """Return whether a web ACL exists; None if I(arn) is not valid, or access is denied."""
    found = web_acl.ARN.fullmatch(arn)
    if not found:
        return None
    try:
        answer = call(client, "get_web_acl", Name=found["name"], Scope="REGIONAL", Id=found["id"])
    except ClientError as error:
        if error_code(error) in codes.DENIED:
            return None
        if error_code(error) == NO_WEB_ACL:
            return False
        raise
    return bool(answer["WebACL"]["ARN"] == arn)
