# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Describes a running service as options of fargate_service: the inverse of C(_layers.services.desired).

Plain dicts in and out.  Ignores what can't be described, which C(compare) reports.
"""

from __future__ import annotations

import re
import typing as t

from ..._aws.arn import last
from ..._layers.services import desired, desired_task, scaling, strategy
from ..._resources.autoscaling.decide import policy_values
from ..._resources.ec2 import security_group_rules
from ..._resources.ecs.normal import normalise_service, normalise_task_definition
from ..._resources.ecs.rollout import answers
from ..._resources.elbv2.decide import priority
from . import balanced, connected
from . import containers as of_containers

Raw = t.Mapping[str, t.Any]
Service = dict[str, t.Any]


LATEST = "LATEST"


def definition(name: str, service: Raw, live: Raw, listener: str | None) -> Service:
    """Return the definition of a running service, named I(name), with its rules of I(listener)."""
    data = normalise_service(service)
    task = live["definitions"][service["taskDefinition"]]
    names: dict[str, t.Any] = {"service": str(service["serviceName"]), "task_family": str(task["family"])}
    result: Service = {"name": name, "names": names, **_task(service, task, names, live)}
    result |= _network(service, result.get("port"), names, live)
    result |= balanced.options(service, live, names, listener)
    if shifts(service):
        result |= {
            "deployment": _shifting(service, data, names, live),
            "shift_role_arn": answers.shifting(service)["roleArn"],
        }
    result |= _of_service(data) | _discovery(service, live, names)
    own = next(one for one in task["containerDefinitions"] if one["name"] == result["container_name"])
    result |= connected.options(service, own, result.get("port"), names)
    if scaling := _scaling(service, live):
        result["autoscaling"] = scaling
    result["desired_count"] = service["desiredCount"]
    return {key: value for key, value in result.items() if value not in (None, {}, [])} | _empty(result)


def _empty(result: Service) -> Service:
    """Return the options that have a meaning when empty."""
    return {key: [] for key in ("capacity_provider_strategy",) if result.get(key) == []}


def _task(service: Raw, task: Raw, names: dict[str, str], live: Raw) -> Service:
    data = normalise_task_definition(task)
    containers = data["container_definitions"]
    main = of_containers.main_container(service, task)
    raw = {one["name"]: one for one in task["containerDefinitions"]}
    result = of_containers.main(containers[main], raw[main])
    platform = data.get("runtime_platform") or {}
    roles = {key: task.get(field) for key, field in ROLES.items()}
    result |= {
        "container_name": main,
        "cpu": data.get("cpu"),
        "memory": data.get("memory"),
        "ephemeral_storage": (data.get("ephemeral_storage") or {}).get("size_in_gib"),
        "cpu_architecture": platform.get("cpu_architecture"),
        "task_role_arn": roles["task_role_arn"] or desired_task.NO_ROLE,
        "execution_role_arn": roles["execution_role_arn"],
        "volumes": [_volume(volume, one) for volume, one in (data.get("volumes") or {}).items()],
        "sidecars": [of_containers.sidecar(name, one, raw[name]) for name, one in containers.items() if name != main],
    }
    return result | _logs(containers[main], names, live)


ROLES = {"task_role_arn": "taskRoleArn", "execution_role_arn": "executionRoleArn"}


def _volume(name: str, data: Raw) -> Service:
    efs = data.get("efs_volume_configuration")
    if not efs:
        return {"name": name}
    access = efs.get("authorization_config") or {}
    given = {
        "file_system_id": efs["file_system_id"],
        "root_directory": efs.get("root_directory") if efs.get("root_directory") != "/" else None,
        "access_point_id": access.get("access_point_id"),
        "iam": access.get("iam") == "ENABLED",
    }
    return {"name": name, "efs": {key: value for key, value in given.items() if value is not None}}


def _logs(container: Raw, names: dict[str, str], live: Raw) -> Service:
    options = (container.get("log_configuration") or {}).get("options") or {}
    group = options.get("awslogs-group")
    if not group:
        return {}
    result: Service = {"log_stream_prefix": options.get("awslogs-stream-prefix")}
    retention = (live["log_groups"].get(group) or {}).get("retentionInDays")
    # neither a group without retention nor a shared one can belong to the service
    if retention is None or _loggers(group, live) > 1:
        return {**result, "log_group_name": group}
    names["log_group"] = group
    return {**result, "log_retention": retention}


def _loggers(group: str, live: Raw) -> int:
    """Return the number of task definition families that log to a group."""
    families = {
        one["family"]
        for one in live["definitions"].values()
        for container in one["containerDefinitions"]
        if ((container.get("logConfiguration") or {}).get("options") or {}).get("awslogs-group") == group
    }
    return len(families)


def _network(service: Raw, port: int | None, names: dict[str, str], live: Raw) -> Service:
    network = service["networkConfiguration"]["awsvpcConfiguration"]
    public = network.get("assignPublicIp") == "ENABLED"
    result: Service = {"subnets": "public" if public else "apps"}
    groups = sorted(network.get("securityGroups") or [])
    own = next((one for one in live["security_groups"] if [one["GroupId"]] == groups), None)
    sources = _sources(own, service, port, live) if own and _is_alone(own, service, live) else None
    if own is None or sources is None:
        return {**result, "security_group_ids": groups}
    names["security_group"] = own["GroupName"]
    return {**result, "allow_from": sources}


def _is_alone(group: Raw, service: Raw, live: Raw) -> bool:
    """Return whether only this service uses the security group, which is not the VPC's default."""
    users = [one for one in live["every_service"] if group["GroupId"] in security_groups(one)]
    balancers = {one for balancer in live["load_balancers"] for one in balancer.get("SecurityGroups") or []}
    return (
        [one["serviceName"] for one in users] == [service["serviceName"]]
        and group["GroupId"] not in balancers
        and group["GroupName"] != "default"
    )


def security_groups(service: Raw) -> list[str]:
    """Return the ids of the security groups of a service."""
    network = (service.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    return list(network.get("securityGroups") or [])


def _sources(group: Raw, service: Raw, port: int | None, live: Raw) -> list[str] | None:
    """Return the sources other than the load balancer; None if the group differs from those of the role."""
    ingress = security_group_rules.shown(group.get("IpPermissions") or [], {})
    egress = security_group_rules.shown(group.get("IpPermissionsEgress") or [], {})
    if egress != [{"protocol": "all", "ports": "all", "source": desired.ANYWHERE}]:
        return None
    opened = {(rule["ports"], rule["source"]) for rule in ingress}
    balancer = balanced.load_balancer(service, live)
    if balancer:
        theirs = (balancer.get("SecurityGroups") or [""])[0]
        needed = {(str(one.port), theirs) for one in balanced.balancers(service, live)}
        if not needed <= opened:
            return None
        opened -= needed
    if any(rule["protocol"] != "tcp" for rule in ingress) or any(ports != str(port) for ports, _source in opened):
        return None
    return sorted(source for _ports, source in opened)


def target_groups(service: Raw) -> list[str]:
    """Return the ARNs of all target groups that a service registers its tasks in."""
    return answers.target_groups(t.cast("t.Any", service))


def _of_service(data: Raw) -> Service:
    configuration = data.get("deployment_configuration") or {}
    breaker = configuration.get("deployment_circuit_breaker") or {}
    alarms = configuration.get("alarms") or {}
    return {
        "capacity_provider_strategy": data.get("capacity_provider_strategy") or [],
        "platform_version": data.get("platform_version") or LATEST,
        "minimum_healthy_percent": configuration.get("minimum_healthy_percent"),
        "maximum_percent": configuration.get("maximum_percent"),
        "circuit_breaker": _breaker(breaker),
        "deployment_alarms": list(alarms.get("alarm_names") or []) if alarms.get("enable") else [],
        "availability_zone_rebalancing": data.get("availability_zone_rebalancing") == "ENABLED",
        "enable_execute_command": bool(data.get("enable_execute_command")),
    }


def _breaker(found: Raw) -> Service:
    result: Service = {key: bool(found.get(key)) for key in ("enable", "rollback")}
    if found.get("reset_on_healthy_task") is False:
        result["reset_on_healthy_task"] = False
    if threshold := found.get("threshold_configuration"):
        result["threshold"] = {"type": threshold["type"].lower(), "value": threshold["value"]}
    return result


def _discovery(service: Raw, live: Raw, names: dict[str, str]) -> Service:
    registry = next((one["registryArn"] for one in service.get("serviceRegistries") or []), None)
    found = live["registries"].get(registry) if registry else None
    if not found:
        return {"service_discovery": False}
    names["discovery"] = found["Name"]
    return {"service_discovery": True}


def _scaling(service: Raw, live: Raw) -> Service | None:
    target = live["scaling"].get(f"service/{last(live['cluster'])}/{service['serviceName']}")
    if not target:
        return None
    result: Service = {"min": target["MinCapacity"], "max": target["MaxCapacity"]}
    kinds = {metric: kind for kind, metric in scaling.METRICS.items()}
    for policy in sorted(target["policies"], key=lambda one: str(one["PolicyName"])):
        values = policy_values(policy)
        kind, own = kinds.get(values["metric"]), _of_cloudwatch(policy["PolicyName"], values)
        if (kind and kind not in result) or own:
            result |= {key: values[key] for key in ("scale_in_cooldown", "scale_out_cooldown")}
        if kind and kind not in result:
            result[kind] = values["target_value"]
        if own:
            result.setdefault("metrics", []).append(own)
    return result


def _of_cloudwatch(policy: str, values: Raw) -> Service | None:
    """Return the metric of a policy; None if it is an expression or percentile."""
    metrics = values.get("metrics") or []
    if len(metrics) != 1 or metrics[0].get("stat") not in STATISTICS:
        return None
    (one,) = metrics
    name = re.sub(r"[^a-z0-9]+", "-", policy.lower()).strip("-")
    return {
        "name": f"metric-{name}" if name in scaling.RESERVED else name,
        "namespace": one["namespace"],
        "metric": one["metric_name"],
        "dimensions": dict(one.get("dimensions") or {}),
        "statistic": one["stat"],
        "target": values["target_value"],
    }


STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")


STRATEGIES = {of_ecs: ours for ours, of_ecs in strategy.OF_ECS.items()}


def _shifting(service: Raw, data: Raw, names: dict[str, str], live: Raw) -> Service:
    """Return the option C(deployment); adds the name of the alternate target group to I(names)."""
    configuration, advanced = data["deployment_configuration"], answers.shifting(service)
    other = live["target_groups"].get(advanced.get("alternateTargetGroupArn"))
    if other:
        names["alternate_target_group"] = other["TargetGroupName"]
    result: Service = {
        "strategy": STRATEGIES[configuration["strategy"]],
        "bake_time": configuration.get("bake_time_in_minutes", 0),
    }
    for kind, share in (("canary", "canary"), ("linear", "step")):
        given = configuration.get(f"{kind}_configuration")
        if given:
            result[kind] = {"percent": given[f"{share}_percent"], "bake_time": given[f"{share}_bake_time_in_minutes"]}
    return result


def shifts(service: Raw) -> bool:
    """Return whether ECS shifts requests between two target groups of a service."""
    configuration = service.get("deploymentConfiguration") or {}
    return str(configuration.get("strategy", strategy.ROLLING)) != strategy.ROLLING


def own(service: Raw, live: Raw) -> t.Iterator[tuple[str, str]]:
    """Yield title and CloudFormation's physical id of each resource that belongs to the service."""
    yield f"service {service['serviceName']}", service["serviceArn"]
    for one in balanced.balancers(service, live):
        yield f"target group {one.group['TargetGroupName']}", one.arn
    for rule in balanced.rules_of(service, live):
        if priority(rule) is not None:
            yield f"listener rule {rule['RuleArn']}", rule["RuleArn"]
    names: dict[str, str] = {}
    task = live["definitions"].get(service.get("taskDefinition", ""))
    if task:
        containers = normalise_task_definition(task)["container_definitions"]
        _logs(containers[of_containers.main_container(service, task)], names, live)
    yield from ((f"log group {name}", name) for name in names.values())
    groups = security_groups(service)
    for one in live["security_groups"]:
        if [one["GroupId"]] == groups and _is_alone(one, service, live):
            yield f"security group {one['GroupName']}", one["GroupId"]
