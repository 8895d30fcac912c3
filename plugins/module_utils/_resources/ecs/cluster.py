# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Create, update and delete clusters, for the module ecs_cluster."""

from __future__ import annotations

import typing as t

from ..._aws.errors import ClientError, RefusedError, error_code
from ..._aws.eventual_consistency import row_of
from ..._aws.until import WaitTimeoutError
from ..._plan.model import Field
from . import api, decide, model, redact, rules, updates
from .access import Calls
from .form import to_result
from .normal import normalise_cluster

Data = dict[str, t.Any]

_NAMED = 10


def present(
    calls: Calls,
    options: t.Mapping[str, t.Any],
    *,
    purge_tags: bool = True,
    wait_timeout: float = 300,
    check_mode: bool = False,
) -> Data:
    """Create the cluster, or update what differs, and return the module's results.

    I(options) are the fields of CreateCluster in snake_case.

    :raises RefusedError: before any change, if AWS would refuse it.
    """
    client = calls.client
    request = model.request_for(client, "CreateCluster", options)
    desired = normalise_cluster(request)
    found = _usable(api.cluster(client, name=request["clusterName"]))
    before = normalise_cluster(_with_namespace_name(calls, desired, found)) if found else {}
    problems = rules.cluster_problems(desired, before)
    if problems:
        raise RefusedError("\n".join(problems))
    changes = decide.cluster_changes(desired, before, purge_tags=purge_tags)
    if not check_mode and not found:
        # ECS refuses an empty list of tags.
        api.create_cluster(client, **{key: value for key, value in request.items() if key != "tags" or value})
    elif not check_mode and found and changes:
        _update(client, changes, request, found)
    if not found:
        changes = [{"path": "status", "before": None, "after": "ACTIVE"}, *changes]
    if changes and not check_mode:
        found = _settled(calls, request["clusterName"], wait_timeout)
    return _result(request["clusterName"], found, changes)


def absent(calls: Calls, name: str, *, wait_timeout: float = 300, check_mode: bool = False) -> Data:
    """Delete the cluster once its last tasks have stopped, and return the module's results.

    :raises RefusedError: if it still has services, or tasks that nobody stopped.
    """
    client = calls.client
    found = _usable(api.cluster(client, name=name))
    if not found:
        return _result(name, None, [])
    if not check_mode:
        _refuse_if_used(client, name)
        _delete(client, name, wait_timeout)
    return _result(name, None, [{"path": "status", "before": found["status"], "after": None}])


def _update(client: api.Client, changes: list[Field], request: Data, found: Data) -> None:
    name = request["clusterName"]
    fields = updates.cluster(changes, request, found)
    if fields:
        api.update_cluster(client, cluster=name, **fields)
    if decide.touches(changes, "capacity_providers", "default_capacity_provider_strategy"):
        api.put_capacity_providers(client, cluster=name, **updates.capacity(request, found))
    to_set, to_remove = decide.tags_to_write(changes)
    api.write_tags(client, arn=found["clusterArn"], to_set=to_set, to_remove=to_remove)


def _with_namespace_name(calls: Calls, desired: Data, found: Data) -> Data:
    """Return the existing cluster; if the desired namespace is a name, with the name in place of the ARN."""
    wanted = (desired.get("service_connect_defaults") or {}).get("namespace")
    has = (found.get("serviceConnectDefaults") or {}).get("namespace")
    if not wanted or not has or wanted == has or wanted.startswith("arn:"):
        return found
    return {**found, "serviceConnectDefaults": {"namespace": calls.namespace_name(has)}}


def _usable(cluster: Data | None) -> Data | None:
    """Return the cluster, None if it is deleted (DescribeClusters returns it for a while) or FAILED."""
    return cluster if cluster and cluster["status"] not in ("INACTIVE", "DEPROVISIONING", "FAILED") else None


def _settled(calls: Calls, name: str, timeout: float) -> Data:
    def look() -> Data | None:
        return api.cluster(calls.client, name=name)

    def settled(cluster: Data | None) -> bool:
        if not cluster:
            return False
        return cluster["status"] != "PROVISIONING" and cluster.get("attachmentsStatus") != "UPDATE_IN_PROGRESS"

    try:
        cluster = calls.wait(look, settled, timeout)
    except WaitTimeoutError as error:
        state = (error.last or {}).get("attachmentsStatus") or (error.last or {}).get("status") or "missing"
        raise RefusedError(
            f"The cluster {name} is still {state} after {timeout:g} s. ECS continues in the background:"
            " run this again later, or raise wait_timeout."
        ) from error
    if cluster["status"] == "FAILED" or cluster.get("attachmentsStatus") == "UPDATE_FAILED":
        raise RefusedError(
            f"The capacity providers of the cluster {name} could not be set up (attachments status"
            f" {cluster.get('attachmentsStatus') or cluster['status']}). See DescribeClusters with ATTACHMENTS."
        )
    return t.cast("Data", cluster)


def _refuse_if_used(client: api.Client, name: str) -> None:
    services = api.services_of(client, cluster=name)
    if services:
        raise RefusedError(
            f"The cluster {name} still has {_counted(services, 'service')}: {_names(services)}."
            " Remove them first (ecs_service with state: absent)."
        )
    tasks = api.tasks_of(client, cluster=name)
    if tasks:
        raise RefusedError(
            f"The cluster {name} still runs {_counted(tasks, 'task')} of no service: {_names(tasks)}."
            " Stop them first (aws ecs stop-task)."
        )


def _delete(client: api.Client, name: str, timeout: float) -> None:
    try:
        api.delete_cluster(client, cluster=name, seconds=timeout)
    except ClientError as error:
        if not row_of("DeleteCluster", error_code(error), ""):
            raise
        raise RefusedError(
            f"The cluster {name} still has tasks that are stopping after {timeout:g} s:"
            " run this again later, or raise wait_timeout."
        ) from error


def _counted(items: t.Sequence[str], noun: str) -> str:
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"


def _names(arns: t.Sequence[str]) -> str:
    names = sorted(arn.rsplit("/", 1)[-1] for arn in arns)
    more = [] if len(names) <= _NAMED else [f"{len(names) - _NAMED} more"]
    return ", ".join([*names[:_NAMED], *more])


def _result(name: str, cluster: Data | None, changes: list[Field]) -> Data:
    described = to_result(cluster) if cluster else None
    if cluster and described:
        described["settings"] = {item["name"]: item["value"] for item in cluster.get("settings") or []}
    return {
        "changed": bool(changes),
        "changes": changes,
        "cluster": described,
        "diff": redact.diff(changes, name, name),
    }
