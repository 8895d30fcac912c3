# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The resource on which an action is authorized, by the Service Authorization Reference."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.corrections.iam import (
    association_table,
    discovery_resource,
    ec2_resource,
    ecr_resource,
    ecs_resource,
    elb_resource,
)

ECS, EC2, ELB, MAP = (f"arn:aws:{name}:r:1:" for name in ("ecs", "ec2", "elasticloadbalancing", "servicediscovery"))


@pytest.mark.parametrize(
    ("action", "data", "expected"),
    [
        ("CreateService", {"cluster": "c", "serviceName": "s"}, f"{ECS}service/c/s"),
        ("UpdateService", {"cluster": f"{ECS}cluster/c", "service": "s"}, f"{ECS}service/c/s"),
        ("DescribeServices", {"cluster": "c", "services": ["s", "t"]}, f"{ECS}service/c/s"),
        ("DeleteService", {"cluster": "c", "service": f"{ECS}service/c/s"}, f"{ECS}service/c/s"),
        ("RegisterTaskDefinition", {"family": "f"}, f"{ECS}task-definition/f:*"),
        ("DeleteTaskDefinitions", {"taskDefinitions": ["f:1", "f:2"]}, f"{ECS}task-definition/f:1"),
        ("RunTask", {"cluster": "c", "taskDefinition": "f"}, f"{ECS}task-definition/f:*"),
        ("DescribeTasks", {"cluster": "c", "tasks": ["t"]}, f"{ECS}task/c/t"),
        ("DescribeClusters", {"clusters": ["c"]}, f"{ECS}cluster/c"),
        ("DeleteCluster", {"cluster": "c"}, f"{ECS}cluster/c"),
        ("TagResource", {"resourceArn": f"{ECS}cluster/c"}, f"{ECS}cluster/c"),
        ("DescribeTaskDefinition", {"taskDefinition": "f"}, "*"),
        ("CreateCluster", {"clusterName": "c"}, "*"),
        ("ListTasks", {"cluster": "c"}, "*"),
    ],
)
def test_ecs(action: str, data: dict[str, Any], expected: str) -> None:
    assert ecs_resource(action, data, "r", "1") == expected


@pytest.mark.parametrize(
    ("action", "params", "expected"),
    [
        ("CreateVpc", {}, f"{EC2}vpc/*"),
        ("CreateSubnet", {"VpcId": "vpc-1"}, f"{EC2}subnet/*"),
        ("DeleteSubnet", {"SubnetId": "subnet-1"}, f"{EC2}subnet/subnet-1"),
        ("DeleteNatGateway", {"NatGatewayId": "nat-1"}, f"{EC2}natgateway/nat-1"),
        ("CreateTags", {"ResourceId.1": "igw-1"}, f"{EC2}internet-gateway/igw-1"),
        ("DescribeVpcs", {"VpcId": "vpc-1"}, "*"),
    ],
)
def test_ec2(action: str, params: dict[str, str], expected: str) -> None:
    assert ec2_resource(action, lambda name: params.get(name, ""), "r", "1") == expected


@pytest.mark.parametrize(("association", "expected"), [("rtbassoc-2", "rtb-1"), ("rtbassoc-9", ""), ("", "")])
def test_the_route_table_of_an_association(association: str, expected: str) -> None:
    associations = [{"RouteTableAssociationId": f"rtbassoc-{number}"} for number in (1, 2)]
    tables = {"rtb-0": {"RouteTableId": "rtb-0"}, "rtb-1": {"RouteTableId": "rtb-1", "Associations": associations}}
    assert association_table(tables, association) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"repositoryName": "p/a"}, "arn:aws:ecr:r:1:repository/p/a"),
        ({"repositoryNames": ["a", "b"]}, "arn:aws:ecr:r:1:repository/a"),
        ({"resourceArn": "arn:aws:ecr:r:1:repository/a"}, "arn:aws:ecr:r:1:repository/a"),
        ({}, "*"),
    ],
)
def test_ecr(data: dict[str, Any], expected: str) -> None:
    assert ecr_resource("DescribeRepositories", data, "r", "1") == expected


@pytest.mark.parametrize(
    ("action", "data", "expected"),
    [
        ("CreatePrivateDnsNamespace", {"Name": "n"}, "*"),
        ("CreateService", {"Name": "s", "NamespaceId": "ns-1"}, f"{MAP}namespace/ns-1"),
        ("ListServices", {}, "*"),
        ("GetOperation", {"OperationId": "o"}, "*"),
        ("GetNamespace", {"Id": "ns-1"}, f"{MAP}namespace/ns-1"),
        ("DeleteService", {"Id": "srv-1"}, f"{MAP}service/srv-1"),
        ("ListInstances", {"ServiceId": "srv-1"}, "*"),
        ("TagResource", {"ResourceARN": f"{MAP}namespace/ns-1"}, f"{MAP}namespace/ns-1"),
    ],
)
def test_cloud_map(action: str, data: dict[str, Any], expected: str) -> None:
    assert discovery_resource(action, data, "r", "1") == expected


@pytest.mark.parametrize(
    ("action", "params", "expected"),
    [
        ("CreateLoadBalancer", {"Name": "a"}, f"{ELB}loadbalancer/app/a/*"),
        ("CreateTargetGroup", {"Name": "a"}, f"{ELB}targetgroup/a/*"),
        ("CreateRule", {"ListenerArn": f"{ELB}listener/app/a/1/2"}, f"{ELB}listener/app/a/1/2"),
        ("AddTags", {"ResourceArns.member.1": f"{ELB}targetgroup/a/1"}, f"{ELB}targetgroup/a/1"),
        ("DescribeLoadBalancers", {"LoadBalancerArn": "x"}, "*"),
    ],
)
def test_load_balancing(action: str, params: dict[str, str], expected: str) -> None:
    assert elb_resource(action, lambda name: params.get(name, ""), "r", "1") == expected
