# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads running services with all the resources that they refer to.  Writes nothing."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from ..._aws.arn import last
from ..._aws.errors import ClientError, error_code
from ..._aws.read import batched, call, in_parallel, none_if_missing, of_each, pages
from ..._aws.refused import RefusedError
from ..._resources.autoscaling import api as autoscaling
from ..._resources.ecs import api as ecs_api
from ..._resources.elbv2 import api as elbv2
from ..._resources.logs import api as logs_api
from ..._resources.scheduler import api as scheduler
from . import describe, jobs

Raw = dict[str, t.Any]
ClientOf = t.Callable[[str], t.Any]

STACK = "aws:cloudformation:stack-name"
# API_DescribeServices
SERVICES_PER_CALL = 10


@dataclass(frozen=True)
class Query:
    """What to adopt: named services and jobs of a cluster, all of them, or those behind a load balancer."""

    cluster: str
    services: t.Sequence[str] = ()
    load_balancer_arn: str = ""


def live(client: ClientOf, query: Query) -> Raw:
    """Return the services and what they refer to.  Raises RefusedError if any of them does not exist."""
    client = functools.cache(client)
    every = _services(client("ecs"), query.cluster)
    groups = {group["TargetGroupArn"]: group for group in elbv2.target_groups(client("elbv2"))}
    services = _wanted(query, [*every, *_jobs(client, query, every)], groups)
    used = sorted({arn for service in services for arn in describe.target_groups(service)} & groups.keys())
    balancers = sorted({arn for one in used for arn in groups[one].get("LoadBalancerArns") or []})
    first = _of_services(client, query, services, balancers)
    found = {
        **first,
        **_around(client, services, used, first),
        "cluster": query.cluster,
        "services": services,
        "every_service": every,
        "target_groups": {arn: groups[arn] for arn in used},
    }
    return {**found, "held": _held(client, found)}


def _of_services(client: ClientOf, query: Query, services: t.Sequence[Raw], balancers: t.Sequence[str]) -> Raw:
    """Return the resources that services name, and those of their load balancers."""
    ecs, elb, ec2 = client("ecs"), client("elbv2"), client("ec2")
    definitions = sorted({one["taskDefinition"] for one in services if one.get("taskDefinition")})
    subnets = {subnet for service in services for subnet in _network(service)["subnets"]}
    scaled = [one for one in services if "schedule" not in one]
    return in_parallel(
        definitions=lambda: of_each(definitions, lambda arn: _definition(ecs, arn)),
        load_balancers=lambda: _load_balancers(elb, balancers),
        listeners=lambda: of_each(balancers, lambda arn: elbv2.listeners(elb, arn)),
        subnets=lambda: _by_ids(ec2, "Subnets", subnets),
        scaling=lambda: _scaling(client("application-autoscaling"), last(query.cluster), scaled),
        registries=lambda: _registries(client("servicediscovery"), services),
    )


def _around(client: ClientOf, services: t.Sequence[Raw], used: t.Sequence[str], known: Raw) -> Raw:
    """Return rules, network, log groups, and attributes and tags of the used target groups."""
    elb, ec2 = client("elbv2"), client("ec2")
    own = {group for service in services for group in _network(service).get("securityGroups") or []}
    theirs = {group for one in known["load_balancers"] for group in one.get("SecurityGroups") or []}
    zones = {zone["SubnetId"] for one in known["load_balancers"] for zone in one["AvailabilityZones"]}
    listeners = [one["ListenerArn"] for some in known["listeners"].values() for one in some]
    vpcs = {subnet["VpcId"] for subnet in known["subnets"]}
    found = in_parallel(
        rules=lambda: of_each(listeners, lambda arn: elbv2.rules(elb, arn)),
        security_groups=lambda: _by_ids(ec2, "SecurityGroups", own | theirs),
        vpcs=lambda: _by_ids(ec2, "Vpcs", vpcs),
        of_load_balancers=lambda: _by_ids(ec2, "Subnets", zones),
        route_tables=lambda: _route_tables(ec2, vpcs),
        log_groups=lambda: _log_groups(client("logs"), known["definitions"].values()),
        elb_tags=lambda: elbv2.tags(elb, used),
        attributes=lambda: of_each(used, lambda arn: elbv2.target_group_attributes(elb, arn)),
    )
    rules = [rule["RuleArn"] for some in found["rules"].values() for rule in some if not rule.get("IsDefault")]
    found["elb_tags"] |= elbv2.tags(elb, rules)
    return found


def _services(ecs: t.Any, cluster: str) -> list[Raw]:
    found = none_if_missing(lambda: ecs_api.services_of(ecs, cluster=cluster), "ClusterNotFoundException")
    if found is None:
        raise RefusedError(
            f"There is no cluster {cluster} in this region. Give its name or ARN as in -e cluster=NAME, and the region"
            " as fargate_region."
        )
    names = [last(arn) for arn in found]
    result: list[Raw] = []
    for some in batched(names, SERVICES_PER_CALL):
        result += ecs_api.living_services(ecs, cluster=cluster, names=some)
    return sorted(result, key=lambda service: str(service["serviceName"]))


def _jobs(client: ClientOf, query: Query, services: t.Sequence[Raw]) -> list[Raw]:
    """Return the jobs of the cluster in the form of services: all, or the named ones that are not services."""
    names = set(query.services) - {str(one["serviceName"]) for one in services}
    if query.load_balancer_arn or (query.services and not names):
        return []
    own = client("scheduler")
    found = scheduler.schedules(own, sorted(names) or scheduler.names_for_cluster(own, last(query.cluster)))
    return [jobs.as_service(one) for one in found if jobs.starts_in(one, query.cluster)]


def _wanted(query: Query, every: t.Sequence[Raw], groups: t.Mapping[str, Raw]) -> list[Raw]:
    """Return the requested services in order."""
    by_name = {service["serviceName"]: service for service in every}
    missing = sorted(set(query.services) - by_name.keys())
    if missing:
        raise RefusedError(
            f"Cluster {last(query.cluster)} has no service or job {', '.join(missing)}: it has"
            f" {', '.join(by_name) or 'none'}. Give one of these as in -e service=NAME."
        )
    chosen = [by_name[name] for name in query.services] if query.services else list(every)
    behind = query.load_balancer_arn
    if behind:
        behind_it = {arn for arn, group in groups.items() if behind in (group.get("LoadBalancerArns") or [])}
        chosen = [service for service in chosen if behind_it & set(describe.target_groups(service))]
    if not chosen:
        where = f" is behind load balancer {behind}" if behind else " is there"
        raise RefusedError(f"No service of cluster {last(query.cluster)}{where}: there is nothing to adopt.")
    return chosen


def _network(service: Raw) -> Raw:
    configuration = (service.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    return {"subnets": [], **configuration}


def _definition(ecs: t.Any, arn: str) -> Raw:
    answer = call(ecs, "describe_task_definition", taskDefinition=arn, include=["TAGS"])
    return {**answer["taskDefinition"], "tags": answer.get("tags") or []}


def _load_balancers(elb: t.Any, arns: t.Sequence[str]) -> list[Raw]:
    if not arns:
        return []
    return t.cast("list[Raw]", pages(elb, "describe_load_balancers", "LoadBalancers", LoadBalancerArns=list(arns)))


_IDS = {
    "Subnets": ("describe_subnets", "SubnetIds"),
    "SecurityGroups": ("describe_security_groups", "GroupIds"),
    "Vpcs": ("describe_vpcs", "VpcIds"),
}


def _by_ids(ec2: t.Any, key: str, ids: t.Collection[str]) -> list[Raw]:
    operation, option = _IDS[key]
    return t.cast("list[Raw]", pages(ec2, operation, key, **{option: sorted(ids)})) if ids else []


def _route_tables(ec2: t.Any, vpcs: t.Collection[str]) -> list[Raw]:
    filters = [{"Name": "vpc-id", "Values": sorted(vpcs)}]
    return t.cast("list[Raw]", pages(ec2, "describe_route_tables", "RouteTables", Filters=filters)) if vpcs else []


def _scaling(client: t.Any, cluster: str, services: t.Sequence[Raw]) -> dict[str, Raw]:
    ids = [f"service/{cluster}/{service['serviceName']}" for service in services]
    return {target["ResourceId"]: _scaled(client, target) for target in autoscaling.targets_of_services(client, ids)}


def _scaled(client: t.Any, target: Raw) -> Raw:
    named = {**autoscaling.TASKS_OF_A_SERVICE, "ResourceId": target["ResourceId"]}
    return {
        **target,
        "policies": autoscaling.policies(client, named),
        "scheduled": pages(client, "describe_scheduled_actions", "ScheduledActions", **named),
    }


def _registries(client: t.Any, services: t.Sequence[Raw]) -> dict[str, Raw]:
    """Return the Cloud Map services of the services' tasks, with their C(Namespace), by ARN."""
    arns = sorted({one["registryArn"] for service in services for one in service.get("serviceRegistries") or []})
    return of_each(arns, functools.partial(_registry, client))


def _registry(client: t.Any, arn: str) -> Raw:
    service = call(client, "get_service", Id=last(arn))["Service"]
    namespace = service.get("NamespaceId")
    found = call(client, "get_namespace", Id=namespace)["Namespace"] if namespace else None
    return {**service, "Namespace": found}


def _log_groups(logs: t.Any, definitions: t.Iterable[Raw]) -> dict[str, Raw]:
    options = [
        (container.get("logConfiguration") or {}).get("options") or {}
        for definition in definitions
        for container in definition["containerDefinitions"]
    ]
    names = sorted({one["awslogs-group"] for one in options if one.get("awslogs-group")})
    found = of_each(names, lambda name: logs_api.log_groups(logs, {name}))
    return {name: groups[0] for name, groups in found.items() if groups}


def _held(client: ClientOf, found: Raw) -> dict[str, str]:
    """Return the CloudFormation stacks that manage resources, by physical id.

    Tags remain on a resource that a stack no longer manages, so each tagged resource is looked up.
    """
    ids = [physical_id for physical_id, tags in _tagged(found) if STACK in tags]
    stacks = of_each(ids, functools.partial(_stack, client("cloudformation"))) if ids else {}
    return {physical_id: stack for physical_id, stack in stacks.items() if stack}


def _stack(client: t.Any, physical_id: str) -> str | None:
    try:
        resources = call(client, "describe_stack_resources", PhysicalResourceId=physical_id)["StackResources"]
    except ClientError as error:
        # no stack has this id (API_DescribeStackResources)
        if error_code(error) == "ValidationError":
            return None
        raise
    return next((str(one["StackName"]) for one in resources if one["PhysicalResourceId"] == physical_id), None)


def _tagged(found: Raw) -> t.Iterator[tuple[str, dict[str, str]]]:
    """Yield physical id and tags of each resource that may belong to a service."""
    for service in found["services"]:
        yield service["serviceArn"], {tag["key"]: tag["value"] for tag in service.get("tags") or []}
    yield from found["elb_tags"].items()
    yield from ((name, group.get("tags") or {}) for name, group in found["log_groups"].items())
    for group in found["security_groups"]:
        yield group["GroupId"], {tag["Key"]: tag["Value"] for tag in group.get("Tags") or []}
