# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Signs that a deployment fails: events, failed and lost tasks, as far as they are still relevant."""

from __future__ import annotations

import math
import re
import typing as t

from ..diagnose import (
    Failure,
    failure_messages,
    failures_of,
    is_unspecific,
    main_failure,
    meaning_of,
    mentions,
    seconds,
    started,
    tasks_of,
    unlaunched,
    unplaced,
)
from ..shapes import Deployment, Service, ServiceEvent, Task
from .answers import desired_count, ended_at, has_run, is_before, is_full, living
from .observation import Memory, Observation

# In ECS's event that it can neither start nor stop a task.
BLOCKED = ("because of the service deployment configuration",)
# Seconds that tasks have to keep running.  Without a health check ECS does not count a task as failed once it was
# RUNNING (failedTasks of Deployment in the API reference; aws/containers-roadmap, issue 1206).
STAYS_FOR = 10
# A task that a complete deployment started up to this many seconds before the wait replaced one that had stopped.
REPLACED_WITHIN = 300


def _failed(observed: Observation, watched: Deployment) -> int:
    """Return C(failedTasks) since the wait began."""
    return max(0, int(watched.get("failedTasks") or 0) - observed.memory.failed_before)


def failed_since_full(observed: Observation, watched: Deployment) -> int:
    """Return C(failedTasks) since the wait began and all tasks last ran."""
    if is_full(watched):
        return 0
    return min(_failed(observed, watched), max(0, int(watched.get("failedTasks") or 0) - observed.memory.failed_healed))


def is_transient(failure: Failure | None) -> bool:
    """Return whether ECS's own retries will solve it, as a lack of capacity or the registry's rate limit."""
    return failure is not None and failure.message is not None and failure.message.heals == "yes"


def transient_failure(observed: Observation, watched: Deployment, failures: t.Sequence[Failure]) -> Failure | None:
    """Return a current problem that ECS's own retries will solve, so that the wait continues."""
    events = events_of(observed, watched)
    known = [meaning_of(message) for message in (*unplaced(events), *unlaunched(events))]
    return next((failure for failure in (*known, *failures) if is_transient(failure)), None)


def repeated_failures(observed: Observation, watched: Deployment, failures: t.Sequence[Failure]) -> int:
    """Return how many tasks failed before this wait as tasks still do; 0 once a task runs."""
    if watched.get("runningCount") or observed.memory.counts_from is None:
        return 0
    still = {(failure.cause, failure.reason) for failure in failures}
    earlier = failures_of(
        (task for task in observed.tasks or [] if is_before(ended_at(task), observed.memory.counts_from)), watched
    )
    return sum((failure.cause, failure.reason) in still for failure in earlier)


def count_by_events(observed: Observation, watched: Deployment) -> int:
    """Return how many tasks ECS could not place or launch, by its events; these name no deployment."""
    others = [item for item in (observed.service or {}).get("deployments") or [] if item.get("id") != watched.get("id")]
    anothers = any(_lacks(item) for item in others) and not _lacks(watched)
    if anothers or watched.get("runningCount", 0) >= desired_count(watched):
        return 0
    events = events_of(observed, watched)
    return max(_count_persistent(unplaced(events)), _count_persistent(unlaunched(events)))


def _count_persistent(messages: t.Iterable[str]) -> int:
    """Return how many of the messages are about problems that retries alone don't solve."""
    known = [meaning_of(message) for message in messages]
    return sum(not is_transient(failure) for failure in known)


def _lacks(deployment: Deployment) -> bool:
    return living(deployment) < desired_count(deployment)


def blocking_failure(observed: Observation, watched: Deployment) -> Failure | None:
    """Return ECS's event that the deployment configuration lets it neither start nor stop a task, if still true.

    ECS repeats it only after six hours, so whether an event from before the wait still applies follows from the numbers
    ('Amazon ECS service event messages' in the Developer Guide; API_DeploymentConfiguration for the rounding).
    """
    events = [event for event in events_since(observed, watched) if mentions(event.get("message") or "", BLOCKED)]
    config, desired = (observed.service or {}).get("deploymentConfiguration") or {}, desired_count(watched)
    most = math.floor(desired * config.get("maximumPercent", 200) / 100)
    least = math.ceil(desired * config.get("minimumHealthyPercent", 100) / 100)
    stuck = most <= desired <= least
    # the numbers may have changed since an event during this wait; if tasks may be stopped, ECS continues
    known = [
        event
        for event in events
        if stuck or (least >= desired and not is_before(event.get("createdAt"), observed.memory.since))
    ]
    return meaning_of(str(known[0].get("message"))) if known else None


def signs_of(observed: Observation, watched: Deployment) -> int:
    """Return the number of signs of failure that are visible without the tasks."""
    return len(failure_messages(events_of(observed, watched))) + losses(observed, watched)


def losses(observed: Observation, watched: Deployment) -> int:
    """Return the number of signs that tasks of this deployment have stopped."""
    events, before = events_of(observed, watched), 0
    if observed.memory.since is not None:
        events = [event for event in events if seconds(event.get("createdAt")) > observed.memory.events_until]
        before = min(observed.memory.living_before, desired_count(watched))
    return _failed(observed, watched) + _lost(events, watched, before) + observed.memory.drops


def _lost(events: t.Iterable[ServiceEvent], watched: Deployment, before: int = 0) -> int:
    """Return how many of the tasks that were alive I(before) or were started since are gone."""
    return max(0, before + started(events) - living(watched))


def lost_before(service: Service, watched: Deployment, completed: float | None, began: float) -> bool:
    """Return whether tasks of the deployment had stopped before a wait began, by the service's events.

    :param completed: when the deployment turned COMPLETED, in seconds since 1970; C(None) if it has not.
    :param began: when the wait began.
    """
    observed = Observation(service=service, memory=Memory(watched.get("id")))
    if completed is None or began - completed < STAYS_FOR:
        return _lost(events_since(observed, watched), watched) > 0
    replaced = max(completed + 1, began - REPLACED_WITHIN)
    return (
        started(event for event in events_since(observed, watched) if seconds(event.get("createdAt")) >= replaced) > 0
    )


def current_failure(observed: Observation, watched: Deployment) -> Failure | None:
    """Return what keeps a deployment from being steady: its failed tasks, or else ECS's newest event about a problem.

    If all tasks run, an event after the last failure comes first.
    """
    running = watched.get("runningCount", 0)
    failures = failures_seen(observed, watched) or ([] if running else failures_of(observed.tasks or [], watched))
    last = max((seconds(ended_at(task)) for task in tasks_of(observed.tasks or [], watched)), default=0.0)
    events = [
        event
        for event in events_since(observed, watched)
        if failure_messages([event]) and not _disproved(event, watched)
    ]
    events.sort(key=lambda event: (not is_unspecific(event), seconds(event.get("createdAt"))), reverse=True)
    event = events[0] if events else None
    if failures and not (event and running >= desired_count(watched) and seconds(event.get("createdAt")) > last):
        return main_failure(failures)
    if event is None:
        return None
    message = str(event.get("message"))
    return meaning_of(message) or Failure("", message)


def _disproved(event: ServiceEvent, watched: Deployment) -> bool:
    """Return whether an event is about tasks that could not be placed, launched or started, but all of them run."""
    return is_full(watched) and (is_unspecific(event) or bool(unplaced([event]) or unlaunched([event])))


def all_events(observed: Observation) -> t.Sequence[ServiceEvent]:
    return (observed.service or {}).get("events") or []


def events_since(observed: Observation, deployment: Deployment) -> list[ServiceEvent]:
    """Return the events since the deployment began, except those that name another one."""
    began = seconds(deployment.get("createdAt"))
    return [
        event
        for event in all_events(observed)
        if not is_before(event.get("createdAt"), began) and not _of_another(event, deployment.get("id"))
    ]


def _of_another(event: ServiceEvent, deployment_id: str | None) -> bool:
    """Return whether an event names another deployment, except one that blocks ours because it can't scale in."""
    if mentions(event.get("message") or "", ("unable to scale in",)):
        return False
    named = re.findall(r"ecs-svc/\d+", event.get("message") or "")
    return bool(named) and bool(deployment_id) and deployment_id not in named


def events_of(observed: Observation, deployment: Deployment) -> list[ServiceEvent]:
    """Return the deployment's events since it began and since C(Memory.since)."""
    return [
        event
        for event in events_since(observed, deployment)
        if not is_before(event.get("createdAt"), observed.memory.since or 0)
    ]


def failures_seen(observed: Observation, deployment: Deployment) -> list[Failure]:
    """Return the failures of the deployment's tasks that count for this wait (C(Memory.counts_from))."""
    tasks = [task for task in observed.tasks or [] if not is_before(ended_at(task), observed.memory.counts_from)]
    return failures_of((task for task in tasks if has_run(task) or not _healed(observed, deployment, task)), deployment)


def _healed(observed: Observation, deployment: Deployment, task: Task) -> bool:
    """Return whether all tasks of the deployment run or have run since this one ended."""
    return is_full(deployment) or is_before(ended_at(task), observed.memory.healed_at)
