# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The desired ECS service and its scaling."""

from __future__ import annotations

import typing as t

from ..._plan.compare import with_removals
from ..._plan.model import Resource
from ..._resources.ecs import decide
from ..._resources.ecs.redact import private_paths
from . import connect, current, scaling, scaling_schedules, strategy, target_groups
from .desired_task import revision
from .names import names_of, tags
from .platform import Platform

Data = t.Mapping[str, t.Any]


def resources(service: Data, platform: Platform, found: Data, definition: Resource) -> list[Resource]:
    """Return the ECS service that runs I(definition), then its scaling."""
    return [_ecs_service(service, platform, found, definition), *_scaling(service, platform, found)]


def place(service: Data, platform: Platform) -> dict[str, t.Any]:
    """Return where and how tasks run, in the form that ECS and Scheduler share."""
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
        # else ECS answers "only valid for services configured to use load balancers"
        "health_check_grace_period_seconds": service["health_check_grace_period"] if service["rules"] else None,
        "availability_zone_rebalancing": "ENABLED" if service["availability_zone_rebalancing"] else "DISABLED",
        "propagate_tags": "SERVICE",
        # the cause of a failed deployment may be fixed elsewhere, so ecs_service starts it again
        "rollout_state": "COMPLETED" if (found.get("deployment") or {}).get("given_up") else None,
        "tags": tags(service, platform),
    }
    controller = current.ecs_service(found).get("deployment_controller", "ECS")
    fixed = decide.fixed_fields(sorted(values.keys() - {"tags"}), controller)
    secret = {*private_paths(values), *private_paths(current.ecs_service(found))}
    return {"type": "ecs_service", "name": full, "values": values, "fixed": fixed, "sensitive": sorted(secret)}


def _service_connect(service: Data, platform: Platform, found: Data) -> Data | None:
    """Return the Service Connect configuration, in which what is to be removed is marked; None without any."""
    has = current.ecs_service(found).get("service_connect")
    if not service["service_connect"]:
        return connect.OFF if has else None
    role = names_of(service, platform).connect_role
    configured = connect.configuration(service, platform, connect.namespace(service, platform), role)
    return t.cast("Data", with_removals(connect.values(configured, platform.get("namespaces_by_id") or {}), has))


def _groups(service: Data, platform: Platform) -> list[str]:
    """Return the security groups of the tasks: by name, existing ones by id."""
    names = {platform["load_balancer_group_id"]: platform["load_balancer_group"]}
    given = sorted(names.get(one, one) for one in service["security_group_ids"])
    return given or [names_of(service, platform).security_group]


def _launch_type(service: Data, has: Data) -> str | None:
    """Return FARGATE if there is no strategy, nor was one: a service can't change from a strategy to a launch type."""
    return None if service["capacity_provider_strategy"] or has.get("capacity_provider_strategy") else "FARGATE"


def deployment_configuration(service: Data, found: Data) -> dict[str, t.Any]:
    """Return C(deployment_configuration) of the ECS service."""
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
    """Return the number of tasks; None for an existing service whose scaling or C(desired_count_policy) keeps it."""
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
    """Return whether the tasks have a DNS name in Cloud Map."""
    return bool(service["service_discovery"] and platform.get("namespace"))
