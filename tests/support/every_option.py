# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services that set every option of the role fargate_service, and the resources that they refer to."""

from __future__ import annotations

import typing as t

import yaml

from .cloud import ROOT

SPEC = yaml.safe_load((ROOT / "roles/fargate_service/meta/argument_specs.yml").read_text(encoding="utf-8"))
ACCOUNT_KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/1"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::bucket/*"}],
}
ALARM = "every-option-too-slow"
FAILED = "every-option-failed"
POOL = "ap-northeast-2_a1B2c3D4e"
CLIENT_SECRET = "/every/client"
SESSION = {
    "session_cookie_name": "every",
    "scope": "openid email",
    "session_timeout": 3600,
    "on_unauthenticated_request": "allow",
    "authentication_request_extra_params": {"prompt": "login"},
}
COGNITO = {
    "user_pool_arn": f"arn:aws:cognito-idp:ap-northeast-2:123456789012:userpool/{POOL}",
    "user_pool_client_id": "1example23456789",
    "user_pool_domain": "every",
    **SESSION,
}
OIDC = {
    "issuer": "https://login.example.com",
    "authorization_endpoint": "https://login.example.com/authorize",
    "token_endpoint": "https://login.example.com/token",
    "user_info_endpoint": "https://login.example.com/userinfo",
    "client_id": "every",
    "client_secret_from": CLIENT_SECRET,
    **SESSION,
}
FILE_SYSTEM = {"file_system_id": "fs-0a1b2c3d"}
CONTAINER: dict[str, t.Any] = {
    "command": ["serve", "--all"],
    "entry_point": ["sh", "-c"],
    "working_directory": "/srv",
    "user": "1000:1000",
    "environment": {"TEXT": "a=b", "NUMBER": "1", "FLAG": "true", "EMPTY": ""},
    "secrets": {"BY_NAME": "/app/b", "BY_ARN": "arn:aws:ssm:ap-northeast-2:123456789012:parameter/app/c"},
    "environment_files": ["arn:aws:s3:::bucket/app.env"],
    "repository_credentials": "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:registry-a1b2c3",
    "restart_policy": {"enabled": True, "ignored_exit_codes": [0, 143], "attempt_period": 120},
    "docker_labels": {"team": "shop"},
    "container_options": {"startTimeout": 60, "linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"]}}},
    "readonly_root": True,
    "init_process": True,
    "stop_timeout": 60,
    "ulimits": [{"name": "nofile", "soft": 1024, "hard": 2048}],
    "container_health_check": {
        "command": ["CMD-SHELL", "true"],
        "interval": 10,
        "timeout": 3,
        "retries": 5,
        "start_period": 20,
    },
    "mounts": [{"volume": "scratch", "path": "/scratch", "read_only": False}],
}
SERVICES: list[dict[str, t.Any]] = [
    {
        **CONTAINER,
        "name": "every",
        "image": "registry.example/every:1",
        "image_policy": "managed",
        "image_architectures": ["ARM64"],
        "port": 8080,
        "container_name": "app",
        "cpu": 512,
        "memory": 2048,
        "ephemeral_storage": 30,
        "cpu_architecture": "ARM64",
        "platform_version": "1.4.0",
        "secrets_kms_keys": [ACCOUNT_KEY],
        "task_policies": {"own": POLICY},
        "task_managed_policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "depends_on": [{"container": "proxy", "condition": "HEALTHY"}, {"container": "init", "condition": "SUCCESS"}],
        "volumes": [
            {"name": "scratch"},
            {
                "name": "shared",
                "efs": {"file_system_id": "fs-0a1b2c3d", "access_point_id": "fsap-0a1b2c3d", "iam": True},
            },
            {"name": "rooted", "efs": {**FILE_SYSTEM, "root_directory": "/x"}},
        ],
        "mounts": [
            {"volume": "scratch", "path": "/scratch"},
            {"volume": "shared", "path": "/shared", "read_only": True},
            {"volume": "rooted", "path": "/rooted", "read_only": False},
        ],
        "sidecars": [
            {
                **CONTAINER,
                "name": "proxy",
                "image": "registry.example/proxy:1",
                "essential": True,
                "port": 9090,
                "cpu": 64,
                "memory_reservation": 64,
                "depends_on": [{"container": "init", "condition": "COMPLETE"}],
            },
            {"name": "init", "image": "registry.example/init:1", "essential": False},
        ],
        "rules": [
            {
                "paths": ["/every/*", "/each"],
                "hosts": ["*.example.com"],
                "priority": 10,
                "accept_overlap": True,
                "authenticate": {"cognito": COGNITO},
            },
            {
                "methods": ["POST", "PUT"],
                "headers": [{"name": "X-Client", "values": ["cli-*"]}],
                "query": [{"key": "v", "values": ["2"]}],
                "source_ips": ["203.0.113.0/24"],
                "port": 9091,
                "container": "proxy",
                "authenticate": {"oidc": OIDC},
                "protocol_version": "HTTP1",
                "health_check": {
                    "path": "/proxied",
                    "matcher": "204",
                    "interval": 25,
                    "timeout": 8,
                    "healthy_threshold": 4,
                    "unhealthy_threshold": 5,
                },
            },
        ],
        "protocol_version": "HTTP1",
        "health_check": {
            "path": "/every/health",
            "matcher": "200-299",
            "interval": 20,
            "timeout": 7,
            "healthy_threshold": 3,
            "unhealthy_threshold": 4,
        },
        "deregistration_delay": 45,
        "slow_start": 60,
        "stickiness_duration": 120,
        "desired_count": 2,
        "desired_count_policy": "managed",
        "autoscaling": {
            "min": 2,
            "max": 4,
            "cpu": 60,
            "memory": 70.5,
            "requests": 1000,
            "backlog_per_task": 10,
            "schedules": [
                {"name": "night", "cron": "0 22 ? * MON-FRI *", "timezone": "Asia/Seoul", "min": 1, "max": 2},
                {"name": "often", "rate": "12 hours", "max": 6},
                {"name": "sale", "at": "2099-12-24T18:00:00", "min": 3},
            ],
            "metrics": [
                {
                    "name": "lag",
                    "namespace": "every",
                    "metric": "lag",
                    "dimensions": {"Topic": "orders"},
                    "statistic": "Maximum",
                    "target": 100,
                }
            ],
            "scale_in_cooldown": 200,
            "scale_out_cooldown": 50,
        },
        "queue": {
            "name": "every-orders",
            "variable": "ORDERS",
            "visibility": 60,
            "retention": 86400,
            "dead_letter": {"max_receives": 3},
        },
        "subnets": "apps",
        "capacity_provider_strategy": [
            {"capacity_provider": "FARGATE_SPOT", "weight": 3},
            {"capacity_provider": "FARGATE", "weight": 1, "base": 1},
        ],
        "circuit_breaker": {
            "enable": True,
            "rollback": False,
            "reset_on_healthy_task": False,
            "threshold": {"type": "count", "value": 5},
        },
        "deployment_alarms": [ALARM],
        "minimum_healthy_percent": 50,
        "maximum_percent": 150,
        "health_check_grace_period": 90,
        "availability_zone_rebalancing": False,
        "enable_execute_command": False,
        "allow_from": ["172.25.0.0/16", "2001:db8::/32"],
        "service_discovery": True,
        "service_connect": {
            "namespace": "magiclub.internal",
            "client_only": False,
            "port_name": "api",
            "protocol": "http",
            "client_aliases": [
                {"name": "every.internal", "port": 80, "test_header": None},
            ],
            "ingress_port": 15000,
            "timeout": {"idle": 60, "per_request": 30},
            "tls": {
                "issuing_ca": "arn:aws:acm-pca:ap-northeast-2:123456789012:certificate-authority/1",
                "kms_key": ACCOUNT_KEY,
                "role_arn": "arn:aws:iam::123456789012:role/every-tls",
            },
            "log": {
                "driver": "awslogs",
                "options": {"mode": "non-blocking"},
                "secrets": {"splunk-token": "/app/token"},
            },
            "access_log": {"format": "json", "query_parameters": True},
        },
        "log_retention": 7,
        "logging": {
            "driver": "awslogs",
            "mode": "non-blocking",
            "max_buffer_size": "25m",
            "multiline_pattern": "^[0-9]{4}-",
            "retention": "never",
            "options": {"awslogs-create-group": "false"},
            "secrets": {},
        },
        "log_stream_prefix": "of-every",
        "smoke": {"path": "/every/health", "host": "a.example.com", "status": 204, "that": ["response.status == 204"]},
        "tags": {"Cost center": "42", "Number": "1"},
    },
    # The other of two exclusive options.
    {
        "name": "other",
        "image": "registry.example/other:1",
        "image_policy": "preserve",
        "port": 8080,
        "rule": None,
        "init_process": False,
        "desired_count": 1,
        "desired_count_policy": "preserve",
        "subnets": "public",
        "enable_execute_command": True,
        "circuit_breaker": {"enable": False, "rollback": False},
        "service_discovery": False,
    },
    {
        "name": "worker",
        "logging": {"driver": "awsfirelens", "options": {"Name": "http"}, "secrets": {"Passwd": "/app/b"}},
        "firelens": {
            "type": "fluentbit",
            "image": "registry.example/router:1",
            "config_file": "/extra.conf",
            "log_metadata": False,
            "memory_reservation": 64,
            "environment": {"LEVEL": "info"},
            "secrets": {"TOKEN": "/app/b"},
        },
        "image": "registry.example/worker:1",
        "autoscaling": {"min": 1, "max": 2, "memory": 50},
        "queue": {"arn": "arn:aws:sqs:ap-northeast-2:123456789012:theirs"},
    },
    {
        "name": "nightly",
        "image": "registry.example/nightly:1",
        "capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT", "weight": 1}],
        "schedule": {
            "cron": "30 2 ? * MON-FRI *",
            "timezone": "Asia/Seoul",
            "window": 15,
            "retries": 5,
            "dead_letter": FAILED,
            "enabled": True,
        },
    },
    {
        "name": "often",
        "image": "registry.example/often:1",
        "subnets": "public",
        "enable_execute_command": True,
        "schedule": {"rate": "12 hours", "enabled": False},
    },
]


def made_before(client: t.Callable[[str], t.Any]) -> None:
    """Create the resources that the services refer to: the alarm, a client secret, and a job's dead-letter queue."""
    client("sqs").create_queue(QueueName=FAILED)
    client("ssm").put_parameter(Name=CLIENT_SECRET, Value="not to be seen", Type="SecureString")
    client("cloudwatch").put_metric_alarm(
        AlarmName=ALARM,
        Namespace="every",
        MetricName="slow",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )


def _paths(spec: t.Mapping[str, t.Any], path: str = "") -> t.Iterator[str]:
    for name, option in spec.items():
        if name == "rule":  # the short form of one of rules
            continue
        yield f"{path}{name}"
        yield from _paths(option.get("options") or {}, f"{path}{name}.")


def set_options(services: t.Iterable[t.Mapping[str, t.Any]]) -> set[str]:
    """Return the path of each option that one of the services sets."""
    return {path for service in services for path in _given(service, SERVICE_SPEC, "")}


def _given(value: t.Any, spec: t.Mapping[str, t.Any], path: str) -> t.Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        for name in one or {}:
            yield f"{path}{name}"
            if options := spec[name].get("options"):
                yield from _given(one[name], options, f"{path}{name}.")


SERVICE_SPEC: dict[str, t.Any] = SPEC["argument_specs"]["main"]["options"]["fargate_service_services"]["options"]
OPTIONS = set(_paths(SERVICE_SPEC))
"""The path of each option of a service, such as C(autoscaling.min)."""
