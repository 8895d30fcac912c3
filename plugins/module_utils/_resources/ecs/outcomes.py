# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The outcomes of a wait, with all their texts in messages and docs/troubleshooting.md."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One way in which a wait ends.

    :param headline: the headline that follows the service's name.
    :param cause: its usual causes, for docs/troubleshooting.md.
    :param next_step: what to do, unless AWS's message is more specific (C(messages.rows.MESSAGES)).
    :param cure: how this collection helps, in Markdown; for docs/troubleshooting.md.
    :param is_cause: it can be the cause of another outcome.
    :param due_to_another: it can have a cause, whose next step is then added.
    :param rollback_helps: the previous version is not affected.
    :param needs_confirmation: a stale read looks the same, so two observations have to agree.
    :param is_failure: a wait that ends so fails.
    """

    headline: str
    cause: str = ""
    next_step: str = ""
    cure: str = ""
    is_cause: bool = False
    due_to_another: bool = False
    rollback_helps: bool = False
    needs_confirmation: bool = False
    is_failure: bool = True


OutcomeName = t.Literal[
    "steady",
    "rolled_back",
    "rollback_failed",
    "superseded",
    "crash_loop",
    "cannot_start",
    "image",
    "secrets",
    "placement",
    "health_check",
    "out_of_memory",
    "blocked",
    "failed",
    "stopped",
    "waiting",
    "gone",
    "timed_out",
]
"""The names of the outcomes."""
# pylint of ansible-test takes X | Y for an operation on values
Cause = t.Union[OutcomeName, t.Literal[""]]  # noqa: UP007
"""The outcome that a failure causes, empty if unknown."""

STEADY: t.Final = "steady"
WAITING: t.Final = "waiting"
PENDING: t.Final = "pending"
"""Not an outcome: the wait goes on."""
OUTCOMES: dict[OutcomeName, Outcome] = {
    STEADY: Outcome("it is steady", is_failure=False),
    "rolled_back": Outcome(
        "ECS rolled the deployment back; the previous version serves",
        "one of the causes below, which the message names",
        "The service runs the previous version. Fix the cause and deploy again.",
        "fix it and deploy again",
        due_to_another=True,
        needs_confirmation=True,
    ),
    "rollback_failed": Outcome(
        "the rollback failed, too; perhaps nothing serves",
        "the old image or a secret is gone",
        "The service may be serving nothing. Deploy a task definition revision that is known to work.",
        "`rollback.yml -e revision=N` to a revision that is known to work",
        due_to_another=True,
    ),
    "superseded": Outcome(
        "another deployment replaced ours before it was steady",
        "someone else deployed, or another tool did",
        "Someone else deployed this service. Wait for that deployment, or deploy again.",
        "wait for theirs, or deploy again",
        needs_confirmation=True,
    ),
    "crash_loop": Outcome(
        "its tasks start and stop again",
        "wrong command, missing environment, a migration that was not run",
        "Read the container's last log lines, and run the image on its own with the same environment.",
        "`logs.yml -e stopped=true`; run the image alone with the same environment",
        is_cause=True,
        rollback_helps=True,
    ),
    "cannot_start": Outcome(
        "its tasks can't start",
        "no log group, a role that can't be assumed, a volume, an environment file, no such command in the image",
        "Read the reason that ECS gives: no container ran, so there are no log lines.",
        "the message names what is missing",
        is_cause=True,
        rollback_helps=True,
    ),
    "image": Outcome(
        "its image can't be pulled",
        "no such tag; other architecture; no way to ECR (NAT, endpoint); no permission",
        "Push the image, or name one that exists for this platform and that the execution role may pull.",
        "`verify.yml`; push for the platform of the task; see `vpc_nat`",
        is_cause=True,
        rollback_helps=True,
    ),
    "secrets": Outcome(
        "a secret that its tasks need can't be read",
        "it is not there; the key's policy; no way to SSM or Secrets Manager",
        "Create the secret or parameter, and let the execution role read it "
        "(secretsmanager:GetSecretValue, ssm:GetParameters).",
        "create it; `secrets_kms_keys` for a customer managed key",
        is_cause=True,
        rollback_helps=True,
    ),
    "placement": Outcome(
        "ECS can't place its tasks",
        "Spot has no capacity; Fargate's vCPU quota; a subnet without free addresses",
        "Ask for less CPU or memory, other subnets or another capacity provider, or raise the Fargate quota.",
        "another capacity provider, smaller tasks, a higher quota",
        is_cause=True,
        rollback_helps=True,
    ),
    "health_check": Outcome(
        "its tasks fail their health checks",
        "path, port or code differ from what the application answers; it starts slower than the grace period",
        "Request the health path in the container: port, path, expected code and grace period "
        "must agree with the target group.",
        "request the path in the container; `health_check_grace_period`. Of a container's own check: run its command "
        "there; `container_health_check.start_period`",
        is_cause=True,
        rollback_helps=True,
    ),
    "out_of_memory": Outcome(
        "its tasks run out of memory",
        "too little memory, or a leak",
        "Raise the memory of the task or of the container, or fix what uses it.",
        "raise `memory`",
        is_cause=True,
        rollback_helps=True,
    ),
    "blocked": Outcome(
        "ECS can't go on with the deployment",
        "a deployment configuration that allows neither a stop nor a start, protected tasks, a target group or "
        "permissions that are gone",
        "Change what ECS names in its last event, and deploy again.",
        "the message names it; `minimum_healthy_percent` and `maximum_percent`",
        is_cause=True,
        rollback_helps=True,
    ),
    "failed": Outcome(
        "the deployment failed, and no task says why",
        "the tasks may not be listed; they stopped more than an hour ago",
        "Look at the service's last events and its stopped tasks (status.yml, logs.yml -e stopped=true).",
        "`status.yml`, `logs.yml -e stopped=true`; allow `ecs:ListTasks` and `ecs:DescribeTasks`",
        is_cause=True,
        rollback_helps=True,
    ),
    "stopped": Outcome(
        "someone or an alarm stopped the deployment",
        "on purpose; an alarm of the deployment configuration fired",
        "Someone or an alarm stopped this deployment. Fix what the alarm watches, or deploy again if "
        "that was not intended.",
        "fix what the alarm watches; deploy again if that was not intended",
    ),
    WAITING: Outcome(
        "its deployment waits for an answer",
        "a gate: a pause before users reach the new version",
        "Look at the new version through its test route, then answer: continue.yml -e decision=continue or rollback.",
        "`continue.yml -e decision=continue` or `rollback`; see [gates](blue-green.md#gates)",
        is_failure=False,
    ),
    "gone": Outcome(
        "there is no such service",
        "deleted meanwhile; wrong cluster or region",
        "Create the service first, or correct its name, cluster and region.",
        "run the layer that creates it",
        needs_confirmation=True,
    ),
    "timed_out": Outcome(
        "not steady in time, and no definite sign of failure",
        "slow start; draining connections",
        "Look at what is still pending; give a longer timeout when it only needs time.",
        "the message says what is pending; `lotto_service_wait_timeout`, for other services "
        "`fargate_service_wait_timeout`",
        due_to_another=True,
        rollback_helps=True,
    ),
}
NOT_FAILURES = tuple(name for name, one in OUTCOMES.items() if not one.is_failure)
"""The outcomes of a wait that ends well, at least for now."""
