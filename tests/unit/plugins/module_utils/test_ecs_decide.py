# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import (
    decide,
    normal,
    normal_fields,
)


def definition(container=None, **fields):
    container = {"name": "api", "image": "i:1", **(container or {})}
    return normal.normalise_task_definition({"family": "f", "container_definitions": [container], **fields})


@pytest.mark.parametrize(
    ("wanted", "has", "path", "before", "after"),
    [
        ({"cpu": 512}, {"cpu": "256"}, "cpu", 256, 512),
        ({"memory": 512}, {}, "memory", None, 512),
        ({}, {"task_role_arn": "r"}, "task_role_arn", "r", None),
        ({"execution_role_arn": "a"}, {"execution_role_arn": "b"}, "execution_role_arn", "b", "a"),
        ({"network_mode": "host"}, {"network_mode": "awsvpc"}, "network_mode", "awsvpc", "host"),
        ({"pid_mode": "task"}, {}, "pid_mode", None, "task"),
        ({"ipc_mode": "task"}, {}, "ipc_mode", None, "task"),
        ({"enable_fault_injection": True}, {}, "enable_fault_injection", None, True),
        ({"ephemeral_storage": {"size_in_gib": 30}}, {}, "ephemeral_storage.size_in_gib", None, 30),
        ({"runtime_platform": {"cpu_architecture": "ARM64"}}, {"runtime_platform": {"cpu_architecture": "X86_64"}},
         "runtime_platform.cpu_architecture", "X86_64", "ARM64"),
        ({"requires_compatibilities": ["EC2", "EXTERNAL"]}, {"requires_compatibilities": ["EC2"]},
         "requires_compatibilities", ["EC2"], ["EC2", "EXTERNAL"]),
        ({"volumes": [{"name": "v"}]}, {}, "volumes.v", None, {}),
        ({"placement_constraints": [{"type": "memberOf", "expression": "a"}]}, {}, "placement_constraints", None,
         [{"expression": "a", "type": "memberOf"}]),
        ({"proxy_configuration": {"properties": {"ProxyIngressPort": 15000}}},
         {"proxy_configuration": {"properties": {"ProxyIngressPort": 15001}}},
         "proxy_configuration.properties.ProxyIngressPort", "15001", "15000"),
    ],
)  # fmt: skip
def test_a_field_of_the_task(wanted, has, path, before, after):
    changes = decide.task_definition_changes(definition(**wanted), definition(**has))
    assert changes == [{"path": path, "before": before, "after": after}]


CONTAINER = "container_definitions.api."


@pytest.mark.parametrize(
    ("wanted", "has", "path", "before", "after"),
    [
        ({"image": "i:2"}, {}, "image", "i:1", "i:2"),
        ({"cpu": 10}, {}, "cpu", 0, 10),
        ({"memory": 64}, {"memory": 32}, "memory", 32, 64),
        ({"memory_reservation": 64}, {}, "memory_reservation", None, 64),
        ({"essential": False}, {}, "essential", True, False),
        ({"command": ["a"]}, {"command": ["b"]}, "command", ["b"], ["a"]),
        ({"entry_point": ["a"]}, {}, "entry_point", None, ["a"]),
        ({"environment": {"A": "2"}}, {"environment": {"A": "1"}}, "environment.A", "1", "2"),
        ({"environment": {"A": ""}}, {}, "environment.A", None, ""),
        ({}, {"environment": {"A": "1"}}, "environment.A", "1", None),
        ({"secrets": {"S": "arn:2"}}, {"secrets": {"S": "arn:1"}}, "secrets.S", "arn:1", "arn:2"),
        ({"user": "10001"}, {"user": "0"}, "user", "0", "10001"),
        ({"working_directory": "/a"}, {}, "working_directory", None, "/a"),
        ({"readonly_root_filesystem": True}, {}, "readonly_root_filesystem", None, True),
        ({"privileged": True}, {}, "privileged", None, True),
        ({"stop_timeout": 30}, {"stop_timeout": 60}, "stop_timeout", 60, 30),
        ({"start_timeout": 30}, {}, "start_timeout", None, 30),
        ({"docker_labels": {"a": "2"}}, {"docker_labels": {"a": "1"}}, "docker_labels.a", "1", "2"),
        ({"version_consistency": "disabled"}, {}, "version_consistency", None, "disabled"),
        ({"links": ["b"]}, {}, "links", None, ["b"]),
        ({"depends_on": [{"container_name": "b", "condition": "HEALTHY"}]}, {}, "depends_on.b", None, "HEALTHY"),
        ({"port_mappings": [{"container_port": 80, "host_port": 8080}]}, {"port_mappings": [{"container_port": 80}]},
         "port_mappings.80/tcp.host_port", None, 8080),
        ({"health_check": {"command": ["CMD", "a"], "interval": 10}}, {"health_check": {"command": ["CMD", "a"]}},
         "health_check.interval", 30, 10),
        ({"log_configuration": {"log_driver": "awslogs", "options": {"awslogs-group": "b"}}},
         {"log_configuration": {"log_driver": "awslogs", "options": {"awslogs-group": "a"}}},
         "log_configuration.options.awslogs-group", "a", "b"),
        ({"linux_parameters": {"capabilities": {"drop": ["ALL"]}}}, {},
         "linux_parameters.capabilities.drop", None, ["ALL"]),
        ({"ulimits": [{"name": "nofile", "soft_limit": 1, "hard_limit": 2}]},
         {"ulimits": [{"name": "nofile", "soft_limit": 1, "hard_limit": 3}]}, "ulimits.nofile.hard_limit", 3, 2),
        ({"mount_points": [{"container_path": "/a", "source_volume": "v", "read_only": True}]},
         {"mount_points": [{"container_path": "/a", "source_volume": "v"}]}, "mount_points./a.read_only", None, True),
        ({"restart_policy": {"enabled": True}}, {}, "restart_policy.enabled", None, True),
    ],
)  # fmt: skip
def test_a_field_of_a_container(wanted, has, path, before, after):
    changes = decide.task_definition_changes(definition(wanted), definition(has))
    assert {"path": CONTAINER + path, "before": before, "after": after} in changes
    assert all(change["path"].startswith(CONTAINER + path.split(".", maxsplit=1)[0]) for change in changes)


@pytest.mark.parametrize("command", [["a"], []])
def test_an_equal_list_is_not_a_change(command):
    assert decide.task_definition_changes(definition({"command": command}), definition({"command": [*command]})) == []


def test_a_list_in_place_of_a_map_is_one_change():
    twice = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    changes = decide.task_definition_changes(
        definition({"environment": twice}), definition({"environment": {"B": "1"}})
    )
    assert changes == [{"path": CONTAINER + "environment", "before": {"B": "1"}, "after": twice}]


def test_another_container_is_reported_field_by_field():
    one = definition()
    two = normal.normalise_task_definition(
        {"family": "f", "container_definitions": [{"name": "api", "image": "i:1"}, {"name": "log", "image": "l"}]}
    )
    assert [change["path"] for change in decide.task_definition_changes(two, one)] == [
        "container_definitions.log.cpu",
        "container_definitions.log.essential",
        "container_definitions.log.image",
    ]


def test_a_new_family_shows_everything():
    paths = [change["path"] for change in decide.task_definition_changes(definition(cpu=256), None)]
    assert {"cpu", "family", "container_definitions.api.image"} < set(paths)


def test_tags_alone_do_not_need_a_revision():
    assert decide.task_definition_changes(definition(tags={"A": "1"}), definition()) == []


@pytest.mark.parametrize(
    ("wanted", "has", "purge", "expected"),
    [
        (None, {"A": "1"}, True, []),
        ({}, {"A": "1"}, True, [("tags.A", "1", None)]),
        ({}, {"A": "1"}, False, []),
        ({"A": "2"}, {"A": "1"}, False, [("tags.A", "1", "2")]),
        ({"B": "1"}, {"A": "1"}, True, [("tags.A", "1", None), ("tags.B", None, "1")]),
        ({}, {"aws:ecs:x": "1"}, True, []),
        ({"A": "1"}, {"A": "1"}, True, []),
        ({"A": "1"}, None, True, [("tags.A", None, "1")]),
    ],
)
def test_tags(wanted, has, purge, expected):
    changes = decide.tag_changes(wanted, has, purge=purge)
    assert [(change["path"], change["before"], change["after"]) for change in changes] == expected


def test_tags_to_write():
    changes = [
        {"path": "tags.a.b", "before": None, "after": "1"},
        {"path": "tags.C", "before": "1", "after": None},
        {"path": "cpu", "before": 1, "after": 2},
    ]
    assert decide.tags_to_write(changes) == ({"a.b": "1"}, ["C"])
    assert decide.except_tags(changes) == changes[2:]


def service(**fields):
    return normal.normalise_service({"serviceArn": "arn:s", "serviceName": "s", **fields})


def paths(changes):
    return [change["path"] for change in changes]


@pytest.mark.parametrize(
    ("wanted", "has", "expected"),
    [
        pytest.param({}, {"desired_count": 9}, [], id="nothing given"),
        pytest.param({"desired_count": 2}, {"desired_count": 3}, ["desired_count"], id="count"),
        pytest.param({"desired_count": 0}, {"desired_count": 1}, ["desired_count"], id="count of none"),
        pytest.param(
            {"task_definition": "f:2"}, {"task_definition": "arn:x:y/f:1"}, ["task_definition"], id="revision"
        ),
        pytest.param({"task_definition": "f"}, {"task_definition": "arn:x:y/f:1"}, [], id="any of the family"),
        pytest.param({"task_definition": "g"}, {"task_definition": "arn:x:y/f:1"}, ["task_definition"], id="family"),
        pytest.param(
            {"task_definition": "a"}, {"task_definition": "arn:x:y/b:1"}, ["task_definition"], id="a family before it"
        ),
        pytest.param({"task_definition": "f"}, {"taskSets": []}, ["task_definition"], id="no definition found"),
        pytest.param({"platform_version": "LATEST"}, {}, [], id="platform as by default"),
        pytest.param({"platform_version": "LATEST"}, {"platformVersion": "1.4.0"}, ["platform_version"], id="latest"),
        pytest.param(
            {"platform_version": "1.4.0"}, {"platform_version": "LATEST"}, ["platform_version"], id="platform"
        ),
        pytest.param({"enable_execute_command": False}, {}, [], id="off as by default"),
        pytest.param({"enable_execute_command": True}, {}, ["enable_execute_command"], id="exec"),
        pytest.param(
            {"enable_execute_command": False}, {"enableExecuteCommand": True}, ["enable_execute_command"], id="exec off"
        ),
        pytest.param({"desired_count": 0}, {}, ["desired_count"], id="none is not unknown"),
        pytest.param({"enable_ecs_managed_tags": True}, {}, ["enable_ecs_managed_tags"], id="managed tags"),
        pytest.param({"propagate_tags": "NONE"}, {}, [], id="no propagation as by default"),
        pytest.param({"propagate_tags": "SERVICE"}, {"propagateTags": "NONE"}, ["propagate_tags"], id="propagation"),
        pytest.param(
            {"health_check_grace_period_seconds": 30}, {}, ["health_check_grace_period_seconds"], id="grace period"
        ),
        pytest.param(
            {"availability_zone_rebalancing": "ENABLED"}, {}, ["availability_zone_rebalancing"], id="rebalancing"
        ),
        pytest.param(
            {"network_configuration": {"subnets": ["b", "a"]}},
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a", "b"], "securityGroups": ["x"]}}},
            [],
            id="order of subnets, groups not given",
        ),
        pytest.param(
            {"network_configuration": {"subnets": ["a"], "assign_public_ip": True}},
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"], "assignPublicIp": "DISABLED"}}},
            ["network_configuration.assign_public_ip"],
            id="public address",
        ),
        pytest.param({"capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1}]},
            {"capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}]}, [],
            id="base as by default"),
        pytest.param(
            {"capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1}]},
            {
                "capacityProviderStrategy": [
                    {"capacityProvider": "FARGATE", "weight": 1, "base": 0},
                    {"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0},
                ]
            },
            ["capacity_provider_strategy"],
            id="a provider too many",
        ),
        pytest.param({"load_balancers": [{"container_name": "a", "container_port": "80", "target_group_arn": "t"}]},
            {"loadBalancers": [{"targetGroupArn": "t", "containerName": "a", "containerPort": 80, "more": 1}]}, [],
            id="more known of a load balancer"),
        pytest.param(
            {"load_balancers": []}, {"loadBalancers": [{"targetGroupArn": "t"}]}, ["load_balancers"], id="none"
        ),
        pytest.param({"load_balancers": []}, {}, [], id="none of none"),
        pytest.param({"load_balancers": [{"target_group_arn": "t"}, {"target_group_arn": "u"}]},
            {"loadBalancers": [{"targetGroupArn": "u"}, {"targetGroupArn": "t"}]}, [], id="order of load balancers"),
        pytest.param({"service_registries": [{"registry_arn": "a"}]}, {"serviceRegistries": [{"registryArn": "b"}]},
            ["service_registries"], id="registry"),
        pytest.param({"placement_strategy": [{"type": "spread", "field": "x"}, {"type": "binpack", "field": "y"}]},
            {"placementStrategy": [{"type": "binpack", "field": "y"}, {"type": "spread", "field": "x"}]},
            ["placement_strategy"], id="order of placement"),
        pytest.param(
            {"placement_constraints": [{"type": "distinctInstance"}]}, {}, ["placement_constraints"], id="constraint"
        ),
        pytest.param(
            {"deployment_configuration": {"strategy": "ROLLING", "maximum_percent": 200, "bake_time_in_minutes": 0}},
            {"deploymentConfiguration": {"maximumPercent": 200}},
            [],
            id="deployment as by default",
        ),
        pytest.param({"deployment_configuration": {"deployment_circuit_breaker": {"enable": True, "rollback": True}}},
            {"deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}},
            ["deployment_configuration.deployment_circuit_breaker.rollback"], id="breaker"),
        pytest.param(
            {
                "deployment_configuration": {
                    "deployment_circuit_breaker": {"enable": True, "rollback": True, "reset_on_healthy_task": False}
                }
            },
            {"deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}},
            [],
            id="breaker as by default",
        ),
        pytest.param(
            {"deployment_configuration": {"alarms": {"alarm_names": ["b", "a"], "enable": True, "rollback": False}}},
            {"deploymentConfiguration": {"alarms": {"alarmNames": ["a"], "enable": True, "rollback": False}}},
            ["deployment_configuration.alarms.alarm_names"],
            id="alarms",
        ),
        pytest.param({"deployment_configuration": {"alarms": {"alarm_names": [], "enable": False, "rollback": False}}},
            {"deploymentConfiguration": {"alarms": {"alarmNames": ["a"], "enable": True, "rollback": False}}},
            ["deployment_configuration.alarms.enable", "deployment_configuration.alarms.alarm_names"],
            id="alarms to be off"),
        *[
            pytest.param(
                {"deployment_configuration": {"alarms": {"alarm_names": [], "enable": False, "rollback": False}}},
                found,
                [],
                id=f"alarms off {number}",
            )
            for number, found in enumerate(
                [
                    {},
                    {"deploymentConfiguration": {"maximumPercent": 200}},
                    {"deploymentConfiguration": {"alarms": {"alarmNames": [], "enable": False, "rollback": False}}},
                ]
            )
        ],
        pytest.param({"deployment_configuration": {"lifecycle_hooks": []}},
            {"deploymentConfiguration": {"lifecycleHooks": [{"hookTargetArn": "a"}]}},
            ["deployment_configuration.lifecycle_hooks"], id="no hooks"),
        pytest.param({"deployment_configuration": {"lifecycle_hooks": []}}, {}, [], id="no hooks if there are none"),
        pytest.param({"network_configuration": {"awsvpc_configuration": {"subnets": ["a"], "security_groups": []}}},
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"], "securityGroups": ["sg"]}}},
            ["network_configuration.security_groups"], id="no security groups"),
        pytest.param({"network_configuration": {"awsvpc_configuration": {"subnets": ["a"], "security_groups": []}}},
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"], "securityGroups": []}}}, [],
            id="no security groups if there are none"),
        pytest.param({"deployment_configuration": {"strategy": "BLUE_GREEN"}},
            {"deploymentConfiguration": {"strategy": "ROLLING"}}, ["deployment_configuration.strategy"], id="strategy"),
        pytest.param(
            {
                "deployment_configuration": {
                    "lifecycle_hooks": [{"hook_target_arn": "a", "lifecycle_stages": ["X", "Y"]}]
                }
            },
            {
                "deploymentConfiguration": {
                    "lifecycleHooks": [{"hookTargetArn": "a", "lifecycleStages": ["Y", "X"], "roleArn": "r"}]
                }
            },
            [],
            id="order of stages",
        ),
        pytest.param(
            {"deployment_configuration": {"lifecycle_hooks": [{"hook_target_arn": "a", "hook_details": {"x": 1}}]}},
            {
                "deploymentConfiguration": {
                    "lifecycleHooks": [{"hookTargetArn": "a", "roleArn": "r", "hookDetails": {"x": 1}}]
                }
            },
            [],
            id="details of a hook",
        ),
        pytest.param(
            {"deployment_configuration": {"lifecycle_hooks": [{"hook_target_arn": "a", "hook_details": {"x": 1}}]}},
            {"deploymentConfiguration": {"lifecycleHooks": [{"hookTargetArn": "a", "hookDetails": {"x": 1, "y": 2}}]}},
            ["deployment_configuration.lifecycle_hooks"],
            id="a detail of a hook too many",
        ),
        pytest.param(
            {"service_connect_configuration": {"enabled": False}}, {}, [], id="no service connect as by default"
        ),
        pytest.param(
            {"service_connect_configuration": {"enabled": True, "namespace": "n"}},
            {
                "deployments": [
                    {"status": "ACTIVE", "serviceConnectConfiguration": {"enabled": True, "namespace": "n"}},
                    {"status": "PRIMARY", "serviceConnectConfiguration": {"enabled": True, "namespace": "m"}},
                ]
            },
            ["service_connect_configuration.namespace"],
            id="service connect of the primary",
        ),
        pytest.param(
            {
                "service_connect_configuration": {
                    "enabled": True,
                    "log_configuration": {"log_driver": "awslogs", "options": {"a": "1"}},
                }
            },
            {
                "deployments": [
                    {
                        "status": "PRIMARY",
                        "serviceConnectConfiguration": {
                            "enabled": True,
                            "logConfiguration": {"logDriver": "awslogs", "options": {"a": "1", "b": "2"}},
                        },
                    }
                ]
            },
            ["service_connect_configuration.log_configuration.options"],
            id="an option too many",
        ),
        pytest.param(
            {"volume_configurations": [{"name": "v", "managed_ebs_volume": {"size_in_gib": 20}}]},
            {
                "deployments": [
                    {
                        "status": "PRIMARY",
                        "volumeConfigurations": [{"name": "v", "managedEBSVolume": {"sizeInGiB": 10, "roleArn": "r"}}],
                    }
                ]
            },
            ["volume_configurations"],
            id="volume",
        ),
        pytest.param({"volume_configurations": [{"name": "v", "managed_ebs_volume": {"size_in_gib": 20}}]},
            {"deployments": [{"status": "PRIMARY", "volumeConfigurations": [{"name": "v"}]}]},
            ["volume_configurations"], id="volume without a map that was given"),
        pytest.param({"placement_strategy": [{"type": "spread", "field": "x"}]},
            {"placementStrategy": [{"type": "spread", "field": "x"}]}, [], id="the same placement"),
        pytest.param({"placement_strategy": [{"type": "spread"}]},
            {"placementStrategy": [{"type": "spread", "field": "x"}]}, ["placement_strategy"],
            id="placement without its field"),
        pytest.param(
            {
                "service_connect_configuration": {
                    "enabled": True,
                    "log_configuration": {"log_driver": "x", "secret_options": {"a": "1"}},
                }
            },
            {
                "deployments": [
                    {
                        "status": "PRIMARY",
                        "serviceConnectConfiguration": {
                            "enabled": True,
                            "logConfiguration": {
                                "logDriver": "x",
                                "secretOptions": [{"name": "a", "valueFrom": "1"}, {"name": "b", "valueFrom": "2"}],
                            },
                        },
                    }
                ]
            },
            ["service_connect_configuration.log_configuration.secret_options"],
            id="a secret option too many",
        ),
        pytest.param({"deployment_controller": "ECS"}, {}, [], id="controller as by default"),
        pytest.param({"role": "r"}, {"roleArn": "arn:aws:iam::1:role/x/r"}, [], id="role by name"),
        pytest.param({"tags": {"A": "1"}}, {"tags": [{"key": "B", "value": "1"}]}, ["tags.A", "tags.B"], id="tags"),
    ],
)  # fmt: skip
def test_service(wanted, has, expected):
    changes = decide.service_changes(normal.normalise_service(wanted), service(**has))
    assert paths(changes) == expected


def test_names_and_fields_that_are_not_given_are_not_compared():
    wanted = {"cluster": "c", "service_name": "s", "cluster_name": "c", "tags": None, "role": None, "desired_count": 2}
    assert decide.service_changes(wanted, {"cluster": "d", "service_name": "t", "role": "r", "desired_count": 1}) == [
        {"path": "desired_count", "before": 1, "after": 2}
    ]


def test_tags_of_a_service_are_compared_key_by_key():
    changes = decide.service_changes({"tags": {"A": "1"}}, {"tags": {"A": "2"}})
    assert changes == [{"path": "tags.A", "before": "2", "after": "1"}]


def test_a_preserved_count_is_not_compared():
    wanted = normal.normalise_service({"desired_count": 2, "enable_execute_command": True})
    changes = decide.service_changes(wanted, service(desired_count=7), preserve_desired_count=True)
    assert paths(changes) == ["enable_execute_command"]


@pytest.mark.parametrize(
    ("wanted", "has", "expected"),
    [
        ({"settings": {"containerInsights": "enhanced"}}, {}, ["settings.containerInsights"]),
        (
            {"capacity_providers": ["FARGATE"]},
            {"capacityProviders": ["FARGATE_SPOT", "FARGATE"]},
            ["capacity_providers"],
        ),
        ({"capacity_providers": ["A", "B"]}, {"capacityProviders": ["B", "A"]}, []),
        ({}, {"capacityProviders": ["A"]}, []),
        ({"capacity_providers": []}, {}, []),
        (
            {"configuration": {"execute_command_configuration": {"logging": "DEFAULT"}}},
            {"configuration": {"executeCommandConfiguration": {"logging": "NONE", "kmsKeyId": "k"}}},
            ["configuration.execute_command_configuration.logging"],
        ),
        (
            {"service_connect_defaults": {"namespace": "a"}},
            {"serviceConnectDefaults": {"namespace": "b"}},
            ["service_connect_defaults.namespace"],
        ),
        (
            {"default_capacity_provider_strategy": [{"capacity_provider": "A", "weight": 1}]},
            {"defaultCapacityProviderStrategy": [{"capacityProvider": "A", "weight": 2}]},
            ["default_capacity_provider_strategy"],
        ),
        ({"tags": {"A": "1"}}, {}, ["tags.A"]),
    ],
)
def test_cluster(wanted, has, expected):
    found = normal.normalise_cluster({"clusterArn": "a", "clusterName": "c", **has})
    assert paths(decide.cluster_changes(normal.normalise_cluster(wanted), found)) == expected


def test_a_new_cluster_differs_in_all_given_fields():
    wanted = {"cluster_name": "c", "settings": {"cluster": "on"}, "tags": {"A": "1"}}
    assert paths(decide.cluster_changes(wanted, None)) == ["settings.cluster", "tags.A"]


UPDATABLE = frozenset(("task_definition", "desired_count", "load_balancers", "force_new_deployment"))


def change(path, before=1, after=2):
    return {"path": path, "before": before, "after": after}


@pytest.mark.parametrize(
    ("path", "controller", "strategy", "expected"),
    [
        ("task_definition", "ECS", [], None),
        ("load_balancers", "ECS", [], None),
        ("tags.A", "EXTERNAL", [], None),
        ("scheduling_strategy", "ECS", [], "scheduling_strategy of a live service can't be changed (1 to 2)"),
        ("role", "ECS", [], "role of a live service can't be changed"),
        ("launch_type", "ECS", [{"capacity_provider": "FARGATE"}], None),
        ("launch_type", "ECS", [], "launch_type of a live service can't be changed (1 to 2)"),
        ("desired_count", "CODE_DEPLOY", [], None),
        ("task_definition", "CODE_DEPLOY", [], "create a CodeDeploy deployment"),
        ("load_balancers", "CODE_DEPLOY", [], "create a CodeDeploy deployment"),
        ("network_configuration.subnets", "EXTERNAL", [], "create a task set"),
        ("desired_count", "EXTERNAL", [], None),
        ("force_new_deployment", "CODE_DEPLOY", [], "create a CodeDeploy deployment"),
    ],
)
def test_refusals(path, controller, strategy, expected):
    found = {"deployment_controller": controller, "capacity_provider_strategy": strategy}
    sentences = decide.refusals([change(path)], found, UPDATABLE)
    assert len(sentences) == (expected is not None)
    assert (expected or "") in "".join(sentences)


BOTH = {
    "deployment_controller",
    "desired_count",
    "enable_ecs_managed_tags",
    "health_check_grace_period_seconds",
    "placement_constraints",
    "placement_strategy",
    "propagate_tags",
}


@pytest.mark.parametrize(
    ("controller", "expected"), [("CODE_DEPLOY", {*BOTH, "deployment_configuration"}), ("EXTERNAL", BOTH)]
)
def test_fixed_fields_by_controller(controller, expected):
    fields = {*normal_fields.SERVICE_FIELDS, "force_new_deployment"} - {"launch_type"}
    found = {"deployment_controller": controller}
    assert {field for field in fields if not decide.refusals([change(field)], found, fields)} == expected


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("FARGATE", "give capacity_provider_strategy [{capacity_provider: FARGATE, weight: 1}] in its place"),
        ("EC2", "give capacity_provider_strategy of that capacity in its place"),
    ],
)
def test_a_launch_type_is_changed_by_capacity_providers(wanted, words):
    assert words in decide.refusals([change("launch_type", None, wanted)], {}, UPDATABLE)[0]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["load_balancers"], True),
        (["deployment_configuration"], True),
        (["desired_count", "load_balancers"], True),
        (["strategy"], False),
        (["deployment_configuration.alarms.enable"], False),
        ([], False),
    ],
)
def test_touches(fields, expected):
    changes = [change("load_balancers"), change("deployment_configuration.alarms.enable")]
    assert decide.touches(changes, *fields) is expected


def test_each_field_is_refused_once():
    changes = [change("scheduling_strategy.a"), change("scheduling_strategy.b"), change("role")]
    assert len(decide.refusals(changes, {}, UPDATABLE)) == 2


@pytest.mark.parametrize(
    ("keep", "in_use", "expected"),
    [(1, [], ["3", "2", "1"]), (2, ["2"], ["1"]), (4, [], []), (9, [], []), (1, ["1", "2", "3"], [])],
)
def test_superseded(keep, in_use, expected):
    assert decide.superseded(["4", "3", "2", "1"], in_use, keep) == expected


def test_revisions_in_use():
    services = [
        {"taskDefinition": "a", "deployments": [{"taskDefinition": "a"}, {"taskDefinition": "b"}]},
        {"taskSets": [{"taskDefinition": "c"}, {}]},
        {"taskDefinition": "d"},
    ]
    assert decide.revisions_in_use(services) == {"a", "b", "c", "d"}


ADVANCED = {"alternate_target_group_arn": "tg-2", "production_listener_rule": "rule-1", "role_arn": "role"}


def balanced(advanced=None, **fields):
    balancer = {"target_group_arn": "tg-1", "container_name": "api", "container_port": 80}
    balancers = [{**balancer, **({"advanced_configuration": advanced} if advanced else {})}]
    return normal.normalise_service({"service_name": "s", "load_balancers": balancers, **fields})


@pytest.mark.parametrize(
    ("wanted", "has", "changed"),
    [
        ({"deployment_configuration": {"strategy": "ROLLING"}}, {"advanced": ADVANCED}, True),
        ({"deployment_configuration": {"strategy": "ROLLING"}}, {}, False),
        ({}, {"advanced": ADVANCED}, False),
        ({"advanced": ADVANCED}, {"advanced": ADVANCED}, False),
        ({"advanced": ADVANCED}, {"advanced": {**ADVANCED, "test_listener_rule": "rule-2"}}, True),
    ],
    ids=["a service that rolls again", "one that rolled", "no strategy asked for", "the same", "a test rule less"],
)
def test_traffic_shifting_is_removed_if_it_is_no_longer_given(wanted, has, changed):
    found = {"service_arn": "arn", "deployment_configuration": {"strategy": "ROLLING"}}
    changes = decide.service_changes(balanced(**wanted), balanced(**{**found, **has}))
    assert [change["path"] for change in changes] == (["load_balancers"] if changed else [])
