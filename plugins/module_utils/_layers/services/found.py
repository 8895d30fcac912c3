# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services as they are, in the same words as the desired ones: every reference by name.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

from ..._aws.arn import last
from ..._aws.tagged import name as tag_name
from ..._aws.tagged import tags as tags_of
from ..._plan.model import Resource
from ..._resources.autoscaling.decide import policy_values, target_values
from ..._resources.ec2 import security_group
from ..._resources.ecs import diagnose
from ..._resources.ecs.given_up import is_given_up
from ..._resources.ecs.normal import normalise_service, normalise_task_definition
from ..._resources.ecs.rollout import answers, judge
from ..._resources.ecs.shapes import Deployment, Service, Targets
from ..._resources.elbv2 import conditions
from ..._resources.elbv2.decide import forwards_to, pick_rule, priority, rule_values, shares, target_group_values
from ..._resources.iam import role
from ..._resources.logs import log_group
from ..._resources.scheduler import decide
from ..._resources.servicediscovery.decide import service_values as discovery_values
from . import connect, job, queue, scheduled, strategy
from .desired_task import environments, in_names
from .names import Names

CONDITIONS = (*conditions.WORDS, "other_conditions")

Raw = t.Mapping[str, t.Any]
Found = dict[str, t.Any]


def services(raw: Raw, wanted: t.Sequence[Names], around: Raw) -> dict[str, Found]:
    """Return, by the name of each service, what there is of it.

    I(around) tells C(names) of things of other layers by id, and the C(listener) and C(namespace) by name.
    """
    known = {**around["names"], **_own_names(raw, around)}
    return {names.app: _service(raw, names, {**around, "names": known}) for names in wanted}


def rules(raw: Raw) -> list[Found]:
    """Return every rule of the listener but the default one, with its name, priority and conditions."""
    result = []
    for rule in raw["rules"]:
        if priority(rule) is not None:
            tags = raw["elb_tags"].get(rule["RuleArn"], {})
            values = rule_values(rule, tags)
            own = {key: values[key] for key in ("priority", *CONDITIONS, "target_group_arn")}
            result.append({"arn": rule["RuleArn"], "name": tags.get("Name"), **own})
    return result


def resources(found: Raw) -> list[Resource]:
    """Return all resources of one service: of its revisions one, and what is on its way out."""
    return [*found["resources"], *found["task_definitions"][:1], *found["leaving"], *(found.get("endpoints") or [])]


def _own_names(raw: Raw, around: Raw) -> dict[str, str]:
    names = {group["GroupId"]: group["GroupName"] for group in raw["security_groups"]}
    names |= {group["TargetGroupArn"]: group["TargetGroupName"] for group in raw["target_groups"]}
    names |= {service["Arn"]: f"{service['Name']}.{around['namespace']}" for service in raw["discovery"]}
    others = [(name, raw["other_discovery"].get(found) or []) for name, found in _others(around, "namespaces")]
    return names | {service["Arn"]: f"{service['Name']}.{name}" for name, some in others for service in some}


def _others(around: Raw, kind: str) -> list[tuple[str, str]]:
    return list((around.get(f"other_{kind}") or {}).items())


def _service(raw: Raw, names: Names, around: Raw) -> Found:
    described, schedule = _one(raw["services"], "serviceName", names.service), _schedule_of(raw, names)
    draining = described is not None and described["status"] == "DRAINING"
    service = None if draining else described
    groups = [group for group in raw["target_groups"] if _is_group(raw, names, group)]
    arns = {group["TargetGroupName"]: group["TargetGroupArn"] for group in groups}
    taken_over = "target_group" in names.given
    given = {arns.get(name) for name in ({names.target_group} if taken_over else set()) | names.given_groups}
    rule = pick_rule(
        raw["rules"],
        raw["elb_tags"],
        names.full,
        arns.get(names.target_group),
        _production_rule(service) if taken_over else None,
        taken_over=taken_over,
    )
    own_rules = _own_rules(raw, names, rule, _taken_over(raw, given))
    serving = strategy.serving(names, service, shares(rule) if rule else {}, around["names"])
    group, tests = _one(groups, "TargetGroupName", serving), _test_rules(raw, names, around)
    definitions = _task_definitions(raw, names, service, schedule)
    health = {arn: raw["health"].get(arn, []) for arn in arns.values()}
    targets = raw["scalable_targets"]
    scaled = next((one for one in targets if one["ResourceId"].endswith(f"/{names.service}")), None)
    found = [
        *_log_group(raw, names),
        *_roles(raw, names),
        *_security_group(raw, names, around),
        *(entry for one in groups for entry in _target_group(raw, one, around)),
        *(entry for name, one in own_rules.items() for entry in _listener_rule(raw, one, name, around, serving)),
        *(one for tested in tests for one in _test_rule(raw, tested, around, serving)),
        *_rules_of_before(raw, names, group, around),
        *_discovery(raw, names, around),
        *_discovery_of_before(raw, names, around),
        *_ecs_service(service, {**around, "names": {**around["names"], **_rule_names(raw), **_named(own_rules)}}),
        *_scaling(scaled, names, around),
        *([job.found(schedule, around["names"])] if schedule else []),
        *(queue.found(one) for one in raw["queues"] if one["QueueName"] in (names.queue, names.dead_letter_queue)),
    ]
    return {
        "name": names.app,
        "full_name": names.service,
        "resources": found,
        "task_definitions": definitions,
        "leaving": [
            *(_ecs_service(described, around) if draining else []),
            *([] if definitions else _old_revisions(raw, names)),
        ],
        "endpoints": _endpoints(raw, names, around),
        **_state(t.cast("Service | None", service), group, health),
        **_as_job(service, schedule),
        "serving": serving,
        "testing": _testing(names, service, [tested.rule for tested in tests], around),
        "deployments": len((service or {}).get("deployments") or []),
        "image": _image(service, schedule, raw),
        "roles": {
            entry["name"]: entry["values"] | {"arn": entry["id"]} for entry in found if entry["type"] == "iam_role"
        },
        "rules": [_rule(name, one) for name, one in own_rules.items()],
        "test_rule_priority": next((priority(one.rule) for one in tests if one.name == names.test_rule), None),
        "ids": {f"{entry['type']} {entry['name']}": entry["id"] for entry in found},
    }


def _is_group(raw: Raw, names: Names, group: Raw) -> bool:
    tags = raw["elb_tags"].get(group["TargetGroupArn"], {})
    return names.is_group(group["TargetGroupName"], str(tags.get("Name")))


def _production_rule(service: Raw | None) -> str | None:
    """Return the ARN of the rule by which ECS shifts the requests of a service."""
    balancer: Raw = next(iter((service or {}).get("loadBalancers") or []), {})
    return (balancer.get("advancedConfiguration") or {}).get("productionListenerRule")


def _taken_over(raw: Raw, groups: t.Container[str | None]) -> list[Raw]:
    """Return the rules that forward to target groups that somebody else made, whatever their names."""
    return sorted(
        (rule for rule in raw["rules"] if priority(rule) is not None and forwards_to(rule) in groups),
        key=lambda rule: priority(rule) or 0,
    )


def _own_rules(raw: Raw, names: Names, first: Raw | None, taken: t.Sequence[Raw] = ()) -> dict[str, Raw]:
    """Return the rules of a service by their names; I(first) has the service's own, or has lost its tag.

    Those that are I(taken) over get the names that they will have.
    """
    named = {_name_of(raw, rule): rule for rule in raw["rules"] if names.is_rule(_name_of(raw, rule))}
    there = {**({names.full: first} if first else {}), **dict(sorted(named.items()))}
    known = {rule["RuleArn"] for rule in there.values()}
    free = (name for number in range(1, len(raw["rules"]) + 2) if (name := names.rule(number)) not in there)
    others = [rule for rule in taken if rule["RuleArn"] not in known]
    return there | dict(zip(free, others, strict=False))


def _rule(name: str, rule: Raw) -> Found:
    asked = conditions.found(rule.get("Conditions") or [])
    return {
        "name": name,
        "arn": rule["RuleArn"],
        "priority": priority(rule),
        "target_group_arn": forwards_to(rule),
        **asked,
    }


class Tested(t.NamedTuple):
    """A rule for tests, its name, and its listener by name and ARN; the ARN is none for that of the services."""

    rule: Raw
    name: str
    listener: str
    listener_arn: str | None


def _test_rules(raw: Raw, names: Names, around: Raw) -> list[Tested]:
    """Return the rules for tests, by a header or a port; of another way than the one asked for, it is of before."""
    by_header = [
        Tested(rule, names.test_rule, around["listener"], None)
        for rule in raw["rules"]
        if _name_of(raw, rule) == names.test_rule
    ]
    by_port = [
        Tested(rule, names.test_rule_on(port), listener, arn)
        for listener, arn in _others(around, "listeners")
        for port in [int(listener.rpartition(":")[2])]
        for rule in raw["other_rules"].get(arn) or []
        if _name_of(raw, rule) == names.test_rule_on(port)
    ]
    return by_header[:1] + by_port


def _test_rule(raw: Raw, tested: Tested, around: Raw, serving: str) -> list[Resource]:
    result = _listener_rule(raw, tested.rule, tested.name, {**around, "listener": tested.listener}, serving)
    if tested.listener_arn:
        for one in result:
            one["values"]["listener_arn"] = tested.listener_arn
    return result


def _testing(names: Names, service: Raw | None, rules: t.Sequence[Raw], around: Raw) -> str | None:
    """Return the name of the target group that test requests reach, by the rule that ECS shifts them with."""
    balancer: Raw = next(iter((service or {}).get("loadBalancers") or []), {})
    used = (balancer.get("advancedConfiguration") or {}).get("testListenerRule")
    rule = next((one for one in rules if one["RuleArn"] == used), next(iter(rules), None))
    return strategy.serving(names, None, shares(rule), around["names"]) if rule else None


def _named(rules: t.Mapping[str, Raw]) -> dict[str, str]:
    return {rule["RuleArn"]: name for name, rule in rules.items()}


def _rule_names(raw: Raw) -> dict[str, str]:
    every = [*raw["rules"], *(rule for some in raw["other_rules"].values() for rule in some)]
    return {rule["RuleArn"]: _name_of(raw, rule) for rule in every if _name_of(raw, rule)}


def _name_of(raw: Raw, rule: Raw) -> str:
    return str(raw["elb_tags"].get(rule["RuleArn"], {}).get("Name") or "")


def _state(service: Service | None, group: Raw | None, health: Targets) -> Found:
    arn = group["TargetGroupArn"] if group else None
    primary = answers.primary_of(service) if service else None
    targets = dict(health) if health else None
    return {
        "service": {"name": service["serviceName"], "arn": service["serviceArn"]} if service else None,
        "status": service["status"] if service else None,
        "task_definition_arn": service["taskDefinition"] if service else None,
        "deployment": _deployment(service, primary) if service and primary else None,
        "desired_count": service["desiredCount"] if service else None,
        "running_count": service["runningCount"] if service else None,
        "pending_count": service["pendingCount"] if service else None,
        "target_group": {"name": group["TargetGroupName"], "arn": arn} if group else None,
        "targets": [_target(entry) for entries in health.values() for entry in entries],
        "steady": service is not None and judge.is_steady(service, targets),
    }


def _schedule_of(raw: Raw, names: Names) -> Raw | None:
    return _one(raw["schedules"], "Name", names.service)


def _as_job(service: Raw | None, schedule: Raw | None) -> Found:
    """Return what there is of a job: its tasks come and go, so that nothing of them has to be steady."""
    if not schedule:
        return {"schedule": None}
    values = decide.values(schedule)
    scheduled = {
        "name": schedule["Name"],
        "arn": schedule["Arn"],
        "expression": values["schedule_expression"],
        "timezone": values["schedule_expression_timezone"],
        "enabled": values["enabled"],
    }
    return {
        "schedule": scheduled,
        **({} if service else {"steady": True, "task_definition_arn": job.started(schedule)}),
    }


def _image(service: Raw | None, schedule: Raw | None, raw: Raw) -> str | None:
    """Return the image of the container behind the load balancer; without one, of that which the task ends with."""
    definition = _running(service, schedule, raw)
    if definition is None:
        return None
    behind = {entry.get("containerName") for entry in (service or {}).get("loadBalancers") or []}
    of_task = [one["name"] for one in definition["containerDefinitions"] if one["name"] in behind]
    name = next(iter(of_task), None) if behind else diagnose.main_container(definition)
    container = _one(definition["containerDefinitions"], "name", str(name))
    return str(container["image"]) if container else None


def _running(service: Raw | None, schedule: Raw | None, raw: Raw) -> Raw | None:
    arn = service["taskDefinition"] if service else job.started(schedule) if schedule else None
    newest = next((found for found in raw["newest"].values() if found and found["taskDefinitionArn"] == arn), None)
    return newest or t.cast("Raw | None", raw["running"].get(arn))


def _deployment(service: Service, primary: Deployment) -> Found:
    return {
        "id": primary["id"],
        "status": primary["status"],
        "rollout_state": primary.get("rolloutState"),
        "given_up": is_given_up(t.cast("Raw", service)),
        "task_definition_arn": primary["taskDefinition"],
    }


def _target(entry: Raw) -> Found:
    return {
        "address": entry["Target"]["Id"],
        "port": entry["Target"].get("Port"),
        "state": entry["TargetHealth"]["State"],
        "reason": entry["TargetHealth"].get("Description") or entry["TargetHealth"].get("Reason"),
    }


def _one(items: t.Iterable[Raw], key: str, value: str) -> Raw | None:
    return next((item for item in items if item[key] == value), None)


def _log_group(raw: Raw, names: Names) -> list[Resource]:
    group = _one(raw["log_groups"], "logGroupName", names.log_group)
    return [log_group.found(group)] if group else []


def _roles(raw: Raw, names: Names) -> list[Resource]:
    return [role.found(one) for one in raw["roles"] if one["RoleName"] in names.roles]


def _security_group(raw: Raw, names: Names, around: Raw) -> list[Resource]:
    group = _one(raw["security_groups"], "GroupName", names.security_group)
    if not group and names.is_by_tags:
        group = next((one for one in raw["security_groups"] if tag_name(one) == names.group_tag), None)
    if not group:
        return []
    # groups of services are let in by their ids, that of the load balancer is known by its name
    own = {other["GroupId"] for other in raw["security_groups"]}
    known = {found: name for found, name in around["names"].items() if found not in own}
    return [{**security_group.found(group, known), "name": group["GroupName"]}]


def _target_group(raw: Raw, group: Raw | None, around: Raw) -> list[Resource]:
    if not group:
        return []
    arn = group["TargetGroupArn"]
    values = target_group_values(group, raw["attributes"][arn], raw["elb_tags"].get(arn, {}))
    vpc = values.pop("vpc_id")
    values["vpc"] = around["names"].get(vpc, vpc)
    return [{"type": "target_group", "name": group["TargetGroupName"], "id": arn, "values": values}]


def _listener_rule(raw: Raw, rule: Raw | None, name: str, around: Raw, serving: str) -> list[Resource]:
    if not rule:
        return []
    arn = rule["RuleArn"]
    values = rule_values(rule, raw["elb_tags"].get(arn, {}))
    group, arns = values.pop("target_group_arn"), values.pop("target_group_arns")
    values |= {"target_group": around["names"].get(group, group), "listener": around["listener"]}
    if len(arns) > 1:
        # whose share is whose is ECS's, so that only who they are is told, the one that serves first
        both = sorted((around["names"].get(one, one) for one in arns), key=lambda one: (one != serving, one))
        values["target_group"] = strategy.forwards_to(both)
    return [{"type": "listener_rule", "name": name, "id": arn, "values": values}]


def _rules_of_before(raw: Raw, names: Names, group: Raw | None, around: Raw) -> list[Resource]:
    """Return the service's rules of other listeners, as a switch to HTTPS leaves them on port 80."""
    result: list[Resource] = []
    for listener, arn in _others(around, "listeners"):
        there = raw["other_rules"].get(arn) or []
        first = pick_rule(there, raw["elb_tags"], names.full, group["TargetGroupArn"] if group else None)
        for own, rule in _own_rules({**raw, "rules": there}, names, first).items():
            values = {"listener": listener, "listener_arn": arn, "rule": own}
            name = f"{own} ({listener})"
            result.append({"type": "listener_rule", "name": name, "id": rule["RuleArn"], "values": values})
    return result


def _discovery(raw: Raw, names: Names, around: Raw) -> list[Resource]:
    service = _one(raw["discovery"], "Name", names.label)
    if not service:
        return []
    values = discovery_values(dict(service), tags_of(service))
    own = {key: values[key] for key in ("dns_records", "routing_policy", "health_check_custom_config", "tags")}
    name = names.discovery(around["namespace"])
    return [{"type": "cloud_map_service", "name": name, "id": values["arn"], "values": own}]


def _endpoints(raw: Raw, names: Names, around: Raw) -> list[Resource]:
    """Return what ECS has made for Service Connect under our name, and leaves in Cloud Map."""
    own = [(around["namespace"], around.get("namespace_id"), raw["discovery"])]
    http = [(around.get("http_namespace"), around.get("http_namespace_id"), raw.get("http_discovery") or [])]
    before = [(name, found, raw["other_discovery"].get(found) or []) for name, found in _others(around, "namespaces")]
    return [
        {
            "type": "cloud_map_service",
            "name": f"{names.endpoint}.{namespace}",
            "id": service["Arn"],
            "values": {"namespace_id": namespace_id},
        }
        for namespace, namespace_id, services in (*own, *http, *before)
        if (service := _one(services, "Name", names.endpoint))
    ]


def _discovery_of_before(raw: Raw, names: Names, around: Raw) -> list[Resource]:
    """Return the service's Cloud Map services in other namespaces, as a change of the private domain leaves them."""
    result: list[Resource] = []
    for namespace, namespace_id in _others(around, "namespaces"):
        service = _one(raw["other_discovery"].get(namespace_id) or [], "Name", names.label)
        if service:
            values = {"namespace_id": namespace_id}
            name = names.discovery(namespace)
            result.append({"type": "cloud_map_service", "name": name, "id": service["Arn"], "values": values})
    return result


def _task_definitions(raw: Raw, names: Names, service: Raw | None, schedule: Raw | None) -> list[Resource]:
    newest = raw["newest"].get(names.family)
    running = _running(service, schedule, raw)
    candidates = [running, newest] if running is not newest else [newest]
    return [_task_definition(candidate, names) for candidate in candidates if candidate]


def _old_revisions(raw: Raw, names: Names) -> list[Resource]:
    arns = raw["inactive"].get(names.family)
    return [{"type": "ecs_task_definition", "name": names.family, "id": arns[0], "values": {}}] if arns else []


def _task_definition(definition: Raw, names: Names) -> Resource:
    values = in_names(normalise_task_definition(definition))
    return {
        "type": "ecs_task_definition",
        "name": names.family,
        "id": definition["taskDefinitionArn"],
        "revision": f"{definition['family']}:{definition['revision']}",
        "values": {**values, "tags": values.get("tags") or {}},
        "sensitive": environments(values),
    }


def _ecs_service(service: Raw | None, around: Raw) -> list[Resource]:
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
    # ECS answers with the version that LATEST is; a service that was made with LATEST says so.
    values["platform_version"] = values.get("platform_version") or "LATEST"
    connected = connect.values(values.pop("service_connect_configuration", None), around.get("namespaces_by_id") or {})
    values["service_connect"] = None if connected == connect.OFF else connected
    values["rollout_state"] = (answers.primary_of(t.cast("Service", service)) or {}).get("rolloutState")
    values["tags"] = values.get("tags") or {}
    for key in ("network_configuration", "service_name"):
        values.pop(key, None)
    return [{"type": "ecs_service", "name": service["serviceName"], "id": service["serviceArn"], "values": values}]


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


def _scaling(target: Raw | None, names: Names, around: Raw) -> list[Resource]:
    if not target:
        return []
    values = {**target_values(target), "tags": target["tags"]}
    own: Resource = {"type": "scalable_target", "name": names.service, "id": target["ResourceId"], "values": values}
    mine = [one for one in target["scheduled"] if names.is_schedule(one["ScheduledActionName"])]
    return [own, *(_policy(policy, around) for policy in target["policies"]), *map(scheduled.found_of, mine)]


def _policy(policy: Raw, around: Raw) -> Resource:
    values = policy_values(policy)
    label = values.pop("resource_label")
    if label:
        values["requests_of"] = requests_of(label, around["names"])
    return {"type": "scaling_policy", "name": policy["PolicyName"], "id": policy["PolicyARN"], "values": values}


def requests_of(label: str, known: t.Mapping[str, str]) -> str:
    """Return C(load balancer/target group) for a resource label, the label itself where that target group is gone."""
    balancer, _kind, group = label.partition("/targetgroup/")
    name = next((name for arn, name in known.items() if arn.endswith(f":targetgroup/{group}")), None)
    parts = balancer.split("/")
    return f"{parts[1]}/{name}" if name and len(parts) == 3 else label
