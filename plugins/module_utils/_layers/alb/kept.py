# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An existing load balancer, identified by its ARN or that of a listener, which is neither changed nor deleted.

Its security group is named by its id.  Services add rules to its listener; other rules are left alone.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ..._aws.refused import RefusedError
from ..._plan.model import Resource

Raw = t.Mapping[str, t.Any]

PORTS = (443, 80)
PROTOCOLS = ("HTTPS", "HTTP")
LISTENER = re.compile(r"(arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:)listener(/app/[\w-]+/\w+)/\w+")


def asked(inputs: Raw) -> dict[str, t.Any]:
    """Return what platform_info is to read of an existing load balancer, empty if the inputs name none."""
    given = {key: inputs.get(key) for key in ("arn", "listener_arn")}
    return {key: value for key, value in given.items() if value}


def of_listener(arn: str) -> str:
    """Return the ARN of a listener's load balancer."""
    return LISTENER.sub(r"\1loadbalancer\2", arn)


def listener_of(listeners: t.Sequence[Raw], wanted: str | None, arn: str) -> Raw:
    there = ", ".join(f"{one['Protocol']} on {one['Port']}" for one in listeners) or "none"
    if wanted:
        found = next((one for one in listeners if one["ListenerArn"] == wanted), None)
    else:
        by_port = {one["Port"]: one for one in listeners if one["Protocol"] in PROTOCOLS}
        found = next((by_port[port] for port in PORTS if port in by_port), None)
    if found is None or found["Protocol"] not in PROTOCOLS:
        lacks = f"listener {wanted} by HTTPS or HTTP" if wanted else "HTTPS or HTTP listener on 443 or 80"
        raise RefusedError(
            f"Load balancer {arn} has no {lacks}, and has {there}. Set alb_listener_arn to the one that the rules of"
            " services belong to."
        )
    return found


def resources(balancer: Raw, listeners: t.Sequence[Raw], groups: t.Sequence[Raw]) -> list[Resource]:
    name = balancer["LoadBalancerName"]
    values = {"vpc": balancer["VpcId"], "scheme": balancer["Scheme"]}
    own: Resource = {"type": "load_balancer", "name": name, "id": balancer["LoadBalancerArn"], "values": values}
    own["state"], own["dns_name"] = balancer["State"]["Code"], balancer["DNSName"].lower()
    own["hosted_zone_id"] = balancer["CanonicalHostedZoneId"]
    known: list[Resource] = [
        {"type": "security_group", "name": one["GroupId"], "id": one["GroupId"], "values": {}} for one in groups[:1]
    ]
    of_rules: list[Resource] = [
        {
            "type": "listener",
            "name": f"{name}:{one['Port']}",
            "id": one["ListenerArn"],
            "values": {"port": one["Port"], "protocol": one["Protocol"]},
        }
        for one in sorted(listeners, key=lambda one: int(one["Port"]))
        if one["Protocol"] in PROTOCOLS
    ]
    return [*known, own, *of_rules]


def problems(balancer: Raw, network: Raw, ports: t.Sequence[int], subnets: t.Sequence[Raw]) -> list[str]:
    """Return an error for each reason why an existing load balancer can't reach tasks on these ports and subnets."""
    arn, vpc_id = balancer["load_balancer"]["arn"], balancer["vpc_id"]
    if vpc_id != network["vpc"]["id"]:
        return [
            f"Load balancer {arn} is in {vpc_id}, and the tasks are in {network['vpc']['name']}: its target groups have"
            " to be of its own VPC. Set vpc_id to that, or alb_arn to another one."
        ]
    if balancer["lets_out"] is None:
        return []
    blocks = [subnet["cidr_block"] for subnet in subnets]
    closed = [port for port in ports if not all(_lets(balancer["lets_out"], port, block) for block in blocks)]
    if not closed:
        return []
    return [
        f"The security groups of load balancer {arn} let nothing out to the tasks on port"
        f" {' and '.join(map(str, sorted(closed)))}, so that every request would end in 504. Ask who keeps it to"
        f" let it out to {', '.join(blocks)}."
    ]


def _lets(rules: t.Iterable[Raw], port: int, block: str) -> bool:
    """Whether egress rules allow a port of a block, also part by part; one with a group or prefix list counts."""
    taking = [rule for rule in rules if _takes(rule, port)]
    if any(rule.get("UserIdGroupPairs") or rule.get("PrefixListIds") for rule in taking):
        return True
    led_to = [ipaddress.IPv4Network(one["CidrIp"]) for rule in taking for one in rule.get("IpRanges") or []]
    wanted = ipaddress.IPv4Network(block)
    return any(wanted.subnet_of(one) for one in ipaddress.collapse_addresses(led_to))


def _takes(rule: Raw, port: int) -> bool:
    if rule["IpProtocol"] not in ("tcp", "-1"):
        return False
    return rule["IpProtocol"] == "-1" or int(rule["FromPort"]) <= port <= int(rule["ToPort"])
