# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The resources and context on which a request is authorized, by the Service Authorization Reference."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws import reference
from local_aws.corrections.iam_resources import (
    Asked,
    association_table,
    context_of,
    known_context,
    resources,
    tagging,
)

ECS, EC2, ELB, MAP, LOGS = (
    f"arn:aws:{name}:r:1:" for name in ("ecs", "ec2", "elasticloadbalancing", "servicediscovery", "logs")
)
IAM = "arn:aws:iam::1:"
DEPLOYMENT = f"{ECS}service-deployment/c/s/d"


def action(name: str) -> reference.Action:
    found = reference.action(name)
    assert found, name
    return found


def asked(data: dict[str, Any] | None = None, resource: str = "*", **params: str) -> Asked:
    return Asked(data or {}, params, resource, "r", "1")


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("ecs:CreateService", {"cluster": "c", "serviceName": "s"}, [f"{ECS}service/c/s"]),
        ("ecs:UpdateService", {"cluster": f"{ECS}cluster/c", "service": "s"}, [f"{ECS}service/c/s"]),
        (
            "ecs:DescribeServices",
            {"cluster": "c", "services": ["s", "t"]},
            [f"{ECS}service/c/s", f"{ECS}service/c/t"],
        ),
        ("ecs:DeleteService", {"cluster": "c", "service": f"{ECS}service/c/s"}, [f"{ECS}service/c/s"]),
        ("ecs:RegisterTaskDefinition", {"family": "f"}, [f"{ECS}task-definition/f:*"]),
        ("ecs:DeleteTaskDefinitions", {"taskDefinitions": ["f:1"]}, [f"{ECS}task-definition/f:1"]),
        ("ecs:RunTask", {"cluster": "c", "taskDefinition": "f"}, [f"{ECS}task-definition/f:*"]),
        ("ecs:DescribeTasks", {"cluster": "c", "tasks": ["t"]}, [f"{ECS}task/c/t"]),
        ("ecs:DescribeClusters", {"clusters": ["c"]}, [f"{ECS}cluster/c"]),
        ("ecs:CreateCluster", {"clusterName": "c"}, [f"{ECS}cluster/c"]),
        ("ecs:TagResource", {"resourceArn": f"{ECS}cluster/c"}, [f"{ECS}cluster/c"]),
        ("ecs:DescribeTaskDefinition", {"taskDefinition": "f"}, ["*"]),
        ("ecs:StopServiceDeployment", {"serviceDeploymentArn": DEPLOYMENT}, [DEPLOYMENT, f"{ECS}service/c/s"]),
        ("ecr:DescribeRepositories", {"repositoryNames": ["a"]}, ["arn:aws:ecr:r:1:repository/a"]),
        ("ecr:PutLifecyclePolicy", {"repositoryName": "p/a"}, ["arn:aws:ecr:r:1:repository/p/a"]),
        ("servicediscovery:CreatePrivateDnsNamespace", {"Name": "n", "Vpc": "vpc-1"}, ["*"]),
        (
            "servicediscovery:CreateService",
            {"Name": "s", "NamespaceId": "ns-1"},
            [f"{MAP}namespace/ns-1", f"{MAP}service/*"],
        ),
        ("servicediscovery:DeleteService", {"Id": "srv-1"}, [f"{MAP}service/srv-1"]),
        ("servicediscovery:TagResource", {"ResourceARN": f"{MAP}namespace/ns-1"}, ["*"]),
        ("logs:DescribeLogGroups", {}, ["*"]),
        ("logs:CreateLogGroup", {"logGroupName": "/ecs/a"}, [f"{LOGS}log-group:/ecs/a"]),
        (
            "logs:GetLogEvents",
            {"logGroupName": "/ecs/a", "logStreamName": "s/1"},
            [f"{LOGS}log-group:/ecs/a:log-stream:s/1"],
        ),
    ],
)
def test_what_a_request_of_json_is_authorized_on(name: str, data: dict[str, Any], expected: list[str]) -> None:
    assert resources(action(name), asked(data)) == expected


@pytest.mark.parametrize(
    ("name", "params", "expected"),
    [
        ("ec2:CreateVpc", {}, [f"{EC2}vpc/*"]),
        ("ec2:CreateSubnet", {"VpcId": "vpc-1"}, [f"{EC2}vpc/vpc-1", f"{EC2}subnet/*"]),
        (
            "ec2:CreateNatGateway",
            {"SubnetId": "subnet-1", "AllocationId": "eipalloc-1"},
            [f"{EC2}subnet/subnet-1", f"{EC2}elastic-ip/eipalloc-1", f"{EC2}natgateway/*"],
        ),
        ("ec2:DeleteSubnet", {"SubnetId": "subnet-1"}, [f"{EC2}subnet/subnet-1"]),
        (
            "ec2:AttachInternetGateway",
            {"InternetGatewayId": "igw-1", "VpcId": "vpc-1"},
            [f"{EC2}internet-gateway/igw-1", f"{EC2}vpc/vpc-1"],
        ),
        (
            "ec2:CreateTags",
            {"ResourceId.1": "igw-1", "ResourceId.2": "sg-1"},
            [
                f"{EC2}internet-gateway/igw-1",
                f"{EC2}security-group/sg-1",
            ],
        ),
        ("ec2:DescribeVpcs", {"VpcId.1": "vpc-1"}, ["*"]),
        ("elasticloadbalancing:CreateLoadBalancer", {"Name": "a"}, [f"{ELB}loadbalancer/app/a/*"]),
        ("elasticloadbalancing:CreateTargetGroup", {"Name": "a"}, [f"{ELB}targetgroup/a/*"]),
        (
            "elasticloadbalancing:CreateRule",
            {"ListenerArn": f"{ELB}listener/app/a/1/2", "Actions.member.1.TargetGroupArn": f"{ELB}targetgroup/a/1"},
            [f"{ELB}listener/app/a/1/2"],
        ),
        (
            "elasticloadbalancing:AddTags",
            {"ResourceArns.member.1": f"{ELB}targetgroup/a/1", "ResourceArns.member.2": f"{ELB}targetgroup/b/1"},
            [f"{ELB}targetgroup/a/1", f"{ELB}targetgroup/b/1"],
        ),
        ("elasticloadbalancing:DescribeLoadBalancers", {"LoadBalancerArn": "x"}, ["*"]),
        ("iam:CreateRole", {"RoleName": "a", "Path": "/x/"}, [f"{IAM}role/x/a"]),
        ("iam:CreatePolicy", {"PolicyName": "a"}, [f"{IAM}policy/a"]),
        (
            "iam:CreateServiceLinkedRole",
            {"AWSServiceName": "ecs.amazonaws.com"},
            [f"{IAM}role/aws-service-role/ecs.amazonaws.com/*"],
        ),
        ("iam:AttachRolePolicy", {"RoleName": "a", "PolicyArn": f"{IAM}policy/p"}, [f"{IAM}role/a"]),
        ("iam:ListRoles", {}, ["*"]),
    ],
)
def test_what_a_request_of_parameters_is_authorized_on(name: str, params: dict[str, str], expected: list[str]) -> None:
    resource = f"{IAM}role/{params['RoleName']}" if name == "iam:AttachRolePolicy" else "*"
    assert resources(action(name), asked(resource=resource, **params)) == expected


@pytest.mark.parametrize(("association", "expected"), [("rtbassoc-2", "rtb-1"), ("rtbassoc-9", ""), ("", "")])
def test_the_route_table_of_an_association(association: str, expected: str) -> None:
    associations = [{"RouteTableAssociationId": f"rtbassoc-{number}"} for number in (1, 2)]
    tables = {"rtb-0": {"RouteTableId": "rtb-0"}, "rtb-1": {"RouteTableId": "rtb-1", "Associations": associations}}
    assert association_table(tables, association) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ec2:CreateVpc", ["ec2:CreateTags"]),
        ("ecr:CreateRepository", ["ecr:TagResource"]),
        ("ecs:CreateCluster", ["ecs:TagResource"]),
        ("iam:CreateRole", ["iam:TagRole"]),
        ("elasticloadbalancing:CreateTargetGroup", ["elasticloadbalancing:AddTags"]),
        ("servicediscovery:CreateService", ["servicediscovery:TagResource"]),
        ("ec2:CreateTags", []),
        ("ecs:TagResource", []),
    ],
)
def test_what_is_asked_for_beside_an_action_with_tags(name: str, expected: list[str]) -> None:
    assert tagging(action(name), {"aws:TagKeys": ["Name"]}) == expected
    assert tagging(action(name), {}) == []


CHANGE = (
    "<Change><Action>UPSERT</Action><ResourceRecordSet><Name>Lotto.Example.com.</Name><Type>A</Type>"
    "</ResourceRecordSet></Change>"
)


@pytest.mark.parametrize(
    ("name", "made", "expected"),
    [
        ("iam:CreateRole", asked(PermissionsBoundary="b"), {"iam:PermissionsBoundary": "b"}),
        ("iam:PutRolePolicy", asked(PermissionsBoundary="b"), {"iam:PermissionsBoundary": "held"}),
        (
            "iam:AttachRolePolicy",
            asked(PolicyArn="p"),
            {"iam:PermissionsBoundary": "held", "iam:PolicyARN": "p"},
        ),
        (
            "application-autoscaling:RegisterScalableTarget",
            asked({"ServiceNamespace": "ecs"}),
            {"application-autoscaling:service-namespace": "ecs"},
        ),
        (
            "route53:ChangeResourceRecordSets",
            asked({"xml": CHANGE}),
            {
                "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["lotto.example.com"],
                "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
                "route53:ChangeResourceRecordSetsActions": ["UPSERT"],
            },
        ),
    ],
)
def test_what_a_request_says_of_itself(name: str, made: Asked, expected: dict[str, Any]) -> None:
    assert context_of(action(name), made, "held") == expected


def test_a_key_counts_where_the_reference_has_it() -> None:
    context = {"aws:RequestTag/Name": "a", "aws:TagKeys": ["Name"], "aws:PrincipalArn": "x"}
    known = known_context(action("ec2:CreateSubnet"), f"{EC2}subnet/*", context)
    assert known == context
    assert known_context(action("ec2:CreateSubnet"), f"{EC2}vpc/vpc-1", context) == {"aws:PrincipalArn": "x"}
