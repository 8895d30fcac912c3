# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every statement of docs/iam, checked against the Service Authorization Reference."""

from __future__ import annotations

import pytest

from tests.checks import iam
from tests.checks.iam_reference import Request, beyond, flaws, is_allowed, meet

NAMES = [iam.DEPLOYER, iam.VIEWER, (iam.BOUNDS,), (iam.IDS,)]


@pytest.mark.parametrize("names", NAMES, ids=lambda names: names[0])
def test_the_policies_hold_what_aws_evaluates(names):
    assert flaws(iam.committed(name) for name in names) == []


MAP, EC2 = "arn:*:servicediscovery:*:*:", "arn:*:ec2:*:*:"
NAMED = {"StringLike": {"aws:ResourceTag/Name": "p-*"}}
NAMING = {"StringLike": {"aws:RequestTag/Name": "p-*"}}


def statement(action, *resources, **condition):
    return {"Sid": "S", "Effect": "Allow", "Action": [action], "Resource": list(resources), "Condition": condition}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([statement("ecs:StopEverything", "*")], ["S: there is no action ecs:StopEverything"]),
        (
            [statement("servicediscovery:CreateService", f"{MAP}*/*", **NAMED)],
            ["servicediscovery:CreateService needs service too, which no statement allows"],
        ),
        (
            [
                statement("servicediscovery:CreateService", f"{MAP}namespace/*", **NAMED),
                statement("servicediscovery:CreateService", f"{MAP}service/*", **NAMING),
            ],
            [],
        ),
        (
            [statement("servicediscovery:TagResource", f"{MAP}*/*", **NAMED)],
            [
                "S: arn:*:servicediscovery:*:*:*/* is of no type that its actions take",
                "S: servicediscovery:TagResource has no resource type, so it is allowed on * or not at all",
            ],
        ),
        (
            [statement("servicediscovery:TagResource", "*", **NAMED)],
            ["S: servicediscovery:TagResource is never allowed by it, as no such request has aws:ResourceTag/Name"],
        ),
        (
            [statement("ec2:CreateVpc", f"{EC2}vpc/*", **NAMED)],
            [
                "S: ec2:CreateVpc is never allowed by it, as no such request has aws:ResourceTag/Name",
                "ec2:CreateVpc needs vpc too, which no statement allows",
            ],
        ),
        ([statement("ec2:DeleteVpc", f"{EC2}vpc/*", **NAMED)], []),
        (
            [statement("ec2:DeleteVpc", f"{EC2}subnet/*")],
            [
                "S: arn:*:ec2:*:*:subnet/* is of no type that its actions take",
                "S: ec2:DeleteVpc is never allowed by it, as no such request has such a resource",
                "ec2:DeleteVpc needs vpc too, which no statement allows",
            ],
        ),
        (
            [statement("ec2:DeleteVpc", "arn:aws:ec2:*:*:vpc/*")],
            ["S: arn:aws:ec2:*:*:vpc/* is of one partition; write arn:*:"],
        ),
        ([statement("ec2:DeleteVpc", "*")], ["S: ec2:DeleteVpc is allowed on *, and takes vpc"]),
        ([statement("ec2:DescribeVpcs", "*")], []),
        (
            [statement("iam:DeletePolicy", "arn:*:iam::*:policy/p", StringEqualsIfExists={"iam:PolicyARN": "x"})],
            ["S: StringEqualsIfExists iam:PolicyARN narrows nothing of iam:DeletePolicy, which never has it"],
        ),
        ([statement("elasticloadbalancing:CreateRule", "arn:*:elasticloadbalancing:*:*:listener/app/p-*/*")], []),
    ],
)
def test_what_is_wrong_with_a_policy(statements, expected):
    assert flaws([{"Version": "2012-10-17", "Statement": statements}]) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a*", "*b", True),
        ("a*c", "a*b", False),
        ("", "*", True),
        ("", "a", False),
        ("arn:*:ec2:r:1:*/*", "arn:*:ec2:*:*:vpc/*", True),
        ("arn:*:ec2:r:1:vpc/*", "arn:*:ec2:*:*:subnet/*", False),
        ("a?c", "abc", True),
    ],
)
def test_whether_two_patterns_meet(one, other, expected):
    assert (meet(one, other), meet(other, one)) == (expected, expected)


POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        statement("ec2:CreateSubnet", f"{EC2}vpc/*", **NAMED),
        statement("ec2:CreateSubnet", f"{EC2}subnet/*", **NAMING),
        statement("iam:PassRole", "arn:*:iam::1:role/p-*", StringEquals={"iam:PassedToService": "ecs.amazonaws.com"}),
        {**statement("iam:*", "arn:*:iam::1:role/p-admin"), "Effect": "Deny"},
        statement(
            "route53:ChangeResourceRecordSets",
            "arn:*:route53:::hostedzone/*",
            **{"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": ["a.example"]}},
        ),
    ],
}
NEW, OLD = "arn:aws:ec2:r:1:subnet/*", "arn:aws:ec2:r:1:vpc/vpc-1"
ZONE, NAMES = "arn:aws:route53:::hostedzone/Z", "route53:ChangeResourceRecordSetsNormalizedRecordNames"


@pytest.mark.parametrize(
    ("action", "resources", "context", "expected"),
    [
        ("ec2:CreateSubnet", {NEW: {}, OLD: {"Name": "p-vpc"}}, {"aws:RequestTag/Name": "p-a"}, True),
        ("ec2:CreateSubnet", {NEW: {}, OLD: {"Name": "other"}}, {"aws:RequestTag/Name": "p-a"}, False),
        ("ec2:CreateSubnet", {NEW: {}, OLD: {"Name": "p-vpc"}}, {}, False),
        # a new resource has no tags, whatever the request says
        ("ec2:CreateSubnet", {NEW: {"Name": "p-a"}, OLD: {"Name": "p-vpc"}}, {}, False),
        ("iam:PassRole", {"arn:aws:iam::1:role/p-a": {}}, {"iam:PassedToService": "ecs.amazonaws.com"}, True),
        ("iam:PassRole", {"arn:aws:iam::1:role/p-a": {}}, {"iam:PassedToService": "ec2.amazonaws.com"}, False),
        ("iam:PassRole", {"arn:aws:iam::1:role/p-admin": {}}, {"iam:PassedToService": "ecs.amazonaws.com"}, False),
        ("route53:ChangeResourceRecordSets", {ZONE: {}}, {NAMES: ["a.example"]}, True),
        ("route53:ChangeResourceRecordSets", {ZONE: {}}, {NAMES: ["a.example", "b.example"]}, False),
    ],
)
def test_what_aws_would_allow(action, resources, context, expected):
    assert is_allowed([POLICY], Request(action, resources, context)) is expected


OTHER_SUBNETS = {
    **statement("ecs:*", "*", **{"ForAnyValue:StringNotEquals": {"ecs:subnet": ["subnet-1"]}}),
    "Effect": "Deny",
}


@pytest.mark.parametrize(
    ("said", "expected"),
    [(["subnet-1"], True), (["subnet-1", "subnet-2"], False), (["subnet-2"], False), (None, True)],
)
def test_of_any_value_holds_for_no_request_that_lacks_the_key(said, expected):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"""
    service = "arn:aws:ecs:r:1:service/p-ecs/p-x"
    documents = [{"Statement": [statement("ecs:UpdateService", service), OTHER_SUBNETS]}]
    context = {} if said is None else {"ecs:subnet": said}
    assert is_allowed(documents, Request("ecs:UpdateService", {service: {}}, context)) is expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:*:ecs:r:1:cluster/*", []),
        ("arn:*:iam::1:role/*", []),
        ("arn:*:ecs:*:1:cluster/a", ["S: arn:*:ecs:*:1:cluster/a is of all regions or accounts"]),
        ("arn:*:iam::*:role/a", ["S: arn:*:iam::*:role/a is of all regions or accounts"]),
    ],
)
def test_what_is_of_all_regions_or_accounts(resource, expected):
    assert beyond([{"Statement": [statement("a:B", resource)]}]) == expected


def test_a_request_names_every_required_resource():
    with pytest.raises(LookupError, match="ec2:CreateSubnet is authorized on vpc too: name it"):
        is_allowed([POLICY], Request("ec2:CreateSubnet", {NEW: {}}))
