# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The load balancer's part of a plan."""

from __future__ import annotations

import typing as t

from ..._plan import compare
from ..._plan.names import vpc_name
from .. import unusable
from ..model import Data, Part, Place, Resource, place_of
from ..vpc.kept import load_balancer_problems
from . import desired, facts, kept, rules

FACT = "alb_info"


def query(inputs: Data) -> dict[str, t.Any]:
    """Return the value of platform_info's option O(alb)."""
    if asked := kept.asked(inputs):
        return asked
    wants_certificate = inputs["https"] and inputs["state"] == "present"
    return {
        **_network(inputs),
        "records": inputs["records"],
        "hosted_zone_id": inputs["hosted_zone_id"],
        "certificate_names": [name for name in inputs["records"] or [inputs["domain"]] if name]
        if wants_certificate
        else [],
        "certificate_arn": inputs["certificate_arn"] if wants_certificate else "",
        "certificates": inputs["certificates"] if wants_certificate else [],
        "access_logs_bucket": inputs["access_logs_bucket"] if inputs["state"] == "present" else "",
        "access_logs_prefix": inputs["access_logs_prefix"],
        "web_acl_arn": inputs["web_acl_arn"] if inputs["state"] == "present" else "",
        "service_port": desired.service_port(inputs),
    }


def lookup(inputs: Data) -> dict[str, t.Any]:
    """Return that value for a layer above this one, which needs neither records nor certificates."""
    return kept.asked(inputs) or _network(inputs)


def _network(inputs: Data) -> dict[str, t.Any]:
    """Return the VPC of its security group: the id of an existing one, else the name of the platform's."""
    if inputs.get("vpc_id"):
        return {"vpc_id": inputs["vpc_id"]}
    return {"vpc_name": vpc_name(inputs["vpc_name_prefix"])} if inputs.get("vpc_name_prefix") else {}


def dependencies(inputs: Data) -> dict[str, Place]:
    """Return the layers that this one depends on."""
    stands = inputs["state"] == "present" and not kept.asked(inputs)
    return {"vpc": place_of(inputs, inputs["vpc_name_prefix"])} if stands else {}


def info(place: Place, resources: t.Sequence[Resource], read: Data, inputs: Data) -> dict[str, t.Any]:
    """Return C(alb_info)."""
    return facts.of_read(place.name_prefix, place.region, {**read, "resources": resources}, inputs.get("domain", ""))


def unmet(known: Data) -> str:
    """Return the error, for a layer above this one, that there is no load balancer."""
    return (
        f"No load balancer {known['load_balancer']['name']} in {known['region']}."
        " Run playbooks/site.yml with '--tags alb' first, or set alb_name_prefix."
    )


def plan(inputs: Data, place: Place, read: Data, lower: Data) -> Part:
    """Return the load balancer's part."""
    found = list(read["resources"])
    if read.get("kept"):
        return Part([], [], info(place, found, read, inputs))
    if inputs["state"] == "absent":
        return Part([], found, info(place, found, read, inputs), _protected(inputs, found))
    wanted = desired.resources(inputs, lower["vpc"], read)
    obstacles = [*read["problems"], *unusable.problems(wanted, found), *_without_ipv6(inputs, lower["vpc"])]
    obstacles += rules.taken(wanted, read.get("listeners") or [], desired.load_balancer_name(inputs))
    if lower["vpc"].get("kept"):
        is_public = inputs["scheme"] != desired.INTERNAL
        obstacles += load_balancer_problems(lower["vpc"], desired.tier(inputs), internet_facing=is_public)
    return Part(wanted, found, info(place, compare.expected(wanted, found), read, inputs), obstacles)


def _without_ipv6(inputs: Data, network: Data) -> list[str]:
    lacking = [subnet["name"] for subnet in network[f"{desired.tier(inputs)}_subnets"] if not subnet["ipv6"]]
    if inputs["ip_address_type"] != "dualstack" or not lacking:
        return []
    return [
        f"alb_ip_address_type is dualstack: {', '.join(lacking)} have no IPv6."
        " Give each of them an IPv6 CIDR block, or set alb_ip_address_type to ipv4."
    ]


def _protected(inputs: Data, found: t.Iterable[Resource]) -> list[str]:
    if not any(entry["values"].get("deletion_protection") for entry in found):
        return []
    return [
        f"Load balancer {desired.load_balancer_name(inputs)} has deletion protection, so nothing was removed."
        " Set alb_deletion_protection to false, run the layer alb once, then remove it."
    ]
