# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A platform with every option set, as the action C(validate) gets its inputs, layer by layer."""

from __future__ import annotations

import copy
import typing as t

from ansible_collections.magiclub.fargate.plugins.plugin_utils.layers import defaults_of_new

from tests.support import every_option
from tests.unit.plugins.module_utils.service_definitions import PREFIX, SPEC, service

TAGS = {
    "Project": "magiclub",
    "Environment": "PoC",
    "Team": "플랫폼",
    "Owner": "ops@example.com",
    "ManagedBy": "ansible",
}
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
KEY = every_option.ACCOUNT_KEY
POLICY = every_option.POLICY
CONTAINER: dict[str, t.Any] = {
    **every_option.CONTAINER,
    "mounts": [{"volume": "data", "path": "/data", "read_only": True}],
}
EVERY = {key: value for key, value in every_option.SERVICES[0].items() if key != "queue"}  # which the job has
RULE: dict[str, t.Any] = {
    "paths": ["/api/*"],
    "hosts": ["*.example.com"],
    "priority": 10,
    "accept_overlap": True,
    "authenticate": {"oidc": every_option.OIDC},
}
SECOND: dict[str, t.Any] = {
    "methods": ["POST"],
    "headers": [{"name": "User-Agent", "values": ["grpc-*"]}],
    "query": [{"key": "v", "values": ["2"]}, {"values": ["debug"]}],
    "source_ips": ["203.0.113.0/24"],
    "port": 9090,
    "container": "proxy",
    "protocol_version": "GRPC",
    "health_check": {
        "path": "/grpc.health.v1.Health/Check",
        "matcher": "0",
        "interval": 20,
        "timeout": 6,
        "healthy_threshold": 3,
        "unhealthy_threshold": 4,
    },
    "authenticate": {"cognito": every_option.COGNITO},
}
# With what the end-to-end test of every option can't have, or has another way: of one or the other, the other.
SERVICE: dict[str, t.Any] = {
    **EVERY,
    **CONTAINER,
    "name": "web",
    "memory": 1024,
    "log_retention": 30,
    "logging": {**EVERY["logging"], "retention": None},
    "depends_on": [{"container": "proxy", "condition": "HEALTHY"}],
    # A file system has a root directory of its own, or that of its access point.
    "volumes": [
        {"name": "data", "efs": {"file_system_id": "fs-0a1b2c3d", "access_point_id": "fsap-0a1b2c3d", "iam": True}},
        {"name": "more", "efs": {"file_system_id": "fs-0a1b2c3d", "root_directory": "/x"}},
    ],
    "sidecars": [{**EVERY["sidecars"][0], **CONTAINER, "essential": False, "depends_on": []}],
    "rules": [RULE, SECOND],
    "autoscaling": {key: value for key, value in EVERY["autoscaling"].items() if key != "backlog_per_task"},
    "deployment": {
        "strategy": "rolling",
        "canary": None,
        "linear": None,
        "bake_time": 5,
        "test": None,
        "gate": "none",
        "approval_timeout": 1440,
        "on_timeout": "rollback",
        "early_success": None,
    },
    "before": {"command": ["python", "manage.py", "migrate"], "container": None, "timeout": 600},
    "firelens": None,
    "smoke": {"path": "/api/health", "host": "a.example.com", "status": 200, "that": []},
}
TAKEN_OVER: dict[str, t.Any] = {
    "name": "taken",
    "image": "registry.example/taken:1",
    "rules": [
        {"paths": ["/taken/*"], "hosts": [], "priority": 11},
        {"paths": ["/taken-admin/*"], "priority": 12, "port": 9091},
    ],
    "names": {
        "service": "Taken_Over",
        "task_family": "Taken_Family",
        "target_group": "taken-over-tg",
        "target_groups": {"9091": "taken-over-admin-tg"},
        "discovery": "taken-over",
        "connect": "taken-over-connect",
    },
    "task_role_arn": "none",
    "execution_role_arn": "arn:aws:iam::123456789012:role/theirs/ecsTaskExecutionRole",
    "shift_role_arn": "arn:aws:iam::123456789012:role/theirs/shifting",
    "security_group_ids": ["sg-0a1b2c3d"],
    "log_group_name": "/aws/of-all",
    "capacity_provider_strategy": [],
}

# What a job has that a service can't have, and nothing that only a service has.
SCHEDULE: dict[str, t.Any] = {
    "cron": "0 2 * * ? *",
    "rate": None,
    "timezone": "Asia/Seoul",
    "window": 15,
    "retries": 5,
    "dead_letter": "failed",
    "enabled": True,
}
JOB: dict[str, t.Any] = {
    **{key: SERVICE[key] for key in ("image", "subnets", "capacity_provider_strategy", "before", "platform_version")},
    "name": "report",
    "port": None,
    "rule": None,
    "schedule": SCHEDULE,
    "queue": {
        "name": "orders",
        "arn": None,
        "variable": "ORDERS",
        "visibility": 60,
        "retention": 86400,
        "dead_letter": {"max_receives": 3},
    },
}


def switched_on(layer: str) -> dict[str, t.Any]:
    """Return the options of what a layer creates: each switch on, everything else at its default."""
    return {name: True if default is False else default for name, default in defaults_of_new(layer).items()}


LAYERS: dict[str, dict[str, t.Any]] = {
    "vpc": {
        **switched_on("vpc"),
        "allow_public_range": False,
        "name_prefix": PREFIX,
        "region": "ap-northeast-2",
        "tags": TAGS,
        "vpc_id": "",
        "public_subnet_ids": [],
        "apps_subnet_ids": [],
        "zones": ["apne2-az1", "apne2-az3"],
        "nat": "per_zone",
        "gateway_endpoints": ["s3"],
        "interface_endpoints": ["ecr.api"],
        "permissions_boundary": BOUNDARY,
    },
    "alb": {
        **switched_on("alb"),
        "name_prefix": PREFIX,
        "region": "ap-northeast-2",
        "tags": TAGS,
        "domain": "example.com",
        "certificate_arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/1",
        "arn": "",
        "listener_arn": "",
        "records": ["lotto.example.com"],
        "rules": [
            {"name": "www", "priority": 1, "hosts": ["www.example.com"], "redirect": {"host": "example.com"}},
            {"name": "maintenance", "priority": 2, "paths": ["/*"], "fixed_response": {"status_code": 503}},
        ],
        "ip_address_type": "dualstack",
        "identity_provider_cidrs": [],
        "certificates": ["arn:aws:acm:ap-northeast-2:123456789012:certificate/2"],
        "test_ports": [8443],
        "web_acl_arn": "arn:aws:wafv2:ap-northeast-2:123456789012:regional/webacl/shop/a1b2c3d4-5678",
        "access_logs_bucket": "logs-of-mine",
        "access_logs_prefix": "alb",
    },
    "ecs_cluster": {
        "name_prefix": PREFIX,
        "region": "ap-northeast-2",
        "tags": TAGS,
        "cluster_name": "",
        "vpc_id": "",
        "container_insights": "enabled",
        "capacity_providers": ["FARGATE", "FARGATE_SPOT"],
        "default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "base": 1, "weight": 1}],
        "configuration": {
            "execute_command_configuration": {
                "kms_key_id": KEY,
                "logging": "OVERRIDE",
                "log_configuration": {"cloud_watch_log_group_name": "/exec"},
            }
        },
        "execution_role_policies": [BOUNDARY],
        "permissions_boundary": BOUNDARY,
        "private_domain": "magiclub.internal",
        "http_namespace": "magiclub",
    },
    "ecr_push": {
        "name_prefix": PREFIX,
        "region": "ap-northeast-2",
        "repository": {
            "name": f"{PREFIX}/lotto",
            "image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION",
            "image_tag_mutability_exclusion_filters": ["latest*"],
            "scan_on_push": True,
            "encryption_type": "KMS",
            "kms_key": KEY,
            "lifecycle_policy": {
                "rules": [
                    {
                        "rulePriority": 1,
                        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30},
                        "action": {"type": "expire"},
                    }
                ]
            },
            "repository_policy": POLICY,
            "tags": {**TAGS, "Name": f"{PREFIX}/lotto"},
        },
        "build": {"path": "."},
        "image": "",
    },
    "service": {
        "name_prefix": PREFIX,
        "region": "ap-northeast-2",
        "tags": TAGS,
        "permissions_boundary": BOUNDARY,
        "services": [service(**SERVICE), service(**TAKEN_OVER), service(**JOB)],
    },
}


def changed(kind: str, path: str, value: t.Any) -> dict[str, t.Any]:
    """Return the inputs of a layer with another value at a path."""
    inputs = copy.deepcopy(LAYERS[kind])
    *above, last = path.split(".")
    place: t.Any = inputs
    for key in above:
        place = place[int(key)] if key.isdecimal() else place[key]
    place[last] = value
    return inputs


def left_out() -> list[str]:
    """Return the options of a service that the platform does not set; it has an image or a build, and rule or rules."""
    return [
        *_left_out({**SERVICE, **TAKEN_OVER, **JOB, "build": {}, "rule": {}}, SPEC),
        *_left_out(SCHEDULE, SPEC["schedule"]["options"]),
        *(_left_out(SERVICE["sidecars"][0], SPEC["sidecars"]["options"])),
        *_left_out({**RULE, **SECOND}, SPEC["rules"]["options"]),
    ]


def _left_out(given: dict[str, t.Any], spec: dict[str, t.Any]) -> list[str]:
    return sorted(set(spec) - set(given))
