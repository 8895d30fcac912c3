# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a user writes and what AWS returns is one thing in the canonical form."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._ecs import decide, form, normal

FIXTURES = Path(__file__).parent / "fixtures"

WRITTEN = {
    "family": "magiclub-an2p-lotto-api",
    "requires_compatibilities": ["FARGATE"],
    "cpu": 512,
    "memory": "1 GB",
    "task_role_arn": "arn:aws:iam::123456789012:role/magiclub-an2p-lotto-api",
    "execution_role_arn": "arn:aws:iam::123456789012:role/magiclub-an2p-execution",
    "volumes": [{"name": "scratch"}],
    "container_definitions": [
        {
            "name": "router",
            "image": "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable",
            "essential": False,
            "user": "0",
            "firelens_configuration": {"type": "fluentbit", "options": {"enable-ecs-log-metadata": True}},
        },
        {
            "name": "lotto-api",
            "image": "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/lotto-api@sha256:5b2c0f6d",
            "port_mappings": [{"container_port": "8080", "name": "http", "app_protocol": "http"}],
            "environment": {"LOG_LEVEL": "info", "WORKERS": 2},
            "secrets": {"DB_PASSWORD": "arn:aws:ssm:ap-northeast-2:123456789012:parameter/lotto/db_password"},
            "mount_points": [{"source_volume": "scratch", "container_path": "/tmp"}],
            "depends_on": [{"container_name": "router", "condition": "START"}],
            "readonly_root_filesystem": True,
            "linux_parameters": {"capabilities": {"drop": ["ALL"]}, "init_process_enabled": True},
            "ulimits": [{"name": "nofile", "soft_limit": "4096", "hard_limit": 8192}],
            "log_configuration": {
                "log_driver": "awslogs",
                "options": {
                    "awslogs-group": "/ecs/magiclub-an2p-lotto-api",
                    "awslogs-region": "ap-northeast-2",
                    "awslogs-stream-prefix": "ecs",
                },
            },
            "health_check": {"command": ["CMD", "/health"]},
        },
    ],
    "tags": {"Project": "magiclub", "ManagedBy": "ansible"},
}


def registered():
    payload = json.loads((FIXTURES / "ecs_task_definition.json").read_text(encoding="utf-8"))
    return {**payload["taskDefinition"], "tags": payload["tags"]}


def running():
    return json.loads((FIXTURES / "ecs_service.json").read_text(encoding="utf-8"))


def test_what_was_written_is_what_aws_returns():
    assert normal.normalise_task_definition(WRITTEN) == normal.normalise_task_definition(registered())


def test_normalising_leaves_its_input_alone():
    before = copy.deepcopy(WRITTEN)
    normal.normalise_task_definition(WRITTEN)
    assert before == WRITTEN


FARGATE = {"requires_compatibilities": ["FARGATE"]}


def container(**fields):
    return {"container_definitions": [{"name": "a", "image": "i", **fields}]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"cpu": "256"}, {"cpu": 256}, id="cpu as text"),
        pytest.param({"cpu": ".25 vCPU"}, {"cpu": "256"}, id="cpu in vCPU"),
        pytest.param({"cpu": "1vcpu"}, {"cpu": 1024}, id="cpu in vCPU without a space"),
        pytest.param({"memory": "0.5GB"}, {"memory": "512"}, id="memory in GB"),
        pytest.param({"memory": "2 gb"}, {"memory": 2048}, id="memory in gb"),
        pytest.param(FARGATE, {**FARGATE, "network_mode": "awsvpc"}, id="network mode of Fargate"),
        pytest.param({}, {"network_mode": "bridge"}, id="network mode of EC2"),
        pytest.param(
            FARGATE,
            {**FARGATE, "runtime_platform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}},
            id="platform of Fargate",
        ),
        pytest.param(
            {**FARGATE, "runtime_platform": {"cpu_architecture": "ARM64"}},
            {**FARGATE, "runtime_platform": {"cpu_architecture": "ARM64", "operating_system_family": "LINUX"}},
            id="half a platform",
        ),
        pytest.param(
            {"requires_compatibilities": ["EC2", "FARGATE"]},
            {"requires_compatibilities": ["FARGATE", "EC2"]},
            id="order of compatibilities",
        ),
        pytest.param({"pid_mode": ""}, {"pidMode": None}, id="empty text is nothing"),
        pytest.param({"enable_fault_injection": False}, {}, id="no fault injection"),
        pytest.param({"placement_constraints": []}, {}, id="empty list is nothing"),
        pytest.param(
            {"tags": {"A": 1, "B": True}}, {"tags": [{"key": "B", "value": "true"}, {"key": "A", "value": "1"}]}
        ),
        pytest.param({"revision": 3, "status": "ACTIVE", "compatibilities": ["EC2"]}, {}, id="results are no fields"),
        pytest.param(container(), container(cpu=0, essential=True), id="container defaults"),
        pytest.param(container(cpu="128"), container(cpu=128), id="container cpu as text"),
        pytest.param(container(memory_reservation="64"), container(memoryReservation=64), id="number as text"),
        pytest.param(
            container(environment={"A": 1, "B": None}), container(environment=[{"name": "A", "value": "1"}]), id="null"
        ),
        pytest.param(
            container(environment={"B": True, "A": ""}),
            container(environment=[{"name": "A", "value": ""}, {"name": "B", "value": "true"}]),
            id="environment",
        ),
        pytest.param(
            container(secrets={"A": "arn"}), container(secrets=[{"name": "A", "valueFrom": "arn"}]), id="secrets"
        ),
        pytest.param(
            container(docker_labels={"camelCase": 1}), container(dockerLabels={"camelCase": "1"}), id="labels"
        ),
        pytest.param(
            {**FARGATE, **container(port_mappings=[{"container_port": 80}])},
            {**FARGATE, **container(portMappings=[{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}])},
            id="port of awsvpc",
        ),
        pytest.param(
            container(port_mappings=[{"container_port": 80}]),
            container(portMappings=[{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}]),
            id="port of bridge",
        ),
        pytest.param(
            container(port_mappings=[{"container_port": 80}, {"container_port": 53, "protocol": "udp"}]),
            container(
                port_mappings=[{"container_port": 53, "protocol": "udp"}, {"container_port": 80, "protocol": "tcp"}]
            ),
            id="order of ports",
        ),
        pytest.param(
            container(health_check={"command": ["CMD", "x"]}),
            container(
                healthCheck={"command": ["CMD", "x"], "interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0}
            ),
            id="health check defaults",
        ),
        pytest.param(container(restart_policy={"enabled": False}), container(), id="no restart policy"),
        pytest.param(
            container(restart_policy={"enabled": True}),
            container(restart_policy={"enabled": True, "restart_attempt_period": 300}),
            id="restart policy defaults",
        ),
        pytest.param(
            container(privileged=False, interactive=False, pseudo_terminal=False), container(), id="flags off"
        ),
        pytest.param(
            container(mount_points=[{"source_volume": "v", "container_path": "/v"}]),
            container(mountPoints=[{"sourceVolume": "v", "containerPath": "/v", "readOnly": False}]),
            id="mount",
        ),
        pytest.param(
            container(system_controls={"net.core.somaxconn": 512}),
            container(systemControls=[{"namespace": "net.core.somaxconn", "value": "512"}]),
            id="system controls",
        ),
        pytest.param({"volumes": [{"name": "v"}]}, {"volumes": [{"name": "v", "host": {}}]}, id="volume of the task"),
        pytest.param(
            {"volumes": [{"name": "v", "efs_volume_configuration": {"file_system_id": "fs-1"}}]},
            {
                "volumes": [
                    {
                        "name": "v",
                        "efsVolumeConfiguration": {
                            "fileSystemId": "fs-1",
                            "rootDirectory": "/",
                            "transitEncryption": "DISABLED",
                        },
                    }
                ]
            },
            id="EFS defaults",
        ),
        pytest.param(
            {
                "volumes": [
                    {
                        "name": "v",
                        "efs_volume_configuration": {
                            "file_system_id": "fs-1",
                            "transit_encryption": "ENABLED",
                            "authorization_config": {"access_point_id": "a"},
                        },
                    }
                ]
            },
            {
                "volumes": [
                    {
                        "name": "v",
                        "efsVolumeConfiguration": {
                            "fileSystemId": "fs-1",
                            "rootDirectory": "/",
                            "transitEncryption": "ENABLED",
                            "authorizationConfig": {"accessPointId": "a", "iam": "DISABLED"},
                        },
                    }
                ]
            },
            id="EFS access point",
        ),
        pytest.param(
            {"volumes": [{"name": "v", "docker_volume_configuration": {"driver": "local", "labels": {"a": 1}}}]},
            {
                "volumes": [
                    {
                        "name": "v",
                        "dockerVolumeConfiguration": {
                            "scope": "task",
                            "autoprovision": False,
                            "driver": "local",
                            "labels": {"a": "1"},
                        },
                    }
                ]
            },
            id="Docker volume",
        ),
        pytest.param(
            container(port_mappings=[{"container_port_range": "80-90"}]),
            container(portMappings=[{"containerPortRange": "80-90", "protocol": "tcp"}]),
            id="range of ports",
        ),
        pytest.param({"ephemeral_storage": {"size_in_gib": "30"}}, {"ephemeralStorage": {"sizeInGiB": 30}}, id="GiB"),
    ],
)
def test_same(one, other):
    assert normal.normalise_task_definition(one) == normal.normalise_task_definition(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(container(command=["a", "b"]), container(command=["b", "a"]), id="order of a command"),
        pytest.param(container(dns_servers=["1", "2"]), container(dns_servers=["2", "1"]), id="order of name servers"),
        pytest.param(container(environment={"A": ""}), container(), id="an empty variable is one"),
        pytest.param(container(docker_labels={"a": "1"}), container(docker_labels={"A": "1"}), id="case of a label"),
        pytest.param({"volumes": [{"name": "v"}]}, {}, id="a volume without fields is one"),
        pytest.param(
            container(port_mappings=[{"container_port": 80}]),
            container(port_mappings=[{"container_port": 80, "protocol": "udp"}]),
            id="protocol",
        ),
        pytest.param(container(essential=False), container(), id="not essential"),
        pytest.param(
            container(resource_requirements=[{"type": "GPU", "sharing_strategy": {"nvidia_mps": {"memory": 1}}}]),
            container(resource_requirements=[{"type": "GPU", "sharing_strategy": {"nvidia_mps": {"memory": 2}}}]),
            id="more than a name and a value",
        ),
        pytest.param(container(readonly_root_filesystem=True), container(), id="read-only root"),
        pytest.param(
            container(ulimits=[{"name": "nofile", "soft_limit": 1, "hard_limit": 1}] * 2),
            container(ulimits=[{"name": "nofile", "soft_limit": 1, "hard_limit": 1}]),
            id="the same name twice is not lost",
        ),
    ],
)
def test_not_same(one, other):
    assert normal.normalise_task_definition(one) != normal.normalise_task_definition(other)


SERVICE = {
    "service_name": "magiclub-an2p-lotto-api",
    "cluster": "magiclub-an2p-ecs",
    "task_definition": "magiclub-an2p-lotto-api:4",
    "desired_count": "2",
    "capacity_provider_strategy": [
        {"capacity_provider": "FARGATE", "weight": 1, "base": 1},
        {"capacity_provider": "FARGATE_SPOT", "weight": 3},
    ],
    "platform_version": "LATEST",
    "network_configuration": {"subnets": ["subnet-0a", "subnet-0b"], "security_groups": ["sg-01"]},
    "load_balancers": [
        {
            "target_group_arn": (
                "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/lotto/6d0ecf831eec9f09"
            ),
            "container_name": "lotto-api",
            "container_port": 8080,
        }
    ],
    "deployment_configuration": {"deployment_circuit_breaker": {"enable": True, "rollback": True}},
    "deployment_controller": "ECS",
    "scheduling_strategy": "REPLICA",
    "health_check_grace_period_seconds": 30,
    "enable_execute_command": True,
    "enable_ecs_managed_tags": True,
    "propagate_tags": "SERVICE",
    "availability_zone_rebalancing": "ENABLED",
    "placement_constraints": [],
    "role": "AWSServiceRoleForECS",
    "tags": {"Project": "magiclub"},
}


def test_a_running_service_is_what_was_written():
    assert decide.service_changes(normal.normalise_service(SERVICE), normal.normalise_service(running())) == []


def test_service_connect_is_found_in_the_primary_deployment():
    connect = normal.normalise_service(running())["service_connect_configuration"]
    assert (connect["namespace"], connect["services"][0]["port_name"]) == ("ns-vh4nbmhexample", "http")


def test_only_what_is_given_of_a_service_is_in_its_form():
    assert normal.normalise_service({"serviceName": "s", "cluster": "arn:aws:ecs:r:1:cluster/c", "role": None}) == {
        "service_name": "s",
        "cluster": "c",
    }


def test_an_empty_list_is_given():
    assert normal.normalise_service({"service_name": "s", "load_balancers": []})["load_balancers"] == []


def test_defaults_of_a_found_service():
    found = normal.normalise_service(
        {"serviceArn": "a", "serviceName": "s", "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["b"]}}}
    )
    assert found["deployment_configuration"]["maximum_percent"] == 200
    assert found["network_configuration"] == {"assign_public_ip": False, "subnets": ["b"]}
    assert found["service_connect_configuration"] == {"enabled": False}
    assert found["load_balancers"] == []


def test_a_daemon_has_percentages_of_its_own():
    found = normal.normalise_service({"serviceArn": "a", "schedulingStrategy": "DAEMON"})
    configuration = found["deployment_configuration"]
    assert (configuration["minimum_healthy_percent"], configuration["maximum_percent"]) == (0, 100)


def test_cluster():
    found = {
        "clusterArn": "arn:aws:ecs:r:1:cluster/c",
        "clusterName": "c",
        "status": "ACTIVE",
        "settings": [{"name": "containerInsights", "value": "enhanced"}],
        "capacityProviders": ["FARGATE_SPOT", "FARGATE"],
        "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
        "tags": [{"key": "A", "value": "1"}],
    }
    written = {
        "cluster_name": "c",
        "settings": {"containerInsights": "enhanced"},
        "capacity_providers": ["FARGATE", "FARGATE_SPOT"],
        "default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": "1"}],
        "tags": {"A": 1},
    }
    assert normal.normalise_cluster(found) == normal.normalise_cluster(written)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("enableECSManagedTags", "enable_ecs_managed_tags"),
        ("sizeInGiB", "size_in_gib"),
        ("managedEBSVolume", "managed_ebs_volume"),
        ("s3filesVolumeConfiguration", "s3files_volume_configuration"),
        ("awsvpcConfiguration", "awsvpc_configuration"),
        ("kmsKeyId", "kms_key_id"),
        ("fSxWindows", "f_sx_windows"),
        ("already_snake", "already_snake"),
    ],
)
def test_snake(name, expected):
    assert form.snake(name) == expected


def test_a_users_maps_keep_their_keys():
    value = {"logConfiguration": {"logDriver": "x", "options": {"awslogs-Group": 1, "camelCase": 2}}}
    assert form.snaked(value) == {
        "log_configuration": {"log_driver": "x", "options": {"awslogs-Group": 1, "camelCase": 2}}
    }


@pytest.mark.parametrize("member", ["healthCheck", "logConfiguration", "linuxParameters"])
def test_every_other_member_is_respelled(member):
    assert form.snaked({member: {"someKey": 1}})[form.snake(member)] == {"some_key": 1}
