# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The types of resources that the tagging API finds, or Terraform imports, and their names there.

Plans have more: what has no tags of its own, such as scaling policies and records.
"""

from __future__ import annotations

import typing as t


class Type(t.NamedTuple):
    """One type of resource.

    :param tagged: service and type in its ARN, for the Resource Groups Tagging API; empty if not searched by tags.
    :param terraform: the resource type of Terraform's AWS provider that imports it by id or name; empty if
        C(_operations.export) builds the id.
    """

    tagged: str = ""
    terraform: str = ""


TYPES: t.Mapping[str, Type] = {
    "vpc": Type("ec2:vpc", "aws_vpc"),
    "subnet": Type("ec2:subnet", "aws_subnet"),
    "internet_gateway": Type("ec2:internet-gateway", "aws_internet_gateway"),
    "elastic_ip": Type("ec2:elastic-ip", "aws_eip"),
    "nat_gateway": Type("ec2:natgateway", "aws_nat_gateway"),
    "route_table": Type("ec2:route-table", "aws_route_table"),
    "security_group": Type("ec2:security-group"),
    "vpc_endpoint": Type("ec2:vpc-endpoint", "aws_vpc_endpoint"),
    "flow_log": Type("ec2:vpc-flow-log", "aws_flow_log"),
    "load_balancer": Type("elasticloadbalancing:loadbalancer", "aws_lb"),
    "listener": Type("elasticloadbalancing:listener", "aws_lb_listener"),
    "listener_rule": Type("elasticloadbalancing:listener-rule", "aws_lb_listener_rule"),
    "target_group": Type("elasticloadbalancing:targetgroup", "aws_lb_target_group"),
    "iam_policy": Type(terraform="aws_iam_policy"),
    "iam_role": Type("iam:role", "aws_iam_role"),
    "log_group": Type("logs:log-group", "aws_cloudwatch_log_group"),
    "ecr_repository": Type("ecr:repository", "aws_ecr_repository"),
    "ecs_cluster": Type("ecs:cluster", "aws_ecs_cluster"),
    "ecs_service": Type("ecs:service"),
    "ecs_task_definition": Type("ecs:task-definition", "aws_ecs_task_definition"),
    "scalable_target": Type("application-autoscaling:scalable-target"),
    "namespace": Type("servicediscovery:namespace"),
    "cloud_map_service": Type("servicediscovery:service"),
    "sqs_queue": Type("sqs:queue"),
}
