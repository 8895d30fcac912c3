# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Answers have only the members of their shapes, and AWS's errors for missing resources.

tests/local_aws/test_corrections.py compares each answer with botocore's model of its operation.
"""

from __future__ import annotations

import json
import re
from typing import Any

from local_aws.corrections._patch import corrects, part, replace, service, unless

Data = dict[str, Any]
# members of a deployment, but not of its service
OF_DEPLOYMENTS = ("serviceConnectConfiguration", "volumeConfigurations")
OF_STOPPED = ("stopCode", "stoppedReason")
NOT_OF_A_VPC = re.compile(r"<(defaultNetworkAclId|defaultSecurityGroupId|mainRouteTableId)>[^<]*</\1>")


def without_nulls(value: Any) -> Any:
    """Return a JSON value without members that are null."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


@corrects(
    "gateway",
    aws="a JSON answer has no members without a value",
    evidence="https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html",
)
def leave_out_nulls() -> None:
    def leaving_out(original: Any) -> Any:
        async def call(*request: Any) -> Any:
            status, headers, body = await original(*request)
            kind = next((value for key, value in headers.items() if key.lower() == "content-type"), "")
            if isinstance(body, bytes) and kind.startswith("application/x-amz-json") and b"null" in body:
                body = json.dumps(without_nulls(json.loads(body)), ensure_ascii=False).encode()
            return status, headers, body

        return call

    replace(part("app"), "_dispatch_service_request", leaving_out)


@corrects(
    "acm",
    aws="DescribeCertificate returns no tags; ListTagsForCertificate does",
    evidence="https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html",
)
def describe_no_tags() -> None:
    def shape(original: Any) -> Any:
        def call(certificate: Data) -> Data:
            return {key: value for key, value in original(certificate).items() if key != "Tags"}

        return call

    replace(service("acm"), "_cert_shape", shape)


@corrects(
    "ec2",
    aws="a VPC does not include its network ACL, security group and route table",
    evidence="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html",
)
def describe_vpcs_alone() -> None:
    def fields(original: Any) -> Any:
        return lambda *args, **more: NOT_OF_A_VPC.sub("", original(*args, **more))

    replace(service("ec2"), "_vpc_fields_xml", fields)


def unknown_tables(params: Data) -> Any:
    ec2 = service("ec2")
    gone = [one for one in ec2._parse_member_list(params, "RouteTableId") if one not in ec2._route_tables]
    if not gone:
        return None
    return ec2._error("InvalidRouteTableID.NotFound", f"The routeTable ID '{gone[0]}' does not exist", 400)


def unknown_addresses(params: Data) -> Any:
    ec2 = service("ec2")
    gone = [one for one in ec2._parse_member_list(params, "AllocationId") if one not in ec2._addresses]
    if not gone:
        return None
    return ec2._error("InvalidAllocationID.NotFound", f"The allocation ID '{gone[0]}' does not exist", 400)


@corrects(
    "ec2",
    aws="naming a missing route table or address is an error",
    evidence="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
)
def miss_tables_and_addresses() -> None:
    replace(service("ec2"), "_describe_route_tables", unless(unknown_tables))
    replace(service("ec2"), "_describe_addresses_attribute", unless(unknown_addresses))


def as_its_shape(shown: Any) -> Any:
    """Return a service or task without members that AWS does not send."""
    if not isinstance(shown, dict):
        return shown
    if "deployments" in shown and "serviceArn" in shown:
        return {key: value for key, value in shown.items() if key not in OF_DEPLOYMENTS}
    # members of a stopped task only
    return {key: value for key, value in shown.items() if key not in OF_STOPPED or value}


@corrects(
    "ecs",
    aws="Service Connect and volumes are described in each deployment, not in the service; a running task has no "
    "stop code",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html and API_Task.html",
)
def describe_by_shape() -> None:
    replace(service("ecs"), "_sanitize", lambda original: lambda record: as_its_shape(original(record)))


@corrects(
    "servicediscovery",
    aws="listing the tags of a missing resource is a ResourceNotFoundException",
    evidence="https://docs.aws.amazon.com/cloud-map/latest/api/API_ListTagsForResource.html",
)
def miss_what_has_no_tags() -> None:
    sd = service("servicediscovery")

    def resolve(original: Any) -> Any:
        def call(arn: Any) -> Any:
            found, refused = original(arn)
            if refused and refused[0] == 404:
                refused = sd.error_response_json("ResourceNotFoundException", f"Resource not found: {arn}", 400)
            return found, refused

        return call

    replace(sd, "_resolve_taggable_resource_arn", resolve)


def capacity_of(params: Data) -> Any:
    """Report that no load balancer has reserved capacity."""
    alb = service("alb")
    if alb._p(params, "LoadBalancerArn") not in alb._lbs:
        return alb._error("LoadBalancerNotFound", "One or more load balancers not found", 400)
    return alb._xml(200, "DescribeCapacityReservation", "<CapacityReservationState/>")


@corrects(
    "elbv2",
    aws="a load balancer returns its reserved capacity, which Terraform's provider reads",
    evidence="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeCapacityReservation.html",
)
def reserve_no_capacity() -> None:
    service("alb")._ACTION_MAP["DescribeCapacityReservation"] = capacity_of


def plain_redrive(text: str) -> str:
    """Return a redrive policy as SQS does: without white space, with the maximum as a number."""
    try:
        policy = json.loads(text)
    except ValueError:
        return text
    if not isinstance(policy, dict) or not str(policy.get("maxReceiveCount", "")).isdigit():
        return text
    return json.dumps({**policy, "maxReceiveCount": int(policy["maxReceiveCount"])}, separators=(",", ":"))


@corrects(
    "sqs",
    aws="a redrive policy is returned without white space, and with its count as a number, however it was written",
    evidence="https://docs.aws.amazon.com/cli/latest/reference/sqs/get-queue-attributes.html, beside create-queue.html",
)
def return_plain_redrives() -> None:
    def written(original: Any) -> Any:
        def call(data: Data, url: str) -> Any:
            given = data.get("Attributes") or {}
            if given.get("RedrivePolicy"):
                data = {**data, "Attributes": {**given, "RedrivePolicy": plain_redrive(given["RedrivePolicy"])}}
            return original(data, url)

        return call

    replace(service("sqs"), "_act_create_queue", written)
    replace(service("sqs"), "_act_set_queue_attributes", written)


@corrects(
    "wafv2",
    aws="a web ACL does not contain its scope",
    evidence="https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACL.html",
)
def describe_web_acls_alone() -> None:
    waf = service("waf")

    def without_scope(original: Any) -> Any:
        def call(data: Data) -> Any:
            status, headers, body = original(data)
            answer = json.loads(body)
            if "WebACL" in answer:
                answer["WebACL"].pop("Scope", None)
            return status, headers, json.dumps(answer).encode()

        return call

    replace(waf, "_get_web_acl", without_scope)
    replace(waf, "_get_web_acl_for_resource", without_scope)
