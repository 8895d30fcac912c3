# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log drivers of containers, retention, and the FireLens router."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    arguments,
    desired_task,
    logging,
    policies,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.logs import log_group

from tests.support.cloud import ROOT
from tests.unit.plugins.module_utils.service_definitions import FULL, PLATFORM, SPEC, service

THERE = {"service": None, "ids": {}, "resources": [], "task_definitions": []}
OWN = {"awslogs-group": f"/ecs/{FULL}", "awslogs-region": "ap-northeast-2", "awslogs-stream-prefix": "web"}


def made(**given):
    listed = desired_task.task_definition_options(service(**given), PLATFORM, THERE)["container_definitions"]
    return {one["name"]: one for one in listed}


def test_containers_log_to_the_log_group_of_their_service():
    assert made()["web"]["log_configuration"] == {"log_driver": "awslogs", "options": OWN}


def test_multiline_pattern_and_non_blocking_mode_are_options_of_the_driver():
    logged = made(logging={"multiline_pattern": "^[0-9]", "mode": "non-blocking", "max_buffer_size": "25m"})["web"]
    more = {"mode": "non-blocking", "max-buffer-size": "25m", "awslogs-multiline-pattern": "^[0-9]"}
    assert logged["log_configuration"]["options"] == {**OWN, **more}


def test_another_driver_has_only_its_given_options_and_secrets():
    given = {"driver": "splunk", "options": {"splunk-url": "https://x"}, "secrets": {"splunk-token": "/splunk"}}
    assert made(logging=given)["web"]["log_configuration"] == {
        "log_driver": "splunk",
        "options": {"splunk-url": "https://x"},
        "secret_options": [{"name": "splunk-token", "value_from": "/splunk"}],
    }
    (read,) = policies.execution_policies(service(logging=given), PLATFORM)["read-secrets"]["Statement"]
    assert read["Resource"] == ["arn:aws:ssm:ap-northeast-2:123456789012:parameter/splunk"]


def test_containers_depend_on_the_router():
    sidecar = {"name": "proxy", "image": "proxy:1"}
    found = made(firelens={"config_file": "/extra.conf"}, logging={"options": {"Name": "http"}}, sidecars=[sidecar])
    for name in ("web", "proxy"):
        assert found[name]["log_configuration"] == {"log_driver": "awsfirelens", "options": {"Name": "http"}}
        assert found[name]["depends_on"] == [{"container_name": "log_router", "condition": "START"}]
    router = found["log_router"]
    assert (router["essential"], router["user"], router["memory_reservation"]) == (True, "0", 50)
    assert router["firelens_configuration"] == {
        "type": "fluentbit",
        "options": {
            "enable-ecs-log-metadata": "true",
            "config-file-type": "file",
            "config-file-value": "/extra.conf",
        },
    }
    assert router["log_configuration"]["options"]["awslogs-stream-prefix"] == "log_router"
    assert "log_router" not in made()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 30),
        ({"log_retention": 2557}, 2557),
        ({"log_retention": 7, "logging": {"retention": "1096"}}, 1096),
        ({"logging": {"retention": "never"}}, "never"),
    ],
)
def test_the_retention_is_as_configured(given, expected):
    assert logging.retention(service(**given)) == expected


@pytest.mark.parametrize("days", [*log_group.RETENTIONS, "never"])
def test_amazon_aws_gets_only_a_retention_that_it_knows(days):
    entry = {"type": "log_group", "name": "x", "values": {"retention": days, "tags": {}}}
    handed = arguments.of(entry, arguments.Around(PLATFORM, [], {}, False))
    assert ("retention" in handed) == (days in log_group.OF_AMAZON_AWS)
    ours = yaml.safe_load((ROOT / "roles/fargate_service/vars/main.yml").read_text())["__fargate_service_retentions"]
    assert ("retention" in handed) != (days in ours)


def test_retentions_equal_the_choices_of_the_argument_spec():
    assert SPEC["log_retention"]["choices"] == list(log_group.RETENTIONS)


def test_a_log_group_without_a_retention_is_kept_forever():
    group = {"logGroupName": "x", "arn": "arn:x", "tags": {}}
    assert log_group.found(group)["values"]["retention"] == "never"
    assert log_group.retention_change(group, "never") is None
    change = log_group.retention_change({**group, "retentionInDays": 7}, "never")
    assert change == {"path": "retention", "before": 7, "after": "never"}
