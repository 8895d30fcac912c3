# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the resources of a plan against AWS's constraints and those of the collection's modules."""

from __future__ import annotations

import typing as t

from .._plan.compare import GONE
from .._plan.model import HIDDEN, Resource
from . import aggregate, ours, sent, shapes

SERVICES = {
    "application-autoscaling": "Application Auto Scaling",
    "ec2": "EC2",
    "ecr": "ECR",
    "ecs": "ECS",
    "elbv2": "Elastic Load Balancing",
    "iam": "IAM",
    "logs": "CloudWatch Logs",
    "route53": "Route 53",
    "scheduler": "EventBridge Scheduler",
    "servicediscovery": "Cloud Map",
    "sqs": "SQS",
    "ssm": "Systems Manager",
    "wafv2": "WAF",
}
# The variables of the tags that all resources have.
_OF_THE_PLATFORM = {
    "Project": "fargate_project",
    "Environment": "fargate_environment",
    "Team": "fargate_team",
    "Owner": "fargate_owner",
}


def refusals(resources: t.Iterable[Resource]) -> list[str]:
    """Return one message for each invalid value, in the order of the resources.

    A tag that many resources share is reported once.  Values below a resource's C(sensitive) paths are not shown.
    """
    tags: dict[tuple[str, str, str], dict[str, list[str]]] = {}
    result: list[str] = []
    wanted: list[Resource] = [{**resource, "values": _wanted(resource.get("values") or {})} for resource in resources]
    for resource in wanted:
        title = _title(resource)
        for problem in _problems(resource):
            service, operation = problem.member.split(".")[:2]
            first, _dot, key = problem.path.partition(".")
            if first == "tags" and key:
                name = key.removesuffix(".key").removesuffix(".value")
                of_tag = tags.setdefault((name, problem.value, problem.rule), {})
                of_tag.setdefault(SERVICES[service], []).append(title)
                continue
            value = HIDDEN if _is_sensitive(resource, problem.path) else problem.value
            result.append(
                f"{title}: {problem.path or 'the name'} {value} {problem.rule}"
                f" ({SERVICES[service]}, {operation}). {_next_step(problem.path)}"
            )
    result += [f"{_title(resource)}: {sentence}" for resource, sentence in ours.problems(wanted)]
    return [*(_tag_sentence(*refused, services) for refused, services in tags.items()), *dict.fromkeys(result)]


def _title(resource: Resource) -> str:
    return f"{resource['type']} {resource['name']}"


def _wanted(values: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the values without C(GONE) marks; tags have none, but may have any text."""
    return {
        key: _wanted(value) if isinstance(value, t.Mapping) and key != "tags" else value
        for key, value in values.items()
        if value != GONE
    }


def name_refusal(kind: str, name: str) -> str:
    """Return a message if the name of something outside the plan, such as the lock, is invalid; else empty."""
    return "\n".join(refusals([{"type": kind, "name": name, "values": {}}]))


def kind(resource: Resource) -> str:
    """Return the key of a resource in C(sent.KINDS)."""
    if resource["type"] == "namespace" and (resource.get("values") or {}).get("type") == "HTTP":
        return sent.HTTP_NAMESPACE
    return str(resource["type"])


def _problems(resource: Resource) -> t.Iterator[shapes.Problem]:
    values = resource.get("values") or {}
    for field, targets in sent.KINDS.get(kind(resource), {}).items():
        value = str(resource["name"]) if field == sent.NAME else value_at(values, field)
        if shapes.is_known(value):
            for target in targets:
                if isinstance(target, sent.Sent):
                    yield from shapes.problems(target.member, target.form(value), field)
    yield from aggregate.problems(resource["type"], values)


def value_at(values: t.Mapping[str, t.Any], path: str) -> t.Any:
    """Return the value at a path of I(values), or None."""
    value: t.Any = values
    for key in path.split("."):
        value = value.get(key) if isinstance(value, t.Mapping) else None
    return value


def _is_sensitive(resource: Resource, path: str) -> bool:
    return any(f"{path}.".startswith(f"{hidden}.") for hidden in resource.get("sensitive") or [])


def _tag_sentence(key: str, value: str, rule: str, services: t.Mapping[str, t.Sequence[str]]) -> str:
    first, *others = [title for titles in services.values() for title in titles]
    shown = f"{first} and {len(others)} more" if others else first
    variable = _OF_THE_PLATFORM.get(key)
    step = f"Change {variable}." if variable else f"Change the tag {key}." if key != "Name" else "Shorten the name."
    return f"Tag {key}: {value} {rule} ({', '.join(services)}; a tag of {shown}). {step}"


_STEPS = {
    "inline_policies": "Shorten task_policies, put some into task_managed_policies, or use fewer secrets.",
    "container_definitions": "Have the containers read large values from elsewhere, such as S3 or Systems Manager.",
}


def _next_step(path: str) -> str:
    if path in _STEPS:
        return _STEPS[path]
    if path:
        return f"Change {path}."
    return "Change fargate_project (every name begins with it), or the name that is given to this one."
