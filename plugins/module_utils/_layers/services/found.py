# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The current state of services, in the form of the desired one: every reference is a name."""

from __future__ import annotations

import typing as t

from ..._aws.arn import last
from ..._aws.tagged import name as tag_name
from ..._aws.tagged import tags as tags_of
from ..._plan.model import Resource, of_type
from ..._resources.ec2 import security_group
from ..._resources.ecs import diagnose
from ..._resources.ecs.deployments import needs_restart
from ..._resources.ecs.normal import normalise_task_definition
from ..._resources.ecs.redact import private_paths
from ..._resources.ecs.rollout import answers, judge
from ..._resources.ecs.shapes import Deployment, Service, Targets
from ..._resources.elbv2.decide import pick_rule, priority, weights
from ..._resources.iam import role
from ..._resources.logs import log_group
from ..._resources.scheduler import decide
from ..._resources.servicediscovery.decide import service_values as discovery_values
from . import found_ecs_service, found_routes, job, queue, strategy
from .names import Names
from .platform import others

Raw = t.Mapping[str, t.Any]
Found = dict[str, t.Any]


def services(raw: Raw, wanted: t.Sequence[Names], around: Raw) -> dict[str, Found]:
    """Return the current state of each service, by its name.

    I(around) has the C(names) of other layers' resources by id, and the names of the C(listener) and C(namespace).
    """
    known = {**around["names"], **_own_names(raw, around)}
    return {names.app: _service(raw, names, {**around, "names": known}) for names in wanted}


def resources(found: Raw) -> list[Resource]:
    """Return all resources of a service: one revision of its task definition, and those that are being removed."""
    return [*found["resources"], *found["task_definitions"][:1], *found["leaving"], *(found.get("endpoints") or [])]


def _own_names(raw: Raw, around: Raw) -> dict[str, str]:
    names = {group["GroupId"]: group["GroupName"] for group in raw["security_groups"]}
    names |= {group["TargetGroupArn"]: group["TargetGroupName"] for group in raw["target_groups"]}
    names |= {service["Arn"]: f"{service['Name']}.{around['namespace']}" for service in raw["discovery"]}
    former = [(name, raw["other_discovery"].get(found) or []) for name, found in others(around, "namespaces")]
    return names | {service["Arn"]: f"{service['Name']}.{name}" for name, some in former for service in some}


class Routes(t.NamedTuple):
    """A service's target groups, and the rules that forward to them.

    :param serving: the name of the target group that users reach.
    """

    groups: list[Raw]
    rules: dict[str, Raw]
    tests: list[found_routes.Tested]
    serving: str


def _service(raw: Raw, names: Names, around: Raw) -> Found:
    described = _one(raw["services"], "serviceName", names.service)
    schedule = _one(raw["schedules"], "Name", names.service)
    draining = described is not None and described["status"] == "DRAINING"
    service = None if draining else described
    routes = _routes(raw, names, service, around)
    definitions = _task_definitions(raw, names, service, schedule)
    rule_names = {**found_routes.rule_names(raw), **{rule["RuleArn"]: name for name, rule in routes.rules.items()}}
    found = [
        *_prerequisites(raw, names, routes, around),
        *found_ecs_service.ecs_service(service, {**around, "names": {**around["names"], **rule_names}}),
        *found_ecs_service.scaling(_scaled(raw, names), names, around),
        *([job.found(schedule, around["names"])] if schedule else []),
        *(queue.found(one) for one in raw["queues"] if names.is_queue(one["QueueName"], str(one["Tags"].get("Name")))),
    ]
    return {
        "name": names.app,
        "full_name": names.service,
        "resources": found,
        "task_definitions": definitions,
        "leaving": [
            *(found_ecs_service.ecs_service(described, around) if draining else []),
            *([] if definitions else _old_revisions(raw, names)),
        ],
        "endpoints": _endpoints(raw, names, around),
        **_state(t.cast("Service | None", service), routes, raw["health"]),
        **_as_job(service, schedule),
        "suspended": found_ecs_service.suspended(_scaled(raw, names)),
        "serving": routes.serving,
        "testing": found_routes.testing(names, service, [tested.rule for tested in routes.tests], around),
        "deployments": len((service or {}).get("deployments") or []),
        "image": _image(service, schedule, raw),
        "roles": {entry["name"]: entry["values"] | {"arn": entry["id"]} for entry in of_type(found, "iam_role")},
        "rules": [found_routes.of_rule(name, one) for name, one in routes.rules.items()],
        "test_rule_priority": next((priority(one.rule) for one in routes.tests if one.name == names.test_rule), None),
        "ids": {f"{entry['type']} {entry['name']}": entry["id"] for entry in found},
    }


def _routes(raw: Raw, names: Names, service: Raw | None, around: Raw) -> Routes:
    groups = [group for group in raw["target_groups"] if found_routes.is_group(raw, names, group)]
    arns = {group["TargetGroupName"]: group["TargetGroupArn"] for group in groups}
    taken_over = "target_group" in names.given
    given = {arns.get(name) for name in ({names.target_group} if taken_over else set()) | names.given_groups}
    rule = pick_rule(
        raw["rules"],
        raw["elb_tags"],
        names.full,
        arns.get(names.target_group),
        found_routes.production_rule(service) if taken_over else None,
        taken_over=taken_over,
    )
    return Routes(
        groups,
        found_routes.own_rules(raw, names, rule, found_routes.taken_over(raw, given)),
        found_routes.test_rules(raw, names, around, service),
        strategy.serving(names, service, weights(rule) if rule else {}, around["names"]),
    )


def _prerequisites(raw: Raw, names: Names, routes: Routes, around: Raw) -> t.Iterator[Resource]:
    """Yield the resources that a service needs before its tasks run, in order of creation."""
    yield from _log_group(raw, names)
    yield from _roles(raw, names)
    yield from _security_group(raw, names, around)
    for one in routes.groups:
        yield from found_routes.of_target_group(raw, one, around)
    for name, one in routes.rules.items():
        yield from found_routes.of_listener_rule(raw, one, name, around, routes.serving)
    for tested in routes.tests:
        yield from found_routes.of_test_rule(raw, tested, around, routes.serving)
    yield from found_routes.rules_elsewhere(raw, names, _one(routes.groups, "TargetGroupName", routes.serving), around)
    yield from _discovery(raw, names, around)
    yield from _discovery_elsewhere(raw, names, around)


def _scaled(raw: Raw, names: Names) -> Raw | None:
    targets = raw["scalable_targets"]
    return next((one for one in targets if one["ResourceId"].endswith(f"/{names.service}")), None)


def _state(service: Service | None, routes: Routes, known: Targets) -> Found:
    group = _one(routes.groups, "TargetGroupName", routes.serving)
    health = {one["TargetGroupArn"]: known.get(one["TargetGroupArn"], []) for one in routes.groups}
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


def _as_job(service: Raw | None, schedule: Raw | None) -> Found:
    """Return the state of a job, which is always steady: its tasks come and go."""
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
    """Return the image of the container behind the load balancer, else of the one whose end ends the task."""
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
        "given_up": needs_restart(t.cast("Raw", service)),
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
    # rules name the groups of services by id, the load balancer's by name
    own = {other["GroupId"] for other in raw["security_groups"]}
    known = {found: name for found, name in around["names"].items() if found not in own}
    return [{**security_group.found(group, known), "name": group["GroupName"]}]


def _discovery(raw: Raw, names: Names, around: Raw) -> list[Resource]:
    service = _one(raw["discovery"], "Name", names.label)
    if not service:
        return []
    values = discovery_values(dict(service), tags_of(service))
    own = {key: values[key] for key in ("dns_records", "routing_policy", "health_check_custom_config", "tags")}
    name = names.discovery(around["namespace"])
    return [{"type": "cloud_map_service", "name": name, "id": values["arn"], "values": own}]


def _endpoints(raw: Raw, names: Names, around: Raw) -> list[Resource]:
    """Return the Cloud Map services that ECS created for Service Connect under our name, and never removes."""
    own = [(around["namespace"], around.get("namespace_id"), raw["discovery"])]
    http = [(around.get("http_namespace"), around.get("http_namespace_id"), raw.get("http_discovery") or [])]
    before = [(name, found, raw["other_discovery"].get(found) or []) for name, found in others(around, "namespaces")]
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


def _discovery_elsewhere(raw: Raw, names: Names, around: Raw) -> list[Resource]:
    """Return the service's Cloud Map services in other namespaces, left over from a change of the private domain."""
    result: list[Resource] = []
    for namespace, namespace_id in others(around, "namespaces"):
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


def in_names(definition: Raw) -> dict[str, t.Any]:
    """Return a canonical task definition with the names of its roles."""
    roles = {"task_role_arn": "task_role", "execution_role_arn": "execution_role"}
    return {roles.get(key, key): last(str(value)) if key in roles else value for key, value in definition.items()}


def _task_definition(definition: Raw, names: Names) -> Resource:
    values = in_names(normalise_task_definition(definition))
    return {
        "type": "ecs_task_definition",
        "name": names.family,
        "id": definition["taskDefinitionArn"],
        "revision": f"{definition['family']}:{definition['revision']}",
        "inactive": definition.get("status", "ACTIVE") != "ACTIVE",
        "values": {**values, "tags": values.get("tags") or {}},
        "sensitive": private_paths(values),
    }
