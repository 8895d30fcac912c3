# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The calls to ECS that the modules make, one function each, with AWS's shapes in and out."""

from __future__ import annotations

import contextlib
import typing as t

# AnsibleAWSModule says what is missing
with contextlib.suppress(ImportError):
    import botocore

from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

from ..._aws.passing import FIRST_LOAD_BALANCERS
from ..._aws.read import portions
from ..._aws.retry import IsNew, retried
from . import model
from .errors import AWSError, RefusedError, error_text, explained

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Client = t.Any
Data = dict[str, t.Any]

# Source: the quotas in the API references of DescribeServices, DeleteTaskDefinitions and DescribeTasks.
DESCRIBED_AT_ONCE = 10
DELETED_AT_ONCE = 10
TASKS_AT_ONCE = 100

_RETRIED = ["ThrottlingException", "ServerException", "UpdateInProgressException", "ConflictException"]


def connect(module: AnsibleAWSModule, service: str = "ecs") -> Client:
    """Return a client whose calls are repeated when they are throttled or the server fails."""
    decorator = AWSRetry.jittered_backoff(retries=8, delay=1, max_delay=20, catch_extra_error_codes=_RETRIED)
    return module.client(service, retry_decorator=decorator)


def request(client: Client, operation: str, options: t.Mapping[str, t.Any]) -> Data:
    """Return the request of I(operation) for the options, as the installed botocore's model has it.

    Raises RefusedError with a sentence for each thing that is wrong with them.
    """
    shape = client.meta.service_model.operation_model(operation).input_shape
    result, problems = model.request(shape, options, botocore.__version__)
    if problems:
        raise RefusedError("\n".join(problems))
    return result


def options_of(client: Client, operation: str) -> frozenset[str]:
    """Return the options that I(operation) takes in the installed botocore, in snake_case."""
    return frozenset(model.members(client.meta.service_model.operation_model(operation).input_shape))


def task_definition(client: Client, *, name: str) -> Data | None:
    """Return a task definition with its tags, or null; a family's is its newest ACTIVE revision."""
    found = _described_task_definition(client, name=name)
    if found is None or ":" in name or found.get("status") == "ACTIVE":
        return found
    # AWS describes the newest ACTIVE revision; others have been seen to describe the newest of any status.
    active = task_definitions(client, family=name, status="ACTIVE")
    return _described_task_definition(client, name=active[0]) if active else None


@explained("read the task definition {name}")
def _described_task_definition(client: Client, *, name: str) -> Data | None:
    try:
        response = client.describe_task_definition(taskDefinition=name, include=["TAGS"], aws_retry=True)
    except botocore.exceptions.ClientError as error:
        if "Unable to describe task definition" in error_text(error):
            return None
        raise
    return {**response["taskDefinition"], "tags": response.get("tags", [])}


@explained("list the revisions of the task definition {family}")
def task_definitions(client: Client, *, family: str, status: str) -> list[str]:
    """Return the ARNs of a family's revisions of a status, newest first."""
    arns = _all(client.list_task_definitions, "taskDefinitionArns", familyPrefix=family, status=status, sort="DESC")
    of_family = (arn for arn in arns if arn.rsplit("/", 1)[-1].rsplit(":", 1)[0] == family)
    return sorted(of_family, key=lambda arn: int(arn.rsplit(":", 1)[-1]), reverse=True)


@explained("register the task definition {family}")
def register_task_definition(client: Client, *, family: str, is_new: IsNew | None = None, **fields: t.Any) -> Data:
    """Register a revision and return it with its tags; I(is_new) tells whether ECS may not see a role of it yet."""
    response = retried(
        lambda: client.register_task_definition(family=family, aws_retry=True, **fields),
        request=fields,
        is_new=is_new,
    )
    return {**response["taskDefinition"], "tags": response.get("tags", [])}


@explained("deregister the task definition {arn}")
def deregister_task_definition(client: Client, *, arn: str) -> None:
    """Make a revision INACTIVE."""
    client.deregister_task_definition(taskDefinition=arn, aws_retry=True)


@explained("delete INACTIVE task definitions", service="ecs")
def delete_task_definitions(client: Client, *, arns: t.Sequence[str]) -> list[Data]:
    """Delete INACTIVE revisions and return the failures."""
    failures: list[Data] = []
    for part in portions(arns, DELETED_AT_ONCE):
        failures += client.delete_task_definitions(taskDefinitions=part, aws_retry=True).get("failures", [])
    return failures


@explained("list the clusters")
def clusters(client: Client) -> list[str]:
    """Return the ARNs of all clusters."""
    return _all(client.list_clusters, "clusterArns")


@explained("list the services of the cluster {cluster}")
def services_of(client: Client, *, cluster: str) -> list[str]:
    """Return the ARNs of the services of a cluster."""
    return _all(client.list_services, "serviceArns", cluster=cluster)


@explained("list the tasks of the cluster {cluster}")
def tasks_of(client: Client, *, cluster: str) -> list[str]:
    """Return the ARNs of the tasks of a cluster that are to run."""
    return _all(client.list_tasks, "taskArns", cluster=cluster)


@explained("read the tasks of the service {service} that are stopping")
def stopping_tasks(client: Client, *, service: str, cluster: str, family: str) -> list[str]:
    """Return the ARNs of tasks of a service that were told to stop and have not; of a deleted service, too.

    I(family) is that of their task definition, as ECS lists no tasks of a service that is INACTIVE.
    """
    arns = _all(client.list_tasks, "taskArns", cluster=cluster, family=family, desiredStatus="STOPPED")
    tasks = [
        task
        for part in portions(arns, TASKS_AT_ONCE)
        for task in client.describe_tasks(cluster=cluster, tasks=part, aws_retry=True).get("tasks", [])
    ]
    ours = [task for task in tasks if task.get("group") == f"service:{service}"]
    return [task["taskArn"] for task in ours if task.get("lastStatus") != "STOPPED"]


@explained("read the services of the cluster {cluster}")
def services(client: Client, *, cluster: str, names: t.Sequence[str]) -> list[Data]:
    """Return the services of these names or ARNs that there are, with their tags, INACTIVE ones too."""
    found: list[Data] = []
    for part in portions(names, DESCRIBED_AT_ONCE):
        response = client.describe_services(cluster=cluster, services=part, include=["TAGS"], aws_retry=True)
        found += response.get("services", [])
    return found


def service(client: Client, *, cluster: str, name: str) -> Data | None:
    """Return a service with its tags, or null."""
    found = services(client, cluster=cluster, names=[name])
    return found[0] if found else None


@explained("create the service {serviceName} in the cluster {cluster}")
def create_service(client: Client, *, is_new: IsNew | None = None, **fields: t.Any) -> Data:
    """Create a service and return it; I(is_new) tells of its roles whether ECS may not see them yet."""
    response = retried(lambda: client.create_service(aws_retry=True, **fields), request=fields, is_new=is_new)
    return t.cast("Data", response["service"])


@explained("update the service {service} in the cluster {cluster}")
def update_service(client: Client, *, service: str, cluster: str, is_new: IsNew | None = None, **fields: t.Any) -> Data:
    """Update a service and return it; I(is_new) tells of its roles whether ECS may not see them yet."""
    response = retried(
        lambda: client.update_service(service=service, cluster=cluster, aws_retry=True, **fields),
        request=fields,
        is_new=is_new,
    )
    return t.cast("Data", response["service"])


@explained("set the health check grace period of the service {service} in the cluster {cluster}")
def set_grace_period(client: Client, *, service: str, cluster: str, seconds: int) -> None:
    """Set the grace period of a service that has been given its first load balancers by the call before."""
    retried(
        lambda: client.update_service(
            service=service, cluster=cluster, healthCheckGracePeriodSeconds=seconds, aws_retry=True
        ),
        only_for=FIRST_LOAD_BALANCERS,
    )


@explained("delete the service {service} in the cluster {cluster}")
def delete_service(client: Client, *, service: str, cluster: str, force: bool, seconds: float) -> Data:
    """Delete a service and return it; it stays as DRAINING and then INACTIVE.

    ECS does not while a deployment is under way, which ends with the service's tasks: I(seconds) are for that.
    """
    response = retried(
        lambda: client.delete_service(service=service, cluster=cluster, force=force, aws_retry=True),
        seconds=seconds,
    )
    return t.cast("Data", response["service"])


@explained("read the revisions of the service")
def service_revisions(client: Client, *, arns: t.Sequence[str]) -> list[Data]:
    """Return service revisions, which have what DescribeServices leaves out, newest first."""
    if not arns:
        return []
    response = client.describe_service_revisions(serviceRevisionArns=list(arns), aws_retry=True)
    return sorted(response.get("serviceRevisions", []), key=lambda item: str(item.get("createdAt")), reverse=True)


@explained("read the cluster {name}")
def cluster(client: Client, *, name: str) -> Data | None:
    """Return a cluster with all that can be included, or null; INACTIVE ones too."""
    include = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "TAGS"]
    response = client.describe_clusters(clusters=[name], include=include, aws_retry=True)
    return t.cast("Data | None", next(iter(response.get("clusters", [])), None))


@explained("create the cluster {clusterName}")
def create_cluster(client: Client, **fields: t.Any) -> Data:
    """Create a cluster and return it."""
    response = retried(lambda: client.create_cluster(aws_retry=True, **fields))
    return t.cast("Data", response["cluster"])


@explained("update the cluster {cluster}")
def update_cluster(client: Client, *, cluster: str, **fields: t.Any) -> None:
    """Update settings, configuration or service connect defaults of a cluster."""
    client.update_cluster(cluster=cluster, aws_retry=True, **fields)


@explained("set the capacity providers of the cluster {cluster}")
def put_capacity_providers(client: Client, *, cluster: str, **fields: t.Any) -> None:
    """Replace the capacity providers and the default strategy of a cluster."""
    retried(lambda: client.put_cluster_capacity_providers(cluster=cluster, aws_retry=True, **fields))


@explained("delete the cluster {cluster}")
def delete_cluster(client: Client, *, cluster: str) -> Data:
    """Delete a cluster and return it; it stays as INACTIVE for a while."""
    return t.cast("Data", client.delete_cluster(cluster=cluster, aws_retry=True)["cluster"])


@explained("tag {arn}")
def tag(client: Client, *, arn: str, tags: t.Mapping[str, str]) -> None:
    """Set tags of a resource of ECS."""
    pairs = [{"key": key, "value": value} for key, value in tags.items()]
    client.tag_resource(resourceArn=arn, tags=pairs, aws_retry=True)


@explained("remove tags of {arn}")
def untag(client: Client, *, arn: str, keys: t.Sequence[str]) -> None:
    """Remove tags of a resource of ECS."""
    client.untag_resource(resourceArn=arn, tagKeys=list(keys), aws_retry=True)


def write_tags(client: Client, *, arn: str, to_set: t.Mapping[str, str], to_remove: t.Sequence[str]) -> None:
    """Set and remove tags, with no call where there is nothing to do."""
    if to_set:
        tag(client, arn=arn, tags=to_set)
    if to_remove:
        untag(client, arn=arn, keys=to_remove)


@explained("read the Cloud Map namespace {arn}", service="servicediscovery")
def namespace_name(client: Client, *, arn: str) -> str:
    """Return the name of a Cloud Map namespace; I(client) is one of servicediscovery."""
    return str(client.get_namespace(Id=arn.rsplit("/", 1)[-1], aws_retry=True)["Namespace"]["Name"])


def missing(error: AWSError) -> bool:
    """Return whether the cluster or the service is not there."""
    return error.code in ("ClusterNotFoundException", "ServiceNotFoundException")


def _all(operation: t.Callable[..., Data], key: str, **arguments: t.Any) -> list[str]:
    found: list[str] = []
    while True:
        page = operation(aws_retry=True, **arguments)
        found += page.get(key, [])
        if not page.get("nextToken"):
            return found
        arguments["nextToken"] = page["nextToken"]
