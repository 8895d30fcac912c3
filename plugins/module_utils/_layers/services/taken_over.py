# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validate the names that services set, and the options that name existing roles, security groups and log groups."""

from __future__ import annotations

import collections
import re
import typing as t

from ..._constraints import sent, shapes
from ..._constraints.resources import SERVICES
from ..._plan.names import alb_name, execution_role_name
from . import policies, queue, strategy
from .desired_task import NO_ROLE
from .names import OF_PORTS, OPTIONS, Names, all_names, given_names
from .validate_routes import further_ports

Data = t.Mapping[str, t.Any]

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_GROUP = re.compile(r"sg-[0-9a-f]+")
# By the option that names an existing resource, the options that would change that.
_CHANGED_BY = {
    "task_role_arn": ("task_policies", "task_managed_policies"),
    "execution_role_arn": ("secrets_kms_keys",),
    "security_group_ids": ("allow_from",),
    "log_group_name": (),
}
# By suboption of C(names), the kind of resource.
_KINDS = {
    "service": "ECS service",
    "task_family": "task definition",
    "target_group": "target group",
    "alternate_target_group": "target group",
    "log_group": "log group",
    "task_role": "role",
    "execution_role": "role",
    "security_group": "security group",
    "repository": "repository",
    "discovery": "Cloud Map service",
    "queue": "SQS queue",
}
# Validated by validate_connect and queue, with the names of their own options.
_VALIDATED_ELSEWHERE = ("connect", "queue")
_PLANNED = {
    "ECS service": "ecs_service",
    "task definition": "ecs_task_definition",
    "role": "iam_role",
    "repository": "ecr_repository",
    "Cloud Map service": "cloud_map_service",
}
GROUPS = 5
"""Maximum of security groups for a task: AwsVpcConfiguration of Amazon ECS."""
# "The ':' (colon) and '*' (asterisk) characters are not allowed", and 512 in all: API_CreateLogStream. A container's
# name, of up to 255 characters, and the task's id of 32 follow.
_NO_STREAM = re.compile("[:*]")
_PREFIX = 255
# A label in the pattern of Cloud Map's CreateService; the rest of the name is the namespace.
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NAMED = {
    "task_role_arn": "task_role",
    "execution_role_arn": "execution_role",
    "security_group_ids": "security_group",
    "log_group_name": "log_group",
}


def problems(service: Data) -> t.Iterator[str]:
    """Yield the problems with the names and existing resources of a service."""
    for option, name in given_names(service).items():
        if name.startswith("arn:"):
            yield f"names.{option} '{name}' is an ARN. Give what follows its last colon or slash, the name."
        elif option not in _VALIDATED_ELSEWHERE:
            yield from _name_problems(f"names.{option}", _KINDS.get(option, "target group"), name)
    yield from _ports(service)
    yield from _roles(service)
    yield from _groups(service["security_group_ids"])
    yield from _logs(service)
    for option, others in _CHANGED_BY.items():
        yield from (
            f"{other} would change the existing resource that {option} names. Take one of them out."
            for other in (*others, f"names.{_NAMED[option]}")
            if service[option] and _given(service, other)
        )


def _name_problems(option: str, kind: str, name: str) -> t.Iterator[str]:
    """Yield AWS's reasons to refuse a name, with the option that sets it."""
    if kind == "Cloud Map service" and not _LABEL.fullmatch(name):
        yield (
            f"{option} '{name}' is not the first part of a DNS name: 1 to 63 letters, digits, _ and inner hyphens, no"
            " dot. Change it."
        )
        return
    for target in sent.KINDS[_PLANNED.get(kind, kind.replace(" ", "_"))][sent.NAME]:
        if isinstance(target, sent.Sent):
            for problem in shapes.problems(target.member, target.form(name)):
                service, operation = problem.member.split(".")[:2]
                yield f"{option} {problem.value} {problem.rule} ({SERVICES[service]}, {operation}). Change {option}."


def _groups(ids: t.Sequence[str]) -> t.Iterator[str]:
    for group, times in collections.Counter(ids).items():
        if not _GROUP.fullmatch(group):
            yield f"security_group_ids '{group}' is not the id of a security group: sg-…. Change it."
        if times > 1:
            yield f"security_group_ids has {group} more than once. Take one out."
    if len(ids) > GROUPS:
        yield f"security_group_ids has {len(ids)}, and tasks take {GROUPS} at most. Join rules of some in one group."


def _logs(service: Data) -> t.Iterator[str]:
    if service["log_group_name"]:
        yield from _name_problems("log_group_name", "log group", service["log_group_name"])
    prefix = service["log_stream_prefix"] or ""
    if wrong := _NO_STREAM.search(prefix):
        yield f"log_stream_prefix '{prefix}' has '{wrong[0]}', which the name of a log stream can't have. Change it."
    if len(prefix) > _PREFIX:
        yield f"log_stream_prefix has {len(prefix)} characters, and may have {_PREFIX}. Shorten it."


def _given(service: Data, option: str) -> t.Any:
    return given_names(service).get(option[6:]) if option.startswith("names.") else service[option]


def _roles(service: Data) -> t.Iterator[str]:
    for option, none in (("task_role_arn", NO_ROLE), ("execution_role_arn", ""), ("shift_role_arn", "")):
        arn = service[option]
        if arn and arn != none and not _ROLE.fullmatch(arn):
            yield (
                f"{option} '{arn}' is not the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME"
                f"{', or none' if none else ''}. Change it."
            )
    if service["enable_execute_command"] and service["task_role_arn"] == NO_ROLE:
        yield "enable_execute_command needs a role for the tasks, and task_role_arn is none. Change one of them."


def _ports(service: Data) -> t.Iterator[str]:
    """Yield an error for each target group named for a port that no rule forwards to."""
    further = {f"{OF_PORTS}{port}" for port in further_ports(service)}
    for option in given_names(service):
        if option.startswith(OF_PORTS) and option not in further:
            port = option.removeprefix(OF_PORTS)
            yield (
                f"names.{option}: port {port} is not one that rules lead to beside port {service['port']}, whose target"
                " group names.target_group names. Correct it, or take it out."
            )


class Claim(t.NamedTuple):
    """The name of a service's resource."""

    service: str
    kind: str
    option: str
    """The suboption of C(names) that sets it, or a description of the resource."""
    name: str
    is_given: bool

    @property
    def key(self) -> tuple[str, str]:
        """What has to be unique; IAM and EC2 ignore the case of names."""
        return self.kind, self.name.lower() if self.kind in ("role", "security group") else self.name


def twice(services: t.Sequence[Data], prefix: str) -> list[str]:
    """Return an error for each name set by a service that another resource of its kind has."""
    claims = [claim for service in services for claim in _claims(service, prefix)]
    pairs = [
        (one, other)
        for index, one in enumerate(claims)
        for other in claims[index + 1 :]
        if one.key == other.key and (one.is_given or other.is_given)
    ]
    return [
        *(_both(one, other) for one, other in pairs),
        *(
            f"Service '{claim.service}': names.{claim.option} {claim.name} is the name of another {claim.kind},"
            f" that of {whose}. Change names.{claim.option}."
            for claim in claims
            if claim.is_given and (whose := _of_layers(prefix).get(claim.key))
        ),
    ]


def _both(one: Claim, other: Claim) -> str:
    if one.option == other.option:
        return (
            f"Services '{one.service}' and '{other.service}' both have names.{one.option} {one.name}, which can be of"
            " one alone. Change one of them."
        )
    given, second = (one, other) if one.is_given else (other, one)
    own, its = ("its own", "") if one.service == other.service else ("that", f" of service '{second.service}'")
    named = second.is_given or second.option in OPTIONS
    what = f"{own.removeprefix('that')} names.{second.option}" if named else f"{own} {second.option}"
    return (
        f"Service '{given.service}': names.{given.option} {given.name} is the name of another {given.kind},"
        f" {what.strip()}{its}. Change one of them."
    )


def _of_layers(prefix: str) -> dict[tuple[str, str], str]:
    """Return the owners of names reserved for other layers, by kind and name."""
    return {
        ("role", execution_role_name(prefix)): "the layer ecs_cluster",
        ("role", f"{prefix}-flow-log-role"): "the layer vpc",
        ("log group", f"/vpc/{prefix}-flow-log"): "the layer vpc",
        ("security group", f"{prefix}-default-sg"): "the layer vpc",
        ("security group", f"{prefix}-endpoints-sg"): "the layer vpc",
        ("security group", f"{alb_name(prefix)}-sg"): "the layer alb",
        ("security group", "default"): "each VPC",
    }


def _claims(service: Data, prefix: str) -> t.Iterator[Claim]:
    """Yield the names of a service's desired resources, and those that it sets."""
    given, names = given_names(service), Names.of(prefix, service)
    desired = {
        "alternate_target_group": strategy.shifts(service),
        "execution_role": policies.has_secrets(service),
        "queue": queue.has_own(service),
    }
    for option, name in all_names(prefix, service).items():
        if option in _KINDS and (option in given or desired.get(option, True)):
            yield Claim(service["name"], _KINDS[option], option, name, option in given)
    if strategy.shifts(service) and not service["shift_role_arn"]:
        yield Claim(service["name"], "role", "by which ECS shifts requests", names.shift_role, is_given=False)
    if queue.has_own(service) and service["queue"]["dead_letter"]:
        name = names.dead_letter_queue
        yield Claim(service["name"], "SQS queue", "for what was received too often", name, is_given="queue" in given)
    for port in further_ports(service):
        option = f"{OF_PORTS}{port}"
        label = option if option in given else f"of port {port}"
        yield Claim(service["name"], "target group", label, names.port_group(port), is_given=option in given)
