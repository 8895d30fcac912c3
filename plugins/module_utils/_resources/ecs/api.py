# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ECS API calls of the modules, one function each, with AWS's shapes in and out."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_message

from ..._aws.eventual_consistency import FIRST_LOAD_BALANCERS
from ..._aws.read import batched, call, none_if_missing, pages
from ..._aws.retry import IsNew

Client = t.Any
Data = dict[str, t.Any]

# Source: the quotas in the API references of DescribeServices, DeleteTaskDefinitions and DescribeTasks.
DESCRIBED_AT_ONCE = 10
DELETED_AT_ONCE = 10
TASKS_AT_ONCE = 100
MISSING = ("ClusterNotFoundException", "ServiceNotFoundException")


def task_definition(client: Client, *, name: str) -> Data | None:
    """Return a task definition with its tags, None if there is none; for a family its newest ACTIVE revision."""
    found = _described_task_definition(client, name=name)
    if found is None or ":" in name or found.get("status") == "ACTIVE":
        return found
    # AWS describes the newest ACTIVE revision of a family; some emulators describe the newest of any status.
    active = task_definitions(client, family=name, status="ACTIVE")
    return _described_task_definition(client, name=active[0]) if active else None


def _described_task_definition(client: Client, *, name: str) -> Data | None:
    try:
        response = call(client, "describe_task_definition", taskDefinition=name, include=["TAGS"])
    except is_boto3_error_message("Unable to describe task definition"):
        return None
    return {**response["taskDefinition"], "tags": response.get("tags", [])}


def task_definitions(client: Client, *, family: str, status: str) -> list[str]:
    """Return the ARNs of a family's revisions with a status, newest first."""
    arns = _arns(client, "list_task_definitions", "taskDefinitionArns", familyPrefix=family, status=status, sort="DESC")
    of_family = (arn for arn in arns if arn.rsplit("/", 1)[-1].rsplit(":", 1)[0] == family)
    return sorted(of_family, key=lambda arn: int(arn.rsplit(":", 1)[-1]), reverse=True)


def register_task_definition(client: Client, *, family: str, is_new: IsNew | None = None, **fields: t.Any) -> Data:
    """Register a revision and return it with its tags; C(is_new(role)): whether this run created the role."""
    response = call(client, "register_task_definition", is_new=is_new, family=family, **fields)
    return {**response["taskDefinition"], "tags": response.get("tags", [])}


def deregister_task_definition(client: Client, *, arn: str) -> None:
    """Make a revision INACTIVE."""
    call(client, "deregister_task_definition", taskDefinition=arn)


def delete_task_definitions(client: Client, *, arns: t.Sequence[str]) -> list[Data]:
    """Delete INACTIVE revisions and return the failures."""
    failures: list[Data] = []
    for part in batched(arns, DELETED_AT_ONCE):
        failures += call(client, "delete_task_definitions", taskDefinitions=part).get("failures", [])
    return failures


def clusters(client: Client) -> list[str]:
    """Return the ARNs of all clusters."""
    return _arns(client, "list_clusters", "clusterArns")


def services_of(client: Client, *, cluster: str) -> list[str]:
    """Return the ARNs of the services of a cluster."""
    return _arns(client, "list_services", "serviceArns", cluster=cluster)


def tasks_of(client: Client, *, cluster: str) -> list[str]:
    """Return the ARNs of a cluster's tasks whose desired status is RUNNING."""
    return _arns(client, "list_tasks", "taskArns", cluster=cluster)


ANY_STATUS = ("RUNNING", "STOPPED")


def described_tasks(
    client: Client, *, cluster: str, statuses: t.Iterable[str] = ("RUNNING",), **listed_by: str
) -> list[Data]:
    """Return the tasks that ListTasks lists by desired status and I(listed_by), each once."""
    arns = dict.fromkeys(
        arn
        for status in statuses
        for arn in _arns(client, "list_tasks", "taskArns", cluster=cluster, desiredStatus=status, **listed_by)
    )
    return [
        task
        for part in batched(list(arns), TASKS_AT_ONCE)
        for task in call(client, "describe_tasks", cluster=cluster, tasks=part)["tasks"]
    ]


def running_tasks(client: Client, *, cluster: str, family: str) -> list[str]:
    """Return the ARNs of a family's tasks whose desired status is RUNNING; none if the cluster does not exist."""
    return (
        none_if_missing(
            lambda: _arns(client, "list_tasks", "taskArns", cluster=cluster, family=family), "ClusterNotFoundException"
        )
        or []
    )


def stop_task(client: Client, *, cluster: str, arn: str, reason: str) -> None:
    """Stop a task, unless it has stopped already."""
    none_if_missing(
        functools.partial(call, client, "stop_task", cluster=cluster, task=arn, reason=reason),
        "InvalidParameterException",
        "ClusterNotFoundException",
    )


def stopping_tasks(client: Client, *, service: str, cluster: str, family: str) -> list[str]:
    """Return the ARNs of a service's tasks that are stopping, also of a deleted service.

    They are listed by the I(family) of their task definition, as ECS lists no tasks of an INACTIVE service.
    """
    tasks = described_tasks(client, cluster=cluster, statuses=("STOPPED",), family=family)
    ours = [task for task in tasks if task.get("group") == f"service:{service}"]
    return [task["taskArn"] for task in ours if task.get("lastStatus") != "STOPPED"]


def services(
    client: Client, *, cluster: str, names: t.Sequence[str], include: t.Sequence[str] = ("TAGS",)
) -> list[Data]:
    """Return the existing services among these names or ARNs, INACTIVE ones included, with their tags."""
    more = {"include": list(include)} if include else {}
    found: list[Data] = []
    for part in batched(names, DESCRIBED_AT_ONCE):
        response = call(client, "describe_services", cluster=cluster, services=part, **more)
        found += response.get("services", [])
    return found


def living_services(
    client: Client, *, cluster: str, names: t.Sequence[str], include: t.Sequence[str] = ("TAGS",)
) -> list[Data]:
    """Return the services among these names or ARNs that are not INACTIVE."""
    found = services(client, cluster=cluster, names=names, include=include)
    return [service for service in found if service["status"] != "INACTIVE"]


def service(client: Client, *, cluster: str, name: str) -> Data | None:
    """Return a service with its tags, None if it does not exist."""
    found = services(client, cluster=cluster, names=[name])
    return found[0] if found else None


def create_service(client: Client, *, is_new: IsNew | None = None, **fields: t.Any) -> Data:
    """Create a service and return it; C(is_new(role)): whether this run created the role."""
    return t.cast("Data", call(client, "create_service", is_new=is_new, **fields)["service"])


def update_service(client: Client, *, service: str, cluster: str, is_new: IsNew | None = None, **fields: t.Any) -> Data:
    """Update a service and return it; C(is_new(role)): whether this run created the role."""
    response = call(client, "update_service", is_new=is_new, service=service, cluster=cluster, **fields)
    return t.cast("Data", response["service"])


def set_grace_period(client: Client, *, service: str, cluster: str, seconds: int) -> None:
    """Set the grace period of a service right after it got its first load balancers."""
    call(
        client,
        "update_service",
        only_for=FIRST_LOAD_BALANCERS,
        service=service,
        cluster=cluster,
        healthCheckGracePeriodSeconds=seconds,
    )


def delete_service(client: Client, *, service: str, cluster: str, force: bool, seconds: float) -> Data:
    """Delete a service and return it; it stays as DRAINING and then INACTIVE.

    ECS refuses while a deployment is in progress, which ends with the service's tasks: retry for I(seconds).
    """
    response = call(client, "delete_service", seconds=seconds, service=service, cluster=cluster, force=force)
    return t.cast("Data", response["service"])


def service_revisions(client: Client, *, arns: t.Sequence[str]) -> list[Data]:
    """Return service revisions, newest first; they have fields that DescribeServices omits."""
    if not arns:
        return []
    response = call(client, "describe_service_revisions", serviceRevisionArns=list(arns))
    return sorted(response.get("serviceRevisions", []), key=lambda item: str(item.get("createdAt")), reverse=True)


def cluster(client: Client, *, name: str) -> Data | None:
    """Return a cluster with everything that can be included, INACTIVE or not; None if there is none."""
    include = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "TAGS"]
    response = call(client, "describe_clusters", clusters=[name], include=include)
    return t.cast("Data | None", next(iter(response.get("clusters", [])), None))


def create_cluster(client: Client, **fields: t.Any) -> Data:
    """Create a cluster and return it."""
    return t.cast("Data", call(client, "create_cluster", **fields)["cluster"])


def update_cluster(client: Client, *, cluster: str, **fields: t.Any) -> None:
    """Update settings, configuration or service connect defaults of a cluster."""
    call(client, "update_cluster", cluster=cluster, **fields)


def put_capacity_providers(client: Client, *, cluster: str, **fields: t.Any) -> None:
    """Replace the capacity providers and the default strategy of a cluster."""
    call(client, "put_cluster_capacity_providers", cluster=cluster, **fields)


def delete_cluster(client: Client, *, cluster: str, seconds: float) -> Data:
    """Delete a cluster and return it; it stays as INACTIVE for a while.

    ECS refuses while its last tasks are stopping: retry for I(seconds).
    """
    return t.cast("Data", call(client, "delete_cluster", seconds=seconds, cluster=cluster)["cluster"])


def tag(client: Client, *, arn: str, tags: t.Mapping[str, str]) -> None:
    """Set tags of an ECS resource."""
    pairs = [{"key": key, "value": value} for key, value in tags.items()]
    call(client, "tag_resource", resourceArn=arn, tags=pairs)


def untag(client: Client, *, arn: str, keys: t.Sequence[str]) -> None:
    """Remove tags of an ECS resource."""
    call(client, "untag_resource", resourceArn=arn, tagKeys=list(keys))


def write_tags(client: Client, *, arn: str, to_set: t.Mapping[str, str], to_remove: t.Sequence[str]) -> None:
    """Set and remove tags, without a call if there is nothing to do."""
    if to_set:
        tag(client, arn=arn, tags=to_set)
    if to_remove:
        untag(client, arn=arn, keys=to_remove)


def namespace_name(client: Client, *, arn: str) -> str:
    """Return the name of a Cloud Map namespace; I(client) is a servicediscovery client."""
    return str(call(client, "get_namespace", Id=arn.rsplit("/", 1)[-1])["Namespace"]["Name"])


def _arns(client: Client, operation: str, key: str, **arguments: t.Any) -> list[str]:
    return t.cast("list[str]", pages(client, operation, key, **arguments))
