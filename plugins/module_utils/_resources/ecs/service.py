# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Create, update and delete services, for the module ecs_service."""

from __future__ import annotations

import typing as t
import uuid

from ..._aws.read import none_if_missing
from ..._aws.refused import RefusedError
from ..._aws.until import WaitTimeoutError
from ..._plan.model import Field
from . import api, decide, deployments, model, redact, rules, updates
from .access import Calls
from .form import to_result
from .normal import last_part, normalise_service, normalise_task_definition
from .task_definition import NEW_REVISION

Data = dict[str, t.Any]

_GONE = (None, "INACTIVE")
_REGISTER = "Register it first (ecs_task_definition), or name an ACTIVE revision."


class Wanted(t.NamedTuple):
    """The options of ecs_service."""

    fields: t.Mapping[str, t.Any]
    """The fields of CreateService in snake_case."""
    purge_tags: bool = True
    preserve_desired_count: bool = False
    force_new_deployment: bool = False
    wait_timeout: float = 600
    check_mode: bool = False


def create_fields(options: t.Mapping[str, t.Any]) -> Data:
    """Return the fields of CreateService for the module's options, three of which are simpler."""
    result = dict(options)
    result["service_name"] = result.pop("name")
    if options.get("network_configuration") is not None:
        result["network_configuration"] = {"awsvpc_configuration": options["network_configuration"]}
    if options.get("deployment_controller") is not None:
        result["deployment_controller"] = {"type": options["deployment_controller"]}
    return result


def present(calls: Calls, wanted: Wanted) -> Data:
    """Create the service, or update what differs, and return the module's results.

    :raises RefusedError: before any change, if AWS would refuse it.
    """
    client = calls.client
    request = _request(client, wanted)
    definition = _resolve_task_definition(client, request, wanted)
    problems = rules.service_problems(normalise_service(request))
    if problems:
        raise RefusedError("\n".join(problems))
    found = _found(client, request["cluster"], request["serviceName"], wanted.check_mode)
    _refuse_inactive(definition, found)
    if found and found["status"] == "DRAINING" and not wanted.check_mode:
        _wait_until_gone(calls, request["cluster"], found, wanted.wait_timeout)
    if found and found["status"] == "ACTIVE":
        return _update(calls, wanted, request, found, definition)
    return _create(calls, wanted, request, definition)


def absent(calls: Calls, wanted: Wanted, *, force: bool = False, wait: bool = True) -> Data:
    """Scale the service to 0, delete it, wait until it is INACTIVE and its tasks have stopped; return the results."""
    client, cluster, name = calls.client, wanted.fields["cluster"], wanted.fields["service_name"]
    found = _found(client, cluster, name, missing_cluster_is_none=True)
    status = found["status"] if found else None
    if found is None or status in _GONE:
        return _result(name, None, None, [])
    if status == "ACTIVE" and not wanted.check_mode:
        scaled = found.get("schedulingStrategy") != "DAEMON" and found.get("desiredCount", 0) > 0
        if scaled and not force:
            api.update_service(client, service=name, cluster=cluster, desiredCount=0)
        found = api.delete_service(client, service=name, cluster=cluster, force=force, seconds=wanted.wait_timeout)
    if wait and not wanted.check_mode:
        _wait_until_gone(calls, cluster, found, wanted.wait_timeout)
        _wait_until_stopped(calls, cluster, found, wanted.wait_timeout)
    # Waiting for an earlier removal changes nothing.
    changes: list[Field] = [{"path": "status", "before": status, "after": None}] if status == "ACTIVE" else []
    return _result(name, None, None, changes)


def _request(client: api.Client, wanted: Wanted) -> Data:
    try:
        return model.request_for(client, "CreateService", wanted.fields)
    except RefusedError as error:
        # The module's option omits the awsvpc level.
        raise RefusedError(str(error).replace("network_configuration.awsvpc_", "network_")) from None


def _create(calls: Calls, wanted: Wanted, request: Data, definition: Data | None) -> Data:
    external = request.get("deploymentController", {}).get("type") == "EXTERNAL"
    if "taskDefinition" not in request and not external:
        raise RefusedError(
            f"The service {request['serviceName']} does not exist, and can't be created without task_definition."
        )
    if definition:
        problems = rules.placement_problems(normalise_service(request), normalise_task_definition(definition))
        if problems:
            raise RefusedError("\n".join(problems))
    if request.get("schedulingStrategy") != "DAEMON":
        request.setdefault("desiredCount", 1)
    # ECS refuses an empty list of tags.
    request = {key: value for key, value in request.items() if key != "tags" or value}
    desired = normalise_service(request)
    changes = decide.service_changes(desired, {})
    created = None
    if not wanted.check_mode:
        created = api.create_service(calls.client, is_new=calls.is_new, **request, clientToken=str(uuid.uuid4()))
        created = {**created, "tags": request.get("tags", [])}
    return _result(request["serviceName"], None, created, changes)


def _update(calls: Calls, wanted: Wanted, request: Data, found: Data, definition: Data | None) -> Data:
    client, name, cluster = calls.client, request["serviceName"], request["cluster"]
    desired = normalise_service(request)
    has = normalise_service(_completed(calls, desired, found))
    changes = decide.service_changes(
        desired, has, purge_tags=wanted.purge_tags, preserve_desired_count=wanted.preserve_desired_count
    )
    restarts = deployments.needs_restart(found) and "taskDefinition" in request
    if wanted.force_new_deployment or restarts:
        before = deployments.primary(found).get("rolloutState") if restarts else None
        changes.append({"path": "force_new_deployment", "before": before, "after": True})
    problems = decide.refusals(changes, has, model.options_of(client, "UpdateService"))
    if definition and decide.touches(changes, "load_balancers", "task_definition"):
        # the service keeps its load balancers if none are given, and another revision may lack their port
        balancers = desired.get("load_balancers", has.get("load_balancers"))
        problems += rules.load_balancer_problems(balancers or [], normalise_task_definition(definition))
    if problems:
        raise RefusedError("\n".join(problems))
    to_set, to_remove = decide.tags_to_write(changes)
    after = found
    if not wanted.check_mode:
        api.write_tags(client, arn=found["serviceArn"], to_set=to_set, to_remove=to_remove)
        if decide.except_tags(changes):
            after = _write(calls, name, cluster, updates.service(changes, request, found), found)
        after = {**after, "tags": _tags_after(found, to_set, to_remove)}
    return _result(name, found, after, changes)


def _write(calls: Calls, name: str, cluster: str, fields: Data, found: Data) -> Data:
    """Update the service and return it with its new deployment."""
    client, is_new = calls.client, calls.is_new
    grace = "healthCheckGracePeriodSeconds"
    # ECS accepts a grace period only if the service already has load balancers.
    if grace not in fields or not fields.get("loadBalancers") or found.get("loadBalancers"):
        return api.update_service(client, service=name, cluster=cluster, is_new=is_new, **fields)
    first = {member: value for member, value in fields.items() if member != grace}
    after = api.update_service(client, service=name, cluster=cluster, is_new=is_new, **first)
    api.set_grace_period(client, service=name, cluster=cluster, seconds=fields[grace])
    return {**after, grace: fields[grace]}


def _completed(calls: Calls, desired: Data, found: Data) -> Data:
    """Return the existing service with the compared fields that only other calls return."""
    result = dict(found)
    if "monitoring" in desired or "gateway_connectors" in desired:
        arns = [revision["arn"] for revision in found.get("currentServiceRevisions", [])]
        newest = next(iter(api.service_revisions(calls.client, arns=arns)), {})
        result |= {member: newest.get(member) for member in ("monitoring", "gatewayConnectors")}
    wanted = (desired.get("service_connect_configuration") or {}).get("namespace")
    primary = deployments.primary(found)
    connect = primary.get("serviceConnectConfiguration") or {}
    if wanted and not wanted.startswith("ns-") and ":namespace/" in connect.get("namespace", ""):
        named = {**connect, "namespace": calls.namespace_name(connect["namespace"])}
        result["deployments"] = [{**primary, "serviceConnectConfiguration": named}]
    return result


def _resolve_task_definition(client: api.Client, request: Data, wanted: Wanted) -> Data | None:
    """Put the ARN of the task definition into the request, and return the task definition."""
    name = request.get("taskDefinition")
    if not name:
        return None
    definition = None if name.endswith(f":{NEW_REVISION}") else api.task_definition(client, name=name)
    # In check mode an earlier task of the play may have registered it in theory only.
    if definition is None and not wanted.check_mode:
        raise RefusedError(f"task_definition: {name} does not exist. {_REGISTER}")
    if definition:
        request["taskDefinition"] = definition["taskDefinitionArn"]
    return definition


def _refuse_inactive(definition: Data | None, found: Data | None) -> None:
    """Refuse an INACTIVE revision, unless the service already runs it: it can't be updated to another such one."""
    if definition is None or definition.get("status") == "ACTIVE":
        return
    arn = definition["taskDefinitionArn"]
    if not found or found["status"] != "ACTIVE" or found.get("taskDefinition") != arn:
        raise RefusedError(f"task_definition: {last_part(arn)} is {definition.get('status')}. {_REGISTER}")


def _found(client: api.Client, cluster: str, name: str, missing_cluster_is_none: bool) -> Data | None:
    missing = api.MISSING if missing_cluster_is_none else ()
    return none_if_missing(lambda: api.service(client, cluster=cluster, name=name), *missing)


def _wait_until_gone(calls: Calls, cluster: str, found: Data, timeout: float) -> None:
    name = found["serviceName"]

    def look() -> Data | None:
        return api.service(calls.client, cluster=cluster, name=name)

    try:
        calls.wait(look, lambda service: (service or {}).get("status") in _GONE, timeout)
    except WaitTimeoutError as error:
        last = error.last
        raise RefusedError(
            f"The service {name} is still {last['status']} after {timeout:g} s"
            f" (tasks running: {last.get('runningCount', 0)}, pending: {last.get('pendingCount', 0)})."
            " ECS continues in the background: run this again later, or raise wait_timeout."
        ) from error


def _wait_until_stopped(calls: Calls, cluster: str, found: Data, timeout: float) -> None:
    """Wait for the tasks of an INACTIVE service: while STOPPING they use their roles, log groups and addresses."""
    name, definition = found["serviceName"], found.get("taskDefinition")
    if not definition:
        return
    family = str(last_part(definition)).rpartition(":")[0]

    def look() -> list[str]:
        stopping = none_if_missing(
            lambda: api.stopping_tasks(calls.client, service=name, cluster=cluster, family=family), *api.MISSING
        )
        return stopping or []

    try:
        calls.wait(look, lambda tasks: not tasks, timeout)
    except WaitTimeoutError as error:
        listed = ", ".join(str(last_part(arn)) for arn in error.last[:3])
        raise RefusedError(
            f"The service {name} is deleted, but {len(error.last)} of its tasks have not stopped after {timeout:g} s"
            f" ({listed}). ECS continues in the background: run this again later, or raise wait_timeout."
        ) from error


def _tags_after(found: Data, to_set: t.Mapping[str, str], to_remove: t.Container[str]) -> list[Data]:
    tags = {tag["key"]: tag["value"] for tag in found.get("tags") or []} | dict(to_set)
    return [{"key": key, "value": value} for key, value in tags.items() if key not in to_remove]


def _result(name: str, before: Data | None, after: Data | None, changes: list[Field]) -> Data:
    shown = redact.presented(changes)
    return {
        "changed": bool(changes),
        "changes": shown,
        "deployment_id": deployments.started(before, after) if after else None,
        "diff": redact.diff(shown, name, name),
        "service": described(after) if after else None,
    }


def described(service: Data) -> Data:
    """Return a service in snake_case, its tags as a map."""
    return t.cast("Data", redact.without_secret_options(to_result(service)))
