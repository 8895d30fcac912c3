# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which names belong to a platform, what a resource is called, and what is left when the lingering is taken away."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._tagged import decide

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


def test_what_is_left_is_ours_listed_once_and_not_gone():
    vpc, nat = AWS("ec2", "vpc/vpc-1"), AWS("ec2", "natgateway/nat-1")
    tagged = [
        {"arn": vpc, "tags": {"Name": f"{P}-vpc"}},
        {"arn": nat, "tags": {"Name": f"{P}-nat"}},
        {"arn": AWS("ec2", "vpc/vpc-2"), "tags": {"Name": "other-vpc"}},
        {"arn": AWS("ec2", "subnet/subnet-1"), "tags": {"Name": f"{P}-pub-a1"}},
        {"arn": vpc, "tags": {"Name": f"{P}-vpc"}},
    ]
    assert decide.left(tagged, P, {nat}) == [
        {"arn": AWS("ec2", "subnet/subnet-1"), "name": f"{P}-pub-a1"},
        {"arn": vpc, "name": f"{P}-vpc"},
    ]


@pytest.mark.parametrize(
    ("resource", "lingers"),
    [
        ("ecs:task-definition/a:1", True),
        ("ecs:cluster/a", True),
        ("ecs:service/a/b", True),
        ("ecs:task/a/0f3c", True),
        ("ec2:natgateway/nat-1", True),
        ("ec2:vpc/vpc-1", False),
        ("elasticloadbalancing:loadbalancer/app/a/50dc", False),
    ],
)
def test_some_types_stay_listed_after_their_end(resource, lingers):
    service, _colon, rest = resource.partition(":")
    assert decide.may_linger(AWS(service, rest)) is lingers
