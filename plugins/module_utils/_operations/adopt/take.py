# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Adopts running services: their definitions, and their current state in the form that a plan compares."""

from __future__ import annotations

import re
import typing as t

from ..._aws.arn import last
from ..._layers.services import found, found_routes
from ..._layers.services import read as services
from ..._layers.services.names import Names, given_names
from ..._layers.services.platform import Platform, known, with_shared
from . import around as surroundings
from . import compare, describe, jobs, refuse
from . import read as reading

Found = dict[str, t.Any]

LONGEST = 32
"""Maximum length of a name with its prefix."""


def take(client: t.Callable[[str], t.Any], query: reading.Query, inputs: t.Mapping[str, t.Any]) -> Found:
    """Return definitions and current state of the services, or in C(refused) the reasons why some can't be adopted.

    I(inputs) has C(name_prefix), C(region) and C(tags) of the new inventory.
    """
    live = reading.live(client, query)
    refused = [sentence for service in live["services"] for sentence in refuse.problems(service, live)]
    if refused:
        return {"refused": refused}
    around = surroundings.of(live["services"], live)
    platform = surroundings.platform(around, query.cluster, inputs)
    names = own_names([service["serviceName"] for service in live["services"]], inputs["name_prefix"])
    definitions = [
        _definition(names[service["serviceName"]], service, live, platform["listener_arn"])
        for service in live["services"]
    ]
    raw = services.read(client, _query(definitions, platform))
    shared = {name: {"id": one["Id"], "arn": one["Arn"]} for name, one in raw["shared_namespaces"].items() if one}
    platform = with_shared(platform, shared)
    named = [Names(inputs["name_prefix"], one["name"], given_names(one)) for one in definitions]
    return {
        "refused": [],
        "definitions": definitions,
        "platform": platform,
        "info": {
            "name_prefix": inputs["name_prefix"],
            "services": found.services(raw, named, {**platform, "names": known(platform)}),
            "rules": found_routes.rules(raw),
        },
        "notes": list(
            dict.fromkeys(
                note for service in live["services"] for note in compare.notes(service, live, platform["listener_arn"])
            )
        ),
        "around": _layers_below(around, query),
    }


def _definition(name: str, service: t.Mapping[str, t.Any], live: Found, listener: str | None) -> Found:
    described = describe.definition(name, service, live, listener)
    return jobs.definition(described, service["schedule"]) if "schedule" in service else described


def own_names(names: t.Iterable[str], prefix: str) -> dict[str, str]:
    """Return a unique, valid name in the inventory for each service."""
    room = LONGEST - len(prefix) - 1
    result: dict[str, str] = {}
    project = prefix.split("-", maxsplit=1)[0]
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        short = next((plain.removeprefix(f"{one}-") for one in (prefix, project) if plain.startswith(f"{one}-")), plain)
        short = short if short[:1].isalpha() else f"app-{short}".rstrip("-")
        wanted, number = short[:room].rstrip("-"), 2
        while wanted in result.values():
            end = f"-{number}"
            wanted, number = f"{short[: room - len(end)].rstrip('-')}{end}", number + 1
        result[name] = wanted
    return result


def _query(definitions: t.Sequence[Found], platform: Platform) -> services.Query:
    return services.Query(
        services=[Names(platform["name_prefix"], one["name"], given_names(one)) for one in definitions],
        cluster=platform["cluster"],
        listener_arn=platform["listener_arn"],
        namespace_id=platform["namespace_id"],
        vpc_id=platform["vpc_id"],
        shared_namespaces=sorted(
            {one["service_connect"]["namespace"] for one in definitions if "service_connect" in one}
        ),
    )


def _layers_below(around: surroundings.Around, query: reading.Query) -> Found:
    """Return the layers below, for the inventory."""
    balancer, listener = around.load_balancer, around.listener
    return {
        "cluster": last(query.cluster),
        "vpc": {"id": around.vpc["VpcId"], "cidr": around.vpc["CidrBlock"], "name": _name(around.vpc)},
        "subnets": around.subnets,
        "load_balancer": (
            {"arn": balancer["LoadBalancerArn"], "name": balancer["LoadBalancerName"]} if balancer else None
        ),
        "listener": (
            {"arn": listener["ListenerArn"], "port": listener["Port"], "protocol": listener["Protocol"]}
            if listener
            else None
        ),
        "namespace": {"id": around.namespace["Id"], "name": around.namespace["Name"]} if around.namespace else None,
    }


def _name(thing: t.Mapping[str, t.Any]) -> str:
    return next((tag["Value"] for tag in thing.get("Tags") or [] if tag["Key"] == "Name"), "")
