# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The permissions boundary that ships with the collection: the maximum permissions of a platform's roles.

docs/iam/boundary-policy.json is this document for an example account. It has a separate path, so that a policy that
allows C(policy/PREFIX-*) does not cover it: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

import typing as t

from ..._plan.names import cluster_name, execution_role_name
from . import policy

Values = dict[str, t.Any]

PLATFORM = "platform"
"""The value of a C(permissions_boundary) input that selects this boundary."""

PATH = "/fargate-boundary/"


def name(prefix: str) -> str:
    """Return the name of a platform's boundary."""
    return f"{prefix}-boundary"


def arn(value: str, partition: str, account_id: str, prefix: str) -> str:
    """Return the ARN for an input: of the platform's boundary, else the input itself (empty: no boundary)."""
    return f"arn:{partition}:iam::{account_id}:policy{PATH}{name(prefix)}" if value == PLATFORM else value


def document(account_id: str, prefix: str) -> Values:
    """Return the policy document: tasks may start, log and use the account's data, but administer nothing.

    ECS may shift requests between the target groups of the platform's services, and Scheduler may start its jobs.

    ECS Exec: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html, the execution role:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html.
    """

    def of(service: str, *resources: str) -> list[str]:
        return [f"arn:*:{service}:*:{account_id}:{resource}" for resource in resources]

    statements = [
        _allow("Start", ["ecr:GetAuthorizationToken"], ["*"]),
        _allow(
            "PullImages",
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            ["arn:*:ecr:*:*:repository/*"],
        ),
        _allow(
            "WriteLogs",
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            of("logs", f"log-group:/ecs/{prefix}-*"),
        ),
        # AmazonECSInfrastructureRolePolicyForLoadBalancers, limited to the platform's resources
        _allow(
            "ReadRoutes",
            [
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            ["*"],
        ),
        _allow(
            "ShiftRequests",
            [
                "elasticloadbalancing:DeregisterTargets",
                "elasticloadbalancing:ModifyRule",
                "elasticloadbalancing:RegisterTargets",
            ],
            of("elasticloadbalancing", f"listener-rule/app/{prefix}-*/*", f"targetgroup/{prefix}-*/*"),
        ),
        # Scheduler starts only tasks of the platform, with the same roles as in a service
        _allow(
            "StartJobs",
            ["ecs:RunTask"],
            of("ecs", f"task-definition/{prefix}-*:*"),
            {"ArnLike": {"ecs:cluster": of("ecs", f"cluster/{cluster_name(prefix)}")}},
        ),
        _allow(
            "TagJobs",
            ["ecs:TagResource"],
            of("ecs", f"task/{cluster_name(prefix)}/*"),
            {"StringEquals": {"ecs:CreateAction": "RunTask"}},
        ),
        _allow(
            "PassToJobs",
            ["iam:PassRole"],
            [f"arn:*:iam::{account_id}:role/{prefix}-*-{kind}" for kind in ("task", "execution")]
            + [f"arn:*:iam::{account_id}:role/{execution_role_name(prefix)}"],
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        _allow("Exec", policy.EXEC_ACTIONS, ["*"]),
        _allow(
            "ReadSecrets",
            ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            of("secretsmanager", "secret:*"),
        ),
        _allow(
            "ReadParameters",
            ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
            of("ssm", "parameter/*"),
        ),
        _allow("UseKeys", ["kms:Decrypt", "kms:GenerateDataKey"], of("kms", "key/*")),
        _allow(
            "UseObjects",
            [
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetBucketLocation",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:ListBucket",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ],
            ["arn:*:s3:::*"],
            {"StringEquals": {"aws:ResourceAccount": account_id}},
        ),
        _allow(
            "UseTables",
            [
                "dynamodb:BatchGetItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:ConditionCheckItem",
                "dynamodb:DeleteItem",
                "dynamodb:DescribeTable",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:Scan",
                "dynamodb:UpdateItem",
            ],
            of("dynamodb", "table/*"),
        ),
        _allow(
            "UseQueues",
            [
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:GetQueueUrl",
                "sqs:ReceiveMessage",
                "sqs:SendMessage",
            ],
            of("sqs", "*"),
        ),
        _allow("Publish", ["sns:Publish"], of("sns", "*")),
        _allow("PutEvents", ["events:PutEvents"], of("events", "event-bus/*")),
        _allow(
            "UseStreams",
            [
                "kinesis:DescribeStreamSummary",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
                "kinesis:PutRecord",
                "kinesis:PutRecords",
            ],
            of("kinesis", "stream/*"),
        ),
        _allow("Connect", ["rds-db:connect"], of("rds-db", "dbuser:*/*")),
        _allow(
            "MountFiles",
            ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            of("elasticfilesystem", "file-system/*"),
        ),
        _allow(
            "Observe",
            [
                "cloudwatch:PutMetricData",
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ],
            ["*"],
        ),
    ]
    return policy.of(statements)


def _allow(sid: str, actions: list[str], resources: list[str], condition: Values | None = None) -> Values:
    return {"Sid": sid, **policy.allow(actions, resources, condition)}
