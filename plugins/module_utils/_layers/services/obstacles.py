# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Obstacles to deploying services, and warnings about requests that they take from each other, one message each."""

from __future__ import annotations

import typing as t

from ..._resources.elbv2 import authentication, conditions
from . import (
    connect,
    desired_task,
    images,
    overlaps,
    priorities,
    queue,
    routes,
    strategy,
    target_groups,
    validate_connect,
)
from .names import Names
from .platform import Platform
from .validate_containers import KNOWN_LATER

Data = t.Mapping[str, t.Any]


def obstacles(services: t.Sequence[Data], platform: Platform, info: Data) -> list[str]:
    """Return the obstacles to deploying the services, one message each, known before the first change."""
    numbered = priorities.with_priorities(services, platform["name_prefix"], info)
    listener = overlaps.Listener.of(numbered, platform["name_prefix"], info)
    taken = [*_of_rules(services, numbered, platform, info)] or overlaps.refusals(listener)
    return [
        *taken,
        *validate_connect.alias_conflicts(services, platform),
        *_missing(services, platform, info),
        *_unbuilt(services, platform, info["services"]),
    ]


def _of_rules(
    services: t.Sequence[Data], numbered: t.Sequence[Data], platform: Platform, info: Data
) -> t.Iterator[str]:
    """Yield the obstacles to writing the services' rules."""
    for rule in overlaps.rules_of_others(services, platform["name_prefix"], info):
        yield from (_taken(service, rule) for service in services if _sets_priority(service, rule["priority"]))
    for service in services:
        yield from _not_free_yet(service, numbered, info)
    yield from (_no_room_in_front(service) for service in numbered if priorities.lacks_room(service))
    for service in services:
        yield from _without_tls(service, platform)
    for service in services:
        if strategy.in_transit(service, info["services"].get(service["name"], {})):
            yield _in_transit(service)


def _missing(services: t.Sequence[Data], platform: Platform, info: Data) -> t.Iterator[str]:
    """Yield the images, queues, client secrets and namespaces that services refer to and AWS does not have."""
    for service in services:
        for image in images.of(service, info["services"]):
            if image in info["missing_images"]:
                yield (
                    f"Service '{service['name']}': ECR has no image {image} that can be pulled."
                    " Push it first, restore it from the archive, or correct its repository, tag or digest."
                )
    yield from queue.missing(services, platform, info.get("other_queues") or [])
    for service in services:
        for source in routes.client_secrets([service]):
            if source in info["missing_secrets"]:
                yield (
                    f"Service '{service['name']}': there is no secret {source} for rule.authenticate. Put the client"
                    " secret there, or name another in client_secret_from."
                )
    yield from _without_namespace(services, platform, info.get("shared_namespaces") or {})


def _unbuilt(services: t.Iterable[Data], platform: Platform, there: Data) -> t.Iterator[str]:
    """Yield an error for each image that is not built yet, except in check mode, which builds none."""
    for service in services:
        if not platform["check_mode"] and KNOWN_LATER in images.prebuilt(service, there):
            yield (
                f"Service '{service['name']}': its image is not built yet, so there is nothing to run."
                " Build and push it first, or set image to one that is there."
            )


def _without_namespace(services: t.Sequence[Data], platform: Platform, shared: Data) -> t.Iterator[str]:
    for service in services:
        named = connect.namespace(service, platform)
        if connect.is_shared(service, platform) and not shared.get(named):
            yield (
                f"Service '{service['name']}': there is no Cloud Map namespace {named} in this account and region."
                " Correct service_connect.namespace, or leave it out to use that of the platform."
            )


def warnings(services: t.Sequence[Data], platform: Platform, info: Data) -> list[str]:
    """Return warnings about requests that services would take from others or lose, even temporarily, one message each.

    Also about suspended scaling and, in check mode, deployments in progress. Rules with C(accept_overlap) are left out,
    and a service that would get no requests at all is an obstacle.
    """
    prefix = platform["name_prefix"]
    numbered = priorities.with_priorities(services, prefix, info)
    result = overlaps.warnings(overlaps.Listener.of(numbered, prefix, info))
    result += [one for service in services for one in _suspended(service, info)]
    result += [one for service in services for one in _under_way(service, info)] if platform["check_mode"] else []
    return result + [one for service in numbered if service["rules"] for one in _rerouted(service, platform, info)]


def _suspended(service: Data, info: Data) -> t.Iterator[str]:
    parts = (info["services"].get(service["name"]) or {}).get("suspended") or []
    if service["autoscaling"] and parts:
        yield (
            f"Service '{service['name']}': its scaling is suspended for {' and '.join(parts)} until somebody resumes it"
            " (aws application-autoscaling register-scalable-target --suspended-state)."
        )


def _under_way(service: Data, info: Data) -> t.Iterator[str]:
    deployment = (info["services"].get(service["name"]) or {}).get("deployment") or {}
    if deployment.get("rollout_state") == "IN_PROGRESS":
        yield (
            f"Service '{service['name']}': its deployment is IN_PROGRESS, so it is not known yet whether it serves as"
            " described. status.yml shows its progress, and a run waits for it."
        )


def _rerouted(service: Data, platform: Platform, info: Data) -> list[str]:
    there = info["services"].get(service["name"]) or {}
    definition = desired_task.task_definition(service, platform, there)
    return target_groups.warnings(service, Names.of(platform["name_prefix"], service), there, definition)


def _no_room_in_front(service: Data) -> str:
    number = service["rules"][0]["priority"]
    return (
        f"Service '{service['name']}': its rule for tests goes in front of its own at rule.priority {number}, and no"
        f" number below {number} is free. Give it a higher rule.priority, or leave that out."
    )


def _in_transit(service: Data) -> str:
    return (
        f"Service '{service['name']}': ECS still shifts requests of its deployment, so its strategy can't change to"
        " rolling yet. Answer it with continue.yml if it waits, or roll back with rollback.yml, and run again then."
    )


def _sets_priority(service: Data, priority: int) -> bool:
    return priority in priorities.given(service)


def _not_free_yet(service: Data, numbered: t.Sequence[Data], info: Data) -> t.Iterator[str]:
    """Yield an error for each priority that a rule sets and another service's rule still has."""
    names = {one["name"]: {rule["name"]: rule for rule in one["rules"]} for one in numbered}
    for other in numbered:
        for held in overlaps.rules_of(info, other["name"]):
            own = names[service["name"]].get(held["name"]) if other["name"] == service["name"] else None
            if _sets_priority(service, held["priority"]) and (own is None or own["priority"] != held["priority"]):
                yield _still_held(service, other, held, held["name"] in names[other["name"]])


def _still_held(service: Data, other: Data, held: Data, stays: bool) -> str:
    number = held["priority"]
    whose = f"service '{other['name']}'" if other["name"] != service["name"] else f"its rule {held['name']}"
    if not stays:
        return (
            f"Service '{service['name']}': rule.priority {number} is still that of {whose}, and goes"
            f" only once that serves without it. Take this service out of the list, or leave its rule.priority out,"
            " and put it back in a second run."
        )
    return (
        f"Service '{service['name']}': rule.priority {number} is still that of {whose}, and rules are"
        f" written one after the other. Give that rule another one first, and this one {number} in a second run."
    )


def _without_tls(service: Data, platform: Platform) -> t.Iterator[str]:
    """Yield an error for each rule that needs an HTTPS listener, for authentication or its protocol version.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version
    """
    if platform.get("listener_protocol") != "HTTP":
        return
    for rule in service["rules"]:
        if authentication.canonical(rule["authenticate"]):
            yield (
                f"Service '{service['name']}': rule.authenticate needs a listener by HTTPS, and {platform['listener']}"
                " is by HTTP. Set alb_https: true, or take authenticate out."
            )
        if rule["protocol_version"] != "HTTP1":
            yield (
                f"Service '{service['name']}': protocol_version {rule['protocol_version']} of port {rule['port']} needs"
                f" a listener by HTTPS, and {platform['listener']} is by HTTP. Set alb_https: true, or"
                " protocol_version: HTTP1."
            )


def _taken(service: Data, rule: Data) -> str:
    whose = f"rule {rule['name'] or rule['arn']} ({conditions.in_words(rule)})"
    return (
        f"Service '{service['name']}': rule.priority {rule['priority']} is taken by {whose}: a listener has each once."
        " Give another, or leave rule.priority out to get the next free."
    )
