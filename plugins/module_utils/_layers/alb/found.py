# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The current load balancer, in the form of the desired one.  Plain dicts in and out."""

from __future__ import annotations

import datetime
import re
import typing as t

from ..._aws.tagged import name as name_tag
from ..._plan.model import Resource
from ..._resources.ec2 import security_group
from ..._resources.elbv2 import actions
from . import domains, rules
from .desired import USER_PORTS

Raw = t.Mapping[str, t.Any]


def resources(raw: Raw, name: str) -> list[Resource]:
    """Return the resources of the load balancer I(name), of what C(api.read) returned."""
    balancer = raw["load_balancer"]
    by_id = bool(raw.get("by_id"))
    vpcs = {vpc["VpcId"]: vpc["VpcId"] if by_id else name_tag(vpc) for vpc in raw["vpcs"]}
    return [
        *(security_group.found(group, {}) for group in raw["own_groups"] if group["VpcId"] in vpcs),
        *([_load_balancer(raw, balancer, vpcs)] if balancer else []),
        *(_listener(item, name) for item in sorted(raw.get("listeners") or [], key=lambda item: item["Port"])),
        *rules.found(of_users(raw), name),
        *(
            _record(item, balancer, name, raw.get("zone_of") or {})
            for item in raw.get("records") or []
            if _is_simple(item)
        ),
    ]


def of_users(raw: Raw) -> list[Raw]:
    """Return the listeners that users connect to, the services' listener last."""
    return sorted(
        (one for one in raw.get("listeners") or [] if one["Port"] in USER_PORTS), key=lambda one: int(one["Port"])
    )


class Certificates(t.NamedTuple):
    """The requested certificates.

    :param given: ARN of the default one; empty to find one.
    :param names: the domain names that the default one has to cover, if it is to be found.
    :param further: each by its ARN or by a domain name that it has to cover.
    """

    given: str
    names: t.Sequence[str]
    further: t.Sequence[str] = ()

    @property
    def are_wanted(self) -> bool:
        """Whether certificates have to be read from ACM."""
        return bool(self.given or self.names)


def problems(raw: Raw, record_names: t.Sequence[str], wanted: Certificates) -> list[str]:
    """Return an error for each thing that the account lacks: hosted zones, names without a CNAME, certificates."""
    return [
        *_zone_problems(raw, record_names),
        *(_certificate_problems(raw, wanted.given, _left(raw, wanted)) if "certificates" in raw else []),
        *(_further_problems(raw, wanted.further) if "certificates" in raw else []),
    ]


def certificate_arn(raw: Raw, wanted: Certificates, now: datetime.datetime) -> str | None:
    """Return the ARN of the default certificate: the given one, or the one found for the names."""
    if wanted.given or "certificates" not in raw:
        return wanted.given or None
    return _arn_for(raw, _left(raw, wanted), now)


def further_arns(raw: Raw, wanted: Certificates, now: datetime.datetime) -> list[str]:
    """Return the sorted ARNs of the further certificates: the given ones, and one found for each given name."""
    if "certificates" not in raw:
        return []
    found = {one if _is_arn(one) else _arn_for(raw, [one], now) for one in wanted.further}
    return sorted(arn for arn in found - {certificate_arn(raw, wanted, now)} if arn)


def _left(raw: Raw, wanted: Certificates) -> t.Sequence[str]:
    """Return the names that the default certificate has to cover: those that no further one does, at least one."""
    given = [entry for entry in raw["certificates"] if entry["CertificateArn"] in wanted.further]
    own = [one for one in wanted.further if not _is_arn(one)]
    left = [
        name
        for name in wanted.names
        if not domains.covering(given, [name]) and not any(domains.covers(one, name) for one in own)
    ]
    return left or wanted.names[:1]


def _is_arn(one: str) -> bool:
    return one.startswith("arn:")


def _arn_for(raw: Raw, names: t.Sequence[str], now: datetime.datetime) -> str | None:
    held = {entry["CertificateArn"] for item in raw.get("listeners") or [] for entry in item.get("Certificates") or []}
    held |= {arn for item in raw.get("listeners") or [] for arn in item.get("Further") or []}
    # of two that ACM renews, each expires last for a while: the listener keeps the one that it has
    kept = [entry for entry in domains.renewed(raw["certificates"], now) if entry["CertificateArn"] in held]
    found = domains.certificate(kept, names) or domains.certificate(raw["certificates"], names)
    return found["CertificateArn"] if found else None


def zones(raw: Raw) -> dict[str, str | None]:
    """Return the name of the hosted zone of each record."""
    return {
        record: domains.canonical(zone["Name"]) if zone else None for record, zone in raw.get("zone_of", {}).items()
    }


def zone_ids(raw: Raw) -> dict[str, str]:
    """Return the ids of these hosted zones by name."""
    held = [zone for zone in raw.get("zone_of", {}).values() if zone]
    return {domains.canonical(zone["Name"]): domains.zone_id(zone) for zone in held}


def _zone_problems(raw: Raw, record_names: t.Sequence[str]) -> list[str]:
    wanted = [item for item in raw.get("records") or [] if not item.get("Before")]
    missing = [
        f"No public hosted zone for {record}: Route 53 has none named like it or its parents."
        " Create one, or set alb_records to names in a zone that is there ([] for none)."
        for record in record_names
        if not raw["zone_of"].get(record)
    ]
    taken = [
        f"{domains.canonical(item['Name'])} is a CNAME, beside which there can be no A record."
        " Remove it, or leave the name out of alb_records."
        for item in wanted
        if item["Type"] == "CNAME"
    ]
    routed: dict[str, list[str]] = {}
    for item in wanted:
        if "SetIdentifier" in item:
            routed.setdefault(domains.canonical(item["Name"]), []).append(item["SetIdentifier"])
    policies = [
        f"{record} has records with a routing policy ({', '.join(sorted(set(sets)))}), beside which there can be no"
        " simple one. Leave the name out of alb_records, or remove them."
        for record, sets in routed.items()
    ]
    return [*missing, *taken, *policies]


def _is_simple(item: Raw) -> bool:
    return item["Type"] != "CNAME" and "SetIdentifier" not in item


def _certificate_problems(raw: Raw, given: str, names: t.Sequence[str]) -> list[str]:
    if given:
        return [f"{one} Set alb_certificate_arn to an issued one." for one in _not_issued(raw, given)]
    if domains.certificate(raw["certificates"], names):
        return []
    return [
        f"{_none_covers(raw, names)}"
        " Request and validate one, set alb_certificate_arn, or set alb_https: false for plain HTTP."
    ]


def _further_problems(raw: Raw, further: t.Sequence[str]) -> list[str]:
    missing = [
        _none_covers(raw, [one])
        for one in further
        if not _is_arn(one) and not domains.certificate(raw["certificates"], [one])
    ]
    wrong = [sentence for one in further if _is_arn(one) for sentence in _not_issued(raw, one)]
    return [f"{sentence} Request and validate one, or take it out of alb_certificates." for sentence in missing] + [
        f"{sentence} Take it out of alb_certificates, or put an issued one in its place." for sentence in wrong
    ]


def _not_issued(raw: Raw, arn: str) -> list[str]:
    entry = next((item for item in raw["certificates"] if item["CertificateArn"] == arn), None)
    # ACM does not list a certificate of IAM, and docs/iam does not let us read it: AWS reports if it does not exist
    if ":server-certificate/" in arn or (entry and entry["Status"] == "ISSUED"):
        return []
    state = f"is {entry['Status']}, not ISSUED" if entry else "is not in this account and region"
    return [f"Certificate {arn} {state}."]


def _none_covers(raw: Raw, names: t.Sequence[str]) -> str:
    others = [f"{item['CertificateArn']} is {item['Status']}" for item in domains.covering(raw["certificates"], names)]
    reason = f" ({'; '.join(others)})" if others else ""
    return f"No issued certificate in ACM of this region covers {', '.join(names)}{reason}."


def _load_balancer(raw: Raw, item: Raw, vpcs: t.Mapping[str, str]) -> Resource:
    subnets = {} if raw.get("by_id") else {subnet["SubnetId"]: name_tag(subnet) for subnet in raw["subnets"]}
    groups = {group["GroupId"]: group["GroupName"] for group in raw["groups"]}
    attributes = {entry["Key"]: entry["Value"] for entry in raw["attributes"]}
    subnet_ids = [zone["SubnetId"] for zone in item["AvailabilityZones"]]
    return {
        "type": "load_balancer",
        "name": item["LoadBalancerName"],
        "id": item["LoadBalancerArn"],
        "state": item["State"]["Code"],
        "dns_name": item["DNSName"].lower(),
        "hosted_zone_id": item["CanonicalHostedZoneId"],
        "values": {
            "vpc": vpcs.get(item["VpcId"], item["VpcId"]),
            "scheme": item["Scheme"],
            "ip_address_type": item["IpAddressType"],
            "subnets": sorted(subnets.get(subnet) or subnet for subnet in subnet_ids),
            "security_groups": sorted(groups.get(group, group) for group in item.get("SecurityGroups") or []),
            "deletion_protection": attributes.get("deletion_protection.enabled") == "true",
            "drop_invalid_headers": attributes.get("routing.http.drop_invalid_header_fields.enabled") == "true",
            "idle_timeout": int(attributes.get("idle_timeout.timeout_seconds", 60)),
            "access_logs": {
                "enabled": attributes.get("access_logs.s3.enabled") == "true",
                "bucket": attributes.get("access_logs.s3.bucket", ""),
                "prefix": attributes.get("access_logs.s3.prefix", ""),
            },
            **({"web_acl": raw["web_acl"]} if "web_acl" in raw else {}),
            "tags": {tag["Key"]: tag["Value"] for tag in raw["tags"]},
        },
    }


def _listener(item: Raw, name: str) -> Resource:
    values = {
        "port": item["Port"],
        "protocol": item["Protocol"],
        "default_actions": actions.shown(item["DefaultActions"], {}),
        "tags": item.get("Tags") or {},
    }
    if certificates := item.get("Certificates"):
        values["certificate"] = certificates[0]["CertificateArn"]
        values["certificates"] = item.get("Further") or []
        values["tls_policy"] = item.get("SslPolicy")
    return {"type": "listener", "name": f"{name}:{item['Port']}", "id": item["ListenerArn"], "values": values}


def _record(item: Raw, balancer: Raw | None, name: str, zone_of: t.Iterable[str]) -> Resource:
    record, kind = domains.canonical(item["Name"]), item["Type"]
    # a desired record that is in another zone than desired
    moved = bool(item.get("Before")) and record in {domains.canonical(wanted) for wanted in zone_of}
    where = f" ({domains.zone_id(item['Zone'])})" if moved else ""
    alias = item.get("AliasTarget")
    target = domains.canonical(alias["DNSName"]).removeprefix("dualstack.") if alias else _addresses(item)
    ours = _is_ours(target, balancer, name)
    return {
        "type": "record_set",
        "name": f"{record} {kind}{where}",
        "id": f"{domains.zone_id(item['Zone'])}/{record}/{kind}",
        "record": {"name": record, "type": kind},
        "foreign": not ours,
        "zone_id": domains.zone_id(item["Zone"]),
        "alias_target": alias,
        "values": {
            "zone": domains.canonical(item["Zone"]["Name"]),
            # the alias of a load balancer that was deleted by hand has no target
            "alias": name if ours and balancer else target,
            "evaluate_target_health": bool(alias and alias.get("EvaluateTargetHealth")),
        },
    }


def _addresses(item: Raw) -> str:
    return ", ".join(sorted(record["Value"] for record in item.get("ResourceRecords") or []))


def _is_ours(target: str, balancer: Raw | None, name: str) -> bool:
    if balancer:
        return target == balancer["DNSName"].lower()
    # a load balancer that was deleted by hand leaves its records; its DNS name starts with its name and an id
    return bool(re.fullmatch(rf"{re.escape(name.lower())}-[0-9a-z]+\..*", target))
