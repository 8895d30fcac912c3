# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The desired resources of a service, which refer to each other by name.

I(service) is a complete definition (C(inputs)), I(platform) the names and ids of the lower layers, I(found) the
current state of the service (C(found)), or an empty map.
"""

from __future__ import annotations

import typing as t

from ..._plan.compare import with_removals
from ..._plan.model import Resource
from ..._resources.iam.policy import canonical, execution_policy, trusting
from ..._resources.servicediscovery.decide import fixed_of_service
from ..ecr_push import resources as ecr
from . import (
    connect,
    current,
    desired_ecs_service,
    desired_routes,
    desired_task,
    job,
    logging,
    policies,
    queue,
    routes,
    strategy,
)
from .desired_ecs_service import is_discovered
from .names import names_of, tags
from .platform import Platform

Data = t.Mapping[str, t.Any]

ANYWHERE = "0.0.0.0/0"


def resources(service: Data, platform: Platform, found: Data) -> list[Resource]:
    """Return the resources of a service in order of their dependencies."""
    definition = desired_task.task_definition(service, platform, found)
    return [
        *_image(service, platform, found),
        *([] if service["log_group_name"] else [_log_group(service, platform)]),
        *queue.resources(service, names_of(service, platform), tags(service, platform)),
        *_roles(service, platform, found),
        *([] if service["security_group_ids"] else [_security_group(service, platform)]),
        *(desired_routes.resources(service, platform, found, definition) if service["rules"] else []),
        *_discovery(service, platform, found),
        definition,
        *_runner(service, platform, found, definition),
    ]


def _image(service: Data, platform: Platform, found: Data) -> list[Resource]:
    """Return the repository and image of a service that is built. Its tag is known before the build, not its digest."""
    settings = platform.get("repository")
    if not service.get("build") or not settings:
        return []
    built = found.get("built") or {}
    own = {**settings, "name": names_of(service, platform).repository, "tags": tags(service, platform)}
    tag = None if desired_task.keeps_image(service, found) else (built.get("image") or {}).get("tag")
    return ecr.desired(own, tag, bool(built.get("scanned_by_registry")))


def _log_group(service: Data, platform: Platform) -> Resource:
    return {
        "type": "log_group",
        "name": names_of(service, platform).log_group,
        "values": {"retention": logging.retention(service), "tags": tags(service, platform)},
    }


def _roles(service: Data, platform: Platform, found: Data) -> list[Resource]:
    names = names_of(service, platform)
    inline, managed = policies.task_policies(service, platform), policies.managed_policies(service, platform)
    of_tasks = policies.trust_policy(platform)
    roles: dict[str, tuple[Data, dict[str, Data], list[str]]] = {}
    if not service["task_role_arn"]:
        roles[names.task_role] = (of_tasks, inline, managed)
    if (start := policies.execution_policies(service, platform)) and not service["execution_role_arn"]:
        roles[names.execution_role] = (of_tasks, start, [execution_policy(platform["partition"])])
    if job.is_job(service):
        trust, starts = job.role(service, platform, desired_task.role_arns(service, platform, found).values())
        roles[names.schedule_role] = (trust, starts, [])
    if strategy.shifts_a_rule(service) and not service["shift_role_arn"]:
        shift = f"arn:{platform['partition']}:iam::aws:policy/{strategy.SHIFT_POLICY}"
        roles[names.shift_role] = (trusting("ecs.amazonaws.com"), {}, [shift])
    if connect.is_secured(service):
        secure = f"arn:{platform['partition']}:iam::aws:policy/service-role/{connect.TLS_POLICY}"
        roles[names.connect_role] = (trusting("ecs.amazonaws.com"), {}, [secure])
    there = found.get("roles") or {}
    before = {name: dict.fromkeys((there.get(name) or {}).get("inline_policies") or {}) for name in roles}
    return [
        {
            "type": "iam_role",
            "name": name,
            "values": {
                "trust_policy": canonical(trusted),
                "inline_policies": with_removals(_canonical(own), before[name]),
                "managed_policies": attached,
                "permissions_boundary": platform["permissions_boundary"],
                "tags": tags(service, platform),
            },
        }
        for name, (trusted, own, attached) in roles.items()
    ]


def _canonical(documents: t.Mapping[str, Data]) -> dict[str, Data]:
    return {name: canonical(document) for name, document in documents.items()}


def _security_group(service: Data, platform: Platform) -> Resource:
    names = names_of(service, platform)
    group = platform["load_balancer_group"]
    # the found rules have the load balancer's group by name
    others = {group if source == platform["load_balancer_group_id"] else source for source in service["allow_from"]}
    opened = {(port, group) for port in routes.ports(service)} | {(service["port"], source) for source in others}
    rules = [{"protocol": "tcp", "ports": str(port), "source": source} for port, source in opened]
    return {
        "type": "security_group",
        "name": names.security_group,
        "values": {
            "ingress": sorted(rules, key=lambda rule: (rule["ports"], rule["source"])),
            "egress": [{"protocol": "all", "ports": "all", "source": ANYWHERE}],
            "tags": {**tags(service, platform), "Name": names.group_tag},
        },
    }


def _discovery(service: Data, platform: Platform, found: Data) -> list[Resource]:
    if not is_discovered(service, platform):
        return []
    values: dict[str, t.Any] = {
        "dns_records": [{"type": "A", "ttl": 15}],
        "routing_policy": "MULTIVALUE",
        "health_check_custom_config": True,
        "tags": tags(service, platform),
    }
    name = names_of(service, platform).discovery(platform["namespace"])
    has = current.values(found, "cloud_map_service", name)
    fixed = fixed_of_service(has["dns_records"], values["dns_records"]) if has else []
    return [{"type": "cloud_map_service", "name": name, "values": values, "fixed": fixed}]


def _runner(service: Data, platform: Platform, found: Data, definition: Resource) -> list[Resource]:
    """Return the ECS service and its scaling, or the schedule of a job."""
    if job.is_job(service):
        return [
            job.resource(
                service,
                platform,
                desired_task.revision(definition, found),
                desired_ecs_service.place(service, platform),
            )
        ]
    return desired_ecs_service.resources(service, platform, found, definition)
