# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judge a rollout: plain data in, a verdict out.

Nothing here calls AWS, reads a clock or knows Ansible. C(service), C(tasks),
C(targets) and C(service_deployment) are the dictionaries that boto3 returns
for DescribeServices, DescribeTasks, DescribeTargetHealth and
DescribeServiceDeployments.

One look is enough to ask whether a service is steady now::

    judge.is_steady(service)

A wait hands in a C(Look) a poll and gets a C(Verdict); what the verdict
C(wants) is fetched and the same moment judged again.
"""

from __future__ import annotations

import math
import re
import typing as t
from dataclasses import dataclass, field, replace

from .diagnose import (
    CONTAINER_CHECK,
    NOT_IN_USE,
    SICK,
    STILL_WATCHED,
    USE_THEM,
    Data,
    Failure,
    failures_of,
    main_failure,
    next_step,
    says,
    seconds,
    started,
    told_by,
    troubles,
    unhealthy,
    unlaunched,
    unplaced,
    what,
)
from .outcomes import OUTCOMES, STEADY

PENDING = "pending"

# A new service or deployment may be missing from reads for a moment:
# "Amazon ECS API … eventual consistency", as the AWS API references say.
VISIBLE_WITHIN = 10
# What a read that lags says, too, of a service or deployment that is there.
DOUBTFUL = tuple(name for name, outcome in OUTCOMES.items() if outcome.needs_confirmation)
# Those of a target that are worth telling, in this order.
TARGET_STATES = ("healthy", "initial", *SICK, "draining")
# How long a FAILED deployment may stay PRIMARY before its announced rollback must show.
ROLLBACK_SHOWS_WITHIN = 30
# ECS does not count a task as failed that has been RUNNING, where no health check tells more (failedTasks of Deployment
# in the API reference; aws/containers-roadmap, issue 1206).  So its tasks have to stay for so many seconds,
STAYS_FOR = 10
# and for so many where some of the deployment have stopped.
STAYS_AFTER_A_LOSS_FOR = 30


@dataclass(frozen=True)
class Rules:
    """What the caller asks for; times in seconds."""

    healthy_targets: bool | None = None  # None: where the service has load balancers
    stable_for: float | None = None  # None: 0 where a load balancer or a health check tells, else STAYS_FOR
    timeout: float | None = 900
    crash_threshold: int | None = None  # None: as ECS's circuit breaker
    second_look: bool = False  # one of DOUBTFUL has to be seen by two looks
    healthy_tasks: bool = True  # asked where there are no targets to ask


@dataclass(frozen=True)
class Look:
    """All that is known of one service at one moment.

    C(None) says 'not looked at'; an empty value says 'looked at, nothing there'.

    :param deployment_id: what to watch; C(None) for the PRIMARY of the moment.
    :param since: seconds since 1970; trouble from before is not this wait's. C(None): since the deployment began.
    :param phase, phase_seconds: the last verdict's phase, and for how long it has been that.
    :param doubt: which of DOUBTFUL the last look said.
    :param signs_seen: the signs of trouble there were when the tasks were looked at.
    :param signs: those of the last verdict.
    :param drops: how often the running count fell below the desired one while nobody asked for fewer.
    :param over: the deployment was over, and not just so, when the wait began.
    :param targets_fresh: false when the targets are of an earlier poll, good for progress only.
    :param health: C(healthStatus) of the containers that have a health check, by C(task/container); asked where the
        service has no targets.
    :param rollback_asked: this wait has asked ECS to roll the deployment back.
    """

    service: Data | None
    name: str = ""
    cluster: str = ""
    deployment_id: str | None = None
    since: float | None = None
    waited: float = 0
    phase: str = ""
    phase_seconds: float = 0
    doubt: str = ""
    signs_seen: int = 0
    signs: int = 0
    drops: int = 0
    over: bool = False
    tasks: t.Sequence[Data] | None = None
    targets: t.Mapping[str, t.Sequence[Data]] | None = None
    targets_fresh: bool = True
    health: t.Mapping[str, str] | None = None
    service_deployment: Data | None = None
    rollback_asked: bool = False


@dataclass(frozen=True)
class Verdict:
    """What the look says: C(outcome) is C(pending) or one of C(OUTCOMES); C(hold) is for how long it has to stay."""

    outcome: str
    phase: str = ""
    deployment_id: str | None = None
    cause: str = ""
    reason: str = ""
    message: str = ""
    next_step: str = ""
    progress: str = ""
    wants: tuple[str, ...] = ()
    near: bool = False
    doubt: str = ""
    signs: int = 0
    hold: float = 0
    counts: t.Mapping[str, int] = field(default_factory=dict)

    @property
    def final(self) -> bool:
        return self.outcome != PENDING


def verdict(look: Look, rules: Rules | None = None) -> Verdict:
    """Judge one look at a service.

    :param look: what is known at this moment.
    :param rules: what is asked for; the defaults of the module when not given.
    :returns: a final verdict, or a pending one with progress and what it wants to know.
    """
    rules = rules or Rules()
    found = _judge(look, rules)
    over = rules.timeout is not None and look.waited >= rules.timeout
    if rules.second_look and found.outcome in DOUBTFUL and look.doubt != found.outcome and not over:
        again = _pending(look, look.phase, f"{found.progress}, looking again", near=True)
        return replace(again, doubt=found.outcome)
    return _timed_out(found, look, rules) if over and not found.final and not found.wants else found


def timed_out(look: Look, rules: Rules) -> Verdict:
    """The verdict when the time is over and there is no fresh answer to judge by."""
    return _timed_out(replace(_judge(look, rules), outcome=PENDING), look, rules)


def is_steady(
    service: Data,
    targets: t.Mapping[str, t.Sequence[Data]] | None = None,
    health: t.Mapping[str, str] | None = None,
) -> bool:
    """Whether one DescribeServices answer shows a steady service.

    :param service: the service, as DescribeServices gives it.
    :param targets: target group ARN to its TargetHealthDescriptions; C(None) leaves health out.
    :param health: what the health checks of containers say, for a service without targets; C(None) leaves it out.
    """
    rules = Rules(healthy_targets=targets is not None, stable_for=0, healthy_tasks=health is not None, timeout=None)
    look = Look(service=service, targets=targets, health=health, service_deployment={})
    return verdict(look, rules).outcome == STEADY


def _judge(look: Look, rules: Rules) -> Verdict:
    service = look.service
    if service is None:
        return _missing(look)
    if service.get("status") in ("DRAINING", "INACTIVE"):
        return _fail(look, "gone", f"the service has been deleted (it is {service['status']})", "")
    if controller(service) != "ECS":
        return _judge_task_sets(look, rules)
    return _judge_deployments(look, rules)


def _missing(look: Look) -> Verdict:
    if look.deployment_id and look.phase in ("", "absent") and look.phase_seconds < VISIBLE_WITHIN:
        return _pending(look, "absent", "not visible yet", near=True)
    where = f" in cluster {look.cluster}" if look.cluster else ""
    return _fail(look, "gone", f"there is no such service{where}", "MISSING")


def controller(service: Data) -> str:
    """The deployment controller's type: ECS, CODE_DEPLOY or EXTERNAL."""
    return (service.get("deploymentController") or {}).get("type") or "ECS"


def strategy(service: Data) -> str:
    """The deployment strategy: ROLLING, BLUE_GREEN, LINEAR or CANARY."""
    return (service.get("deploymentConfiguration") or {}).get("strategy") or "ROLLING"


def target_groups(service: Data) -> list[str]:
    """ARNs of all target groups that the service registers tasks in."""
    found = []
    for balancer in service.get("loadBalancers") or []:
        found.append(balancer.get("targetGroupArn"))
        found.append((balancer.get("advancedConfiguration") or {}).get("alternateTargetGroupArn"))
    for task_set in service.get("taskSets") or []:
        found += [balancer.get("targetGroupArn") for balancer in task_set.get("loadBalancers") or []]
    return sorted({arn for arn in found if arn})


def primary_of(service: Data) -> Data | None:
    """The PRIMARY deployment, if the service has one."""
    return _first(service.get("deployments"), lambda item: item.get("status") == "PRIMARY")


def watched_of(look: Look) -> Data | None:
    """The deployment that is watched: the one asked for, or the PRIMARY of the moment.

    With a CODE_DEPLOY or EXTERNAL controller a task set takes its place, in the words of a deployment.
    """
    service = look.service or {}
    if controller(service) != "ECS":
        task_set = _task_set_of(look)
        return _as_deployment(task_set) if task_set else None
    if not look.deployment_id:
        return primary_of(service)
    return _first(service.get("deployments"), lambda item: item.get("id") == look.deployment_id)


def _judge_deployments(look: Look, rules: Rules) -> Verdict:
    service = look.service or {}
    watched, primary = watched_of(look), primary_of(service)
    if watched is None and look.phase in ("", "absent") and look.phase_seconds < VISIBLE_WITHIN:
        return _pending(look, "absent", "the deployment is not visible yet", near=True)
    if watched is None and primary is None:
        return _fail(look, "gone", "the service has no deployment", "")
    if watched is None or watched.get("status") != "PRIMARY":
        return _displaced(look, watched, primary or {})
    recorded = strategy(service) != "ROLLING" or look.rollback_asked
    if recorded and look.service_deployment is None:
        return _pending(look, "starting", _counts_text(look, watched), wants=("service_deployment",))
    ended = _ended_by_service_deployment(look, watched)
    if ended:
        return ended
    if look.rollback_asked:
        return _pending(look, "rolling_back", f"rollback asked for, {_counts_text(look, watched)}", near=True)
    if watched.get("rolloutState") == "FAILED":
        return _failed_primary(look, watched)
    return _unless_failing(look, watched, rules, _settling(look, watched, rules))


def _displaced(look: Look, watched: Data | None, primary: Data) -> Verdict:
    """Another deployment is PRIMARY: a rollback of ours, or a newer one."""
    if _is_rollback(look, watched, primary):
        return _rolling_back(look, watched, primary)
    if look.service_deployment is None:
        return _pending(look, look.phase or "displaced", _counts_text(look, primary), wants=("service_deployment",))
    ended = _ended_by_service_deployment(look, watched or {})
    if ended:
        return ended
    succeeded = look.service_deployment.get("status") == "SUCCESSFUL"
    how = "succeeded, and has since been replaced" if succeeded else "was replaced before it was steady"
    other = primary.get("id") or "a newer deployment"
    return _fail(look, "superseded", f"deployment {look.deployment_id} {how} by {other}", _family(primary))


def _is_rollback(look: Look, watched: Data | None, primary: Data) -> bool:
    if look.rollback_asked or look.phase == "rolling_back":
        return True
    if says(primary.get("rolloutStateReason") or "", ("rolling back", "rollback")):
        return True
    if watched and watched.get("rolloutState") == "FAILED" and _guarded(look.service or {}):
        return True
    if watched and _before(primary.get("createdAt"), watched.get("createdAt")):
        return True
    return any(_tells_of_rollback(event, look.deployment_id, primary.get("id")) for event in _events(look))


def _tells_of_rollback(event: Data, watched_id: str | None, primary_id: str | None) -> bool:
    message = event.get("message") or ""
    failed = f"{watched_id}) deployment failed" in message
    back = re.search(r"rolling back to deployment(?:Id)? (\S+?)\.?$", message)
    return failed or (back is not None and back.group(1) == primary_id)


def _rolling_back(look: Look, watched: Data | None, primary: Data) -> Verdict:
    state = primary.get("rolloutState")
    if state == "FAILED":
        return _fail_with_tasks(look, watched, "rollback_failed", primary.get("rolloutStateReason") or "")
    settled = state == "COMPLETED" and primary.get("runningCount", 0) == primary.get("desiredCount", 0)
    if settled:
        return _fail_with_tasks(look, watched, "rolled_back", (watched or {}).get("rolloutStateReason") or "")
    return _pending(look, "rolling_back", f"rolling back, {_counts_text(look, primary)}", near=True)


def _ended_by_service_deployment(look: Look, watched: Data) -> Verdict | None:
    """What ECS's own record of our deployment says, where it says an end."""
    record = look.service_deployment or {}
    status = record.get("status")
    reason = record.get("statusReason") or (record.get("rollback") or {}).get("reason") or ""
    if status == "ROLLBACK_SUCCESSFUL":
        return _fail_with_tasks(look, watched, "rolled_back", reason)
    if status == "ROLLBACK_FAILED":
        return _fail_with_tasks(look, watched, "rollback_failed", reason)
    if status in ("ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"):
        now = _counts_text(look, primary_of(look.service or {}) or {})
        return _pending(look, "rolling_back", f"rolling back, {now}", near=True)
    if status == "STOPPED" and _tripped(record):
        return _fail_with_tasks(look, watched, "", reason)
    if status == "STOPPED" and watched.get("status") == "PRIMARY":
        return _fail(look, "stopped", "the deployment was stopped", reason)
    return None


def _tripped(record: Data) -> bool:
    guards = (record.get("deploymentCircuitBreaker") or {}, record.get("alarms") or {})
    return any(guard.get("status") == "TRIGGERED" for guard in guards)


def _failed_primary(look: Look, watched: Data) -> Verdict:
    waited = look.phase_seconds if look.phase == "failed" else 0
    if waited < ROLLBACK_SHOWS_WITHIN and rollback_follows(look.service or {}, watched):
        return _pending(look, "failed", "failed, waiting for ECS to roll back", near=True)
    return _fail_with_tasks(look, watched, "", watched.get("rolloutStateReason") or "")


def _guarded(service: Data) -> bool:
    config = service.get("deploymentConfiguration") or {}
    guards = (config.get("deploymentCircuitBreaker") or {}, config.get("alarms") or {})
    return any(guard.get("enable") and guard.get("rollback") for guard in guards)


def rollback_follows(service: Data, deployment: Data) -> bool:
    """Whether ECS will roll this deployment back when it fails.

    It does where the circuit breaker or the alarms say so and an earlier deployment has
    completed (Amazon ECS Developer Guide, 'How the deployment circuit breaker detects failures').
    One that has itself completed is not rolled back.
    """
    if not _guarded(service) or deployment.get("rolloutState") == "COMPLETED":
        return False
    if len(service.get("deployments") or []) > 1:
        return True
    age = seconds(deployment.get("createdAt")) - seconds(service.get("createdAt"))
    return age > 5


def threshold(service: Data, deployment: Data, record: Data | None = None, given: int | None = None) -> int:
    """How many failed tasks end the wait.

    :param given: the caller's own number, if any.
    :returns: that number, or the circuit breaker's: half of the desired count, at least 3
        and at most 200 (DeploymentCircuitBreaker and ThresholdConfiguration in the ECS API).
    """
    if given:
        return given
    told = ((record or {}).get("deploymentCircuitBreaker") or {}).get("threshold")
    if told:
        return int(told)
    breaker = (service.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}
    config = breaker.get("thresholdConfiguration") or {}
    value = config.get("value", 50)
    if config.get("type") == "COUNT":
        return max(1, int(value))
    share = math.ceil(value * max(deployment.get("desiredCount", 0), service.get("desiredCount", 0)) / 100)
    if config.get("type") == "UNBOUNDED_PERCENT":
        return max(1, int(share))
    return min(200, max(3, int(share)))


def _unless_failing(look: Look, watched: Data, rules: Rules, settled: Verdict) -> Verdict:
    # What runs again in spite of earlier failures fails by new ones.
    recovered = settled.hold and settled.signs <= look.signs
    return settled if settled.final or settled.wants or recovered else _failing(look, watched, rules, settled)


def _failing(look: Look, watched: Data, rules: Rules, settled: Verdict) -> Verdict:
    """A verdict when this deployment's tasks keep failing, a wish to see them, or else what C(settled) says."""
    failures, signs = _failures_of(look, watched), signs_of(look, watched)
    events = _events_of(look, watched)
    told = max(len(unplaced(events)), len(unlaunched(events)))
    count = max(len(failures), told, int(watched.get("failedTasks") or 0))
    limit = threshold(look.service or {}, watched, look.service_deployment, rules.crash_threshold)
    ecs_decides = rollback_follows(look.service or {}, watched)
    if ecs_decides:
        # ECS forgets failures when a task turns healthy; a loop that it can't see ends here.
        limit *= 2
    if signs > look.signs_seen and (not look.signs_seen or signs >= limit):
        # The first tells whether trying again can help, and the last ones whether it is enough.
        return replace(settled, wants=("tasks",))
    short = watched.get("runningCount", 0) < watched.get("desiredCount", 0)
    hopeless = short and not ecs_decides and any(failure.sure for failure in failures)
    if hopeless or count >= limit:
        return _fail_with_tasks(look, watched, "", "")
    return replace(settled, near=settled.near or count > 0)


def signs_of(look: Look, watched: Data) -> int:
    """How many signs of trouble one can see without asking for the tasks."""
    return len(troubles(_events_of(look, watched))) + _losses(look, watched)


def _losses(look: Look, watched: Data) -> int:
    """How many signs say that tasks of this deployment have stopped."""
    living = sum(int(watched.get(count) or 0) for count in ("runningCount", "pendingCount"))
    lost = max(0, started(_events_of(look, watched)) - living)
    return int(watched.get("failedTasks") or 0) + lost + look.drops


def _fail_with_tasks(look: Look, watched: Data | None, outcome: str, reason: str) -> Verdict:
    """Fail as C(outcome), or as what the tasks died of; the cause is theirs either way."""
    watched = watched or {"id": look.deployment_id}
    if look.tasks is None or signs_of(look, watched) > look.signs_seen:
        return _pending(look, look.phase or "failed", _counts_text(look, watched), wants=("tasks",))
    failures, events = _failures_of(look, watched), _events_of(look, watched)
    main = main_failure(failures) or _told(events, reason)
    if main is None and not outcome and _alarmed(look, watched, reason):
        return _fail(look, "stopped", "an alarm stopped the deployment", reason)
    cause = main.kind if main else ("" if outcome else "crash_loop")
    headline = _headline(outcome, cause, len(failures) or len(unplaced(events)), main)
    if not outcome and watched.get("status") == "PRIMARY" and watched.get("rolloutState") == "FAILED":
        headline = f"ECS gave the deployment up (FAILED), without a rollback: {headline}"
    return _fail(look, outcome or cause, headline, main.reason if main else reason, cause=cause, main=main)


def _told(events: t.Sequence[Data], reason: str) -> Failure | None:
    """The cause where no stopped task tells it."""
    for kind, messages in (("placement", unplaced(events)), ("cannot_start", unlaunched(events))):
        if messages:
            told = told_by(messages[0])
            return replace(told, sure=False) if told else Failure(kind, messages[0])
    return Failure("health_check", reason) if says(reason, ("health",)) else None


def _alarmed(look: Look, watched: Data, reason: str) -> bool:
    """Whether an alarm ended the deployment, as its record, its state or an event says.

    Source: C(status) of ServiceDeploymentAlarms in the API reference; the event's words are from public logs of ECS.
    """
    alarms = (look.service_deployment or {}).get("alarms") or {}
    told = [reason, *(event.get("message") or "" for event in _events_of(look, watched))]
    return alarms.get("status") == "TRIGGERED" or any(says(text, ("alarm detected",)) for text in told)


def _headline(outcome: str, cause: str, count: int, main: Failure | None) -> str:
    told = what(cause, main)
    if count > 1:
        told += f" ({count} tasks)"
    if main and main.exit_codes and cause in ("crash_loop", "out_of_memory"):
        told += f", exit code {', '.join(str(code) for code in main.exit_codes)}"
    return {
        "rolled_back": f"ECS rolled the deployment back: {told}",
        "rollback_failed": f"the rollback failed, too: {told}",
    }.get(outcome, told)


def _settling(look: Look, watched: Data, rules: Rules) -> Verdict:
    service = look.service or {}
    text = _counts_text(look, watched)
    desired, running = watched.get("desiredCount", 0), watched.get("runningCount", 0)
    others = [item for item in service.get("deployments") or [] if item is not watched]
    full = running == desired == service.get("desiredCount", desired) and not watched.get("pendingCount")
    if not full:
        return _pending(look, "starting", text)
    old = sum(item.get("runningCount", 0) for item in others)
    left = service.get("runningCount", running) != running or bool(service.get("pendingCount"))
    if not left and not old and _baking(service, watched):
        return _pending(look, "baking", f"{text}, ECS watches {', '.join(_alarms(service))}")
    if left or others:
        return _pending(look, "draining", f"{text}, {old} old running")
    if (watched.get("rolloutState") or "COMPLETED") != "COMPLETED" or _record_open(look):
        return _pending(look, "settling", f"{text}{_stage(look)}", near=True)
    return _with_targets(look, rules, watched, desired)


def _record_open(look: Look) -> bool:
    return (look.service_deployment or {}).get("status") in ("PENDING", "IN_PROGRESS", "STOP_REQUESTED")


def _stage(look: Look) -> str:
    """The lifecycle stage and a hook that waits for someone, where ECS tells them."""
    record = look.service_deployment or {}
    stage = (record.get("lifecycleStage") or "").lower().replace("_", " ")
    hooks = record.get("lifecycleHookDetails")
    paused = _first(hooks, lambda hook: hook.get("status") == "AWAITING_ACTION")
    waits = f", hook {paused.get('hookId')} waits for your answer" if paused else ""
    return (f", {stage}" if stage else "") + waits


def _baking(service: Data, watched: Data) -> bool:
    """Whether ECS goes on watching alarms after the tasks are replaced; of other strategies the record tells that.

    Source: 'How CloudWatch alarms detect Amazon ECS deployment failures' in the Developer Guide.
    """
    watching = strategy(service) == "ROLLING" and watched.get("rolloutState") == "IN_PROGRESS"
    return watching and bool(_alarms(service))


def _alarms(service: Data) -> list[str]:
    """The alarms that end a deployment."""
    alarms = (service.get("deploymentConfiguration") or {}).get("alarms") or {}
    return list(alarms.get("alarmNames") or []) if alarms.get("enable") else []


def _with_targets(look: Look, rules: Rules, watched: Data, desired: int) -> Verdict:
    text = _counts_text(look, watched)
    asked = rules.healthy_targets is not False and bool(_balancers(look.service or {}))
    if asked and (look.targets is None or not look.targets_fresh):
        return _pending(look, "settling", text, wants=("targets",), near=True)
    if asked and healthy_count(look.targets or {}, look.service or {}) < desired:
        return _pending(look, "targets", text, near=True)
    alone = rules.healthy_tasks and desired > 0 and not target_groups(look.service or {})
    if alone and look.health is None:
        return _pending(look, "settling", text, wants=("health",), near=True)
    if alone and not_healthy(look.health):
        return _pending(look, "health", text, near=True)
    held, hold = look.phase_seconds if look.phase == STEADY else 0, _hold(look, rules, watched)
    if held < hold:
        says = "seeing whether it stays" if rules.stable_for is None else "steady"
        return replace(_pending(look, STEADY, f"{text}, {says}", near=True), hold=hold)
    return Verdict(
        STEADY,
        STEADY,
        watched.get("id"),
        message=f"{_name(look)} is steady: {text}",
        progress=f"steady, {text}",
        counts=_counts(watched),
    )


def _hold(look: Look, rules: Rules, watched: Data) -> float:
    """For how many seconds a service has to stay as it is to count as steady."""
    if rules.stable_for is not None:
        return rules.stable_for
    if target_groups(look.service or {}) or look.health or not watched.get("desiredCount"):
        return 0
    if _losses(look, watched) or _failures_of(look, watched):
        return STAYS_AFTER_A_LOSS_FOR
    return 0 if look.over else STAYS_FOR


def not_healthy(health: t.Mapping[str, str] | None) -> list[str]:
    """What the health checks of containers say that is not HEALTHY, each text once."""
    states = {(name.rpartition("/")[2], state) for name, state in (health or {}).items() if state != "HEALTHY"}
    return [f"{CONTAINER_CHECK} of {name} {state}" for name, state in sorted(states)]


def healthy_count(targets: t.Mapping[str, t.Sequence[Data]], service: Data) -> int:
    """Healthy targets of the load balancer entry that has the fewest.

    A blue/green entry has two target groups and its tasks are in one of them: the two add up.
    """
    totals = []
    for balancer in _balancers(service):
        arns = [
            balancer.get("targetGroupArn"),
            (balancer.get("advancedConfiguration") or {}).get("alternateTargetGroupArn"),
        ]
        totals.append(sum(_in_state(targets.get(arn) or [], "healthy") for arn in arns if arn))
    return min(totals)


def _balancers(service: Data) -> list[Data]:
    """The load balancer entries with a target group: the service's, or its PRIMARY task set's."""
    primary = _first(service.get("taskSets"), lambda item: item.get("status") == "PRIMARY") or {}
    entries = service.get("loadBalancers") or primary.get("loadBalancers") or []
    return [entry for entry in entries if entry.get("targetGroupArn")]


def _task_set_of(look: Look) -> Data | None:
    task_sets = (look.service or {}).get("taskSets")
    if not look.deployment_id:
        return _first(task_sets, lambda item: item.get("status") == "PRIMARY")
    return _first(task_sets, lambda item: look.deployment_id in _task_set_names(item))


def _judge_task_sets(look: Look, rules: Rules) -> Verdict:
    task_set = _task_set_of(look)
    if task_set is None and look.phase in ("", "absent") and look.phase_seconds < VISIBLE_WITHIN:
        return _pending(look, "absent", "no task set is visible yet", near=True)
    if task_set is None or task_set.get("status") == "DRAINING":
        primary = _first((look.service or {}).get("taskSets"), lambda item: item.get("status") == "PRIMARY")
        return _replaced_task_set(look, task_set, primary)
    watched = _as_deployment(task_set)
    return _unless_failing(look, watched, rules, _settling_task_set(look, rules, task_set, watched))


def _settling_task_set(look: Look, rules: Rules, task_set: Data, watched: Data) -> Verdict:
    text = _counts_text(look, watched)
    stable = task_set.get("stabilityStatus") == "STEADY_STATE" and not watched["pendingCount"]
    if not stable or watched["runningCount"] != watched["desiredCount"]:
        return _pending(look, "starting", text)
    if task_set.get("status") != "PRIMARY":
        return _pending(look, "draining", f"{text}, traffic not shifted yet")
    return _with_targets(look, rules, watched, watched["desiredCount"])


def _replaced_task_set(look: Look, watched: Data | None, primary: Data | None) -> Verdict:
    if primary is None:
        return _fail(look, "gone", "the service has no PRIMARY task set", "")
    if watched and _before(primary.get("createdAt"), watched.get("createdAt")):
        return _fail(look, "rolled_back", f"traffic is back on the older task set {primary.get('id')}", "")
    return _fail(
        look, "superseded", f"task set {look.deployment_id} was replaced by {primary.get('id')}", _family(primary)
    )


def _task_set_names(task_set: Data) -> tuple[t.Any, ...]:
    return (task_set.get("id"), task_set.get("taskSetArn"), task_set.get("externalId"))


def _as_deployment(task_set: Data) -> dict[str, t.Any]:
    """A task set in the words of a deployment; tasks carry the set's id in startedBy."""
    return {
        "id": task_set.get("id"),
        "desiredCount": task_set.get("computedDesiredCount", 0),
        "runningCount": task_set.get("runningCount", 0),
        "pendingCount": task_set.get("pendingCount", 0),
        "createdAt": task_set.get("createdAt"),
        "taskDefinition": task_set.get("taskDefinition"),
    }


def _fail(
    look: Look, outcome: str, headline: str, reason: str, cause: str = "", main: Failure | None = None
) -> Verdict:
    told = f": {reason.rstrip('.')}" if reason not in headline else ""
    steps = [next_step(outcome, reason, main)]
    if OUTCOMES[outcome].due_to_another and cause:
        steps.append(next_step(cause, reason, main))
    return Verdict(
        outcome,
        outcome,
        look.deployment_id or (watched_of(look) or {}).get("id"),
        cause=cause,
        reason=reason,
        message=f"{_name(look)}: {headline}{told}.",
        next_step=" ".join(steps),
        progress=f"{outcome}, {headline}",
        counts=_counts(watched_of(look) or {}),
    )


def _pending(look: Look, phase: str, progress: str, wants: tuple[str, ...] = (), near: bool = False) -> Verdict:
    watched = watched_of(look) or {}
    return Verdict(
        PENDING,
        phase,
        look.deployment_id or watched.get("id"),
        progress=progress,
        wants=wants,
        near=near,
        signs=signs_of(look, watched),
        counts=_counts(watched),
    )


def _timed_out(found: Verdict, look: Look, rules: Rules) -> Verdict:
    watched = watched_of(look) or {"id": look.deployment_id}
    sick = unhealthy(look.targets or {})
    main = main_failure(_failures_of(look, watched)) or _told(_events_of(look, watched), "")
    idle = bool(sick) and sick[0].startswith(NOT_IN_USE)
    if main is None and sick and not idle:
        main = Failure("health_check", sick[0])
    if main is None and not_healthy(look.health):
        main = Failure("health_check", not_healthy(look.health)[0])
    cause = main.kind if main else ""
    told = f"not steady after {rules.timeout:.0f} s: {found.progress}"
    if cause:
        told += f"; {what(cause, main)}"
    reason = main.reason if main else ""
    failed = replace(_fail(look, "timed_out", told, reason, cause=cause, main=main), progress=told)
    if main is None and idle:
        return replace(failed, next_step=f"{failed.next_step} {USE_THEM}")
    return replace(failed, next_step=STILL_WATCHED) if main is None and found.phase == "baking" else failed


def _counts(deployment: Data) -> dict[str, int]:
    counts = {name: int(deployment.get(f"{name}Count") or 0) for name in ("desired", "running", "pending")}
    counts["failed"] = int(deployment.get("failedTasks") or 0)
    return counts


def _counts_text(look: Look, deployment: Data) -> str:
    counts = _counts(deployment)
    parts = [f"{counts['running']}/{counts['desired']} running"]
    parts += [f"{counts[name]} {name}" for name in ("pending", "failed") if counts[name]]
    if look.targets is not None:
        parts.append(_targets_text(look.targets))
    parts += not_healthy(look.health)
    return ", ".join(parts)


def _targets_text(targets: t.Mapping[str, t.Sequence[Data]]) -> str:
    items = [item for group in targets.values() for item in group]
    counted = {state: _in_state(items, state) for state in TARGET_STATES}
    text = ", ".join(f"{number} {state}" for state, number in counted.items() if number)
    sick = unhealthy(targets)
    return f"targets {text or '0 healthy'}" + (f" ({sick[0]})" if sick else "")


def _in_state(items: t.Iterable[Data], state: str) -> int:
    return sum((item.get("TargetHealth") or {}).get("State") == state for item in items)


def _name(look: Look) -> str:
    return look.name or (look.service or {}).get("serviceName") or "the service"


def _family(deployment: Data) -> str:
    return (deployment.get("taskDefinition") or "").rsplit("/", 1)[-1]


def _events(look: Look) -> t.Sequence[Data]:
    return (look.service or {}).get("events") or []


def _events_of(look: Look, deployment: Data) -> list[Data]:
    """Events since the deployment began, or since the moment from which this wait judges."""
    began = max(seconds(deployment.get("createdAt")), look.since or 0)
    return [event for event in _events(look) if not _before(event.get("createdAt"), began)]


def _failures_of(look: Look, deployment: Data) -> list[Failure]:
    """What the deployment's tasks died of since then."""
    return failures_of((task for task in look.tasks or [] if not _before(_ended(task), look.since)), deployment)


def _ended(task: Data) -> t.Any:
    return task.get("stoppedAt") or task.get("stoppingAt")


def _first(items: t.Iterable[Data] | None, wanted: t.Any) -> Data | None:
    return next((item for item in items or [] if wanted(item)), None)


def _before(one: t.Any, other: t.Any) -> bool:
    return one is not None and seconds(one) < seconds(other)
