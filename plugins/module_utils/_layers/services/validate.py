# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with the inputs of a service, a sentence each, before anything is made."""

from __future__ import annotations

import collections
import ipaddress
import json
import math
import re
import typing as t

from ..._resources.ecs.rules import fargate_size_problems
from ..._resources.iam import problems as policy
from . import connect_problems, containers, deployments, job_problems, logging, queue, scaling, taken_over
from .names import TAKEN, Names
from .secrets import is_secret_source
from .validate_routes import (
    TARGET_GROUP_NAME,
    asked,
    further_ports,
    out_of_range,
    rules_problems,
    same_requests,
    shown,
    smoke_problems,
    target_problems,
    unreached_smoke,
)

Inputs = t.Mapping[str, t.Any]

KNOWN_LATER = "(known after build)"
"""What an image is that this check-mode run can't know; AWS takes no such image, whoever wrote it."""

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
"""The options of the load balancer: why they need a rule, and what is there without one."""

FARGATE_LIMIT = "nofile"
"""The only limit that Fargate lets be set: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# https://github.com/distribution/reference: [domain[:port]/]path[:tag][@digest]
_IMAGE = re.compile(
    r"(?:(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d{1,5})?)/)?"
    r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*"
    r"(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
# NAME or UID, with :GROUP or :GID (API_ContainerDefinition, user)
_USER = re.compile(r"[^\s:]+(?::[^\s:]+)?")
_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/\S+")
_GROUP = re.compile(r"(?:sg|pl)-[0-9a-f]+")


def service(values: Inputs) -> list[str]:
    """Return what is wrong with C(services), each complete, under C(name_prefix), and with C(permissions_boundary)."""
    boundary = policy.boundary_wrong("fargate_service_permissions_boundary", values["permissions_boundary"])
    result = [*boundary, *_twice(values["services"]), *same_requests(values["services"])]
    result += [*_taken_repositories(values), *taken_over.twice(values["services"], values["name_prefix"])]
    result += connect_problems.together(values["services"])
    for one in values["services"]:
        result += [f"Service '{one['name']}': {sentence}" for sentence in _problems(one, values["name_prefix"])]
    return result


def _problems(service: Inputs, name_prefix: str) -> list[str]:
    return [
        *_name_problems(service, name_prefix),
        *taken_over.problems(service),
        *_size_problems(service),
        *_architecture_problems(service),
        *_container_problems(service),
        *_before_problems(service),
        *_source_problems(service),
        *_exec_problems(service),
        *_volume_problems(service),
        *_role_problems(service),
        *dict.fromkeys(target_problems(service)),
        *job_problems.problems(service),
        *([] if service["schedule"] else _kind_problems(service)),
        *rules_problems(service, name_prefix),
        *smoke_problems(service.get("smoke")),
        *unreached_smoke(service),
        *_number_problems(service),
        *_capacity_problems(service),
        *_scaling_problems(service.get("autoscaling")),
        *scaling.problems(service),
        *queue.problems(service),
        *_count_problems(service),
        *_alarm_problems(service["deployment_alarms"]),
        *deployments.problems(service, name_prefix),
        *connect_problems.problems(service),
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
                f"rule {shown(asked(rule))} needs a port: the load balancer sends requests to that of a task."
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
        f"Service '{one['name']}' has things of its own that are named {one['name']}-{suffix}, as those of service"
        f" '{other['name']}' are. Rename one of them."
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
    """Return of which services rules are, by the service of each."""
    each = list(dict.fromkeys(names))
    return f"services {' and '.join(each)}" if len(each) > 1 else f"{len(names)} rules of service '{each[0]}'"


def _of_its_own(service: Inputs) -> list[str]:
    """Return by what the names of a service's further things end, which another service may be named like."""
    shifting = ["alt", "test", "shift"] if service["deployment"]["strategy"] != "rolling" else []
    connecting = ["connect"] if service["service_connect"] else []
    return [*shifting, *connecting, *(str(port) for port in further_ports(service))]


def _name_problems(service: Inputs, name_prefix: str) -> t.Iterator[str]:
    name = service["name"]
    if not _NAME.fullmatch(name):
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
    if name in TAKEN:
        yield f"its {TAKEN[name].format(full)} would be that of another layer, which has the same name. Change name."


def _size_problems(service: Inputs) -> t.Iterator[str]:
    yield from fargate_size_problems(service["cpu"], service["memory"])
    storage = service.get("ephemeral_storage")
    if storage is not None and not 21 <= storage <= 200:
        yield f"ephemeral_storage {storage} is out of range: 21 to 200 GiB; 20 come without it."


def _architecture_problems(service: Inputs) -> t.Iterator[str]:
    wanted, there = service["cpu_architecture"], service["image_architectures"]
    if there and wanted not in there:
        yield (
            f"cpu_architecture {wanted} is none of its image, which has {' and '.join(there)}: a task would not start."
            " Change cpu_architecture, or build the image for it."
        )


def _container_problems(service: Inputs) -> t.Iterator[str]:
    containers = [service, *service["sidecars"]]
    main = service.get("container_name") or service["name"]
    names = [main, *(sidecar["name"] for sidecar in service["sidecars"])]
    listening = {(main, service["port"]), *((one["name"], one["port"]) for one in service["sidecars"])}
    listening |= {(rule["container"], rule["port"]) for rule in service["rules"]}
    ports = [port for _name, port in sorted(listening, key=str) if port is not None]
    for name, times in collections.Counter(names).items():
        if times > 1:
            yield f"{times} of its containers are named '{name}': a name is used once a task. Rename a sidecar."
    for port, times in collections.Counter(ports).items():
        if times > 1:
            yield f"{times} of its containers listen on port {port}, and share one network. Change a sidecar's port."
    for name, container in zip(names, containers, strict=True):
        yield from (f"container '{name}': {sentence}" for sentence in _one_container(container, names))


def _before_problems(service: Inputs) -> t.Iterator[str]:
    before = service["before"]
    if not before:
        return
    names = [service.get("container_name") or service["name"], *(sidecar["name"] for sidecar in service["sidecars"])]
    if not before["command"]:
        yield "before.command is empty. Give the command and its arguments, as in [python, manage.py, migrate]."
    if before["container"] and before["container"] not in names:
        yield f"before.container '{before['container']}' is not one of its containers: {', '.join(names)}. Change it."
    if not 1 <= before["timeout"] <= 86400:
        yield out_of_range("before.timeout", before["timeout"], 1, 86400)


def _one_container(container: Inputs, names: t.Sequence[str]) -> t.Iterator[str]:
    image = container["image"]
    if image != KNOWN_LATER and not _IMAGE.fullmatch(image):
        yield (
            f"image '{image}' is not an image reference: registry/name:tag or registry/name@sha256:digest,"
            " the name in lower case. Change image."
        )
    yield from _process_problems(container)
    yield from containers.problems(container)
    yield from _variables(container["environment"], container["secrets"])
    for dependency in container["depends_on"]:
        if dependency["container"] not in names:
            wanted, there = dependency["container"], ", ".join(names)
            yield f"it depends on container '{wanted}', and has only {there}. Change depends_on."
    for limit in container["ulimits"]:
        yield from _limit_problems(limit)
    if container["container_health_check"]:
        yield from _container_check(container["container_health_check"])


def _limit_problems(limit: Inputs) -> t.Iterator[str]:
    lower = min(limit["soft"], limit["hard"])
    if limit["name"] != FARGATE_LIMIT:
        yield f"ulimit {limit['name']} can't be set on Fargate: only {FARGATE_LIMIT} can. Take it away."
    elif lower < -1:
        yield f"ulimit {limit['name']} has {lower}: 0 or more, or -1 for no limit. Change it."
    elif limit["soft"] > limit["hard"] != -1:
        yield f"ulimit {limit['name']} has soft {limit['soft']} over hard {limit['hard']}. Change one."


def _process_problems(container: Inputs) -> t.Iterator[str]:
    if container.get("cpu") is not None and container["cpu"] < 0:
        yield f"cpu {container['cpu']} is below 0. Raise it, or leave it out."
    if container.get("port") is not None and not 1 <= container["port"] <= 65535:
        yield f"port {container['port']} is out of range: 1 to 65535. Change port."
    stop = container["stop_timeout"]
    if stop is not None and not 2 <= stop <= 120:
        yield out_of_range("stop_timeout", stop, 2, 120)
    folder, user = container.get("working_directory"), container.get("user")
    if folder and not folder.startswith("/"):
        yield f"working_directory '{folder}' has to be absolute. Begin it with a slash."
    if user and not _USER.fullmatch(user):
        yield f"user '{user}' is not a valid user: a name or number, with :GROUP if it has one. Change user."


def _variables(environment: Inputs, secrets: Inputs) -> t.Iterator[str]:
    both = sorted(set(environment) & set(secrets))
    if both:
        yield f"{', '.join(both)} is in environment and in secrets: a variable has one source. Take it out of one."
    for name in [*environment, *secrets]:
        if not _ENVIRONMENT_NAME.fullmatch(str(name)):
            yield f"'{name}' is not a name of an environment variable: letters, digits and underscores, no digit first."
    for name, source in secrets.items():
        if not (isinstance(source, str) and is_secret_source(source)):
            yield (
                f"secret {name} has to be the ARN of an SSM parameter or of a Secrets Manager secret,"
                " or an SSM parameter's name. Change secrets; a secret's value does not belong here."
            )


def _container_check(check: Inputs) -> t.Iterator[str]:
    # API_HealthCheck of Amazon ECS
    if check["command"][:1] == ["CMD-SHELL"] and len(check["command"]) > 2:
        # Docker hands it to sh -c, which takes one text and makes parameters of the others
        shown = json.dumps(["CMD-SHELL", " ".join(check["command"][1:])], ensure_ascii=False)
        yield f"container_health_check.command: CMD-SHELL takes its command as one text. Write it as {shown}."
    limits = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "start_period": (0, 300)}
    for key, (low, high) in limits.items():
        if not low <= check[key] <= high:
            yield out_of_range(f"container_health_check.{key}", check[key], low, high)


def _volume_problems(service: Inputs) -> t.Iterator[str]:
    volumes = [volume["name"] for volume in service["volumes"]]
    for volume in service["volumes"]:
        folder = (volume.get("efs") or {}).get("root_directory")
        if folder and not folder.startswith("/"):
            yield f"volume '{volume['name']}': root_directory '{folder}' has to be absolute. Begin it with a slash."
    for container in (service, *service["sidecars"]):
        for mount in container["mounts"]:
            if mount["volume"] not in volumes:
                given = ", ".join(volumes) or "none is given"
                yield f"volume '{mount['volume']}' is mounted and not there: {given}. Add it to volumes."
            if not mount["path"].startswith("/"):
                yield f"mount path '{mount['path']}' has to be absolute. Begin it with a slash."


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
        yield f"slow_start {slow} is out of range: 30 to 900 seconds, or 0 for none."
    if not 0 <= sticky <= 604800:
        yield f"stickiness_duration {sticky} is out of range: 1 to 604800 seconds, or 0 for no stickiness."
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


TARGETS = ("cpu", "memory", "requests", "backlog_per_task")


def _scaling_problems(scaling: Inputs | None) -> t.Iterator[str]:
    if not scaling:
        return
    low, high = scaling["min"], scaling["max"]
    if low < 0:
        yield f"autoscaling.min {low} is below 0. Raise it."
    if low > high:
        yield f"autoscaling.min {low} is over autoscaling.max {high}. Lower min or raise max."
    if not scaling["metrics"] and all(scaling.get(key) is None for key in TARGETS):
        yield (
            "autoscaling has no target. Set cpu or memory (per cent), requests (a task and minute), backlog_per_task"
            " (messages of the queue), or metrics."
        )
    for key in ("scale_in_cooldown", "scale_out_cooldown"):
        if (scaling.get(key) or 0) < 0:
            yield f"autoscaling.{key} {scaling[key]} is below 0 seconds. Raise it."
    for key in ("cpu", "memory"):
        if scaling.get(key) is not None and not 0 < scaling[key] <= 100:
            yield f"autoscaling.{key} {scaling[key]} is out of range: over 0 to 100 per cent."
    if scaling.get("requests") is not None and not 0 < scaling["requests"] < math.inf:
        yield f"autoscaling.requests {scaling['requests']} has to be a number over 0."


def _count_problems(service: Inputs) -> t.Iterator[str]:
    scaling, count = service.get("autoscaling"), service["desired_count"]
    if scaling and "desired_count" in service["given"] and not scaling["min"] <= count <= scaling["max"]:
        yield (
            f"desired_count {count} is out of the bounds of autoscaling, {scaling['min']} to {scaling['max']}."
            " Change desired_count, autoscaling.min or autoscaling.max."
        )


def _alarm_problems(alarms: t.Sequence[str]) -> t.Iterator[str]:
    # API_PutMetricAlarm of Amazon CloudWatch: AlarmName
    for name in alarms:
        if not 1 <= len(name) <= 255:
            yield f"deployment_alarms has a name of {len(name)} characters: 1 to 255. Change it."
