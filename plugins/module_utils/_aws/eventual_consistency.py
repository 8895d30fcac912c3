# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWS refuses for a while only: it does not see everywhere yet what another call has just made or ended.

Such errors have the codes of a wrong request, so neither botocore nor AWSRetry retries them; the operation and the text
tell them apart.  They are rows of one table, TABLE, with who says so: most are what Terraform's AWS provider retries,
named by the file under C(internal/service) of U(https://github.com/hashicorp/terraform-provider-aws).  C(retry) acts on
it for the modules, and the filter C(is_transient) for the tasks that use modules of amazon.aws.
"""

from __future__ import annotations

import re
import typing as t


class Row(t.NamedTuple):
    """One kind of error that goes away by itself."""

    calls: tuple[str, ...]
    """The API operations that answer with it."""
    code: str
    text: str
    """A part of the message; empty for any."""
    seconds: int
    """For how long this collection retries at most."""
    theirs: int | None
    """For how long the source does; None if it only reports the error, or says no time."""
    source: str
    new_role: bool = False
    """Of a role that does not exist, or may not be passed, the answer is the same: retried only for a new role."""
    only_for: str = ""
    """Retried only where the caller says that this is its case."""


ECS_SERVICE = ("CreateService", "UpdateService")
SCALING = ("RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy")
NEW_POLICY = "this run made the policy"
FIRST_LOAD_BALANCERS = "the call before gave the service its first load balancers"

_ISSUES = "https://github.com"
_API = "https://docs.aws.amazon.com"
_EC2_CONSISTENCY = f"{_API}/ec2/latest/devguide/eventual-consistency.html"

TABLE: tuple[Row, ...] = (
    # The first cluster, service or scalable target of an account: the service-linked role is made by the call itself.
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
    # A cluster, target group, listener rule or service of a moment before.
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
    # What Application Auto Scaling asks of CloudWatch and ECS by its new role.
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
    # A role of a moment before.
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
    # A route table or a subnet of a moment before.
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
    # A permissions boundary of a moment before.
    Row(
        ("CreateRole", "PutRolePermissionsBoundary"),
        "NoSuchEntity",
        "is not attachable",
        60,
        None,
        f"{_API}/IAM/latest/UserGuide/troubleshoot_general.html",
        only_for=NEW_POLICY,
    ),
    # A certificate of a moment before.
    Row(("CreateListener", "ModifyListener"), "CertificateNotFound", "", 60, 300, "elbv2/listener.go"),
    # A log group that another call still makes or removes.
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
    # What another call has just ended.
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
    # ECS takes its instances out in its own time, after those that were found have gone.
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

# As botocore words a ClientError, and so the messages of amazon.aws end.
_REFUSAL = re.compile(
    r"An error occurred \((?P<code>[^)]+)\) when calling the (?P<call>\w+) operation[^:]*: (?P<text>.*)", re.DOTALL
)


def row_of(call: str, code: str, text: str, only_for: str = "") -> Row | None:
    """Return the row of TABLE that an error of the operation I(call) is; None if it is there to stay."""
    return next(
        (
            row
            for row in TABLE
            if call in row.calls and code == row.code and row.text in text and row.only_for in ("", only_for)
        ),
        None,
    )


def row_of_message(message: str, new_policies: t.Iterable[str] = ()) -> Row | None:
    """Return the row of TABLE that the message of a failed module of amazon.aws tells of.

    I(new_policies) are the names of the policies that this run has made.
    """
    refusal = _REFUSAL.search(message)
    if not refusal:
        return None
    of_this_run = any(f"/{name} " in f"{refusal['text']} " for name in new_policies)
    return row_of(refusal["call"], refusal["code"], refusal["text"], NEW_POLICY if of_this_run else "")
