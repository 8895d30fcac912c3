# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creates, updates or deletes a Cloud Map namespace."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._aws import changes
from ..._aws.refused import RefusedError
from . import api, decide
from .wait import OperationFailedError, wait_for_operation

Values = dict[str, t.Any]
FIELDS = ("description", "soa_ttl")
CREATE_ATTEMPTS = 5


@dataclasses.dataclass(frozen=True)
class Cloud:
    """Clients for Cloud Map, clock and sleep; C(route53) creates its client on demand."""

    client: t.Any
    route53: t.Callable[[], t.Any]
    clock: t.Callable[[], float]
    sleep: t.Callable[[float], None]
    boto3_tags: t.Callable[[dict[str, str]], list[dict[str, str]]]

    def wait(self, operation_id: str, timeout: float) -> Values:
        """Wait for an operation and return it; raises OperationFailedError."""
        return wait_for_operation(
            operation_id,
            lambda one: api.get_operation(self.client, one),
            timeout=timeout,
            clock=self.clock,
            sleep=self.sleep,
        )


class Pending(t.NamedTuple):
    """The ids of the pending creations, and the one of the wanted namespace, if Cloud Map shows that already."""

    operations: list[str]
    ours: str | None = None
    namespace: Values | None = None


def find(cloud: Cloud, name: str, kind: str, vpc_id: str | None) -> Values | None:
    """Return the namespace with its tags, or None; a private one in I(vpc_id), if that is given."""
    found = decide.pick_namespace(api.list_namespaces(cloud.client), name, kind)
    if kind == "DNS_PRIVATE" and vpc_id and found:
        found = [one for one in found if _serves(cloud, one, vpc_id)]
    if len(found) > 1:
        raise RefusedError(
            f"{len(found)} namespaces of type {kind} are named {name}: {', '.join(one['Id'] for one in found)}."
            " Say with vpc_id which one."
        )
    return described(cloud, found[0]) if found else None


def described(cloud: Cloud, found: Values) -> Values:
    """Return a namespace in AWS's shape as the module does, with its tags."""
    return decide.namespace_values(found, api.get_tags(cloud.client, found["Arn"]))


def ensure_present(cloud: Cloud, wanted: Values, check: bool) -> Values:
    """Create or update the namespace unless I(check), and return the module's result."""
    found = find(cloud, wanted["name"], wanted["type"], wanted["vpc_id"])
    if found is None:
        return _create(cloud, wanted, check)
    fields = changes.differences(found, wanted, FIELDS)
    tag_diff = changes.tag_changes(found["tags"], wanted["tags"], wanted["purge_tags"])
    changed = bool(fields or any(tag_diff))
    result: Values = {"changed": changed, "diff": changes.diff(found, fields, tag_diff), "operation_id": None}
    if check:
        return {**result, "namespace": found}
    api.write_tags(cloud.client, found["arn"], tag_diff, wanted["tags"])
    update = decide.namespace_update(fields)
    if update:
        result["operation_id"] = api.update_namespace(cloud.client, found["type"], found["id"], update)
    else:
        result["operation_id"] = next(
            iter(api.list_pending_operations(cloud.client, "CREATE_NAMESPACE", found["id"])), None
        )
    if result["operation_id"] and wanted["wait"]:
        cloud.wait(result["operation_id"], wanted["wait_timeout"])
    return {**result, "namespace": _by_id(cloud, found["id"]) if changed else found}


def ensure_absent(cloud: Cloud, wanted: Values, check: bool) -> Values:
    """Delete the namespace, in any state, unless I(check), and return the module's result."""
    found = _to_delete(cloud, wanted)
    if found is None:
        return {"changed": False, "diff": {"before": {}, "after": {}}, "namespace": None, "operation_id": None}
    deleting = api.list_pending_operations(cloud.client, "DELETE_NAMESPACE", found["id"])
    result: Values = {
        "changed": not deleting,
        "diff": {"before": found if not deleting else {}, "after": {}},
        "namespace": None,
        "operation_id": deleting[0] if deleting else None,
    }
    services = [] if deleting else api.list_services(cloud.client, found["id"])
    if services and not wanted["force"]:
        raise RefusedError(
            f"Namespace {found['name']} ({found['id']}) has services: {', '.join(one['Name'] for one in services)}."
            " Cloud Map deletes only an empty one. Remove them first, or set force: true."
        )
    if check:
        return result
    for creating in api.list_pending_operations(cloud.client, "CREATE_NAMESPACE", found["id"]):
        cloud.wait(creating, wanted["wait_timeout"])
    for service in services:
        remove_service(cloud, service["Id"], wanted["wait_timeout"])
    if not deleting:
        result["operation_id"] = api.delete_namespace(cloud.client, found["id"])
    if result["operation_id"] and wanted["wait"]:
        cloud.wait(result["operation_id"], wanted["wait_timeout"])
    return result


def remove_service(cloud: Cloud, service_id: str, timeout: float) -> bool:
    """Deregister all instances of a service, wait for that, and delete it; return whether it existed."""
    started = [
        api.deregister_instance(cloud.client, service_id, instance)
        for instance in api.list_instances(cloud.client, service_id)
    ]
    for operation in started:
        if operation:
            cloud.wait(operation, timeout)
    return api.delete_service(cloud.client, service_id)


def _to_delete(cloud: Cloud, wanted: Values) -> Values | None:
    if wanted["namespace_id"]:
        return _by_id(cloud, wanted["namespace_id"])
    found = find(cloud, wanted["name"], wanted["type"], wanted["vpc_id"])
    return found or _pending_creation(cloud, wanted).namespace


def _create(cloud: Cloud, wanted: Values, check: bool) -> Values:
    pending = _pending_creation(cloud, wanted)
    found = pending.namespace
    if check:
        return _result(wanted, changed=not found, namespace=found)
    operation_id = pending.ours or _start(cloud, wanted)
    if wanted["wait"]:
        operation = cloud.wait(operation_id, wanted["wait_timeout"])
        target = (operation.get("Targets") or {}).get("NAMESPACE")
        found = _by_id(cloud, target) if target else find(cloud, wanted["name"], wanted["type"], wanted["vpc_id"])
    changed = operation_id not in pending.operations
    return _result(wanted, changed=changed, namespace=found, operation_id=operation_id)


def _result(wanted: Values, *, changed: bool, namespace: Values | None, operation_id: str | None = None) -> Values:
    diff = {"before": {}, "after": _shown(wanted) if changed else {}}
    return {"changed": changed, "diff": diff, "namespace": namespace, "operation_id": operation_id}


def _start(cloud: Cloud, wanted: Values) -> str:
    # Cloud Map answers a known CreatorRequestId with its first operation, even if the namespace was deleted since
    seed = ""
    tags = cloud.boto3_tags(wanted["tags"] or {})
    for _attempt in range(CREATE_ATTEMPTS):
        request_id = decide.creator_request_id(wanted["type"], wanted["name"], wanted["vpc_id"], seed)
        operation_id = api.create_namespace(
            cloud.client, wanted["type"], decide.namespace_request(wanted, request_id, tags)
        )
        operation = api.get_operation(cloud.client, operation_id)
        target = ((operation or {}).get("Targets") or {}).get("NAMESPACE")
        exists = bool(target) and api.get_namespace(cloud.client, str(target)) is not None
        if not decide.is_stale(operation, exists):
            return str(operation_id)
        seed = operation_id
    cause = (operation or {}).get("ErrorMessage") or "Cloud Map gives no cause"
    raise OperationFailedError(f"Namespace {wanted['name']} could not be created: {cause} (operation {operation_id}).")


def _pending_creation(cloud: Cloud, wanted: Values) -> Pending:
    operations = api.list_pending_operations(cloud.client, "CREATE_NAMESPACE")
    for operation_id in operations:
        operation = api.get_operation(cloud.client, operation_id)
        target = ((operation or {}).get("Targets") or {}).get("NAMESPACE")
        found = api.get_namespace(cloud.client, target) if target else None
        if found and _is_ours(cloud, found, wanted):
            return Pending(operations, operation_id, described(cloud, found))
    return Pending(operations)


def _is_ours(cloud: Cloud, found: Values, wanted: Values) -> bool:
    kind, name, vpc_id = wanted["type"], wanted["name"], wanted["vpc_id"]
    if not decide.pick_namespace([found], name, kind):
        return False
    if kind != "DNS_PRIVATE" or not vpc_id or _serves(cloud, found, vpc_id):
        return True
    # without a zone, which has its VPC, it is known only by our own request
    return bool(found.get("CreatorRequestId") == decide.creator_request_id(kind, name, vpc_id, ""))


def _by_id(cloud: Cloud, namespace_id: str) -> Values | None:
    found = api.get_namespace(cloud.client, namespace_id)
    return described(cloud, found) if found else None


def _serves(cloud: Cloud, found: Values, vpc_id: str) -> bool:
    """Return whether a private namespace is in a VPC; False as long as it has no zone."""
    zone = ((found.get("Properties") or {}).get("DnsProperties") or {}).get("HostedZoneId")
    return bool(zone) and vpc_id in api.get_zone_vpcs(cloud.route53(), str(zone))


def _shown(wanted: Values) -> Values:
    paths = ("name", "type", "vpc_id", "description", "soa_ttl", "tags")
    return {path: wanted[path] for path in paths if wanted[path] is not None}
