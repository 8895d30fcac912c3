# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Resources that failed and never become usable.  Plain dicts in, errors out."""

from __future__ import annotations

import typing as t

from .._plan.model import Resource

KINDS = {"load_balancer": "Load balancer", "vpc_endpoint": "VPC endpoint"}
STATES = ("failed", "rejected", "expired")
"""Final values of LoadBalancerState of Elastic Load Balancing, and of State of EC2's VpcEndpoint."""


def problems(wanted: t.Iterable[Resource], found: t.Iterable[Resource]) -> list[str]:
    """Return an error for each desired resource that exists and has failed."""
    names = {(entry["type"], entry["name"]) for entry in wanted}
    return [
        f"{KINDS[entry['type']]} {entry['name']} ({entry['id']}) is {entry['state']}: AWS could not create it, and"
        " does not try again. Delete it, and run again to create another one."
        for entry in found
        if entry["type"] in KINDS and entry.get("state") in STATES and (entry["type"], entry["name"]) in names
    ]
