# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the resources that services have: all with the prefix if they can list them, else those with given ARNs."""

from __future__ import annotations

import functools
import re
import typing as t

from ..._aws.read import batched, call, none_if_missing, pages
from ..._aws.tagged import tags
from ..iam import boundary
from ..logs import api as logs_api
from .decide import DELETING, THERE, Known, belongs

Client = t.Any
States = dict[str, str]

# the kinds that of_ec2, of_iam, of_logs and of_elbv2 list in full
LISTED = (
    "ec2",
    "iam:role",
    "iam:policy",
    "logs:log-group",
    "elasticloadbalancing:loadbalancer",
    "elasticloadbalancing:targetgroup",
)


# API_GetResources
RESOURCES_PER_PAGE = 100


def by_tagging_api(
    client: Client, wanted: t.Mapping[str, str], types: t.Sequence[str] = ()
) -> dict[str, dict[str, str]]:
    """Return the tags, by ARN, of the resources that the Resource Groups Tagging API lists with all I(wanted) tags.

    I(types) are services or C(service:type); without any, resources of all types are returned.
    """
    filters: dict[str, t.Any] = {"TagFilters": [{"Key": key, "Values": [value]} for key, value in wanted.items()]}
    if types:
        filters["ResourceTypeFilters"] = list(types)
    found = pages(client, "get_resources", "ResourceTagMappingList", ResourcesPerPage=RESOURCES_PER_PAGE, **filters)
    return {entry["ResourceARN"]: tags(entry) for entry in found}


def of_ec2(client: Client, wanted: t.Mapping[str, str], account: str) -> list[Known]:
    """Return the EC2 resources that have all I(wanted) tags."""
    filters = [
        {"Name": "key", "Values": sorted(wanted)},
        {"Name": "value", "Values": sorted({_literally(value) for value in wanted.values()})},
    ]
    alike = _tags_of_ec2(client, filters if wanted else [])
    ids = sorted(identifier for (_kind, identifier), pairs in alike.items() if wanted.items() <= pairs.items())
    start = f"arn:{client.meta.partition}:ec2:{client.meta.region_name}:{account}"
    return [
        Known(f"{start}:{kind}/{identifier}", pairs, state)
        for (kind, identifier), (pairs, state) in _of_ids(client, ids).items()
    ]


def ec2_resources(client: Client, arns: list[str]) -> States:
    """Return the states of the EC2 resources that exist; all of them have tags."""
    ids = {arn.rpartition("/")[2]: arn for arn in arns}
    return {ids[identifier]: state for (_kind, identifier), (_tags, state) in _of_ids(client, list(ids)).items()}


def _of_ids(client: Client, ids: list[str]) -> dict[tuple[str, str], tuple[dict[str, str], str]]:
    """Return the tags and the state of the resources of I(ids) that exist, by kind and id."""
    ours: dict[tuple[str, str], dict[str, str]] = {}
    for some in batched(ids, VALUES_PER_FILTER):
        ours |= _tags_of_ec2(client, [{"Name": "resource-id", "Values": some}])
    states = _states_of_lingering(client, {kind for kind, _identifier in ours})
    return {
        (kind, identifier): (pairs, states.get(identifier, THERE))
        for (kind, identifier), pairs in ours.items()
        if kind not in LINGERING or identifier in states
    }


# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
VALUES_PER_FILTER = 200


def _literally(value: str) -> str:
    """Return a value with EC2's wildcards for filters (C(*) and C(?)) escaped."""
    return re.sub(r"([*?\\])", r"\\\1", value)


def _tags_of_ec2(client: Client, filters: list[dict[str, t.Any]]) -> dict[tuple[str, str], dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for entry in pages(client, "describe_tags", "Tags", **({"Filters": filters} if filters else {})):
        found.setdefault((entry["ResourceType"], entry["ResourceId"]), {})[entry["Key"]] = entry["Value"]
    return found


# resources whose tags outlive them:
# https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html#nat-gateway-deleting
LINGERING = ("natgateway", "vpc-endpoint")


def _states_of_lingering(client: Client, kinds: t.Container[str]) -> States:
    """Return the states of those that still exist, by id; AWS deletes a failed NAT gateway automatically."""
    found: States = {}
    if "natgateway" in kinds:
        filters = [{"Name": "state", "Values": ["pending", "available", "deleting"]}]
        for gateway in pages(client, "describe_nat_gateways", "NatGateways", Filter=filters):
            found[gateway["NatGatewayId"]] = DELETING if gateway["State"] == "deleting" else THERE
    if "vpc-endpoint" in kinds:
        for endpoint in pages(client, "describe_vpc_endpoints", "VpcEndpoints"):
            state = endpoint.get("State", "").lower()
            if state != "deleted":
                found[endpoint["VpcEndpointId"]] = DELETING if state == "deleting" else THERE
    return found


def of_iam(client: Client, prefix: str) -> list[Known]:
    """Return the roles and policies with the prefix, except a permissions boundary that an administrator created."""
    found = [
        *((entry["RoleName"], entry["Arn"]) for entry in pages(client, "list_roles", "Roles")),
        *((entry["PolicyName"], entry["Arn"]) for entry in pages(client, "list_policies", "Policies", Scope="Local")),
    ]
    ours = [(name, arn) for name, arn in found if belongs(name, prefix)]
    return [Known(arn, {"Name": name}) for name, arn in ours if not _is_others_boundary(client, name, arn)]


def _is_others_boundary(client: Client, name: str, arn: str) -> bool:
    """Return whether a policy is a boundary without the Name tag that the role ecs_cluster gives its own."""
    if f":policy{boundary.PATH}" not in arn:
        return False
    found = none_if_missing(lambda: call(client, "get_policy", PolicyArn=arn)["Policy"], "NoSuchEntity")
    return found is not None and tags(found).get("Name") != name


def of_logs(client: Client, prefix: str) -> list[Known]:
    """Return the log groups with the prefix in a part of their path, tagged or not.

    Those under /aws/ belong to AWS's services, which write to them even after a deletion (Container Insights).
    """
    found = []
    for group in pages(client, "describe_log_groups", "logGroups"):
        if group["logGroupName"].startswith("/aws/"):
            continue
        ours = [part for part in group["logGroupName"].split("/") if belongs(part, prefix)]
        if ours:
            found.append(Known(group["arn"].removesuffix(":*"), {"Name": ours[0]}))
    return found


def of_elbv2(client: Client, prefix: str) -> list[Known]:
    """Return the load balancers and target groups with the prefix."""
    found = [
        *(
            (entry["LoadBalancerName"], entry["LoadBalancerArn"])
            for entry in pages(client, "describe_load_balancers", "LoadBalancers")
        ),
        *(
            (entry["TargetGroupName"], entry["TargetGroupArn"])
            for entry in pages(client, "describe_target_groups", "TargetGroups")
        ),
    ]
    return [Known(arn, {"Name": name}) for name, arn in found if belongs(name, prefix)]


def clusters(client: Client, arns: list[str]) -> States:
    """Return the states of the ECS clusters that are not INACTIVE."""
    return {
        entry["clusterArn"]: DELETING if entry["status"] == "DEPROVISIONING" else THERE
        for some in batched(arns, 100)
        for entry in call(client, "describe_clusters", clusters=some)["clusters"]
        if entry["status"] != "INACTIVE"
    }


def services(client: Client, arns: list[str]) -> States:
    """Return the states of the ECS services that are not INACTIVE."""
    return {
        entry["serviceArn"]: DELETING if entry["status"] == "DRAINING" else THERE
        for entry in _in_clusters(client, "describe_services", "services", arns, 10)
        if entry["status"] != "INACTIVE"
    }


def tasks(client: Client, arns: list[str]) -> States:
    """Return the states of the ECS tasks that have not stopped."""
    return {
        entry["taskArn"]: DELETING if entry.get("desiredStatus") == "STOPPED" else THERE
        for entry in _in_clusters(client, "describe_tasks", "tasks", arns, 100)
        if entry["lastStatus"] != "STOPPED"
    }


def _in_clusters(client: Client, operation: str, key: str, arns: list[str], size: int) -> t.Iterator[dict[str, t.Any]]:
    """Yield what I(operation) describes of I(arns), each with its cluster in it; nothing of a cluster that is gone."""
    for cluster in sorted({arn.split("/")[1] for arn in arns}):
        for some in batched([arn for arn in arns if arn.split("/")[1] == cluster], size):
            describe = functools.partial(call, client, operation, cluster=cluster, **{key: some})
            found = none_if_missing(describe, "ClusterNotFoundException")
            if found is None:
                break
            yield from found[key]


def task_definitions(client: Client, arns: list[str]) -> States:
    """Return the task definitions that are ACTIVE: INACTIVE ones stay forever, at no cost and using nothing.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html
    """
    families = sorted({arn.rsplit("/", 1)[-1].rsplit(":", 1)[0] for arn in arns})
    active = {
        str(arn)
        for family in families
        for arn in pages(client, "list_task_definitions", "taskDefinitionArns", familyPrefix=family, status="ACTIVE")
    }
    return {arn: THERE for arn in arns if arn in active}


def listeners(client: Client, arns: list[str]) -> States:
    """Return the listeners that exist."""

    def of(balancer: str) -> list[dict[str, t.Any]]:
        return pages(client, "describe_listeners", "Listeners", LoadBalancerArn=balancer)

    return _of_parents(arns, "loadbalancer", of, "ListenerArn", "LoadBalancerNotFound")


def listener_rules(client: Client, arns: list[str]) -> States:
    """Return the listener rules that exist."""

    def of(listener: str) -> list[dict[str, t.Any]]:
        return pages(client, "describe_rules", "Rules", ListenerArn=listener)

    return _of_parents(arns, "listener", of, "RuleArn", "ListenerNotFound")


def _of_parents(
    arns: list[str], parent: str, listed: t.Callable[[str], list[dict[str, t.Any]]], key: str, missing: str
) -> States:
    """List each parent in the ARNs, as a call with several ARNs fails if a single one is gone."""
    parents = {re.sub("/[^/]+$", "", re.sub(":listener(-rule)?/", f":{parent}/", arn)) for arn in arns}
    found = [
        entry for name in sorted(parents) for entry in none_if_missing(functools.partial(listed, name), missing) or []
    ]
    return _among(arns, found, key)


def _among(arns: list[str], found: t.Iterable[t.Mapping[str, t.Any]], key: str) -> States:
    there = {entry.get(key) for entry in found}
    return {arn: THERE for arn in arns if arn in there}


def load_balancers(client: Client, arns: list[str]) -> States:
    """Return the load balancers that exist."""
    return _among(arns, pages(client, "describe_load_balancers", "LoadBalancers"), "LoadBalancerArn")


def target_groups(client: Client, arns: list[str]) -> States:
    """Return the target groups that exist."""
    return _among(arns, pages(client, "describe_target_groups", "TargetGroups"), "TargetGroupArn")


def log_groups(client: Client, arns: list[str]) -> States:
    """Return the log groups that exist."""
    names = {arn: arn.split(":log-group:", 1)[1].removesuffix(":*") for arn in arns}
    there = {group["logGroupName"] for group in logs_api.described(client, names.values())}
    return {arn: THERE for arn, name in names.items() if name in there}


def _is_there(missing: str, client: Client, operation: str, **arguments: t.Any) -> bool:
    return none_if_missing(lambda: call(client, operation, **arguments), missing) is not None


def repositories(client: Client, arns: list[str]) -> States:
    """Return the ECR repositories that exist."""
    missing, operation = "RepositoryNotFoundException", "describe_repositories"
    names = {arn: arn.split(":repository/")[1] for arn in arns}
    return {arn: THERE for arn in arns if _is_there(missing, client, operation, repositoryNames=[names[arn]])}


def queues(client: Client, arns: list[str]) -> States:
    """Return the SQS queues that exist."""
    missing = "AWS.SimpleQueueService.NonExistentQueue"
    return {arn: THERE for arn in arns if _is_there(missing, client, "get_queue_url", QueueName=arn.rpartition(":")[2])}


def namespaces(client: Client, arns: list[str]) -> States:
    """Return the Cloud Map namespaces that exist."""
    return _among(arns, pages(client, "list_namespaces", "Namespaces"), "Arn")


def discovery_services(client: Client, arns: list[str]) -> States:
    """Return the Cloud Map services that exist."""
    return _among(arns, pages(client, "list_services", "Services"), "Arn")


def scalable_targets(client: Client, arns: list[str]) -> States:
    """Return the scalable targets of ECS that exist."""
    found = pages(client, "describe_scalable_targets", "ScalableTargets", ServiceNamespace="ecs")
    return _among(arns, found, "ScalableTargetARN")


# by kind, the client and the function that reads given ARNs
READERS: dict[str, tuple[str, t.Callable[[Client, list[str]], States]]] = {
    "ecs:cluster": ("ecs", clusters),
    "ecs:service": ("ecs", services),
    "ecs:task": ("ecs", tasks),
    "ecs:task-definition": ("ecs", task_definitions),
    "elasticloadbalancing:listener": ("elbv2", listeners),
    "elasticloadbalancing:listener-rule": ("elbv2", listener_rules),
    "ecr:repository": ("ecr", repositories),
    "servicediscovery:namespace": ("servicediscovery", namespaces),
    "sqs:queue": ("sqs", queues),
    "servicediscovery:service": ("servicediscovery", discovery_services),
    "application-autoscaling:scalable-target": ("application-autoscaling", scalable_targets),
}

# the same, with kinds that of_ec2, of_elbv2 and of_logs list in full; EC2's are one entry
CONFIRMED: dict[str, tuple[str, t.Callable[[Client, list[str]], States]]] = {
    **READERS,
    "ec2": ("ec2", ec2_resources),
    "elasticloadbalancing:loadbalancer": ("elbv2", load_balancers),
    "elasticloadbalancing:targetgroup": ("elbv2", target_groups),
    "logs:log-group": ("logs", log_groups),
}
