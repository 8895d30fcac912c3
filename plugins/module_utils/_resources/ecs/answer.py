# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how to continue a deployment in progress, or roll it back.  Plain data in and out."""

from __future__ import annotations

import typing as t

from ..._aws.refused import RefusedError
from .rollout.stages import (
    ANSWERED_ROLLBACK,
    ROLLING_BACK,
    alarm_text,
    in_words,
    is_denied,
    stage_of,
    stages_to_come,
    waiting_hook,
)
from .shapes import DeploymentLifecycleHookDetail, ServiceDeployment

# The states in which ContinueServiceDeployment and StopServiceDeployment still have an effect (API_ServiceDeployment).
OPEN = ("PENDING", "IN_PROGRESS")
STOPPING = ("STOP_REQUESTED", *ROLLING_BACK)
STOPPED = ("ROLLBACK_SUCCESSFUL", "STOPPED")


class Step(t.NamedTuple):
    """The API action to call, and the message for the user.

    :param call: ContinueServiceDeployment, StopServiceDeployment, or empty if there is nothing to do.
    :param hook_id: the hook to answer, for ContinueServiceDeployment.
    """

    call: str
    message: str
    hook_id: str = ""


def newest(records: t.Iterable[ServiceDeployment]) -> ServiceDeployment | None:
    """Return the newest service deployment, None if there are none."""
    return max(records, key=_order, default=None)


def _order(record: ServiceDeployment) -> t.Any:
    return record.get("createdAt") or record.get("startedAt")


def step(service: str, record: ServiceDeployment | None, action: str, hook_id: str = "") -> Step:
    """Return the call that answers a deployment.

    :param record: the newest service deployment as DescribeServiceDeployments returns it.
    :param action: C(continue) or C(rollback).
    :param hook_id: the hook to answer; empty for the one that is waiting.
    :raises RefusedError: if the opposite has already happened, or there is no deployment.
    """
    if record is None:
        raise RefusedError(f"Service '{service}' has no deployment that ECS remembers. Deploy it with site.yml.")
    status = str(record.get("status"))
    hook = waiting_hook(record)
    if hook and hook_id not in ("", hook["hookId"]):
        raise RefusedError(
            f"Service '{service}' waits at hook {hook['hookId']}, not at {hook_id}: another deployment was started"
            " since. Look at it with status.yml, and answer that one."
        )
    return _continue(service, record, hook) if action == "continue" else _roll_back(service, status, hook)


def _continue(service: str, record: ServiceDeployment, hook: DeploymentLifecycleHookDetail | None) -> Step:
    status = str(record.get("status"))
    if hook and status in OPEN:
        return Step("ContinueServiceDeployment", f"{service} goes on.", str(hook["hookId"]))
    if status in OPEN:
        return Step("", _no_answer_needed(service, record))
    if status == "SUCCESSFUL":
        return Step("", f"{service} waits for no answer: its last deployment was successful.")
    gone = "goes back" if status in STOPPING else f"ended as {status}"
    raise RefusedError(
        f"Service '{service}' can't go on: its deployment {gone}, {_rollback_cause(record)}. Check with status.yml, and"
        " deploy again with site.yml."
    )


def _no_answer_needed(service: str, record: ServiceDeployment) -> str:
    """Return a message with the current stage, and the stage at which the deployment will wait for an answer."""
    where = f", at the stage {stage_of(record)[0]}" if record.get("lifecycleStage") else ""
    later = next(iter(stages_to_come(record)), "")
    if not later:
        return f"{service} waits for no answer: its deployment goes on already{where}."
    return (
        f"{service} waits for no answer yet: its deployment is under way{where}, and asks at"
        f" {in_words(later)}. Answer it then; status.yml says when it waits."
    )


def _rollback_cause(record: ServiceDeployment) -> str:
    """Return why a deployment was rolled back, as far as its record shows it."""
    alarms = record.get("alarms") or {}
    if alarms.get("status") == "TRIGGERED":
        return f"by {alarm_text(alarms.get('triggeredAlarmNames') or alarms.get('alarmNames') or [])}"
    hooks = record.get("lifecycleHookDetails") or []
    if any(hook.get("status") == "TIMED_OUT" for hook in hooks):
        return "because nobody answered in time"
    if any(is_denied(hook) for hook in hooks):
        return ANSWERED_ROLLBACK
    return "by someone else's answer, an alarm or a timeout"


def _roll_back(service: str, status: str, hook: DeploymentLifecycleHookDetail | None) -> Step:
    if hook and status in OPEN:
        return Step("ContinueServiceDeployment", f"{service} goes back.", str(hook["hookId"]))
    if status in OPEN:
        return Step("StopServiceDeployment", f"{service} goes back.")
    if status in STOPPING:
        return Step("", f"{service} goes back already.")
    if status in STOPPED:
        return Step("", f"{service} went back already.")
    raise RefusedError(
        f"Service '{service}' has no deployment under way: the last one ended as {status}. To undo it, run"
        " rollback.yml."
    )
