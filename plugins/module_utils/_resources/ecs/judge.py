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

import datetime
import math
import re
import typing as t
from dataclasses import dataclass, field, replace

from .diagnose import (
    CONTAINER_CHECK,
    NOT_IN_USE,
    SICK,
    STILL_SHIFTING,
    STILL_WATCHED,
    USE_THEM,
    Data,
    Failure,
    after_stop,
    by_hand,
    failures_of,
    general,
    main_failure,
    next_step,
    of_health,
    says,
    seconds,
    started,
    tasks_of,
    told_by,
    troubles,
    unhealthy,
    unlaunched,
    unplaced,
    what,
)
from .outcomes import OUTCOMES, STEADY, WAITING

PENDING = "pending"

# A new service or deployment may be missing from reads for a moment:
# "Amazon ECS API … eventual consistency", as the AWS API references say.
VISIBLE_WITHIN = 30
# A service that this run has made may be missing, or read as the deleted one of its name, for so long:
# propagationTimeout of Terraform's AWS provider (internal/service/ecs/consts.go).
CREATED_WITHIN = 120
# What a read that lags says, too, of a service or deployment that is there.
DOUBTFUL = tuple(name for name, outcome in OUTCOMES.items() if outcome.needs_confirmation)
# How long ECS's own record of a deployment may say that it goes on while another deployment is PRIMARY.
RECORD_LAGS_FOR = 60
OPEN = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED")
ROLLING_BACK = ("ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
# ECS's event that a deployment can go neither way.
CANT_MOVE = ("because of the service deployment configuration",)
# Those of a target that are worth telling, in this order.
TARGET_STATES = ("healthy", "initial", *SICK, "draining")
# How long a FAILED deployment may stay PRIMARY before its announced rollback must show.
ROLLBACK_SHOWS_WITHIN = 30
# ECS does not count a task as failed that has been RUNNING, where no health check tells more (failedTasks of Deployment
# in the API reference; aws/containers-roadmap, issue 1206).  So its tasks have to stay for so many seconds,
STAYS_FOR = 10
# and for so many where some of the deployment have stopped.
STAYS_AFTER_A_LOSS_FOR = 30
# A task started so many seconds before the wait, after the deployment was complete, replaced one that had stopped.
REPLACED_WITHIN = 300


@dataclass(frozen=True)
class Rules:
    """What the caller asks for; times in seconds."""

    healthy_targets: bool | None = None  # None: where the service has load balancers
    stable_for: float | None = None  # None: 0 if a load balancer or a health check tells, else STAYS_FOR
    timeout: float | None = 900
    crash_threshold: int | None = None  # None: as ECS's circuit breaker
    second_look: bool = False  # one of DOUBTFUL has to be seen by two looks
    healthy_tasks: bool = True  # asked if there are no targets to ask
    end_at_hook: bool = False  # a hook that waits for an answer ends the wait


@dataclass(frozen=True)
class Look:
    """All that is known of one service at one moment.

    C(None) says 'not looked at'; an empty value says 'looked at, nothing there'.

    :param deployment_id: what to watch; C(None) for the PRIMARY of the moment.
    :param since: seconds since 1970; what ECS told before is no sign of trouble. C(None): since the deployment began.
    :param counts_from: seconds since 1970; tasks that failed before don't count. C(None): all of the deployment do.
    :param told_until: when ECS had told its last event at the first look, and C(living_before) how many tasks of the
        deployment lived then; for a C(since).
    :param phase, phase_seconds: the last verdict's phase, and for how long it has been that.
    :param doubt: which of DOUBTFUL the last look said.
    :param signs_seen: the signs of trouble there were when the tasks were looked at.
    :param signs: those of the last verdict.
    :param drops: how often the running count fell below the desired one while nobody asked for fewer.
    :param over: the deployment was over, and not just so, when the wait began.
    :param lost_before: tasks of the deployment had stopped when the wait began.
    :param failed_before: C(failedTasks) from before C(since).
    :param healed_at, failed_healed: when all tasks of the deployment ran last, seconds since 1970, and C(failedTasks)
        then: what kept tasks from starting before is repaired.
    :param created: when the deployment that is watched began, seconds since 1970; C(None) until it was seen.
    :param rollback_id: the deployment that was seen to take its place by a rollback.
    :param targets_fresh: false when the targets are of an earlier poll, good for progress only.
    :param health: C(healthStatus) of the containers that have a health check, by C(task/container); asked where the
        service has no targets.
    :param commands: the commands of those health checks, by container.
    :param rollback_asked: this wait has asked ECS to roll the deployment back.
    :param rollback_to: the task definition, C(family:revision), that ECS goes back to then; empty if not known.
    """

    service: Data | None
    name: str = ""
    cluster: str = ""
    deployment_id: str | None = None
    since: float | None = None
    counts_from: float | None = None
    told_until: float = 0
    living_before: int = 0
    waited: float = 0
    phase: str = ""
    phase_seconds: float = 0
    doubt: str = ""
    signs_seen: int = 0
    signs: int = 0
    drops: int = 0
    over: bool = False
    lost_before: bool = False
    failed_before: int = 0
    healed_at: float | None = None
    failed_healed: int = 0
    created: float | None = None
    rollback_id: str = ""
    tasks: t.Sequence[Data] | None = None
    targets: t.Mapping[str, t.Sequence[Data]] | None = None
    targets_fresh: bool = True
    health: t.Mapping[str, str] | None = None
    commands: t.Mapping[str, t.Sequence[str]] = field(default_factory=dict)
    service_deployment: Data | None = None
    rollback_asked: bool = False
    rollback_to: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the look says: C(outcome) is C(pending) or one of C(OUTCOMES).

    C(hold) is for how long it has to stay, C(rollback_id) the deployment that is seen to be a rollback of the watched.
    """

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
    rollback_id: str = ""
    counts: t.Mapping[str, int] = field(default_factory=dict)
    hook: t.Mapping[str, t.Any] = field(default_factory=dict)

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
    if rules.second_look and _doubtful(found, look) and look.doubt != found.outcome and not over:
        again = _pending(look, look.phase, f"{found.progress}, looking again", near=True)
        return replace(again, doubt=found.outcome, rollback_id=found.rollback_id)
    if found.final or found.wants or not over:
        return found
    return replace(found, wants=("health",)) if _wants_health(found, look, rules) else _timed_out(found, look, rules)


def _doubtful(found: Verdict, look: Look) -> bool:
    """Whether one read that lags could have said so; ECS's record of a rollback that is done can't lag."""
    recorded = (look.service_deployment or {}).get("status") == "ROLLBACK_SUCCESSFUL"
    return found.outcome in DOUBTFUL and not (found.outcome == "rolled_back" and recorded)


def _wants_health(found: Verdict, look: Look, rules: Rules) -> bool:
    """Whether a container's health check may be what ECS waits for when the time is over: all tasks run."""
    watched = watched_of(look) or {}
    unknown = rules.healthy_tasks and look.health is None and not unhealthy(look.targets or {})
    waiting = found.phase in ("starting", "draining", "shifting", "settling", "targets")
    return unknown and waiting and watched.get("runningCount", 0) >= _desired(watched) > 0


def _desired(deployment: Data) -> int:
    return int(deployment.get("desiredCount") or 0)


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
    if service.get("status") in ("DRAINING", "INACTIVE") and _new(look, CREATED_WITHIN):
        return _pending(look, "absent", "not visible yet, a deleted service of this name is", near=True)
    if service.get("status") in ("DRAINING", "INACTIVE"):
        return _fail(look, "gone", f"the service has been deleted (it is {service['status']})", "")
    if controller(service) != "ECS":
        return _judge_task_sets(look, rules)
    return _judge_deployments(look, rules)


def _new(look: Look, within: float) -> bool:
    """Whether a read may not know yet what this run has made, as nothing of it was seen so far."""
    unseen = look.created is None and look.phase in ("", "absent")
    return bool(look.deployment_id) and unseen and look.phase_seconds < within


def _missing(look: Look) -> Verdict:
    if _new(look, CREATED_WITHIN):
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


def primary_set_of(service: Data) -> Data | None:
    """The PRIMARY task set, if the service has one: with a CODE_DEPLOY or EXTERNAL controller."""
    return _first(service.get("taskSets"), lambda item: item.get("status") == "PRIMARY")


def task_definition_of(service: Data) -> str:
    """ARN of the task definition that the service runs; a task set has it with an EXTERNAL controller, or nothing."""
    holders = (service, primary_of(service), primary_set_of(service), *(service.get("taskSets") or []))
    return next((str(item["taskDefinition"]) for item in holders if item and item.get("taskDefinition")), "")


def desired_of(service: Data) -> int:
    """How many tasks the service is to have; if it does not say, its PRIMARY deployment does, or those that run."""
    holders = (service, primary_of(service) or {})
    told = [item["desiredCount"] for item in holders if item.get("desiredCount") is not None]
    return int(told[0] if told else service.get("runningCount") or 0)


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
    if (is_staged(service) or look.rollback_asked) and look.service_deployment is None:
        return _pending(look, "starting", _counts_text(look, watched), wants=("service_deployment",))
    ended = _ended_by_service_deployment(look, watched)
    if ended:
        return ended
    if look.rollback_asked:
        return _pending(look, "rolling_back", f"rollback asked for, {_counts_text(look, watched)}", near=True)
    if watched.get("rolloutState") == "FAILED":
        return _failed_primary(look, watched)
    return _unless_failing(look, watched, rules, _settling(look, watched, rules))


def is_staged(service: Data) -> bool:
    """Whether a deployment goes through stages that only its record tells: all strategies but ROLLING, and hooks."""
    return strategy(service) != "ROLLING" or bool((service.get("deploymentConfiguration") or {}).get("lifecycleHooks"))


def _displaced(look: Look, watched: Data | None, primary: Data) -> Verdict:
    """Another deployment is PRIMARY: a rollback of ours, a newer one, or a read that lags."""
    back = _is_rollback(look, watched, primary)
    phase = "rolling_back" if back else "displaced"
    if look.service_deployment is None:
        return _pending(look, look.phase or phase, _counts_text(look, primary), wants=("service_deployment",))
    status = look.service_deployment.get("status")
    # whoever deploys during a rollback ends it, and ECS calls that a failed rollback
    newer = _before(_created(watched or {}) or look.created, _created(primary))
    replaced = status == "ROLLBACK_FAILED" and not back and newer
    ended = None if replaced else _ended_by_service_deployment(look, watched or {})
    if ended:
        return replace(ended, rollback_id=primary.get("id") or "") if back else ended
    if status in OPEN and not (look.phase == phase and look.phase_seconds >= RECORD_LAGS_FOR):
        return _pending(look, phase, f"ECS goes on with it, {_counts_text(look, watched or {})}", near=True)
    if back:
        return _rolling_back(look, watched, primary)
    return _replaced(look, watched, primary, "deployment", str(status or ""))


def _replaced(look: Look, watched: Data | None, primary: Data, kind: str, status: str = "") -> Verdict:
    """Something else took the place of what is watched, which may never have been there."""
    seen = watched is not None or look.created is not None or look.phase not in ("", "absent")
    if not seen and not status:
        gone = _fail(look, "gone", f"the service has no {kind} {look.deployment_id}", "")
        return replace(gone, next_step="Correct deployment_id, or leave it out: the PRIMARY one is watched then.")
    how = "succeeded, and has since been replaced" if status == "SUCCESSFUL" else "was replaced before it was steady"
    other = primary.get("id") or f"a newer {kind}"
    return _fail(look, "superseded", f"{kind} {look.deployment_id} {how} by {other}", _family(primary))


def _created(deployment: Data) -> t.Any:
    return deployment.get("createdAt")


def _is_rollback(look: Look, watched: Data | None, primary: Data) -> bool:
    """Whether the PRIMARY deployment tells that it is ECS's way back from ours."""
    if look.rollback_id:
        return primary.get("id") == look.rollback_id
    record = look.service_deployment or {}
    back_to = str((record.get("rollback") or {}).get("serviceRevisionArn") or "")
    if back_to and back_to.rpartition("/")[2] == str(primary.get("id") or "").rpartition("/")[2]:
        return True
    if record.get("status") in ("STOPPED", "SUCCESSFUL") and not back_to and not _tripped(record):
        # a newer deployment has taken its place; it may have been rolled back itself
        return False
    if _before(_created(primary), _created(watched or {}) or look.created):
        return True
    if record.get("status") and look.rollback_to and look.rollback_to != _family(primary):
        return False
    if look.rollback_asked or says(primary.get("rolloutStateReason") or "", ("rolling back", "rollback")):
        return True
    if watched and watched.get("rolloutState") == "FAILED" and is_guarded(look.service or {}):
        return True
    # a service remembers rollbacks of other deployments, too
    since = _created(watched or {}) or look.created
    seen = since is not None or look.phase not in ("", "absent")
    events = [event for event in _events(look) if not _before(event.get("createdAt"), since or 0)]
    return any(_tells_of_rollback(event, look.deployment_id, primary.get("id") if seen else None) for event in events)


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
        found = _fail_with_tasks(look, watched, "rolled_back", (watched or {}).get("rolloutStateReason") or "")
    else:
        found = _pending(look, "rolling_back", f"rolling back, {_counts_text(look, primary)}", near=True)
    return replace(found, rollback_id=primary.get("id") or "")


def _ended_by_service_deployment(look: Look, watched: Data) -> Verdict | None:
    """What ECS's own record of our deployment says, where it says an end."""
    record = look.service_deployment or {}
    status = record.get("status")
    reason = record.get("statusReason") or (record.get("rollback") or {}).get("reason") or ""
    if status == "ROLLBACK_SUCCESSFUL":
        return _fail_with_tasks(look, watched, "rolled_back", reason)
    if status == "ROLLBACK_FAILED":
        return _fail_with_tasks(look, watched, "rollback_failed", reason)
    if status in ROLLING_BACK:
        now = _counts_text(look, primary_of(look.service or {}) or {})
        return _pending(look, "rolling_back", f"rolling back, {now}{_stage(look)}", near=True)
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
    if look.service_deployment is None and _alarms(look.service or {}):
        # only the record says which of them it was
        return _pending(look, look.phase or "failed", _counts_text(look, watched), wants=("service_deployment",))
    return _fail_with_tasks(look, watched, "", watched.get("rolloutStateReason") or "")


def is_guarded(service: Data, guards: t.Sequence[str] = ("deploymentCircuitBreaker", "alarms")) -> bool:
    """Whether one of these is to roll a failed deployment of the service back."""
    config = service.get("deploymentConfiguration") or {}
    switched = [config.get(guard) or {} for guard in guards]
    return any(guard.get("enable") and guard.get("rollback") for guard in switched)


def rollback_follows(service: Data, deployment: Data) -> bool:
    """Whether ECS will roll this deployment back when it fails.

    It does where the circuit breaker says so and an earlier deployment has completed (Amazon ECS Developer Guide,
    'How the deployment circuit breaker detects failures').  Alarms don't see a task that fails, but one of them may
    be what a deployment is FAILED by.  One that has itself completed is not rolled back.
    """
    failed = deployment.get("rolloutState") == "FAILED"
    guarded = is_guarded(service) if failed else is_guarded(service, ("deploymentCircuitBreaker",))
    if not guarded or deployment.get("rolloutState") == "COMPLETED":
        return False
    return has_earlier(service, deployment)


def has_earlier(service: Data, deployment: Data) -> bool:
    """Whether the service was there before this deployment, so that there is something to go back to."""
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
    lasting = [failure for failure in failures if not passes(failure)]
    seen = len(lasting) + _proved_again(look, watched, lasting)
    told = _told_count(look, watched)
    count = max(seen, told, _failed_of_late(look, watched) - (len(failures) - len(lasting)))
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
    stuck = _cant_move(look, watched) if short else None
    if stuck:
        return _fail(look, stuck.kind, what(stuck.kind, stuck), stuck.reason, cause=stuck.kind, main=stuck)
    if hopeless or count >= limit:
        return _fail_with_tasks(look, watched, "", "")
    passing = _passing_trouble(look, watched, failures) if short else None
    said = f"{settled.progress}, {what(passing.kind, passing)}, ECS tries again" if passing else settled.progress
    return replace(settled, near=settled.near or count > 0, progress=said)


def _failed(look: Look, watched: Data) -> int:
    """C(failedTasks) of this wait."""
    return max(0, int(watched.get("failedTasks") or 0) - look.failed_before)


def _failed_of_late(look: Look, watched: Data) -> int:
    """C(failedTasks) of this wait since all tasks ran last."""
    if _full(watched):
        return 0
    return min(_failed(look, watched), max(0, int(watched.get("failedTasks") or 0) - look.failed_healed))


def _full(deployment: Data) -> bool:
    """Whether all desired tasks run, which disproves what kept tasks from starting before."""
    return int(deployment.get("runningCount") or 0) >= _desired(deployment) > 0


def passes(failure: Failure | None) -> bool:
    """Whether it goes by itself, as ECS tries again: a lack of capacity, a limit of the registry."""
    return failure is not None and failure.message is not None and failure.message.heals == "yes"


def _passing_trouble(look: Look, watched: Data, failures: t.Sequence[Failure]) -> Failure | None:
    """The trouble that goes by itself, as a lack of capacity: ECS goes on trying, so it ends no wait."""
    events = _events_of(look, watched)
    told = [told_by(message) for message in (*unplaced(events), *unlaunched(events))]
    return next((failure for failure in (*told, *failures) if passes(failure)), None)


def _proved_again(look: Look, watched: Data, failures: t.Sequence[Failure]) -> int:
    """How many tasks failed before this wait of what tasks still fail of; none once a later task runs."""
    if watched.get("runningCount") or look.counts_from is None:
        return 0
    still = {(failure.kind, failure.reason) for failure in failures}
    earlier = failures_of((task for task in look.tasks or [] if _before(_ended(task), look.counts_from)), watched)
    return sum((failure.kind, failure.reason) in still for failure in earlier)


def _told_count(look: Look, watched: Data) -> int:
    """How many tasks found no place or were not made, by the events; they name no deployment."""
    others = [item for item in (look.service or {}).get("deployments") or [] if item.get("id") != watched.get("id")]
    anothers = any(_lacks(item) for item in others) and not _lacks(watched)
    if anothers or watched.get("runningCount", 0) >= _desired(watched):
        return 0
    events = _events_of(look, watched)
    return max(_lasting(unplaced(events)), _lasting(unlaunched(events)))


def _lasting(messages: t.Iterable[str]) -> int:
    """How many of the messages tell of trouble that does not go by itself."""
    told = [told_by(message) for message in messages]
    return sum(not passes(failure) for failure in told)


def _lacks(deployment: Data) -> bool:
    return living(deployment) < _desired(deployment)


def _cant_move(look: Look, watched: Data) -> Failure | None:
    """ECS's event that the deployment configuration lets it neither start nor stop a task, if it is still so.

    ECS does not say it again for six hours, so the numbers tell of one from before the wait ('Amazon ECS service
    event messages' in the Developer Guide; API_DeploymentConfiguration for the rounding).
    """
    events = [event for event in _events_since(look, watched) if says(event.get("message") or "", CANT_MOVE)]
    config, desired = (look.service or {}).get("deploymentConfiguration") or {}, _desired(watched)
    most = math.floor(desired * config.get("maximumPercent", 200) / 100)
    least = math.ceil(desired * config.get("minimumHealthyPercent", 100) / 100)
    stuck = most <= desired <= least
    # of one from this wait the numbers may have changed since; where tasks may be stopped, it goes on by itself
    told = [
        event for event in events if stuck or (least >= desired and not _before(event.get("createdAt"), look.since))
    ]
    return told_by(str(told[0].get("message"))) if told else None


def signs_of(look: Look, watched: Data) -> int:
    """How many signs of trouble one can see without asking for the tasks."""
    return len(troubles(_events_of(look, watched))) + _losses(look, watched)


def _losses(look: Look, watched: Data) -> int:
    """How many signs say that tasks of this deployment have stopped."""
    events, before = _events_of(look, watched), 0
    if look.since is not None:
        events = [event for event in events if seconds(event.get("createdAt")) > look.told_until]
        before = min(look.living_before, _desired(watched))
    return _failed(look, watched) + _lost(events, watched, before) + look.drops


def _lost(events: t.Iterable[Data], watched: Data, before: int = 0) -> int:
    """How many more tasks lived before and were started since than live."""
    return max(0, before + started(events) - living(watched))


def living(deployment: Data) -> int:
    """How many tasks of a deployment run or are about to."""
    return sum(int(deployment.get(count) or 0) for count in ("runningCount", "pendingCount"))


def lost_before(service: Data, watched: Data, completed: float | None, began: float) -> bool:
    """Whether tasks of the deployment had stopped when a wait began, by the service's events.

    :param completed: when the deployment turned COMPLETED, in seconds since 1970; C(None) if it has not.
    :param began: when the wait began.
    """
    look = Look(service=service, deployment_id=watched.get("id"))
    if completed is None or began - completed < STAYS_FOR:
        return _lost(_events_since(look, watched), watched) > 0
    replaced = max(completed + 1, began - REPLACED_WITHIN)
    return started(event for event in _events_since(look, watched) if seconds(event.get("createdAt")) >= replaced) > 0


def _fail_with_tasks(look: Look, watched: Data | None, outcome: str, reason: str) -> Verdict:
    """Fail as C(outcome), or as what the tasks died of; the cause is theirs either way."""
    watched = watched or {"id": look.deployment_id, "createdAt": look.created}
    if look.tasks is None or signs_of(look, watched) > look.signs_seen:
        return _pending(look, look.phase or "failed", _counts_text(look, watched), wants=("tasks",))
    # what ECS has ended may have failed before this wait
    failures = _failures_of(look, watched) or failures_of(look.tasks, watched)
    events = _events_of(look, watched) or _events_since(look, watched)
    main = main_failure(failures) or _told(events, reason)
    reason = reason or _said_of_end(look, watched)
    who = _ended_by(look, watched, reason)
    if main is None and not outcome and who:
        stopped = _fail(look, "stopped", f"{who} stopped the deployment", reason, cause="stopped")
        return replace(stopped, next_step=after_stop(who))
    cause = main.kind if main else "stopped" if who else "" if outcome else "failed"
    count = len(failures) or len(unplaced(events)) or int(watched.get("failedTasks") or 0)
    headline = _headline(outcome, cause, count, main, _rolled_back_by(look, who, reason))
    if not outcome and watched.get("status") == "PRIMARY" and watched.get("rolloutState") == "FAILED":
        headline = f"ECS gave the deployment up (FAILED), without a rollback: {headline}"
    found = _fail(look, outcome or cause, headline, main.reason if main else reason, cause=cause, main=main)
    if main is None and who:
        return replace(found, next_step=found.next_step.replace(OUTCOMES["stopped"].next_step, after_stop(who)))
    return found


def _told(events: t.Sequence[Data], reason: str) -> Failure | None:
    """The cause where no stopped task tells it."""
    for kind, messages in (("placement", unplaced(events)), ("cannot_start", unlaunched(events))):
        if messages:
            told = told_by(messages[0])
            return replace(told, sure=False) if told else Failure(kind, messages[0])
    return Failure("health_check", reason) if of_health(reason) else None


def _said_of_end(look: Look, watched: Data) -> str:
    """ECS's event that the deployment failed, without the names in brackets."""
    texts = [event.get("message") or "" for event in _events(look)]
    mine = [text for text in texts if f"{watched.get('id')}" in text and "deployment failed" in text]
    return mine[0][mine[0].index("deployment failed") :] if mine else ""


def _ended_by(look: Look, watched: Data, reason: str) -> str:
    """Who or what ended the deployment, if it was not the failing tasks: an alarm by name, a hook, a person.

    Source: C(status) of ServiceDeploymentAlarms and ServiceDeploymentCircuitBreaker in the API reference, 'Stopping
    Amazon ECS service deployments' in the Developer Guide; the event's words are from public logs of ECS.
    """
    record = look.service_deployment or {}
    alarms = record.get("alarms") or {}
    texts = [reason, *(event.get("message") or "" for event in _events_since(look, watched))]
    if alarms.get("status") == "TRIGGERED" or any(says(text, ("alarm detected", "an alarm")) for text in texts):
        names = alarms.get("triggeredAlarmNames") or _alarms(look.service or {}) or alarms.get("alarmNames") or []
        return f"alarm {' or '.join(names)}" if names else "an alarm"
    hooks = [hook for hook in record.get("lifecycleHookDetails") or [] if hook.get("status") in ("FAILED", "TIMED_OUT")]
    if hooks:
        how = "that failed" if hooks[0]["status"] == "FAILED" else "that got no answer in time"
        return f"hook {_hook_name(hooks[0])} {how}"
    if says(reason, ("lifecycle hook",)):
        return "a lifecycle hook that failed"
    return "someone" if by_hand(reason) and not look.rollback_asked else ""


def _rolled_back_by(look: Look, who: str, reason: str) -> str:
    """What made ECS go back, in brackets; nothing if nothing tells."""
    breaker = (look.service_deployment or {}).get("deploymentCircuitBreaker") or {}
    if not who and look.rollback_asked:
        who = "asked for by this run"
    elif not who and (
        breaker.get("status") == "TRIGGERED" or says(reason, ("circuit breaker", "tasks failed to start"))
    ):
        who = "circuit breaker"
    return f" ({'asked for by someone' if who == 'someone' else who})" if who else ""


def _headline(outcome: str, cause: str, count: int, main: Failure | None, by: str = "") -> str:
    told = what(cause, main)
    if count > 1:
        told += f" ({count} tasks)"
    if main and main.exit_codes and cause in ("crash_loop", "out_of_memory"):
        told += f", exit code {', '.join(str(code) for code in main.exit_codes)}"
    why = f": {told}" if main or not by else ""
    return {
        "rolled_back": f"ECS rolled the deployment back{by}{why}",
        "rollback_failed": f"the rollback{by} failed, too{why}",
    }.get(outcome, told)


def _settling(look: Look, watched: Data, rules: Rules) -> Verdict:
    service = look.service or {}
    text = _counts_text(look, watched) + (_stage(look) if is_staged(service) else "")
    desired, running = _desired(watched), watched.get("runningCount", 0)
    paused = _paused(look)
    if paused and rules.end_at_hook:
        return _waiting(look, paused)
    if paused:
        return _pending(look, "paused", text)
    if _early(service, watched):
        needed = _needed(service, desired)
        return _with_targets(look, rules, watched, needed) if running >= needed else _pending(look, "starting", text)
    others = [item for item in service.get("deployments") or [] if item is not watched]
    full = running == desired == service.get("desiredCount", desired) and not watched.get("pendingCount")
    if not full:
        return _pending(look, "starting", text)
    old = sum(item.get("runningCount", 0) for item in others)
    left = service.get("runningCount", running) != running or bool(service.get("pendingCount"))
    if not left and not old and _baking(service, watched):
        return _pending(look, "baking", f"{text}, ECS watches {', '.join(_alarms(service))}")
    if others and is_staged(service) and _record_open(look):
        # both versions run until CLEAN_UP, while the traffic is shifted from one to the other
        return _pending(look, "shifting", f"{text}, {old} old running")
    if left or others:
        return _pending(look, "draining", f"{text}, {old} old running")
    if (watched.get("rolloutState") or "COMPLETED") != "COMPLETED" or _record_open(look):
        return _pending(look, "settling", text, near=True)
    return _with_targets(look, rules, watched, desired)


def _early(service: Data, watched: Data) -> bool:
    """Whether ECS has called a rolling deployment done before all its tasks run, as its configuration asks for."""
    criteria = _early_criteria(service)
    done = watched.get("rolloutState") == "COMPLETED" and strategy(service) == "ROLLING"
    alone = len(service.get("deployments") or []) <= 1
    return (
        bool(criteria.get("enable")) and done and (alone or criteria.get("sourceServiceRevisionCleanup") == "DEFERRED")
    )


def _early_criteria(service: Data) -> Data:
    return (service.get("deploymentConfiguration") or {}).get("earlySuccessCriteria") or {}


def _needed(service: Data, desired: int) -> int:
    """How many of the desired tasks a deployment with early success criteria needs (DeploymentEarlySuccessCriteria)."""
    return max(min(1, desired), math.ceil(desired * _early_criteria(service).get("healthyPercent", 100) / 100))


def _record_open(look: Look) -> bool:
    return (look.service_deployment or {}).get("status") in OPEN


def _stage(look: Look) -> str:
    """The lifecycle stage, where the traffic goes, and the hooks, where ECS tells them."""
    return "".join(f", {part}" for part in stage_of(look.service_deployment or {}))


def stage_of(record: Data) -> list[str]:
    """The lifecycle stage of a deployment that is under way, where the traffic goes, and its hooks, in words."""
    if record.get("status") not in (*OPEN, *ROLLING_BACK):
        return []
    target = record.get("targetServiceRevision") or {}
    stage = (record.get("lifecycleStage") or "").lower().replace("_", " ")
    production, test = (target.get(f"requested{kind}TrafficWeight") for kind in ("Production", "Test"))
    parts = [stage] if stage else []
    parts += [f"{production:g}% of the traffic on it"] if production is not None else []
    parts += [f"{test:g}% of the test traffic"] if test else []
    hooks = record.get("lifecycleHookDetails") or []
    return parts + [_hook_text(hook) for hook in hooks if hook.get("status") != "SUCCEEDED"]


def _paused(look: Look) -> Data | None:
    """The hook that a deployment waits at."""
    record = look.service_deployment or {}
    return _first(record.get("lifecycleHookDetails"), lambda hook: hook.get("status") == "AWAITING_ACTION")


def _waiting(look: Look, hook: Data) -> Verdict:
    """The verdict where a deployment waits for an answer."""
    record = look.service_deployment or {}
    stage = str(record.get("lifecycleStage") or "")
    where = f" at {stage.lower().replace('_', ' ')}" if stage else ""
    found = _fail(look, WAITING, f"its deployment waits for an answer{where}{_expiry(hook)}", "")
    at = hook.get("expiresAt")
    told = {
        "id": _hook_name(hook),
        "deployment_arn": record.get("serviceDeploymentArn") or "",
        "stage": stage,
        "expires_at": f"{_utc(at)}" if at else "",
        "timeout_action": hook.get("timeoutAction") or "",
    }
    return replace(found, hook=told)


def _hook_name(hook: Data) -> str:
    return str(hook.get("hookId") or (hook.get("targetArn") or "").rpartition(":")[2] or "without a name")


def _hook_text(hook: Data) -> str:
    status = hook.get("status")
    if status == "AWAITING_ACTION":
        return f"hook {_hook_name(hook)} waits for your answer{_expiry(hook)}"
    return f"hook {_hook_name(hook)} {'runs' if status == 'IN_PROGRESS' else str(status).lower().replace('_', ' ')}"


def _expiry(hook: Data) -> str:
    """Until when a hook waits, and what ECS does then (DeploymentLifecycleHookDetail: ROLLBACK, or else CONTINUE)."""
    if not hook.get("expiresAt"):
        return ""
    then = "goes on" if hook.get("timeoutAction") == "CONTINUE" else "rolls back"
    return f" until {_utc(hook['expiresAt'])}, then ECS {then}"


def _utc(at: t.Any) -> str:
    return f"{datetime.datetime.fromtimestamp(seconds(at), datetime.UTC):%Y-%m-%d %H:%M:%S}Z"


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
    if look.lost_before or _losses(look, watched) or _failures_of(look, watched):
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
    primary = primary_set_of(service) or {}
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
        gone = _fail(look, "gone", "the service has no PRIMARY task set", "")
        return replace(
            gone, next_step="Make a task set of it the PRIMARY one, with the tool that deploys this service."
        )
    if _before(_created(primary), _created(watched or {}) or look.created):
        return _fail(look, "rolled_back", f"traffic is back on the older task set {primary.get('id')}", "")
    return _replaced(look, watched, primary, "task set")


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
        "updatedAt": task_set.get("updatedAt"),
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
    watched = watched_of(look) or {"id": look.deployment_id, "createdAt": look.created}
    sick = unhealthy(look.targets or {})
    idle = bool(sick) and sick[0].startswith(NOT_IN_USE)
    unwell = Failure("health_check", sick[0]) if sick and not idle else None
    if unwell is None and not_healthy(look.health):
        unwell = Failure("health_check", _checked(look))
    # once all tasks run, what is unhealthy now is nearer to the end than what ended before
    trouble = _newest_trouble(look, watched)
    main = unwell or trouble if _full(watched) else trouble or unwell
    cause = main.kind if main else ""
    told = f"not steady after {rules.timeout:.0f} s: {found.progress}"
    if cause:
        told += f"; {what(cause, main)}"
    reason = main.reason if main else ""
    failed = replace(_fail(look, "timed_out", told, reason, cause=cause, main=main), progress=told)
    advice = _advice(found, look, main, idle)
    return replace(failed, next_step=advice) if advice else failed


def _advice(found: Verdict, look: Look, main: Failure | None, idle: bool) -> str:
    """The next step of a time-out that no failure is the cause of."""
    hook = _paused(look)
    if hook:
        arn = (look.service_deployment or {}).get("serviceDeploymentArn") or "ARN"
        return (
            f"Answer the hook {_hook_name(hook)}: aws ecs continue-service-deployment --service-deployment-arn {arn}"
            f" --hook-id {_hook_name(hook)} --action CONTINUE (or ROLLBACK). It waits for it{_expiry(hook)}."
        )
    if main is not None:
        return ""
    if idle:
        return f"{next_step('timed_out')} {USE_THEM}"
    if found.phase == "baking":
        return STILL_WATCHED
    return STILL_SHIFTING if found.phase in ("shifting", "settling") and _record_open(look) else ""


def _newest_trouble(look: Look, watched: Data) -> Failure | None:
    """What kept a deployment from being steady: its failed tasks, or what ECS says, whichever no later one disproves.

    Nothing disproves a failure but tasks that run, so what ECS has said since then comes first once all of them do.
    """
    running = watched.get("runningCount", 0)
    failures = _failures_of(look, watched) or ([] if running else failures_of(look.tasks or [], watched))
    last = max((seconds(_ended(task)) for task in tasks_of(look.tasks or [], watched)), default=0.0)
    events = [event for event in _events_since(look, watched) if troubles([event]) and not _disproved(event, watched)]
    events.sort(key=lambda event: (not general(event), seconds(event.get("createdAt"))), reverse=True)
    event = events[0] if events else None
    if failures and not (event and running >= _desired(watched) and seconds(event.get("createdAt")) > last):
        return main_failure(failures)
    if event is None:
        return None
    message = str(event.get("message"))
    return told_by(message) or Failure("", message)


def _disproved(event: Data, watched: Data) -> bool:
    """Whether an event says that tasks could not be placed, made or started, and all of them run."""
    return _full(watched) and (general(event) or bool(unplaced([event]) or unlaunched([event])))


def _checked(look: Look) -> str:
    """What health checks of containers say, with their commands."""
    texts = []
    for text in not_healthy(look.health):
        name = text.removeprefix(f"{CONTAINER_CHECK} of ").rpartition(" ")[0]
        command = list(look.commands.get(name) or [])
        told = f" (command: {' '.join(command)})" if command else ""
        prefix = command and command[0] not in ("CMD", "CMD-SHELL", "NONE")
        texts.append(text + told + (", which begins with neither CMD nor CMD-SHELL" if prefix else ""))
    return "; ".join(texts)


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
    sick = unhealthy(targets)
    states = [str((item.get("TargetHealth") or {}).get("State") or "") for item in items]
    return f"targets {states_text(states)}" + (f" ({sick[0]})" if sick else "")


def states_text(states: t.Sequence[str]) -> str:
    """How many targets are in which state, as C(2 healthy, 2 draining (old)); I(states) has one for each target."""
    counted = {state: states.count(state) for state in TARGET_STATES}
    # what is draining was deregistered: tasks of the version before, or of a scale-in
    old = {"draining": " (old)", "unhealthy.draining": " (old)"}
    shown = {state: number for state, number in counted.items() if number or state == "healthy"}
    return ", ".join(f"{number} {state}{old.get(state, '')}" for state, number in shown.items())


def _in_state(items: t.Iterable[Data], state: str) -> int:
    return sum((item.get("TargetHealth") or {}).get("State") == state for item in items)


def _name(look: Look) -> str:
    return look.name or (look.service or {}).get("serviceName") or "the service"


def _family(deployment: Data) -> str:
    return (deployment.get("taskDefinition") or "").rsplit("/", 1)[-1]


def _events(look: Look) -> t.Sequence[Data]:
    return (look.service or {}).get("events") or []


def _events_since(look: Look, deployment: Data) -> list[Data]:
    """The deployment's events since it began: none that names another one."""
    began = seconds(deployment.get("createdAt"))
    return [
        event
        for event in _events(look)
        if not _before(event.get("createdAt"), began) and not _of_another(event, deployment.get("id"))
    ]


def _of_another(event: Data, deployment_id: str | None) -> bool:
    """Whether an event names another deployment, and not as one that can't make room for ours."""
    if says(event.get("message") or "", ("unable to scale in",)):
        return False
    named = re.findall(r"ecs-svc/\d+", event.get("message") or "")
    return bool(named) and bool(deployment_id) and deployment_id not in named


def _events_of(look: Look, deployment: Data) -> list[Data]:
    """Its events since it began, or since the moment from which this wait judges."""
    return [event for event in _events_since(look, deployment) if not _before(event.get("createdAt"), look.since or 0)]


def _failures_of(look: Look, deployment: Data) -> list[Failure]:
    """What the deployment's tasks died of since then."""
    tasks = [task for task in look.tasks or [] if not _before(_ended(task), look.counts_from)]
    return failures_of((task for task in tasks if _ran(task) or not _healed(look, deployment, task)), deployment)


def _ran(task: Data) -> bool:
    """Whether the task has run, and not only a container of one that did not start."""
    if task.get("stopCode") == "TaskFailedToStart":
        return False
    return bool(task.get("startedAt")) or any(item.get("exitCode") is not None for item in task.get("containers") or [])


def _healed(look: Look, deployment: Data, task: Data) -> bool:
    """Whether all tasks of the deployment run, or have run, since this one ended."""
    return _full(deployment) or _before(_ended(task), look.healed_at)


def _ended(task: Data) -> t.Any:
    return task.get("stoppedAt") or task.get("stoppingAt")


def _first(items: t.Iterable[Data] | None, wanted: t.Any) -> Data | None:
    return next((item for item in items or [] if wanted(item)), None)


def _before(one: t.Any, other: t.Any) -> bool:
    return one is not None and seconds(one) < seconds(other)
