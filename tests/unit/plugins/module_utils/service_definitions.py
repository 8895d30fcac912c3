# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Definitions and a platform for the tests of services, completed by the role's own argument spec."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import inputs, validate

SPEC_FILE = Path(__file__).parents[4] / "roles" / "fargate_service" / "meta" / "argument_specs.yml"
SPEC = yaml.safe_load(SPEC_FILE.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"][
    "fargate_service_services"
]["options"]

ACCOUNT = "123456789012"
PREFIX = "magiclub-an2p"
FULL = f"{PREFIX}-web"
TAGS = {"Project": "magiclub", "ManagedBy": "ansible"}

PLATFORM: dict[str, t.Any] = {
    "name_prefix": PREFIX,
    "region": "ap-northeast-2",
    "tags": TAGS,
    "permissions_boundary": "",
    "show_environment": False,
    "check_mode": False,
    "partition": "aws",
    "account_id": ACCOUNT,
    "cluster": f"{PREFIX}-ecs",
    "execution_role": f"{PREFIX}-ecs-execution",
    "exec_policy": None,
    "namespace": "magiclub.internal",
    "namespace_id": "ns-1",
    "http_namespace": "",
    "http_namespace_id": None,
    "namespace_arns": {"magiclub.internal": f"arn:aws:servicediscovery:ap-northeast-2:{ACCOUNT}:namespace/ns-1"},
    "namespaces_by_id": {"ns-1": "magiclub.internal"},
    "vpc": f"{PREFIX}-vpc",
    "vpc_id": "vpc-1",
    "subnets": {
        "apps": {f"{PREFIX}-apps-c1": "subnet-c", f"{PREFIX}-apps-a1": "subnet-a"},
        "public": {f"{PREFIX}-pub-a1": "subnet-p"},
    },
    "load_balancer": f"{PREFIX}-pub-alb",
    "load_balancer_suffix": f"app/{PREFIX}-pub-alb/50dc",
    "load_balancer_group": f"{PREFIX}-pub-alb-sg",
    "load_balancer_group_id": "sg-alb",
    "listener": f"{PREFIX}-pub-alb:443",
    "listener_arn": "arn:listener",
    "other_listeners": {f"{PREFIX}-pub-alb:80": "arn:80"},
}


def service(**given: t.Any) -> dict[str, t.Any]:
    """Return a complete definition: the minimum that a service needs, and the given options."""
    least = {"name": "web", "image": "registry.example/web:1", "port": 8080}
    ruled = {} if "rules" in given else {"rule": {"paths": ["/*"]}}
    return inputs.complete([{**least, **ruled, **given}], SPEC)[0]


def backend(**given: t.Any) -> dict[str, t.Any]:
    """Return a service without a rule."""
    return service(rule=None, **given)


def worker(**given: t.Any) -> dict[str, t.Any]:
    """Return a service without a rule and without a port."""
    return service(rule=None, port=None, **given)


def job(schedule: t.Mapping[str, t.Any] | None = None, **given: t.Any) -> dict[str, t.Any]:
    """Return a job, by default at 2 o'clock."""
    return worker(schedule=schedule or {"cron": "0 2 * * ? *", "timezone": "Asia/Seoul"}, **given)


def problems(*services: dict[str, t.Any], **more: t.Any) -> list[str]:
    """Return the problems that validation finds with services of the platform."""
    values = {"name_prefix": PREFIX, "permissions_boundary": "", "region": PLATFORM["region"], "services": services}
    return validate.service({**values, **more})


def nothing() -> dict[str, t.Any]:
    """Return AWS's descriptions of services if there are none."""
    lists = ("services", "target_groups", "rules", "roles", "log_groups", "security_groups", "scalable_targets")
    maps = ("newest", "inactive", "running", "elb_tags", "attributes", "health", "other_rules", "other_discovery")
    return {key: [] for key in (*lists, "schedules", "queues", "discovery")} | {key: {} for key in maps}
