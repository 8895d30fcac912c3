# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where tagged resources are listed: one function per service, each a read."""

from __future__ import annotations

import typing as t

from .decide import belongs

Tagged = dict[str, t.Any]
Client = t.Any


def by_tagging_api(client: Client, tags: t.Mapping[str, str]) -> t.Iterator[Tagged]:
    """Yield what the Resource Groups Tagging API lists."""
    filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
    for page in client.get_paginator("get_resources").paginate(TagFilters=filters):
        for entry in page["ResourceTagMappingList"]:
            yield {"arn": entry["ResourceARN"], "tags": _pairs(entry.get("Tags", []))}


def by_ec2(client: Client, tags: t.Mapping[str, str], region: str, account: str) -> t.Iterator[Tagged]:
    """Yield the EC2 resources that bear all I(tags), which the tagging API lists late or not at all."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for page in client.get_paginator("describe_tags").paginate():
        for entry in page["Tags"]:
            found.setdefault((entry["ResourceType"], entry["ResourceId"]), {})[entry["Key"]] = entry["Value"]
    for (kind, identifier), pairs in found.items():
        if tags.items() <= pairs.items():
            yield {"arn": f"arn:aws:ec2:{region}:{account}:{kind}/{identifier}", "tags": pairs}


def by_iam(client: Client, prefix: str) -> t.Iterator[Tagged]:
    """Yield the roles with the prefix; the tagging API does not list roles."""
    for page in client.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if belongs(role["RoleName"], prefix):
                yield {"arn": role["Arn"], "tags": {"Name": role["RoleName"]}}


def by_logs(client: Client, prefix: str) -> t.Iterator[Tagged]:
    """Yield the log groups of the prefix, tagged or not."""
    for page in client.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            ours = [part for part in name.split("/") if belongs(part, prefix)]
            if ours:
                yield {"arn": group.get("arn", name).removesuffix(":*"), "tags": {"Name": ours[0]}}


def by_elbv2(client: Client, prefix: str) -> t.Iterator[Tagged]:
    """Yield the load balancers and target groups of the prefix."""
    for operation, key, name in (
        ("describe_load_balancers", "LoadBalancers", "LoadBalancer"),
        ("describe_target_groups", "TargetGroups", "TargetGroup"),
    ):
        for page in client.get_paginator(operation).paginate():
            for entry in page[key]:
                if belongs(entry[f"{name}Name"], prefix):
                    yield {"arn": entry[f"{name}Arn"], "tags": {"Name": entry[f"{name}Name"]}}


def gone_nat_gateways(client: Client, region: str, account: str) -> set[str]:
    """Return the ARNs of NAT gateways that are deleted and only still listed."""
    filters = [{"Name": "state", "Values": ["deleted", "failed"]}]
    return {
        f"arn:aws:ec2:{region}:{account}:natgateway/{gateway['NatGatewayId']}"
        for page in client.get_paginator("describe_nat_gateways").paginate(Filter=filters)
        for gateway in page["NatGateways"]
    }


def gone_from_ecs(client: Client, arns: t.Sequence[str]) -> set[str]:
    """Return those of the ECS ARNs that are INACTIVE, stopped or on their way out."""
    gone: set[str] = set()
    for arn in arns:
        kind = arn.split(":", 5)[-1].split("/")[0]
        if kind == "task-definition":
            status = client.describe_task_definition(taskDefinition=arn)["taskDefinition"]["status"]
            if status != "ACTIVE":
                gone.add(arn)
        elif kind == "cluster":
            clusters = client.describe_clusters(clusters=[arn])["clusters"]
            if not any(cluster["status"] != "INACTIVE" for cluster in clusters):
                gone.add(arn)
        elif kind in ("service", "task"):
            gone.update({arn} - _alive(client, kind, arn))
    return gone


def _alive(client: Client, kind: str, arn: str) -> set[str]:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - may be missing where this is only imported

    cluster = arn.split("/")[1]
    try:
        if kind == "service":
            found = client.describe_services(cluster=cluster, services=[arn])["services"]
            return {arn for service in found if service["status"] != "INACTIVE"}
        found = client.describe_tasks(cluster=cluster, tasks=[arn])["tasks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ClusterNotFoundException":
            return set()
        raise
    return {arn for task in found if task["lastStatus"] != "STOPPED"}


def _pairs(tags: t.Iterable[t.Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
