# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import region
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import validate as alb
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import validate as vpc

GOOD_VPC = {
    "region": "ap-northeast-2",
    "zones": ["apne2-az1", "apne2-az3"],
    "cidr_block": "172.25.0.0/16",
    "allow_public_range": False,
    "public_subnets": [],
    "apps_subnets": [],
    "gateway_endpoints": [],
    "interface_endpoints": [],
    "permissions_boundary": "",
}
GOOD_ALB = {
    "region": "ap-northeast-2",
    "name_prefix": "magiclub-an2p",
    "https": True,
    "domain": "your.company.com",
    "certificate_arn": "",
    "tls_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "records": ["your.company.com"],
    "hosted_zone_id": "",
    "allowed_cidrs": ["0.0.0.0/0"],
    "identity_provider_cidrs": [],
    "certificates": [],
    "test_ports": [],
    "test_allowed_cidrs": ["0.0.0.0/0"],
    "rules": [],
    "idle_timeout": 60,
    "web_acl_arn": "",
    "access_logs_bucket": "",
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


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        pytest.param(
            {"cidr_block": "172.25.0.0"},
            ["vpc_cidr_block: 172.25.0.0 is a /32, and AWS takes /16 to /28."],
            id="no length",
        ),
        pytest.param(
            {"cidr_block": "172.25.0.1/16"},
            [
                "vpc_cidr_block: '172.25.0.1/16' is not an IPv4 CIDR block (172.25.0.1/16 has host bits set)."
                " Write one as in 172.25.0.0/16."
            ],
            id="host bits",
        ),
        pytest.param(
            {"cidr_block": "10.0.0.0/8"}, ["vpc_cidr_block: 10.0.0.0/8 is a /8, and AWS takes /16 to /28."], id="huge"
        ),
        pytest.param(
            {"cidr_block": "172.76.0.0/16"},
            [
                "vpc_cidr_block is 172.76.0.0/16: that is public address space,"
                " whose owner the network could not reach."
                " Take a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, as in 172.25.0.0/16,"
                " or set vpc_allow_public_range: true."
            ],
            id="public range",
        ),
        pytest.param(
            {"zones": ["apne2-az1"]},
            ["vpc_zones is apne2-az1: a load balancer needs two zones. Set two or more, as in [apne2-az1, apne2-az3]."],
            id="one zone",
        ),
        pytest.param(
            {"zones": ["apne2-az1", "seoul"]},
            ["vpc_zones: 'seoul' is neither the name (ap-northeast-2a) nor the id (apne2-az1) of a zone."],
            id="no zone",
        ),
        pytest.param(
            {"zones": ["apne2-az1", "ap-northeast-2a"]},
            [
                "vpc_zones: apne2-az1 and ap-northeast-2a would both be named 'a1'."
                " Give each zone once, and all by name or all by id."
            ],
            id="one zone twice",
        ),
        pytest.param(
            {"cidr_block": "10.0.0.0/26"},
            [
                "vpc_public_subnets: No subnets can be derived from 10.0.0.0/26: the smallest that AWS has is /28,"
                " of a VPC up to /24. Give the CIDR blocks.",
                "vpc_apps_subnets: No subnets can be derived from 10.0.0.0/26: the smallest that AWS has is /28,"
                " of a VPC up to /24. Give the CIDR blocks.",
            ],
            id="too small to derive",
        ),
        pytest.param(
            {"public_subnets": ["172.25.0.0/24"]},
            [
                "vpc_public_subnets has 1 CIDR block for 2 zones."
                " Give one for each of vpc_zones in its order, or none to have them derived."
            ],
            id="too few subnets",
        ),
        pytest.param(
            {"public_subnets": FOUR[0], "apps_subnets": ["172.25.2.0/24", "172.26.3.0/24"]},
            ["vpc_apps_subnets: 172.26.3.0/24 is not within vpc_cidr_block 172.25.0.0/16."],
            id="outside",
        ),
        pytest.param(
            {"public_subnets": FOUR[0], "apps_subnets": ["172.25.1.128/25", "172.25.3.0/24"]},
            [
                "vpc_apps_subnets: 172.25.1.128/25 overlaps 172.25.1.0/24 of vpc_public_subnets."
                " Give each subnet addresses of its own."
            ],
            id="overlap",
        ),
        pytest.param(
            {"public_subnets": ["172.25.128.0/24", "172.25.1.0/24"]},
            [
                "vpc_apps_subnets: 172.25.128.0/20 overlaps 172.25.128.0/24 of vpc_public_subnets."
                " Give each subnet addresses of its own."
            ],
            id="given overlaps derived",
        ),
        pytest.param(
            {"public_subnets": ["172.25.0.0/29", "172.25.1.0/24"]},
            ["vpc_public_subnets: 172.25.0.0/29 is a /29, and AWS takes /16 to /28."],
            id="too small",
        ),
        pytest.param(
            {"apps_subnets": ["here", "172.25.1.0/24"], "cidr_block": "there"},
            [
                "vpc_cidr_block: 'there' is not an IPv4 CIDR block (Expected 4 octets in 'there')."
                " Write one as in 172.25.0.0/16."
            ],
            id="the VPC first",
        ),
        pytest.param(
            {"public_subnets": ["here", "172.25.1.0/24"]},
            [
                "vpc_public_subnets: 'here' is not an IPv4 CIDR block (Expected 4 octets in 'here')."
                " Write one as in 172.25.0.0/16."
            ],
            id="no block",
        ),
        pytest.param(
            {"region": "ap-northest-2"},
            [
                "AWS has no region 'ap-northest-2' that this botocore knows."
                " Did you mean ap-northeast-2 or ap-northeast-3? Set fargate_region, or upgrade boto3."
            ],
            id="region",
        ),
    ],
)
def test_wrong_networks(inputs, expected):
    assert vpc.vpc({**GOOD_VPC, **inputs}) == expected


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
        pytest.param(
            {"name_prefix": "a-very-long-project-name-an2p"},
            "alb_name_prefix: 'a-very-long-project-name-an2p-pub-alb' has 37 characters; AWS takes letters, digits and"
            " single inner hyphens, 32 at most. Shorten fargate_project.",
            id="long name",
        ),
        pytest.param(
            {"name_prefix": "magic--an2p"},
            "alb_name_prefix: AWS does not take the name 'magic--an2p-pub-alb': it takes letters, digits and"
            " single inner hyphens, 32 at most, not beginning with 'internal-'.",
            id="double hyphen",
        ),
        pytest.param(
            {"name_prefix": "internal-an2p"},
            "alb_name_prefix: AWS does not take the name 'internal-an2p-pub-alb': it takes letters, digits and"
            " single inner hyphens, 32 at most, not beginning with 'internal-'.",
            id="internal",
        ),
        pytest.param(
            {"records": ["company"]},
            "alb_records: 'company' is not a domain name. Write one as in lotto.your.company.com.",
            id="record",
        ),
        pytest.param(
            {"domain": "your company.com"},
            "alb_domain: 'your company.com' is not a domain name. Write one as in lotto.your.company.com.",
            id="domain",
        ),
        pytest.param(
            {"domain": "", "records": []},
            "alb_https is true, and there is no name to find a certificate for."
            " Set alb_domain or alb_certificate_arn, or alb_https: false for plain HTTP.",
            id="no name for a certificate",
        ),
        pytest.param(
            {"tls_policy": "ELBSecurityPolicy-TLS13-1-0-2021-06"},
            "alb_tls_policy: 'ELBSecurityPolicy-TLS13-1-0-2021-06' is none that offers TLS 1.3 and nothing older than"
            " 1.2. Set ELBSecurityPolicy-TLS13-1-2-2021-06 or a newer one.",
            id="TLS 1.0",
        ),
        pytest.param(
            {"allowed_cidrs": ["10.0.0.0/33"]},
            "alb_allowed_cidrs: '10.0.0.0/33' is not a CIDR block ('10.0.0.0/33' does not appear to be an IPv4 or IPv6"
            " network). Write one as in 203.0.113.0/24.",
            id="source",
        ),
        pytest.param(
            {"allowed_cidrs": ["10.0.0.0/255.0.0.0"]},
            "alb_allowed_cidrs: '10.0.0.0/255.0.0.0' is not a CIDR block (no length of the prefix). Write one as in"
            " 203.0.113.0/24.",
            id="source with a mask",
        ),
        pytest.param(
            {"test_ports": [8443], "test_allowed_cidrs": ["10.0.0.0/255.0.0.0"]},
            "alb_test_allowed_cidrs: '10.0.0.0/255.0.0.0' is not a CIDR block (no length of the prefix). Write one as"
            " in 203.0.113.0/24.",
            id="source of tests with a mask",
        ),
        pytest.param(
            {"test_ports": [80]},
            "alb_test_ports: 80 is not a port for tests: 1 to 65535, without 80 and 443, by which users come in. Change"
            " it, or deployment.test.port of the service.",
            id="port of users",
        ),
        pytest.param(
            {"test_ports": [70000]},
            "alb_test_ports: 70000 is not a port for tests: 1 to 65535, without 80 and 443, by which users come in."
            " Change it, or deployment.test.port of the service.",
            id="port",
        ),
        pytest.param(
            {"test_ports": [8443], "test_allowed_cidrs": ["10.0.0.0"]},
            "alb_test_allowed_cidrs: '10.0.0.0' is not a CIDR block (no length of the prefix)."
            " Write one as in 203.0.113.0/24.",
            id="source of tests",
        ),
        pytest.param(
            {"allowed_cidrs": ["10.0.0.0"]},
            "alb_allowed_cidrs: '10.0.0.0' is not a CIDR block (no length of the prefix)."
            " Write one as in 203.0.113.0/24.",
            id="source without length",
        ),
        *(
            pytest.param(
                {"access_logs_bucket": bucket},
                f"alb_access_logs_bucket: '{bucket}' is not a name of a bucket:"
                " 3 to 63 lower-case letters, digits, dots and hyphens.",
                id=f"bucket {bucket[:8]}",
            )
            for bucket in ("Logs", "ab", "-logs", "logs-", "a..b", "l" * 64)
        ),
        pytest.param(
            {"certificate_arn": "nonsense", "https": True, "domain": "example.com"},
            "alb_certificate_arn: 'nonsense' is not the ARN of a certificate. Write one as in"
            " arn:aws:acm:REGION:ACCOUNT:certificate/ID, or leave it empty to have one found.",
            id="certificate",
        ),
        pytest.param(
            {"access_logs_prefix": "AWSLogs/x"},
            "alb_access_logs_prefix: 'AWSLogs/x' has AWSLogs in it, or a slash at an end: AWS adds /AWSLogs/ itself."
            " Write one as in alb/production.",
            id="prefix of AWS",
        ),
        pytest.param({"idle_timeout": 0}, "alb_idle_timeout is 0; AWS takes 1 to 4000 seconds.", id="no timeout"),
        pytest.param({"idle_timeout": 4001}, "alb_idle_timeout is 4001; AWS takes 1 to 4000 seconds.", id="timeout"),
    ],
)
def test_wrong_load_balancers(inputs, expected):
    assert alb.alb({**GOOD_ALB, **inputs}) == [expected]


def test_a_region_is_taken_where_botocore_is_not_installed(monkeypatch):
    region.partitions.cache_clear()
    monkeypatch.setattr(region.importlib.util, "find_spec", lambda _name: None)
    assert region.wrong("mars-1") == []
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
