# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds the import blocks with which Terraform takes over a platform.

Formats of ids are in the section Import of each resource in the provider's documentation.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

import json
import re
import typing as t

from .._aws.arn import last
from .._plan.model import Resource
from .._plan.types import TYPES
from .._resources.sqs import url

Data = t.Mapping[str, t.Any]


class Import(t.NamedTuple):
    """An import block: type and label of the address, and the provider's id of the resource."""

    kind: str
    label: str
    id: str

    @property
    def address(self) -> str:
        """Return the address of the resource."""
        return f"{self.kind}.{self.label}"


class Around(t.NamedTuple):
    """Other resources that an id may contain: ids by type and name, the cluster's name and the VPC's id."""

    ids: t.Mapping[tuple[str, str], str]
    cluster: str
    vpc: str


SCALED = "ecs/{}/ecs:service:DesiredCount"
# types that the provider identifies by name; the others of C(TYPES) by AWS's id
BY_NAME = frozenset({"log_group", "ecr_repository", "iam_role", "ecs_cluster"})
LEFT = {
    "image": "images are pushed by whoever builds them, and are no resource of the provider's",
    "service_linked_role": "belongs to the account, and is created by AWS",
    "others_boundary": "is managed elsewhere",
    "scheduled_action": "the provider can't import it: write aws_appautoscaling_scheduled_action, which puts it again",
}
# Patterns that Terraform generates and the provider (5.100) rejects, by type of resource, and their replacements: unset
# arguments, and one of two mutually exclusive ones.
ANY = ""
REFUSED: dict[str, tuple[tuple[str, str], ...]] = {
    ANY: (
        (r"\n +order +=  *0(?=\n)", ""),
        (r"\n +stickiness \{\n +duration += 0\n +enabled += false\n +\}(?=\n)", ""),
        (r"\n +(?:target_failover|target_health_state) \{\n(?:[^{}]*\n)? *\}(?=\n)", ""),
    ),
    "aws_lb": ((r"\n +subnet_mapping \{\n(?:[^{}]*\n)? *\}(?=\n)", ""),),
    # AWS does not return the secret: the argument is required, and ignore_changes keeps it from being written
    "aws_lb_listener_rule": (
        (
            r"(?<=\n)( +client_secret += )null # sensitive\n((?: .*\n|\n)*)\}(?=\n)",
            r'\1"put it here, and take ignore_changes out, as AWS returns it to nobody"\n\2'
            "  lifecycle {\n    ignore_changes = [action[0].authenticate_oidc[0].client_secret]\n  }\n}",
        ),
    ),
    "aws_nat_gateway": ((r"\n +secondary_\w+ += (?:0|\[\])(?=\n)", ""),),
    # 1 MiB is SQS's maximum and default since 2025
    "aws_sqs_queue": (
        (
            r"\n +max_message_size += 1048576(?=\n)",
            "\n  lifecycle {\n    ignore_changes = [max_message_size]\n  }",
        ),
    ),
    # a route has all its arguments, and "" is not a valid CIDR block
    "aws_route_table": ((r'(?<= = )""(?=\n)', "null"),),
    "aws_subnet": (
        (r"\n +availability_zone_id += \S+(?=\n)", ""),
        (r"\n +enable_lni_at_device_index += 0(?=\n)", ""),
        (r"\n +map_customer_owned_ip_on_launch += false(?=\n)", ""),
    ),
    "aws_vpc": ((r"\n +ipv6_netmask_length += 0(?=\n)", ""),),
}


def imports(resources: t.Sequence[Resource]) -> list[Import]:
    """Return an import for each existing resource, in order of creation."""
    there = [entry for entry in resources if entry.get("id") and not entry.get("foreign")]
    ids = {(str(entry["type"]), str(entry["name"])): str(entry["id"]) for entry in there}
    around = Around(ids, _first(there, "ecs_cluster", "name"), _first(there, "vpc", "id"))
    labels: set[str] = set()
    result: list[Import] = []
    for entry in there:
        for kind, name, found in _of(entry, around):
            label, number = _label(name), 2
            while f"{kind}.{label}" in labels:
                label, number = f"{_label(name)}_{number}", number + 1
            labels.add(f"{kind}.{label}")
            result.append(Import(kind, label, found))
    return result


def left(resources: t.Iterable[Resource]) -> list[str]:
    """Return a message for each resource that the provider does not support."""
    return [
        f"{entry['type']} {entry['name']}: {LEFT.get(entry['type'], 'the provider has no resource for it')}."
        for entry in resources
        if entry["type"] not in _KNOWN
    ]


def text(found: t.Iterable[Import]) -> str:
    """Return the import blocks as a Terraform file."""
    blocks = (f"import {{\n  to = {one.address}\n  id = {json.dumps(one.id)}\n}}\n" for one in found)
    return "\n".join(blocks)


def accepted(generated: str) -> str:
    """Return a generated configuration without the arguments that the provider rejects."""
    parts = re.split(r'^(?=resource ")', generated, flags=re.MULTILINE)
    return "".join(_accepted(part) for part in parts)


def _accepted(resource: str) -> str:
    kind = re.match(r'resource "(\w+)"', resource)
    for pattern, instead in (*REFUSED[ANY], *REFUSED.get(kind[1] if kind else ANY, ())):
        resource = re.sub(pattern, instead, resource)
    return resource


def _first(resources: t.Iterable[Resource], kind: str, key: t.Literal["name", "id"]) -> str:
    return next((str(entry[key]) for entry in resources if entry["type"] == kind), "")


def _label(name: str) -> str:
    """Return a valid label: letters, digits, hyphens and underscores, beginning with a letter or an underscore."""
    label = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")
    return label if re.match(r"[A-Za-z_]", label) else f"_{label}"


def _of(entry: Resource, around: Around) -> t.Iterator[tuple[str, str, str]]:
    """Yield type, name and id of each of the provider's resources that a planned resource corresponds to."""
    kind, name = str(entry["type"]), str(entry["name"])
    if kind in _WHOLE:
        yield _WHOLE[kind], name, name if kind in BY_NAME else str(entry["id"])
    yield from _MORE.get(kind, _nothing)(entry, around)


def _nothing(_entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    yield from ()


def _security_group(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    is_default = str(entry["name"]).endswith("-default-sg")
    kind = "aws_default_security_group" if is_default else "aws_security_group"
    yield kind, str(entry["name"]), str(entry["id"])


def _route_table(entry: Resource, around: Around) -> t.Iterator[tuple[str, str, str]]:
    for name in entry["values"].get("subnets") or []:
        subnet = around.ids.get(("subnet", name))
        if subnet:
            yield "aws_route_table_association", name, f"{subnet}/{entry['id']}"


def _role(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    name, values = str(entry["name"]), entry["values"]
    for policy in sorted(values.get("inline_policies") or {}):
        yield "aws_iam_role_policy", f"{name}_{policy}", f"{name}:{policy}"
    for arn in values.get("managed_policies") or []:
        yield "aws_iam_role_policy_attachment", f"{name}_{last(arn)}", f"{name}/{arn}"


def _cluster(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    if entry["values"].get("capacity_providers"):
        yield "aws_ecs_cluster_capacity_providers", str(entry["name"]), str(entry["name"])


def _repository(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    name, values = str(entry["name"]), entry["values"]
    if values.get("lifecycle_policy"):
        yield "aws_ecr_lifecycle_policy", name, name
    if values.get("repository_policy"):
        yield "aws_ecr_repository_policy", name, name


def _namespace(entry: Resource, around: Around) -> t.Iterator[tuple[str, str, str]]:
    name, found = str(entry["name"]), last(str(entry["id"]))
    if entry["values"].get("type") == "HTTP":
        yield "aws_service_discovery_http_namespace", name, found
    else:
        yield "aws_service_discovery_private_dns_namespace", name, f"{found}:{around.vpc}"


def _discovery(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    yield "aws_service_discovery_service", str(entry["name"]), last(str(entry["id"]))


def _load_balancer(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    if acl := entry["values"].get("web_acl"):
        yield "aws_wafv2_web_acl_association", str(entry["name"]), f"{acl},{entry['id']}"


def _listener(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    for arn in entry["values"].get("certificates") or []:
        yield "aws_lb_listener_certificate", f"{entry['name']}_{last(arn)}", f"{entry['id']}_{arn}"


def _queue(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    yield "aws_sqs_queue", str(entry["name"]), url.of(str(entry["id"]))


def _schedule(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    # arn:…:schedule/GROUP/NAME
    yield "aws_scheduler_schedule", str(entry["name"]), str(entry["id"]).partition(":schedule/")[2]


def _service(entry: Resource, around: Around) -> t.Iterator[tuple[str, str, str]]:
    cluster = entry["values"].get("cluster") or around.cluster
    yield "aws_ecs_service", str(entry["name"]), f"{cluster}/{entry['name']}"


def _target(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    yield "aws_appautoscaling_target", str(entry["name"]), SCALED.format(entry["id"])


def _policy(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    # arn:…:scalingPolicy:UUID:resource/ecs/service/CLUSTER/SERVICE:policyName/NAME
    target = str(entry["id"]).partition(":resource/ecs/")[2].partition(":policyName/")[0]
    yield "aws_appautoscaling_policy", str(entry["name"]), f"{SCALED.format(target)}/{entry['name']}"


def _record(entry: Resource, _around: Around) -> t.Iterator[tuple[str, str, str]]:
    record, zone = entry["record"], last(str(entry["zone_id"]))
    name = str(record["name"]).rstrip(".")
    yield "aws_route53_record", f"{name}_{record['type']}", f"{zone}_{name}_{record['type']}"


_MORE: dict[str, t.Callable[[Resource, Around], t.Iterator[tuple[str, str, str]]]] = {
    "security_group": _security_group,
    "route_table": _route_table,
    "load_balancer": _load_balancer,
    "listener": _listener,
    "sqs_queue": _queue,
    "schedule": _schedule,
    "iam_role": _role,
    "ecs_cluster": _cluster,
    "ecr_repository": _repository,
    "namespace": _namespace,
    "cloud_map_service": _discovery,
    "ecs_service": _service,
    "scalable_target": _target,
    "scaling_policy": _policy,
    "record_set": _record,
}
_WHOLE = {name: one.terraform for name, one in TYPES.items() if one.terraform}
_KNOWN = _WHOLE.keys() | _MORE.keys()
