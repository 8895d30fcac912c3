# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The optional fields of containers, and the permissions that ECS needs to start them."""

from __future__ import annotations

from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import (
    containers,
    desired_task,
    policies,
)

from tests.unit.plugins.module_utils.service_definitions import FULL, PLATFORM, service

THERE = {"service": None, "ids": {}, "resources": [], "task_definitions": []}
FILE = "arn:aws:s3:::shop/env/app.env"
SECRET = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:registry-a1b2c3"


def container(**given):
    return desired_task.task_definition_options(service(**given), PLATFORM, THERE)["container_definitions"][0]


def test_optional_fields_have_the_names_of_ecs():
    made = container(
        environment_files=[FILE],
        repository_credentials=SECRET,
        restart_policy={"ignored_exit_codes": [0]},
        docker_labels={"team": "shop"},
    )
    assert made["environment_files"] == [{"value": FILE, "type": "s3"}]
    assert made["repository_credentials"] == {"credentials_parameter": SECRET}
    assert made["restart_policy"] == {"enabled": True, "ignored_exit_codes": [0], "restart_attempt_period": 300}
    assert made["docker_labels"] == {"team": "shop"}


def test_fields_that_are_not_set_are_left_out():
    assert not {"environment_files", "repository_credentials", "restart_policy", "docker_labels"} & set(container())


def test_container_options_are_merged():
    made = container(
        container_options={
            "startTimeout": 60,
            "linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"]}},
            "systemControls": [{"namespace": "net.core.somaxconn", "value": "1024"}],
        }
    )
    assert made["start_timeout"] == 60
    assert made["linux_parameters"] == {"init_process_enabled": True, "capabilities": {"add": ["SYS_PTRACE"]}}
    assert made["system_controls"] == [{"namespace": "net.core.somaxconn", "value": "1024"}]


def test_container_options_with_an_option_of_their_own_are_refused():
    given = service(container_options={"portMappings": [], "image": "x", "healthCheck": {}})
    said = list(containers.problems(given))
    assert said[0] == "container_options.portMappings is set by the option port. Set that, and take portMappings out."
    assert [sentence.partition(" ")[0] for sentence in said[:3]] == [
        "container_options.portMappings",
        "container_options.image",
        "container_options.healthCheck",
    ]


def test_the_execution_role_may_read_only_the_environment_files():
    given = service(environment_files=[FILE], sidecars=[{"name": "log", "image": "log:1", "environment_files": [FILE]}])
    found = policies.execution_policies(given, PLATFORM)
    assert found["read-files"]["Statement"] == [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [FILE]},
        {"Effect": "Allow", "Action": ["s3:GetBucketLocation"], "Resource": ["arn:aws:s3:::shop"]},
    ]
    assert desired_task.execution_role(given, PLATFORM) == f"{FULL}-execution"


def test_the_execution_role_may_read_registry_credentials():
    given = service(repository_credentials=SECRET, secrets_kms_keys=["arn:aws:kms:ap-northeast-2:123456789012:key/1"])
    (read, decrypt) = policies.execution_policies(given, PLATFORM)["read-secrets"]["Statement"]
    assert (read["Action"], read["Resource"]) == (["secretsmanager:GetSecretValue"], [SECRET])
    assert decrypt["Action"] == ["kms:Decrypt"]
    assert policies.execution_policies(service(), PLATFORM) == {}
