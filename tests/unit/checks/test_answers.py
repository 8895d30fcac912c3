# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The comparison of an answer with the model of its operation."""

from __future__ import annotations

import json

import pytest

from tests.support import answers, asked_again
from tests.support.kill_proxy import Exchange


def exchange(signed, asked=None, body=b"", content=b"", status=200, **more):
    """Return an exchange of a service by the name that it is signed for."""
    signature = f"AWS4-HMAC-SHA256 Credential=1/20261130/r/{signed}/aws4_request, SignedHeaders=host, Signature=0"
    headers = {"content-type": more.pop("kind", "application/x-amz-json-1.1")}
    method, path = more.pop("method", "POST"), more.pop("path", "/")
    return Exchange(method, path, {"authorization": signature, **(asked or {})}, body, status, headers, content)


def of_ecs(answer, status=200, operation="DescribeServices"):
    target = {"x-amz-target": f"AmazonEC2ContainerServiceV20141113.{operation}"}
    return exchange("ecs", target, b"{}", json.dumps(answer).encode(), status)


def of_ec2(inner, operation="DescribeVpcs", listed="vpcSet"):
    content = (
        f'<R xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><{listed}>{inner}</{listed}></R>'
    )
    return exchange("ec2", body=f"Action={operation}&Version=1".encode(), content=content.encode(), kind="text/xml")


def of_elb(inner):
    content = f"<R><DescribeRulesResult><Rules><member>{inner}</member></Rules></DescribeRulesResult></R>"
    body = b"Action=DescribeRules&Version=2015-12-01"
    return exchange("elasticloadbalancing", body=body, content=content.encode(), kind="text/xml")


def messages(one):
    return [f"{found.path}: {found.what}" for found in answers.differences(one)]


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"serviceName": "a", "desiredCount": 1, "createdAt": 1.5, "enableECSManagedTags": True}, []),
        ({"servicename": "a"}, [".services[].servicename: no such member"]),
        ({"desiredCount": "1"}, [".services[].desiredCount: str for a integer"]),
        ({"desiredCount": True}, [".services[].desiredCount: bool for a integer"]),
        ({"enableECSManagedTags": "true"}, [".services[].enableECSManagedTags: str for a boolean"]),
        ({"createdAt": "2026-11-30T00:00:00Z"}, [".services[].createdAt: str for a timestamp"]),
        ({"roleArn": None}, [".services[].roleArn: null"]),
        ({"launchType": "FARGET"}, [".services[].launchType: 'FARGET' is none of its values"]),
        ({"loadBalancers": {}}, [".services[].loadBalancers: dict for a list"]),
        (
            {"capacityProviderStrategy": [{"weight": 1}]},
            [".services[].capacityProviderStrategy[].capacityProvider: required, and not there"],
        ),
    ],
)
def test_an_answer_of_json(service, expected):
    assert messages(of_ecs({"services": [service]})) == expected


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<item><vpcId>vpc-1</vpcId><isDefault>false</isDefault></item>", []),
        ("<item><isDefault>False</isDefault></item>", [".Vpcs[].IsDefault: 'False' for a boolean"]),
        ("<item><VpcId>vpc-1</VpcId></item>", [".Vpcs[].VpcId: no such member"]),
        ("<member><vpcId>vpc-1</vpcId></member>", [".Vpcs: <member> in the place of <item>"]),
        ("<item><state>ready</state></item>", [".Vpcs[].State: 'ready' is none of its values"]),
        ("<item><vpcId>a</vpcId><vpcId>b</vpcId></item>", [".Vpcs[].VpcId: more than once"]),
    ],
)
def test_an_answer_of_ec2(inner, expected):
    assert messages(of_ec2(inner)) == expected


def test_a_time_of_ec2():
    sent = "<item><createTime>{}</createTime></item>"
    gateways = {"operation": "DescribeNatGateways", "listed": "natGatewaySet"}
    assert messages(of_ec2(sent.format("2026-11-30T00:00:00.000Z"), **gateways)) == []
    assert messages(of_ec2(sent.format("1796083200"), **gateways)) == [
        ".NatGateways[].CreateTime: '1796083200' for a timestamp"
    ]


def test_an_answer_of_a_form():
    assert messages(of_elb("<Priority>1</Priority><IsDefault>false</IsDefault>")) == []
    assert messages(of_elb("<Priority>1</Priority><Order>1</Order>")) == [".Rules[].Order: no such member"]


def test_an_error_is_one_of_the_operations_own():
    gone = {"__type": "com.amazonaws.ecs#ClusterNotFoundException", "message": "Cluster not found."}
    assert messages(of_ecs(gone, 400)) == []
    assert messages(of_ecs({"__type": "NotThere"}, 400)) == [": the error 'NotThere' is none of its own"]
    assert messages(of_ecs({"__type": "AccessDeniedException"}, 400)) == []


def test_an_operation_of_rest_is_known_by_its_path():
    sent = json.dumps({"Name": "nightly", "FlexibleTimeWindow": {}, "State": "ENABLED"}).encode()
    one = exchange("scheduler", method="GET", path="/schedules/nightly?groupName=default", content=sent)
    assert answers.name_of(one) == "scheduler:GetSchedule"
    assert messages(one) == [".FlexibleTimeWindow.Mode: required, and not there"]


def test_what_is_not_signed_for_a_service_is_not_compared():
    assert answers.differences(exchange("execute-api", content=b"anything")) == []
    assert (answers.name_of(exchange("execute-api")), answers.iam_action(exchange("execute-api"))) == ("", "")


def test_what_iam_calls_it():
    assert answers.iam_action(of_elb("")) == "elasticloadbalancing:DescribeRules"


def of_form(service, **parameters):
    body = "&".join(f"{key.replace('_', '.')}={value}" for key, value in parameters.items())
    return exchange(service, body=body.encode(), content=b"<R/>", kind="text/xml")


def test_each_operation_is_asked_again_once_with_each_set_of_parameters():
    first, second = (
        of_form("ec2", Action="DescribeVpcs", VpcId_1="a"),
        of_form("ec2", Action="DescribeVpcs", VpcId_1="b"),
    )
    other = of_form("ec2", Action="DescribeVpcs")
    refused = other._replace(status=400)
    assert asked_again.once([refused, first, second, other]) == [first, other]


def test_what_makes_something_is_not_asked_again():
    made = [("ec2", "CreateVpc"), ("iam", "PutRolePolicy"), ("ec2", "AllocateAddress")]
    gone = [("ec2", "DeleteVpc"), ("iam", "DeleteRolePolicy"), ("ec2", "DescribeVpcs"), ("ec2", "CreateTags")]
    every = [of_form(service, Action=action) for service, action in [*made, *gone]]
    named = [answers.name_of(one) for one in asked_again.of_what_is_gone(every)]
    assert named == [f"{service}:{action}" for service, action in gone]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (of_form("ec2", Action="DeleteVpc", VpcId="vpc-1"), "ec2:DeleteVpc went well"),
        (of_form("ec2", Action="DeleteVpc", VpcId="vpc-1")._replace(status=400), None),
        (of_form("ec2", Action="DescribeVpcs", VpcId_1="vpc-1"), "ec2:DescribeVpcs by id went well"),
        (of_form("ec2", Action="DescribeVpcs", Filter_1_Name="tag:Name"), None),
        (of_form("elasticloadbalancing", Action="DeleteLoadBalancer", LoadBalancerArn="arn"), None),
        (of_ecs({"services": [], "failures": []}), None),
    ],
)
def test_what_went_well_though_all_is_gone(one, expected):
    assert asked_again.found_though_gone(one) == expected


def test_how_an_operation_is_paged():
    roles = answers.operation_of(of_form("iam", Action="ListRoles"))
    assert asked_again.pages_of(roles) == asked_again.Pages("MaxItems", "Marker", "Marker", ("Roles",))
    assert (
        asked_again.smallest(answers.operation_of(of_form("ec2", Action="DescribeSecurityGroups")), "MaxResults") == 5
    )
    assert asked_again.pages_of(answers.operation_of(of_form("iam", Action="GetRole"))) is None
