# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Where MiniStack differs from AWS, and what fixes it. Each correction names its evidence; importing enters all."""

from __future__ import annotations

from local_aws.corrections import (
    acm,
    application_autoscaling,
    data_plane,
    ec2,
    ec2_rules,
    ecr,
    ecs_connect,
    ecs_definitions,
    ecs_deployments,
    ecs_limits,
    ecs_scheduler,
    ecs_services,
    ecs_tasks,
    elbv2,
    elbv2_certificates,
    elbv2_login,
    elbv2_rules,
    gateway,
    iam,
    paging,
    scheduler,
    servicediscovery,
    shapes,
    tagging,
    target_health,
    task_endpoints,
)
from local_aws.corrections._patch import CORRECTIONS, Correction, CorrectionError, apply_all

__all__ = [
    "CORRECTIONS",
    "Correction",
    "CorrectionError",
    "acm",
    "application_autoscaling",
    "apply_all",
    "data_plane",
    "ec2",
    "ec2_rules",
    "ecr",
    "ecs_connect",
    "ecs_definitions",
    "ecs_deployments",
    "ecs_limits",
    "ecs_scheduler",
    "ecs_services",
    "ecs_tasks",
    "elbv2",
    "elbv2_certificates",
    "elbv2_login",
    "elbv2_rules",
    "gateway",
    "iam",
    "paging",
    "scheduler",
    "servicediscovery",
    "shapes",
    "tagging",
    "target_health",
    "task_endpoints",
]
