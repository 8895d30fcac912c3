# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A platform with every option set, as the action C(validate) gets its inputs, layer by layer."""

from __future__ import annotations

import typing as t

from tests.unit.plugins.module_utils.service_definitions import PREFIX, SPEC, service

TAGS = {
    "Project": "magiclub",
    "Environment": "PoC",
    "Team": "플랫폼",
    "Owner": "ops@example.com",
    "ManagedBy": "ansible",
}
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/1"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
HEALTH = {"command": ["CMD", "true"], "interval": 10, "timeout": 3, "retries": 3, "start_period": 10}
CONTAINER: dict[str, t.Any] = {
    "command": ["serve"],
    "entry_point": ["sh"],
    "working_directory": "/srv",
    "user": "1000",
    "environment": {"A": "1"},
    "secrets": {"B": "/app/b"},
    "environment_files": ["arn:aws:s3:::bucket/app.env"],
    "repository_credentials": "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:registry-a1b2c3",
    "restart_policy": {"enabled": True, "ignored_exit_codes": [0, 143], "attempt_period": 120},
    "docker_labels": {"team": "shop"},
    "container_options": {"startTimeout": 60, "linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"]}}},
    "readonly_root": True,
    "init_process": True,
    "stop_timeout": 30,
    "ulimits": [{"name": "nofile", "soft": 1024, "hard": 2048}],
    "container_health_check": HEALTH,
    "mounts": [{"volume": "data", "path": "/data", "read_only": True}],
}
RULE: dict[str, t.Any] = {
    "paths": ["/api/*"],
    "hosts": ["*.example.com"],
    "priority": 10,
    "accept_overlap": True,
    "authenticate": {
        "oidc": {
            "issuer": "https://login.example.com",
            "authorization_endpoint": "https://login.example.com/authorize",
            "token_endpoint": "https://login.example.com/token",
            "user_info_endpoint": "https://login.example.com/userinfo",
            "client_id": "web",
            "client_secret_from": "/app/client",
            "session_cookie_name": "web",
            "scope": "openid email",
            "session_timeout": 3600,
            "on_unauthenticated_request": "allow",
            "authentication_request_extra_params": {"prompt": "login"},
        }
    },
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
    "authenticate": {
        "cognito": {
            "user_pool_arn": "arn:aws:cognito-idp:ap-northeast-2:123456789012:userpool/ap-northeast-2_a1B2c3D4e",
            "user_pool_client_id": "1example23456789",
            "user_pool_domain": "login.example.com",
            "session_cookie_name": "web",
            "scope": "openid email",
            "session_timeout": 3600,
            "on_unauthenticated_request": "allow",
            "authentication_request_extra_params": {"prompt": "login"},
        }
    },
}
SERVICE: dict[str, t.Any] = {
    **CONTAINER,
    "name": "web",
    "image": "registry.example/web:1",
    "image_policy": "managed",
    "image_architectures": ["X86_64"],
    "port": 8080,
    "container_name": "app",
    "depends_on": [{"container": "proxy", "condition": "HEALTHY"}],
    "cpu": 512,
    "memory": 1024,
    "ephemeral_storage": 30,
    "cpu_architecture": "X86_64",
    "platform_version": "LATEST",
    "secrets_kms_keys": [KEY],
    "task_policies": {"own": POLICY},
    "task_managed_policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    # A file system has a root directory of its own, or that of its access point.
    "volumes": [
        {"name": "data", "efs": {"file_system_id": "fs-0a1b2c3d", "access_point_id": "fsap-0a1b2c3d", "iam": True}},
        {"name": "more", "efs": {"file_system_id": "fs-0a1b2c3d", "root_directory": "/x"}},
    ],
    "sidecars": [
        {
            **CONTAINER,
            "name": "proxy",
            "image": "registry.example/proxy:1",
            "essential": False,
            "port": 9090,
            "cpu": 64,
            "memory_reservation": 64,
            "depends_on": [],
        }
    ],
    "rules": [RULE, SECOND],
    "protocol_version": "HTTP1",
    "health_check": {
        "path": "/health",
        "matcher": "200-299",
        "interval": 10,
        "timeout": 5,
        "healthy_threshold": 2,
        "unhealthy_threshold": 2,
    },
    "deregistration_delay": 30,
    "slow_start": 30,
    "stickiness_duration": 60,
    "desired_count": 2,
    "desired_count_policy": "managed",
    "autoscaling": {
        "min": 2,
        "max": 4,
        "cpu": 60,
        "memory": 70,
        "requests": 1000,
        "schedules": [
            {"name": "night", "cron": "0 22 ? * MON-FRI *", "timezone": "Asia/Seoul", "min": 0, "max": 1},
            {"name": "often", "rate": "12 hours", "max": 6},
            {"name": "sale", "at": "2099-12-24T18:00:00", "min": 3},
        ],
        "metrics": [
            {
                "name": "lag",
                "namespace": "shop",
                "metric": "lag",
                "dimensions": {"Topic": "orders"},
                "statistic": "Maximum",
                "target": 100,
            }
        ],
        "scale_in_cooldown": 300,
        "scale_out_cooldown": 60,
    },
    "subnets": "apps",
    "capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1, "base": 1}],
    "circuit_breaker": {"enable": True, "rollback": True, "reset_on_healthy_task": True, "threshold": None},
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
    "deployment_alarms": ["too-slow"],
    "minimum_healthy_percent": 100,
    "maximum_percent": 200,
    "health_check_grace_period": 30,
    "availability_zone_rebalancing": True,
    "enable_execute_command": False,
    "allow_from": ["172.25.0.0/16", "sg-0a1b"],
    "service_discovery": True,
    "service_connect": {
        "namespace": None,
        "client_only": False,
        "port_name": "api",
        "protocol": "http",
        "client_aliases": [
            {"name": "web.internal", "port": 80, "test_header": None},
        ],
        "ingress_port": 15000,
        "timeout": {"idle": 60, "per_request": 30},
        "tls": {
            "issuing_ca": "arn:aws:acm-pca:ap-northeast-2:123456789012:certificate-authority/1",
            "kms_key": KEY,
            "role_arn": None,
        },
        "log": {"driver": "awslogs", "options": {"mode": "non-blocking"}, "secrets": {}},
        "access_log": {"format": "json", "query_parameters": True},
    },
    "log_retention": 30,
    "logging": {
        "driver": "awslogs",
        "mode": "non-blocking",
        "max_buffer_size": "25m",
        "multiline_pattern": "^[0-9]{4}-",
        "retention": None,
        "options": {"awslogs-create-group": "false"},
        "secrets": {},
    },
    "firelens": None,
    "smoke": {"path": "/api/health", "host": "a.example.com", "status": 200, "that": []},
    "tags": {"Cost": "1"},
    "log_stream_prefix": "of-web",
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

LAYERS: dict[str, dict[str, t.Any]] = {
    "vpc": {
        "name_prefix": PREFIX,
        "region": "ap-northeast-2",
        "tags": TAGS,
        "vpc_id": "",
        "public_subnet_ids": [],
        "apps_subnet_ids": [],
        "cidr_block": "172.25.0.0/16",
        "allow_public_range": False,
        "zones": ["apne2-az1", "apne2-az3"],
        "public_subnets": [],
        "apps_subnets": [],
        "nat": "per_zone",
        "gateway_endpoints": ["s3"],
        "interface_endpoints": ["ecr.api"],
        "flow_logs": True,
        "flow_logs_traffic": "ALL",
        "flow_logs_retention": 30,
        "permissions_boundary": BOUNDARY,
    },
    "alb": {
        "name_prefix": PREFIX,
        "region": "ap-northeast-2",
        "tags": TAGS,
        "https": True,
        "domain": "example.com",
        "certificate_arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/1",
        "tls_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "hosted_zone_id": "",
        "arn": "",
        "listener_arn": "",
        "records": ["lotto.example.com"],
        "scheme": "internet-facing",
        "rules": [
            {"name": "www", "priority": 1, "hosts": ["www.example.com"], "redirect": {"host": "example.com"}},
            {"name": "maintenance", "priority": 2, "paths": ["/*"], "fixed_response": {"status_code": 503}},
        ],
        "ip_address_type": "dualstack",
        "allowed_cidrs": ["0.0.0.0/0"],
        "identity_provider_cidrs": [],
        "certificates": ["arn:aws:acm:ap-northeast-2:123456789012:certificate/2"],
        "test_ports": [8443],
        "test_allowed_cidrs": ["0.0.0.0/0"],
        "idle_timeout": 60,
        "deletion_protection": True,
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
        "vpc_name": f"{PREFIX}-vpc",
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
