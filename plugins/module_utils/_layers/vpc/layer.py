# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The network's part of a plan."""

from __future__ import annotations

import typing as t

from ..._plan import compare
from ..._plan.model import Change
from ..._plan.names import cluster_name, vpc_name
from .. import unusable
from ..model import Data, Part, Place, Resource
from . import desired, facts, kept

FACT = "vpc_info"
GUARDDUTY = (
    " GuardDuty leaves what its Runtime Monitoring made: give the cluster {cluster} the tag GuardDutyManaged=false,"
    " so that it makes none again, then delete the endpoint and, when that is gone, the group."
)
GATEWAY = (
    " A NAT gateway that is to go with the network is taken over where it is, by the tag Name={prefix}-nat, its address"
    " by Name={prefix}-nat-eip."
)


def query(inputs: Data) -> dict[str, t.Any]:
    """Return the value of platform_info's option O(vpc)."""
    if asked := kept.asked(inputs):
        return asked
    # an interrupted removal leaves the flow log's log group, which a run without flow logs removes
    if inputs["state"] == "absent":
        return {"flow_logs": True}
    services = [*inputs["gateway_endpoints"], *inputs["interface_endpoints"]]
    return {"zones": inputs["zones"], "endpoint_services": services, "flow_logs": True}


def lookup(inputs: Data) -> dict[str, t.Any]:
    """Return that value for a layer above this one."""
    return kept.asked(inputs)


def dependencies(_inputs: Data) -> dict[str, Place]:
    """Return the layers that this one depends on: none."""
    return {}


def info(place: Place, resources: t.Sequence[Resource], read: Data, _inputs: Data) -> dict[str, t.Any]:
    """Return C(vpc_info)."""
    return facts.of_read(place.name_prefix, place.region, {**read, "resources": resources})


def unmet(known: Data) -> str:
    """Return the error, for a layer above this one, that there is no network."""
    return (
        f"No VPC tagged Name={known['vpc']['name']} in {known['region']}."
        " Run playbooks/site.yml with '--tags vpc' first, or set vpc_name_prefix."
    )


def plan(inputs: Data, place: Place, read: Data, _lower: Data) -> Part:
    """Return the network's part."""
    found = list(read["resources"])
    if read.get("kept"):
        return Part([], [], info(place, found, read, inputs))
    if inputs["state"] == "absent":
        return Part([], found, info(place, found, read, inputs))
    wanted = desired.resources(inputs, read["zones"], read["endpoint_services"], found)
    obstacles = unusable.problems(wanted, found)
    return Part(wanted, found, info(place, compare.expected(wanted, found), read, inputs), obstacles)


def removed_ids(changes: t.Iterable[Change]) -> list[str]:
    """Return the ids of the VPC and the subnets that a plan removes: AWS does not delete them while they are in use."""
    return [str(entry["id"]) for entry in changes if entry["action"] == "remove" and entry["type"] in ("vpc", "subnet")]


def held(inputs: Data, holders: t.Iterable[Data], changes: t.Iterable[Change] = ()) -> list[str]:
    """Return an error if foreign resources keep the network from being removed.

    :param holders: as RV(magiclub.fargate.vpc_info#module:holders). The run waits for those that AWS deletes soon; with
        all layers, it deletes or moves the platform's own.
    :param changes: those of all layers.
    """
    going = {change["id"]: change["type"] for change in changes if change["action"] == "remove"}
    # no layer removes the security group of a service that is no longer in the inventory
    whole = "ecs_cluster" in going.values()
    absent = inputs["state"] == "absent"
    moving = not absent and not inputs["cleanup"]
    stay = [
        one
        for one in holders
        if not one["leaving"]
        and not (absent and (one["id"] in going or (one["platform"] and not (whole and one["id"].startswith("sg-")))))
        and not (moving and one["moves"])
    ]
    if not stay:
        return []
    step = (
        "Remove that first, what is this platform's by destroy.yml without --tags, and run again."
        if absent
        else "Move or remove that first, and run again; what is this platform's moves in a run of site.yml without"
        " --tags."
    )
    prefix = inputs["name_prefix"]
    if any(one["id"].startswith("nat-") for one in stay):
        step += GATEWAY.format(prefix=prefix)
    others = GUARDDUTY.format(cluster=cluster_name(prefix)) if any(one["guardduty"] for one in stay) else ""
    held_by = ", ".join(one["text"] for one in stay)
    return [f"The network {vpc_name(prefix)} can't be removed, as it holds {held_by}. {step}{others}"]
