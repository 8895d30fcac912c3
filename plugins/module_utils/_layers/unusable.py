# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is there and never becomes usable: AWS has given it up.  Plain dicts in, sentences out."""

from __future__ import annotations

import typing as t

from .._plan.model import Resource

KINDS = {"load_balancer": "Load balancer", "vpc_endpoint": "VPC endpoint"}
STATES = ("failed", "rejected", "expired")
"""LoadBalancerState of Elastic Load Balancing, and State of EC2's VpcEndpoint, of which nothing follows."""


def problems(wanted: t.Iterable[Resource], found: t.Iterable[Resource]) -> list[str]:
    """Return a sentence for each of the I(found) resources that is I(wanted), and that AWS has given up."""
    names = {(entry["type"], entry["name"]) for entry in wanted}
    return [
        f"{KINDS[entry['type']]} {entry['name']} ({entry['id']}) is {entry['state']}: AWS could not make it, and does"
        " not try again. Delete it, and run again, so that another one is made."
        for entry in found
        if entry["type"] in KINDS and entry.get("state") in STATES and (entry["type"], entry["name"]) in names
    ]
