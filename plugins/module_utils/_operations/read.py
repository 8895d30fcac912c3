# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the state of services in parallel, in AWS's shapes.  Writes nothing."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass

from .._aws import codes
from .._aws.arn import last
from .._aws.errors import BotoCoreError, ClientError, error_code
from .._aws.read import batched, call, in_parallel, last_events, newest, none_if_missing, of_each
from .._resources.autoscaling import api as autoscaling
from .._resources.ecr import images
from .._resources.ecs import api as ecs_api
from .._resources.ecs import diagnose
from .._resources.ecs.rollout import answers, stages
from .._resources.ecs.shapes import Service, ServiceDeployment, Task
from .._resources.elbv2 import api as elbv2
from . import jobs

Raw = dict[str, t.Any]
ClientOf = t.Callable[..., t.Any]

# API_DescribeServiceRevisions
REVISIONS_PER_CALL = 20


@dataclass(frozen=True)
class Query:
    """What to read; no services means all of the cluster."""

    cluster: str
    services: t.Sequence[str]
    load_balancer: str
    domain: str
    local_endpoint: str
    events: int
    deployments: int


def status(client: ClientOf, query: Query) -> Raw:
    """Return the state of a platform's services in AWS."""
    client = functools.cache(client)
    ecs, elb = client("ecs"), client("elbv2")
    first = in_parallel(
        cluster=lambda: _cluster(ecs, query.cluster),
        load_balancer=lambda: elbv2.load_balancer(elb, query.load_balancer) if query.load_balancer else None,
    )
    found = services(ecs, query.cluster, query.services) if first["cluster"] else []
    names = {service["serviceName"] for service in found}
    asked = [name for name in query.services if name not in names]
    scheduled = jobs.read(client, query.cluster, asked) if first["cluster"] and (asked or not query.services) else []
    second = _of_services(client, query, found, first["load_balancer"])
    return {
        **first,
        **second,
        **_referenced(client, query, found, second),
        "cluster_name": query.cluster,
        "load_balancer_name": query.load_balancer,
        "domain": query.domain,
        "local_endpoint": query.local_endpoint,
        "services": found,
        "jobs": scheduled,
        "missing": set(asked) - {job["schedule"]["Name"] for job in scheduled},
        "event_count": query.events,
    }


def _of_services(client: ClientOf, query: Query, found: t.Sequence[Service], balancer: Raw | None) -> Raw:
    """Return target health, task definitions, deployments and scaling of the services, and the listeners."""
    ecs, elb = client("ecs"), client("elbv2")
    names = [service["serviceName"] for service in found]
    groups = sorted({arn for service in found for arn in answers.target_groups(service)})
    definitions = sorted(set(filter(None, map(answers.task_definition_of, found))))
    return in_parallel(
        health=lambda: of_each(groups, lambda arn: elbv2.target_health_or_none(elb, arn)),
        task_definitions=lambda: of_each(definitions, lambda arn: _task_definition(ecs, arn)),
        deployments=lambda: of_each(
            names, lambda name: service_deployments(ecs, query.cluster, name, query.deployments)
        ),
        scaling=lambda: _scaling(client("application-autoscaling"), query.cluster, names),
        listeners=lambda: elbv2.listeners(elb, balancer["LoadBalancerArn"]) if balancer else [],
    )


def _referenced(client: ClientOf, query: Query, found: t.Sequence[Service], known: Raw) -> Raw:
    """Return what the services' task definitions, deployments and listeners refer to."""
    ecs, elb = client("ecs"), client("elbv2")
    by_name = {service["serviceName"]: service for service in found}
    deployments: dict[str, list[ServiceDeployment]] = known["deployments"]
    staged = {name: deployments[name][0] for name in by_name if _is_staged(by_name[name], deployments[name])}
    listeners = [listener["ListenerArn"] for listener in known["listeners"]]
    images_of = image_names(known["task_definitions"].values())
    without_targets = [name for name, service in by_name.items() if not answers.target_groups(service)]
    moving = [name for name, service in by_name.items() if not _is_settled(service)]
    failing = [service for service in found if _is_failing(service)]
    failing_groups = sorted({arn for service in failing for arn in answers.target_groups(service)})
    return in_parallel(
        checks=lambda: of_each(failing_groups, lambda arn: elbv2.target_group_of(elb, arn, *codes.DENIED)),
        stopped=lambda: of_each(moving, lambda name: _stopped(ecs, query.cluster, name)),
        revisions=lambda: revisions(ecs, [record for listed in deployments.values() for record in listed]),
        rollouts=lambda: of_each(staged, lambda name: _rollout(ecs, staged[name]["serviceDeploymentArn"])),
        image_tags=lambda: of_each(images_of, lambda name: images.tags(client, name)),
        certificates=lambda: _certificates(client("acm"), known["listeners"]),
        rules=lambda: of_each(listeners, lambda arn: elbv2.rules(elb, arn)),
        containers=lambda: of_each(
            without_targets,
            lambda name: _container_health(ecs, query.cluster, by_name[name], known["task_definitions"]),
        ),
    )


def _is_settled(service: Service) -> bool:
    deployments = service.get("deployments") or []
    return len(deployments) < 2 and (answers.primary_of(service) or {}).get("rolloutState") in (None, "", "COMPLETED")


def _stopped(client: t.Any, cluster: str, service: str) -> list[Task]:
    """Return the stopped tasks of a service that ECS still returns; none if they may not be listed."""
    try:
        found = ecs_api.described_tasks(client, cluster=cluster, statuses=("STOPPED",), serviceName=service)
        return t.cast("list[Task]", found)
    except ClientError as error:
        if error_code(error) not in codes.DENIED:
            raise
        return []


def _is_failing(service: Service) -> bool:
    primary = answers.primary_of(service) or {}
    return primary.get("rolloutState") == "FAILED" or bool(primary.get("failedTasks"))


def _is_staged(service: Service, records: t.Sequence[ServiceDeployment]) -> bool:
    """Return whether a deployment is in progress whose stage is only in ECS's service deployment."""
    under_way = (*stages.OPEN, *stages.ROLLING_BACK)
    return answers.is_staged(service) and bool(records) and records[0].get("status") in under_way


def _rollout(client: t.Any, arn: str) -> ServiceDeployment:
    try:
        found = call(client, "describe_service_deployments", serviceDeploymentArns=[arn])["serviceDeployments"]
    except ClientError as error:
        if error_code(error) not in codes.DENIED:
            raise
        return {}
    return t.cast("ServiceDeployment", found[0]) if found else {}


def services(client: t.Any, cluster: str, names: t.Sequence[str]) -> list[Service]:
    """Return these services, or all of the cluster without I(names), by name; without INACTIVE ones."""
    names = names or [last(arn) for arn in ecs_api.services_of(client, cluster=cluster)]
    found = ecs_api.living_services(client, cluster=cluster, names=names, include=[])
    return sorted(t.cast("list[Service]", found), key=lambda item: item["serviceName"])


def service(client: t.Any, cluster: str, name: str, include: t.Sequence[str] = ()) -> Service | None:
    """Return a service, None if it does not exist or is INACTIVE; I(include) as in DescribeServices."""
    read = functools.partial(ecs_api.living_services, client, cluster=cluster, names=[name], include=include)
    found = t.cast("list[Service] | None", none_if_missing(read, "ClusterNotFoundException"))
    return found[0] if found else None


def service_deployments(
    client: t.Any, cluster: str, name: str, count: int, *, required: bool = False
) -> list[ServiceDeployment]:
    """Return the newest deployments of a service; unless I(required), none if they may not be listed.

    A page may have fewer items than requested although more follow (API_ListServiceDeployments).
    """
    try:
        found = newest(client, "list_service_deployments", "serviceDeployments", count, cluster=cluster, service=name)
        return t.cast("list[ServiceDeployment]", found)
    except ClientError as error:
        if required or error_code(error) not in (*codes.DENIED, "UnsupportedFeatureException"):
            raise
        return []


def revisions(client: t.Any, records: t.Iterable[ServiceDeployment]) -> dict[str, str]:
    """Return the task definition ARN of each target service revision of the records."""
    arns = sorted({record["targetServiceRevisionArn"] for record in records if record.get("targetServiceRevisionArn")})
    found: dict[str, str] = {}
    for some in batched(arns, REVISIONS_PER_CALL):
        answer = call(client, "describe_service_revisions", serviceRevisionArns=some)
        found |= {item["serviceRevisionArn"]: item["taskDefinition"] for item in answer.get("serviceRevisions") or []}
    return found


def image_names(definitions: t.Iterable[Raw]) -> list[str]:
    """Return the images of task definitions without duplicates."""
    return sorted({item["image"] for found in definitions for item in found.get("containerDefinitions") or []})


def last_lines(
    logs: t.Any, definition: Raw, task: t.Any, count: int, warn: t.Callable[[str], None]
) -> dict[str, list[str]]:
    """Return the last log lines of a task by container; empty if there are none or they may not be read."""
    names = [item["name"] for item in definition["containerDefinitions"]]
    places = {name: diagnose.log_place(definition, name, task) for name in names}
    return {name: _last_lines(logs, place, count, warn) for name, place in places.items() if place}


def _last_lines(logs: t.Any, place: tuple[str, str], count: int, warn: t.Callable[[str], None]) -> list[str]:
    if count < 1:
        return []
    group, stream = place
    get = functools.partial(call, logs, "get_log_events")
    read = functools.partial(last_events, get, count, logGroupName=group, logStreamName=stream)
    try:
        events = none_if_missing(read, "ResourceNotFoundException") or []
    except (BotoCoreError, ClientError) as error:
        warn(
            f"The log group {group} could not be read, so there are no log_lines: {error}."
            " Allow logs:GetLogEvents, or set log_lines: 0."
        )
        return []
    return [event["message"].rstrip("\n") for event in events]


def _cluster(client: t.Any, name: str) -> Raw | None:
    found = call(client, "describe_clusters", clusters=[name]).get("clusters") or []
    return found[0] if found else None


def _container_health(
    client: t.Any, cluster: str, service: Service, definitions: t.Mapping[str, Raw]
) -> dict[str, str]:
    """Return the health of a service's containers; empty if they have no check or tasks may not be read."""
    checked = diagnose.checked_containers(definitions.get(answers.task_definition_of(service)) or {})
    if not checked:
        return {}
    try:
        found = ecs_api.described_tasks(client, cluster=cluster, serviceName=service["serviceName"])
    except ClientError as error:
        if error_code(error) not in codes.DENIED:
            raise
        return {}
    return diagnose.container_health(t.cast("list[Task]", found), checked)


def _task_definition(client: t.Any, arn: str) -> Raw:
    return t.cast("Raw", call(client, "describe_task_definition", taskDefinition=arn)["taskDefinition"])


def _scaling(client: t.Any, cluster: str, names: t.Sequence[str]) -> dict[str, Raw]:
    ids = {f"service/{cluster}/{name}": name for name in names}
    found = autoscaling.targets_of_services(client, list(ids))
    return {
        ids[item["ResourceId"]]: {"min_capacity": item["MinCapacity"], "max_capacity": item["MaxCapacity"]}
        for item in found
    }


def _certificates(acm: t.Any, listeners: t.Iterable[Raw]) -> list[Raw]:
    arns = sorted({item["CertificateArn"] for listener in listeners for item in listener.get("Certificates") or []})
    return [call(acm, "describe_certificate", CertificateArn=arn)["Certificate"] for arn in arns]
