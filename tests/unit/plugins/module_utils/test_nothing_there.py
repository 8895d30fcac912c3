# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A missing resource is a valid answer; any other error of the same call is an error."""

from __future__ import annotations

import types

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecs_cluster import api as cluster
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import read
from ansible_collections.magiclub.fargate.plugins.module_utils._lock import api as lock
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.autoscaling import api as autoscaling
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.elbv2 import api as elbv2
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.iam import api as iam
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.tagged import api as tagged
from botocore.exceptions import ClientError

from tests.unit.plugins.modules.aws_stub import ANY

GROUP = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/lotto/50dc"
LISTENER = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:listener/app/alb/50dc/f2f7"
TARGET = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/c/lotto",
    "ScalableDimension": "ecs:service:DesiredCount",
}
POLICY = "arn:aws:iam::123456789012:policy/magiclub-an2p-ecs-exec"
REPOSITORY = "arn:aws:ecr:ap-northeast-2:123456789012:repository/lotto"
QUERY = types.SimpleNamespace(services=[], namespace_id="ns-1")

# reader, its call, the error code for a missing resource, and the result then
LOOKS = {
    "target group": (elbv2.target_group, "lotto", "elbv2", "describe_target_groups", "TargetGroupNotFound", None),
    "listener": (elbv2.rules, LISTENER, "elbv2", "describe_rules", "ListenerNotFound", []),
    "load balancer": (elbv2.load_balancer, "alb", "elbv2", "describe_load_balancers", "LoadBalancerNotFound", None),
    "health": (elbv2.target_health, GROUP, "elbv2", "describe_target_health", "TargetGroupNotFound", []),
    "cluster of services": (
        lambda client, name: read._services(client, "c", [name]),
        "lotto",
        "ecs",
        "describe_services",
        "ClusterNotFoundException",
        [],
    ),
    "scalable target": (
        autoscaling.deregister,
        TARGET,
        "application-autoscaling",
        "deregister_scalable_target",
        "ObjectNotFoundException",
        None,
    ),
    "task definition": (read._task_definition, "lotto", "ecs", "describe_task_definition", "ClientException", None),
    "role": (iam.role, "lotto-task", "iam", "get_role", "NoSuchEntity", None),
    "policy": (cluster._policy, POLICY, "iam", "get_policy", "NoSuchEntity", None),
    "hosted zone": (cluster._zone_vpcs, "Z1", "route53", "get_hosted_zone", "NoSuchHostedZone", []),
    "pending namespace": (cluster._namespace, "ns-1", "servicediscovery", "get_namespace", "NamespaceNotFound", {}),
    "lock": (lock.read, "/lotto/lock", "ssm", "get_parameter", "ParameterNotFound", None),
    "repository": (
        lambda client, arn: tagged.repositories(client, [arn]),
        REPOSITORY,
        "ecr",
        "describe_repositories",
        "RepositoryNotFoundException",
        {},
    ),
    "namespace": (read._discovery, QUERY, "servicediscovery", "list_services", "NamespaceNotFound", []),
}
ASKED = {
    "describe_target_groups": {"Names": ["lotto"]},
    "describe_target_health": {"TargetGroupArn": GROUP},
    "describe_services": {"cluster": "c", "services": ["lotto"], "include": ["TAGS"]},
    "describe_rules": {"ListenerArn": LISTENER},
    "describe_load_balancers": {"Names": ["alb"]},
    "deregister_scalable_target": TARGET,
    "describe_task_definition": {"taskDefinition": "lotto", "include": ["TAGS"]},
    "get_role": {"RoleName": "lotto-task"},
    "get_policy": {"PolicyArn": POLICY},
    "get_hosted_zone": {"Id": "Z1"},
    "get_namespace": {"Id": "ns-1"},
    "get_parameter": {"Name": "/lotto/lock"},
    "describe_repositories": {"repositoryNames": ["lotto"]},
    "list_services": {"Filters": ANY},
}


@pytest.mark.parametrize("kind", LOOKS)
def test_a_missing_resource_is_no_error(aws, kind):
    look, what, service, operation, code, nothing = LOOKS[kind]
    aws.refuse(service, operation, code, **ASKED[operation])
    assert look(aws.client(service), what) == nothing


@pytest.mark.parametrize("kind", LOOKS)
def test_another_error_is_raised(aws, kind):
    look, what, service, operation, _code, _nothing = LOOKS[kind]
    aws.refuse(service, operation, "AccessDeniedException", **ASKED[operation])
    with pytest.raises(ClientError, match="AccessDeniedException"):
        look(aws.client(service), what)
