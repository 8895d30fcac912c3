# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validate the inputs of services, before anything is created."""

from __future__ import annotations

import collections
import ipaddress
import re
import typing as t

from ..._resources.ecs.rules import fargate_size_problems
from ..._resources.iam import problems as policy
from . import logging, queue, taken_over, validate_connect, validate_deployment, validate_job
from .names import CLASHES, NAME, Names
from .validate_containers import before_problems, container_problems, volume_problems
from .validate_routes import (
    TARGET_GROUP_NAME,
    conditions_of,
    further_ports,
    out_of_range,
    rules_problems,
    same_requests,
    shown,
    smoke_problems,
    target_problems,
    unreached_smoke,
)
from .validate_scaling import count_problems, scaling_problems

Inputs = t.Mapping[str, t.Any]

_OF_THE_GROUP = "it is the target group's"
BEHIND_A_RULE = {
    "protocol_version": (_OF_THE_GROUP, ""),
    "health_check": (_OF_THE_GROUP, "; container_health_check looks at the container itself"),
    "deregistration_delay": (_OF_THE_GROUP, ""),
    "slow_start": (_OF_THE_GROUP, ""),
    "stickiness_duration": (_OF_THE_GROUP, ""),
    "health_check_grace_period": (
        "ECS takes it for services behind a load balancer only",
        "; container_health_check.start_period is the container's own",
    ),
    "smoke": ("the request goes through the load balancer", ""),
}
"""The options that need a rule: the reason, and the alternative without one."""


_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/\S+")
_GROUP = re.compile(r"(?:sg|pl)-[0-9a-f]+")


def service(values: Inputs) -> list[str]:
    """Return the problems with the complete C(services), under C(name_prefix), and with C(permissions_boundary)."""
    boundary = policy.boundary_wrong("fargate_service_permissions_boundary", values["permissions_boundary"])
    result = [*boundary, *_twice(values["services"]), *same_requests(values["services"])]
    result += [*_taken_repositories(values), *taken_over.twice(values["services"], values["name_prefix"])]
    result += validate_connect.alias_conflicts(values["services"], {"namespace": "", "http_namespace": ""})
    for one in values["services"]:
        wrong = _problems(one, values["name_prefix"])
        wrong += validate_connect.region_problems(one, values["region"])
        wrong += queue.region_problems(one, values["region"])
        result += [f"Service '{one['name']}': {sentence}" for sentence in wrong]
    return result


def _problems(service: Inputs, name_prefix: str) -> list[str]:
    return [
        *_name_problems(service, name_prefix),
        *taken_over.problems(service),
        *_size_problems(service),
        *_architecture_problems(service),
        *container_problems(service),
        *before_problems(service),
        *_source_problems(service),
        *_exec_problems(service),
        *volume_problems(service),
        *_role_problems(service),
        *dict.fromkeys(target_problems(service)),
        *validate_job.problems(service),
        *([] if service["schedule"] else _kind_problems(service)),
        *rules_problems(service, name_prefix),
        *smoke_problems(service.get("smoke")),
        *unreached_smoke(service),
        *_number_problems(service),
        *_capacity_problems(service),
        *scaling_problems(service),
        *queue.problems(service),
        *count_problems(service),
        *_alarm_problems(service["deployment_alarms"]),
        *validate_deployment.problems(service, name_prefix),
        *validate_connect.problems(service),
        *logging.problems(service),
    ]


def _source_problems(service: Inputs) -> t.Iterator[str]:
    for source in service["allow_from"]:
        try:
            wrong = not _GROUP.fullmatch(source) and ipaddress.ip_network(source).with_prefixlen != source
        except ValueError:
            wrong = True
        if wrong:
            yield (
                f"allow_from '{source}' is not a CIDR block (10.0.0.0/16), security group (sg-…) or prefix list (pl-…)."
                " Change it; the load balancer needs no entry."
            )


def _kind_problems(service: Inputs) -> t.Iterator[str]:
    for rule in service["rules"]:
        if rule["port"] is None:
            yield (
                f"rule {conditions_of(rule)} needs a port: the load balancer sends requests to that of a task."
                " Set port, or take rule away from a service that nobody connects to."
            )
    if service["port"] is None and service["allow_from"]:
        yield (
            f"allow_from {', '.join(service['allow_from'])} needs a port to let in on, and without one nobody connects"
            " to the service. Set port, or take allow_from away."
        )
    if service["rules"]:
        return
    for key, (why, instead) in BEHIND_A_RULE.items():
        if key in service["given"]:
            yield f"{key} {shown(service[key])} needs a rule: {why}. Set rule, or take {key} away{instead}."
    requests = (service["autoscaling"] or {}).get("requests")
    if requests is not None:
        yield (
            f"autoscaling.requests {requests:g} needs a rule: the load balancer counts the requests."
            " Set rule, or scale by autoscaling.cpu or autoscaling.memory."
        )


def _exec_problems(service: Inputs) -> t.Iterator[str]:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    if service["enable_execute_command"] and any(one["readonly_root"] for one in (service, *service["sidecars"])):
        yield (
            "enable_execute_command needs a root file system that can be written to, as AWS's agent in the container"
            " writes there. Set readonly_root to false, also that of sidecars."
        )


def _taken_repositories(values: Inputs) -> list[str]:
    return [
        f"Service '{one['name']}' would be built into the repository {taken}, which is that of the role ecr_push."
        " Rename the service, or set ecr_push_app to another name."
        for one in values["services"]
        if one.get("build")
        and (taken := Names.of(values["name_prefix"], one).repository) == values.get("repository_of_lotto")
    ]


def _twice(services: t.Sequence[Inputs]) -> list[str]:
    names = collections.Counter(service["name"] for service in services)
    result = [
        f"Service name '{name}' is given {times} times: it names everything that a service has. Rename the others."
        for name, times in names.items()
        if times > 1
    ]
    result += [
        f"Service '{one['name']}' has resources named {one['name']}-{suffix}, and so has service '{other['name']}'."
        " Rename one of them."
        for one in services
        for other in services
        for suffix in _of_its_own(one)
        if other["name"] == f"{one['name']}-{suffix}"
    ]
    by_priority: dict[int, list[str]] = {}
    for service in services:
        for rule in service["rules"]:
            if rule["priority"] is not None:
                by_priority.setdefault(rule["priority"], []).append(service["name"])
    return result + [
        f"Rule priority {priority} is given to {_owners(owners)}: a listener has each once."
        " Give each another, or leave rule.priority out to get the next free."
        for priority, owners in by_priority.items()
        if len(owners) > 1
    ]


def _owners(names: t.Sequence[str]) -> str:
    """Return the owners of rules in words, from the service of each rule."""
    each = list(dict.fromkeys(names))
    return f"services {' and '.join(each)}" if len(each) > 1 else f"{len(names)} rules of service '{each[0]}'"


def _of_its_own(service: Inputs) -> list[str]:
    """Return the suffixes of the service's secondary resources, whose names another service could have."""
    shifting = ["alt", "test", "shift"] if service["deployment"]["strategy"] != "rolling" else []
    connecting = ["connect"] if service["service_connect"] else []
    dead = ["dead"] if queue.has_own(service) and service["queue"]["dead_letter"] else []
    return [*shifting, *connecting, *dead, *(str(port) for port in further_ports(service))]


def _name_problems(service: Inputs, name_prefix: str) -> t.Iterator[str]:
    name = service["name"]
    if not NAME.fullmatch(name):
        yield (
            "the name has to be lower-case letters, digits and single inner hyphens, a letter first,"
            " because its target group is named by it. Change name."
        )
    full, names = f"{name_prefix}-{name}", Names.of(name_prefix, service)
    if len(full) > TARGET_GROUP_NAME and names.target_group == full:
        over = len(full) - TARGET_GROUP_NAME
        yield (
            f"its target group would be named {full}, which has {len(full)} characters: at most {TARGET_GROUP_NAME}."
            f" Shorten name by {over}."
        )
    if name in CLASHES:
        yield f"its {CLASHES[name].format(full)} would be that of another layer, which has the same name. Change name."


def _size_problems(service: Inputs) -> t.Iterator[str]:
    yield from fargate_size_problems(service["cpu"], service["memory"])
    storage = service.get("ephemeral_storage")
    if storage is not None and not 21 <= storage <= 200:
        yield f"ephemeral_storage {storage} is out of range: 21 to 200 GiB. Leave it out for the default of 20 GiB."


def _architecture_problems(service: Inputs) -> t.Iterator[str]:
    wanted, there = service["cpu_architecture"], service["image_architectures"]
    if there and wanted not in there:
        yield (
            f"cpu_architecture {wanted} is not in its image, which has {' and '.join(there)}: a task would not start."
            " Change cpu_architecture, or build the image for it."
        )


def _role_problems(service: Inputs) -> t.Iterator[str]:
    for arn in service["task_managed_policies"]:
        if not policy.ARN.fullmatch(arn):
            yield f"'{arn}' in task_managed_policies is not a policy ARN: arn:aws:iam::aws:policy/NAME. Change it."
    for arn in service["secrets_kms_keys"]:
        if not _KEY_ARN.fullmatch(arn):
            yield f"'{arn}' in secrets_kms_keys is not a key ARN: arn:aws:kms:REGION:ACCOUNT:key/ID. Change it."
    for name, document in service["task_policies"].items():
        if not isinstance(document, t.Mapping) or "Statement" not in document:
            yield f"policy {name} in task_policies is not a policy document: a dictionary with a Statement. Change it."
            continue
        yield from (f"policy {name} in task_policies: {sentence}" for sentence in policy.document_wrong(document))
    for arn, times in collections.Counter(service["task_managed_policies"]).items():
        if times > 1:
            yield f"'{arn}' is in task_managed_policies {times} times: a role has each once. Take the others out."


def _number_problems(service: Inputs) -> t.Iterator[str]:
    for key, low, high in (
        ("deregistration_delay", 0, 3600),
        ("desired_count", 0, 5000),
        ("health_check_grace_period", 0, 2147483647),
        ("minimum_healthy_percent", 0, 100),
    ):
        value = service.get(key)
        if value is not None and not low <= value <= high:
            yield out_of_range(key, value, low, high)
    slow, sticky = service["slow_start"], service["stickiness_duration"]
    if slow and not 30 <= slow <= 900:
        yield f"slow_start {slow} is out of range: 30 to 900 seconds, or 0 for none. Change it."
    if not 0 <= sticky <= 604800:
        yield f"stickiness_duration {sticky} is out of range: 1 to 604800 seconds, or 0 for no stickiness. Change it."
    low, high = service["minimum_healthy_percent"], service["maximum_percent"]
    if not 100 <= high <= 200:
        yield out_of_range("maximum_percent", high, 100, 200)
    elif low == high == 100:
        yield (
            "minimum_healthy_percent and maximum_percent are both 100, so a deployment may neither stop nor start"
            " a task. Lower the first or raise the second."
        )
    elif high == 100 and service["availability_zone_rebalancing"]:
        yield (
            "maximum_percent is 100, and availability_zone_rebalancing needs more: ECS starts a task in another zone"
            " before it stops one. Raise the first, or set the second to false."
        )


def _capacity_problems(service: Inputs) -> t.Iterator[str]:
    strategy = service["capacity_provider_strategy"]
    if strategy and not any(item["weight"] > 0 for item in strategy):
        yield "no capacity provider has a weight over 0, so no task would be placed. Give one a weight of 1."
    for item in strategy:
        if item["weight"] == item["base"] == 0 and len(strategy) > 1:
            yield (
                f"capacity provider {item['capacity_provider']} has neither weight nor base, so it gets no task."
                " Give it a weight, or take it out."
            )
    if sum(item["base"] > 0 for item in strategy) > 1:
        yield "two capacity providers have a base: one may (API_CapacityProviderStrategyItem). Take one away."


def _alarm_problems(alarms: t.Sequence[str]) -> t.Iterator[str]:
    # API_PutMetricAlarm of Amazon CloudWatch: AlarmName
    for name in alarms:
        if not 1 <= len(name) <= 255:
            yield f"deployment_alarms has a name of {len(name)} characters: 1 to 255. Change it."
