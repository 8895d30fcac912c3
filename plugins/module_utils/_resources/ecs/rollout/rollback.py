# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way back of a deployment that did not end well: whether ECS is asked for it, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

from .. import diagnose
from ..outcomes import STEADY
from ..shapes import Deployment, Service
from . import fetch
from .answers import controller, has_earlier, is_guarded, rollback_follows
from .api import Api, PermanentError, ThrottledError, TransientError
from .observation import PENDING, Verdict
from .signs import is_transient
from .watch import Watch

RAN_AND_ENDED = ("crash_loop", "out_of_memory")
BREAKER = ("deploymentCircuitBreaker",)
# How often a rollback is asked for while AWS gives no answer.
TRIES = 5


def is_due(watch: Watch, found: Verdict) -> bool:
    """Whether the circuit breaker is to take a deployment like this back, and it can; else note why it can't."""
    service, seen = watch.service or {}, watch.deployment
    if found.outcome == "timed_out" or not is_guarded(service, BREAKER):
        return False
    if is_transient(diagnose.meaning_of(found.reason)):
        _not_asked(watch, "the previous version needs the same, and ECS tries again by itself")
        return False
    if seen.get("rolloutState") == "COMPLETED":
        _not_asked(watch, "for ECS the deployment is COMPLETED, as its tasks ran; run rollback.yml")
    elif not rollback_follows(service, seen):
        _not_asked(watch, "the service has no earlier deployment to go back to")
    return rollback_follows(service, seen)


def ask(api: Api, watch: Watch, found: Verdict, deadline: float) -> None:
    """Ask ECS to roll the deployment back, and watch it until I(deadline), in seconds of waiting.

    While AWS gives no answer the verdict is pending, so that the next poll asks again.
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
            said = f"{found.progress}; rollback asked for, no answer yet"
            watch.verdict = replace(found, outcome=PENDING, progress=said, likely_done=True)
            return
        _not_asked(watch, error.text)
    except PermanentError as error:
        # an earlier try without an answer may have been taken
        taken = error.code == "ConflictException" and watch.rollback_tries > 1
        asked = error.action == "StopServiceDeployment" and error.code != "UnknownOperation"
        if not taken:
            _not_asked(watch, error.text, refused=asked)
    watch.memory.rollback_asked = True
    if not watch.record_arn:
        _not_asked(watch, "ECS has no record of this deployment")
    if watch.no_rollback:
        return
    watch.deadline = deadline
    watch.verdict = replace(found, outcome=PENDING, progress=f"{found.progress}; rollback asked for")


def _not_asked(watch: Watch, why: str, refused: bool = False) -> None:
    """Keep why ECS does not roll back: it was not asked, or has I(refused) to."""
    watch.no_rollback = f"ECS {'refused' if refused else 'was not asked'} to roll back: {why}."
    watch.notes.append(f"{'refused' if refused else 'no'} rollback: {why}")


def _target(watch: Watch) -> str:
    """The task definition, C(family:revision), that ECS goes back to; empty if that is not known."""
    deployments = (watch.service or {}).get("deployments") or []
    others = [item for item in deployments if item.get("id") != watch.memory.deployment_id]
    known = [item for item in others if item.get("rolloutState") != "FAILED"]
    return str(known[0].get("taskDefinition") or "").rsplit("/", 1)[-1] if known else ""


def said(watch: Watch) -> str:
    """A sentence on the way back of a deployment that did not end well; empty if there is nothing to say."""
    outcome, service = watch.verdict.outcome, watch.service or {}
    if outcome in (STEADY, PENDING, "gone", "superseded", "stopped"):
        return ""
    if watch.memory.rollback_asked and watch.deadline is not None:
        asked = f"This run asked ECS to roll back to {watch.memory.rollback_to or 'the previous version'}"
        return f"{asked}, and it did." if outcome == "rolled_back" else f"{asked}, but it has not."
    if watch.no_rollback:
        return watch.no_rollback
    if outcome in RAN_AND_ENDED and not is_guarded(service, BREAKER):
        return _left_so(service, watch.deployment)
    return ""


def _left_so(service: Service, deployment: Deployment) -> str:
    """What becomes of a deployment whose tasks run and end, where nothing takes it back."""
    goes_on = "ECS goes on starting such tasks: "
    if controller(service) != "ECS":
        return (
            f"{goes_on}only deployments of its own controller have a circuit breaker. End this one with the tool that"
            " began it."
        )
    said = f"{goes_on}its circuit breaker does not count those that ran."
    if deployment.get("rolloutState") == "FAILED":
        said = "ECS has given the deployment up, and nothing tells it to go back."
    back = "Run rollback.yml." if has_earlier(service, deployment) else "There is no earlier deployment to go back to."
    return f"{said} {back}"
