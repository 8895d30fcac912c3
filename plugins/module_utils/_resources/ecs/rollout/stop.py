# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find what stopped a deployment other than failed tasks: an alarm, a hook or a person."""

from __future__ import annotations

import typing as t

from ..diagnose import mentions, messages_of
from ..messages.rows import without_names
from ..messages.words import FIX_THE_ALARM
from ..shapes import Deployment, DeploymentLifecycleHookDetail
from .answers import alarms_of
from .observation import Observation
from .signs import events_since
from .stages import ANSWERED_ROLLBACK, alarm_text, hook_name, is_denied


class Stop(t.NamedTuple):
    """What stopped a deployment, as the subject of a sentence, and what to do next."""

    by: str
    next_step: str


BY_SOMEONE = Stop("someone", "Deploy again if that was not intended.")
AFTER_HOOK = "Read the log of the hook's function, and deploy again."

# Words for a person's stop: the first is from public logs of ECS, the others are what other AWS services use.
BY_HAND = (
    "by the user",
    "by user",
    "by customer",
    "by the customer",
    "user request",
    "user-initiated",
    "StopServiceDeployment",
    "manually ",
    "manual stop",
    "manual rollback",
)


def stop_of(observed: Observation, watched: Deployment, reason: str) -> Stop | None:
    """Return what stopped the deployment; None if it was failed tasks, or this run.

    Source: C(status) of ServiceDeploymentAlarms and ServiceDeploymentCircuitBreaker in the API reference, 'Stopping
    Amazon ECS service deployments' in the Developer Guide; the event's words are from public logs of ECS.
    """
    record = observed.service_deployment or {}
    alarms = record.get("alarms") or {}
    texts = [reason, *messages_of(events_since(observed, watched))]
    if alarms.get("status") == "TRIGGERED" or any(mentions(text, ("alarm detected", "an alarm")) for text in texts):
        configured = alarms_of(observed.service or {}) or alarms.get("alarmNames") or []
        return Stop(alarm_text(alarms.get("triggeredAlarmNames") or configured), FIX_THE_ALARM)
    hooks = [hook for hook in record.get("lifecycleHookDetails") or [] if hook.get("status") in ("FAILED", "TIMED_OUT")]
    if hooks:
        return _by_hook(hooks[0])
    if mentions(reason, ("lifecycle hook",)):
        return Stop("a lifecycle hook that failed", AFTER_HOOK)
    return BY_SOMEONE if _by_hand(reason) and not observed.memory.rollback_asked else None


def _by_hook(hook: DeploymentLifecycleHookDetail) -> Stop:
    name = f"hook {hook_name(hook)}"
    if hook.get("status") == "TIMED_OUT":
        return Stop(f"{name} that got no answer in time", "Deploy again, and answer the hook in time.")
    if is_denied(hook):
        return Stop(f"{name}, {ANSWERED_ROLLBACK}", "Fix the problem with this version and deploy again.")
    return Stop(f"{name} that failed", AFTER_HOOK)


def _by_hand(reason: str) -> bool:
    """Return whether a reason says that a person stopped a deployment or rolled it back."""
    return mentions(without_names(reason), BY_HAND)
