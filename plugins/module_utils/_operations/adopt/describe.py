# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service that runs in the words of the role fargate_service: the inverse of C(_layers.services.desired).

Plain dicts in and out.  What has no words is not looked for here: comparing tells it, by resource and field.
"""

from __future__ import annotations

import typing as t

from ..._aws.arn import last
from ..._layers.services import desired, desired_task, scaling, strategy
from ..._resources.autoscaling.decide import policy_values
from ..._resources.ec2 import security_group_rules
from ..._resources.ecs.normal import normalise_service, normalise_task_definition
from ..._resources.ecs.rollout import answers
from ..._resources.elbv2 import conditions
from ..._resources.elbv2.decide import priority, shares, target_group_values

Raw = t.Mapping[str, t.Any]
Service = dict[str, t.Any]

# Fields of a container that an option of the role has the name of, or another one.
SAME = (
    "image", "command", "entry_point", "working_directory", "user", "environment", "secrets", "memory_reservation",
    "stop_timeout",
)  # fmt: skip
OTHER = {"readonly_root_filesystem": "readonly_root", "health_check": "container_health_check"}
LATEST = "LATEST"


def definition(name: str, service: Raw, live: Raw, listener: str | None) -> Service:
    """Return the definition of a service that runs, under its I(name) in the inventory; its rule is of I(listener)."""
    data = normalise_service(service)
    task = live["definitions"][service["taskDefinition"]]
    group = _target_group(service, live)
    names = {"service": str(service["serviceName"]), "task_family": str(task["family"])}
    result: Service = {"name": name, "names": names, **_task(service, task, names, live)}
    result |= _network(service, result.get("port"), names, live)
    if group:
        names["target_group"] = group["TargetGroupName"]
        result |= _balanced(service, group, live, listener)
    if shifts(service):
        result |= {"deployment": _shifting(service, data, names, live), "shift_role_arn": shifting(service)["roleArn"]}
    result |= _of_service(data) | _discovery(service, live, names)
    if scaling := _scaling(service, live):
        result["autoscaling"] = scaling
    result["desired_count"] = service["desiredCount"]
    return {key: value for key, value in result.items() if value not in (None, {}, [])} | _empty(result)


def _empty(result: Service) -> Service:
    """Return what means something though it is empty."""
    return {key: [] for key in ("capacity_provider_strategy",) if result.get(key) == []}


def _task(service: Raw, task: Raw, names: dict[str, str], live: Raw) -> Service:
    data = normalise_task_definition(task)
    containers = data["container_definitions"]
    main = main_container(service, task)
    result = _container(containers[main])
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
        "sidecars": [_sidecar(name, one) for name, one in containers.items() if name != main],
    }
    return result | _logs(containers[main], names, live)


ROLES = {"task_role_arn": "taskRoleArn", "execution_role_arn": "executionRoleArn"}


def main_container(service: Raw, task: Raw) -> str:
    """Return the name of the container that requests go to, else of the first essential one with a port, or at all."""
    balanced = [one["containerName"] for one in service.get("loadBalancers") or [] if one.get("containerName")]
    essential = [one for one in task["containerDefinitions"] if one.get("essential", True)]
    with_port = [one["name"] for one in essential if one.get("portMappings")]
    return str([*balanced, *with_port, *(one["name"] for one in essential or task["containerDefinitions"])][0])


def _container(data: Raw) -> Service:
    result: Service = {key: data[key] for key in SAME if key in data}
    result |= {ours: data[theirs] for theirs, ours in OTHER.items() if theirs in data}
    ports = [int(key.partition("/")[0]) for key in data.get("port_mappings") or {} if key.endswith("/tcp")]
    if ports:
        result["port"] = ports[0]
    result["init_process"] = bool((data.get("linux_parameters") or {}).get("init_process_enabled"))
    limits = (data.get("ulimits") or {}).items()
    result["ulimits"] = [{"name": key, "soft": one["soft_limit"], "hard": one["hard_limit"]} for key, one in limits]
    others = data.get("depends_on") or {}
    result["depends_on"] = [{"container": key, "condition": _only(one, "condition")} for key, one in others.items()]
    mounts = data.get("mount_points") or {}
    result["mounts"] = [
        {"volume": one["source_volume"], "path": path, "read_only": bool(one.get("read_only"))}
        for path, one in mounts.items()
    ]
    return {key: value for key, value in result.items() if value not in (None, [], {})}


def _only(value: t.Any, key: str) -> t.Any:
    """Return a value that the canonical form may have folded to itself."""
    return value[key] if isinstance(value, t.Mapping) else value


def _sidecar(name: str, data: Raw) -> Service:
    own = {"cpu": data["cpu"]} if data.get("cpu") else {}
    return {"name": name, **_container(data), **own, "essential": data.get("essential", True)}


# What the role has options of its own for, as ECS spells it.
_SAID = {
    "name", "image", "essential", "command", "entryPoint", "workingDirectory", "user", "environment", "secrets",
    "memoryReservation", "stopTimeout", "portMappings", "readonlyRootFilesystem", "healthCheck", "ulimits", "dependsOn",
    "mountPoints", "cpu",
}  # fmt: skip
_SAID_OF_LOGS = {"awslogs-group", "awslogs-region", "awslogs-stream-prefix"}


def further(task: Raw) -> dict[str, dict[str, t.Any]]:
    """Return what else the containers of a task definition have, in AWS's spelling, by their names."""
    found = {one["name"]: _further(one) for one in task["containerDefinitions"]}
    return {name: options for name, options in found.items() if options}


def _further(container: Raw) -> dict[str, t.Any]:
    linux = {key: one for key, one in (container.get("linuxParameters") or {}).items() if key != "initProcessEnabled"}
    logs = dict(container.get("logConfiguration") or {})
    options = {key: one for key, one in (logs.get("options") or {}).items() if key not in _SAID_OF_LOGS}
    driver = {} if logs.get("logDriver") == "awslogs" else {key: logs[key] for key in logs if key != "options"}
    own = {"linuxParameters": linux, "logConfiguration": {**driver, **({"options": options} if options else {})}}
    rest = {key: one for key, one in container.items() if key not in _SAID | own.keys()}
    return {key: one for key, one in {**rest, **own}.items() if one not in (None, False, 0, "", [], {})}


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
    # a group that has no retention keeps its lines for ever, and one of several services is none of theirs
    if retention is None or _loggers(group, live) > 1:
        return {**result, "log_group_name": group}
    names["log_group"] = group
    return {**result, "log_retention": retention}


def _loggers(group: str, live: Raw) -> int:
    """Return how many families of task definitions log into a group."""
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
    """Whether no other service of the cluster and no load balancer has the security group, nor is it the VPC's own."""
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
    """Return who besides the load balancer gets in, None if the group is not as the role has one."""
    ingress = security_group_rules.shown(group.get("IpPermissions") or [], {})
    egress = security_group_rules.shown(group.get("IpPermissionsEgress") or [], {})
    if egress != [{"protocol": "all", "ports": "all", "source": desired.ANYWHERE}]:
        return None
    if any((rule["protocol"], rule["ports"]) != ("tcp", str(port)) for rule in ingress):
        return None
    sources = {rule["source"] for rule in ingress}
    balancer = load_balancer(service, live)
    if balancer:
        theirs = (balancer.get("SecurityGroups") or [""])[0]
        if theirs not in sources:
            return None
        sources.discard(theirs)
    return sorted(sources)


def target_groups(service: Raw) -> list[str]:
    """Return the ARNs of all target groups that a service registers its tasks in."""
    return answers.target_groups(t.cast("t.Any", service))


def _target_group(service: Raw, live: Raw) -> Raw | None:
    arns = [one["targetGroupArn"] for one in service.get("loadBalancers") or [] if one.get("targetGroupArn")]
    return live["target_groups"].get(arns[0]) if arns else None


def load_balancer(service: Raw, live: Raw) -> Raw | None:
    """Return the load balancer that a service is behind."""
    group = _target_group(service, live)
    arns = (group or {}).get("LoadBalancerArns") or []
    return next((one for one in live["load_balancers"] if one["LoadBalancerArn"] in arns), None)


def rules_of(service: Raw, live: Raw) -> list[Raw]:
    """Return the listener rules that forward to the target group of a service, the default ones too."""
    group = _target_group(service, live)
    arn = group["TargetGroupArn"] if group else None
    return [rule for some in live["rules"].values() for rule in some if arn in shares(rule)]


def own_rules(service: Raw, live: Raw, listener: str | None) -> list[Raw]:
    """Return the rules of a listener that forward to a service, in their order."""
    of_listener = [rule["RuleArn"] for rule in live["rules"].get(listener) or [] if priority(rule) is not None]
    rules = [rule for rule in rules_of(service, live) if rule["RuleArn"] in of_listener]
    return sorted(rules, key=lambda rule: priority(rule) or 0)


def _balanced(service: Raw, group: Raw, live: Raw, listener: str | None) -> Service:
    values = target_group_values(group, live["attributes"].get(group["TargetGroupArn"]) or [], {})
    check, attributes = values["health_check"], values["attributes"]
    number = next(int(one["containerPort"]) for one in service["loadBalancers"] if one.get("targetGroupArn"))
    kept = ("path", "matcher", "interval", "timeout", "healthy_threshold", "unhealthy_threshold")
    sticky = attributes.get("stickiness.enabled") == "true"
    duration = int(attributes.get("stickiness.lb_cookie.duration_seconds", 86400))
    result: Service = {
        "port": number,
        "health_check": {key: check[key] for key in kept if check.get(key) is not None},
        "deregistration_delay": int(attributes.get("deregistration_delay.timeout_seconds", 300)),
        "slow_start": int(attributes.get("slow_start.duration_seconds", 0)),
        "stickiness_duration": duration if sticky else 0,
        "health_check_grace_period": service.get("healthCheckGracePeriodSeconds", 0),
    }
    if (version := group.get("ProtocolVersion", "HTTP1")) != "HTTP1":
        result["protocol_version"] = version
    rules = [_rule(rule) for rule in own_rules(service, live, listener)]
    return result | ({"rules": rules} if len(rules) > 1 else {"rule": rules[0]} if rules else {})


def _rule(rule: Raw) -> Service:
    asked = conditions.found(rule.get("Conditions") or [])
    return {**{word: asked[word] for word in conditions.WORDS if asked[word]}, "priority": priority(rule)}


def _of_service(data: Raw) -> Service:
    configuration = data.get("deployment_configuration") or {}
    breaker = configuration.get("deployment_circuit_breaker") or {}
    alarms = configuration.get("alarms") or {}
    return {
        "capacity_provider_strategy": data.get("capacity_provider_strategy") or [],
        "platform_version": data.get("platform_version") or LATEST,
        "minimum_healthy_percent": configuration.get("minimum_healthy_percent"),
        "maximum_percent": configuration.get("maximum_percent"),
        "circuit_breaker": {key: bool(breaker.get(key)) for key in ("enable", "rollback")},
        "deployment_alarms": list(alarms.get("alarm_names") or []) if alarms.get("enable") else [],
        "availability_zone_rebalancing": data.get("availability_zone_rebalancing") == "ENABLED",
        "enable_execute_command": bool(data.get("enable_execute_command")),
    }


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
        kind = kinds.get(values["metric"])
        if kind and kind not in result:
            result |= {key: values[key] for key in ("scale_in_cooldown", "scale_out_cooldown")}
            result[kind] = values["target_value"]
    return result


STRATEGIES = {of_ecs: ours for ours, of_ecs in strategy.OF_ECS.items()}


def _shifting(service: Raw, data: Raw, names: dict[str, str], live: Raw) -> Service:
    """Return how ECS shifts the requests of a service; the names of what it does so with go into I(names)."""
    configuration, advanced = data["deployment_configuration"], shifting(service)
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


def shifting(service: Raw) -> Raw:
    """Return what a service has for ECS to shift its requests with, empty if it has nothing."""
    balancer: Raw = next(iter(service.get("loadBalancers") or []), {})
    return t.cast("Raw", balancer.get("advancedConfiguration") or {})


def shifts(service: Raw) -> bool:
    """Whether ECS shifts requests between two target groups of a service."""
    configuration = service.get("deploymentConfiguration") or {}
    return str(configuration.get("strategy", strategy.ROLLING)) != strategy.ROLLING


def own(service: Raw, live: Raw) -> t.Iterator[tuple[str, str]]:
    """Yield what would be the service's own: in words, and as CloudFormation knows it (its physical id)."""
    yield f"service {service['serviceName']}", service["serviceArn"]
    group = _target_group(service, live)
    if group:
        yield f"target group {group['TargetGroupName']}", group["TargetGroupArn"]
    for rule in rules_of(service, live):
        if priority(rule) is not None:
            yield f"listener rule {rule['RuleArn']}", rule["RuleArn"]
    names: dict[str, str] = {}
    task = live["definitions"].get(service.get("taskDefinition", ""))
    if task:
        containers = normalise_task_definition(task)["container_definitions"]
        _logs(containers[main_container(service, task)], names, live)
    yield from ((f"log group {name}", name) for name in names.values())
    groups = security_groups(service)
    for one in live["security_groups"]:
        if [one["GroupId"]] == groups and _is_alone(one, service, live):
            yield f"security group {one['GroupName']}", one["GroupId"]
