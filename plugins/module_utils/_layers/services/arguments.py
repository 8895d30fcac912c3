# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The complete arguments of the modules that the role fargate_service calls.

I(entry) is a change of the plan, I(platform) the names and ids of the lower layers, I(there) the current state of the
service, read after everything that it depends on was created.  Arguments without a value are left out, never null.
"""

from __future__ import annotations

import typing as t

from ..._plan.model import Change, Resource
from ..._resources.ec2 import security_group_rules as rules
from ..._resources.elbv2 import authentication, conditions
from ..._resources.logs import log_group
from . import connect, current, desired_task, job, scaling_schedules
from . import queue as queues
from . import scaling as scaled_by
from .names import Names, tags
from .platform import Platform

Data = t.Mapping[str, t.Any]
Arguments = dict[str, t.Any]

PORT = 80
"""Port of a target group, which has no effect: ECS registers each target with a port of its own."""
# Others' tags are left alone: https://docs.ansible.com/ansible/latest/collections/amazon/aws/docsite/guide_tags.html
_OWN_TAGS = {"purge_tags": False}


class Around(t.NamedTuple):
    """What an argument may need beside its change."""

    platform: Platform
    found: t.Sequence[Resource]
    """The found resources of the services."""
    made: t.Mapping[str, str]
    """The ARNs of the target groups that this run has created, by name."""
    revoke: bool
    """Whether to revoke what only the previous tasks needed."""


def of(entry: Change, around: Around) -> Arguments:
    """Return the arguments of the module that carries out a change.

    Raises KeyError for the types that a deployment creates, which have functions of their own.
    """
    return OF_TYPE[entry["type"]](entry, around)


def _log_group(entry: Change, _around: Around) -> Arguments:
    values = entry["values"]
    # the module deletes the group if it does not know the number of days; log_group_retention sets such a number
    known = {"retention": values["retention"]} if values["retention"] in log_group.OF_AMAZON_AWS else {}
    return {"log_group_name": entry["name"], **known, "tags": values["tags"], **_OWN_TAGS}


def _ecr_repository(entry: Change, _around: Around) -> Arguments:
    given = {key: value for key, value in entry["values"].items() if value is not None}
    return {"name": entry["name"], **given, **_OWN_TAGS}


def _iam_role(entry: Change, around: Around) -> Arguments:
    values = entry["values"]
    # An empty boundary removes the current one; IAM refuses it for a new role.
    boundary = values["permissions_boundary"] or (None if entry["action"] == "add" else "")
    return {
        "name": entry["name"],
        "assume_role_policy_document": values["trust_policy"],
        "create_instance_profile": False,
        "delete_instance_profile": False,
        "managed_policies": values["managed_policies"],
        "purge_policies": around.revoke,
        **({} if boundary is None else {"boundary": boundary}),
        "tags": values["tags"],
        **_OWN_TAGS,
    }


def _security_group(entry: Change, around: Around) -> Arguments:
    values, platform = entry["values"], around.platform
    ours = {platform["load_balancer_group"]: str(platform["load_balancer_group_id"])}
    # EC2 never changes a description, and the module warns if it differs.
    has = next((one.get("description") for one in around.found if entry["id"] and one.get("id") == entry["id"]), None)
    return {
        "name": entry["name"],
        "description": has or f"To the tasks of {entry['name'].removesuffix('-sg')}",
        "vpc_id": platform["vpc_id"],
        "rules": rules.arguments(values["ingress"], ours),
        "rules_egress": rules.arguments(values["egress"], {}),
        "purge_rules": around.revoke,
        "purge_rules_egress": around.revoke,
        "tags": values["tags"],
        **_OWN_TAGS,
    }


def _sqs_queue(entry: Change, around: Around) -> Arguments:
    return queues.arguments(entry, around.platform)


def _target_group(entry: Change, around: Around) -> Arguments:
    values = {key: value for key, value in entry["values"].items() if key != "vpc"}
    return {"name": entry["name"], "port": PORT, "vpc_id": around.platform["vpc_id"], **values, **_OWN_TAGS}


def _listener_rule(entry: Change, around: Around) -> Arguments:
    values = entry["values"]
    there = {one["name"]: one["id"] for one in around.found if one["type"] == "target_group"}
    groups = [{**there, **around.made}[name] for name in values["target_group"].split(" or ")]
    login = authentication.as_option(values["authenticate"], values["tags"].get(authentication.SECRET_TAG))
    return {
        "name": entry["name"],
        **({"rule_arn": entry["id"]} if entry["id"] else {}),
        "listener_arn": _listener_arns(around.platform)[values["listener"]],
        **dict(zip(("target_group_arn", "alternate_target_group_arn"), groups, strict=False)),
        "authenticate": login,
        **{key: values[key] for key in ("priority", *conditions.OPTIONS, "tags")},
        **_OWN_TAGS,
    }


def _listener_arns(platform: Platform) -> dict[str, str | None]:
    """Return the ARNs of the load balancer's listeners by name."""
    return {**platform["other_listeners"], platform["listener"]: platform["listener_arn"]}


def _cloud_map_service(entry: Change, around: Around) -> Arguments:
    name = entry["name"].partition(".")[0]
    return {"name": name, "namespace_id": around.platform["namespace_id"], **entry["values"], **_OWN_TAGS}


OF_TYPE: t.Mapping[str, t.Callable[[Change, Around], Arguments]] = {
    "cloud_map_service": _cloud_map_service,
    "ecr_repository": _ecr_repository,
    "iam_role": _iam_role,
    "listener_rule": _listener_rule,
    "log_group": _log_group,
    "security_group": _security_group,
    "sqs_queue": _sqs_queue,
    "target_group": _target_group,
}


def task_definition(service: Data, platform: Platform, there: Data) -> Arguments:
    """Return the arguments of M(magiclub.fargate.ecs_task_definition)."""
    return {**desired_task.task_definition_options(service, platform, there), **_OWN_TAGS}


def ecs_service(service: Data, platform: Platform, there: Data, values: Data) -> Arguments:
    """Return the arguments of M(magiclub.fargate.ecs_service) for the planned I(values) of a service.

    C(task_definition) is left out if the revision is not registered yet.
    """
    names, ids = Names.of(platform["name_prefix"], service), there["ids"]
    balancers = [
        {
            "target_group_arn": ids[f"target_group {balancer['target_group']}"],
            "container_name": balancer["container_name"],
            "container_port": balancer["container_port"],
            **_advanced(balancer, ids, service),
        }
        for balancer in values["load_balancers"]
    ]
    # the first three are passed in another form, or not at all; a launch type excludes a strategy
    not_given = {
        "network",
        "rollout_state",
        "service_connect",
        *(["capacity_provider_strategy"] if values["launch_type"] else []),
    }
    result = {
        **{key: value for key, value in values.items() if key not in not_given},
        # those of the plan may be masked
        "tags": tags(service, platform),
        "name": names.service,
        "task_definition": None if values["task_definition"].endswith(desired_task.NEW) else values["task_definition"],
        "network_configuration": _network(service, platform, there, values),
        "load_balancers": balancers,
        "service_connect_configuration": _service_connect(service, platform, there, values),
        "service_registries": [
            {"registry_arn": ids[f"cloud_map_service {name}"]} for name in values["service_registries"]
        ],
        **_OWN_TAGS,
    }
    return {key: value for key, value in result.items() if value is not None}


def _service_connect(service: Data, platform: Platform, there: Data, values: Data) -> Data | None:
    if not service["service_connect"]:
        return values.get("service_connect")
    where = connect.namespace(service, platform)
    role = there["ids"].get(f"iam_role {Names.of(platform['name_prefix'], service).connect_role}")
    return connect.configuration(service, platform, platform["namespace_arns"].get(where) or where, role)


def schedule(service: Data, platform: Platform, there: Data, values: Data) -> Arguments:
    """Return the arguments of M(magiclub.fargate.scheduler_schedule) for the planned I(values) of a schedule."""
    return job.arguments(service, platform, values, _network(service, platform, there, values))


def _network(service: Data, platform: Platform, there: Data, values: Data) -> Arguments:
    group = f"security_group {Names.of(platform['name_prefix'], service).security_group}"
    return {
        "subnets": sorted(platform["subnets"][service["subnets"]].values()),
        "security_groups": sorted(service["security_group_ids"]) or [there["ids"][group]],
        "assign_public_ip": values["network"]["assign_public_ip"],
    }


def before(service: Data, platform: Platform, there: Data, values: Data) -> Arguments:
    """Return the arguments of M(magiclub.fargate.ecs_task_run) for the task that runs before a deployment."""
    names, wanted = Names.of(platform["name_prefix"], service), service["before"]
    return {
        **{key: values[key] for key in ("cluster", "platform_version")},
        "network_configuration": _network(service, platform, there, values),
        "capacity_provider_strategy": values["capacity_provider_strategy"] or [{"capacity_provider": "FARGATE"}],
        "service": names.service,
        "container": wanted["container"] or "",
        "command": wanted["command"],
        "timeout": wanted["timeout"],
        "once": True,
    }


def _advanced(balancer: Data, ids: t.Mapping[str, str], service: Data) -> Arguments:
    """Return the settings by which ECS shifts requests, none for a rolling deployment."""
    if "alternate_target_group" not in balancer:
        return {}
    test = balancer.get("test_rule")
    return {
        "advanced_configuration": {
            "alternate_target_group_arn": ids[f"target_group {balancer['alternate_target_group']}"],
            "production_listener_rule": ids[f"listener_rule {balancer['production_rule']}"],
            **({"test_listener_rule": ids[f"listener_rule {test}"]} if test else {}),
            "role_arn": service["shift_role_arn"] or ids[f"iam_role {balancer['role']}"],
        }
    }


def scaling(service: Data, platform: Platform, there: Data) -> Arguments:
    """Return the arguments of M(magiclub.fargate.application_autoscaling_target)."""
    names = Names.of(platform["name_prefix"], service)
    if not service["autoscaling"]:
        return {"state": "absent", "resource_id": names.scaling_id(platform["cluster"])}
    group = there["ids"].get(f"target_group {there.get('serving') or names.target_group}", "").rpartition(":")[2]
    label = {"resource_label": f"{platform['load_balancer_suffix']}/{group}"}
    policies = [
        {**one, **(label if one["metric"] == scaled_by.METRICS["requests"] else {})}
        for one in scaled_by.policies(service, names, platform, there)
    ]
    has = current.values(there, "scalable_target", names.service)
    actions = scaling_schedules.desired(service, names, there)
    removed = scaling_schedules.to_remove(service, names, there)
    return {
        "resource_id": names.scaling_id(platform["cluster"]),
        **scaling_schedules.bounds(service, names, there, has),
        "policies": policies,
        **({"scheduled_actions": actions} if actions else {}),
        **({"absent_scheduled_actions": removed} if removed else {}),
        "tags": tags(service, platform),
        **_OWN_TAGS,
    }
