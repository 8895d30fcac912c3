# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ECS service that a service asks for, and what moves the number of its tasks."""

from __future__ import annotations

import typing as t

from ..._plan.compare import closed
from ..._plan.model import Resource
from ..._resources.ecs import decide
from . import connect, current, scaling, scaling_schedules, strategy, target_groups
from .desired_task import revision
from .names import names_of, tags
from .platform import Platform

Data = t.Mapping[str, t.Any]


def resources(service: Data, platform: Platform, found: Data, definition: Resource) -> list[Resource]:
    """Return the ECS service that runs I(definition), and its scaling after it."""
    return [_ecs_service(service, platform, found, definition), *_scaling(service, platform, found)]


def place(service: Data, platform: Platform) -> dict[str, t.Any]:
    """Return where and how tasks run, which ECS and Scheduler are told in the same words."""
    return {
        "cluster": platform["cluster"],
        "capacity_provider_strategy": sorted(
            (dict(item) for item in service["capacity_provider_strategy"]), key=lambda item: item["capacity_provider"]
        ),
        "network": {
            "subnets": sorted(platform["subnets"][service["subnets"]]),
            "security_groups": _groups(service, platform),
            "assign_public_ip": service["subnets"] == "public",
        },
        "enable_execute_command": service["enable_execute_command"],
        "enable_ecs_managed_tags": True,
        "platform_version": service["platform_version"],
    }


def _ecs_service(service: Data, platform: Platform, found: Data, definition: Resource) -> Resource:
    names = names_of(service, platform)
    full, of_ports = names.service, target_groups.of_ports(service, names, found, definition)
    values = {
        **place(service, platform),
        "launch_type": _launch_type(service, current.ecs_service(found)),
        "task_definition": revision(definition, found),
        "desired_count": desired_count(service, found),
        "deployment_configuration": deployment_configuration(service, found),
        "load_balancers": strategy.load_balancers(service, names, found, of_ports),
        "service_registries": ([names.discovery(platform["namespace"])] if is_discovered(service, platform) else []),
        "service_connect": _service_connect(service, platform, found),
        # "only valid for services configured to use load balancers", ECS answers
        "health_check_grace_period_seconds": service["health_check_grace_period"] if service["rules"] else None,
        "availability_zone_rebalancing": "ENABLED" if service["availability_zone_rebalancing"] else "DISABLED",
        "propagate_tags": "SERVICE",
        # what made a deployment fail may be fixed elsewhere: ecs_service starts one that was given up again
        "rollout_state": "COMPLETED" if (found.get("deployment") or {}).get("given_up") else None,
        "tags": tags(service, platform),
    }
    controller = current.ecs_service(found).get("deployment_controller", "ECS")
    fixed = decide.fixed(sorted(values.keys() - {"tags"}), controller)
    return {"type": "ecs_service", "name": full, "values": values, "fixed": fixed}


def _service_connect(service: Data, platform: Platform, found: Data) -> Data | None:
    """Return Service Connect, with marks for what it has and is not asked for; None for a service without."""
    has = current.ecs_service(found).get("service_connect")
    if not service["service_connect"]:
        return connect.OFF if has else None
    role = names_of(service, platform).connect_role
    configured = connect.configuration(service, platform, connect.namespace(service, platform), role)
    return t.cast("Data", closed(connect.values(configured, platform.get("namespaces_by_id") or {}), has))


def _groups(service: Data, platform: Platform) -> list[str]:
    """Return the security groups of the tasks by name, those that others keep by id."""
    names = {platform["load_balancer_group_id"]: platform["load_balancer_group"]}
    given = sorted(names.get(one, one) for one in service["security_group_ids"])
    return given or [names_of(service, platform).security_group]


def _launch_type(service: Data, has: Data) -> str | None:
    """Return the launch type of a service without a strategy, which a living one can't be given."""
    return None if service["capacity_provider_strategy"] or has.get("capacity_provider_strategy") else "FARGATE"


def deployment_configuration(service: Data, found: Data) -> dict[str, t.Any]:
    """Return how a deployment of the service goes."""
    configuration = {
        "deployment_circuit_breaker": strategy.circuit_breaker(service, found),
        "maximum_percent": service["maximum_percent"],
        "minimum_healthy_percent": service["minimum_healthy_percent"],
        **strategy.configuration(service, found),
    }
    names = sorted(set(service["deployment_alarms"]))
    if names:
        configuration["alarms"] = {
            "alarm_names": names,
            "enable": True,
            "rollback": service["circuit_breaker"]["rollback"],
        }
    elif (current.deployment_configuration(found).get("alarms") or {}).get("enable"):
        configuration["alarms"] = {"alarm_names": [], "enable": False, "rollback": False}
    return configuration


def desired_count(service: Data, found: Data) -> int | None:
    """Return the number of tasks to set; null if it is somebody else's to set."""
    scaling = service["autoscaling"]
    if found.get("service") and (scaling or service["desired_count_policy"] == "preserve"):
        return None
    count = int(service["desired_count"])
    return min(max(count, scaling["min"]), scaling["max"]) if scaling else count


def _scaling(service: Data, platform: Platform, found: Data) -> list[Resource]:
    names = names_of(service, platform)
    if not service["autoscaling"]:
        return []
    has = current.values(found, "scalable_target", names.service)
    bounds = {**scaling_schedules.bounds(service, names, found, has), "tags": tags(service, platform)}
    target: Resource = {"type": "scalable_target", "name": names.service, "values": bounds}
    requests_of = f"{platform['load_balancer']}/{strategy.groups(service, names, found)[0]}"
    policies = [_policy(one, requests_of) for one in scaling.policies(service, names, platform, found)]
    return [target, *policies, *scaling_schedules.resources(service, names, found)]


def _policy(policy: Data, requests_of: str) -> Resource:
    values = {key: value for key, value in policy.items() if key != "name"}
    if policy["metric"] == scaling.METRICS["requests"]:
        values["requests_of"] = requests_of
    return {"type": "scaling_policy", "name": policy["name"], "values": values}


def is_discovered(service: Data, platform: Platform) -> bool:
    """Return whether Cloud Map has the tasks by a DNS name."""
    return bool(service["service_discovery"] and platform.get("namespace"))
