# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Observations of one service, the caller's requirements, and the verdict."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..outcomes import PENDING, Cause, OutcomeName
from ..shapes import Deployment, Service, ServiceDeployment, Targets, Task, TaskSet
from .answers import as_deployment, controller, first, primary_of, primary_set_of

Phase = t.Union[  # noqa: UP007 - pylint of ansible-test takes X | Y for an operation on values
    OutcomeName,
    t.Literal[
        "",
        "absent",
        "starting",
        "shifting",
        "baking",
        "paused",
        "draining",
        "settling",
        "targets",
        "health",
        "rolling_back",
        "displaced",
    ],
]
"""What a deployment is at; empty before the first observation, its outcome at the end."""
Need = t.Literal["tasks", "targets", "health", "service_deployment"]
"""What a verdict may lack."""


@dataclass(frozen=True)
class Rules:
    """The caller's requirements; times in seconds."""

    healthy_targets: bool | None = None  # None: if the service has load balancers
    stable_for: float | None = None  # None: as C(settling) decides
    timeout: float | None = 900
    crash_threshold: int | None = None  # failed tasks that end the wait; None: as ECS's circuit breaker
    confirm: bool = False  # outcomes in NEEDS_CONFIRMATION have to be observed twice
    healthy_tasks: bool = True  # without targets, container health checks have to pass
    end_at_hook: bool = False  # a hook that waits for an answer ends the wait
    roll_back: bool = False  # ask ECS to roll back a deployment that failed or timed out
    as_configured: bool = False  # ask only if it failed, and the service's circuit breaker is set to roll back


@dataclass
class Memory:
    """State of one service that is kept between observations.

    Times are seconds since 1970, except C(phase_since), in seconds of waiting.

    :param deployment_id: the deployment to watch if this run started it; else C(None), and the PRIMARY one of the first
        observation is watched, whose earlier failures may have been fixed.
    :param since: earlier events are not signs of failure; C(None) for the start of the deployment.
    :param counts_from: tasks that failed earlier don't count; C(None) if all of the deployment's do.
    :param events_until, living_before: at the first observation, the time of the newest event, and how many tasks of
        the deployment were running or pending; used with C(since).
    :param phase, phase_since: the last verdict's phase, and since when.
    :param unconfirmed: the outcome in NEEDS_CONFIRMATION that the last observation suggested.
    :param signs_seen: the number of signs of failure when the tasks were last described.
    :param signs: the number of signs of failure at the last verdict.
    :param drops: how often the running count fell although the desired count did not.
    :param was_complete: the deployment had been complete for a while when the wait began.
    :param lost_before: tasks of the deployment had stopped when the wait began.
    :param failed_before: C(failedTasks) before C(since).
    :param healed_at, failed_healed: when all tasks of the deployment last ran, and C(failedTasks) then: earlier
        problems with starting tasks are solved.
    :param created_at: when the watched deployment began; C(None) until it is visible.
    :param rollback_id: the deployment that replaced it as its rollback.
    :param rollback_asked: this wait asked ECS to roll the deployment back, or tried to.
    :param rollback_to: the task definition, C(family:revision), of that rollback; empty if unknown.
    """

    deployment_id: str | None = None
    since: float | None = None
    counts_from: float | None = None
    events_until: float = 0
    living_before: int = 0
    phase: Phase = ""
    phase_since: float = 0
    unconfirmed: str = ""
    signs_seen: int = 0
    signs: int = 0
    drops: int = 0
    was_complete: bool = False
    lost_before: bool = False
    failed_before: int = 0
    healed_at: float | None = None
    failed_healed: int = 0
    created_at: float | None = None
    rollback_id: str = ""
    rollback_asked: bool = False
    rollback_to: str = ""

    @property
    def unseen(self) -> bool:
        """Whether no observation has shown the service and its deployment."""
        return self.phase in ("", "absent")


@dataclass(frozen=True)
class Observation:
    """Everything known about one service at one moment: AWS's answers, and the memory of earlier ones.

    C(None) means not fetched; an empty value means that there is none.

    :param waited: seconds since the wait began.
    :param tasks: the service's stopped tasks.
    :param targets_fresh: false if the targets are from an earlier poll, good for progress only.
    :param health: C(healthStatus) of the containers that have a health check, by C(task/container); fetched only for a
        service without targets.
    :param commands: the commands of those health checks, by container.
    :param service_deployment: ECS's own record of the deployment.
    """

    service: Service | None
    name: str = ""
    cluster: str = ""
    waited: float = 0
    tasks: t.Sequence[Task] | None = None
    targets: Targets | None = None
    targets_fresh: bool = True
    health: t.Mapping[str, str] | None = None
    commands: t.Mapping[str, t.Sequence[str]] = field(default_factory=dict)
    service_deployment: ServiceDeployment | None = None
    memory: Memory = field(default_factory=Memory)

    @property
    def phase_seconds(self) -> float:
        """Seconds since the phase last changed."""
        return self.waited - self.memory.phase_since


@dataclass(frozen=True)
class Verdict:
    """The result of judging an observation.

    :param outcome: C(pending) or one of C(OUTCOMES).
    :param needs: what has to be fetched to judge again.
    :param likely_done: the next poll may be the last.
    :param signs: the number of signs of failure.
    :param soak: for how many seconds the service has to stay steady.
    :param rollback_id: the deployment that is the rollback of the watched one.
    :param no_version: a sentence if the deployment failed and there is no version to roll back to.
    """

    outcome: OutcomeName | t.Literal["pending"]
    phase: Phase = ""
    deployment_id: str | None = None
    cause: Cause = ""
    reason: str = ""
    message: str = ""
    next_step: str = ""
    progress: str = ""
    needs: tuple[Need, ...] = ()
    likely_done: bool = False
    unconfirmed: str = ""
    signs: int = 0
    soak: float = 0
    rollback_id: str = ""
    no_version: str = ""
    counts: t.Mapping[str, int] = field(default_factory=dict)
    hook: t.Mapping[str, t.Any] = field(default_factory=dict)

    @property
    def final(self) -> bool:
        return self.outcome != PENDING


def watched_of(observed: Observation) -> Deployment | None:
    """Return the watched deployment: the requested one, or else the current PRIMARY.

    With a CODE_DEPLOY or EXTERNAL controller it is a task set, in the shape of a deployment.
    """
    service = observed.service or {}
    if controller(service) != "ECS":
        task_set = task_set_of(observed)
        return as_deployment(task_set) if task_set else None
    if not observed.memory.deployment_id:
        return primary_of(service)
    return first(service.get("deployments"), lambda item: item.get("id") == observed.memory.deployment_id)


def task_set_of(observed: Observation) -> TaskSet | None:
    """Return the watched task set: the requested one, by ID, ARN or external ID, or else the current PRIMARY."""
    wanted, task_sets = observed.memory.deployment_id, (observed.service or {}).get("taskSets")
    if not wanted:
        return primary_set_of(observed.service or {})
    return first(task_sets, lambda item: wanted in (item.get("id"), item.get("taskSetArn"), item.get("externalId")))


def remembered(memory: Memory) -> Deployment:
    """Return what is known of the watched deployment if AWS no longer lists it."""
    known = {"id": memory.deployment_id, "createdAt": memory.created_at}
    return t.cast("Deployment", {name: value for name, value in known.items() if value is not None})
