# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The found ECS services and their scaling."""

from __future__ import annotations

import typing as t

from ..._aws.arn import last
from ..._plan.model import Resource
from ..._resources.autoscaling.decide import policy_values, target_values
from ..._resources.ecs.normal import normalise_service
from ..._resources.ecs.redact import private_paths
from ..._resources.ecs.rollout import answers
from . import connect, scaling_schedules
from .names import Names

Raw = t.Mapping[str, t.Any]
Found = dict[str, t.Any]


def ecs_service(service: Raw | None, around: Raw) -> list[Resource]:
    """Return the ECS service as a resource, if there is one.

    :param around: C(names) by id or ARN, and the C(namespaces_by_id).
    """
    if not service:
        return []
    known = around["names"]
    values = normalise_service(service)
    network = values.get("network_configuration") or {}
    values["network"] = {
        "subnets": sorted(known.get(subnet, subnet) for subnet in network.get("subnets") or []),
        "security_groups": sorted(known.get(group, group) for group in network.get("security_groups") or []),
        "assign_public_ip": bool(network.get("assign_public_ip")),
    }
    balancers = [_load_balancer(entry, known) for entry in values.get("load_balancers") or []]
    values["load_balancers"] = sorted(balancers, key=lambda entry: int(entry["container_port"] or 0))
    registries = [entry["registry_arn"] for entry in values.get("service_registries") or []]
    values["service_registries"] = [known.get(arn, arn) for arn in registries]
    values["capacity_provider_strategy"] = sorted(
        values.get("capacity_provider_strategy") or [], key=lambda item: str(item["capacity_provider"])
    )
    # a service created with LATEST keeps that name; without a version it means the same
    values["platform_version"] = values.get("platform_version") or "LATEST"
    connected = connect.values(values.pop("service_connect_configuration", None), around.get("namespaces_by_id") or {})
    values["service_connect"] = None if connected == connect.OFF else connected
    values["rollout_state"] = (answers.primary_of(t.cast("t.Any", service)) or {}).get("rolloutState")
    values["tags"] = values.get("tags") or {}
    for key in ("network_configuration", "service_name"):
        values.pop(key, None)
    return [
        {
            "type": "ecs_service",
            "name": service["serviceName"],
            "id": service["serviceArn"],
            "values": values,
            "sensitive": private_paths(values),
        }
    ]


def _load_balancer(entry: Raw, known: t.Mapping[str, str]) -> Found:
    result = {
        "target_group": known.get(entry.get("target_group_arn", ""), entry.get("target_group_arn")),
        "container_name": entry.get("container_name"),
        "container_port": entry.get("container_port"),
    }
    advanced = entry.get("advanced_configuration") or {}
    named = {
        "alternate_target_group": advanced.get("alternate_target_group_arn"),
        "production_rule": advanced.get("production_listener_rule"),
        "test_rule": advanced.get("test_listener_rule"),
    }
    result |= {key: known.get(arn, arn) for key, arn in named.items() if arn}
    return {**result, **({"role": last(advanced["role_arn"])} if advanced.get("role_arn") else {})}


SUSPENDED = {
    "DynamicScalingInSuspended": "scale-in",
    "DynamicScalingOutSuspended": "scale-out",
    "ScheduledScalingSuspended": "schedules",
}


def scaling(target: Raw | None, names: Names, around: Raw) -> list[Resource]:
    """Return the scalable target of a service, its policies and its scheduled actions."""
    if not target:
        return []
    values = {**target_values(target), "tags": target["tags"]}
    own: Resource = {"type": "scalable_target", "name": names.service, "id": target["ResourceId"], "values": values}
    actions = [one for one in target["scheduled"] if names.is_scheduled_action(one["ScheduledActionName"])]
    return [own, *(_policy(policy, around) for policy in target["policies"]), *map(scaling_schedules.found_of, actions)]


def suspended(target: Raw | None) -> list[str]:
    """Return the suspended kinds of scaling of a service.

    https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html
    """
    state = (target or {}).get("SuspendedState") or {}
    return [words for member, words in SUSPENDED.items() if state.get(member)]


def _policy(policy: Raw, around: Raw) -> Resource:
    values = policy_values(policy)
    label = values.pop("resource_label")
    if label:
        values["requests_of"] = requests_of(label, around["names"])
    return {"type": "scaling_policy", "name": policy["PolicyName"], "id": policy["PolicyARN"], "values": values}


def requests_of(label: str, known: t.Mapping[str, str]) -> str:
    """Return C(load balancer/target group) for a resource label, or the label itself if the target group is gone.

    A label is C(app/NAME/ID/targetgroup/NAME/ID):
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html
    """
    balancer, _kind, group = label.partition("/targetgroup/")
    name = next((name for arn, name in known.items() if arn.endswith(f":targetgroup/{group}")), None)
    parts = balancer.split("/")
    return f"{parts[1]}/{name}" if name and len(parts) == 3 else label
