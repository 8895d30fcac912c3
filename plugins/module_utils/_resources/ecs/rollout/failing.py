# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide whether a deployment is failing, and why it ended."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ..diagnose import (
    NOT_IN_USE,
    STILL_SHIFTING,
    STILL_WATCHED,
    USE_THEM,
    Failure,
    failures_of,
    headline_of,
    is_about_health,
    main_failure,
    meaning_of,
    mentions,
    messages_of,
    next_step,
    unhealthy,
    unlaunched,
    unplaced,
)
from ..outcomes import OUTCOMES, Cause
from ..shapes import Deployment, ServiceEvent
from .answers import alarms_of, is_full, not_healthy, rollback_follows, threshold
from .observation import Observation, Rules, Verdict, remembered, watched_of
from .signs import (
    all_events,
    blocking_failure,
    count_by_events,
    current_failure,
    events_of,
    events_since,
    failed_since_full,
    failures_seen,
    is_transient,
    repeated_failures,
    signs_of,
    transient_failure,
)
from .stages import expiry_text, hook_name, is_open, waiting_hook
from .stop import BY_SOMEONE, Stop, stop_of
from .verdicts import checks_text, counts_text, final, pending

# Seconds that a FAILED deployment may stay PRIMARY until ECS's rollback has to appear.
ROLLBACK_SHOWS_WITHIN = 30


def failed_primary(observed: Observation, watched: Deployment) -> Verdict:
    """Judge a PRIMARY deployment that is FAILED: ECS may still roll it back."""
    waited = observed.phase_seconds if observed.memory.phase == "failed" else 0
    if waited < ROLLBACK_SHOWS_WITHIN and rollback_follows(observed.service or {}, watched):
        return pending(observed, "failed", "failed, waiting for ECS to roll back", likely_done=True)
    if observed.service_deployment is None and alarms_of(observed.service or {}):
        # only the record shows which alarm it was
        return pending(
            observed, observed.memory.phase or "failed", counts_text(observed, watched), needs=("service_deployment",)
        )
    return fail_with_tasks(observed, watched, "", watched.get("rolloutStateReason") or "")


def unless_failing(observed: Observation, watched: Deployment, rules: Rules, settled: Verdict) -> Verdict:
    """Return C(settled), or a failure if the deployment is pending and its tasks keep failing."""
    # A deployment that runs in spite of earlier failures fails by new ones only.
    recovered = settled.soak and settled.signs <= observed.memory.signs
    return settled if settled.final or settled.needs or recovered else _failing(observed, watched, rules, settled)


def _failing(observed: Observation, watched: Deployment, rules: Rules, settled: Verdict) -> Verdict:
    """Return a failure if the deployment's tasks keep failing, else C(settled), perhaps with a need for the tasks."""
    failures, signs = failures_seen(observed, watched), signs_of(observed, watched)
    persistent = [failure for failure in failures if not is_transient(failure)]
    seen = len(persistent) + repeated_failures(observed, watched, persistent)
    by_events = count_by_events(observed, watched)
    count = max(seen, by_events, failed_since_full(observed, watched) - (len(failures) - len(persistent)))
    limit = threshold(observed.service or {}, watched, observed.service_deployment, rules.crash_threshold)
    ecs_decides = rollback_follows(observed.service or {}, watched)
    if ecs_decides:
        # ECS resets its count when a task turns healthy; this ends a loop that it does not notice.
        limit *= 2
    if signs > observed.memory.signs_seen and (not observed.memory.signs_seen or signs >= limit):
        # The first failed task may be permanent, and later ones may reach the limit.
        return replace(settled, needs=("tasks",))
    short = watched.get("runningCount", 0) < watched.get("desiredCount", 0)
    permanent = short and not ecs_decides and any(failure.permanent for failure in failures)
    main = blocking_failure(observed, watched) if short else None
    if main and main.cause:
        return final(observed, main.cause, headline_of(main.cause, main), main.reason, cause=main.cause, main=main)
    if permanent or count >= limit:
        return fail_with_tasks(observed, watched, "", "")
    progress, transient = settled.progress, transient_failure(observed, watched, failures) if short else None
    if transient:
        progress += f", {headline_of(transient.cause, transient)}, ECS tries again"
    return replace(settled, likely_done=settled.likely_done or count > 0, progress=progress)


def fail_with_tasks(observed: Observation, watched: Deployment | None, outcome: Cause, reason: str) -> Verdict:
    """Return a failure with C(outcome), or else with the cause of the tasks' failures as its outcome."""
    watched = watched or remembered(observed.memory)
    if observed.tasks is None or signs_of(observed, watched) > observed.memory.signs_seen:
        return pending(observed, observed.memory.phase or "failed", counts_text(observed, watched), needs=("tasks",))
    # the tasks may have failed before this wait
    failures = failures_seen(observed, watched) or failures_of(observed.tasks, watched)
    events = events_of(observed, watched) or events_since(observed, watched)
    main = main_failure(failures) or _cause_by_events(events, reason)
    reason = reason or _failure_event(observed, watched)
    stop = stop_of(observed, watched, reason)
    if main is None and not outcome and stop:
        found = final(observed, "stopped", f"{stop.by} stopped the deployment", reason, cause="stopped")
        return replace(found, next_step=stop.next_step)
    cause: Cause = main.cause if main else "stopped" if stop else "" if outcome else "failed"
    count = len(failures) or len(unplaced(events)) or int(watched.get("failedTasks") or 0)
    headline = _headline(outcome, cause, count, main, _rolled_back_by(observed, stop, reason))
    if not outcome and watched.get("status") == "PRIMARY" and watched.get("rolloutState") == "FAILED":
        headline = f"ECS gave the deployment up (FAILED), without a rollback: {headline}"
    found = final(
        observed, outcome or cause or "failed", headline, main.reason if main else reason, cause=cause, main=main
    )
    if main is None and stop:
        return replace(found, next_step=found.next_step.replace(OUTCOMES["stopped"].next_step, stop.next_step))
    return found


def _cause_by_events(events: t.Sequence[ServiceEvent], reason: str) -> Failure | None:
    """Return the cause by the events and ECS's reason, for when no stopped task shows it."""
    by_cause: dict[Cause, list[str]] = {"placement": unplaced(events), "cannot_start": unlaunched(events)}
    for kind, messages in by_cause.items():
        if messages:
            failure = meaning_of(messages[0])
            return replace(failure, permanent=False) if failure else Failure(kind, messages[0])
    return Failure("health_check", reason) if is_about_health(reason) else None


def _failure_event(observed: Observation, watched: Deployment) -> str:
    """Return ECS's event that the deployment failed, without the names in parentheses; empty if there is none."""
    texts = messages_of(all_events(observed))
    mine = [text for text in texts if f"{watched.get('id')}" in text and "deployment failed" in text]
    return mine[0][mine[0].index("deployment failed") :] if mine else ""


def _rolled_back_by(observed: Observation, stop: Stop | None, reason: str) -> str:
    """Return the reason for the rollback in parentheses, empty if unknown."""
    breaker = (observed.service_deployment or {}).get("deploymentCircuitBreaker") or {}
    if stop:
        return f" ({'requested by someone' if stop == BY_SOMEONE else stop.by})"
    if observed.memory.rollback_asked:
        return " (requested by this run)"
    broken = breaker.get("status") == "TRIGGERED" or mentions(reason, ("circuit breaker", "tasks failed to start"))
    return " (circuit breaker)" if broken else ""


def _headline(outcome: Cause, cause: Cause, count: int, main: Failure | None, by: str = "") -> str:
    sentence = headline_of(cause, main)
    if count > 1:
        sentence += f" ({count} tasks)"
    if main and main.exit_codes and cause in ("crash_loop", "out_of_memory"):
        sentence += f", exit code {', '.join(str(code) for code in main.exit_codes)}"
    why = f": {sentence}" if main or not by else ""
    return {
        "rolled_back": f"ECS rolled the deployment back{by}{why}",
        "rollback_failed": f"the rollback{by} failed, too{why}",
    }.get(outcome, sentence)


def as_timed_out(found: Verdict, observed: Observation, rules: Rules) -> Verdict:
    """Return the time-out of a pending verdict, with its most likely cause and next step."""
    watched = watched_of(observed) or remembered(observed.memory)
    bad = unhealthy(observed.targets or {})
    idle = bool(bad) and bad[0].startswith(NOT_IN_USE)
    unwell = Failure("health_check", bad[0]) if bad and not idle else None
    if unwell is None and not_healthy(observed.health):
        unwell = Failure("health_check", checks_text(observed))
    # once all tasks run, current health explains the time-out better than earlier failures
    current = current_failure(observed, watched)
    main = unwell or current if is_full(watched) else current or unwell
    cause = main.cause if main else ""
    sentence = f"not steady after {rules.timeout:.0f} s: {found.progress}"
    if cause:
        sentence += f"; {headline_of(cause, main)}"
    reason = main.reason if main else ""
    failed = replace(final(observed, "timed_out", sentence, reason, cause=cause, main=main), progress=sentence)
    advice = _advice(found, observed, main, idle)
    return replace(failed, next_step=advice) if advice else failed


def _advice(found: Verdict, observed: Observation, main: Failure | None, idle: bool) -> str:
    """Return the next step of a time-out without a failure, empty if the outcome's own applies."""
    hook = waiting_hook(observed.service_deployment or {})
    if hook:
        arn = (observed.service_deployment or {}).get("serviceDeploymentArn") or "ARN"
        return (
            f"Answer the hook {hook_name(hook)}: continue.yml -e decision=continue or rollback, or"
            f" aws ecs continue-service-deployment --service-deployment-arn {arn} --hook-id {hook_name(hook)}"
            f" --action CONTINUE (or ROLLBACK). It waits for it{expiry_text(hook)}."
        )
    if main is not None:
        return ""
    if idle:
        return f"{next_step('timed_out')} {USE_THEM}"
    if found.phase == "baking":
        return STILL_WATCHED
    return STILL_SHIFTING if found.phase in ("shifting", "settling") and is_open(observed) else ""
