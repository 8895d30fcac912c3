# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge a rollout: plain data in, a verdict out.

Nothing here calls AWS, reads a clock or knows Ansible.  Services, tasks, targets and service deployments are what boto3
returns for DescribeServices, DescribeTasks, DescribeTargetHealth and DescribeServiceDeployments.

One answer is enough to check whether a service is steady now::

    judge.is_steady(service)

A wait passes one C(Observation) per poll and gets a C(Verdict); it fetches what the verdict C(needs) and asks again.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

from ..diagnose import mentions, unhealthy
from ..outcomes import OUTCOMES, PENDING, STEADY
from ..shapes import Deployment, Service, ServiceEvent, Targets, TaskSet, Timestamp
from .answers import (
    as_deployment,
    controller,
    desired_count,
    family_of,
    is_before,
    is_guarded,
    is_staged,
    primary_of,
    primary_set_of,
)
from .failing import as_timed_out, fail_with_tasks, failed_primary, unless_failing
from .observation import Observation, Phase, Rules, Verdict, task_set_of, watched_of
from .settling import settle, settle_task_set
from .signs import all_events
from .stages import OPEN, ROLLING_BACK, is_tripped, no_version, stage_text
from .verdicts import counts_text, final, pending

# Seconds for which reads may miss a new deployment: the ECS API is eventually consistent.
VISIBLE_WITHIN = 30
# Seconds for which reads may miss a service that this run created, or return a deleted one of the same name:
# propagationTimeout of Terraform's AWS provider (internal/service/ecs/consts.go).
CREATED_WITHIN = 120
# The outcomes that a stale read may suggest, too.
NEEDS_CONFIRMATION = tuple(name for name, outcome in OUTCOMES.items() if outcome.needs_confirmation)
# Seconds that the service deployment may stay open after another deployment became PRIMARY.
RECORD_LAGS_FOR = 60


def verdict(observed: Observation, rules: Rules | None = None) -> Verdict:
    """Judge one observation of a service.

    :param rules: the caller's requirements; by default those of the module.
    :returns: a final verdict, or a pending one with its progress and needs.
    """
    rules = rules or Rules()
    found = _judge(observed, rules)
    over = rules.timeout is not None and observed.waited >= rules.timeout
    if (
        rules.confirm
        and _needs_confirmation(found, observed)
        and observed.memory.unconfirmed != found.outcome
        and not over
    ):
        again = pending(observed, observed.memory.phase, f"{found.progress}, looking again", likely_done=True)
        return replace(again, unconfirmed=found.outcome, rollback_id=found.rollback_id)
    if found.final or found.needs or not over:
        return found
    return (
        replace(found, needs=("health",))
        if _needs_health(found, observed, rules)
        else as_timed_out(found, observed, rules)
    )


def _needs_confirmation(found: Verdict, observed: Observation) -> bool:
    """Return whether a stale read could suggest this outcome; a record of a completed rollback is never stale."""
    recorded = (observed.service_deployment or {}).get("status") == "ROLLBACK_SUCCESSFUL"
    return found.outcome in NEEDS_CONFIRMATION and not (found.outcome == "rolled_back" and recorded)


def _needs_health(found: Verdict, observed: Observation, rules: Rules) -> bool:
    """Return whether ECS may still be waiting for a container's health check, as all tasks run."""
    watched = watched_of(observed) or {}
    unknown = rules.healthy_tasks and observed.health is None and not unhealthy(observed.targets or {})
    waiting = found.phase in ("starting", "draining", "shifting", "settling", "targets")
    return unknown and waiting and watched.get("runningCount", 0) >= desired_count(watched) > 0


def timed_out(observed: Observation, rules: Rules) -> Verdict:
    """Return the verdict when time is up and AWS does not answer, by the last observation."""
    return as_timed_out(replace(_judge(observed, rules), outcome=PENDING), observed, rules)


def is_steady(
    service: Service,
    targets: Targets | None = None,
    health: t.Mapping[str, str] | None = None,
) -> bool:
    """Return whether a service is steady, by one answer of DescribeServices.

    :param targets: the TargetHealthDescriptions by target group ARN; C(None) ignores them.
    :param health: C(healthStatus) by C(task/container), for a service without targets; C(None) ignores it.
    """
    rules = Rules(healthy_targets=targets is not None, stable_for=0, healthy_tasks=health is not None, timeout=None)
    observed = Observation(service=service, targets=targets, health=health, service_deployment={})
    return verdict(observed, rules).outcome == STEADY


def _judge(observed: Observation, rules: Rules) -> Verdict:
    service = observed.service
    if service is None:
        return _missing(observed)
    if service.get("status") in ("DRAINING", "INACTIVE") and _new(observed, CREATED_WITHIN):
        return pending(observed, "absent", "not visible yet, a deleted service of this name is", likely_done=True)
    if service.get("status") in ("DRAINING", "INACTIVE"):
        return final(observed, "gone", f"the service has been deleted (it is {service['status']})", "")
    if controller(service) != "ECS":
        return _judge_task_sets(observed, rules)
    return _judge_deployments(observed, rules)


def _new(observed: Observation, within: float) -> bool:
    """Return whether reads may still miss what this run created, as none has shown it so far."""
    unseen = observed.memory.created_at is None and observed.memory.unseen
    return bool(observed.memory.deployment_id) and unseen and observed.phase_seconds < within


def _missing(observed: Observation) -> Verdict:
    if _new(observed, CREATED_WITHIN):
        return pending(observed, "absent", "not visible yet", likely_done=True)
    where = f" in cluster {observed.cluster}" if observed.cluster else ""
    return final(observed, "gone", f"there is no such service{where}", "MISSING")


def _judge_deployments(observed: Observation, rules: Rules) -> Verdict:
    service = observed.service or {}
    watched, primary = watched_of(observed), primary_of(service)
    if watched is None and observed.memory.unseen and observed.phase_seconds < VISIBLE_WITHIN:
        return pending(observed, "absent", "the deployment is not visible yet", likely_done=True)
    if watched is None and primary is None:
        return final(observed, "gone", "the service has no deployment", "")
    if watched is None or watched.get("status") != "PRIMARY":
        return _displaced(observed, watched, primary or {})
    if (is_staged(service) or observed.memory.rollback_asked) and observed.service_deployment is None:
        return pending(observed, "starting", counts_text(observed, watched), needs=("service_deployment",))
    ended = _ended_by_service_deployment(observed, watched)
    if ended:
        return ended
    if observed.memory.rollback_asked:
        return pending(
            observed, "rolling_back", f"rollback requested, {counts_text(observed, watched)}", likely_done=True
        )
    if watched.get("rolloutState") == "FAILED":
        return failed_primary(observed, watched)
    return unless_failing(observed, watched, rules, settle(observed, watched, rules))


def _began(observed: Observation, watched: Deployment | TaskSet | None) -> Timestamp | None:
    """Return when the watched deployment began, C(None) if it was never visible."""
    return (watched or {}).get("createdAt") or observed.memory.created_at


def _displaced(observed: Observation, watched: Deployment | None, primary: Deployment) -> Verdict:
    """Judge a service whose PRIMARY deployment is another one: a rollback, a newer deployment, or a stale read."""
    back = _is_rollback(observed, watched, primary)
    phase: Phase = "rolling_back" if back else "displaced"
    if observed.service_deployment is None:
        return pending(
            observed, observed.memory.phase or phase, counts_text(observed, primary), needs=("service_deployment",)
        )
    status = observed.service_deployment.get("status")
    # a new deployment ends a rollback that is in progress, and ECS records that as a failed rollback
    newer = is_before(_began(observed, watched), primary.get("createdAt"))
    replaced = status == "ROLLBACK_FAILED" and not back and newer
    ended = None if replaced else _ended_by_service_deployment(observed, watched or {})
    if ended:
        return replace(ended, rollback_id=primary.get("id") or "") if back else ended
    if status in OPEN and not (observed.memory.phase == phase and observed.phase_seconds >= RECORD_LAGS_FOR):
        return pending(
            observed, phase, f"ECS goes on with it, {counts_text(observed, watched or {})}", likely_done=True
        )
    if back:
        return _rolling_back(observed, watched, primary)
    return _replaced(observed, watched, primary, "deployment", str(status or ""))


def _replaced(
    observed: Observation,
    watched: Deployment | TaskSet | None,
    primary: Deployment | TaskSet,
    kind: str,
    status: str = "",
) -> Verdict:
    """Return the failure if another deployment or task set replaced the watched one, or that never existed."""
    seen = _began(observed, watched) is not None or watched is not None or not observed.memory.unseen
    if not seen and not status:
        gone = final(observed, "gone", f"the service has no {kind} {observed.memory.deployment_id}", "")
        return replace(gone, next_step="Correct deployment_id, or leave it out: the PRIMARY one is watched then.")
    how = "succeeded, and has since been replaced" if status == "SUCCESSFUL" else "was replaced before it was steady"
    other = primary.get("id") or f"a newer {kind}"
    return final(observed, "superseded", f"{kind} {observed.memory.deployment_id} {how} by {other}", family_of(primary))


def _is_rollback(observed: Observation, watched: Deployment | None, primary: Deployment) -> bool:
    """Return whether the PRIMARY deployment is ECS's rollback of the watched one."""
    if observed.memory.rollback_id:
        return primary.get("id") == observed.memory.rollback_id
    record = observed.service_deployment or {}
    back_to = str((record.get("rollback") or {}).get("serviceRevisionArn") or "")
    if back_to and back_to.rpartition("/")[2] == str(primary.get("id") or "").rpartition("/")[2]:
        return True
    if record.get("status") in ("STOPPED", "SUCCESSFUL") and not back_to and not is_tripped(record):
        # a newer deployment replaced it, which may have been rolled back itself
        return False
    if is_before(primary.get("createdAt"), _began(observed, watched)):
        return True
    asked_for = observed.memory.rollback_to if observed.memory.rollback_asked else ""
    if record.get("status") and asked_for and asked_for != family_of(primary):
        return False
    if observed.memory.rollback_asked or mentions(
        primary.get("rolloutStateReason") or "", ("rolling back", "rollback")
    ):
        return True
    if watched and watched.get("rolloutState") == "FAILED" and is_guarded(observed.service or {}):
        return True
    # a service keeps the events of other deployments' rollbacks, too
    since = _began(observed, watched)
    seen = since is not None or not observed.memory.unseen
    events = [event for event in all_events(observed) if not is_before(event.get("createdAt"), since or 0)]
    return any(
        _is_rollback_event(event, observed.memory.deployment_id, primary.get("id") if seen else None)
        for event in events
    )


def _is_rollback_event(event: ServiceEvent, watched_id: str | None, primary_id: str | None) -> bool:
    message = event.get("message") or ""
    failed = f"{watched_id}) deployment failed" in message
    back = re.search(r"rolling back to deployment(?:Id)? (\S+?)\.?$", message)
    return failed or (back is not None and back.group(1) == primary_id)


def _rolling_back(observed: Observation, watched: Deployment | None, primary: Deployment) -> Verdict:
    state = primary.get("rolloutState")
    if state == "FAILED":
        return fail_with_tasks(observed, watched, "rollback_failed", primary.get("rolloutStateReason") or "")
    settled = state == "COMPLETED" and primary.get("runningCount", 0) == primary.get("desiredCount", 0)
    if settled:
        found = fail_with_tasks(observed, watched, "rolled_back", (watched or {}).get("rolloutStateReason") or "")
    else:
        found = pending(observed, "rolling_back", f"rolling back, {counts_text(observed, primary)}", likely_done=True)
    return replace(found, rollback_id=primary.get("id") or "")


def _ended_by_service_deployment(observed: Observation, watched: Deployment) -> Verdict | None:
    """Return the verdict by the service deployment, C(None) if that does not end or roll back the deployment."""
    record = observed.service_deployment or {}
    status = record.get("status")
    reason = record.get("statusReason") or (record.get("rollback") or {}).get("reason") or ""
    if status == "ROLLBACK_SUCCESSFUL":
        return fail_with_tasks(observed, watched, "rolled_back", reason)
    nowhere = no_version(record) if status == "ROLLBACK_FAILED" else ""
    if nowhere:
        # ECS's reason is about the rollback, not about the failure
        return replace(fail_with_tasks(observed, watched, "", ""), no_version=nowhere)
    if status == "ROLLBACK_FAILED":
        return fail_with_tasks(observed, watched, "rollback_failed", reason)
    if status in ROLLING_BACK:
        now = counts_text(observed, primary_of(observed.service or {}) or {})
        return pending(observed, "rolling_back", f"rolling back, {now}{stage_text(observed)}", likely_done=True)
    if status == "STOPPED" and is_tripped(record):
        return fail_with_tasks(observed, watched, "", reason)
    if status == "STOPPED" and watched.get("status") == "PRIMARY":
        return final(observed, "stopped", "the deployment was stopped", reason)
    return None


def _judge_task_sets(observed: Observation, rules: Rules) -> Verdict:
    task_set = task_set_of(observed)
    if task_set is None and observed.memory.unseen and observed.phase_seconds < VISIBLE_WITHIN:
        return pending(observed, "absent", "no task set is visible yet", likely_done=True)
    if task_set is None or task_set.get("status") == "DRAINING":
        return _replaced_task_set(observed, task_set, primary_set_of(observed.service or {}))
    watched = as_deployment(task_set)
    return unless_failing(observed, watched, rules, settle_task_set(observed, rules, task_set, watched))


def _replaced_task_set(observed: Observation, watched: TaskSet | None, primary: TaskSet | None) -> Verdict:
    if primary is None:
        gone = final(observed, "gone", "the service has no PRIMARY task set", "")
        return replace(
            gone, next_step="Make a task set of it the PRIMARY one, with the tool that deploys this service."
        )
    if is_before(primary.get("createdAt"), _began(observed, watched)):
        return final(observed, "rolled_back", f"traffic is back on the older task set {primary.get('id')}", "")
    return _replaced(observed, watched, primary, "task set")
