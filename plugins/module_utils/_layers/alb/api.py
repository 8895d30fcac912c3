# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read one load balancer and everything that belongs to it, in two rounds of parallel calls."""

from __future__ import annotations

import re
import typing as t

from ..._aws.read import call, in_parallel, of_each, pages
from ..._resources.elbv2 import api as elbv2_api
from . import domains, remembered

Raw = dict[str, t.Any]
Client = t.Callable[[str], t.Any]

# Key types that a load balancer supports; by default ACM lists only RSA_2048.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
KEY_TYPES = ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]
RECORD_TYPES = ("A", "AAAA", "CNAME")


def read(
    client: Client, name: str, vpc_name: str, record_names: t.Sequence[str] | None, zone_id: str, certificates: bool
) -> Raw:
    """Return the raw descriptions of a load balancer, its security group, listeners and records.

    :param vpc_name: tag Name of its VPC, or the id of an existing one.
    :param record_names: read these records, and those that earlier runs created (C(remembered)); null for none.
    :param certificates: whether to read certificates.
    :raises RefusedError: if two hosted zones could hold a record.
    """
    elbv2, ec2 = client("elbv2"), client("ec2")
    first: dict[str, t.Callable[[], t.Any]] = {
        "load_balancer": lambda: elbv2_api.load_balancer(elbv2, name),
        "vpcs": lambda: pages(ec2, "describe_vpcs", "Vpcs", Filters=[_of_vpc(vpc_name)]),
        "own_groups": lambda: _groups(ec2, Filters=[{"Name": "group-name", "Values": [f"{name}-sg"]}]),
    }
    if record_names:
        route53 = client("route53")
        first["zones"] = lambda: pages(route53, "list_hosted_zones", "HostedZones")
    if certificates:
        acm = client("acm")
        first["certificates"] = lambda: [_with_all_names(acm, entry) for entry in _certificates(acm)]
    raw = {**in_parallel(**first), "by_id": is_id(vpc_name)}

    second: dict[str, t.Callable[[], t.Any]] = {}
    if balancer := raw["load_balancer"]:
        second.update(_of_load_balancer(elbv2, ec2, balancer))
    if record_names:
        raw["zone_of"] = _zones_of(raw["zones"], record_names, zone_id)
        second["records"] = lambda: _records(route53, raw["zone_of"])
    raw |= in_parallel(**second)
    kept = remembered.names({tag["Key"]: tag["Value"] for tag in raw.get("tags") or []})
    if record_names is not None and kept:
        before = _records_of_before(client("route53"), raw, kept)
        raw["records"] = [*(raw.get("records") or []), *before]
    return raw


def _of_vpc(name: str) -> dict[str, t.Any]:
    return {"Name": "vpc-id" if is_id(name) else "tag:Name", "Values": [name]}


def is_id(name: str) -> bool:
    """Return whether a VPC is identified by its id, as an existing one is, and not by its tag Name."""
    return re.fullmatch("vpc-[0-9a-f]{8,17}", name) is not None


def _records_of_before(route53: t.Any, raw: Raw, names: t.Sequence[str]) -> list[Raw]:
    """Return the records of these names in every zone that can hold them, without those that were read already."""
    zones = raw["zones"] if "zones" in raw else pages(route53, "list_hosted_zones", "HostedZones")
    read_already = {
        (domains.canonical(name), domains.zone_id(zone)) for name, zone in raw.get("zone_of", {}).items() if zone
    }
    found: list[Raw] = []
    for name in names:
        for zone in domains.holding(zones, name):
            if (name, domains.zone_id(zone)) not in read_already:
                found += _records(route53, {name: zone})
    return [{**record, "Before": True} for record in found]


def _certificates(acm: t.Any) -> list[Raw]:
    return pages(acm, "list_certificates", "CertificateSummaryList", Includes={"keyTypes": KEY_TYPES})


def _with_all_names(acm: t.Any, entry: Raw) -> Raw:
    # ListCertificates returns at most 100 names of each
    if "SubjectAlternativeNameSummaries" in entry and not entry.get("HasAdditionalSubjectAlternativeNames"):
        return entry
    described = call(acm, "describe_certificate", CertificateArn=entry["CertificateArn"])["Certificate"]
    names = described.get("SubjectAlternativeNames") or []
    return {**entry, "NotAfter": described.get("NotAfter", ""), "SubjectAlternativeNameSummaries": names}


def _of_load_balancer(elbv2: t.Any, ec2: t.Any, balancer: Raw) -> dict[str, t.Callable[[], t.Any]]:
    arn = balancer["LoadBalancerArn"]
    subnets = [zone["SubnetId"] for zone in balancer["AvailabilityZones"]]
    groups = balancer.get("SecurityGroups") or []
    return {
        "attributes": lambda: call(elbv2, "describe_load_balancer_attributes", LoadBalancerArn=arn)["Attributes"],
        "listeners": lambda: _listeners(elbv2, arn),
        "tags": lambda: call(elbv2, "describe_tags", ResourceArns=[arn])["TagDescriptions"][0]["Tags"],
        "subnets": lambda: pages(ec2, "describe_subnets", "Subnets", SubnetIds=subnets) if subnets else [],
        "groups": lambda: _groups(ec2, GroupIds=groups) if groups else [],
    }


def _listeners(elbv2: t.Any, load_balancer_arn: str) -> list[Raw]:
    """Return the listeners with tags, rules and further certificates, which DescribeListeners does not return."""
    found = elbv2_api.listeners(elbv2, load_balancer_arn)
    arns = [item["ListenerArn"] for item in found]
    rules = of_each(arns, lambda arn: [rule for rule in elbv2_api.rules(elbv2, arn) if not rule.get("IsDefault")])
    of_arn = elbv2_api.tags(elbv2, [*arns, *(rule["RuleArn"] for some in rules.values() for rule in some)])
    secure = [item["ListenerArn"] for item in found if item["Protocol"] == "HTTPS"]
    further = of_each(secure, lambda arn: elbv2_api.further_certificates(elbv2, arn))
    tagged = {arn: [{**rule, "Tags": of_arn.get(rule["RuleArn"], {})} for rule in some] for arn, some in rules.items()}
    more = {arn: {"Tags": of_arn.get(arn, {}), "Rules": tagged[arn], "Further": further.get(arn, [])} for arn in arns}
    return [{**item, **more[item["ListenerArn"]]} for item in found]


def _groups(ec2: t.Any, **arguments: t.Any) -> list[Raw]:
    return pages(ec2, "describe_security_groups", "SecurityGroups", **arguments)


def _zones_of(zones: t.Sequence[Raw], names: t.Sequence[str], zone_id: str) -> dict[str, t.Any]:
    if zone_id:
        given = next((zone for zone in zones if domains.zone_id(zone) == zone_id), None)
        return dict.fromkeys(names, given)
    return {name: domains.hosted_zone(zones, name) for name in names}


def _records(route53: t.Any, zone_of: t.Mapping[str, t.Any]) -> list[Raw]:
    found: list[Raw] = []
    for name, zone in zone_of.items():
        if not zone:
            continue
        listed = call(
            route53,
            "list_resource_record_sets",
            HostedZoneId=domains.zone_id(zone),
            StartRecordName=name,
            MaxItems="50",
        )["ResourceRecordSets"]
        found.extend(
            {**record, "Zone": zone}
            for record in listed
            if domains.canonical(record["Name"]) == domains.canonical(name) and record["Type"] in RECORD_TYPES
        )
    return found
