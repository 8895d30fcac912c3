# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read all resources of services in two rounds of parallel calls.  Writes nothing."""

from __future__ import annotations

import functools
import os
import typing as t
from dataclasses import dataclass, field

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ..._aws.read import call, in_parallel, none_if_missing, of_each, pages
from ..._resources.autoscaling import api as autoscaling
from ..._resources.ecs import api as ecs_api
from ..._resources.elbv2 import api as elbv2
from ..._resources.iam import api as iam_api
from ..._resources.logs import api as logs_api
from ..._resources.scheduler import api as scheduler
from ..._resources.secrets import api as secrets
from ..._resources.sqs import api as sqs
from . import job
from .names import Names

Raw = dict[str, t.Any]


@dataclass(frozen=True)
class Query:
    """The services to read, and where the other layers' resources are."""

    services: t.Sequence[Names]
    cluster: str
    listener_arn: str | None
    namespace_id: str | None
    # ARNs by name, of the same load balancer, which may still have previous rules
    other_listeners: t.Mapping[str, str] = field(default_factory=dict)
    # ids by name, of the platform, which may still have previous Cloud Map services
    other_namespaces: t.Mapping[str, str] = field(default_factory=dict)
    inactive_revisions: bool = False
    # the platform's HTTP namespace, for Service Connect
    http_namespace_id: str | None = None
    # names or ARNs of existing ones
    shared_namespaces: t.Sequence[str] = ()
    # names of existing ones
    other_queues: t.Sequence[str] = ()
    # sources of the client secrets for OIDC logins
    client_secrets: t.Sequence[str] = ()
    # the platform's, because another VPC may have security groups of the same names
    vpc_id: str | None = None


def read(client: t.Callable[[str], t.Any], query: Query) -> Raw:
    """Return AWS's descriptions of the services' resources."""
    ecs, elb, iam, logs = client("ecs"), client("elbv2"), client("iam"), client("logs")
    ec2, scaling, discovery = client("ec2"), client("application-autoscaling"), client("servicediscovery")
    own, families = [names.service for names in query.services], [names.family for names in query.services]
    first = in_parallel(
        services=lambda: _services(ecs, query.cluster, own),
        newest=lambda: of_each(families, lambda name: _newest(ecs, name)),
        inactive=lambda: of_each(families, lambda name: _inactive(ecs, name)) if query.inactive_revisions else {},
        target_groups=lambda: [group for group in elbv2.target_groups(elb) if _may_be_ours(group, query.services)],
        rules=lambda: elbv2.rules(elb, query.listener_arn) if query.listener_arn else [],
        other_rules=lambda: of_each(list(query.other_listeners.values()), lambda arn: elbv2.rules(elb, arn)),
        roles=lambda: _roles(iam, query.services),
        log_groups=lambda: logs_api.log_groups(logs, {names.log_group for names in query.services}),
        security_groups=lambda: _security_groups(ec2, query.services, query.vpc_id),
        scalable_targets=lambda: _scalable_targets(scaling, [one.scaling_id(query.cluster) for one in query.services]),
        queues=lambda: _queues(client("sqs"), query.services),
        other_queues=lambda: sqs.existing(client("sqs"), query.other_queues),
        schedules=lambda: scheduler.schedules(client("scheduler"), own),
        discovery=lambda: _discovery(discovery, query) if query.namespace_id else [],
        http_discovery=lambda: _discovery(discovery, query, query.http_namespace_id) if query.http_namespace_id else [],
        shared_namespaces=lambda: of_each(query.shared_namespaces, lambda named: _shared(discovery, named)),
        client_secrets=lambda: of_each(query.client_secrets, lambda source: secrets.is_there(client, source)),
        other_discovery=lambda: of_each(
            list(query.other_namespaces.values()), lambda namespace: _discovery(discovery, query, namespace)
        ),
    )
    going = [group["GroupId"] for group in first["security_groups"]] if query.inactive_revisions else []
    return {**first, **_second(ecs, elb, first), "naming_groups": _naming(ec2, going)}


def _may_be_ours(group: Raw, services: t.Sequence[Names]) -> bool:
    # the tags, which are read next, distinguish web's port 2 from the service web-2
    return any(names.is_group(group["TargetGroupName"], names.full) for names in services)


def images(raw: Raw) -> set[str]:
    """Return the images in the newest and the running revisions."""
    definitions = [*raw["newest"].values(), *raw["running"].values()]
    return {container["image"] for found in definitions if found for container in found["containerDefinitions"]}


def _second(ecs: t.Any, elb: t.Any, first: Raw) -> Raw:
    groups = [group["TargetGroupArn"] for group in first["target_groups"]]
    every = [*first["rules"], *(rule for some in first["other_rules"].values() for rule in some)]
    rules = [rule["RuleArn"] for rule in every if not rule.get("IsDefault")]
    newest = {found["taskDefinitionArn"] for found in first["newest"].values() if found}
    running = {service["taskDefinition"] for service in first["services"]} - newest
    running |= {arn for arn in map(job.started, first["schedules"]) if arn} - newest
    return in_parallel(
        elb_tags=lambda: elbv2.tags(elb, [*groups, *rules]),
        attributes=lambda: of_each(groups, lambda arn: elbv2.target_group_attributes(elb, arn)),
        health=lambda: of_each(groups, lambda arn: elbv2.target_health(elb, arn)),
        running=lambda: of_each(sorted(running), lambda arn: _task_definition(ecs, arn)),
    )


def _services(ecs: t.Any, cluster: str, names: t.Sequence[str]) -> list[Raw]:
    read = functools.partial(ecs_api.living_services, ecs, cluster=cluster, names=names)
    return none_if_missing(read, "ClusterNotFoundException") or []


def _newest(ecs: t.Any, family: str) -> Raw | None:
    found = _task_definition(ecs, family)
    return found if found and found["status"] == "ACTIVE" else None


def _task_definition(ecs: t.Any, name: str) -> Raw | None:
    """Return a revision by ARN, or the newest active one of a family; None if there is none."""
    describe = functools.partial(call, ecs, "describe_task_definition", taskDefinition=name, include=["TAGS"])
    answer = none_if_missing(describe, "ClientException")
    return {**answer["taskDefinition"], "tags": answer.get("tags") or []} if answer else None


def _inactive(ecs: t.Any, family: str) -> list[str]:
    arns = pages(ecs, "list_task_definitions", "taskDefinitionArns", familyPrefix=family, status="INACTIVE")
    return [str(arn) for arn in arns if f":task-definition/{family}:" in str(arn)]


def _roles(iam: t.Any, services: t.Sequence[Names]) -> list[Raw]:
    names = [name for each in services for name in each.roles]
    return [found for found in of_each(names, lambda name: iam_api.role(iam, name)).values() if found]


def _queues(client: t.Any, services: t.Sequence[Names]) -> list[Raw]:
    """Return the queues of the services, listed by their common prefix."""
    wanted = [name for names in services for name in (names.queue, names.dead_letter_queue)]
    return sqs.queues(client, _common(wanted), wanted) if wanted else []


def _common(names: t.Sequence[str]) -> str:
    """Return the common prefix of all names."""
    return os.path.commonprefix(names)  # noqa: RUF071 - any characters begin a name


def _security_groups(ec2: t.Any, services: t.Sequence[Names], vpc_id: str | None) -> list[Raw]:
    if not services:
        return []
    filters = [("group-name", [names.security_group for names in services])]
    # the group of a service taken over that has left the inventory can be found only by its tag
    if tagged := [names.group_tag for names in services if names.is_by_tags]:
        filters.append(("tag:Name", tagged))
    found = [
        group
        for key, values in filters
        for group in pages(ec2, "describe_security_groups", "SecurityGroups", Filters=[{"Name": key, "Values": values}])
    ]
    # another VPC may have one of the same name
    return sorted(found, key=lambda group: group.get("VpcId") != vpc_id)


def _naming(ec2: t.Any, ids: list[str]) -> list[Raw]:
    """Return the security groups with rules that reference I(ids), as amazon.aws.ec2_security_group_info does."""
    filters = ("ip-permission.group-id", "egress.ip-permission.group-id") if ids else ()
    found = of_each(
        filters,
        lambda name: pages(ec2, "describe_security_groups", "SecurityGroups", Filters=[{"Name": name, "Values": ids}]),
    )
    return [camel_dict_to_snake_dict(group) for groups in found.values() for group in groups]


def _scalable_targets(client: t.Any, ids: t.Sequence[str]) -> list[Raw]:
    return [
        {
            **target,
            "policies": autoscaling.policies(client, own),
            "scheduled": autoscaling.scheduled_actions(client, own),
            "tags": autoscaling.tags(client, target.get("ScalableTargetARN")),
        }
        for target in autoscaling.targets_of_services(client, ids)
        for own in [{**autoscaling.TASKS_OF_A_SERVICE, "ResourceId": target["ResourceId"]}]
    ]


def _discovery(client: t.Any, query: Query, other: str | None = None) -> list[Raw]:
    wanted = {name for names in query.services for name in (names.label, names.endpoint)}
    filters = [{"Name": "NAMESPACE_ID", "Values": [other or query.namespace_id], "Condition": "EQ"}]
    services = (
        none_if_missing(lambda: pages(client, "list_services", "Services", Filters=filters), "NamespaceNotFound") or []
    )
    found = {service["Arn"]: service for service in services if service["Name"] in wanted}
    tags = of_each(list(found), lambda arn: call(client, "list_tags_for_resource", ResourceARN=arn)["Tags"])
    return [{**service, "Tags": tags[arn]} for arn, service in found.items()]


def _shared(client: t.Any, named: str) -> Raw | None:
    """Return a namespace by ARN, or by name among those visible to this account; None if there is none."""
    if named.startswith("arn:"):
        get = functools.partial(call, client, "get_namespace", Id=named.rsplit("/", 1)[-1])
        return t.cast("Raw | None", (none_if_missing(get, "NamespaceNotFound") or {}).get("Namespace"))
    filters = [{"Name": "NAME", "Values": [named], "Condition": "EQ"}]
    return next(iter(pages(client, "list_namespaces", "Namespaces", Filters=filters)), None)
