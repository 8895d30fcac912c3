# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All resources of a platform have its tags, except those that can't be tagged or are part of others."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.alb import desired as alb
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecr_push import resources as ecr
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster import desired as cluster
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import desired as service

from tests.unit.plugins.module_utils import service_definitions as definitions
from tests.unit.plugins.module_utils import test_alb, test_cluster, test_vpc

WITHOUT = {
    "image": "ECR tags repositories; the tags of an image are its names",
    "record_set": "Route 53 tags hosted zones and health checks, and no records",
    "scaling_policy": "Application Auto Scaling tags scalable targets, and no policies",
    "service_linked_role": "IAM makes it for the account, and all platforms of it use it",
}
REPOSITORY = {"name": "magiclub-an2p-lotto", "tags": {"Owner": "ops"}, "image_tag_mutability": "IMMUTABLE"}


def everything() -> list[dict[str, t.Any]]:
    """Return each kind of resource that the layers can create."""
    network = test_vpc.resources(
        nat="per_zone", flow_logs=True, gateway_endpoints=["s3"], interface_endpoints=["ecr.api"]
    )
    read = {"certificate_arn": "arn:cert", "zones": {}}
    scaled = definitions.service(
        rule={"paths": ["/*"], "priority": 1}, autoscaling={"min": 1, "max": 4, "cpu": 60}, task_policies={"a": {}}
    )
    return [
        *network,
        *alb.resources(test_alb.INPUTS, test_alb.NETWORK, read),
        *cluster.resources(test_cluster.inputs(configuration={"x": 1})),
        *ecr.desired(REPOSITORY, "1"),
        *service.resources(scaled, definitions.PLATFORM, {}),
    ]


@pytest.mark.parametrize("resource", everything(), ids=lambda one: f"{one['type']} {one['name']}")
def test_every_resource_has_its_tags(resource: dict[str, t.Any]) -> None:
    if resource["type"] in WITHOUT:
        assert "tags" not in resource["values"]
        return
    tags = resource["values"]["tags"]
    assert tags.get("Owner") == "ops" or tags.get("Project") == "magiclub"


def test_every_kind_of_resource_is_covered() -> None:
    kinds = {resource["type"] for resource in everything()}
    assert set(WITHOUT) <= kinds
    assert kinds >= {
        "listener",
        "listener_rule",
        "target_group",
        "load_balancer",
        "flow_log",
        "nat_gateway",
        "elastic_ip",
        "vpc_endpoint",
        "route_table",
        "log_group",
        "iam_role",
        "iam_policy",
        "namespace",
        "cloud_map_service",
        "ecs_cluster",
        "ecs_service",
        "ecs_task_definition",
        "scalable_target",
        "ecr_repository",
        "security_group",
    }
