# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deletes the resources of services in steps, by dependency; those of a step in parallel.

A missing resource counts as deleted.
"""

from __future__ import annotations

import functools
import time
import typing as t

from .._aws.errors import BotoCoreError, ClientError
from .._aws.read import call, none_if_missing, of_each, pages
from .._aws.refused import RefusedError
from .._resources.ec2.delete import Deleting
from .._resources.ecr import repository
from .._resources.ecs import access, service, task_definition
from .._resources.scheduler.api import DEFAULT_GROUP
from .._resources.servicediscovery.namespace import Cloud, remove_service
from .._resources.sqs.api import MISSING as NO_QUEUE

Resource = t.Mapping[str, t.Any]
"""C(type), C(name) and C(id), as in a plan."""


class Place(t.NamedTuple):
    """Cluster, clients and options of the removal."""

    client: t.Callable[[str], t.Any]
    cluster: str
    seconds: float
    """Timeout in seconds for draining a service, and for the dependents of each resource."""
    force: bool = False
    """Whether to delete repositories with images."""


Delete = t.Callable[[Place, Resource], bool]
"""Deletes a resource and returns whether it existed."""


def _by(service_name: str, operation: str, missing: str, request: t.Callable[[Resource], dict[str, str]]) -> Delete:
    def delete(place: Place, one: Resource) -> bool:
        make = functools.partial(call, place.client(service_name), operation, **request(one))
        return none_if_missing(make, missing) is not None

    return delete


def _ecs_service(place: Place, one: Resource) -> bool:
    calls = access.Calls(place.client("ecs"), namespace_name=str)
    wanted = service.Wanted({"cluster": place.cluster, "service_name": one["name"]}, wait_timeout=place.seconds)
    return bool(service.absent(calls, wanted)["changed"])


def _task_definition(place: Place, one: Resource) -> bool:
    gone = task_definition.absent(place.client("ecs"), one["name"], delete=True, cluster=place.cluster)
    return bool(gone["changed"])


def _cloud_map_service(place: Place, one: Resource) -> bool:
    cloud = Cloud(
        place.client("servicediscovery"), lambda: place.client("route53"), time.monotonic, time.sleep, _no_tags
    )
    return remove_service(cloud, one["id"].rpartition("/")[2], place.seconds)


def _no_tags(_tags: dict[str, str]) -> list[dict[str, str]]:
    return []


def _security_group(place: Place, one: Resource) -> bool:
    # The network interfaces of tasks exist for about a minute longer, and use the group.
    return bool(Deleting(place.client("ec2"), place.seconds).all_of({one["id"]: "security_group"}))


def _queue(place: Place, one: Resource) -> bool:
    sqs = place.client("sqs")

    def delete() -> t.Any:
        return call(sqs, "delete_queue", QueueUrl=call(sqs, "get_queue_url", QueueName=one["name"])["QueueUrl"])

    return none_if_missing(delete, *NO_QUEUE) is not None


def _role(place: Place, one: Resource) -> bool:
    iam, name = place.client("iam"), {"RoleName": one["name"]}

    def delete() -> t.Any:
        for policy in pages(iam, "list_attached_role_policies", "AttachedPolicies", **name):
            call(iam, "detach_role_policy", **name, PolicyArn=policy["PolicyArn"])
        for inline in pages(iam, "list_role_policies", "PolicyNames", **name):
            call(iam, "delete_role_policy", **name, PolicyName=inline)
        return call(iam, "delete_role", **name)

    return none_if_missing(delete, "NoSuchEntity") is not None


def _repository(place: Place, one: Resource) -> bool:
    asked = {"name": one["name"], "force": place.force}
    return bool(repository.ensure_absent(place.client("ecr"), asked, check=False)["changed"])


def _of_ecs(one: Resource) -> dict[str, str]:
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": one["id"],
        "ScalableDimension": "ecs:service:DesiredCount",
    }


STEPS: tuple[dict[str, Delete], ...] = (
    {
        "scalable_target": _by(
            "application-autoscaling", "deregister_scalable_target", "ObjectNotFoundException", _of_ecs
        ),
        "schedule": _by(
            "scheduler",
            "delete_schedule",
            "ResourceNotFoundException",
            lambda one: {"Name": one["name"], "GroupName": DEFAULT_GROUP},
        ),
    },
    {"ecs_service": _ecs_service},
    {"listener_rule": _by("elbv2", "delete_rule", "RuleNotFound", lambda one: {"RuleArn": one["id"]})},
    {
        "target_group": _by(
            "elbv2", "delete_target_group", "TargetGroupNotFound", lambda one: {"TargetGroupArn": one["id"]}
        ),
        "cloud_map_service": _cloud_map_service,
        # also stops tasks started by a schedule or run.yml, which use what is deleted next
        "ecs_task_definition": _task_definition,
    },
    {"security_group": _security_group},
    {
        "sqs_queue": _queue,
        "iam_role": _role,
        "log_group": _by(
            "logs", "delete_log_group", "ResourceNotFoundException", lambda one: {"logGroupName": one["name"]}
        ),
        "ecr_repository": _repository,
    },
)
"""The steps, by type of resource."""
DRAINING = 50
"""Number of services that drain in parallel, which is only waiting."""
TYPES = tuple(kind for step in STEPS for kind in step)


class Refusal(t.NamedTuple):
    """A resource that could not be deleted, and the error."""

    resource: Resource
    error: Exception


class Removed(t.NamedTuple):
    """The deleted resources in order, and those that could not be deleted, after which no further step runs."""

    deleted: list[Resource]
    refused: list[Refusal]


def in_order(resources: t.Sequence[Resource]) -> list[Resource]:
    """Return resources in order of deletion."""
    return [one for kind in TYPES for one in resources if one["type"] == kind]


def remove(place: Place, resources: t.Sequence[Resource]) -> Removed:
    """Delete I(resources); a failure does not affect others of the same step, and ends the removal after it."""
    deleted: list[Resource] = []
    for step in STEPS:
        some = {str(number): one for number, one in enumerate(in_order(resources)) if one["type"] in step}
        ends = of_each(some, functools.partial(_end, step, place, some), DRAINING if "ecs_service" in step else None)
        deleted += [some[number] for number, end in ends.items() if end is True]
        if refused := [Refusal(some[number], end) for number, end in ends.items() if isinstance(end, Exception)]:
            return Removed(deleted, refused)
    return Removed(deleted, [])


def _end(step: t.Mapping[str, Delete], place: Place, some: t.Mapping[str, Resource], number: str) -> bool | Exception:
    """Return whether the resource existed, or the error."""
    one = some[number]
    try:
        return step[one["type"]](place, one)
    except (RefusedError, ClientError, BotoCoreError) as error:
        return error
