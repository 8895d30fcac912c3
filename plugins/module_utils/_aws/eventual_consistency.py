# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Errors caused by eventual consistency: AWS does not see everywhere yet what another call has just created or deleted.

They have the codes of invalid requests, so neither botocore nor AWSRetry retries them; only the operation and the text
identify them.  TABLE lists them with their sources: most are what Terraform's AWS provider retries, named by the file
under C(internal/service) of U(https://github.com/hashicorp/terraform-provider-aws).  C(retry) uses it for the modules,
the filter C(is_transient) for tasks that use modules of amazon.aws.
"""

from __future__ import annotations

import re
import typing as t


class Row(t.NamedTuple):
    """One kind of transient error."""

    calls: tuple[str, ...]
    """The API operations that return it."""
    code: str
    text: str
    """Part of the message; empty for any message."""
    seconds: int
    """How long this collection retries at most."""
    source_seconds: int | None
    """How long the source retries; None if it only reports the error, or gives no time."""
    source: str
    new_role: bool = False
    """Retried for a new role only: the error is the same if the role does not exist or may not be passed."""
    only_for: str = ""
    """Retried only if the caller passes the same text."""


ECS_SERVICE = ("CreateService", "UpdateService")
SCALING = ("RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy")
NEW_POLICY = "this run created the policy"
FIRST_LOAD_BALANCERS = "the call before gave the service its first load balancers"

_ISSUES = "https://github.com"
_API = "https://docs.aws.amazon.com"
_EC2_CONSISTENCY = f"{_API}/ec2/latest/devguide/eventual-consistency.html"

TABLE: tuple[Row, ...] = (
    # The first cluster, service or scalable target of an account: the call itself creates the service-linked role.
    Row(
        ("CreateCluster", "PutClusterCapacityProviders"),
        "InvalidParameterException",
        "Unable to assume the service linked role",
        120,
        120,
        "ecs/cluster.go",
    ),
    Row(
        ("CreateService",),
        "InvalidParameterException",
        "Unable to assume the service linked role",
        120,
        240,
        "ecs/service.go",
    ),
    Row(
        ("RegisterScalableTarget",),
        "ValidationException",
        "Unable to assume IAM role",
        120,
        120,
        "appautoscaling/target.go",
    ),
    # A cluster, target group, listener rule or service that was just created.
    Row(("CreateService",), "ClusterNotFoundException", "", 60, 240, "ecs/service.go"),
    Row(
        ECS_SERVICE,
        "InvalidParameterException",
        "does not have an associated load balancer",
        120,
        240,
        "ecs/service.go",
    ),
    Row(
        ECS_SERVICE,
        "InvalidParameterException",
        "verify that the ECS service role being passed",
        120,
        240,
        "ecs/service.go",
    ),
    Row(
        ("UpdateService",),
        "InvalidParameterException",
        "grace period is only valid for services configured to use load balancers",
        60,
        None,
        f"{_API}/AmazonECS/latest/APIReference/API_UpdateService.html",
        only_for=FIRST_LOAD_BALANCERS,
    ),
    Row(
        ("PutClusterCapacityProviders",),
        "ClientException",
        "Cluster was not ACTIVE",
        120,
        600,
        "ecs/cluster_capacity_providers.go",
    ),
    Row(("PutClusterCapacityProviders",), "ResourceInUseException", "", 120, 600, "ecs/cluster_capacity_providers.go"),
    Row(
        ("PutClusterCapacityProviders",), "UpdateInProgressException", "", 120, 600, "ecs/cluster_capacity_providers.go"
    ),
    Row(
        ("RegisterScalableTarget",),
        "ValidationException",
        "ECS service doesn't exist",
        120,
        120,
        "appautoscaling/target.go",
    ),
    Row(("PutScalingPolicy",), "ObjectNotFoundException", "", 120, 120, "appautoscaling/policy.go"),
    Row(
        ("ModifyTargetGroupAttributes", "CreateRule"),
        "TargetGroupNotFound",
        "",
        60,
        300,
        "elbv2/target_group.go",
    ),
    # Calls of Application Auto Scaling to CloudWatch and ECS with its new role.
    *(
        Row(("PutScalingPolicy",), "FailedResourceAccessException", text, 120, 120, "appautoscaling/policy.go")
        for text in ("is not authorized to perform", "token included in the request is invalid", "Rate exceeded")
    ),
    Row(("DeleteScalingPolicy",), "FailedResourceAccessException", "", 120, 120, "appautoscaling/policy.go"),
    Row(
        SCALING,
        "ConcurrentUpdateException",
        "",
        120,
        None,
        f"{_API}/autoscaling/application/APIReference/API_PutScalingPolicy.html",
    ),
    # A role that was just created.
    Row(
        ("RegisterTaskDefinition",),
        "AccessDeniedException",
        "iam:PassRole",
        120,
        None,
        f"{_ISSUES}/terraform-aws-modules/terraform-aws-ecs/issues/414",
        new_role=True,
    ),
    Row(
        ("RegisterTaskDefinition",),
        "ClientException",
        "Role is not valid",
        120,
        None,
        f"{_ISSUES}/bradford-hamilton/terraform-ecs-fargate/issues/8",
        new_role=True,
    ),
    Row(
        ECS_SERVICE,
        "InvalidParameterException",
        "unable to assume the configured ECS Infrastructure Role",
        120,
        None,
        f"{_ISSUES}/hashicorp/terraform-provider-aws/issues/38538",
        new_role=True,
    ),
    Row(
        ("CreateSchedule", "UpdateSchedule"),
        "ValidationException",
        "must allow AWS EventBridge Scheduler to assume the role",
        120,
        120,
        "scheduler/retry.go",
        new_role=True,
    ),
    # A route table or a subnet that was just created.
    Row(("AssociateRouteTable",), "InvalidRouteTableID.NotFound", "", 60, 300, "ec2/vpc_route_table_association.go"),
    Row(
        ("CreateRoute", "ReplaceRouteTableAssociation"),
        "InvalidRouteTableID.NotFound",
        "",
        60,
        None,
        _EC2_CONSISTENCY,
    ),
    Row(("ModifySubnetAttribute",), "InvalidSubnetID.NotFound", "", 60, None, _EC2_CONSISTENCY),
    Row(
        ("CreateFlowLogs",),
        "InvalidParameter",
        "Unable to assume given IAM role",
        120,
        120,
        "ec2/vpc_flow_log.go",
        new_role=True,
    ),
    Row(
        ("CreateFlowLogs",),
        "400",
        "Access Denied",
        120,
        None,
        f"{_API}/vpc/latest/userguide/flow-logs-troubleshooting.html",
        new_role=True,
    ),
    Row(
        ("PutRolePolicy", "AttachRolePolicy"),
        "NoSuchEntity",
        "",
        60,
        None,
        f"{_API}/IAM/latest/UserGuide/troubleshoot_general.html",
    ),
    # A permissions boundary that was just created.
    Row(
        ("CreateRole", "PutRolePermissionsBoundary"),
        "NoSuchEntity",
        "is not attachable",
        60,
        None,
        f"{_API}/IAM/latest/UserGuide/troubleshoot_general.html",
        only_for=NEW_POLICY,
    ),
    # A certificate that was just issued or imported.
    Row(("CreateListener", "ModifyListener"), "CertificateNotFound", "", 60, 300, "elbv2/listener.go"),
    # A log group that another call is still creating or deleting.
    *(
        Row(
            (call,),
            "OperationAbortedException",
            "",
            60,
            None,
            f"{_API}/AmazonCloudWatchLogs/latest/APIReference/API_{call}.html",
        )
        for call in ("CreateLogGroup", "PutRetentionPolicy")
    ),
    # Dependents that another call has just deleted or stopped.
    Row(("CreateQueue",), "AWS.SimpleQueueService.QueueDeletedRecently", "", 70, 70, "sqs/queue.go"),
    Row(
        ("DeleteService",),
        "InvalidParameterException",
        "cannot be stopped while deployments are active",
        1200,
        1200,
        "ecs/service.go",
    ),
    Row(("DeleteService",), "DependencyViolation", "has a dependent object", 1200, 1200, "ecs/service.go"),
    Row(
        ("DeleteTargetGroup",),
        "ResourceInUse",
        "currently in use by a listener or a rule",
        120,
        120,
        "elbv2/target_group.go",
    ),
    # ECS deregisters its instances asynchronously, some after the last ones that were listed.
    Row(
        ("DeleteService",),
        "ResourceInUse",
        "",
        60,
        None,
        f"{_API}/cloud-map/latest/api/API_DeleteService.html",
    ),
    *(
        Row(("DeleteCluster",), code, "", 600, 600, "ecs/cluster.go")
        for code in (
            "ClusterContainsServicesException",
            "ClusterContainsTasksException",
            "UpdateInProgressException",
        )
    ),
    Row(("DeleteRole",), "DeleteConflict", "", 120, 120, "iam/role.go"),
    Row(("DeletePolicy",), "DeleteConflict", "", 120, None, f"{_API}/IAM/latest/APIReference/API_DeletePolicy.html"),
    Row(("DeleteLogGroup",), "OperationAbortedException", "try again", 60, 60, "logs/group.go"),
)

# The text of botocore's ClientError, with which the messages of amazon.aws end.
_REFUSAL = re.compile(
    r"An error occurred \((?P<code>[^)]+)\) when calling the (?P<call>\w+) operation[^:]*: (?P<text>.*)", re.DOTALL
)


def row_of(call: str, code: str, text: str, only_for: str = "") -> Row | None:
    """Return the row of TABLE that matches an error of the operation I(call), or None if the error is permanent."""
    return next(
        (
            row
            for row in TABLE
            if call in row.calls and code == row.code and row.text in text and row.only_for in ("", only_for)
        ),
        None,
    )


def row_of_message(message: str, new_policies: t.Iterable[str] = ()) -> Row | None:
    """Return the row of TABLE that matches the error message of a module of amazon.aws.

    I(new_policies) are the names of the policies that this run has created.
    """
    refusal = _REFUSAL.search(message)
    if not refusal:
        return None
    of_this_run = any(f"/{name} " in f"{refusal['text']} " for name in new_policies)
    return row_of(refusal["call"], refusal["code"], refusal["text"], NEW_POLICY if of_this_run else "")
