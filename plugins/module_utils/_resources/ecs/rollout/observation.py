# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is known of one service at one moment, what is asked for, and the verdict on it."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..shapes import Deployment, Service, ServiceDeployment, Targets, Task, TaskSet
from .answers import as_deployment, controller, first, primary_of

PENDING = "pending"


@dataclass(frozen=True)
class Rules:
    """What the caller asks for; times in seconds."""

    healthy_targets: bool | None = None  # None: where the service has load balancers
    stable_for: float | None = None  # None: 0 if a load balancer or a health check tells, else STAYS_FOR
    timeout: float | None = 900
    crash_threshold: int | None = None  # None: as ECS's circuit breaker
    second_look: bool = False  # one of NEEDS_CONFIRMATION has to be seen by two looks
    healthy_tasks: bool = True  # asked if there are no targets to ask
    end_at_hook: bool = False  # a hook that waits for an answer ends the wait
    roll_back: bool = False  # ECS is asked to roll back what has failed or timed out
    as_configured: bool = False  # only what has failed, and where the service says that ECS is to roll back


@dataclass
class Memory:
    """What is remembered of one service from one observation to the next.

    Points in time are seconds since 1970, but C(phase_since), which is seconds of waiting.

    :param deployment_id: what to watch, a deployment that this run has started; C(None) for the PRIMARY of the first
        observation, which this run has not: what failed before the wait began may be repaired by now.
    :param since: what ECS told before is not a sign of failure; C(None) for when the deployment began.
    :param counts_from: tasks that failed before don't count; C(None) if all of the deployment do.
    :param events_until: when the last event was at the first observation, and C(living_before) how many tasks
        of the deployment lived then; for a C(since).
    :param phase, phase_since: the last verdict's phase, and when it became that.
    :param unconfirmed: which of NEEDS_CONFIRMATION the last observation said.
    :param signs_seen: the signs of failure there were when the tasks were described.
    :param signs: those of the last verdict.
    :param drops: how often the running count fell below the desired one while nobody asked for fewer.
    :param over: the deployment was over, and not just so, when the wait began.
    :param lost_before: tasks of the deployment had stopped when the wait began.
    :param failed_before: C(failedTasks) from before C(since).
    :param healed_at, failed_healed: when all tasks of the deployment ran last, and C(failedTasks) then: what kept tasks
        from starting before is repaired.
    :param created_at: when the deployment that is watched began; C(None) until it was seen.
    :param rollback_id: the deployment that was seen to take its place by a rollback.
    :param rollback_asked: this wait has asked ECS to roll the deployment back, or tried to.
    :param rollback_to: the task definition, C(family:revision), that ECS goes back to then; empty if not known.
    """

    deployment_id: str | None = None
    since: float | None = None
    counts_from: float | None = None
    events_until: float = 0
    living_before: int = 0
    phase: str = ""
    phase_since: float = 0
    unconfirmed: str = ""
    signs_seen: int = 0
    signs: int = 0
    drops: int = 0
    over: bool = False
    lost_before: bool = False
    failed_before: int = 0
    healed_at: float | None = None
    failed_healed: int = 0
    created_at: float | None = None
    rollback_id: str = ""
    rollback_asked: bool = False
    rollback_to: str = ""


@dataclass(frozen=True)
class Observation:
    """All that is known of one service at one moment: what AWS has answered, and what is remembered.

    C(None) says 'not asked'; an empty value says 'asked, nothing there'.

    :param waited: seconds since the wait began.
    :param tasks: the service's stopped tasks.
    :param targets_fresh: false when the targets are of an earlier poll, good for progress only.
    :param health: C(healthStatus) of the containers that have a health check, by C(task/container); asked where the
        service has no targets.
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
        """For how many seconds the phase has been the same."""
        return self.waited - self.memory.phase_since


@dataclass(frozen=True)
class Verdict:
    """What an observation says: C(outcome) is C(pending) or one of C(OUTCOMES).

    C(soak) is for how many seconds it has to stay, C(rollback_id) the deployment that is seen to be the rollback of the
    one that is watched.
    """

    outcome: str
    phase: str = ""
    deployment_id: str | None = None
    cause: str = ""
    reason: str = ""
    message: str = ""
    next_step: str = ""
    progress: str = ""
    needs: tuple[str, ...] = ()
    likely_done: bool = False
    unconfirmed: str = ""
    signs: int = 0
    soak: float = 0
    rollback_id: str = ""
    counts: t.Mapping[str, int] = field(default_factory=dict)
    hook: t.Mapping[str, t.Any] = field(default_factory=dict)

    @property
    def final(self) -> bool:
        return self.outcome != PENDING


def watched_of(observed: Observation) -> Deployment | None:
    """The deployment that is watched: the one asked for, or the PRIMARY of the moment.

    With a CODE_DEPLOY or EXTERNAL controller a task set takes its place, in the words of a deployment.
    """
    service = observed.service or {}
    if controller(service) != "ECS":
        task_set = task_set_of(observed)
        return as_deployment(task_set) if task_set else None
    if not observed.memory.deployment_id:
        return primary_of(service)
    return first(service.get("deployments"), lambda item: item.get("id") == observed.memory.deployment_id)


def task_set_of(observed: Observation) -> TaskSet | None:
    task_sets = (observed.service or {}).get("taskSets")
    if not observed.memory.deployment_id:
        return first(task_sets, lambda item: item.get("status") == "PRIMARY")
    return first(task_sets, lambda item: observed.memory.deployment_id in _task_set_names(item))


def _task_set_names(task_set: TaskSet) -> tuple[t.Any, ...]:
    return (task_set.get("id"), task_set.get("taskSetArn"), task_set.get("externalId"))


def remembered(memory: Memory) -> Deployment:
    """The deployment that is watched, as far as it is known where AWS does not show it."""
    found: Deployment = {}
    if memory.deployment_id is not None:
        found["id"] = memory.deployment_id
    if memory.created_at is not None:
        found["createdAt"] = memory.created_at
    return found
