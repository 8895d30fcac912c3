# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import region
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import validate as alb
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import validate as vpc
from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import defaults_of_new

GOOD_VPC = {
    **defaults_of_new("vpc"),
    "region": "ap-northeast-2",
    "zones": ["apne2-az1", "apne2-az3"],
    "permissions_boundary": "",
}
GOOD_ALB = {
    **defaults_of_new("alb"),
    "region": "ap-northeast-2",
    "name_prefix": "magiclub-an2p",
    "domain": "your.company.com",
    "records": ["your.company.com"],
    "identity_provider_cidrs": [],
    "test_ports": [],
}
FOUR = ["172.25.0.0/24", "172.25.1.0/24"], ["172.25.2.0/24", "172.25.3.0/24"]


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"zones": ["ap-northeast-2a", "ap-northeast-2c"]},
        {"cidr_block": "10.0.0.0/24"},
        {"cidr_block": "100.64.0.0/16"},
        {"permissions_boundary": "arn:aws-cn:iam::123456789012:policy/bounds/of-roles"},
        {"cidr_block": "172.76.0.0/16", "allow_public_range": True},
        {"cidr_block": "172.25.0.0/28", "public_subnets": [], "apps_subnets": [], "zones": []},
        {"public_subnets": FOUR[0], "apps_subnets": FOUR[1]},
        {"public_subnets": ["172.25.0.0/28", "172.25.0.16/28"]},
    ],
)
def test_good_networks(inputs):
    found = vpc.vpc({**GOOD_VPC, **inputs})
    assert [sentence for sentence in found if not sentence.startswith("vpc_zones is none")] == []


def test_everything_wrong_is_said_at_once():
    found = vpc.vpc({**GOOD_VPC, "region": "mars-1", "zones": [], "cidr_block": "8.8.0.0/16"})
    assert [sentence.split()[0] for sentence in found] == ["AWS", "vpc_zones", "vpc_cidr_block"]


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"tls_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"},
        {"tls_policy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"},
        {"https": False, "records": [], "domain": "", "tls_policy": "any"},
        {"records": [], "domain": "", "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/x"},
        {"records": ["*.your.company.com", "_acme.x.org."]},
        {"allowed_cidrs": ["203.0.113.0/24", "2001:db8::/32"]},
        {"idle_timeout": 1},
        {"idle_timeout": 4000},
    ],
)
def test_good_load_balancers(inputs):
    assert alb.alb({**GOOD_ALB, **inputs}) == []


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (
            {"name_prefix": "a-very-long-project-name-an2p"},
            "alb_name_prefix: 'a-very-long-project-name-an2p-pub-alb' has 37 characters; AWS takes letters, digits and"
            " single inner hyphens, 32 at most. Shorten fargate_project.",
        ),
        (
            {"domain": "your company.com"},
            "alb_domain: 'your company.com' is not a domain name. Write one as in lotto.your.company.com.",
        ),
    ],
)
def test_wrong_load_balancers(inputs, expected):
    assert alb.alb({**GOOD_ALB, **inputs}) == [expected]


def test_a_region_is_taken_where_botocore_is_not_installed(monkeypatch):
    region.partitions.cache_clear()
    monkeypatch.setattr(region.importlib.util, "find_spec", lambda _name: None)
    assert region.problems("mars-1") == []
    assert [region.partition(one) for one in (SEOUL, "cn-north-1", "us-gov-west-1")] == ["aws", "aws-cn", "aws-us-gov"]
    region.partitions.cache_clear()


SEOUL = "ap-northeast-2"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (SEOUL, "aws"),
        ("us-gov-west-1", "aws-us-gov"),
        ("cn-northwest-1", "aws-cn"),
        ("us-iso-east-1", "aws-iso"),
        ("eusc-de-east-1", "aws-eusc"),
        pytest.param("cn-south-9", "aws-cn", id="newer than botocore"),
        pytest.param("mars-1", "aws", id="none"),
    ],
)
def test_partition(name, expected):
    assert region.partition(name) == expected


def test_regions_of_all_partitions_are_known():
    assert {"ap-northeast-2", "us-gov-west-1", "cn-north-1"} <= region.known()
