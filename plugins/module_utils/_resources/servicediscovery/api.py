# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls of Cloud Map, one function each, and of Route 53 for the VPC of a private namespace."""

from __future__ import annotations

import contextlib
import typing as t

with contextlib.suppress(ImportError):  # AnsibleAWSModule reports it
    from botocore.exceptions import ClientError

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ..._aws.changes import as_text
from ..._aws.retry import retried

Found = dict[str, t.Any]

RETRIES = AWSRetry.jittered_backoff(catch_extra_error_codes=["ThrottlingException", "RequestLimitExceeded"])
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
# botocore checks no names of filters, so one that does not know this one sends it, too.
OURS = [{"Name": "RESOURCE_OWNER", "Values": ["SELF"], "Condition": "EQ"}]
UNDER_WAY = ("SUBMITTED", "PENDING")


class ServiceDiscoveryError(AnsibleAWSError):
    """A call of Cloud Map failed."""


class Handler(AWSErrorHandler):
    """Turns the errors of botocore into ServiceDiscoveryError."""

    _CUSTOM_EXCEPTION = ServiceDiscoveryError

    @classmethod
    def _is_missing(cls) -> type[BaseException]:
        codes = ["NamespaceNotFound", "ServiceNotFound", "OperationNotFound", "InstanceNotFound", "NoSuchHostedZone"]
        return t.cast("type[BaseException]", is_boto3_error_code(codes))


@Handler.common_error_handler("list the Cloud Map namespaces")
@RETRIES
def list_namespaces(client: t.Any) -> list[Found]:
    """Return the account's namespaces of the region, without those that others share by AWS RAM."""
    pages = client.get_paginator("list_namespaces").paginate(Filters=OURS)
    return t.cast("list[Found]", pages.build_full_result()["Namespaces"])


@Handler.list_error_handler("get a Cloud Map namespace", None)
@RETRIES
def get_namespace(client: t.Any, namespace_id: str) -> Found | None:
    """Return one namespace, or None where there is none."""
    return t.cast("Found", client.get_namespace(Id=namespace_id)["Namespace"])


@Handler.common_error_handler("create a Cloud Map namespace")
@RETRIES
def create_namespace(client: t.Any, kind: str, request: dict[str, t.Any]) -> str:
    """Start the creation and return the operation's id, that of the earlier request where this repeats one."""
    return _operation_id(client, CREATE_NAMESPACE[kind], request)


@Handler.common_error_handler("update a Cloud Map namespace")
@RETRIES
def update_namespace(client: t.Any, kind: str, namespace_id: str, namespace: dict[str, t.Any]) -> str:
    """Start an update and return the operation's id."""
    return _operation_id(client, UPDATE_NAMESPACE[kind], {"Id": namespace_id, "Namespace": namespace})


@Handler.list_error_handler("delete a Cloud Map namespace", None)
@RETRIES
def delete_namespace(client: t.Any, namespace_id: str) -> str | None:
    """Start the deletion and return the operation's id, None where the namespace is gone."""
    return _operation_id(client, "delete_namespace", {"Id": namespace_id})


@Handler.common_error_handler("list the Cloud Map services")
@RETRIES
def list_services(client: t.Any, namespace_id: str) -> list[Found]:
    """Return the services of a namespace."""
    filters = [{"Name": "NAMESPACE_ID", "Values": [namespace_id], "Condition": "EQ"}]
    pages = client.get_paginator("list_services").paginate(Filters=filters)
    return t.cast("list[Found]", pages.build_full_result()["Services"])


@Handler.list_error_handler("get a Cloud Map service", None)
@RETRIES
def get_service(client: t.Any, service_id: str) -> Found | None:
    """Return one service with its namespace, or None where there is none."""
    return t.cast("Found", client.get_service(Id=service_id)["Service"])


@Handler.common_error_handler("create a Cloud Map service")
@RETRIES
def create_service(client: t.Any, request: dict[str, t.Any]) -> str:
    """Create a service and return its id, that of the existing one where another run was first."""
    try:
        return str(client.create_service(**request)["Service"]["Id"])
    except is_boto3_error_code("ServiceAlreadyExists") as error:
        existing = error.response.get("ServiceId")
        if not existing:
            raise
        return str(existing)


@Handler.common_error_handler("update a Cloud Map service")
@RETRIES
def update_service(client: t.Any, service_id: str, service: dict[str, t.Any]) -> str:
    """Start an update and return the operation's id."""
    return _operation_id(client, "update_service", {"Id": service_id, "Service": service})


@Handler.deletion_error_handler("delete a Cloud Map service")
@RETRIES
def delete_service(client: t.Any, service_id: str) -> bool:
    """Delete a service; False where it is gone."""
    retried(lambda: client.delete_service(Id=service_id))
    return True


@Handler.list_error_handler("list the instances of a Cloud Map service", [])
@RETRIES
def list_instances(client: t.Any, service_id: str) -> list[str]:
    """Return the ids of the registered instances."""
    pages = client.get_paginator("list_instances").paginate(ServiceId=service_id)
    return [instance["Id"] for instance in pages.build_full_result()["Instances"]]


@Handler.list_error_handler("deregister an instance of a Cloud Map service", None)
@RETRIES
def deregister_instance(client: t.Any, service_id: str, instance_id: str) -> str | None:
    """Start the deregistration and return the operation's id, None where the instance is gone."""
    return _operation_id(client, "deregister_instance", {"ServiceId": service_id, "InstanceId": instance_id})


@Handler.list_error_handler("get a Cloud Map operation", None)
@RETRIES
def get_operation(client: t.Any, operation_id: str) -> Found | None:
    """Return one operation, or None where Cloud Map no longer knows it."""
    return t.cast("Found", client.get_operation(OperationId=operation_id)["Operation"])


@Handler.common_error_handler("list the Cloud Map operations")
@RETRIES
def list_pending_operations(client: t.Any, kind: str, namespace_id: str | None = None) -> list[str]:
    """Return the ids of the operations of this type that are under way."""
    filters = [
        {"Name": "TYPE", "Values": [kind], "Condition": "EQ"},
        {"Name": "STATUS", "Values": list(UNDER_WAY), "Condition": "IN"},
    ]
    if namespace_id:
        filters.append({"Name": "NAMESPACE_ID", "Values": [namespace_id], "Condition": "EQ"})
    pages = client.get_paginator("list_operations").paginate(Filters=filters)
    return [operation["Id"] for operation in pages.build_full_result()["Operations"]]


@Handler.list_error_handler("read the tags of a Cloud Map resource", {})
@RETRIES
def get_tags(client: t.Any, arn: str) -> dict[str, str]:
    """Return the tags of a namespace or service."""
    return t.cast(
        "dict[str, str]", boto3_tag_list_to_ansible_dict(client.list_tags_for_resource(ResourceARN=arn)["Tags"])
    )


@Handler.common_error_handler("tag a Cloud Map resource")
@RETRIES
def tag(client: t.Any, arn: str, tags: dict[str, str]) -> None:
    """Set these tags."""
    client.tag_resource(ResourceARN=arn, Tags=ansible_dict_to_boto3_tag_list(tags))


@Handler.common_error_handler("remove tags of a Cloud Map resource")
@RETRIES
def untag(client: t.Any, arn: str, keys: list[str]) -> None:
    """Remove the tags of these keys."""
    client.untag_resource(ResourceARN=arn, TagKeys=keys)


def write_tags(client: t.Any, arn: str, changes: tuple[dict[str, str], list[str]], wanted: t.Any) -> None:
    """Make the calls that I(changes) of tag_changes needs, with all I(wanted) tags where one is to be set.

    TagResource has no resource type, so a policy can narrow it by the tags of the request alone, as by their Name
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudmap.html).
    """
    to_set, gone = changes
    if gone:
        untag(client, arn, gone)
    if to_set:
        tag(client, arn, as_text(wanted))


@Handler.list_error_handler("get the hosted zone of a Cloud Map namespace", [])
@RETRIES
def get_zone_vpcs(route53: t.Any, zone_id: str) -> list[str]:
    """Return the ids of the VPCs that a private hosted zone serves; GetNamespace does not tell them."""
    return [vpc["VPCId"] for vpc in route53.get_hosted_zone(Id=zone_id).get("VPCs") or []]


def _operation_id(client: t.Any, call: str, request: dict[str, t.Any]) -> str:
    # An identical request that is under way is answered with DuplicateRequest, which names its operation.
    try:
        return str(getattr(client, call)(**request)["OperationId"])
    except ClientError as error:
        duplicate = error.response.get("DuplicateOperationId")
        if error.response["Error"]["Code"] != "DuplicateRequest" or not duplicate:
            raise
        return str(duplicate)
