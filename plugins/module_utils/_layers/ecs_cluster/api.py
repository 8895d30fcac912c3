# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the ecs_cluster layer in two rounds of parallel calls."""

from __future__ import annotations

import contextlib
import typing as t

from ..._aws.read import call, in_parallel, none_if_missing, pages
from ..._aws.tagged import name
from ..._plan.names import cluster_name, exec_policy_name, execution_role_name
from ..._resources.iam import api as iam_api
from ..._resources.iam import boundary
from ..._resources.servicediscovery.wait import OperationFailedError, wait_for_operation

Raw = dict[str, t.Any]

SERVICE_LINKED_ROLE_PATH = "/aws-service-role/ecs.amazonaws.com/"
CREATING = [
    {"Name": "TYPE", "Values": ["CREATE_NAMESPACE"], "Condition": "EQ"},
    {"Name": "STATUS", "Values": ["SUBMITTED", "PENDING"], "Condition": "IN"},
]


def read(
    client: t.Callable[[str], t.Any],
    prefix: str,
    settle: t.Callable[[t.Any], None] | None = None,
    cluster: str = "",
    vpc_id: str = "",
) -> Raw:
    """Return AWS's descriptions of everything that may belong to the layer with this name prefix.

    I(cluster) and I(vpc_id) name existing ones, created outside this collection.
    I(settle) gets the client of Cloud Map and may wait before the namespaces are read, because Cloud Map does not
    always list one that is being created.
    """
    ecs, iam, cloud_map, sts = (client(service) for service in ("ecs", "iam", "servicediscovery", "sts"))
    if settle:
        settle(cloud_map)
    raw = in_parallel(
        account_id=lambda: call(sts, "get_caller_identity")["Account"],
        clusters=lambda: call(
            ecs,
            "describe_clusters",
            clusters=[cluster or cluster_name(prefix)],
            include=["CONFIGURATIONS", "SETTINGS", "TAGS"],
        )["clusters"],
        service_linked_roles=lambda: pages(iam, "list_roles", "Roles", PathPrefix=SERVICE_LINKED_ROLE_PATH),
        execution_role=lambda: iam_api.role(iam, execution_role_name(prefix), inline=False),
        all_namespaces=lambda: _namespaces(cloud_map),
    )
    namespaces = owned(raw.pop("all_namespaces"), raw["account_id"])
    partition = str(ecs.meta.partition)
    exec_policy = f"arn:{partition}:iam::{raw['account_id']}:policy/{exec_policy_name(prefix)}"
    bounds = boundary.arn(boundary.PLATFORM, partition, raw["account_id"], prefix)
    return {
        **raw,
        **in_parallel(
            exec_policy=lambda: _policy(iam, exec_policy),
            boundary=lambda: _policy(iam, bounds),
            namespaces=lambda: _tagged(cloud_map, namespaces),
            vpc_names=lambda: _vpc_names(client, namespaces, vpc_id),
        ),
    }


def read_cluster(ecs: t.Any, prefix: str) -> Raw:
    """Return only the cluster and its tags, in the form of C(read), with a single call to ECS."""
    clusters = call(ecs, "describe_clusters", clusters=[cluster_name(prefix)], include=["TAGS"])["clusters"]
    policies = {"execution_role": None, "exec_policy": None, "boundary": None}
    nothing: Raw = {"service_linked_roles": [], **policies, "namespaces": []}
    account_id = next((str(one["clusterArn"]).split(":")[4] for one in clusters), "")
    return {**nothing, "vpc_names": {}, "clusters": clusters, "account_id": account_id}


def settled(cloud_map: t.Any, timeout: float, clock: t.Callable[[], float], sleep: t.Callable[[float], None]) -> None:
    """Wait, I(timeout) seconds at most, until Cloud Map creates no namespace."""

    def operation(operation_id: str) -> Raw:
        return t.cast("Raw", call(cloud_map, "get_operation", OperationId=operation_id)["Operation"])

    for pending in pages(cloud_map, "list_operations", "Operations", Filters=CREATING):
        # A failed creation leaves no namespace; one that is still running is read as pending.
        with contextlib.suppress(OperationFailedError):
            wait_for_operation(pending["Id"], operation, timeout=timeout, clock=clock, sleep=sleep)


def _policy(iam: t.Any, arn: str) -> Raw | None:
    found = none_if_missing(lambda: call(iam, "get_policy", PolicyArn=arn)["Policy"], "NoSuchEntity")
    if found is None:
        return None
    version = call(iam, "get_policy_version", PolicyArn=arn, VersionId=found["DefaultVersionId"])
    return {**found, "Document": version["PolicyVersion"]["Document"]}


def _namespaces(cloud_map: t.Any) -> list[Raw]:
    """Return all namespaces, including those being created, as far as Cloud Map shows them already."""
    found = {entry["Id"]: entry for entry in pages(cloud_map, "list_namespaces", "Namespaces")}
    for operation in pages(cloud_map, "list_operations", "Operations", Filters=CREATING):
        # A creation that Cloud Map has only just accepted has no Targets yet.
        targets = call(cloud_map, "get_operation", OperationId=operation["Id"])["Operation"].get("Targets") or {}
        target = targets.get("NAMESPACE")
        if target:
            found[target] = {**_namespace(cloud_map, target), "Pending": True}
    return [entry for entry in found.values() if entry.get("Arn")]


def owned(namespaces: list[Raw], account_id: str) -> list[Raw]:
    """Return the account's own namespaces: the tags of those shared with it by AWS RAM can't be read."""
    return [entry for entry in namespaces if entry["Arn"].split(":")[4] == account_id]


def _tagged(cloud_map: t.Any, namespaces: list[Raw]) -> list[Raw]:
    tags = in_parallel(
        **{
            entry["Id"]: lambda arn=entry["Arn"]: call(cloud_map, "list_tags_for_resource", ResourceARN=arn)["Tags"]
            for entry in namespaces
        }
    )
    return [{**entry, "Tags": tags[entry["Id"]]} for entry in namespaces]


def _namespace(cloud_map: t.Any, namespace_id: str) -> Raw:
    return (
        none_if_missing(lambda: call(cloud_map, "get_namespace", Id=namespace_id)["Namespace"], "NamespaceNotFound")
        or {}
    )


def _vpc_names(client: t.Callable[[str], t.Any], namespaces: list[Raw], kept: str = "") -> dict[str, list[str]]:
    """Return, by namespace id, the Name tags of the VPCs associated with each private namespace's hosted zone.

    A VPC without one is identified by its id, as is I(kept), the id of an existing VPC.
    """
    private = {entry["Id"]: _zone_id(entry) for entry in namespaces if entry["Type"] == "DNS_PRIVATE"}
    if not private:
        return {}
    route53, ec2 = client("route53"), client("ec2")
    vpcs = in_parallel(**{key: lambda zone=zone: _zone_vpcs(route53, zone) for key, zone in private.items() if zone})
    wanted = sorted({vpc for of_zone in vpcs.values() for vpc in of_zone})
    filters = [{"Name": "vpc-id", "Values": wanted}]
    names = {
        entry["VpcId"]: "" if entry["VpcId"] == kept else name(entry)
        for entry in (pages(ec2, "describe_vpcs", "Vpcs", Filters=filters) if wanted else [])
    }
    return {key: [names.get(vpc) or vpc for vpc in of_zone] for key, of_zone in vpcs.items()}


def _zone_id(namespace: Raw) -> str | None:
    return ((namespace.get("Properties") or {}).get("DnsProperties") or {}).get("HostedZoneId")


def _zone_vpcs(route53: t.Any, zone_id: str) -> list[str]:
    """Return the VPCs of a zone, unordered: others may have been associated with it since it was created."""
    zone = none_if_missing(lambda: call(route53, "get_hosted_zone", Id=zone_id), "NoSuchHostedZone") or {}
    return [vpc["VPCId"] for vpc in zone.get("VPCs") or []]
