# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECS's messages about deployments that can't continue."""

from __future__ import annotations

from .model import Message
from .words import DENIED, EVENTS, FIX_THE_ALARM, WAIT

DEPLOYMENT: tuple[Message, ...] = (
    Message(
        "(service …) was unable to stop or start tasks during a deployment because of the service deployment "
        "configuration. …",
        r"because of the service deployment configuration",
        "blocked",
        "no",
        "With this minimum and maximum ECS may neither stop an old task nor start a new one.",
        "Raise the deployment's maximum_percent or lower its minimum_healthy_percent, so that one task more or one "
        "less is allowed.",
        EVENTS,
        headline="its deployment configuration lets ECS neither stop nor start a task",
    ),
    Message(
        "… was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks",
        r"protected tasks",
        "blocked",
        "perhaps",
        "More tasks are protected from scale-in than are wanted.",
        "Wait until their protection ends, end it (UpdateTaskProtection), or raise the desired count.",
        EVENTS,
        headline="its tasks are protected from being stopped",
    ),
    Message(
        "(service …) operations are being throttled. Will try again later, … Rate exceeded",
        r"operations are being throttled|Rate exceeded|ThrottlingException",
        "blocked",
        "yes",
        "ECS's calls for this account are throttled.",
        WAIT + " Deploy fewer services at once, or ask AWS Support for a higher rate.",
        EVENTS,
        headline="AWS throttles ECS's calls",
    ),
    Message(
        "IAM permissions policies have been misconfigured or changed, and ECS can no longer maintain your service",
        r"permissions policies have been misconfigured",
        "blocked",
        "perhaps",
        "A role of the service lacks permissions that it had.",
        "Give the service-linked role, the task's role and its execution role their policies back.",
        EVENTS,
        headline="the permissions of its roles have changed",
    ),
    Message(
        "IAM trust relationship has been misconfigured or changed, and ECS can no longer maintain your service",
        r"trust relationship has been misconfigured",
        "blocked",
        "perhaps",
        "A role's trust policy does not let ECS assume it any more.",
        "Let ecs-tasks.amazonaws.com assume the task's role and its execution role (trust policy).",
        EVENTS,
        headline="the trust policy of one of its roles has changed",
    ),
    Message(
        "(service …) failed to register targets in (target-group …) with (error … not authorized to perform: "
        "elasticloadbalancing:… on resource: …)",
        r"failed to (de)?register targets.*" + DENIED,
        "blocked",
        "perhaps",
        "ECS's role may not register the tasks in the target group.",
        "Let the role that ECS uses for load balancers register targets: give the service-linked role "
        "AWSServiceRoleForECS its policy back, and look for a policy of the organization that denies it.",
        EVENTS,
        headline="its tasks can't be registered in the target group",
    ),
    Message(
        "(service …) failed to register targets in (target-group …) with (error …)",
        r"failed to (de)?register targets",
        "blocked",
        "perhaps",
        "The load balancer does not take the tasks as targets.",
        "Read the error: target group and tasks have to be in one VPC, and the group needs target type ip.",
        EVENTS,
        headline="its tasks can't be registered in the target group",
    ),
    Message(
        "(service …) (deployment …) deployment failed: alarm detected",
        r"alarm detected|an alarm was triggered",
        "stopped",
        "no",
        "An alarm of the deployment configuration fired.",
        FIX_THE_ALARM,
        "deployment-circuit-breaker",
        headline="an alarm stopped the deployment",
    ),
    Message(
        "(service …) failed to launch a task with (error … not authorized to perform: iam:PassRole on resource: …)",
        r"not authorized to perform: iam:PassRole",
        "cannot_start",
        "perhaps",
        "Whoever deploys may not pass the task's role or its execution role.",
        "Allow whoever deploys iam:PassRole on the role that the message names.",
        EVENTS,
    ),
    Message(
        "(service …) failed to launch a task with (error …)",
        r"failed to launch a task with",
        "cannot_start",
        "perhaps",
        "ECS can't make a task of this definition.",
        "Read the error: it names what the task definition or its roles lack.",
        EVENTS,
    ),
    Message(
        "Task failed to start",
        r"^Task failed to start\.?$",
        "cannot_start",
        "perhaps",
        "A container did not start, or one that another depends on did not become healthy in time.",
        "Read the reason of each container; raise start_timeout where one waits for another.",
        "stopped-task-errors",
    ),
)
