# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the inputs of the roles vpc and alb.

A sentence names the value, the rule and the variable to set.  Rules of AWS:
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html (VPC and subnet sizes),
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html (names, two zones).
"""

from __future__ import annotations

import ipaddress
import itertools
import re
import typing as t

from .._alb import domains
from .._aws import region as regions
from .._constraints.documented import DOCUMENTED
from .._vpc import cidrs, desired, zones
from . import policy

Inputs = t.Mapping[str, t.Any]
Network = ipaddress.IPv4Network

LARGEST, SMALLEST = 16, 28
PRIVATE = tuple(Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))


def vpc(inputs: Inputs) -> list[str]:
    """Return what is wrong with the inputs of the role vpc."""
    return [
        *regions.wrong(inputs["region"]),
        *_zones(inputs["zones"]),
        *_vpc_block(inputs["cidr_block"], inputs["allow_public_range"]),
        *_subnets(inputs),
        *policy.boundary_wrong("vpc_permissions_boundary", inputs["permissions_boundary"]),
    ]


def _zones(given: t.Sequence[str]) -> list[str]:
    if len(set(given)) < 2:
        shown = ", ".join(given) or "none"
        return [
            f"vpc_zones is {shown}: a load balancer needs two zones. Set two or more, as in [apne2-az1, apne2-az3]."
        ]
    suffixes: dict[str, str] = {}
    found = []
    for zone in given:
        try:
            suffix = zones.suffix(zone)
        except ValueError as error:
            found.append(f"vpc_zones: {error}")
            continue
        if suffix in suffixes:
            found.append(
                f"vpc_zones: {suffixes[suffix]} and {zone} would both be named '{suffix}'."
                " Give each zone once, and all by name or all by id."
            )
        suffixes.setdefault(suffix, zone)
    return found


def _vpc_block(cidr: str, allow_public_range: bool) -> list[str]:
    block, wrong = _block("vpc_cidr_block", cidr)
    if block is None or wrong:
        return wrong
    if not allow_public_range and not any(block.subnet_of(private) for private in PRIVATE):
        return [
            f"vpc_cidr_block is {cidr}: that is public address space, whose owner the network could not reach."
            " Take a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, as in 172.25.0.0/16,"
            " or set vpc_allow_public_range: true."
        ]
    return []


def _block(variable: str, cidr: str) -> tuple[Network | None, list[str]]:
    try:
        block = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        return None, [f"{variable}: '{cidr}' is no IPv4 CIDR block ({error}). Write one as in 172.25.0.0/16."]
    if not LARGEST <= block.prefixlen <= SMALLEST:
        return block, [f"{variable}: {cidr} is a /{block.prefixlen}, and AWS takes /{LARGEST} to /{SMALLEST}."]
    return block, []


def _subnets(inputs: Inputs) -> list[str]:
    outer, wrong = _block("vpc_cidr_block", inputs["cidr_block"])
    if outer is None or wrong:
        return []
    found: list[str] = []
    blocks: list[tuple[str, Network]] = []
    for tier in cidrs.TIERS:
        variable = f"vpc_{tier}_subnets"
        given = inputs[variable.removeprefix("vpc_")]
        if given and len(given) != len(inputs["zones"]):
            found.append(
                f"{variable} has {len(given)} CIDR blocks for {len(inputs['zones'])} zones."
                " Give one for each of vpc_zones in its order, or none to have them derived."
            )
        elif not given and not _zones(inputs["zones"]):
            found.extend(_underivable(inputs, tier))
        for cidr in given:
            block, wrong = _block(variable, cidr)
            found.extend(wrong)
            if block is None:
                continue
            blocks.append((variable, block))
            if not block.subnet_of(outer):
                found.append(f"{variable}: {cidr} is not within vpc_cidr_block {outer}.")
    if not found:
        blocks = _all_blocks(inputs)
    return [*found, *_overlaps(blocks)]


def _all_blocks(inputs: Inputs) -> list[tuple[str, Network]]:
    if _zones(inputs["zones"]):
        return []
    return [
        (f"vpc_{tier}_subnets", Network(cidr)) for tier in cidrs.TIERS for cidr in desired.subnet_cidrs(inputs, tier)
    ]


def _underivable(inputs: Inputs, tier: str) -> list[str]:
    try:
        desired.subnet_cidrs(inputs, tier)
    except ValueError as error:
        return [f"vpc_{tier}_subnets: {error} Give the CIDR blocks."]
    return []


def _overlaps(blocks: t.Sequence[tuple[str, Network]]) -> list[str]:
    return [
        f"{variable}: {block} overlaps {other} of {other_variable}. Give each subnet addresses of its own."
        for (other_variable, other), (variable, block) in itertools.combinations(blocks, 2)
        if block.overlaps(other)
    ]


def load_balancer_name(variable: str, name: str) -> list[str]:
    """Return what is wrong with the name of a load balancer or of a target group."""
    rule = "letters, digits and single inner hyphens, 32 at most"
    if len(name) > 32:
        return [f"{variable}: '{name}' has {len(name)} characters; AWS takes {rule}. Shorten fargate_project."]
    if not re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", name) or name.startswith("internal-"):
        return [f"{variable}: AWS does not take the name '{name}': it takes {rule}, not beginning with 'internal-'."]
    return []


# Policies that offer TLS 1.2 and 1.3 alone:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
TLS_POLICY = re.compile(r"ELBSecurityPolicy-TLS13-1-[23](-[A-Za-z0-9]+)*-\d{4}-\d{2}")
CERTIFICATE = re.compile(DOCUMENTED["elbv2.CreateListener.Certificates.CertificateArn"].rule["pattern"])
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


def alb(inputs: Inputs) -> list[str]:
    """Return what is wrong with the inputs of the role alb."""
    return [
        *regions.wrong(inputs["region"]),
        *load_balancer_name("alb_name_prefix", f"{inputs['name_prefix']}-pub-alb"),
        *(sentence for name in inputs["records"] for sentence in _domain("alb_records", name)),
        *(_domain("alb_domain", inputs["domain"]) if inputs["domain"] else []),
        *_https(inputs),
        *(sentence for cidr in inputs["allowed_cidrs"] for sentence in _source(cidr)),
        *_idle_timeout(inputs["idle_timeout"]),
        *_bucket(inputs["access_logs_bucket"]),
        *_logs_prefix(inputs.get("access_logs_prefix") or ""),
    ]


def _domain(variable: str, name: str) -> list[str]:
    labels = domains.canonical(name).split(".")
    rest = labels[1:] if labels[0] == "*" else labels
    if len(name) <= 253 and len(rest) > 1 and all(LABEL.fullmatch(label) for label in rest):
        return []
    return [f"{variable}: '{name}' is no domain name. Write one as in lotto.your.company.com."]


def _https(inputs: Inputs) -> list[str]:
    if not inputs["https"]:
        return []
    found = []
    if not (inputs["certificate_arn"] or inputs["records"] or inputs["domain"]):
        found.append(
            "alb_https is true, and there is no name to find a certificate for."
            " Set alb_domain or alb_certificate_arn, or alb_https: false for plain HTTP."
        )
    elif inputs["certificate_arn"] and not CERTIFICATE.fullmatch(inputs["certificate_arn"]):
        found.append(
            f"alb_certificate_arn: '{inputs['certificate_arn']}' is not the ARN of a certificate."
            " Write one as in arn:aws:acm:REGION:ACCOUNT:certificate/ID, or leave it empty to have one found."
        )
    if not TLS_POLICY.fullmatch(inputs["tls_policy"]):
        found.append(
            f"alb_tls_policy: '{inputs['tls_policy']}' is none that offers TLS 1.3 and nothing older than 1.2."
            " Set ELBSecurityPolicy-TLS13-1-2-2021-06 or a newer one."
        )
    return found


def _source(cidr: str) -> list[str]:
    try:
        if "/" not in cidr:
            raise ValueError("no length of the prefix")
        ipaddress.ip_network(cidr)
    except ValueError as error:
        return [f"alb_allowed_cidrs: '{cidr}' is no CIDR block ({error}). Write one as in 203.0.113.0/24."]
    return []


def _bucket(name: str) -> list[str]:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    if not name or (BUCKET.fullmatch(name) and ".." not in name):
        return []
    return [
        f"alb_access_logs_bucket: '{name}' is no name of a bucket:"
        " 3 to 63 lower-case letters, digits, dots and hyphens."
    ]


def _logs_prefix(prefix: str) -> list[str]:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    if "AWSLogs" not in prefix and prefix.strip("/") == prefix:
        return []
    return [
        f"alb_access_logs_prefix: '{prefix}' has AWSLogs in it, or a slash at an end: AWS adds /AWSLogs/ itself."
        " Write one as in alb/production."
    ]


def _idle_timeout(seconds: int) -> list[str]:
    if 1 <= seconds <= 4000:
        return []
    return [f"alb_idle_timeout is {seconds}; AWS takes 1 to 4000 seconds."]
