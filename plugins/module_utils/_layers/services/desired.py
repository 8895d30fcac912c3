# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The resources that a service asks for, in names.  Plain dicts in and out.

I(service) is one complete definition (C(inputs)), I(platform) what the layers below have and are named, I(found)
what there is of the service already (C(found)), or an empty map.
"""

from __future__ import annotations

import typing as t

from ..._aws.arn import last
from ..._plan.compare import closed, differences
from ..._plan.model import Resource
from ..._resources.ecs import decide
from ..._resources.ecs.normal import normalise_task_definition
from ..._resources.elbv2 import conditions
from ..._resources.iam.policy import canonical, execution_policy, trusting
from ..._resources.servicediscovery.decide import fixed_of_service
from ..ecr_push import resources as ecr
from . import connect, containers, job, logging, policies, queue, routes, scaling, strategy
from .names import Names

Data = t.Mapping[str, t.Any]

NEW = "(new revision)"
"""How a task definition ends that is still to be registered."""

ANYWHERE = "0.0.0.0/0"
NO_ROLE = "none"
"""Of C(task_role_arn), that tasks have no role."""


def resources(service: Data, platform: Data, found: Data) -> list[Resource]:
    """Return every resource of a service, each after those that it refers to."""
    definition = task_definition(service, platform, found)
    return [
        *_image(service, platform, found),
        *([] if service["log_group_name"] else [_log_group(service, platform)]),
        *queue.resources(service, _names(service, platform), tags(service, platform)),
        *_roles(service, platform, found),
        *([] if service["security_group_ids"] else [_security_group(service, platform)]),
        *(_routes(service, platform, found) if service["rules"] else []),
        *_discovery(service, platform, found),
        definition,
        *_runner(service, platform, found, definition),
    ]


def tags(service: Data, platform: Data) -> dict[str, str]:
    """Return the tags of everything that a service has."""
    given = {**platform["tags"], **service["tags"], "Name": _names(service, platform).full}
    return {str(key): str(value) for key, value in given.items()}


def _names(service: Data, platform: Data) -> Names:
    return Names.of(platform["name_prefix"], service)


def _image(service: Data, platform: Data, found: Data) -> list[Resource]:
    """Return the repository and the image of a service that is built: its tag is known before, its digest after it."""
    settings = platform.get("repository")
    if not service.get("build") or not settings:
        return []
    built = found.get("built") or {}
    own = {**settings, "name": _names(service, platform).repository, "tags": tags(service, platform)}
    if built.get("scanned_by_registry"):
        # What the repository itself says does nothing then, and AWS is about to end it.
        own["scan_on_push"] = None
    image_tag = (built.get("image") or {}).get("tag")
    return ecr.desired(own, None if _is_left_alone(service, found) else image_tag)


def _log_group(service: Data, platform: Data) -> Resource:
    return {
        "type": "log_group",
        "name": _names(service, platform).log_group,
        "values": {"retention": logging.retention(service), "tags": tags(service, platform)},
    }


def _roles(service: Data, platform: Data, found: Data) -> list[Resource]:
    names = _names(service, platform)
    inline, managed = policies.task_policies(service, platform), policies.managed_policies(service, platform)
    of_tasks = policies.trust_policy(platform)
    roles: dict[str, tuple[Data, dict[str, Data], list[str]]] = {}
    if not service["task_role_arn"]:
        roles[names.task_role] = (of_tasks, inline, managed)
    if (start := policies.execution_policies(service, platform)) and not service["execution_role_arn"]:
        roles[names.execution_role] = (of_tasks, start, [execution_policy(platform["partition"])])
    if job.is_job(service):
        trust, starts = job.role(service, platform, _role_arns(service, platform, found).values())
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
                "inline_policies": closed(_canonical(own), before[name]),
                "managed_policies": attached,
                "permissions_boundary": platform["permissions_boundary"],
                "tags": tags(service, platform),
            },
        }
        for name, (trusted, own, attached) in roles.items()
    ]


def _canonical(documents: t.Mapping[str, Data]) -> dict[str, Data]:
    return {name: canonical(document) for name, document in documents.items()}


def _security_group(service: Data, platform: Data) -> Resource:
    names = _names(service, platform)
    group = platform["load_balancer_group"]
    # what is found has it by its name, wherever it comes from
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


def _routes(service: Data, platform: Data, found: Data) -> list[Resource]:
    names = _names(service, platform)
    own = strategy.groups(service, names, found)
    of_port = {port: routes.group(service, names, found, port, own[0]) for port in routes.ports(service)}
    # of the rules of a port, which have one target group, each says the same of it
    first = {rule["port"]: rule for rule in reversed(service["rules"])}
    targets = [(of_port[port], rule) for port, rule in first.items()]
    targets += [(name, service["rules"][0]) for name in own[1:]]
    named = routes.named(service, names, found)
    rules = [_listener_rule(service, platform, rule, [of_port[rule["port"]], *own[1:]]) for rule in named]
    if strategy.test_rule(service, names):
        rules.append(_test_rule(service, platform, rules[0]))
    return [*(_target_group(service, platform, name, rule) for name, rule in targets), *rules]


def _target_group(service: Data, platform: Data, name: str, rule: Data) -> Resource:
    sticky = service["stickiness_duration"]
    attributes = {
        "deregistration_delay.timeout_seconds": str(service["deregistration_delay"]),
        "slow_start.duration_seconds": str(service["slow_start"]),
        "stickiness.enabled": "true" if sticky else "false",
    }
    if sticky:
        attributes |= {"stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": str(sticky)}
    return {
        "type": "target_group",
        "name": name,
        "values": {
            "protocol": "HTTP",
            "protocol_version": rule["protocol_version"],
            "target_type": "ip",
            "vpc": platform["vpc"],
            "health_check": {**rule["health_check"], "protocol": "HTTP", "port": "traffic-port"},
            "attributes": attributes,
            "tags": tags(service, platform),
        },
        "fixed": ["protocol", "protocol_version", "target_type", "vpc"],
        # no rule may forward to it, and no service have it, when it is removed
        "way": _way_round(_names(service, platform), name),
    }


def _way_round(names: Names, group: str) -> str:
    """Return what makes a target group with other fixed values, in the place of one that serves."""
    own = {names.target_group: "target_group", names.alternate: "alternate_target_group"}
    if group in own:
        return f"have a new one in its place by another name, names.{own[group]}"
    return "have a new one by another port of the rules that lead to it"


def _listener_rule(service: Data, platform: Data, rule: Data, groups: t.Sequence[str]) -> Resource:
    return {
        "type": "listener_rule",
        "name": rule["name"],
        "values": {
            "listener": platform["listener"],
            "priority": rule["priority"],
            **conditions.canonical(rule),
            "other_conditions": [],
            "target_group": strategy.forwards_to(groups),
            "tags": {**tags(service, platform), "Name": rule["name"]},
        },
    }


def _test_rule(service: Data, platform: Data, own: Resource) -> Resource:
    """Return the rule for tests: in front of the service's own with a header, or like it on a listener of tests."""
    name, rule = str(strategy.test_rule(service, _names(service, platform))), service["rules"][0]
    port = strategy.test_port(service)
    values = {
        **own["values"],
        **conditions.canonical({**rule, "headers": [*rule["headers"], *strategy.headers(service)]}),
        **({"listener": f"{platform['load_balancer']}:{port}"} if port else {}),
        "priority": rule.get("test_priority"),
        "tags": {**own["values"]["tags"], "Name": name},
    }
    return {"type": "listener_rule", "name": name, "values": values}


def _discovery(service: Data, platform: Data, found: Data) -> list[Resource]:
    if not _is_discovered(service, platform):
        return []
    values: dict[str, t.Any] = {
        "dns_records": [{"type": "A", "ttl": 15}],
        "routing_policy": "MULTIVALUE",
        "health_check_custom_config": True,
        "tags": tags(service, platform),
    }
    name = _names(service, platform).discovery(platform["namespace"])
    has = _found_values(found, "cloud_map_service", name)
    fixed = fixed_of_service(has["dns_records"], values["dns_records"]) if has else []
    return [{"type": "cloud_map_service", "name": name, "values": values, "fixed": fixed}]


def _found_values(found: Data, kind: str, name: str) -> Data:
    entries = (entry for entry in found.get("resources") or [] if (entry["type"], entry["name"]) == (kind, name))
    return next((entry["values"] for entry in entries), {})


def _is_discovered(service: Data, platform: Data) -> bool:
    return bool(service["service_discovery"] and platform.get("namespace"))


def task_definition(service: Data, platform: Data, found: Data) -> Resource:
    """Return the task definition, its containers by name."""
    values = in_names(normalise_task_definition(task_definition_options(service, platform, found)))
    newest = current(values, found.get("task_definitions") or [])
    has = newest["values"] if newest else {}
    own_tags = values.pop("tags")
    exact = closed(values, {key: value for key, value in has.items() if key != "tags"})
    hidden = [] if platform.get("show_environment") else environments(exact)
    return {
        "type": "ecs_task_definition",
        "name": _names(service, platform).family,
        "values": {**exact, "tags": own_tags},
        "sensitive": hidden,
    }


def current(values: Data, candidates: t.Sequence[Resource]) -> Resource | None:
    """Return the revision that a wanted task definition is compared with: one that equals it, else the first.

    I(candidates) are the revision that the service runs and the newest one. Of two that equal it, the one with the
    wanted tags: after a rollback, a tag that changes makes a revision that is newer than what runs.
    """
    wanted = {key: value for key, value in values.items() if key != "tags"}

    def equal(candidate: Resource) -> bool:
        has = {key: value for key, value in candidate["values"].items() if key != "tags"}
        return not differences(has, closed(wanted, has))

    def tagged(candidate: Resource) -> bool:
        has = candidate["values"].get("tags") or {}
        return all(has.get(key) == value for key, value in (values.get("tags") or {}).items())

    same = [candidate for candidate in candidates if equal(candidate)]
    return next((candidate for candidate in same if tagged(candidate)), next(iter(same or candidates), None))


def in_names(definition: Data) -> dict[str, t.Any]:
    """Return a canonical task definition with its roles by name."""
    roles = {"task_role_arn": "task_role", "execution_role_arn": "execution_role"}
    return {roles.get(key, key): last(str(value)) if key in roles else value for key, value in definition.items()}


def environments(definition: Data) -> list[str]:
    """Return the paths of a canonical task definition below which the values of environment variables are."""
    return [f"container_definitions.{name}.environment" for name in definition["container_definitions"]]


def task_definition_options(service: Data, platform: Data, found: Data) -> dict[str, t.Any]:
    """Return the task definition as M(magiclub.fargate.ecs_task_definition) takes it."""
    names = _names(service, platform)
    environment = {**service["environment"], **queue.environment(service, names, platform)}
    main = {**service, "name": service["container_name"], "image": image(service, found), "essential": True}
    main["environment"] = environment
    options = {
        "family": names.family,
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": service["cpu"],
        "memory": service["memory"],
        "runtime_platform": {"cpu_architecture": service["cpu_architecture"], "operating_system_family": "LINUX"},
        **_role_arns(service, platform, found),
        "container_definitions": [
            *(_container(each, service, platform) for each in (main, *service["sidecars"])),
            *logging.router(service, platform),
        ],
        "volumes": [_volume(volume) for volume in service["volumes"]],
        "tags": tags(service, platform),
    }
    if service["ephemeral_storage"]:
        options["ephemeral_storage"] = {"size_in_gib": service["ephemeral_storage"]}
    return options


def _role_arns(service: Data, platform: Data, found: Data) -> dict[str, str]:
    own, start = service["task_role_arn"], service["execution_role_arn"]
    arns = {
        "task_role_arn": own or _role_arn(_names(service, platform).task_role, platform, found),
        "execution_role_arn": start or _role_arn(execution_role(service, platform), platform, found),
    }
    return {key: arn for key, arn in arns.items() if arn != NO_ROLE}


def _role_arn(name: str, platform: Data, found: Data) -> str:
    has = ((found.get("roles") or {}).get(name) or {}).get("arn")
    return has or f"arn:{platform['partition']}:iam::{platform['account_id']}:role/{name}"


def execution_role(service: Data, platform: Data) -> str:
    """Return the name of the role that ECS starts the tasks with: the cluster's, or one that may read the secrets."""
    own = policies.execution_policies(service, platform)
    return _names(service, platform).execution_role if own else platform["execution_role"]


def image(service: Data, found: Data) -> str:
    """Return the image to run: with the policy C(preserve) that which the service runs already.

    One that is built is known by its digest once ECR has it.
    """
    if _is_left_alone(service, found):
        running = next(iter(found.get("task_definitions") or []), None)
        containers = running["values"]["container_definitions"] if running else {}
        return str(containers.get(service["container_name"], service)["image"])
    built = (found.get("built") or {}).get("image") or {}
    return str((service.get("build") and built.get("uri")) or service["image"])


def _is_left_alone(service: Data, found: Data) -> bool:
    return service["image_policy"] == "preserve" and bool(found.get("service") or found.get("schedule"))


def _container(container: Data, service: Data, platform: Data) -> dict[str, t.Any]:
    options = {
        key: container.get(key)
        for key in (
            "name",
            "image",
            "essential",
            "command",
            "entry_point",
            "working_directory",
            "user",
            "environment",
            "secrets",
            "memory_reservation",
            "stop_timeout",
        )
    }
    options |= {
        "port_mappings": _port_mappings(container, service),
        "readonly_root_filesystem": container["readonly_root"],
        "linux_parameters": {"init_process_enabled": container["init_process"]},
        "health_check": container.get("container_health_check"),
        "ulimits": [
            {"name": limit["name"], "soft_limit": limit["soft"], "hard_limit": limit["hard"]}
            for limit in container["ulimits"]
        ],
        "depends_on": [
            {"container_name": other["container"], "condition": other["condition"]} for other in container["depends_on"]
        ]
        + logging.waits(service),
        "mount_points": [
            {"source_volume": mount["volume"], "container_path": mount["path"], "read_only": mount["read_only"]}
            for mount in container["mounts"]
        ],
        "log_configuration": logging.configuration(service, platform),
    }
    # A task's cpu is the service's own; of a container it is a share of that.
    if "sidecars" not in container and container.get("cpu"):
        options["cpu"] = container["cpu"]
    options |= containers.further(container)
    given = {key: value for key, value in options.items() if value not in (None, [], {})}
    return containers.merged(given, container["container_options"])


def _ports(container: Data, service: Data) -> list[int]:
    """Return the ports of a container: its own, and those by which rules lead to it."""
    led = [rule["port"] for rule in service["rules"] if rule["container"] == container["name"]]
    return sorted({*led, *([container["port"]] if container.get("port") else [])})


def _port_mappings(container: Data, service: Data) -> list[dict[str, t.Any]]:
    """Return the ports; that of the service has a name where others reach it by Service Connect."""
    named = connect.mapping(service) if "sidecars" in container else {}
    return [
        {"container_port": port, "protocol": "tcp", **(named if port == container.get("port") else {})}
        for port in _ports(container, service)
    ]


def _volume(volume: Data) -> dict[str, t.Any]:
    efs = volume["efs"]
    if not efs:
        return {"name": volume["name"]}
    configuration: dict[str, t.Any] = {"file_system_id": efs["file_system_id"], "transit_encryption": "ENABLED"}
    if efs["root_directory"]:
        configuration["root_directory"] = efs["root_directory"]
    if efs["access_point_id"] or efs["iam"]:
        authorization = {"access_point_id": efs["access_point_id"], "iam": "ENABLED" if efs["iam"] else "DISABLED"}
        configuration["authorization_config"] = {key: value for key, value in authorization.items() if value}
    return {"name": volume["name"], "efs_volume_configuration": configuration}


def _runner(service: Data, platform: Data, found: Data, definition: Resource) -> list[Resource]:
    """Return what has tasks run: an ECS service with its scaling, or the schedule of a job."""
    if job.is_job(service):
        return [job.resource(service, platform, revision(definition, found), _place(service, platform))]
    return [_ecs_service(service, platform, found, definition), *_scaling(service, platform, found)]


def _place(service: Data, platform: Data) -> dict[str, t.Any]:
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


def _ecs_service(service: Data, platform: Data, found: Data, definition: Resource) -> Resource:
    full = _names(service, platform).service
    values = {
        **_place(service, platform),
        "launch_type": _launch_type(service, _found_values(found, "ecs_service", full)),
        "task_definition": revision(definition, found),
        "desired_count": desired_count(service, found),
        "deployment_configuration": deployment_configuration(service, found),
        "load_balancers": strategy.load_balancers(service, _names(service, platform), found),
        "service_registries": (
            [_names(service, platform).discovery(platform["namespace"])] if _is_discovered(service, platform) else []
        ),
        "service_connect": _service_connect(service, platform, found),
        # "only valid for services configured to use load balancers", ECS answers
        "health_check_grace_period_seconds": service["health_check_grace_period"] if service["rules"] else None,
        "availability_zone_rebalancing": "ENABLED" if service["availability_zone_rebalancing"] else "DISABLED",
        "propagate_tags": "SERVICE",
        # what made a deployment fail may be fixed elsewhere: ecs_service starts one that has failed again
        "rollout_state": "COMPLETED" if _has_failed(found) else None,
        "tags": tags(service, platform),
    }
    controller = _found_values(found, "ecs_service", full).get("deployment_controller", "ECS")
    fixed = decide.fixed(sorted(values.keys() - {"tags"}), controller)
    return {"type": "ecs_service", "name": full, "values": values, "fixed": fixed}


def _service_connect(service: Data, platform: Data, found: Data) -> Data | None:
    """Return Service Connect, with marks for what it has and is not asked for; None for a service without."""
    has = _of_service(found).get("service_connect")
    if not service["service_connect"]:
        return connect.OFF if has else None
    role = _names(service, platform).connect_role
    configured = connect.configuration(service, platform, connect.namespace(service, platform), role)
    return t.cast("Data", closed(connect.values(configured, platform.get("namespaces_by_id") or {}), has))


def _of_service(found: Data) -> Data:
    entries = (entry["values"] for entry in found.get("resources") or [] if entry["type"] == "ecs_service")
    return next(entries, {})


def _groups(service: Data, platform: Data) -> list[str]:
    """Return the security groups of the tasks by name, those that others keep by id."""
    names = {platform["load_balancer_group_id"]: platform["load_balancer_group"]}
    given = sorted(names.get(one, one) for one in service["security_group_ids"])
    return given or [_names(service, platform).security_group]


def _launch_type(service: Data, has: Data) -> str | None:
    """Return the launch type of a service without a strategy, which a living one can't be given."""
    return None if service["capacity_provider_strategy"] or has.get("capacity_provider_strategy") else "FARGATE"


def _has_failed(found: Data) -> bool:
    return (found.get("deployment") or {}).get("rollout_state") == "FAILED"


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
    elif _has_alarms(found):
        configuration["alarms"] = {"alarm_names": [], "enable": False, "rollback": False}
    return configuration


def _has_alarms(found: Data) -> bool:
    services = (entry["values"] for entry in found.get("resources") or [] if entry["type"] == "ecs_service")
    return any((values["deployment_configuration"].get("alarms") or {}).get("enable") for values in services)


def revision(definition: Resource, found: Data) -> str:
    """Return the revision that the service is to run, C(family:number), or that it will be a new one."""
    same = current(definition["values"], found.get("task_definitions") or [])
    fields = differences(same["values"], definition["values"]) if same else [{"path": ""}]
    if same and all(field["path"].startswith("tags.") for field in fields):
        return str(same["revision"])
    return f"{definition['name']} {NEW}"


def desired_count(service: Data, found: Data) -> int | None:
    """Return the number of tasks to set; null if it is somebody else's to set."""
    scaling = service["autoscaling"]
    if found.get("service") and (scaling or service["desired_count_policy"] == "preserve"):
        return None
    count = int(service["desired_count"])
    return min(max(count, scaling["min"]), scaling["max"]) if scaling else count


def _scaling(service: Data, platform: Data, found: Data) -> list[Resource]:
    given, names = service["autoscaling"], _names(service, platform)
    if not given:
        return []
    bounds = {"min_capacity": given["min"], "max_capacity": given["max"], "tags": tags(service, platform)}
    target: Resource = {"type": "scalable_target", "name": names.service, "values": bounds}
    requests_of = f"{platform['load_balancer']}/{strategy.groups(service, names, found)[0]}"
    return [target, *(_policy(one, requests_of) for one in scaling.policies(service, names, platform, found))]


def _policy(policy: Data, requests_of: str) -> Resource:
    values = {key: value for key, value in policy.items() if key != "name"}
    if policy["metric"] == scaling.METRICS["requests"]:
        values["requests_of"] = requests_of
    return {"type": "scaling_policy", "name": policy["name"], "values": values}
