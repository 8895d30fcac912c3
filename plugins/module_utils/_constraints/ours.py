# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What our own modules refuse by themselves, asked of the resources of a plan before the first of them is made.

A unit test finds every refusal of a module; each is asked here, or has there a reason why it can't be.
"""

from __future__ import annotations

import typing as t

from .._plan.model import Resource
from .._resources.autoscaling import decide as autoscaling
from .._resources.ecr import decide as ecr
from .._resources.ecs import rules as ecs
from .._resources.elbv2 import conditions as elbv2
from .._resources.servicediscovery import decide as servicediscovery


class Asked(t.NamedTuple):
    """A function of a module that returns what is wrong, and what it is given of a planned resource."""

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


ASKED: t.Mapping[str, tuple[Asked, ...]] = {
    "cloud_map_service": (Asked(servicediscovery.service_problems, _with_name),),
    "ecr_repository": (Asked(ecr.repository_problems, _with_name),),
    "ecs_cluster": (Asked(ecs.cluster_problems, lambda resource: (resource["values"], {})),),
    "ecs_service": (Asked(ecs.service_problems, _values),),
    "ecs_task_definition": (Asked(ecs.task_definition_problems, _values),),
    "listener_rule": (Asked(elbv2.problems, _values),),
    "namespace": (Asked(servicediscovery.namespace_problems, _namespace),),
    "scalable_target": (Asked(autoscaling.problems, _target),),
    "scaling_policy": (Asked(autoscaling.problems, _policy),),
}
"""By type of planned resource, what its module asks of its options."""


def problems(resources: t.Sequence[Resource]) -> t.Iterator[tuple[Resource, str]]:
    """Yield each resource with a sentence that its module, or that of one that uses it, would refuse it with."""
    definitions = {entry["name"]: entry["values"] for entry in resources if entry["type"] == "ecs_task_definition"}
    for resource in resources:
        for asked in ASKED.get(resource["type"], ()):
            for sentence in asked.problems(*asked.given(resource)):
                yield resource, sentence
        # A service that is planned runs the task definition of its name.
        if resource["type"] == "ecs_service" and resource["name"] in definitions:
            service = {**resource["values"], "network_configuration": resource["values"].get("network")}
            for sentence in ecs.placement_problems(service, definitions[resource["name"]]):
                yield resource, sentence
