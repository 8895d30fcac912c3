# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tags: the tagging API and aws:ResourceTag in policies cover the resources of all services that we use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local_aws.corrections import ec2 as ec2_corrections
from local_aws.corrections import iam_resources
from local_aws.corrections._patch import corrects, part, replace, service

Tagged = tuple[str, list[dict[str, str]]]


def start_of(name: str) -> str:
    responses = part("core.responses")
    return f"arn:aws:{name}:{responses.get_region()}:{responses.get_account_id()}:"


def ec2_resources() -> Iterator[Tagged]:
    ec2 = service("ec2")
    stores = (
        ec2._addresses,
        ec2._flow_logs,
        ec2._internet_gateways,
        ec2._route_tables,
        ec2._security_groups,
        ec2._subnets,
        ec2._vpc_endpoints,
        ec2._vpcs,
    )
    live = [gateway["NatGatewayId"] for gateway in ec2_corrections.live_nat_gateways(ec2)]
    for resource in [*live, *(key for store in stores for key in store)]:
        kind = iam_resources.ec2_kind(resource)
        yield f"{start_of('ec2')}{kind}/{resource}", ec2._tags.get(resource, [])


def ecs_resources() -> Iterator[Tagged]:
    ecs = service("ecs")
    arns = [c["clusterArn"] for c in ecs._clusters.values() if c["status"] == "ACTIVE"]
    arns += [s["serviceArn"] for s in ecs._services.values() if s["status"] != "INACTIVE"]
    arns += [d["taskDefinitionArn"] for d in ecs._task_defs.values() if d["status"] != "DELETE_IN_PROGRESS"]
    arns += [t["taskArn"] for t in ecs._tasks.values() if t["lastStatus"] != "STOPPED"]
    for arn in arns:
        yield arn, [{"Key": t["key"], "Value": t["value"]} for t in ecs._tags.get(arn, [])]


def elb_resources() -> Iterator[Tagged]:
    alb = service("alb")
    for store in (alb._lbs, alb._tgs, alb._listeners, alb._rules):
        for arn in store:
            yield arn, alb._tags.get(arn, [])


def log_groups() -> Iterator[Tagged]:
    for name, group in service("cloudwatch_logs")._log_groups.items():
        tags = [{"Key": k, "Value": v} for k, v in (group.get("tags") or {}).items()]
        yield f"{start_of('logs')}log-group:{name}", tags


def cloud_map_resources() -> Iterator[Tagged]:
    sd = service("servicediscovery")
    for record in [*sd._namespaces.values(), *sd._services.values()]:
        yield record["Arn"], sd._resource_tags.get(record["Arn"], [])


def certificates() -> Iterator[Tagged]:
    for arn, certificate in service("acm")._certificates.items():
        yield arn, certificate.get("Tags", [])


COLLECTORS: dict[str, Any] = {
    "acm": certificates,
    "ec2": ec2_resources,
    "ecs": ecs_resources,
    "elasticloadbalancing": elb_resources,
    "logs": log_groups,
    "servicediscovery": cloud_map_resources,
}


@corrects(
    "resourcegroupstaggingapi",
    aws="GetResources and aws:ResourceTag cover EC2, ECS, load balancing, logs, Cloud Map and ACM, without deleted "
    "resources",
    evidence="https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html",
)
def know_all_tags() -> None:
    tagging = service("tagging")
    tagging._COLLECTORS.update(COLLECTORS)
    tagging._RESOURCE_TAG_COLLECTORS.update(COLLECTORS, ecr=tagging._COLLECTORS["ecr"])


@corrects(
    "ec2",
    aws="a resource is deleted with its tags, so DescribeTags lists no deleted resources",
    evidence="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html",
)
def forget_tags_of_deleted_resources() -> None:
    ec2 = service("ec2")

    def describe(original: Any) -> Any:
        def call(params: Any) -> Any:
            live = {arn.rpartition("/")[2] for arn, _tags in ec2_resources()}
            # for other types, "*", there is no way to know which still exist
            for resource in [one for one in ec2._tags if iam_resources.ec2_kind(one) != "*" and one not in live]:
                ec2._tags.pop(resource, None)
            return original(params)

        return call

    replace(ec2, "_describe_tags", describe)
