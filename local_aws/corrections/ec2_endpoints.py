# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""VPC endpoints keep all values of their creation, and can be filtered."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from local_aws.corrections._patch import corrects, instead, replace, service
from local_aws.corrections.ec2 import passes

Params = dict[str, Any]
Record = dict[str, Any]

EVERYTHING = {"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}
"""The default policy of an endpoint, 'full access to the service' in API_CreateVpcEndpoint."""
SPEC = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html"


def missing(ec2: Any, endpoint: str) -> Any:
    return ec2._error("InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{endpoint}' does not exist", 400)


def default_group(ec2: Any, vpc: str) -> list[str]:
    groups = ec2._security_groups.values()
    return [g["GroupId"] for g in groups if g.get("VpcId") == vpc and g["GroupName"] == "default"]


def complete(ec2: Any, endpoint: Record, params: Params) -> None:
    """Add the values that MiniStack omits from a new endpoint, with AWS's defaults."""
    is_interface = endpoint["VpcEndpointType"] == "Interface"
    private = ec2._p(params, "PrivateDnsEnabled") or str(is_interface).lower()
    given = ec2._parse_member_list(params, "SecurityGroupId")
    endpoint |= {
        "SecurityGroupIds": (given or default_group(ec2, endpoint["VpcId"])) if is_interface else [],
        "PrivateDnsEnabled": is_interface and private == "true",
        "PolicyDocument": ec2._p(params, "PolicyDocument") or json.dumps(EVERYTHING),
        "CreationTimestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }


def render(original: Any) -> Any:
    def call(endpoint: Record, tag: str = "item") -> str:
        groups = service("ec2")._security_groups
        shown = "".join(
            f"<item><groupId>{one}</groupId><groupName>{escape(groups.get(one, {}).get('GroupName', one))}</groupName>"
            "</item>"
            for one in endpoint.get("SecurityGroupIds", [])
        )
        more = (
            f"<groupSet>{shown}</groupSet>"
            f"<privateDnsEnabled>{str(endpoint.get('PrivateDnsEnabled', False)).lower()}</privateDnsEnabled>"
            f"<policyDocument>{escape(endpoint.get('PolicyDocument') or json.dumps(EVERYTHING))}</policyDocument>"
            f"<creationTimestamp>{endpoint.get('CreationTimestamp', '2026-01-01T00:00:00.000Z')}</creationTimestamp>"
            "<requesterManaged>false</requesterManaged>"
        )
        return f"{more}</{tag}>".join(str(original(endpoint, tag)).rsplit(f"</{tag}>", 1))

    return call


def create(original: Any) -> Any:
    ec2 = service("ec2")

    def call(params: Params) -> Any:
        before = set(ec2._vpc_endpoints.keys())
        answer = original(params)
        for made in set(ec2._vpc_endpoints.keys()) - before:
            complete(ec2, ec2._vpc_endpoints[made], params)
            xml = ec2._vpce_fields_xml(ec2._vpc_endpoints[made], tag="vpcEndpoint")
            return ec2._xml(200, "CreateVpcEndpointResponse", xml)
        return answer

    return call


def describe(params: Params) -> Any:
    ec2 = service("ec2")
    ids, filters = ec2._parse_member_list(params, "VpcEndpointId"), ec2._parse_filters(params)
    for wanted in ids:
        if wanted not in ec2._vpc_endpoints:
            return missing(ec2, wanted)
    items = [
        ec2._vpce_fields_xml(endpoint)
        for name, endpoint in ec2._vpc_endpoints.items()
        if (not ids or name in ids) and passes(ec2, name, by_filter(endpoint), filters)
    ]
    return ec2._xml(200, "DescribeVpcEndpointsResponse", f"<vpcEndpointSet>{''.join(items)}</vpcEndpointSet>")


def by_filter(endpoint: Record) -> dict[str, str]:
    """Return the values that filters compare, by the names of the filters."""
    return {
        "service-name": endpoint["ServiceName"],
        "vpc-endpoint-id": endpoint["VpcEndpointId"],
        "vpc-endpoint-state": endpoint["State"],
        "vpc-endpoint-type": endpoint["VpcEndpointType"],
        "vpc-id": endpoint["VpcId"],
    }


def modify(original: Any) -> Any:
    ec2 = service("ec2")

    def call(params: Params) -> Any:
        endpoint = ec2._vpc_endpoints.get(ec2._p(params, "VpcEndpointId"))
        if endpoint is not None:
            gone = ec2._parse_member_list(params, "RemoveSecurityGroupId")
            kept = [one for one in endpoint.get("SecurityGroupIds", []) if one not in gone]
            new = [one for one in ec2._parse_member_list(params, "AddSecurityGroupId") if one not in kept]
            endpoint["SecurityGroupIds"] = kept + new
            if private := ec2._p(params, "PrivateDnsEnabled"):
                endpoint["PrivateDnsEnabled"] = private == "true"
        return original(params)

    return call


def delete(original: Any) -> Any:
    ec2 = service("ec2")

    def call(params: Params) -> Any:
        gone = [one for one in ec2._parse_member_list(params, "VpcEndpointId") if one not in ec2._vpc_endpoints]
        original(params)
        items = "".join(
            f"<item><resourceId>{escape(one)}</resourceId><error><code>InvalidVpcEndpoint.NotFound</code>"
            f"<message>The Vpc Endpoint Id '{escape(one)}' does not exist</message></error></item>"
            for one in gone
        )
        return ec2._xml(200, "DeleteVpcEndpointsResponse", f"<unsuccessful>{items}</unsuccessful>")

    return call


@corrects(
    "ec2",
    aws="an endpoint returns its security groups, private DNS, policy and time, can be filtered, and a missing id is "
    "an error",
    evidence=SPEC,
)
def keep_endpoints_whole() -> None:
    ec2 = service("ec2")
    replace(ec2, "_vpce_fields_xml", render)
    replace(ec2, "_create_vpc_endpoint", create)
    replace(ec2, "_describe_vpc_endpoints", instead(describe))
    replace(ec2, "_modify_vpc_endpoint", modify)
    replace(ec2, "_delete_vpc_endpoints", delete)
