# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Clients of one session: they connect as amazon.aws's do."""

from __future__ import annotations

import json

import boto3
import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule

KEYS = {"access_key": "AKIAEXAMPLE", "secret_key": "x", "region": "ap-northeast-2"}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch, tmp_path):
    for name in (
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ENDPOINT_URL",
        "AWS_URL",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


def module(**arguments):
    with patch_module_args({**KEYS, **arguments}):
        return OneSessionModule(argument_spec={})


def test_opens_one_session_for_all_clients(monkeypatch):
    opened = []
    real = boto3.session.Session
    monkeypatch.setattr(boto3.session, "Session", lambda **options: opened.append(options) or real(**options))
    one = module()
    assert [one.client(name).meta.service_model.service_name for name in ("ecs", "sts", "ecs")] == ["ecs", "sts", "ecs"]
    assert opened == [{"profile_name": None}]


def test_connects_as_the_options_say():
    client = module(endpoint_url="http://127.0.0.1:1", aws_config={"retries": {"total_max_attempts": 3}}).client("ecs")
    assert client.meta.endpoint_url == "http://127.0.0.1:1"
    assert client.meta.region_name == "ap-northeast-2"
    assert client.meta.config.retries["total_max_attempts"] == 3
    assert client._request_signer._credentials.access_key == "AKIAEXAMPLE"


def test_takes_a_region_and_a_configuration_for_one_client():
    client = module().client("ecr", region="eu-west-1", config={"read_timeout": 7})
    assert (client.meta.region_name, client.meta.config.read_timeout) == ("eu-west-1", 7)


def test_names_itself_to_aws():
    assert "magiclub.fargate" in module().client("ecs").meta.config.user_agent_extra


def test_says_that_there_is_no_such_profile(capsys):
    with patch_module_args({"profile": "nobody", "region": "ap-northeast-2"}), pytest.raises(SystemExit):
        OneSessionModule(argument_spec={}).client("ecs")
    said = json.loads(capsys.readouterr().out)["msg"]
    assert "Failed to connect to ecs" in said
    assert "nobody" in said
