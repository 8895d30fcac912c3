# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The refusals of the collection's own modules, checked for the resources of a plan before the first one is created.

A unit test finds every refusal of a module; each is checked here, or the test gives the reason why it can't be.
"""

from __future__ import annotations

import typing as t

from .._plan.model import Resource
from .._resources.autoscaling import decide as autoscaling
from .._resources.ecr import decide as ecr
from .._resources.ecs import rules as ecs
from .._resources.elbv2 import conditions as elbv2
from .._resources.servicediscovery import decide as servicediscovery


class ModuleCheck(t.NamedTuple):
    """A module's validation function, and how its arguments are derived from a planned resource."""

    problems: t.Callable[..., list[str]]
    given: t.Callable[[Resource], tuple[t.Any, ...]]


def _values(resource: Resource) -> tuple[t.Any, ...]:
    return (resource["values"],)


def _with_name(resource: Resource) -> tuple[t.Any, ...]:
    return ({**resource["values"], "name": resource["name"]},)


def _namespace(resource: Resource) -> tuple[t.Any, ...]:
    return ({**resource["values"], "name": resource["name"], "vpc_id": resource["values"].get("vpc")},)


def _target(resource: Resource) -> tuple[t.Any, ...]:
    return ({**resource["values"], "policies": []},)


def _policy(resource: Resource) -> tuple[t.Any, ...]:
    policy = {**resource["values"], "name": resource["name"], "resource_label": resource["values"].get("requests_of")}
    return ({"min_capacity": None, "max_capacity": None, "policies": [policy]},)


CHECKS: t.Mapping[str, ModuleCheck] = {
    "cloud_map_service": ModuleCheck(servicediscovery.service_problems, _with_name),
    "ecr_repository": ModuleCheck(ecr.repository_problems, _with_name),
    "ecs_cluster": ModuleCheck(ecs.cluster_problems, lambda resource: (resource["values"], {})),
    "ecs_service": ModuleCheck(ecs.service_problems, _values),
    "ecs_task_definition": ModuleCheck(ecs.task_definition_problems, _values),
    "listener_rule": ModuleCheck(elbv2.problems, _values),
    "namespace": ModuleCheck(servicediscovery.namespace_problems, _namespace),
    "scalable_target": ModuleCheck(autoscaling.problems, _target),
    "scaling_policy": ModuleCheck(autoscaling.problems, _policy),
}
"""The check of each type of planned resource."""


def problems(resources: t.Sequence[Resource]) -> t.Iterator[tuple[Resource, str]]:
    """Yield each resource that its module, or that of a resource using it, would refuse, with the message."""
    definitions = {entry["name"]: entry["values"] for entry in resources if entry["type"] == "ecs_task_definition"}
    for resource in resources:
        if check := CHECKS.get(resource["type"]):
            for sentence in check.problems(*check.given(resource)):
                yield resource, sentence
        # A planned service runs the task definition with its name.
        if resource["type"] == "ecs_service" and resource["name"] in definitions:
            service = {**resource["values"], "network_configuration": resource["values"].get("network")}
            for sentence in ecs.placement_problems(service, definitions[resource["name"]]):
                yield resource, sentence
