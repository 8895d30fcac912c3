# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the network: that of a name prefix, or an existing one."""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.common import AMAZON_AWS_COLLECTION_VERSION

from ..._resources.ec2 import subnet_routes
from . import api, found, kept
from .holders import holders

if t.TYPE_CHECKING:
    from ..._aws.module import OneSessionModule


def read(module: OneSessionModule, options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the state of the network, by the options I(vpc) of M(magiclub.fargate.platform_info)."""
    if vpc_id := options.get("vpc_id"):
        seen = api.kept(module.client, vpc_id)
        endpoints = subnet_routes.endpoint_names(seen["vpc_endpoints"], vpc_id)
        return {"kept": True, "resources": kept.resources(seen, options), "endpoints": endpoints, "holders": []}
    prefix, of = module.params["name_prefix"], options.get("holders_of")
    raw = api.read(module.client, prefix, options.get("flow_logs", False), bool(of))
    wanted = options.get("endpoint_services") or []
    names = api.endpoint_services(module.client) if wanted else []
    return {
        "resources": found.resources(raw, prefix),
        "zones": found.zone_names(raw, options.get("zones") or []),
        "endpoint_services": found.endpoint_services(names, module.region, wanted),
        "holders": holders(raw, prefix, of) if of else [],
        "past_nat_gateways": sorted(gateway["NatGatewayId"] for gateway in raw.get("past_nat_gateways") or []),
        "amazon_aws_version": AMAZON_AWS_COLLECTION_VERSION,
    }
