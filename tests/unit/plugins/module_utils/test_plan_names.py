# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._plan import names


@pytest.mark.parametrize(
    ("project", "region", "environment", "prefix"),
    [
        ("magiclub", "ap-northeast-2", "PoC", "magiclub-an2p"),
        ("magiclub", "us-east-1", "production", "magiclub-ue1p"),
        ("a1", "us-gov-west-1", "Dev", "a1-ugw1d"),
        ("a1", "eusc-de-east-1", "Dev", "a1-ede1d"),
        ("a1", "cn-northwest-1", "Dev", "a1-cn1d"),
        ("my-shop", "eu-central-10", "s", "my-shop-ec10s"),
    ],
)
def test_name_prefix(project, region, environment, prefix):
    assert names.name_prefix(project, region, environment) == prefix


@pytest.mark.parametrize(
    ("project", "region", "environment", "sentence"),
    [
        (
            "magiclub",
            "seoul",
            "PoC",
            "region 'seoul' is not an AWS region: it has the form ap-northeast-2. Set fargate_region.",
        ),
        ("magiclub", "", "PoC", "region '' is not an AWS region: it has the form ap-northeast-2. Set fargate_region."),
        ("magiclub", "ap-northeast-2a", "PoC", "region 'ap-northeast-2a' is not an AWS region"),
        ("Magiclub", "us-east-1", "PoC", "project 'Magiclub' is not a prefix for names"),
        ("magiclub-", "us-east-1", "PoC", "project 'magiclub-' is not a prefix for names"),
        ("", "us-east-1", "PoC", "project '' is not a prefix for names"),
        ("magiclub", "us-east-1", "", "environment '' has to begin with a letter. Set fargate_environment."),
        ("magiclub", "us-east-1", "1st", "environment '1st' has to begin with a letter. Set fargate_environment."),
    ],
)
def test_no_name_prefix(project, region, environment, sentence):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 the sentence is compared below
        names.name_prefix(project, region, environment)
    assert str(caught.value).startswith(sentence)


def test_tags():
    assert names.tags("magiclub", "PoC", "DevOps", "ops@example.com") == {
        "Project": "magiclub",
        "Environment": "PoC",
        "Team": "DevOps",
        "Owner": "ops@example.com",
        "ManagedBy": "ansible",
    }


RETRIES = {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "10"}
REGION = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", **RETRIES}
DUMMY = {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "unchecked-by-a-local-aws"}


def at(url):
    return {**REGION, "AWS_URL": url, "AWS_ENDPOINT_URL": url}


def _without(name):
    return {key: value for key, value in REGION.items() if key != name}


@pytest.mark.parametrize(
    ("url", "environment", "expected"),
    [
        pytest.param(None, {}, REGION, id="AWS"),
        pytest.param("", {}, REGION, id="AWS, endpoint empty"),
        pytest.param("http://127.0.0.1:4566", None, {**at("http://127.0.0.1:4566"), **DUMMY}, id="local"),
        pytest.param("http://localhost:4566", {}, {**at("http://localhost:4566"), **DUMMY}, id="local by name"),
        pytest.param("http://[::1]:4566", {}, {**at("http://[::1]:4566"), **DUMMY}, id="local, IPv6"),
        pytest.param(
            "http://127.0.0.1:1", {"AWS_ACCESS_KEY_ID": "1"}, at("http://127.0.0.1:1"), id="an account is named"
        ),
        pytest.param("http://127.0.0.1:1", {"AWS_PROFILE": "p"}, at("http://127.0.0.1:1"), id="a profile is named"),
        pytest.param(None, {"AWS_MAX_ATTEMPTS": "3"}, _without("AWS_MAX_ATTEMPTS"), id="attempts are named"),
        pytest.param(None, {"AWS_RETRY_MODE": "adaptive"}, _without("AWS_RETRY_MODE"), id="a mode is named"),
        pytest.param("https://vpce.example.com", {}, at("https://vpce.example.com"), id="not local"),
    ],
)
def test_aws_environment(url, environment, expected):
    assert names.aws_environment("us-east-1", url, environment) == expected
