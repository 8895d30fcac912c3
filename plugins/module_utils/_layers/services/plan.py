# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a list of services asks for beside what there is of them, ready to be compared.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

from ..._plan.model import Resource
from ..._resources.elbv2 import authentication, conditions
from ..._resources.elbv2.decide import HIGHEST_PRIORITY, matches_all, next_priority
from . import (
    arguments,
    connect,
    desired,
    desired_task,
    found,
    job,
    overlaps,
    queue,
    routes,
    scaling,
    scheduled,
    strategy,
    target_groups,
)
from .names import Names
from .platform import with_shared
from .validate_containers import KNOWN_LATER

Data = t.Mapping[str, t.Any]

# Those whose difference means that the service itself is started, changed or scaled.
SCALED = ("scalable_target", "scaling_policy", scheduled.TYPE)
DEPLOYED = ("ecs_task_definition", "ecs_service", "schedule", *SCALED)


def compared(services: t.Sequence[Data], platform: Data, info: Data) -> dict[str, list[Resource]]:
    """Return the resources to have (C(desired)) and those that there are (C(found)).

    Of a service's revisions the found one is that which equals the wanted one, else the one that it runs.
    """
    wanted: list[Resource] = []
    has: list[Resource] = []
    for service in with_priorities(services, platform["name_prefix"], info):
        there = info["services"].get(service["name"]) or {}
        resources = desired.resources(service, platform, there)
        definition = next(entry for entry in resources if entry["type"] == "ecs_task_definition")
        revision = desired_task.current(definition["values"], there.get("task_definitions") or [])
        wanted += resources
        has += [*(there.get("resources") or []), *([revision] if revision else [])]
        has += _left_endpoints(service, platform, there)
    return {"desired": wanted, "found": has}


def _left_endpoints(service: Data, platform: Data, there: Data) -> list[Resource]:
    """Return what ECS has made for Service Connect under our name and the service no longer has."""
    names, where = Names.of(platform["name_prefix"], service), connect.namespace(service, platform)
    kept = f"{names.endpoint}.{where}" if connect.offers(service) else ""
    return [entry for entry in there.get("endpoints") or [] if entry["name"] != kept]


def claims(services: t.Sequence[Data], info: Data) -> list[Resource]:
    """Return what there is of the services, with the tags that their definitions have of their own."""
    return [
        {"type": entry["type"], "name": entry["name"], "values": {"tags": service["tags"]}}
        for service in services
        for entry in found.resources(info["services"][service["name"]])
    ]


def obstacles(services: t.Sequence[Data], platform: Data, info: Data) -> list[str]:
    """Return what AWS holds that is in the way of the services, a sentence each, known before the first change."""
    others = overlaps.rules_of_others(services, platform["name_prefix"], info)
    there = info["services"]
    under_way = [
        _in_transit(service) for service in services if strategy.in_transit(service, there.get(service["name"], {}))
    ]
    numbered = with_priorities(services, platform["name_prefix"], info)
    taken = [_taken(service, rule) for service in services for rule in others if _wants(service, rule["priority"])]
    taken += [sentence for service in services for sentence in _not_free_yet(service, numbered, info)]
    taken += [_no_room_in_front(service) for service in numbered if _lacks_room(service)]
    taken += [sentence for service in services for sentence in _without_tls(service, platform)]
    taken += under_way
    if not taken:
        taken = overlaps.refusals(overlaps.Listener.of(numbered, platform["name_prefix"], info))
    absent = [
        f"Service '{service['name']}': ECR has no image {image} that can be pulled."
        " Push it first, restore it from the archive, or correct its repository, tag or digest."
        for service in services
        for image in _images(service, there)
        if image in info["missing_images"]
    ]
    absent += queue.not_there(services, platform, info.get("other_queues") or [])
    absent += [
        f"Service '{service['name']}': there is no secret {source} for rule.authenticate. Put the client secret there,"
        " or name another in client_secret_from."
        for service in services
        for source in routes.client_secrets([service])
        if source in info["missing_secrets"]
    ]
    absent += _without_namespace(services, platform, info.get("shared_namespaces") or {})
    if platform["check_mode"]:
        return taken + absent
    unknown = [service for service in services if KNOWN_LATER in _images_to_be_there(service, there)]
    return [*taken, *absent] + [
        f"Service '{service['name']}': its image is not built yet, so there is nothing to run."
        " Build and push it first, or set image to one that is there."
        for service in unknown
    ]


def _without_namespace(services: t.Sequence[Data], platform: Data, shared: Data) -> t.Iterator[str]:
    for service in services:
        named = connect.namespace(service, platform)
        if connect.is_shared(service, platform) and not shared.get(named):
            yield (
                f"Service '{service['name']}': there is no Cloud Map namespace {named} in this account and region."
                " Correct service_connect.namespace, or leave it out to use that of the platform."
            )


def warnings(services: t.Sequence[Data], platform: Data, info: Data) -> list[str]:
    """Return what the services would take of others' requests, or lose of their own, if only for now, a sentence each.

    A rule with C(accept_overlap) is not told of. What leaves a service without any request is among the obstacles.
    """
    prefix = platform["name_prefix"]
    numbered = with_priorities(services, prefix, info)
    result = overlaps.warnings(overlaps.Listener.of(numbered, prefix, info))
    return result + [one for service in numbered if service["rules"] for one in _on_the_way(service, platform, info)]


def _on_the_way(service: Data, platform: Data, info: Data) -> list[str]:
    there = info["services"].get(service["name"]) or {}
    definition = desired_task.task_definition(service, platform, there)
    return target_groups.warnings(service, Names.of(platform["name_prefix"], service), there, definition)


def images(services: t.Sequence[Data]) -> list[str]:
    """Return the images that the definitions of the services name, once each."""
    named = {image for service in services for image in _images(service, {})}
    return sorted(image for image in named if image != KNOWN_LATER)


def _images(service: Data, there: Data) -> list[str]:
    return [_image(service, there), *(sidecar["image"] for sidecar in service["sidecars"])]


def _images_to_be_there(service: Data, there: Data) -> list[str]:
    """Return the images of a service that the same run does not build."""
    own, *sidecars = _images(service, there)
    return sidecars if service.get("build") else [own, *sidecars]


def _image(service: Data, there: Data) -> str:
    return desired_task.image(service, there.get(service["name"]) or {})


def with_priorities(services: t.Sequence[Data], prefix: str, info: Data) -> list[Data]:
    """Return the services with name and priority of each rule: the number as given, as it is, or the next free."""
    taken = {rule["priority"] for rule in info["rules"]} | {one for service in services for one in _priorities(service)}
    return [_numbered(service, Names.of(prefix, service), taken, info) for service in services]


def _numbered(service: Data, names: Names, taken: set[int], info: Data) -> Data:
    """Return a service with the numbers of its rules, which are I(taken) from now on."""
    there = info["services"].get(service["name"]) or {}
    has = {rule["name"]: rule["priority"] for rule in there.get("rules") or []}
    rules = []
    for rule in routes.named(service, names, there):
        number = rule["priority"] or has.get(rule["name"]) or next_priority(taken, matches_all(rule))
        test = None
        if strategy.headers(service):
            number, test = _with_test(service, number, taken, info)
        elif strategy.test_port(service):
            # among the rules of tests it has the place that the service's own has among those of users
            test = number
        taken |= {number, test or number}
        rules.append({**rule, "priority": number, "test_priority": test})
    return {**service, "rules": rules, "rule": next(iter(rules), None)}


def _with_test(service: Data, number: int, taken: set[int], info: Data) -> tuple[int, int | None]:
    """Return the priorities of a rule and of the one for tests in front of it; None if there is no room in front.

    Where the rule was the first of all, it makes room by moving back to the next free number.
    """
    has = (info["services"].get(service["name"]) or {}).get("test_rule_priority")
    for kept in (service["rules"][0].get("test_priority"), has):
        if kept and kept < number:
            return number, kept
    # the rule itself is moved first, and leaves its number
    left = {rule["priority"] for rule in overlaps.rules_of(info, service["name"])} - {number}
    free = next((one for one in range(number - 1, 0, -1) if one not in taken - left), None)
    if free or _priorities(service):
        return number, free
    return next(one for one in range(number + 1, HIGHEST_PRIORITY + 1) if one not in taken), number


def _lacks_room(service: Data) -> bool:
    return bool(service["rules"] and strategy.headers(service)) and service["rules"][0]["test_priority"] is None


def _no_room_in_front(service: Data) -> str:
    number = service["rules"][0]["priority"]
    return (
        f"Service '{service['name']}': its rule for tests goes in front of its own at rule.priority {number}, and no"
        f" number below {number} is free. Give it a higher rule.priority, or leave that out."
    )


def _in_transit(service: Data) -> str:
    return (
        f"Service '{service['name']}': ECS still shifts the requests of its deployment, so that it can't be told to"
        " roll yet. Answer it with continue.yml if it waits, or go back with rollback.yml, and run again after that."
    )


def _priorities(service: Data) -> list[int]:
    """Return the numbers that the definition of a service gives its rules."""
    return [rule["priority"] for rule in service["rules"] if rule["priority"]]


def _wants(service: Data, priority: int) -> bool:
    return priority in _priorities(service)


def _not_free_yet(service: Data, numbered: t.Sequence[Data], info: Data) -> t.Iterator[str]:
    """Yield a sentence for each number that a rule is to have and another one of the list still has."""
    names = {one["name"]: {rule["name"]: rule for rule in one["rules"]} for one in numbered}
    for other in numbered:
        for held in overlaps.rules_of(info, other["name"]):
            mine = names[service["name"]].get(held["name"]) if other["name"] == service["name"] else None
            if _wants(service, held["priority"]) and (mine is None or mine["priority"] != held["priority"]):
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


def _without_tls(service: Data, platform: Data) -> t.Iterator[str]:
    """Yield a sentence for each rule that needs a listener by HTTPS: for the login, or for what its targets speak.

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


def with_made(info: Data, made: t.Mapping[str, t.Mapping[str, str]]) -> dict[str, t.Any]:
    """Return C(fargate_service_info) with the ids of what was I(made) since it was read, by type and name."""
    ids = {f"{kind} {name}": its_id for kind, some in made.items() for name, its_id in some.items()}
    services = {name: {**one, "ids": {**one["ids"], **ids}} for name, one in info["services"].items()}
    return {**info, "services": services}


def deployments(services: t.Sequence[Data], platform: Data, info: Data, plan: Data) -> list[dict[str, t.Any]]:
    """Return, for each service that the plan starts, changes or scales, the arguments of the modules that do it.

    I(info) has the ids of all that a service needs.
    """
    changes = {(entry["type"], entry["name"]): entry for entry in plan["changes"] if entry["type"] in DEPLOYED}
    platform = with_shared(platform, info.get("shared_namespaces") or {})
    result = []
    for service in sorted(services, key=connect.turn):
        there = info["services"][service["name"]]
        own = {key: entry for key, entry in changes.items() if key in _own(service, platform, there)}
        if own:
            result.append(_deployment(service, platform, there, own))
    return result


def _own(service: Data, platform: Data, there: Data) -> set[tuple[str, str]]:
    names = Names.of(platform["name_prefix"], service)
    kept = [("scaling_policy", one["name"]) for one in scaling.policies(service, names, platform, there)]
    kept += [(scheduled.TYPE, one["name"]) for one in scheduled.actions(service, names)]
    own = [(kind, names.service) for kind in ("ecs_service", "schedule", "scalable_target")]
    found_too = [(entry["type"], entry["name"]) for entry in there["resources"]]
    return {("ecs_task_definition", names.family), *own, *kept, *found_too}


def _deployment(
    service: Data, platform: Data, there: Data, changes: t.Mapping[tuple[str, str], Data]
) -> dict[str, t.Any]:
    names = Names.of(platform["name_prefix"], service)
    register = ("ecs_task_definition", names.family) in changes
    start, schedule = (_made(changes.get((kind, names.service))) for kind in ("ecs_service", "schedule"))
    scales = any(kind in SCALED for kind, _name in changes)
    return {
        "name": names.service,
        "task_definition": arguments.task_definition(service, platform, there) if register else None,
        "service": arguments.ecs_service(service, platform, there, start["values"]) if start else None,
        "schedule": arguments.schedule(service, platform, there, schedule["values"]) if schedule else None,
        "before": _before(service, platform, there, start or schedule),
        "scaling": arguments.scaling(service, platform, there) if scales else None,
    }


def _made(change: Data | None) -> Data | None:
    """Return a change that makes something; what a service leaves when it becomes a job, or a job, goes later."""
    return change if change and change["action"] != "remove" else None


def _before(service: Data, platform: Data, there: Data, start: Data | None) -> dict[str, t.Any] | None:
    """Return the arguments of the task that is to succeed before a deployment of another revision, if there is one."""
    if not start:
        return None
    revised = start["action"] == "add" or any(field["path"] == "task_definition" for field in start["fields"])
    return arguments.before(service, platform, there, start["values"]) if service["before"] and revised else None


def watched(info: Data, started: t.Mapping[str, str | None], services: t.Iterable[Data] = ()) -> list[dict[str, str]]:
    """Return the services to wait for: those that are not steady, and those that this run has changed.

    I(started) tells the deployment that a change has started, null if it needed none.  Of the I(services),
    jobs are not waited for: their tasks start at their time.
    """
    jobs = job.jobs(services)
    names = [
        service["full_name"]
        for name, service in info["services"].items()
        if (not service["steady"] or service["full_name"] in started) and name not in jobs
    ]
    ids = {name: deployment for name, deployment in started.items() if deployment}
    return [{"name": name, **({"deployment_id": ids[name]} if name in ids else {})} for name in names]


def at_gates(services: t.Iterable[Data], info: Data, waited: t.Iterable[Data], gate: str) -> list[dict[str, t.Any]]:
    """Return C({service, full_name, hook, message, wait}) of each service that waits at a gate of this kind.

    C(wait) is what to wait for once it is answered: that deployment, as one that goes back leaves the service steady.

    I(waited) are the services of a wait. What waits at a hook that the inventory no longer has needs an approval.
    """
    waiting = {entry["name"]: entry for entry in waited if entry["outcome"] == "waiting"}
    return [
        {
            "service": service,
            "full_name": full,
            **{key: waiting[full][key] for key in ("hook", "message")},
            "wait": {"name": full, "deployment_id": waiting[full]["deployment"]["id"]},
        }
        for service in services
        for full in [info["services"][service["name"]]["full_name"]]
        if full in waiting and (service["deployment"]["gate"] == "smoke") == (gate == "smoke")
    ]


def after_wait(info: Data, waited: t.Iterable[Data]) -> dict[str, t.Any]:
    """Return C(fargate_service_info) with what a wait saw at its end; I(waited) are its services."""
    seen = {entry["name"]: _state_at_the_end(entry) for entry in waited}
    services = {name: {**service, **seen.get(service["full_name"], {})} for name, service in info["services"].items()}
    return {**info, "services": services, "steady": all(service["steady"] for service in services.values())}


def _state_at_the_end(entry: Data) -> dict[str, t.Any]:
    counts, deployment = entry["counts"], entry["deployment"]
    return {
        "task_definition_arn": deployment["task_definition"],
        "deployment": {
            **{key: deployment[key] for key in ("id", "status", "rollout_state")},
            "task_definition_arn": deployment["task_definition"],
        },
        **{f"{key}_count": counts[key] for key in ("desired", "running", "pending")},
        "targets": [
            {
                "address": target["target"],
                "port": target["port"],
                "state": target["state"],
                "reason": target["description"] or target["reason"] or None,
            }
            for target in entry["target_health"]
        ],
        "steady": entry["outcome"] == "steady",
    }


def in_use(info: Data, waited: t.Iterable[Data], started: t.Container[str] = ()) -> list[dict[str, t.Any]]:
    """Return C({image, service, revision}) of each service whose deployment a wait saw become steady.

    And of each job that this run has I(started), by full name: its revision is what its schedule starts.
    """
    served = {
        str(item["name"]): item["deployment"]["task_definition"] for item in waited if item["outcome"] == "steady"
    }
    served |= {
        there["full_name"]: there["task_definition_arn"]
        for there in info["services"].values()
        if there.get("schedule") and there["full_name"] in started
    }
    return [
        {"image": there["image"], "service": name, "revision": int(served[there["full_name"]].rpartition(":")[2])}
        for name, there in info["services"].items()
        if served.get(there["full_name"]) and there.get("image")
    ]
