# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask ECS to roll back a failed deployment, and report on it."""

from __future__ import annotations

from dataclasses import replace

from .. import diagnose
from ..outcomes import NOT_FAILURES, PENDING
from ..shapes import Deployment, Service
from . import fetch
from .answers import controller, has_earlier, is_guarded, rollback_follows
from .api import Api, PermanentError, ThrottledError, TransientError
from .observation import Verdict
from .signs import is_transient
from .stages import FIRST
from .watch import Watch

RAN_AND_ENDED = ("crash_loop", "out_of_memory")
BREAKER = ("deploymentCircuitBreaker",)
# Attempts to request a rollback while AWS gives no answer.
TRIES = 5


def is_due(watch: Watch, found: Verdict) -> bool:
    """Return whether the circuit breaker is set to roll back such a deployment and ECS can; else note why not."""
    service, seen = watch.service or {}, watch.deployment
    if found.outcome == "timed_out" or not is_guarded(service, BREAKER):
        return False
    if is_transient(diagnose.meaning_of(found.reason)):
        _note_no_rollback(watch, "the previous version needs the same, and ECS retries automatically")
        return False
    if seen.get("rolloutState") == "COMPLETED":
        _note_no_rollback(watch, "for ECS the deployment is COMPLETED, as its tasks ran; run rollback.yml")
    elif not rollback_follows(service, seen):
        watch.no_rollback = FIRST
        watch.notes.append("no rollback: this was the first deployment")
    return rollback_follows(service, seen)


def ask(api: Api, watch: Watch, found: Verdict, deadline: float) -> None:
    """Ask ECS to roll the deployment back, and watch the rollback until I(deadline), in seconds of waiting.

    Without an answer from AWS the verdict stays pending, so that the next poll tries again.
    """
    watch.rollback_tries += 1
    watch.memory.rollback_to = _target(watch)
    watch.first = {"outcome": found.outcome, "cause": found.cause, "reason": found.reason, "message": found.message}
    try:
        watch.record_arn = watch.record_arn or fetch.record_arn_of(api, watch)
        if watch.record_arn:
            api.roll_back(watch.record_arn)
    except (ThrottledError, TransientError) as error:
        if watch.rollback_tries < TRIES:
            progress = f"{found.progress}; rollback requested, no answer yet"
            watch.verdict = replace(found, outcome=PENDING, progress=progress, likely_done=True)
            return
        _note_no_rollback(watch, error.text)
    except PermanentError as error:
        # an earlier attempt may have succeeded without an answer
        accepted = error.code == "ConflictException" and watch.rollback_tries > 1
        refused = error.action == "StopServiceDeployment" and error.code != "UnknownOperation"
        if not accepted:
            _note_no_rollback(watch, error.text, refused=refused)
    watch.memory.rollback_asked = True
    if not watch.record_arn:
        _note_no_rollback(watch, "ECS has no record of this deployment")
    if watch.no_rollback:
        return
    watch.deadline = deadline
    watch.verdict = replace(found, outcome=PENDING, progress=f"{found.progress}; rollback requested")


def _note_no_rollback(watch: Watch, why: str, refused: bool = False) -> None:
    """Note why ECS does not roll back: it was not asked, or I(refused)."""
    watch.no_rollback = f"ECS {'refused' if refused else 'was not asked'} to roll back: {why}."
    watch.notes.append(f"{'refused' if refused else 'no'} rollback: {why}")


def _target(watch: Watch) -> str:
    """Return the task definition, C(family:revision), that ECS will roll back to; empty if unknown."""
    deployments = (watch.service or {}).get("deployments") or []
    others = [item for item in deployments if item.get("id") != watch.memory.deployment_id]
    known = [item for item in others if item.get("rolloutState") != "FAILED"]
    return str(known[0].get("taskDefinition") or "").rsplit("/", 1)[-1] if known else ""


def summary(watch: Watch) -> str:
    """Return a sentence on the rollback of a failed deployment, empty if there is nothing to report."""
    outcome, service = watch.verdict.outcome, watch.service or {}
    if outcome in (*NOT_FAILURES, PENDING, "gone", "superseded"):
        return ""
    if watch.verdict.no_version:
        return watch.verdict.no_version
    if outcome == "stopped":
        return ""
    if watch.memory.rollback_asked and watch.deadline is not None:
        asked = f"This run asked ECS to roll back to {watch.memory.rollback_to or 'the previous version'}"
        return f"{asked}, and it did." if outcome == "rolled_back" else f"{asked}, but it has not."
    if watch.no_rollback:
        return watch.no_rollback
    if outcome in RAN_AND_ENDED and not is_guarded(service, BREAKER):
        return _without_rollback(service, watch.deployment)
    return ""


def _without_rollback(service: Service, deployment: Deployment) -> str:
    """Return what happens to a deployment whose tasks keep exiting if nothing rolls it back."""
    goes_on = "ECS goes on starting such tasks: "
    if controller(service) != "ECS":
        return (
            f"{goes_on}only deployments of its own controller have a circuit breaker. End this one with the tool that"
            " began it."
        )
    state = f"{goes_on}its circuit breaker does not count those that ran."
    if deployment.get("rolloutState") == "FAILED":
        state = "ECS has given the deployment up, and is not set to roll it back."
    step = "Run rollback.yml." if has_earlier(service, deployment) else "No earlier deployment to roll back to."
    return f"{state} {step}"
