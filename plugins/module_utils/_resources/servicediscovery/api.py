# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cloud Map calls, one function each, and Route 53's for the VPC of a private namespace."""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ..._aws.changes import as_text
from ..._aws.read import call, none_if_missing, pages

Found = dict[str, t.Any]

CREATE_NAMESPACE = {
    "DNS_PRIVATE": "create_private_dns_namespace",
    "DNS_PUBLIC": "create_public_dns_namespace",
    "HTTP": "create_http_namespace",
}
UPDATE_NAMESPACE = {
    "DNS_PRIVATE": "update_private_dns_namespace",
    "DNS_PUBLIC": "update_public_dns_namespace",
    "HTTP": "update_http_namespace",
}
# an old botocore that does not know this filter sends it, too
OURS = [{"Name": "RESOURCE_OWNER", "Values": ["SELF"], "Condition": "EQ"}]
UNDER_WAY = ("SUBMITTED", "PENDING")


def list_namespaces(client: t.Any) -> list[Found]:
    """Return the account's namespaces in the region, without those that other accounts share through AWS RAM."""
    return t.cast("list[Found]", pages(client, "list_namespaces", "Namespaces", Filters=OURS))


def get_namespace(client: t.Any, namespace_id: str) -> Found | None:
    """Return a namespace, or None if it does not exist."""
    found = none_if_missing(lambda: call(client, "get_namespace", Id=namespace_id), "NamespaceNotFound")
    return found["Namespace"] if found else None


def create_namespace(client: t.Any, kind: str, request: dict[str, t.Any]) -> str:
    """Start the creation and return the operation's id; if this repeats a request, that of the first."""
    return _operation_id(client, CREATE_NAMESPACE[kind], request)


def update_namespace(client: t.Any, kind: str, namespace_id: str, namespace: dict[str, t.Any]) -> str:
    """Start an update and return the operation's id."""
    return _operation_id(client, UPDATE_NAMESPACE[kind], {"Id": namespace_id, "Namespace": namespace})


def delete_namespace(client: t.Any, namespace_id: str) -> str | None:
    """Start the deletion and return the operation's id, None if the namespace is gone."""
    return none_if_missing(lambda: _operation_id(client, "delete_namespace", {"Id": namespace_id}), "NamespaceNotFound")


def list_services(client: t.Any, namespace_id: str) -> list[Found]:
    """Return the services of a namespace."""
    filters = [{"Name": "NAMESPACE_ID", "Values": [namespace_id], "Condition": "EQ"}]
    return t.cast("list[Found]", pages(client, "list_services", "Services", Filters=filters))


def get_service(client: t.Any, service_id: str) -> Found | None:
    """Return a service with its namespace, or None if it does not exist."""
    found = none_if_missing(lambda: call(client, "get_service", Id=service_id), "ServiceNotFound")
    return found["Service"] if found else None


def create_service(client: t.Any, request: dict[str, t.Any]) -> str:
    """Create a service and return its id; if another run was first, that of the existing one."""
    try:
        return str(call(client, "create_service", **request)["Service"]["Id"])
    except is_boto3_error_code("ServiceAlreadyExists") as error:
        existing = error.response.get("ServiceId")
        if not existing:
            raise
        return str(existing)


def update_service(client: t.Any, service_id: str, service: dict[str, t.Any]) -> str:
    """Start an update and return the operation's id."""
    return _operation_id(client, "update_service", {"Id": service_id, "Service": service})


def delete_service(client: t.Any, service_id: str) -> bool:
    """Delete a service, and return whether it existed."""
    return none_if_missing(lambda: call(client, "delete_service", Id=service_id), "ServiceNotFound") is not None


def list_instances(client: t.Any, service_id: str) -> list[str]:
    """Return the ids of the registered instances."""
    found = none_if_missing(
        lambda: pages(client, "list_instances", "Instances", ServiceId=service_id), "ServiceNotFound"
    )
    return [instance["Id"] for instance in found or []]


def deregister_instance(client: t.Any, service_id: str, instance_id: str) -> str | None:
    """Start the deregistration and return the operation's id, None if the instance is gone."""
    request = {"ServiceId": service_id, "InstanceId": instance_id}
    missing = ("InstanceNotFound", "ServiceNotFound")
    return none_if_missing(lambda: _operation_id(client, "deregister_instance", request), *missing)


def get_operation(client: t.Any, operation_id: str) -> Found | None:
    """Return an operation, or None if Cloud Map no longer knows it."""
    found = none_if_missing(lambda: call(client, "get_operation", OperationId=operation_id), "OperationNotFound")
    return found["Operation"] if found else None


def list_pending_operations(client: t.Any, kind: str, namespace_id: str | None = None) -> list[str]:
    """Return the ids of the pending operations of a type."""
    filters = [
        {"Name": "TYPE", "Values": [kind], "Condition": "EQ"},
        {"Name": "STATUS", "Values": list(UNDER_WAY), "Condition": "IN"},
    ]
    if namespace_id:
        filters.append({"Name": "NAMESPACE_ID", "Values": [namespace_id], "Condition": "EQ"})
    return [operation["Id"] for operation in pages(client, "list_operations", "Operations", Filters=filters)]


def get_tags(client: t.Any, arn: str) -> dict[str, str]:
    """Return the tags of a namespace or service."""
    found = none_if_missing(
        lambda: call(client, "list_tags_for_resource", ResourceARN=arn), "ResourceNotFoundException"
    )
    return t.cast("dict[str, str]", boto3_tag_list_to_ansible_dict(found["Tags"])) if found else {}


def write_tags(client: t.Any, arn: str, changes: tuple[dict[str, str], list[str]], wanted: t.Any) -> None:
    """Remove and set the tags of I(changes), a result of tag_changes; if any is set, all I(wanted) ones are.

    TagResource has no resource type, so a policy can restrict it only by the tags of the request, such as their Name
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudmap.html).
    """
    to_set, gone = changes
    if gone:
        call(client, "untag_resource", ResourceARN=arn, TagKeys=gone)
    if to_set:
        call(client, "tag_resource", ResourceARN=arn, Tags=ansible_dict_to_boto3_tag_list(as_text(wanted)))


def get_zone_vpcs(route53: t.Any, zone_id: str) -> list[str]:
    """Return the ids of the VPCs of a private hosted zone, which GetNamespace does not return."""
    found = none_if_missing(lambda: call(route53, "get_hosted_zone", Id=zone_id), "NoSuchHostedZone")
    return [vpc["VPCId"] for vpc in (found or {}).get("VPCs") or []]


def _operation_id(client: t.Any, operation: str, request: dict[str, t.Any]) -> str:
    # DuplicateRequest, the answer to a request that is identical to a pending one, has the id of that operation
    try:
        return str(call(client, operation, **request)["OperationId"])
    except is_boto3_error_code("DuplicateRequest") as error:
        duplicate = error.response.get("DuplicateOperationId")
        if not duplicate:
            raise
        return str(duplicate)
