# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which names belong to a platform, what a resource is called, and what is left when the lingering is taken away."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.tagged import decide

P = "magiclub-an2p"
AWS = "arn:aws:{}:ap-northeast-2:123456789012:{}".format


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        (P, True),
        (f"{P}-vpc", True),
        (f"/{P}/lock", True),
        (f"{P}/lotto", True),
        (f"{P}x-vpc", False),
        (f"{P}2", False),
        (f"old-{P}-vpc", False),
        ("magiclub-an2", False),
        ("", False),
    ],
)
def test_a_name_belongs_to_a_prefix_with_a_separator_after_it(name, ours):
    assert decide.belongs(name, P) is ours


def test_a_prefix_is_no_pattern():
    assert decide.belongs("axb-vpc", "a.b") is False


@pytest.mark.parametrize(
    ("arn", "tags", "name"),
    [
        (AWS("ec2", "vpc/vpc-1"), {"Name": f"{P}-vpc"}, f"{P}-vpc"),
        (AWS("ec2", "vpc/vpc-1"), {"Name": ""}, "vpc-1"),
        (AWS("elasticloadbalancing", f"loadbalancer/app/{P}-pub-alb/50dc"), {}, f"{P}-pub-alb"),
        (AWS("elasticloadbalancing", f"loadbalancer/net/{P}-nlb/50dc"), {}, f"{P}-nlb"),
        (AWS("elasticloadbalancing", f"listener/app/{P}-pub-alb/50dc/1"), {}, f"{P}-pub-alb"),
        (AWS("elasticloadbalancing", f"listener-rule/app/{P}-pub-alb/50dc/1/2"), {}, f"{P}-pub-alb"),
        (AWS("elasticloadbalancing", f"targetgroup/{P}-lotto/73e2"), {}, f"{P}-lotto"),
        (AWS("ecs", f"task-definition/{P}-lotto:4"), {}, f"{P}-lotto"),
        (AWS("ecs", f"service/{P}-ecs/{P}-lotto"), {}, f"{P}-lotto"),
        (AWS("logs", f"log-group:/ecs/{P}-lotto"), {}, f"{P}-lotto"),
        (AWS("iam", f"role/{P}-lotto-task"), {}, f"{P}-lotto-task"),
    ],
)
def test_a_resource_is_called_by_its_tag_or_by_its_arn(arn, tags, name):
    assert decide.name_of(arn, tags) == name


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (AWS("ec2", "vpc/vpc-1"), "ec2:vpc"),
        (AWS("logs", f"log-group:/ecs/{P}-lotto:*"), "logs:log-group"),
        (AWS("ecs", f"task-definition/{P}-lotto:4"), "ecs:task-definition"),
        (AWS("elasticloadbalancing", f"listener-rule/app/{P}-pub-alb/50dc/1/2"), "elasticloadbalancing:listener-rule"),
        ("arn:aws-cn:s3:::bucket", "s3:bucket"),
    ],
)
def test_a_kind_is_the_service_and_the_type(arn, kind):
    assert decide.kind(arn) == kind


VPC, SUBNET, NAT, CLUSTER, TABLE = (
    AWS("ec2", "vpc/vpc-1"),
    AWS("ec2", "subnet/subnet-1"),
    AWS("ec2", "natgateway/nat-1"),
    AWS("ecs", f"cluster/{P}-ecs"),
    AWS("dynamodb", f"table/{P}-table"),
)
ASKED = {"ec2", "ecs:cluster"}


def left(listed=(), known=()):
    return [
        (entry["arn"], entry["name"], entry["state"])
        for entry in decide.remaining({arn: {"Name": name} for arn, name in dict(listed).items()}, known, ASKED, P)
    ]


@pytest.mark.parametrize(
    ("listed", "known", "expected"),
    [
        pytest.param({}, [], [], id="nothing"),
        pytest.param(
            {VPC: f"{P}-vpc"}, [decide.Known(VPC, {"Name": f"{P}-vpc"})], [(VPC, f"{P}-vpc", "there")], id="known once"
        ),
        pytest.param({VPC: f"{P}-vpc"}, [], [], id="listed, and its service does not have it"),
        pytest.param({CLUSTER: f"{P}-ecs"}, [], [], id="listed, and its kind was asked about"),
        pytest.param(
            {TABLE: f"{P}-table"}, [], [(TABLE, f"{P}-table", "unconfirmed")], id="listed, and nobody was asked"
        ),
        pytest.param({TABLE: "other-table"}, [], [], id="somebody else's"),
        pytest.param(
            {}, [decide.Known(SUBNET, {"Name": f"{P}-pub-a1"})], [(SUBNET, f"{P}-pub-a1", "there")], id="not listed yet"
        ),
        pytest.param({}, [decide.Known(SUBNET, {"Name": "other-pub-a1"})], [], id="known, somebody else's"),
        pytest.param(
            {NAT: f"{P}-nat"},
            [decide.Known(NAT, {"Name": f"{P}-nat"}, decide.DELETING)],
            [(NAT, f"{P}-nat", "deleting")],
            id="on its way out",
        ),
        pytest.param(
            {TABLE: f"{P}-table"},
            [decide.Known(TABLE, {"Name": f"{P}-table"})],
            [(TABLE, f"{P}-table", "there")],
            id="known, and confirmed though its kind was not asked about",
        ),
    ],
)
def test_what_a_service_has_is_left_and_what_nobody_was_asked_about(listed, known, expected):
    assert left(listed, known) == expected


def test_what_is_left_is_in_the_order_of_its_arns():
    assert [arn for arn, *_rest in left({TABLE: f"{P}-table"}, [decide.Known(VPC, {"Name": P})])] == [TABLE, VPC]


def test_those_of_the_prefix_are_asked_about_by_kind():
    listed = {CLUSTER: {}, VPC: {"Name": f"{P}-vpc"}, SUBNET: {"Name": "other"}, AWS("ec2", "vpc/vpc-0"): {"Name": P}}
    assert decide.by_kind(listed, P) == {
        "ecs:cluster": [CLUSTER],
        "ec2:vpc": [AWS("ec2", "vpc/vpc-0"), VPC],
    }
