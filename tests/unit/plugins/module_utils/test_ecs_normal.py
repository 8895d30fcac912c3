# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A user's input and AWS's answer have the same canonical form."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import botocore.session
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import decide, form, normal

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


def test_a_users_task_definition_equals_aws_s():
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
        pytest.param(FARGATE,
            {**FARGATE, "runtime_platform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}},
            id="platform of Fargate"),
        pytest.param({**FARGATE, "runtime_platform": {"cpu_architecture": "ARM64"}},
            {**FARGATE, "runtime_platform": {"cpu_architecture": "ARM64", "operating_system_family": "LINUX"}},
            id="half a platform"),
        pytest.param({"requires_compatibilities": ["EC2", "FARGATE"]}, {"requires_compatibilities": ["FARGATE", "EC2"]},
            id="order of compatibilities"),
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
        pytest.param(container(environment={"B": True, "A": ""}),
            container(environment=[{"name": "A", "value": ""}, {"name": "B", "value": "true"}]), id="environment"),
        pytest.param(
            container(secrets={"A": "arn"}), container(secrets=[{"name": "A", "valueFrom": "arn"}]), id="secrets"
        ),
        pytest.param(
            container(docker_labels={"camelCase": 1}), container(dockerLabels={"camelCase": "1"}), id="labels"
        ),
        pytest.param({**FARGATE, **container(port_mappings=[{"container_port": 80}])},
            {**FARGATE, **container(portMappings=[{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}])},
            id="port of awsvpc"),
        pytest.param(container(port_mappings=[{"container_port": 80}]),
            container(portMappings=[{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}]), id="port of bridge"),
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
        pytest.param(container(restart_policy={"enabled": True}),
            container(restart_policy={"enabled": True, "restart_attempt_period": 300}), id="restart policy defaults"),
        pytest.param(
            container(privileged=False, interactive=False, pseudo_terminal=False), container(), id="flags off"
        ),
        pytest.param(container(mount_points=[{"source_volume": "v", "container_path": "/v"}]),
            container(mountPoints=[{"sourceVolume": "v", "containerPath": "/v", "readOnly": False}]), id="mount"),
        pytest.param(container(system_controls={"net.core.somaxconn": 512}),
            container(systemControls=[{"namespace": "net.core.somaxconn", "value": "512"}]), id="system controls"),
        pytest.param({"volumes": [{"name": "v"}]}, {"volumes": [{"name": "v", "host": {}}]}, id="volume of the task"),
        pytest.param(
            {"volumes": [{"name": "v", "s3files_volume_configuration": {"file_system_arn": "a"}}]},
            {
                "volumes": [
                    {"name": "v", "s3filesVolumeConfiguration": {"fileSystemArn": "a", "rootDirectory": "/"}},
                ]
            },
            id="S3 Files volume",
        ),
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
        pytest.param(container(port_mappings=[{"container_port_range": "80-90"}]),
            container(portMappings=[{"containerPortRange": "80-90", "protocol": "tcp"}]), id="range of ports"),
        pytest.param({"ephemeral_storage": {"size_in_gib": "30"}}, {"ephemeralStorage": {"sizeInGiB": 30}}, id="GiB"),
    ],
)  # fmt: skip
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
        pytest.param(
            container(port_mappings=[{"container_port": 80, "name": name} for name in ("a", "b")]),
            container(port_mappings=[{"container_port": 80, "name": "b"}]),
            id="the same port twice is not lost",
        ),
        pytest.param(
            *(
                {
                    "volumes": [
                        {
                            "name": "v",
                            "efs_volume_configuration": {
                                "file_system_id": "fs-1",
                                "authorization_config": {"access_point_id": access_point},
                            },
                        }
                    ]
                }
                for access_point in ("a", "b")
            ),
            id="EFS access point",
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


def test_a_users_service_equals_aws_s():
    assert decide.service_changes(normal.normalise_service(SERVICE), normal.normalise_service(running())) == []


def test_service_connect_is_found_in_the_primary_deployment():
    connect = normal.normalise_service(running())["service_connect_configuration"]
    assert (connect["namespace"], connect["services"][0]["port_name"]) == ("ns-vh4nbmhexample", "http")


def test_only_given_fields_of_a_service_are_in_its_form():
    assert normal.normalise_service({"serviceName": "s", "cluster": "arn:aws:ecs:r:1:cluster/c", "role": None}) == {
        "service_name": "s",
        "cluster": "c",
    }


def test_an_empty_list_counts_as_given():
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


MODEL = botocore.session.get_session().get_service_model("ecs")


def members(*operations):
    """Return the option names of the operations' members."""
    return {
        form.snake(name) for operation in operations for name in MODEL.operation_model(operation).input_shape.members
    }


def kinds(shape, within=()):
    """Yield the option name and type of each member of a shape, nested ones included."""
    if shape.name in within:
        return
    inner = {"structure": "members", "list": "member", "map": "value"}.get(shape.type_name)
    if inner == "members":
        for name, member in shape.members.items():
            yield form.snake(name), member.type_name
            yield from kinds(member, (*within, shape.name))
    elif inner:
        yield from kinds(getattr(shape, inner), (*within, shape.name))


WRITES = ("RegisterTaskDefinition", "CreateService", "UpdateService", "CreateCluster")
KINDS = {pair for operation in WRITES for pair in kinds(MODEL.operation_model(operation).input_shape)}


def named(*types):
    """Return the names that always have one of these types in ECS."""
    return {name for name, kind in KINDS if kind in types}


def test_each_field_of_a_service_and_of_a_cluster_is_in_its_form():
    special = {"network_configuration": {"subnets": ["a"]}}
    for field in members("CreateService", "UpdateService") - {"client_token", "force_new_deployment", "service"}:
        value = special.get(field, [] if field == "capacity_provider_strategy" else "x")
        assert normal.normalise_service({field: value, "client_token": "t", "status": "ACTIVE"}) == {field: value}
    for field in members("CreateCluster"):
        value = [] if field == "default_capacity_provider_strategy" else "x"
        assert normal.normalise_cluster({field: value, "status": "ACTIVE"}) == {field: value}


def test_a_found_service_has_every_default():
    assert normal.normalise_service({"serviceArn": "a", "status": "ACTIVE"}) == {
        "availability_zone_rebalancing": "DISABLED",
        "capacity_provider_strategy": [],
        "deployment_configuration": {
            "alarms": {"enable": False, "rollback": False},
            "bake_time_in_minutes": 0,
            "deployment_circuit_breaker": {"enable": False, "rollback": False},
            "maximum_percent": 200,
            "minimum_healthy_percent": 100,
            "strategy": "ROLLING",
        },
        "deployment_controller": "ECS",
        "enable_ecs_managed_tags": False,
        "enable_execute_command": False,
        "gateway_connectors": [],
        "health_check_grace_period_seconds": 0,
        "load_balancers": [],
        "placement_constraints": [],
        "placement_strategy": [],
        "propagate_tags": "NONE",
        "scheduling_strategy": "REPLICA",
        "service_connect_configuration": {"enabled": False},
        "service_registries": [],
        "tags": {},
        "volume_configurations": [],
        "vpc_lattice_configurations": [],
    }


def test_existing_values_override_defaults():
    found = normal.normalise_service(
        {
            "serviceArn": "a",
            "propagateTags": "SERVICE",
            "deploymentConfiguration": {"maximumPercent": 150},
            "networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": "ENABLED"}},
        }
    )
    assert found["propagate_tags"] == "SERVICE"
    assert found["deployment_configuration"]["maximum_percent"] == 150
    assert found["network_configuration"] == {"assign_public_ip": True}


def test_a_found_cluster_has_every_default():
    assert normal.normalise_cluster({"clusterArn": "a", "status": "ACTIVE"}) == {
        "capacity_providers": [],
        "default_capacity_provider_strategy": [],
        "settings": {},
        "tags": {},
    }


@pytest.mark.parametrize(
    ("member", "field"),
    [
        ("serviceConnectConfiguration", "service_connect_configuration"),
        ("volumeConfigurations", "volume_configurations"),
        ("vpcLatticeConfigurations", "vpc_lattice_configurations"),
    ],
)
def test_fields_of_the_primary_deployment(member, field):
    deployments = [{"status": "ACTIVE", member: {"x": 1}}, {"status": "PRIMARY", member: {"x": 2}}]
    assert normal.normalise_service({"serviceArn": "a", "deployments": deployments})[field] == {"x": 2}
    deployments = [{"status": "PRIMARY"}]
    assert normal.normalise_service({"serviceArn": "a", "deployments": deployments, member: {"x": 3}})[field] == {
        "x": 3
    }
    assert field not in normal.normalise_service({"deployments": [{"status": "PRIMARY", member: {"x": 2}}]})


EBS = {"name": "data", "managedEBSVolume": {"roleArn": "arn:aws:iam::1:role/r"}}


@pytest.mark.parametrize(
    ("listed", "expected"),
    [([{"name": "s3"}], []), ([{"name": "s3"}, EBS], ["data"]), ([{"name": "s3", "managedEBSVolume": None}], [])],
)
def test_an_s3_files_volume_is_not_configured_at_the_service(listed, expected):
    found = {"serviceArn": "a", "deployments": [{"status": "PRIMARY", "volumeConfigurations": listed}]}
    volumes = normal.normalise_service(found)["volume_configurations"]
    assert sorted(volumes) == expected if isinstance(volumes, dict) else [item["name"] for item in volumes] == expected


@pytest.mark.parametrize(
    ("given", "field", "expected"),
    [
        ({"clusterArn": "arn:aws:ecs:r:1:cluster/c"}, "cluster", "c"),
        ({"cluster": "c"}, "cluster", "c"),
        ({"roleArn": "arn:aws:iam::1:role/x/r"}, "role", "r"),
        ({"task_definition": "arn:aws:ecs:r:1:task-definition/f:1"}, "task_definition", "f:1"),
        ({"deploymentController": {"type": "EXTERNAL"}}, "deployment_controller", "EXTERNAL"),
        ({"network_configuration": {"assign_public_ip": True}}, "network_configuration", {"assign_public_ip": True}),
        (
            {"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": "DISABLED"}}},
            "network_configuration",
            {"assign_public_ip": False},
        ),
        (
            {
                "service_connect_configuration": {
                    "enabled": True,
                    "namespace": "arn:aws:servicediscovery:r:1:namespace/n",
                }
            },
            "service_connect_configuration",
            {"enabled": True, "namespace": "n"},
        ),
        (
            {"capacity_provider_strategy": [{"capacity_provider": "B", "weight": None}, {"capacity_provider": "A"}]},
            "capacity_provider_strategy",
            [
                {"base": 0, "capacity_provider": "A", "weight": 0},
                {"base": 0, "capacity_provider": "B", "weight": 0},
            ],
        ),
    ],
)
def test_a_field_of_a_service(given, field, expected):
    assert normal.normalise_service(given) == {field: expected}


def canonical(key, value):
    """Return the canonical form of a value with this name in any map."""
    return normal.normalise_cluster({"configuration": {key: value}})["configuration"].get(key)


def test_a_string_becomes_a_number_for_every_number_of_ecs():
    # cpu and value are strings elsewhere
    numbers = named("integer", "long") - named("string")
    assert {key: canonical(key, "5") for key in numbers} == dict.fromkeys(numbers, 5)


@pytest.mark.parametrize(
    ("value", "expected"), [("5", 5), (" 12 ", 12), ("-1", -1), ("1.5", "1.5"), ("5a", "5a"), (7, 7)]
)
def test_strings_that_are_numbers(value, expected):
    assert canonical("port", value) == expected


def test_other_strings_stay_strings():
    texts = named("string") - named("integer", "long")
    assert {key: canonical(key, "10001") for key in texts} == dict.fromkeys(texts, "10001")


# AWS takes them one after another: a command's words, servers to ask, strategies, files of which a later one wins
ORDERED = {"command", "dns_search_domains", "dns_servers", "entry_point", "environment_files", "placement_strategy"}
# of these a container has as many as it is given, in a form of their own or none that anybody writes on Fargate
ELSEWHERE = {"credential_specs", "devices", "port_mappings"}


def test_the_order_matters_in_few_lists():
    lists = {key for key in named("list") - ELSEWHERE if key not in {*PAIRS, *ITEMS}}
    kept = {key for key in lists if canonical(key, ["b", "a"]) == ["b", "a"]}
    assert kept == ORDERED
    assert {str(canonical(key, [{"x": 2}, {"x": 1}])) for key in lists - ORDERED} == {"[{'x': 1}, {'x': 2}]"}


@pytest.mark.parametrize("key", sorted(named("map") | {"environment", "properties", "system_controls", "tags"}))
def test_values_in_maps_of_strings_are_strings(key):
    assert canonical(key, {"a": 1, "b": True, "c": False, "d": None, 5: "x"}) == {
        "a": "1",
        "b": "true",
        "c": "false",
        "5": "x",
    }


def test_values_in_other_maps_keep_their_type():
    assert canonical("alarms", {"a": 1, "b": True, "c": None}) == {"a": 1, "b": True}


# Lists that become maps: the name and value members of pairs, and the name member of other items.
PAIRS = {
    "depends_on": ("container_name", "condition"),
    "environment": ("name", "value"),
    "inference_accelerators": ("device_name", "device_type"),
    "properties": ("name", "value"),
    "resource_requirements": ("type", "value"),
    "secret_options": ("name", "value_from"),
    "secrets": ("name", "value_from"),
    "settings": ("name", "value"),
    "system_controls": ("namespace", "value"),
    "tags": ("key", "value"),
}
ITEMS = {
    "container_definitions": "name",
    "mount_points": "container_path",
    "tmpfs": "container_path",
    "ulimits": "name",
    "volumes": "name",
}


def test_a_list_of_pairs_is_a_map():
    for key, (name, value) in PAIRS.items():
        pairs = [{name: "b", value: 1}, {name: "a", value: "x"}, {name: "c"}]
        assert canonical(key, pairs) == {"a": "x", "b": "1", "c": ""}
        assert canonical(key, [{name: "a", value: "x", "more": 1}]) == {"a": {value: "x", "more": 1}}
        assert canonical(key, [{name: "a", value: "x", "more": None}]) == {"a": "x"}


def test_a_list_of_named_items_is_a_map():
    for key, name in ITEMS.items():
        items = [{name: "b", "x": 1}, {name: "a", "x": 2, "y": None}, {name: "c"}]
        assert canonical(key, items) == {"a": {"x": 2}, "b": {"x": 1}, "c": {}}
        twice = [{name: "a", "x": 2}, {name: "a", "x": 1}]
        assert canonical(key, twice) == [{name: "a", "x": 1}, {name: "a", "x": 2}]


# Switches of clusters and services that AWS returns: off differs from not given.
RETURNED = {
    *("cloud_watch_encryption_enabled", "enable", "enable_ecs_managed_tags", "enable_execute_command", "enabled"),
    *("encrypted", "essential", "force_new_deployment", "reset_on_healthy_task", "rollback", "s3_encryption_enabled"),
}


def test_a_default_equals_nothing():
    switches = named("boolean")
    assert {key for key in switches if canonical(key, False) is not None} == RETURNED
    assert {key for key in switches if canonical(key, True) is not True} == set()
    assert (canonical("start_period", 0), canonical("start_period", 1)) == (None, 1)
    assert (canonical("version_consistency", "enabled"), canonical("version_consistency", "disabled")) == (
        None,
        "disabled",
    )


def test_read_only_fields_of_a_task_definition_are_omitted():
    returned = set(MODEL.shape_for("TaskDefinition").members)
    added = returned - set(MODEL.operation_model("RegisterTaskDefinition").input_shape.members)
    assert len(added) >= 9
    assert normal.normalise_task_definition({field: ["x"] for field in added}) == normal.normalise_task_definition({})


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("cpu", "1.5 vCPU", 1536),
        ("cpu", "2 VCPU", 2048),
        ("cpu", " 512 ", 512),
        ("cpu", "2 GB", "2 GB"),
        ("cpu", "half", "half"),
        ("memory", "1.5 GB", 1536),
        ("memory", ".5gb", 512),
        ("memory", "1 vCPU", "1 vCPU"),
        ("memory", "1.5", "1.5"),
        ("cpu", None, None),
        ("cpu", "", None),
    ],
)
def test_sizes_of_a_task(field, value, expected):
    assert normal.normalise_task_definition({field: value}).get(field) == expected


@pytest.mark.parametrize(
    ("key", "fields", "expected"),
    [
        ("cpu", {"cpu": None}, 0),
        ("cpu", {"cpu": " 64 "}, 64),
        ("memory", {"memory": "128"}, 128),
        ("memory", {"memory": "1 GB"}, "1 GB"),
        ("memory", {}, None),
        ("essential", {"essential": None}, True),
        (
            "health_check",
            {"health_check": {"command": ["x"], "interval": None, "timeout": 9}},
            {"command": ["x"], "interval": 30, "retries": 3, "timeout": 9},
        ),
        ("health_check", {"health_check": None}, None),
        (
            "restart_policy",
            {"restart_policy": {"enabled": True, "restart_attempt_period": 60}},
            {"enabled": True, "restart_attempt_period": 60},
        ),
        ("restart_policy", {"restart_policy": None}, None),
    ],
)
def test_a_field_of_a_container(key, fields, expected):
    found = normal.normalise_task_definition(container(**fields))["container_definitions"]["a"]
    assert found.get(key) == expected


@pytest.mark.parametrize(
    ("network_mode", "mapping", "expected"),
    [
        ("awsvpc", {"container_port": 80}, {"80/tcp": {"container_port": 80, "host_port": 80}}),
        ("awsvpc", {"container_port": 80, "host_port": 0}, {"80/tcp": {"container_port": 80, "host_port": 80}}),
        ("host", {"container_port": 80, "host_port": 81}, {"80/tcp": {"container_port": 80, "host_port": 81}}),
        ("bridge", {"container_port": 80, "host_port": 81}, {"80/tcp": {"container_port": 80, "host_port": 81}}),
        ("bridge", {"container_port": 80, "host_port": 0}, {"80/tcp": {"container_port": 80}}),
        ("awsvpc", {"container_port_range": "1-2"}, {"1-2/tcp": {"container_port_range": "1-2"}}),
    ],
)
def test_a_port_of_a_container(network_mode, mapping, expected):
    written = {**container(port_mappings=[mapping]), "network_mode": network_mode}
    assert normal.normalise_task_definition(written)["container_definitions"]["a"]["port_mappings"] == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(True, "true"), (False, "false"), (1, "1"), (0, "0"), ("x", "x"), (1.5, "1.5")]
)
def test_text(value, expected):
    assert form.text(value) == expected


@pytest.mark.parametrize(("arn", "expected"), [(None, None), ("", None), ("a", "a"), ("a/b", "b"), ("a/b/c:1", "c:1")])
def test_last_part(arn, expected):
    assert normal.last_part(arn) == expected


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
    assert form.to_snake(value) == {
        "log_configuration": {"log_driver": "x", "options": {"awslogs-Group": 1, "camelCase": 2}}
    }


@pytest.mark.parametrize("member", ["healthCheck", "logConfiguration", "linuxParameters"])
def test_every_other_member_is_converted(member):
    assert form.to_snake({member: {"someKey": 1}})[form.snake(member)] == {"some_key": 1}
