# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The resources of a request, and its condition keys: plain data in and out.

The Service Authorization Reference defines which of them AWS authorizes for an action, and which are required.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from local_aws.reference import Action, Type, fits, has_key

Data = dict[str, Any]

SERVICES = (
    "acm",
    "application-autoscaling",
    "ec2",
    "ecr",
    "ecs",
    "elasticloadbalancing",
    "iam",
    "logs",
    "monitoring",
    "route53",
    "scheduler",
    "servicediscovery",
    "sqs",
    "ssm",
)
"""Services whose actions are authorized by the reference, by MiniStack's names."""

EC2_KINDS = {
    "eipalloc": "elastic-ip",
    "fl": "vpc-flow-log",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}

# The tagging action that AWS also requires to create a resource with tags, where the reference names none:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html,
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html, …/API_CreatePolicy.html,
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html,
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
TAGGING = {
    "ecs": "ecs:TagResource",
    "iam:CreateRole": "iam:TagRole",
    "iam:CreatePolicy": "iam:TagPolicy",
    "logs:CreateLogGroup": "logs:TagResource",
    "servicediscovery": "servicediscovery:TagResource",
    "sqs:CreateQueue": "sqs:TagQueue",
}


class Asked(NamedTuple):
    """A request: its content as JSON or as parameters, and the one resource that MiniStack finds in it."""

    data: Mapping[str, Any]
    params: Mapping[str, Any]
    resource: str
    region: str
    account: str

    def param(self, name: str) -> str:
        """Return the value of a parameter of the query protocol, '' if it is missing."""
        value = self.params.get(name) or ""
        return str(value[0] if isinstance(value, list) else value)


def resources(action: Action, asked: Asked) -> list[str]:
    """Return the ARNs that a request is authorized on, only ``*`` if its action takes none.

    New resources, and required ones that the request does not name, have ``*`` in place of their name.
    """
    if not action.types:
        return ["*"]
    found = dict.fromkeys(arn for arn in named(action, asked) if action.type_of(arn))
    families = {kind.family for arn in found if (kind := action.type_of(arn))}
    rest = [
        kind
        for kind in action.types
        if (kind.required or kind.made) and kind.family not in families and kind.arn != "*"
    ]
    # listener/app and listener/net are both required, but a request concerns only one
    unnamed = {kind.family: _any_of(kind, asked) for kind in reversed(rest)}
    return [*found, *unnamed.values()] or ["*"]


def _any_of(kind: Type, asked: Asked) -> str:
    parts = kind.arn.split(":", 5)
    placed = {1: "aws", 3: asked.region, 4: asked.account}
    return ":".join(placed.get(number, part) if part == "*" else part for number, part in enumerate(parts))


def named(action: Action, asked: Asked) -> Iterator[str]:
    """Return every resource that a request names, by ARN, whatever its type."""
    service, _colon, verb = action.name.partition(":")
    start = f"arn:aws:{service}:{asked.region}:{asked.account}:"
    yield from (text for text in _texts([asked.data, *asked.params.values()]) if text.startswith("arn:"))
    if service == "ec2":
        yield from (
            f"{start}{kind}/{text}" for text in _texts(asked.params.values()) if (kind := ec2_kind(text)) != "*"
        )
    if service == "ecs":
        yield from (name if name.startswith("arn:") else f"{start}{name}" for name in _ecs(verb, asked.data))
    if service == "ecr":
        names = [asked.data.get("repositoryName"), *(asked.data.get("repositoryNames") or [])]
        yield from (f"{start}repository/{name}" for name in names if name)
    if service == "sqs":
        names = [asked.data.get("QueueName"), str(asked.data.get("QueueUrl") or "").rpartition("/")[2]]
        yield from (f"{start}{name}" for name in names if name)
    if service == "servicediscovery":
        ids = (asked.data.get(key) or "" for key in ("Id", "NamespaceId", "ServiceId"))
        yield from (f"{start}{'namespace' if one.startswith('ns-') else 'service'}/{one}" for one in ids if one)
    if service == "elasticloadbalancing" and verb in ("CreateLoadBalancer", "CreateTargetGroup"):
        kind = "loadbalancer/app" if verb == "CreateLoadBalancer" else "targetgroup"
        yield f"{start}{kind}/{asked.param('Name')}/*"
    if service == "logs" and asked.data.get("logGroupName"):
        stream = f":log-stream:{asked.data['logStreamName']}" if asked.data.get("logStreamName") else ""
        yield f"{start}log-group:{asked.data['logGroupName']}{stream}"
    if service == "iam":
        yield from (f"arn:aws:iam::{asked.account}:{rest}" for rest in _iam(verb, asked))
    if asked.resource != "*" and not (service == "iam" and verb.startswith("Create") and "Version" not in verb):
        yield asked.resource


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple) or hasattr(value, "__iter__"):
        for item in value:
            yield from _texts(item)


def ec2_kind(resource: str) -> str:
    """Return the resource type of an EC2 id, ``*`` for others."""
    start, dash, rest = resource.partition("-")
    return EC2_KINDS.get(start, "*") if dash and re.fullmatch(r"\w+", rest) else "*"


def _ecs(verb: str, data: Mapping[str, Any]) -> Iterator[str]:
    """Return the resources of an ECS request, as the ends of ARNs or as whole ones."""
    cluster = str(data.get("cluster") or data.get("clusterName") or "default").rsplit("/", 1)[-1]
    for key in ("cluster", "clusterName", "clusters"):
        yield from (one if one.startswith("arn:") else f"cluster/{one}" for one in _listed(data.get(key)))
    for key in ("service", "serviceName", "services"):
        yield from (one if one.startswith("arn:") else f"service/{cluster}/{one}" for one in _listed(data.get(key)))
    for key in ("task", "tasks"):
        yield from (one if one.startswith("arn:") else f"task/{cluster}/{one}" for one in _listed(data.get(key)))
    if verb == "RegisterTaskDefinition":
        yield f"task-definition/{data.get('family')}:*"
    for key in ("taskDefinition", "taskDefinitions"):
        for one in _listed(data.get(key)):
            yield one if one.startswith("arn:") else f"task-definition/{one if ':' in one else f'{one}:*'}"
    # a deployment and a revision contain the name of their service
    for key in ("serviceDeploymentArn", "serviceDeploymentArns", "serviceRevisionArns"):
        for one in _listed(data.get(key)):
            yield re.sub(r":service-(?:deployment|revision)/([^/]+/[^/]+)/.*", r":service/\1", one)


def _listed(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one]


def _iam(verb: str, asked: Asked) -> Iterator[str]:
    """Return what a request to IAM creates, as the ends of ARNs."""
    path = asked.param("Path") or "/"
    if verb == "CreateServiceLinkedRole":
        yield f"role/aws-service-role/{asked.param('AWSServiceName')}/*"
    if verb in ("CreateRole", "CreateUser", "CreatePolicy"):
        kind = verb.removeprefix("Create")
        yield f"{kind.lower()}{path}{asked.param(f'{kind}Name')}"


def tagging(action: Action, context: Mapping[str, Any]) -> list[str]:
    """Return the further actions that AWS requires to create a resource with tags."""
    if not context.get("aws:TagKeys") or not any(kind.made for kind in action.types):
        return []
    service, _colon, _verb = action.name.partition(":")
    known = [name for name in action.dependents if re.search(r":(Create|Add)?Tag", name)]
    more = TAGGING.get(action.name) or TAGGING.get(service)
    return sorted({*known, *([more] if more else [])})


def context_of(action: Action, asked: Asked, boundary: str = "") -> Data:
    """Return the services' condition keys of a request, except its tags.

    :param boundary: the ARN of the permissions boundary of the role that the request names, '' for none.
    """
    service, _colon, verb = action.name.partition(":")
    given = asked.param("PermissionsBoundary") if verb in ("CreateRole", "PutRolePermissionsBoundary") else boundary
    said: Data = {
        "iam:PermissionsBoundary": given,
        "iam:PolicyARN": asked.param("PolicyArn"),
        "iam:AWSServiceName": asked.param("AWSServiceName"),
        "application-autoscaling:service-namespace": asked.data.get("ServiceNamespace"),
    }
    if service == "route53":
        said |= _route53(str(asked.data.get("xml") or ""))
    return {key: value for key, value in said.items() if value and has_key(action.keys, key)}


def _route53(document: str) -> Data:
    """Return the keys of Route 53, with normalized names: in lower case, without the last dot.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
    """
    sets = re.findall(r"<ResourceRecordSet>(.*?)</ResourceRecordSet>", document, re.DOTALL)
    names = [found[1].lower().rstrip(".") for one in sets if (found := re.search(r"<Name>(.*?)</Name>", one))]
    kinds = [found[1] for one in sets if (found := re.search(r"<Type>(.*?)</Type>", one))]
    vpcs = re.search(r"<VPCRegion>(.*?)</VPCRegion>", document), re.search(r"<VPCId>(.*?)</VPCId>", document)
    said: Data = {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": names,
        "route53:ChangeResourceRecordSetsRecordTypes": kinds,
        "route53:ChangeResourceRecordSetsActions": re.findall(r"<Action>(.*?)</Action>", document),
    }
    if vpcs[0] and vpcs[1]:
        said["route53:VPCs"] = [f"VPCId={vpcs[1][1]},VPCRegion={vpcs[0][1]}"]
    return said


def known_context(action: Action, arn: str, context: Mapping[str, Any]) -> Data:
    """Return a request's context as far as it applies to a resource: the reference's keys for it, and global ones."""
    keys = action.keys_on(action.type_of(arn))
    return {
        key: value
        for key, value in context.items()
        if has_key(keys, key) or (not fits(key.lower(), "aws:requesttag/*") and key.lower() != "aws:tagkeys")
    }


def association_table(tables: Data, association: str) -> str:
    """Return the id of the route table of an association, '' for none."""
    found = (
        table["RouteTableId"]
        for table in tables.values()
        for item in table.get("Associations", [])
        if item["RouteTableAssociationId"] == association
    )
    return str(next(found, ""))
