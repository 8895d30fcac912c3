# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The resources of an account, by the type and name that a plan gives them, read from AWS.

``python -m tests.support.holdings PREFIX`` prints a line for each that is left of a platform; region, endpoint and
account come from the environment.
"""

from __future__ import annotations

import collections
import sys
import typing as t

import boto3
import jmespath

Client = t.Callable[[str], t.Any]
Holdings = collections.Counter[tuple[str, str]]

# It belongs to the account: every cluster needs it.
SHARED = ("service_linked_role", "AWSServiceRoleForECS")
# Tags of images that mark services as users of the image.
IN_USE = "in-use-"
NAME_TAG = "(Tags[?Key=='Name'].Value)[0]"


class Listing(t.NamedTuple):
    """A list operation: the plan's type of its items, and the expressions for them and their names."""

    type: str
    service: str
    operation: str
    items: str
    name: str = NAME_TAG
    arguments: t.Mapping[str, t.Any] = {}


NETWORK = (
    Listing("elastic_ip", "ec2", "describe_addresses", "Addresses"),
    Listing("nat_gateway", "ec2", "describe_nat_gateways", "NatGateways[?State!='deleted']"),
    # each VPC has a main route table, which plans do not contain
    Listing("route_table", "ec2", "describe_route_tables", "RouteTables[?!(Associations[?Main])]"),
    Listing("vpc_endpoint", "ec2", "describe_vpc_endpoints", "VpcEndpoints[?State!='deleted']"),
)
# as subnet, describe_subnets and Subnets
REGULAR = ("flow_log", "internet_gateway", "security_group", "subnet", "vpc")
LISTINGS = (
    *NETWORK,
    *(Listing(kind, "ec2", f"describe_{kind}s", f"{kind.title().replace('_', '')}s") for kind in REGULAR),
    Listing("load_balancer", "elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"),
    Listing("target_group", "elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName"),
    Listing("iam_role", "iam", "list_roles", "Roles[?!starts_with(RoleName, 'AWSServiceRole')]", "RoleName"),
    Listing("service_linked_role", "iam", "list_roles", "Roles[?starts_with(RoleName, 'AWSServiceRole')]", "RoleName"),
    Listing("iam_policy", "iam", "list_policies", "Policies", "PolicyName", {"Scope": "Local"}),
    Listing("namespace", "servicediscovery", "list_namespaces", "Namespaces", "Name"),
    Listing("hosted_zone", "route53", "list_hosted_zones", "HostedZones", "Name"),
    Listing("log_group", "logs", "describe_log_groups", "logGroups", "logGroupName"),
    Listing("ecr_repository", "ecr", "describe_repositories", "repositories", "repositoryName"),
    Listing("schedule", "scheduler", "list_schedules", "Schedules", "Name"),
    Listing("lock", "ssm", "describe_parameters", "Parameters", "Name"),
)


def holdings(client: Client) -> Holdings:
    """Return the number of resources by type and name; those without a name count under an empty one."""
    found: Holdings = collections.Counter((kind, name) for kind, name, _item in _listed(client))
    for part in (_listeners, _images, _clusters, _task_definitions, _cloud_map_services, _queues, _scaling, _aliases):
        found.update(part(client))
    return found


def left(client: Client, prefix: str) -> list[str]:
    """Return a line for each resource whose name contains I(prefix), or that is tagged ManagedBy=ansible.

    Record names have no prefix, so any in the account counts.
    """
    ours = [f"{kind} {name}" for kind, name, item in _listed(client) if prefix in name or _is_managed(item)]
    inside = (_listeners, _images, _clusters, _task_definitions, _cloud_map_services, _queues, _scaling)
    ours += [f"{kind} {name}" for part in inside for kind, name in part(client) if prefix in name]
    return sorted({*ours, *_records(client)})


def as_held(planned: t.Iterable[tuple[str, str]]) -> Holdings:
    """Return planned resources as an account holds them: Cloud Map gives a private namespace its hosted zone.

    An HTTP namespace has none, and no dot in its name.
    """
    listed = collections.Counter(planned)
    zones = [("hosted_zone", name) for kind, name in listed if kind == "namespace" and "." in name]
    return listed + collections.Counter(zones)


def _listed(client: Client) -> t.Iterator[tuple[str, str, t.Any]]:
    for listing in LISTINGS:
        for page in pages(client(listing.service), listing.operation, **listing.arguments):
            for item in jmespath.search(listing.items, page) or []:
                yield listing.type, (jmespath.search(listing.name, item) or "").rstrip("."), item


def _is_managed(item: t.Any) -> bool:
    tags = item.get("Tags") or [] if isinstance(item, dict) else []
    return any((tag.get("Key"), tag.get("Value")) == ("ManagedBy", "ansible") for tag in tags)


def _listeners(client: Client) -> t.Iterator[tuple[str, str]]:
    elbv2 = client("elbv2")
    for page in pages(elbv2, "describe_load_balancers"):
        for balancer in page["LoadBalancers"]:
            for listener in elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
                yield "listener", f"{balancer['LoadBalancerName']}:{listener['Port']}"
                yield from _rules(elbv2, listener["ListenerArn"])


def _rules(elbv2: t.Any, listener_arn: str) -> t.Iterator[tuple[str, str]]:
    for rule in elbv2.describe_rules(ListenerArn=listener_arn)["Rules"]:
        if not rule["IsDefault"]:
            (described,) = elbv2.describe_tags(ResourceArns=[rule["RuleArn"]])["TagDescriptions"]
            yield "listener_rule", jmespath.search(NAME_TAG, described) or ""


def _images(client: Client) -> t.Iterator[tuple[str, str]]:
    ecr = client("ecr")
    for page in pages(ecr, "describe_repositories"):
        for repository in page["repositories"]:
            name = repository["repositoryName"]
            for images in pages(ecr, "describe_images", repositoryName=name):
                for image in images["imageDetails"]:
                    tags = [tag for tag in image.get("imageTags", []) if not tag.startswith(IN_USE)]
                    yield "image", f"{name}:{','.join(tags)}"


def _clusters(client: Client) -> t.Iterator[tuple[str, str]]:
    ecs = client("ecs")
    arns = [arn for page in pages(ecs, "list_clusters") for arn in page["clusterArns"]]
    for cluster in ecs.describe_clusters(clusters=arns)["clusters"] if arns else []:
        if cluster["status"] != "INACTIVE":
            yield "ecs_cluster", cluster["clusterName"]
            for page in pages(ecs, "list_services", cluster=cluster["clusterName"]):
                yield from (("ecs_service", arn.rsplit("/", 1)[-1]) for arn in page["serviceArns"])


def _task_definitions(client: Client) -> t.Iterator[tuple[str, str]]:
    for page in pages(client("ecs"), "list_task_definitions", status="ACTIVE"):
        for arn in page["taskDefinitionArns"]:
            yield "ecs_task_definition", arn.rsplit("/", 1)[-1].rsplit(":", 1)[0]


def _queues(client: Client) -> t.Iterator[tuple[str, str]]:
    for page in pages(client("sqs"), "list_queues"):
        yield from (("sqs_queue", url.rsplit("/", 1)[-1]) for url in page.get("QueueUrls", []))


def _scaling(client: Client) -> t.Iterator[tuple[str, str]]:
    scaling = client("application-autoscaling")
    for page in pages(scaling, "describe_scalable_targets", ServiceNamespace="ecs"):
        yield from (("scalable_target", target["ResourceId"].rsplit("/", 1)[-1]) for target in page["ScalableTargets"])
    for page in pages(scaling, "describe_scaling_policies", ServiceNamespace="ecs"):
        yield from (("scaling_policy", policy["PolicyName"]) for policy in page["ScalingPolicies"])
    for page in pages(scaling, "describe_scheduled_actions", ServiceNamespace="ecs"):
        yield from (("scheduled_action", action["ScheduledActionName"]) for action in page["ScheduledActions"])


def _cloud_map_services(client: Client) -> t.Iterator[tuple[str, str]]:
    cloud_map = client("servicediscovery")
    for page in pages(cloud_map, "list_namespaces"):
        # ECS creates those of an HTTP namespace, for Service Connect, and they keep it from being deleted
        for namespace in (one for one in page["Namespaces"] if one["Type"] != "HTTP"):
            filters = [{"Name": "NAMESPACE_ID", "Values": [namespace["Id"]]}]
            for services in pages(cloud_map, "list_services", Filters=filters):
                for service in services["Services"]:
                    yield "cloud_map_service", f"{service['Name']}.{namespace['Name']}"


def _aliases(client: Client) -> t.Iterator[tuple[str, str]]:
    # other records are those of Cloud Map's instances
    aliases = (one for one in _record_sets(client) if "AliasTarget" in one)
    yield from (("record_set", f"{one['Name'].rstrip('.')} {one['Type']}") for one in aliases)


def _records(client: Client) -> t.Iterator[str]:
    yield from (f"record_set {one['Name']} {one['Type']}" for one in _record_sets(client))


def _record_sets(client: Client) -> t.Iterator[dict[str, t.Any]]:
    route53 = client("route53")
    for page in pages(route53, "list_hosted_zones"):
        for zone in page["HostedZones"]:
            for records in pages(route53, "list_resource_record_sets", HostedZoneId=zone["Id"]):
                yield from (one for one in records["ResourceRecordSets"] if one["Type"] not in ("NS", "SOA"))


def pages(client: t.Any, operation: str, **arguments: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """Yield every page of a list operation, or its one answer."""
    if client.can_paginate(operation):
        yield from client.get_paginator(operation).paginate(**arguments)
    else:
        yield getattr(client, operation)(**arguments)


if __name__ == "__main__":
    print("\n".join(left(t.cast("Client", boto3.client), sys.argv[1])))
