# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide whether a deployment is steady, and for how long it has to stay steady."""

from __future__ import annotations

from dataclasses import replace

from ..outcomes import STEADY, WAITING
from ..shapes import Deployment, DeploymentLifecycleHookDetail, TaskSet
from .answers import (
    alarms_of,
    balancers_of,
    counts_of,
    desired_count,
    healthy_count,
    is_baking,
    is_early,
    is_staged,
    needed_count,
    not_healthy,
    target_groups,
)
from .observation import Observation, Rules, Verdict
from .signs import STAYS_FOR, failures_seen, losses
from .stages import expiry_text, hook_of, in_words, is_open, stage_text, waiting_hook
from .verdicts import counts_text, final, name_of, pending

# Seconds that the tasks of a deployment have to keep running after some have stopped (see STAYS_FOR).
STAYS_AFTER_A_LOSS_FOR = 30


def settle(observed: Observation, watched: Deployment, rules: Rules) -> Verdict:
    """Judge how far a PRIMARY deployment has come, failures aside."""
    service = observed.service or {}
    text = counts_text(observed, watched) + (stage_text(observed) if is_staged(service) else "")
    desired, running = desired_count(watched), watched.get("runningCount", 0)
    paused = waiting_hook(observed.service_deployment or {})
    if paused and rules.end_at_hook:
        return _waiting(observed, paused)
    if paused:
        return pending(observed, "paused", text)
    if is_early(service, watched):
        needed = needed_count(service, desired)
        return (
            _with_targets(observed, rules, watched, needed)
            if running >= needed
            else pending(observed, "starting", text)
        )
    others = [item for item in service.get("deployments") or [] if item is not watched]
    full = running == desired == service.get("desiredCount", desired) and not watched.get("pendingCount")
    if not full:
        return pending(observed, "starting", text)
    old = sum(item.get("runningCount", 0) for item in others)
    left = service.get("runningCount", running) != running or bool(service.get("pendingCount"))
    if not left and not old and is_baking(service, watched):
        return pending(observed, "baking", f"{text}, ECS watches {', '.join(alarms_of(service))}")
    if others and is_staged(service) and is_open(observed):
        # both versions run until CLEAN_UP, while traffic is shifted
        return pending(observed, "shifting", f"{text}, {old} old running")
    if left or others:
        return pending(observed, "draining", f"{text}, {old} old running")
    if (watched.get("rolloutState") or "COMPLETED") != "COMPLETED" or is_open(observed):
        return pending(observed, "settling", text, likely_done=True)
    return _with_targets(observed, rules, watched, desired)


def _waiting(observed: Observation, hook: DeploymentLifecycleHookDetail) -> Verdict:
    """Return the verdict on a deployment that waits for an answer."""
    record = observed.service_deployment or {}
    stage = str(record.get("lifecycleStage") or "")
    where = f" at {in_words(stage)}" if stage else ""
    found = final(observed, WAITING, f"its deployment waits for an answer{where}{expiry_text(hook)}", "")
    arn = record.get("serviceDeploymentArn") or ""
    return replace(found, hook={**hook_of(record), "deployment_arn": arn, "stage": stage})


def _with_targets(observed: Observation, rules: Rules, watched: Deployment, desired: int) -> Verdict:
    """Judge a deployment whose tasks all run: by its targets or its containers' health, then by its soak time."""
    text = counts_text(observed, watched)
    asked = rules.healthy_targets is not False and bool(balancers_of(observed.service or {}))
    if asked and (observed.targets is None or not observed.targets_fresh):
        return pending(observed, "settling", text, needs=("targets",), likely_done=True)
    if asked and healthy_count(observed.targets or {}, observed.service or {}) < desired:
        return pending(observed, "targets", text, likely_done=True)
    alone = rules.healthy_tasks and desired > 0 and not target_groups(observed.service or {})
    if alone and observed.health is None:
        return pending(observed, "settling", text, needs=("health",), likely_done=True)
    if alone and not_healthy(observed.health):
        return pending(observed, "health", text, likely_done=True)
    soaked, soak = observed.phase_seconds if observed.memory.phase == STEADY else 0, _soak(observed, rules, watched)
    if soaked < soak:
        state = "checking whether it stays" if rules.stable_for is None else "steady"
        return replace(pending(observed, STEADY, f"{text}, {state}", likely_done=True), soak=soak)
    return Verdict(
        STEADY,
        STEADY,
        watched.get("id"),
        message=f"{name_of(observed)} is steady: {text}",
        progress=f"steady, {text}",
        counts=counts_of(watched),
    )


def _soak(observed: Observation, rules: Rules, watched: Deployment) -> float:
    """Return for how many seconds a service has to stay as it is to count as steady."""
    if rules.stable_for is not None:
        return rules.stable_for
    if target_groups(observed.service or {}) or observed.health or not watched.get("desiredCount"):
        return 0
    if observed.memory.lost_before or losses(observed, watched) or failures_seen(observed, watched):
        return STAYS_AFTER_A_LOSS_FOR
    return 0 if observed.memory.was_complete else STAYS_FOR


def settle_task_set(observed: Observation, rules: Rules, task_set: TaskSet, watched: Deployment) -> Verdict:
    """Judge how far a task set has come, failures aside."""
    text = counts_text(observed, watched)
    stable = task_set.get("stabilityStatus") == "STEADY_STATE" and not watched["pendingCount"]
    if not stable or watched["runningCount"] != watched["desiredCount"]:
        return pending(observed, "starting", text)
    if task_set.get("status") != "PRIMARY":
        return pending(observed, "draining", f"{text}, traffic not shifted yet")
    return _with_targets(observed, rules, watched, watched["desiredCount"])
