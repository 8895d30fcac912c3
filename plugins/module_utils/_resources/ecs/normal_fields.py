# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fields of ECS's resources: those that are options, their defaults, and how each is compared."""

from __future__ import annotations

import typing as t

Data = dict[str, t.Any]

# Lists that become maps: list -> (the item's key, the field that alone is the value if the item has no other).
BY_NAME: dict[str, tuple[str, str | None]] = {
    "container_definitions": ("name", None),
    "depends_on": ("container_name", "condition"),
    "environment": ("name", "value"),
    "inference_accelerators": ("device_name", "device_type"),
    "mount_points": ("container_path", None),
    "properties": ("name", "value"),
    "resource_requirements": ("type", "value"),
    "secret_options": ("name", "value_from"),
    "secrets": ("name", "value_from"),
    "settings": ("name", "value"),
    "system_controls": ("namespace", "value"),
    "tags": ("key", "value"),
    "tmpfs": ("container_path", None),
    "ulimits": ("name", None),
    "volumes": ("name", None),
}

UNORDERED = frozenset(
    (
        "add",
        "alarm_names",
        "capacity_provider_strategy",
        "capacity_providers",
        "client_aliases",
        "default_capacity_provider_strategy",
        "docker_security_options",
        "drop",
        "extra_hosts",
        "ignored_exit_codes",
        "lifecycle_hooks",
        "lifecycle_stages",
        "links",
        "load_balancers",
        "metric_configurations",
        "metric_names",
        "mount_options",
        "permissions",
        "placement_constraints",
        "requires_compatibilities",
        "security_groups",
        "service_registries",
        "services",
        "subnets",
        "tag_specifications",
        "volume_configurations",
        "volumes_from",
        "vpc_lattice_configurations",
    )
)

TEXT_MAPS = frozenset(
    ("docker_labels", "driver_opts", "environment", "labels", "options", "properties", "system_controls", "tags")
)

NUMBERS = frozenset(
    (
        "bake_time_in_minutes",
        "base",
        "canary_bake_time_in_minutes",
        "container_port",
        "desired_count",
        "hard_limit",
        "health_check_grace_period_seconds",
        "healthy_percent",
        "host_port",
        "idle_timeout_seconds",
        "ingress_port_override",
        "interval",
        "iops",
        "max_swap",
        "maximum_percent",
        "memory_reservation",
        "minimum_healthy_percent",
        "per_request_timeout_seconds",
        "port",
        "resolution_seconds",
        "restart_attempt_period",
        "retries",
        "shared_memory_size",
        "size",
        "size_in_gib",
        "soft_limit",
        "start_period",
        "start_timeout",
        "step_bake_time_in_minutes",
        "stop_timeout",
        "swappiness",
        "throughput",
        "timeout",
        "timeout_in_minutes",
        "transit_encryption_port",
        "volume_initialization_rate",
        "weight",
    )
)

# Omitted if they equal AWS's default, as AWS returns some defaults and not others.
SAME_AS_OMITTED: Data = {
    "autoprovision": False,
    "configured_at_launch": False,
    "disable_networking": False,
    "enable_fault_injection": False,
    "init_process_enabled": False,
    "interactive": False,
    "privileged": False,
    "pseudo_terminal": False,
    "read_only": False,
    "readonly_root_filesystem": False,
    "start_period": 0,
    "version_consistency": "enabled",
}

TASK_DEFINITION_RESULTS = frozenset(
    (
        "compatibilities",
        "delete_requested_at",
        "deregistered_at",
        "registered_at",
        "registered_by",
        "requires_attributes",
        "revision",
        "status",
        "task_definition_arn",
    )
)
"""Read-only fields of a task definition."""

SERVICE_FIELDS = (
    "availability_zone_rebalancing",
    "capacity_provider_strategy",
    "cluster",
    "deployment_configuration",
    "deployment_controller",
    "desired_count",
    "enable_ecs_managed_tags",
    "enable_execute_command",
    "gateway_connectors",
    "health_check_grace_period_seconds",
    "launch_type",
    "load_balancers",
    "monitoring",
    "network_configuration",
    "placement_constraints",
    "placement_strategy",
    "platform_version",
    "propagate_tags",
    "role",
    "scheduling_strategy",
    "service_connect_configuration",
    "service_name",
    "service_registries",
    "tags",
    "task_definition",
    "volume_configurations",
    "vpc_lattice_configurations",
)

# Fields that are merged: what is not given stays, so that only an empty list asks for none.
EMPTIED = ("deployment_configuration", "network_configuration")

# DescribeServices returns these in the PRIMARY deployment only.
DEPLOYMENT_FIELDS = ("service_connect_configuration", "volume_configurations", "vpc_lattice_configurations")

# Source of the values: the parameters' descriptions in the API references of CreateService and UpdateService.
SERVICE_DEFAULTS: Data = {
    "availability_zone_rebalancing": "DISABLED",
    "capacity_provider_strategy": [],
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

# Source: the API reference of DeploymentConfiguration; a daemon's percentages differ.
DEPLOYMENT_DEFAULTS: Data = {
    "alarms": {"enable": False, "rollback": False},
    "bake_time_in_minutes": 0,
    "deployment_circuit_breaker": {"enable": False, "rollback": False},
    "maximum_percent": 200,
    "minimum_healthy_percent": 100,
    "strategy": "ROLLING",
}
DAEMON_DEPLOYMENT_DEFAULTS: Data = {**DEPLOYMENT_DEFAULTS, "maximum_percent": 100, "minimum_healthy_percent": 0}

CLUSTER_FIELDS = (
    "capacity_providers",
    "cluster_name",
    "configuration",
    "default_capacity_provider_strategy",
    "service_connect_defaults",
    "settings",
    "tags",
)
CLUSTER_DEFAULTS: Data = {
    "capacity_providers": [],
    "default_capacity_provider_strategy": [],
    "settings": {},
    "tags": {},
}
