# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read an existing load balancer.  Not in C(kept), which the controller imports without the AWS SDK."""

from __future__ import annotations

import typing as t

from ..._aws.read import pages
from ..._aws.refused import RefusedError
from ..._resources.elbv2 import api as elbv2
from .kept import listener_of, of_listener, resources

Raw = t.Mapping[str, t.Any]
Client = t.Callable[[str], t.Any]


def read(client: Client, options: Raw) -> dict[str, t.Any]:
    """Return what C(read.read) does of the platform's own, and the egress rules of its security groups, C(lets_out).

    Raises RefusedError if there is no such load balancer, or it has no listener for the services' rules.
    """
    elb = client("elbv2")
    arn = options.get("arn") or of_listener(options["listener_arn"])
    balancer = elbv2.load_balancer(elb, arn)
    if balancer is None:
        raise RefusedError(f"Load balancer {arn} is not in this account and region. Set alb_arn to one that is.")
    if balancer["State"]["Code"] not in ("active", "active_impaired"):
        raise RefusedError(f"Load balancer {arn} is {balancer['State']['Code']}, not active. Run again once it is.")
    listeners = elbv2.listeners(elb, arn)
    listener = listener_of(listeners, options.get("listener_arn"), arn)
    ids = balancer.get("SecurityGroups") or []
    groups = pages(client("ec2"), "describe_security_groups", "SecurityGroups", GroupIds=ids) if ids else []
    return {
        "kept": True,
        "resources": resources(balancer, listeners, groups),
        "service_port": listener["Port"],
        "vpc_id": balancer["VpcId"],
        "lets_out": [rule for group in groups for rule in group.get("IpPermissionsEgress") or []] if groups else None,
        "certificate_arn": None,
        "zones": {},
        "zone_ids": {},
        "problems": [],
    }
