# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Build verdicts and their texts: pending with progress, failed with cause and next step."""

from __future__ import annotations

import typing as t

from ..diagnose import CONTAINER_CHECK, UNHEALTHY, Failure, next_step, unhealthy
from ..outcomes import OUTCOMES, PENDING, Cause, OutcomeName
from ..shapes import Deployment, Targets
from .answers import counts_of, not_healthy
from .observation import Need, Observation, Phase, Verdict, watched_of
from .signs import signs_of

# The target states that are reported, in this order.
TARGET_STATES = ("healthy", "initial", *UNHEALTHY, "draining")


def final(
    observed: Observation,
    outcome: OutcomeName,
    headline: str,
    reason: str,
    cause: Cause = "",
    main: Failure | None = None,
) -> Verdict:
    """Return the verdict that ends a wait with an outcome, with AWS's reason and the next step."""
    because = f": {reason.rstrip('.')}" if reason not in headline else ""
    steps = [next_step(outcome, reason, main)]
    if OUTCOMES[outcome].due_to_another and cause:
        steps.append(next_step(cause, reason, main))
    return Verdict(
        outcome,
        outcome,
        observed.memory.deployment_id or (watched_of(observed) or {}).get("id"),
        cause=cause,
        reason=reason,
        message=f"{name_of(observed)}: {headline}{because}.",
        next_step=" ".join(steps),
        progress=f"{outcome}, {headline}",
        counts=counts_of(watched_of(observed) or {}),
    )


def pending(
    observed: Observation, phase: Phase, progress: str, needs: tuple[Need, ...] = (), likely_done: bool = False
) -> Verdict:
    """Return the verdict with which a wait goes on."""
    watched = watched_of(observed) or {}
    return Verdict(
        PENDING,
        phase,
        observed.memory.deployment_id or watched.get("id"),
        progress=progress,
        needs=needs,
        likely_done=likely_done,
        signs=signs_of(observed, watched),
        counts=counts_of(watched),
    )


def checks_text(observed: Observation) -> str:
    """Return the container health checks that are not HEALTHY, with their commands."""
    texts = []
    for text in not_healthy(observed.health):
        name = text.removeprefix(f"{CONTAINER_CHECK} of ").rpartition(" ")[0]
        command = list(observed.commands.get(name) or [])
        shown = f" (command: {' '.join(command)})" if command else ""
        prefix = command and command[0] not in ("CMD", "CMD-SHELL", "NONE")
        texts.append(text + shown + (", which begins with neither CMD nor CMD-SHELL" if prefix else ""))
    return "; ".join(texts)


def counts_text(observed: Observation, deployment: Deployment) -> str:
    counts = counts_of(deployment)
    parts = [f"{counts['running']}/{counts['desired']} running"]
    parts += [f"{counts[name]} {name}" for name in ("pending", "failed") if counts[name]]
    if observed.targets is not None:
        parts.append(_targets_text(observed.targets))
    parts += not_healthy(observed.health)
    return ", ".join(parts)


def _targets_text(targets: Targets) -> str:
    items = [item for group in targets.values() for item in group]
    bad = unhealthy(targets)
    states = [str((item.get("TargetHealth") or {}).get("State") or "") for item in items]
    return f"targets {states_text(states)}" + (f" ({bad[0]})" if bad else "")


def states_text(states: t.Sequence[str]) -> str:
    """Return the number of targets in each state, as C(2 healthy, 2 draining (old)); I(states): one per target."""
    counted = {state: states.count(state) for state in TARGET_STATES}
    # draining targets were deregistered: tasks of the previous version, or of a scale-in
    old = {"draining": " (old)", "unhealthy.draining": " (old)"}
    shown = {state: number for state, number in counted.items() if number or state == "healthy"}
    return ", ".join(f"{number} {state}{old.get(state, '')}" for state, number in shown.items())


def name_of(observed: Observation) -> str:
    return observed.name or (observed.service or {}).get("serviceName") or "the service"
