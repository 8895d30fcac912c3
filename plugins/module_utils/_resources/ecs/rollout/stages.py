# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The stage, traffic and hooks of a deployment, by ECS's record of it (DescribeServiceDeployments)."""

from __future__ import annotations

import datetime
import typing as t

from ..diagnose import mentions, seconds
from ..shapes import DeploymentLifecycleHookDetail, ServiceDeployment
from .answers import first
from .observation import Observation

OPEN = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED")
STAGES = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
)
"""The lifecycle stages in their order: API_ServiceDeployment and API_DeploymentLifecycleHook."""
ROLLING_BACK = ("ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")


FIX = "so there is no version to roll back to: fix the cause and run again."
FIRST = f"This was its first deployment, {FIX}"
NONE_SUCCEEDED = f"No deployment of it has succeeded yet, {FIX}"
NO_CANDIDATE = "No rollback candidate"


def has_no_candidate(reason: str) -> bool:
    """Return whether ECS found no completed deployment to roll back to, by C(statusReason) of the service deployment.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/action-logs-troubleshooting.html
    """
    return mentions(reason, (NO_CANDIDATE,))


def no_version(record: ServiceDeployment) -> str:
    """Return a sentence if a ROLLBACK_FAILED service deployment had no version to roll back to, else an empty string.

    The first deployment has a target, but no source ('The currently deployed workload configuration').
    """
    if record.get("targetServiceRevision") and not record.get("sourceServiceRevisions"):
        return FIRST
    return NONE_SUCCEEDED if has_no_candidate(record.get("statusReason") or "") else ""


def is_tripped(record: ServiceDeployment) -> bool:
    guards = (record.get("deploymentCircuitBreaker") or {}, record.get("alarms") or {})
    return any(guard.get("status") == "TRIGGERED" for guard in guards)


def is_open(observed: Observation) -> bool:
    return (observed.service_deployment or {}).get("status") in OPEN


def in_words(constant: str) -> str:
    """Return a constant of AWS in words: C(SCALE_UP) as C(scale up)."""
    return constant.lower().replace("_", " ")


def stage_text(observed: Observation) -> str:
    """Return the lifecycle stage, the share of traffic and the hooks, as far as ECS reports them."""
    return "".join(f", {part}" for part in stage_of(observed.service_deployment or {}))


def stage_of(record: ServiceDeployment) -> list[str]:
    """Return the lifecycle stage, the share of traffic and the hooks of a deployment in progress, in words."""
    if record.get("status") not in (*OPEN, *ROLLING_BACK):
        return []
    target = record.get("targetServiceRevision") or {}
    stage = in_words(record.get("lifecycleStage") or "")
    production, test = (target.get(f"requested{kind}TrafficWeight") for kind in ("Production", "Test"))
    parts = [stage] if stage else []
    parts += [f"{production:g}% of the traffic on it"] if production is not None else []
    parts += [f"{test:g}% of the test traffic"] if test else []
    hooks = record.get("lifecycleHookDetails") or []
    return parts + [_hook_text(hook) for hook in hooks if hook.get("status") != "SUCCEEDED"]


def waiting_hook(record: ServiceDeployment) -> DeploymentLifecycleHookDetail | None:
    """Return the hook that waits for an answer."""
    return first(record.get("lifecycleHookDetails"), lambda hook: hook.get("status") == "AWAITING_ACTION")


def stages_to_come(record: ServiceDeployment) -> list[str]:
    """Return the stages at which a deployment will wait for an answer, in order."""
    configured = t.cast("dict[str, t.Any]", record.get("deploymentConfiguration") or {})
    hooks = configured.get("lifecycleHooks") or []
    asking = {stage for hook in hooks if is_pause(hook) for stage in hook.get("lifecycleStages") or []}
    now = record.get("lifecycleStage")
    answered = any(is_pause(hook) for hook in record.get("lifecycleHookDetails") or [])
    left = STAGES[STAGES.index(now) + answered :] if now in STAGES else STAGES
    return [stage for stage in left if stage in asking]


def is_pause(hook: t.Mapping[str, t.Any]) -> bool:
    """Return whether a hook waits for a person's answer, not for a Lambda function."""
    return hook.get("targetType") == "PAUSE"


def hook_of(record: ServiceDeployment) -> dict[str, str]:
    """Return the hook that waits for an answer as C({id, expires_at, timeout_action}); empty if none does."""
    hook = waiting_hook(record)
    if not hook:
        return {}
    return {
        "id": hook_name(hook),
        "expires_at": utc_text(hook["expiresAt"]) if hook.get("expiresAt") else "",
        "timeout_action": hook.get("timeoutAction") or "",
    }


ANSWERED_ROLLBACK = "answered with rollback"
"""How a pause ended that someone answered with ROLLBACK."""


def is_denied(hook: DeploymentLifecycleHookDetail) -> bool:
    """Return whether someone answered a pause with ROLLBACK, the only way in which one can fail."""
    return hook.get("status") == "FAILED" and is_pause(hook)


def alarm_text(names: t.Sequence[str]) -> str:
    return f"alarm {' or '.join(names)}" if names else "an alarm"


def hook_name(hook: DeploymentLifecycleHookDetail) -> str:
    return str(hook.get("hookId") or (hook.get("targetArn") or "").rpartition(":")[2] or "without a name")


def _hook_text(hook: DeploymentLifecycleHookDetail) -> str:
    status = hook.get("status")
    if status == "AWAITING_ACTION":
        return f"hook {hook_name(hook)} waits for your answer{expiry_text(hook)}"
    return f"hook {hook_name(hook)} {'runs' if status == 'IN_PROGRESS' else in_words(str(status))}"


def expiry_text(hook: DeploymentLifecycleHookDetail) -> str:
    """Return until when a hook waits, and what ECS does then (timeoutAction of DeploymentLifecycleHookDetail)."""
    if not hook.get("expiresAt"):
        return ""
    then = "goes on" if hook.get("timeoutAction") == "CONTINUE" else "rolls back"
    return f" until {utc_text(hook['expiresAt'])}, then ECS {then}"


def utc_text(at: t.Any) -> str:
    return f"{datetime.datetime.fromtimestamp(seconds(at), datetime.UTC):%Y-%m-%d %H:%M:%S}Z"
