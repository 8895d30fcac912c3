# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Verdicts on AWS's answers: a row for every rule."""

from __future__ import annotations

import typing as t

import botocore.session
import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.outcomes import OUTCOMES
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.answers import (
    healthy_count,
    target_groups,
    threshold,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.judge import (
    is_steady,
    timed_out,
    verdict,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.observation import (
    Rules,
    Verdict,
    watched_of,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.signs import signs_of

from .observe import BACK, NEW, OLD, RECORDS, T0, TARGETS, TASKS, Payload, load, observe

NEWER = "ecs-svc/9999999999999999999"
Change = t.Callable[[Payload], object]


def service(name: str, *changes: Change) -> Payload:
    """Return a service of the fixtures with changes applied."""
    found = load(f"service_{name}")
    for change in changes:
        change(found)
    return found


def steady(*changes: Change) -> Payload:
    return service("steady", *changes)


def rolling(*changes: Change) -> Payload:
    return service("rolling", *changes)


def starts(*changes: Change) -> Payload:
    """Return a service without load balancers whose first tasks are pending."""
    return rolling(*STARTING, *changes)


def put(**members: t.Any) -> Change:
    """Change members of the service."""
    return lambda payload: payload.update(members)


def first(**members: t.Any) -> Change:
    """Change members of the first deployment."""
    return lambda payload: payload["deployments"][0].update(members)


def second(**members: t.Any) -> Change:
    """Change members of the second deployment."""
    return lambda payload: payload["deployments"][1].update(members)


def task_set(number: int, **members: t.Any) -> Change:
    """Change members of a task set."""
    return lambda payload: payload["taskSets"][number].update(members)


def configured(**members: t.Any) -> Change:
    """Change the deployment configuration."""
    return lambda payload: payload["deploymentConfiguration"].update(members)


def event(message: str, at: float = T0 + 50) -> Change:
    """Add an event."""
    return lambda payload: payload["events"].insert(0, {"id": message[:8], "createdAt": at, "message": message})


def only_second(payload: Payload) -> None:
    payload["deployments"] = payload["deployments"][1:]


def only_event(words: str) -> Change:
    """Keep the events with these words."""
    return lambda payload: payload.update(events=[item for item in payload["events"] if words in item["message"]])


def reverse(member: str) -> Change:
    """Reverse the deployments or task sets."""
    return lambda payload: payload[member].reverse()


def no_balancer(payload: Payload) -> None:
    payload["loadBalancers"] = []


ROLL_BACK = configured(deploymentCircuitBreaker={"enable": True, "rollback": True})
BREAKER = configured(deploymentCircuitBreaker={"enable": True, "rollback": False})
STARTING = (no_balancer, first(runningCount=0, pendingCount=2))
ACTIVE = second(rolloutState="IN_PROGRESS")
WATCHING = configured(alarms={"alarmNames": ["errors", "latency"], "enable": True, "rollback": True})
NOT_WATCHING = configured(alarms={"alarmNames": ["errors"], "enable": False, "rollback": False})
IN_PROGRESS = first(runningCount=2, pendingCount=0, rolloutState="IN_PROGRESS")
OLD_GONE = (put(runningCount=2, pendingCount=0), second(runningCount=0, pendingCount=0, desiredCount=0))
TRIPPED = "ECS deployment circuit breaker: tasks failed to start"
THREE_STARTED = "(service lotto) has started 3 tasks: (task 1) (task 2) (task 3)."
FAILED = first(rolloutState="FAILED", rolloutStateReason=f"{TRIPPED}.")


def tasks(*names: str) -> list[Payload]:
    return [TASKS[name] for name in names]


def died(*names: str, signs: int | None = None) -> dict[str, t.Any]:
    """Return what is known of stopped tasks; by default each is a sign of failure."""
    return {"signs_seen": len(names) if signs is None else signs, "tasks": tasks(*names)}


def targets(*states: str) -> dict[str, list[Payload]]:
    arn = load("service_steady")["loadBalancers"][0]["targetGroupArn"]
    return {arn: [TARGETS[state] for state in states]}


def summary(found: Verdict) -> str:
    """Return the outcome, or pending with the needs or else the phase."""
    if found.final:
        return found.outcome
    return f"pending: wants {', '.join(found.needs)}" if found.needs else f"pending: {found.phase}"


STARTS = starts()
STEADY, ROLLS = service("steady"), service("rolling")
ALARM = first(rolloutState="FAILED", rolloutStateReason="ECS deployment failed: alarm detected.")
ALARMED = {
    **RECORDS["stopped"],
    "alarms": {"status": "TRIGGERED", "alarmNames": ["errors"], "triggeredAlarmNames": ["errors"]},
    "statusReason": "Service deployment stopped because an alarm was triggered.",
}
BARE: Payload = {"serviceName": "lotto", "status": "ACTIVE", "deployments": [{"id": NEW, "status": "PRIMARY"}]}
UNHEALTHY = {
    **TARGETS["unhealthy"],
    "TargetHealth": {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"},
}
IDLE = {
    **TARGETS["unhealthy"],
    "TargetHealth": {"State": "unused", "Reason": "Target.NotInUse", "Description": "The zone is not enabled"},
}

HEALTHY = targets("healthy", "healthy")
SEEN = {"tasks": [], "signs_seen": 99}
NO_RECORD: dict[str, t.Any] = {**SEEN, "service_deployment": {}}
ALONE: dict[str, t.Any] = {"health": {}}
NO_CANDIDATE = "No rollback candidate was found to run the rollback."
# a first deployment has no source
FIRST_ONE = {**RECORDS["rollback_failed"], "sourceServiceRevisions": [], "statusReason": NO_CANDIDATE}
CONTAINER_FAILED = "Task failed container health checks"


def row(
    what: str,
    service: Payload | None,
    *expected: t.Any,
    watch: str = "",
    record: Payload | str | None = None,
    **known: t.Any,
) -> t.Any:
    """Return a row: case, service, expected values; the deployment to watch, its record, what else is known."""
    if watch:
        known["deployment_id"] = watch
    if record is not None:
        known["service_deployment"] = RECORDS[record] if isinstance(record, str) else record
    return pytest.param(service, known, *expected, id=what)


# unformatted, so that a row fits on a line
ROLLING = [
    row("steady", STEADY, "steady", targets=HEALTHY),
    row("without load balancers, its containers not fetched", steady(no_balancer), "pending: wants health"),
    row("full without load balancers, no health check", steady(no_balancer), "pending: steady", **ALONE),
    *(
        row(f"no health check, {what}, for {seconds} s", steady(no_balancer, *changes),
            expected, **ALONE, **known, phase="steady", phase_seconds=seconds)
        for what, changes, known, seconds, expected in (
            ("new", (), {}, 9.9, "pending: steady"),
            ("new", (), {}, 10, "steady"),
            ("old", (), {"was_complete": True}, 0, "steady"),
            (
                "none asked for",
                (first(desiredCount=0, runningCount=0), put(desiredCount=0, runningCount=0)),
                {},
                0,
                "steady",
            ),
            ("a task lost", (), {"drops": 1, "signs_seen": 1}, 29.9, "pending: steady"),
            ("a task lost", (), {"drops": 1, "signs_seen": 1}, 30, "steady"),
            ("old, a task lost", (), {"was_complete": True, "drops": 1, "signs_seen": 1}, 29.9, "pending: steady"),
            ("a third one started", (event(THREE_STARTED),), {"signs_seen": 9}, 29.9, "pending: steady"),
            ("a task stopped", (), {"tasks": tasks("exit_1")}, 29.9, "pending: steady"),
            (
                "one could not be placed",
                (event("(service lotto) was unable to place a task"),),
                {"signs_seen": 1},
                10,
                "steady",
            ),
        )
    ),
    row("a task lost, its health check says that it works", steady(no_balancer), "steady", health={"1/app": "HEALTHY"},
        drops=1),
    row("a task lost, its targets are healthy", STEADY, "steady", targets=HEALTHY, drops=1),
    row("steady without load balancers, its containers HEALTHY", steady(no_balancer), "steady",
        health={"1/app": "HEALTHY", "2/app": "HEALTHY"}),
    row("without load balancers, a container UNHEALTHY", steady(no_balancer), "pending: health",
        health={"1/app": "HEALTHY", "2/app": "UNHEALTHY"}),
    row("without load balancers, a container not checked yet", steady(no_balancer), "pending: health",
        health={"1/app": "UNKNOWN"}),
    row("steady without load balancers, scaled to 0",
        steady(no_balancer, first(desiredCount=0, runningCount=0), put(desiredCount=0, runningCount=0)), "steady"),
    row("steady with load balancers, which decide", STEADY, "steady", targets=HEALTHY, health={"1/app": "UNKNOWN"}),
    row("missing", None, "gone"),
    row("missing at first, though its deployment is known", None, "pending: absent", watch=NEW),
    row("missing for longer than reads take to catch up", None, "gone", watch=NEW, phase="absent", phase_seconds=120),
    row("missing for almost as long as reads take to catch up", None, "pending: absent", watch=NEW, phase="absent",
        phase_seconds=119.9),
    row("missing for ten minutes", None, "gone", watch=NEW, phase="absent", phase_seconds=600),
    row("missing for a minute, deployment unknown", None, "gone", phase="absent", phase_seconds=1),
    *(
        row(f"INACTIVE, {what}", steady(put(status="INACTIVE")), expected, **known)
        for what, known, expected in (
            ("and just recreated", {"deployment_id": NEW}, "pending: absent"),
            (
                "recreated almost too long ago",
                {"deployment_id": NEW, "phase": "absent", "phase_seconds": 119.9},
                "pending: absent",
            ),
            ("recreated too long ago", {"deployment_id": NEW, "phase": "absent", "phase_seconds": 120}, "gone"),
            ("and it was seen ACTIVE", {"deployment_id": NEW, "phase": "starting"}, "gone"),
        )
    ),
    row("DRAINING, and its deployment is known", steady(put(status="DRAINING")), "gone", watch=NEW, created_at=T0),
    row("missing after it was seen", None, "gone", watch=NEW, phase="starting"),
    row("INACTIVE", steady(put(status="INACTIVE")), "gone"),
    row("DRAINING", steady(put(status="DRAINING")), "gone"),
    row("no deployment yet", steady(put(deployments=[])), "pending: absent"),
    row("no deployment for good", steady(put(deployments=[])), "gone", phase="absent", phase_seconds=30),
    row("no deployment for almost too long", steady(put(deployments=[])), "pending: absent", phase="absent",
        phase_seconds=29.9),
    row("no deployment for a minute", steady(put(deployments=[])), "gone", phase="absent", phase_seconds=60),
    row("only its existence is known", BARE, "steady", **ALONE),
    row("two deployments, the PRIMARY listed last", rolling(reverse("deployments")), "pending: starting", **SEEN),
    row("two deployments, the new one starting", ROLLS, "pending: starting"),
    row("two deployments, the new one complete",
        rolling(first(runningCount=2, pendingCount=0, rolloutState="COMPLETED"), put(pendingCount=0)),
        "pending: draining", targets=HEALTHY),
    row("alone and full, not yet COMPLETED", steady(first(rolloutState="IN_PROGRESS")), "pending: settling",
        targets=HEALTHY),
    row("alarms watch, alone", steady(IN_PROGRESS, WATCHING), "pending: baking"),
    row("alarms watch, the old is still ACTIVE", rolling(IN_PROGRESS, *OLD_GONE, WATCHING), "pending: baking"),
    row("alarms watch, old tasks run",
        rolling(IN_PROGRESS, put(pendingCount=0, runningCount=3), second(runningCount=1), WATCHING),
        "pending: draining"),
    row("alarms watch, a task is missing", steady(first(rolloutState="IN_PROGRESS", runningCount=1), WATCHING),
        "pending: starting", **SEEN),
    row("alarms watched, COMPLETED", steady(WATCHING), "steady", targets=HEALTHY),
    row("alarms that are off", steady(IN_PROGRESS, NOT_WATCHING), "pending: settling"),
    row("alarms that are off, the old is still ACTIVE", rolling(IN_PROGRESS, *OLD_GONE), "pending: draining"),
    row("alarms watch, whose stage the record tells", steady(IN_PROGRESS, WATCHING, configured(strategy="BLUE_GREEN")),
        "pending: settling", record="in_progress"),
    row("empty rolloutState", steady(first(rolloutState="")), "steady", targets=HEALTHY),
    row("empty rolloutState, not full", steady(first(rolloutState=None, runningCount=1)), "pending: starting",
        targets=HEALTHY, **SEEN),
    row("an older COMPLETED while ours is not visible yet", STEADY, "pending: absent", watch=NEWER, targets=HEALTHY),
    row("an older COMPLETED beside ours", rolling(first(pendingCount=0, runningCount=0)), "pending: starting",
        watch=NEW, **NO_RECORD),
    row("desired 0", steady(put(desiredCount=0, runningCount=0), first(desiredCount=0, runningCount=0)), "steady",
        targets={}),
    row("desired 0, still stopping", steady(put(desiredCount=0), first(desiredCount=0, runningCount=1)),
        "pending: starting", targets=HEALTHY, **SEEN),
    row("COMPLETED, running unlike desired", steady(first(runningCount=1)), "pending: starting", targets=HEALTHY,
        **SEEN),
    row("COMPLETED, one more pending", steady(first(pendingCount=1)), "pending: starting", targets=HEALTHY, **SEEN),
    row("tasks of another deployment", steady(put(runningCount=3)), "pending: draining",
        targets=HEALTHY, **SEEN),
    row("scale-in during the wait: fewer are desired, more still run",
        steady(put(desiredCount=1), first(desiredCount=1)), "pending: starting", targets=HEALTHY, **SEEN),
    row("scale-in during the wait: the deployment does not know yet", steady(put(desiredCount=1)), "pending: starting",
        targets=HEALTHY, **SEEN),
    row("fewer tasks of the service than of its deployment", steady(put(runningCount=1)), "pending: draining",
        targets=HEALTHY, **SEEN),
    row("scale-in during the wait, done",
        steady(put(desiredCount=1, runningCount=1), first(desiredCount=1, runningCount=1)), "steady",
        targets=targets("healthy", "draining"), tasks=tasks("scale_in"), drops=1, signs_seen=99),
    row("scale-out: the deployment does not know yet", steady(put(desiredCount=4)),
        "pending: starting", targets=HEALTHY, **SEEN),
    row("scale-out, done",
        steady(put(desiredCount=3, runningCount=3), first(desiredCount=3, runningCount=3)), "steady",
        targets=targets("healthy", "healthy", "healthy")),
    row("targets not fetched", STEADY, "pending: wants targets"),
    row("targets of an earlier poll", STEADY, "pending: wants targets", targets=HEALTHY, targets_fresh=False),
    row("one target unhealthy", STEADY, "pending: targets", targets=targets("healthy", "unhealthy")),
    row("one target initial", STEADY, "pending: targets", targets=targets("healthy", "initial")),
    row("old targets draining beside", STEADY, "steady", targets=targets("healthy", "healthy", "draining")),
    row("more targets healthy than are desired", STEADY, "steady", targets=targets("healthy", "healthy", "healthy")),
    row("a target of unknown health", STEADY, "pending: targets",
        targets={arn: [items[0], {"Target": {"Id": "172.25.10.11"}}] for arn, items in HEALTHY.items()}),
    row("another PRIMARY, its record not read", STEADY, "pending: wants service_deployment", watch=OLD,
        phase="starting"),
    row("another PRIMARY, no record", steady(put(events=[])), "superseded", watch=OLD, phase="starting",
        record={}),
    row("another PRIMARY, ours still running", ROLLS, "superseded", watch=OLD, record="stopped_by_newer"),
    row("another PRIMARY after ours succeeded", ROLLS, "superseded", watch=OLD, record="successful"),
    row("another PRIMARY, the record says that ours is being rolled back", ROLLS, "pending: rolling_back", watch=OLD,
        record="rollback_in_progress", **SEEN),
    row("another PRIMARY, the record says that ours was rolled back", ROLLS, "rolled_back", watch=OLD,
        record="rollback_successful", **SEEN),
    row("another PRIMARY, the record says that the rollback failed", service("rolling_back"), "rollback_failed",
        watch=NEW, record="rollback_failed", **SEEN),
    row("another PRIMARY, the target of the failed rollback", ROLLS,
        "rollback_failed", watch=OLD,
        record={
            **RECORDS["rollback_failed"],
            "rollback": {"serviceRevisionArn": f"arn:service-revision/{NEW.rpartition('/')[2]}"},
        }, **SEEN),
    row("the rollback failed, as no deployment has ever succeeded", rolling(FAILED), "crash_loop",
        record={**RECORDS["rollback_failed"], "statusReason": NO_CANDIDATE}, **died("exit_1")),
    row("the rollback failed for another reason", rolling(FAILED), "rollback_failed", record="rollback_failed",
        **died("exit_1")),
    row("a newer deployment ended the rollback", ROLLS, "superseded", watch=OLD, record="rollback_failed", **SEEN),
    row("a newer deployment after a rollback that was seen", service("rolled_back", first(id=NEWER), put(events=[])),
        "superseded", watch=NEW, phase="rolling_back", rollback_id=BACK, **NO_RECORD),
    row("a newer deployment during a rollback that only the record shows",
        service("rolled_back", first(id=NEWER, createdAt=T0 + 900), put(events=[])), "superseded", watch=NEW,
        phase="rolling_back", created_at=T0, **NO_RECORD),
    *(
        row(f"an older PRIMARY, the record says that ours is {status}, for {seconds} s",
            service("rolling_back", first(createdAt=T0 - 86000, rolloutStateReason=""), put(events=[]), ACTIVE),
            "pending: rolling_back", watch=NEW, **SEEN, record={"status": status}, phase=phase, phase_seconds=seconds)
        for status, phase, seconds in (("IN_PROGRESS", "starting", 900), ("PENDING", "rolling_back", 59))
    ),
    *(
        row(f"an older PRIMARY that is COMPLETED, the record says for {seconds} s that ours is in progress",
            service("rolled_back", first(createdAt=T0 - 86000), put(events=[])), expected, watch=NEW, **SEEN,
            created_at=T0, record={"status": "IN_PROGRESS"}, phase="rolling_back", phase_seconds=seconds)
        for seconds, expected in ((59.9, "pending: rolling_back"), (60, "rolled_back"))
    ),
    *(
        row(f"a newer PRIMARY, the record says that ours is in progress, {phase} for {seconds} s",
            steady(first(id=NEWER, createdAt=T0 + 90), put(events=[])), expected, watch=NEW, **SEEN,
            record={"status": "IN_PROGRESS"}, phase=phase, phase_seconds=seconds)
        for phase, seconds, expected in (
            ("starting", 900, "pending: displaced"),
            ("displaced", 59.9, "pending: displaced"),
            ("displaced", 60, "superseded"),
        )
    ),
    row("another PRIMARY, ours was never there", steady(put(events=[])), "gone", watch=NEWER, phase="absent",
        phase_seconds=30, **NO_RECORD),
    row("another PRIMARY, ours was there, as its record says", steady(put(events=[])), "superseded", watch=NEWER,
        phase="absent", phase_seconds=30, **SEEN, record="stopped_by_newer"),
    row("another PRIMARY, ours was there when the wait began", steady(put(events=[])), "superseded", watch=NEWER,
        phase="absent", phase_seconds=30, created_at=T0, **NO_RECORD),
    row("another PRIMARY, the record says that the breaker stopped ours", ROLLS, "crash_loop", watch=OLD,
        record="stopped_by_breaker", signs_seen=99, tasks=[{**TASKS["exit_1"], "startedBy": OLD}]),
    row("another PRIMARY, the record says that the breaker stopped ours, and no task why", ROLLS, "failed", watch=OLD,
        record="stopped_by_breaker", **SEEN),
    row("FAILED and another deployed since, without rollback", rolling(second(rolloutState="FAILED")), "superseded",
        watch=OLD, record={}, **SEEN),
    row("ours is there, and no PRIMARY", rolling(only_second), "pending: wants service_deployment", watch=OLD),
    row("another PRIMARY, ours gone, the record says that a newer one stopped it", steady(put(events=[])), "superseded",
        watch=OLD, phase="starting", record="stopped_by_newer"),
    row("another PRIMARY of unknown age", rolling(first(createdAt=None)), "superseded", watch=OLD, record={}),
    row("another PRIMARY of the same age", rolling(first(createdAt=T0 - 86000)), "superseded", watch=OLD, record={}),
    row("another PRIMARY, a breaker that rolls back, and ours was COMPLETED", rolling(ROLL_BACK), "superseded",
        watch=OLD, record={}),
    row("another PRIMARY, a breaker that rolls back, and ours was IN_PROGRESS",
        rolling(ROLL_BACK, second(rolloutState="IN_PROGRESS")), "superseded", watch=OLD, record={}),
    row("rolling back, only ours being FAILED under a breaker tells",
        service("rolling_back", first(rolloutStateReason=""), put(events=[])), "pending: rolling_back", watch=NEW,
        **NO_RECORD),
    row("rolling back, in other words",
        service("rolling_back", first(rolloutStateReason="Deployment rollback in progress."), put(events=[]), ACTIVE),
        "pending: rolling_back", watch=NEW, **NO_RECORD),
    row("rolling back", service("rolling_back"), "pending: rolling_back", watch=NEW, **NO_RECORD),
    row("rolling back, ours not FAILED yet", service("rolling_back", second(rolloutState="IN_PROGRESS")),
        "pending: rolling_back", watch=NEW, **NO_RECORD),
    row("rolling back, only the PRIMARY tells",
        service("rolling_back", second(rolloutState="IN_PROGRESS"), put(events=[])), "pending: rolling_back", watch=NEW,
        **NO_RECORD),
    row("rollback requested, the only sign",
        service("rolling_back", first(rolloutStateReason=""), second(rolloutState="IN_PROGRESS"), put(events=[])),
        "pending: rolling_back", watch=NEW, rollback_asked=True, record={}, **SEEN),
    row("a pending task of another deployment", steady(put(pendingCount=1)),
        "pending: draining", targets=HEALTHY, **SEEN),
    row("another deployment listed, though nothing of it runs",
        rolling(
            first(runningCount=2, pendingCount=0, rolloutState="COMPLETED"),
            second(runningCount=0),
            put(pendingCount=0, runningCount=2),
        ), "pending: draining", targets=HEALTHY, **SEEN),
    row("another PRIMARY, the record says that an alarm stopped ours", ROLLS, "stopped", watch=OLD, record=ALARMED,
        **SEEN),
    row("another PRIMARY, an event without words", rolling(put(events=[{"id": "1", "createdAt": T0 + 1}])),
        "superseded", watch=OLD, record={}),
    row("rolling back to a deployment that was there before",
        service(
            "rolling_back",
            first(createdAt=T0 - 86000, rolloutStateReason=""),
            second(rolloutState="IN_PROGRESS"),
            put(events=[]),
        ), "pending: rolling_back", watch=NEW, **NO_RECORD),
    row("rolled back, ours gone from the list", service("rolled_back"), "rolled_back", watch=NEW, phase="rolling_back",
        **NO_RECORD),
    row("rolled back before the first poll, by the events", service("rolled_back"), "rolled_back", watch=NEW,
        phase="starting", **NO_RECORD),
    row("rolled back, only what was seen before tells", service("rolled_back", put(events=[])), "rolled_back",
        watch=NEW, phase="rolling_back", rollback_id=BACK, **NO_RECORD),
    row("rolled back, only the event of the failure tells", service("rolled_back", only_event("deployment failed")),
        "rolled_back", watch=NEW, phase="starting", **NO_RECORD),
    row("rolled back, only the event of the rollback tells", service("rolled_back", only_event("rolling back to")),
        "rolled_back", watch=NEW, phase="starting", **NO_RECORD),
    *(
        row(f"another PRIMARY, an event of the rollback to {other}",
            service("rolled_back", put(events=[]), event(f"(service lotto) rolling back to deployment {other}.")),
            "superseded", watch=NEW, phase="starting", record={})
        for other in (OLD, "ecs-svc/1000000000000000000")
    ),
    row("rolled back, more running than desired", service("rolled_back", first(runningCount=3)),
        "pending: rolling_back", watch=NEW, phase="rolling_back", **NO_RECORD),
    row("rolled back, not all running yet", service("rolled_back", first(runningCount=1)), "pending: rolling_back",
        watch=NEW, phase="rolling_back", **NO_RECORD),
    row("the rollback fails", service("rolling_back", first(rolloutState="FAILED")), "rollback_failed", watch=NEW,
        **NO_RECORD),
    row("rolled back, record not fetched", service("rolled_back"), "pending: wants service_deployment", watch=NEW,
        phase="rolling_back"),
    row("rolled back, tasks not fetched", service("rolled_back"), "pending: wants tasks", watch=NEW,
        phase="rolling_back", record={}),
    row("FAILED, tasks not fetched", rolling(FAILED), "pending: wants tasks"),
    row("FAILED", rolling(FAILED), "failed", **SEEN),
    row("FAILED by an image", rolling(FAILED), "image", tasks=tasks("image_not_found"), signs_seen=99),
    row("FAILED, to be rolled back", rolling(FAILED, ROLL_BACK), "pending: failed", **SEEN),
    row("FAILED, to be rolled back, and nothing comes", rolling(FAILED, ROLL_BACK), "failed", **SEEN, phase="failed",
        phase_seconds=30),
    row("FAILED, to be rolled back, and it is almost time", rolling(FAILED, ROLL_BACK), "pending: failed", **SEEN,
        phase="failed", phase_seconds=29.9),
    row("FAILED, to be rolled back, and nothing comes in a minute", rolling(FAILED, ROLL_BACK), "failed", **SEEN,
        phase="failed", phase_seconds=60),
    *(
        row(f"FAILED, to be rolled back: long {phase} is not long failed", rolling(FAILED, ROLL_BACK),
            "pending: failed", **SEEN, phase=phase, phase_seconds=99)
        for phase in ("draining", "starting")
    ),
    row("FAILED, to be rolled back by its alarms",
        rolling(FAILED, configured(alarms={"alarmNames": ["errors"], "enable": True, "rollback": True})),
        "pending: failed", **SEEN),
    row("FAILED, rollback with the breaker off",
        rolling(FAILED, configured(deploymentCircuitBreaker={"enable": False, "rollback": True})), "failed", **SEEN),
    row("FAILED without a configuration", rolling(FAILED, put(deploymentConfiguration=None)), "failed", **SEEN),
    row("FAILED by an alarm", rolling(ALARM), "stopped", **SEEN),
    row("FAILED by an alarm, only the event tells",
        rolling(FAILED, event(f"(service lotto) (deployment {NEW}) deployment failed: alarm detected.")), "stopped",
        **SEEN),
    row("FAILED, an alarm ended an earlier one",
        rolling(FAILED, event(f"(service lotto) (deployment {OLD}) deployment failed: alarm detected.", T0 - 9)),
        "failed", **SEEN),
    row("FAILED by an alarm, and tasks died", rolling(ALARM), "crash_loop", tasks=tasks("exit_1"), signs_seen=99),
    row("FAILED by health checks without a failed task",
        rolling(first(rolloutState="FAILED", rolloutStateReason="tasks failed ELB health checks.")), "health_check",
        **SEEN),
    row("FAILED, more has failed since the tasks were looked at", rolling(FAILED, first(failedTasks=3)),
        "pending: wants tasks", tasks=[], signs_seen=1),
    row("FAILED, to be rolled back, soon after the service was created", rolling(FAILED, ROLL_BACK, put(createdAt=T0)),
        "pending: failed", **SEEN),
    row("FAILED, of the same moment as the service", steady(FAILED, ROLL_BACK, put(createdAt=T0 - 5)), "failed",
        **SEEN),
    row("FAILED, a moment after the service was created", steady(FAILED, ROLL_BACK, put(createdAt=T0 - 5.5)),
        "pending: failed", **SEEN),
    row("FAILED, the first deployment: nothing to roll back to", steady(FAILED, ROLL_BACK, put(createdAt=T0)), "failed",
        **SEEN),
    row("FAILED, to be rolled back, the old one not listed", steady(FAILED, ROLL_BACK), "pending: failed", **SEEN),
    row("rollback requested, not begun", ROLLS, "pending: rolling_back", rollback_asked=True, record="in_progress",
        **SEEN),
    row("rollback requested, ECS has the request", ROLLS, "pending: rolling_back", rollback_asked=True,
        record="rollback_requested", **SEEN),
    row("rollback requested, record not read", ROLLS, "pending: wants service_deployment", rollback_asked=True, **SEEN),
    row("rollback requested, done", service("rolled_back", put(events=[])), "rolled_back", watch=NEW,
        rollback_asked=True, phase="rolling_back", **NO_RECORD),
]  # fmt: skip

BLUE_GREEN = [
    row("record not read", steady(configured(strategy="BLUE_GREEN")), "pending: wants service_deployment",
        targets=HEALTHY),
    row("baking", steady(configured(strategy="BLUE_GREEN")), "pending: settling", targets=HEALTHY,
        record="in_progress"),
    row("successful", steady(configured(strategy="CANARY")), "steady", targets=HEALTHY, record="successful"),
    row("stopped by someone", rolling(configured(strategy="LINEAR")), "stopped", record="stopped"),
    row("stopped by the breaker", rolling(configured(strategy="BLUE_GREEN")), "crash_loop", record="stopped_by_breaker",
        tasks=tasks("exit_1"), signs_seen=99),
    row("stopped without a reason", rolling(configured(strategy="LINEAR")), "stopped",
        record={"status": "STOPPED"}),
    row("stopped by an alarm", rolling(configured(strategy="BLUE_GREEN")), "stopped", record=ALARMED, **SEEN),
    row("the breaker has tripped, and nothing has ended yet", rolling(configured(strategy="BLUE_GREEN")),
        "pending: starting", record={**RECORDS["in_progress"], "deploymentCircuitBreaker": {"status": "TRIGGERED"}},
        **SEEN),
    *(
        row(f"all run, and the record is {status}", steady(configured(strategy="BLUE_GREEN")), "pending: settling",
            targets=HEALTHY, record={**RECORDS["in_progress"], "status": status})
        for status in ("PENDING", "STOP_REQUESTED")
    ),
    row("no record", steady(configured(strategy="BLUE_GREEN")), "steady", targets=HEALTHY, record={}),
]  # fmt: skip

FAILING = [
    row("no sign", STARTS, "pending: starting"),
    row("the first sign: failedTasks", starts(first(failedTasks=1)), "pending: wants tasks"),
    row("the first sign: an event",
        starts(event("(service lotto) is unable to consistently start tasks successfully.")), "pending: wants tasks"),
    row("the first sign: an old event is none", starts(event("(service lotto) was unable to place a task", T0 - 9)),
        "pending: starting"),
    row("the first sign: more were started than run", starts(event("(service lotto) has started 1 tasks: (task 1f).")),
        "pending: wants tasks"),
    row("the first sign: failedTasks, and more run than were started since",
        rolling(no_balancer, first(failedTasks=1), put(events=[])), "pending: wants tasks"),
    row("no sign: more run than were started since", rolling(no_balancer, put(events=[])), "pending: starting"),
    row("the first sign: fewer run than before", STARTS, "pending: wants tasks", drops=1),
    row("seen, and it was a scale-in", STARTS, "pending: starting", drops=1, signs_seen=1, tasks=tasks("scale_in")),
    row("a second sign, short of enough", starts(first(failedTasks=2)), "pending: starting", **died("exit_1")),
    row("a third sign, perhaps enough", starts(first(failedTasks=3)), "pending: wants tasks", **died("exit_1")),
    *(
        row(f"fewer run than before, {drops} times", STARTS, expected, drops=drops, signs_seen=1,
            tasks=tasks("exit_1"))
        for drops, expected in ((2, "pending: starting"), (3, "pending: wants tasks"), (4, "pending: wants tasks"))
    ),
    row("more than enough by failedTasks", starts(first(failedTasks=4)), "crash_loop", **died("exit_1", signs=4)),
    row("enough for the service's own threshold",
        starts(
            configured(deploymentCircuitBreaker={"thresholdConfiguration": {"type": "COUNT", "value": 1}}),
            first(failedTasks=1),
        ), "crash_loop", **died("exit_1")),
    row("enough by failedTasks", starts(first(failedTasks=3)), "crash_loop", **died("exit_1", signs=3)),
    row("enough by stopped tasks", STARTS, "crash_loop", **died("exit_1", "exit_1", "exit_1")),
    row("others' tasks do not count", STARTS, "pending: starting",
        **died("exit_1", "other_deployment", "other_deployment")),
    row("tasks stopped on purpose do not count", STARTS, "pending: starting",
        **died("stopped_by_user", "spot", "scale_in")),
    row("memory", STARTS, "out_of_memory", **died("out_of_memory", "out_of_memory", "exit_1")),
    row("health checks of the load balancer", STARTS, "health_check", **died("elb_health", "elb_health", "elb_health")),
    row("health checks of the container", STARTS, "health_check",
        **died("container_health", "container_health", "container_health")),
    row("a missing image: permanent", STARTS, "image", **died("image_not_found")),
    row("an image for another platform: permanent", STARTS, "image", **died("image_platform")),
    row("an unreachable registry may come back", STARTS, "pending: starting", **died("image_timeout")),
    row("an unreachable registry, three times", STARTS, "image",
        **died("image_timeout", "image_timeout", "image_timeout")),
    row("a missing secret: permanent", STARTS, "secrets", **died("secret_not_found")),
    row("a missing parameter: permanent", STARTS, "secrets", **died("parameter_not_found")),
    row("a secret denied: a new policy takes a while", STARTS, "pending: starting", **died("secret_denied")),
    row("a missing command: permanent", STARTS, "cannot_start", **died("no_command")),
    row("permanent once, but all run now", steady(first(rolloutState="IN_PROGRESS")), "pending: settling",
        **died("image_not_found")),
    row("permanent once, but more run than are desired",
        rolling(no_balancer, first(desiredCount=1, runningCount=2, pendingCount=0)), "pending: starting",
        **died("image_not_found")),
    row("steady in spite of earlier failures", steady(no_balancer), "steady", **ALONE, signs_seen=9,
        tasks=tasks("exit_1", "exit_1", "exit_1"), phase="steady", phase_seconds=30),
    row("full in spite of earlier failures", steady(no_balancer), "pending: steady", **ALONE, signs=3, signs_seen=9,
        drops=3, tasks=tasks("exit_1", "exit_1", "exit_1")),
    row("full and completed, and one failure more: ECS does not roll it back any more", steady(no_balancer, ROLL_BACK),
        "crash_loop", **ALONE, signs=2, signs_seen=9, drops=3, tasks=tasks("exit_1", "exit_1", "exit_1")),
    row("full, and one failure more than at the last poll", steady(no_balancer), "crash_loop", **ALONE, signs=2,
        signs_seen=9, drops=3, tasks=tasks("exit_1", "exit_1", "exit_1")),
    row("full in spite of earlier failures, its targets not fetched", STEADY, "pending: wants targets",
        **died("exit_1", "exit_1", "exit_1", signs=9)),
    row("full after as many failures, targets unhealthy", STEADY, "crash_loop", signs_seen=9,
        tasks=tasks("exit_1", "exit_1", "exit_1"), targets={}),
    row("capacity, three times", STARTS, "pending: starting", **died("capacity", "capacity", "capacity")),
    row("no place, by the events",
        starts(*[event(f"(service lotto) was unable to place a task because of reason {n}.") for n in range(3)]),
        "placement", **SEEN),
    row("no task was launched, by the events",
        starts(
            *[
                event(f"(service lotto) failed to launch a task with (error ECS was unable to assume {n}).")
                for n in "abc"
            ]
        ), "cannot_start", **SEEN),
    row("permanent, but ECS rolls back", starts(ROLL_BACK), "pending: starting", **died("image_not_found")),
    row("enough, but ECS rolls back", starts(ROLL_BACK), "pending: starting", **died("exit_1", "exit_1", "exit_1")),
    row("twice enough, and ECS does not see it", starts(ROLL_BACK), "crash_loop", **died(*["exit_1"] * 6, signs=6)),
    row("permanent, and the breaker only stops", starts(BREAKER), "image", **died("image_not_found")),
]  # fmt: skip

TASK_SETS = [
    row("steady", service("task_sets"), "steady", targets=HEALTHY),
    row("steady, by its external id", service("task_sets"), "steady", targets=HEALTHY, watch="d-724634241"),
    row("targets not fetched", service("task_sets"), "pending: wants targets"),
    row("stabilizing", service("task_sets", task_set(0, stabilityStatus="STABILIZING")), "pending: starting", **SEEN),
    row("one short", service("task_sets", task_set(0, runningCount=1)), "pending: starting", **SEEN),
    row("one too many", service("task_sets", task_set(0, runningCount=3)), "pending: starting", **SEEN),
    row("steady with CodeDeploy", service("task_sets", put(deploymentController={"type": "CODE_DEPLOY"})), "steady",
        targets=HEALTHY),
    row("steady, by its ARN", service("task_sets"), "steady", targets=HEALTHY,
        watch=load("service_task_sets")["taskSets"][0]["taskSetArn"]),
    row("steady, the PRIMARY listed last", service("task_sets", reverse("taskSets")), "steady", targets=HEALTHY),
    row("steady in spite of earlier failures", service("task_sets"), "steady", targets=HEALTHY, signs_seen=9,
        tasks=tasks("exit_1", "exit_1", "exit_1")),
    row("steady beside another one with bad targets",
        service("task_sets", task_set(1, loadBalancers=[{"targetGroupArn": "other"}])), "steady",
        targets={**HEALTHY, "other": [TARGETS["unhealthy"]]}),
    row("steady, another one has no targets", service("task_sets", task_set(1, loadBalancers=None)), "steady",
        targets=HEALTHY),
    row("steady, it has no targets and another one has", service("task_sets", task_set(0, loadBalancers=None)),
        "steady"),
    row("an old event is no sign",
        service(
            "task_sets",
            task_set(0, runningCount=1),
            put(events=[]),
            event("(service lotto) was unable to place a task", T0 - 9),
        ), "pending: starting"),
    row("one pending", service("task_sets", task_set(0, pendingCount=1)), "pending: starting", **SEEN),
    row("steady, traffic not shifted", service("task_sets", task_set(0, status="ACTIVE")), "pending: draining",
        watch=NEW, **NO_RECORD),
    row("none yet", service("task_sets", put(taskSets=[])), "pending: absent"),
    row("none for almost too long", service("task_sets", put(taskSets=[])), "pending: absent", phase="absent",
        phase_seconds=29.9),
    row("none for good", service("task_sets", put(taskSets=[])), "gone", phase="absent", phase_seconds=30),
    row("none for a minute", service("task_sets", put(taskSets=[])), "gone", phase="absent", phase_seconds=60),
    row("none after it was seen", service("task_sets", put(taskSets=[])), "gone", phase="starting"),
    row("replaced by a newer one", service("task_sets", task_set(1, status="DRAINING")), "superseded", watch=OLD),
    row("back on the older one", service("task_sets", task_set(0, status="DRAINING"), task_set(1, status="PRIMARY")),
        "rolled_back", watch=NEW),
    row("unknown id", service("task_sets"), "gone", watch=NEWER, phase="absent", phase_seconds=30),
    row("ours is gone, a newer one is PRIMARY", service("task_sets"), "superseded", watch=NEWER, phase="starting",
        created_at=T0 - 60),
    row("ours is gone, an older one is PRIMARY", service("task_sets"), "rolled_back", watch=NEWER, phase="starting",
        created_at=T0 + 60),
    row("crashing", service("task_sets", task_set(0, runningCount=0)), "crash_loop",
        **died("exit_1", "exit_1", "exit_1")),
]  # fmt: skip

TABLES = {"rolling": ROLLING, "blue_green": BLUE_GREEN, "failing": FAILING, "task_sets": TASK_SETS}


@pytest.mark.parametrize(
    ("payload", "known", "expected"),
    [pytest.param(*one.values, id=f"{table}: {one.id}") for table, rows in TABLES.items() for one in rows],
)
def test_verdict(payload: Payload | None, known: dict[str, t.Any], expected: str) -> None:
    assert summary(verdict(observe(service=payload, **known))) == expected


RULES = [
    row("unhealthy, but not asked for", STEADY, Rules(healthy_targets=False), "steady", targets=targets("unhealthy")),
    row("healthy asked for without load balancers", steady(no_balancer), Rules(healthy_targets=True), "pending: steady",
        **ALONE),
    row("not asked to stay", steady(no_balancer), Rules(stable_for=0), "steady", **ALONE, drops=1),
    row("asked to stay for 1 s", steady(no_balancer), Rules(stable_for=1), "pending: steady", **ALONE),
    row("steady, not long enough", STEADY, Rules(stable_for=10), "pending: steady", targets=HEALTHY),
    row("steady, long enough", STEADY, Rules(stable_for=10), "steady", targets=HEALTHY, phase="steady",
        phase_seconds=10),
    row("long in another phase is not long steady", STEADY, Rules(stable_for=10), "pending: steady", targets=HEALTHY,
        phase="settling", phase_seconds=99),
    row("steady, longer than enough", STEADY, Rules(stable_for=10), "steady", targets=HEALTHY, phase="steady",
        phase_seconds=99),
    *(
        row(f"long {phase} is not a second steady", STEADY, Rules(stable_for=1), "pending: steady", targets=HEALTHY,
            phase=phase, phase_seconds=99)
        for phase in ("settling", "targets")
    ),
    row("time long over", ROLLS, Rules(timeout=900), "timed_out", waited=1000),
    row("time not over", ROLLS, Rules(timeout=900), "pending: starting", waited=899.9),
    row("time over", ROLLS, Rules(timeout=900), "timed_out", waited=900),
    row("no end of time", ROLLS, Rules(timeout=None), "pending: starting", waited=1000000000.0),
    row("time over at the moment it is steady", STEADY, Rules(timeout=900), "steady", targets=HEALTHY, waited=900),
    row("time over, the targets once more", STEADY, Rules(timeout=900), "pending: wants targets", waited=900),
    row("own threshold", starts(first(failedTasks=1)), Rules(crash_threshold=1), "crash_loop", **died("exit_1")),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "known", "rules", "expected"), RULES)
def test_rules(payload: Payload, known: dict[str, t.Any], rules: Rules, expected: str) -> None:
    assert summary(verdict(observe(service=payload, **known), rules)) == expected


THRESHOLDS = [
    # desired of the deployment, circuit breaker, record, given, expected
    (1, {}, None, None, 3),
    (2, {}, None, None, 3),
    (6, {}, None, None, 3),
    (7, {}, None, None, 4),
    (400, {}, None, None, 200),
    (1000, {}, None, None, 200),
    (1000, {}, None, 5, 5),
    (10, {"thresholdConfiguration": {"type": "COUNT", "value": 1}}, None, None, 1),
    (10, {"thresholdConfiguration": {"type": "BOUNDED_PERCENT", "value": 80}}, None, None, 8),
    (2, {"thresholdConfiguration": {"type": "BOUNDED_PERCENT", "value": 10}}, None, None, 3),
    (2, {"thresholdConfiguration": {"type": "UNBOUNDED_PERCENT", "value": 10}}, None, None, 1),
    (1000, {"thresholdConfiguration": {"type": "UNBOUNDED_PERCENT", "value": 100}}, None, None, 1000),
    (10, {}, {"deploymentCircuitBreaker": {"threshold": 4}}, None, 4),
    (10, {"thresholdConfiguration": {"type": "COUNT", "value": 0}}, None, None, 1),
    (10, {"thresholdConfiguration": {"type": "UNBOUNDED_PERCENT", "value": 0}}, None, None, 1),
]


@pytest.mark.parametrize(("desired", "breaker", "record", "given", "expected"), THRESHOLDS)
def test_threshold(desired: int, breaker: Payload, record: Payload | None, given: int | None, expected: int) -> None:
    payload = steady(configured(deploymentCircuitBreaker=breaker), first(desiredCount=desired))
    assert threshold(payload, payload["deployments"][0], record, given) == expected


def test_threshold_without_a_configuration() -> None:
    assert threshold({}, {"desiredCount": 8}) == 4


def test_signs_add_up() -> None:
    payload = starts(
        first(failedTasks=1),
        event("(service lotto) is unable to consistently start tasks successfully."),
        event("(service lotto) has started 1 tasks: (task 1f)."),
    )
    assert signs_of(observe(service=payload, drops=1), payload["deployments"][0]) == 4


PROGRESS = [
    (ROLLS, {"targets": targets("healthy")}, "1/2 running, 1 pending, targets 1 healthy"),
    (rolling(first(failedTasks=2)), {"tasks": [], "signs_seen": 99}, "1/2 running, 1 pending, 2 failed"),
    (rolling(first(runningCount=2, pendingCount=0), put(pendingCount=0)), {}, "2/2 running, 2 old running"),
    (
        STEADY,
        {"targets": targets("healthy", "unhealthy")},
        (
            "2/2 running, targets 1 healthy, 1 unhealthy (Target.ResponseCodeMismatch: Health checks failed with these "
            "codes: [500])"
        ),
    ),
    (
        steady(configured(strategy="BLUE_GREEN")),
        {"service_deployment": RECORDS["paused"]},
        (
            "2/2 running, post test traffic shift, hook approve-cutover waits for your answer until"
            " 2025-11-22 05:00:00Z, then ECS rolls back"
        ),
    ),
    (service("rolling_back"), {"deployment_id": NEW, **NO_RECORD}, "rolling back, 2/2 running"),
    (
        ROLLS,
        {"deployment_id": OLD, "service_deployment": RECORDS["rollback_in_progress"], **SEEN},
        "rolling back, 1/2 running, 1 pending",
    ),
    (
        rolling(only_second),
        {"deployment_id": OLD, "service_deployment": RECORDS["rollback_in_progress"], **SEEN},
        "rolling back, 0/0 running",
    ),
    (steady(first(rolloutState="IN_PROGRESS")), {}, "2/2 running"),
    (steady(IN_PROGRESS, WATCHING), {}, "2/2 running, ECS watches errors, latency"),
    (
        steady(configured(strategy="BLUE_GREEN")),
        {
            "service_deployment": {
                **RECORDS["paused"],
                "lifecycleHookDetails": [
                    {"hookId": "smoke", "status": "SUCCEEDED"},
                    *RECORDS["paused"]["lifecycleHookDetails"],
                ],
            }
        },
        (
            "2/2 running, post test traffic shift, hook approve-cutover waits for your answer until"
            " 2025-11-22 05:00:00Z, then ECS rolls back"
        ),
    ),
    (
        STEADY,
        {"targets": targets("healthy", "initial", "draining")},
        "2/2 running, targets 1 healthy, 1 initial, 1 draining (old)",
    ),
    (STEADY, {"targets": {}}, "2/2 running, targets 0 healthy"),
    (steady(no_balancer), ALONE, "2/2 running, checking whether it stays"),
    (
        STEADY,
        {"targets": {"a": [UNHEALTHY, TARGETS["unhealthy"]]}},
        "2/2 running, targets 0 healthy, 2 unhealthy (Target.Timeout: Request timed out)",
    ),
    (
        STEADY,
        {"targets": {"a": [TARGETS["healthy"], IDLE]}},
        "2/2 running, targets 1 healthy, 1 unused (Target.NotInUse: The zone is not enabled)",
    ),
]


def test_a_hook_ends_the_wait_if_requested() -> None:
    payload = steady(configured(strategy="BLUE_GREEN"))
    observed = observe(service=payload, service_deployment=RECORDS["paused"])
    found = verdict(observed, Rules(end_at_hook=True))
    assert (found.outcome, found.final) == ("waiting", True)
    assert found.message.endswith(
        ": its deployment waits for an answer at post test traffic shift until 2025-11-22 05:00:00Z,"
        " then ECS rolls back."
    )
    assert (found.hook["id"], found.hook["stage"], found.hook["expires_at"], found.hook["timeout_action"]) == (
        "approve-cutover",
        "POST_TEST_TRAFFIC_SHIFT",
        "2025-11-22 05:00:00Z",
        "ROLLBACK",
    )
    assert verdict(observed).outcome == "pending"


@pytest.mark.parametrize(("payload", "known", "expected"), PROGRESS)
def test_progress(payload: Payload, known: dict[str, t.Any], expected: str) -> None:
    assert verdict(observe(service=payload, **known)).progress == expected


PULL = "CannotPullContainerError: pull image manifest has been retried"
SECRET_REASON = TASKS["secret_not_found"]["stoppedReason"]
MESSAGES = [
    (
        STARTS,
        died("exit_1", "exit_1", "exit_1"),
        "lotto: its tasks start and stop again (3 tasks), exit code 1: Essential container in task exited.",
        "Read the container's last log lines",
    ),
    (
        service("rolling_back", first(rolloutState="COMPLETED")),
        {"deployment_id": NEW, **NO_RECORD, "tasks": tasks("secret_not_found")},
        "lotto: ECS rolled the deployment back (circuit breaker): a secret that its tasks need can't be read:"
        f" {SECRET_REASON}",
        "The service runs the previous version.",
    ),
    (
        None,
        {"name": "lotto", "cluster": "magiclub-an2p-ecs"},
        "lotto: there is no such service in cluster magiclub-an2p-ecs: MISSING.",
        "Create the service first",
    ),
    (
        steady(put(events=[])),
        {"deployment_id": OLD, "phase": "starting", "service_deployment": {}},
        f"lotto: deployment {OLD} was replaced before it was steady by {NEW}: magiclub-an2p-lotto:7.",
        "Someone else deployed this service.",
    ),
    (
        STEADY,
        {"waited": 900, "targets": targets("healthy", "unhealthy")},
        (
            "lotto: not steady after 900 s: 2/2 running, targets 1 healthy, 1 unhealthy (Target.ResponseCodeMismatch: "
            "Health checks failed with these codes: [500]); its tasks fail their health checks."
        ),
        "Look at what is still pending",
    ),
    (
        STEADY,
        {"waited": 900, "targets": {"a": [IDLE]}},
        (
            "lotto: not steady after 900 s: 2/2 running, targets 0 healthy, 1 unused (Target.NotInUse: The zone is not"
            " enabled)."
        ),
        "Look at what is still pending; give a longer timeout when it only needs time. The load balancer sends nothing",
    ),
    (
        steady(IN_PROGRESS, WATCHING),
        {"waited": 900, "targets": HEALTHY},
        "lotto: not steady after 900 s: 2/2 running, targets 2 healthy, ECS watches errors, latency.",
        "The deployment has not failed",
    ),
    (
        steady(IN_PROGRESS, WATCHING),
        {"waited": 900, "signs_seen": 99, "tasks": tasks("exit_1")},
        "lotto: not steady after 900 s: 2/2 running, ECS watches errors, latency; its tasks start and stop again:"
        " Essential container in task exited.",
        "Look at what is still pending",
    ),
    (None, {}, "the service: there is no such service: MISSING.", "Create the service first"),
    (
        rolling(only_second),
        {"deployment_id": OLD, "service_deployment": {}},
        f"lotto: deployment {OLD} was replaced before it was steady by a newer deployment.",
        "Someone else deployed this service.",
    ),
    (
        ROLLS,
        {"deployment_id": OLD, "service_deployment": RECORDS["successful"]},
        f"lotto: deployment {OLD} succeeded, and has since been replaced by {NEW}: magiclub-an2p-lotto:7.",
        "Someone else deployed this service.",
    ),
    (
        rolling(FAILED),
        SEEN,
        f"lotto: ECS gave the deployment up (FAILED), without a rollback: the deployment failed, and no task says"
        f" why: {TRIPPED}.",
        "Look at the service's last events",
    ),
    (
        rolling(FAILED),
        died("exit_1", "exit_1", signs=99),
        "lotto: ECS gave the deployment up (FAILED), without a rollback: its tasks start and stop again (2 tasks),"
        " exit code 1: Essential container in task exited.",
        "Read the container's last log lines",
    ),
    (
        STARTS,
        died("no_command"),
        f"lotto: its tasks can't start: {TASKS['no_command']['stoppedReason']}.",
        "Correct the command",
    ),
    (
        STARTS,
        died("out_of_memory", "out_of_memory", "exit_1"),
        (
            "lotto: its tasks run out of memory (3 tasks), exit code 137:"
            " OutOfMemoryError: Container killed due to memory usage."
        ),
        "Raise the memory",
    ),
    (
        STARTS,
        died("elb_health", "elb_health", "elb_health"),
        f"lotto: its tasks fail their health checks (3 tasks): {TASKS['elb_health']['stoppedReason']}.",
        "Request the health path",
    ),
    (
        STARTS,
        {
            "signs_seen": 3,
            "tasks": [{**task, "stoppedReason": CONTAINER_FAILED} for task in tasks(*["elb_health"] * 3)],
        },
        f"lotto: its tasks fail their health checks (3 tasks): {CONTAINER_FAILED}.",
        "Run the command of the container's health check",
    ),
    (
        starts(*[event(f"(service lotto) was unable to place a task because of reason {n}.") for n in range(3)]),
        SEEN,
        ("lotto: ECS can't place its tasks (3 tasks): (service lotto) was unable to place a task because of reason 2."),
        "Ask for less CPU or memory",
    ),
    (
        starts(*[event(f"(service lotto) was unable to place a task. Reason: {PULL} {n}.") for n in range(3)]),
        SEEN,
        (f"lotto: its image can't be pulled (3 tasks): (service lotto) was unable to place a task. Reason: {PULL} 2."),
        "Check that the image exists",
    ),
    (
        service("rolling_back", first(rolloutState="FAILED")),
        {"deployment_id": NEW, **NO_RECORD, "tasks": tasks("secret_not_found")},
        "lotto: the rollback (circuit breaker) failed, too: a secret that its tasks need can't be read:"
        f" {SECRET_REASON}",
        "The service may be serving nothing.",
    ),
    (
        rolling(FAILED),
        died("secret_not_found", signs=99),
        "lotto: ECS gave the deployment up (FAILED), without a rollback: a secret that its tasks need can't be"
        f" read: {SECRET_REASON}",
        "Create the secret in the task's region",
    ),
    (
        rolling(configured(strategy="BLUE_GREEN")),
        {"service_deployment": ALARMED, **SEEN},
        "lotto: alarm errors stopped the deployment: Service deployment stopped because an alarm was triggered.",
        "Fix what the alarm watches",
    ),
    (
        rolling(ALARM),
        SEEN,
        "lotto: an alarm stopped the deployment: ECS deployment failed: alarm detected.",
        "Fix what the alarm watches",
    ),
]


@pytest.mark.parametrize(("payload", "known", "message", "next_step"), MESSAGES)
def test_message(payload: Payload | None, known: dict[str, t.Any], message: str, next_step: str) -> None:
    found = verdict(observe(service=payload, **known))
    assert found.message == message
    assert found.next_step.startswith(next_step)


IMAGE_REASON = TASKS["image_not_found"]["stoppedReason"]
BREAKER_REASON = "Service deployment rolled back because the circuit breaker threshold was exceeded."
CAUSES = [
    # … outcome, cause, reason
    row("the rollback fails",
        service("rolling_back", first(rolloutState="FAILED", rolloutStateReason="The old image is gone.")),
        "rollback_failed", "", "The old image is gone.", watch=NEW, **NO_RECORD),
    row("the rollback fails, without a reason",
        service("rolling_back", first(rolloutState="FAILED", rolloutStateReason=None)), "rollback_failed", "",
        "deployment failed: tasks failed to start.", watch=NEW, **NO_RECORD),
    row("rolled back, in our deployment's words", service("rolling_back", first(rolloutState="COMPLETED")),
        "rolled_back", "", "ECS deployment circuit breaker: tasks failed to start.", watch=NEW, **NO_RECORD),
    row("rolled back, ours gone from the list, its tasks tell", service("rolled_back"), "rolled_back", "image",
        IMAGE_REASON, watch=NEW, phase="rolling_back", **NO_RECORD | {"tasks": tasks("image_not_found")}),
    row("rolled back, in the record's words", ROLLS, "rolled_back", "", BREAKER_REASON, watch=OLD,
        record="rollback_successful", **SEEN),
    row("rolled back, in the words of the record's rollback", ROLLS, "rolled_back", "", BREAKER_REASON, watch=OLD,
        record={"status": "ROLLBACK_SUCCESSFUL", "rollback": {"reason": BREAKER_REASON}}, **SEEN),
    row("rolled back, without a reason in the record", ROLLS, "rolled_back", "", "", watch=OLD,
        record={"status": "ROLLBACK_SUCCESSFUL"}, **SEEN),
    row("rolled back, and an earlier event is not the cause",
        rolling(event("(service lotto) was unable to place a task", T0 - 86001)), "rolled_back", "", BREAKER_REASON,
        watch=OLD, record="rollback_successful", **SEEN),
    row("FAILED, without a reason", rolling(first(rolloutState="FAILED", rolloutStateReason=None)), "failed", "failed",
        "", **SEEN),
    row("time over, tasks died", ROLLS, "timed_out", "crash_loop", "Essential container in task exited", waited=900,
        signs_seen=99, tasks=tasks("exit_1")),
    row("time over, tasks died and targets unhealthy", ROLLS, "timed_out", "crash_loop",
        "Essential container in task exited", waited=900, signs_seen=99, tasks=tasks("exit_1"),
        targets=targets("unhealthy")),
    row("time over, targets unhealthy", STEADY, "timed_out", "health_check", "Target.Timeout: Request timed out",
        waited=900, targets={"a": [UNHEALTHY, TARGETS["unhealthy"]]}),
    row("time over, not visible", None, "timed_out", "image", IMAGE_REASON, watch=NEW, waited=900,
        tasks=tasks("image_not_found")),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "known", "outcome", "cause", "reason"), CAUSES)
def test_cause(payload: Payload | None, known: dict[str, t.Any], outcome: str, cause: str, reason: str) -> None:
    found = verdict(observe(service=payload, **known))
    assert (found.outcome, found.cause, found.reason) == (outcome, cause, reason)


FIX = "so there is no version to roll back to: fix the cause and run again."
# the record of a deployment that ECS could not roll back, its stopped task, outcome, sentence
NOWHERE = [
    *(
        (FIRST_ONE, name, cause, f"This was its first deployment, {FIX}")
        for name, cause in (("elb_health", "health_check"), ("container_health", "health_check"),
            ("exit_1", "crash_loop"), ("image_not_found", "image"), ("secret_denied", "secrets"))
    ),
    (FIRST_ONE, "", "failed", f"This was its first deployment, {FIX}"),
    ({**FIRST_ONE, "statusReason": BREAKER_REASON}, "exit_1", "crash_loop", f"This was its first deployment, {FIX}"),
    ({**RECORDS["rollback_failed"], "statusReason": NO_CANDIDATE}, "exit_1", "crash_loop",
        f"No deployment of it has succeeded yet, {FIX}"),
    (RECORDS["rollback_failed"], "exit_1", "rollback_failed", ""),
    ({"status": "ROLLBACK_FAILED"}, "exit_1", "rollback_failed", ""),
    (RECORDS["rollback_successful"], "exit_1", "rolled_back", ""),
]  # fmt: skip


@pytest.mark.parametrize(("record", "task", "outcome", "sentence"), NOWHERE)
def test_a_failure_without_a_version_to_roll_back_to_is_its_cause(
    record: Payload, task: str, outcome: str, sentence: str
) -> None:
    seen = {"service_deployment": record, "tasks": tasks(task) if task else [], "signs_seen": 99}
    found = verdict(observe(service=rolling(FAILED, event(f"(deployment {NEW}) deployment failed: x.")), **seen))
    assert (found.outcome, found.no_version) == (outcome, sentence)
    assert "ollback" not in found.message.replace("without a rollback", "") or not sentence


NEXT_STEPS = [
    (rolling(FAILED), {}, "crash_loop", ""),
    (service("rolling_back", first(rolloutState="COMPLETED")), {"deployment_id": NEW}, "rolled_back", "crash_loop"),
    (service("rolling_back", first(rolloutState="FAILED")), {"deployment_id": NEW}, "rollback_failed", "crash_loop"),
    (ROLLS, {"waited": 900}, "timed_out", "crash_loop"),
]


@pytest.mark.parametrize(("payload", "known", "outcome", "cause"), NEXT_STEPS)
def test_next_step(payload: Payload, known: dict[str, t.Any], outcome: str, cause: str) -> None:
    found = verdict(observe(service=payload, **{**NO_RECORD, "tasks": tasks("exit_1"), **known}))
    steps = [OUTCOMES[name].next_step for name in (outcome, cause) if name]
    assert found.next_step == " ".join(steps)


def counts(desired: int, running: int, pending: int, failed: int) -> dict[str, int]:
    return {"desired": desired, "running": running, "pending": pending, "failed": failed}


WATCHED = [
    (ROLLS, {}, NEW, counts(2, 1, 1, 0)),
    (rolling(FAILED), SEEN, NEW, counts(2, 1, 1, 0)),
    (service("rolling_back"), {"deployment_id": NEW, **NO_RECORD}, NEW, counts(0, 0, 0, 3)),
    (ROLLS, {"deployment_id": OLD, "service_deployment": {}}, OLD, counts(2, 2, 0, 0)),
    (STEADY, {"targets": HEALTHY}, NEW, counts(2, 2, 0, 0)),
    (service("task_sets"), {}, NEW, counts(2, 2, 0, 0)),
    (service("task_sets"), {"deployment_id": OLD}, OLD, counts(2, 2, 0, 0)),
    (None, {"deployment_id": NEW}, NEW, counts(0, 0, 0, 0)),
    (None, {"deployment_id": NEW, "phase": "starting"}, NEW, counts(0, 0, 0, 0)),
]


@pytest.mark.parametrize(("payload", "known", "deployment_id", "expected"), WATCHED)
def test_a_verdict_names_the_deployment_and_its_counts(
    payload: Payload | None, known: dict[str, t.Any], deployment_id: str, expected: dict[str, int]
) -> None:
    found = verdict(observe(service=payload, **known))
    assert (found.deployment_id, found.counts) == (deployment_id, expected)


def test_a_task_set_is_watched_as_a_deployment() -> None:
    watched = watched_of(observe(service=service("task_sets")))
    assert watched is not None
    assert watched["taskDefinition"].endswith("/magiclub-an2p-lotto:7")


SUPERSEDED = {"deployment_id": OLD, "phase": "starting", "service_deployment": {}}
LOOKED_AT_TWICE = [
    # … the unconfirmed outcome
    row("missing after it was seen", None, "pending: starting", "gone", watch=NEW, phase="starting"),
    row("missing twice", None, "gone", "", watch=NEW, phase="starting", unconfirmed="gone"),
    row("missing, no deployment known", None, "pending: ", "gone"),
    row("INACTIVE, as one of the same name was", steady(put(status="INACTIVE")), "pending: ", "gone"),
    row("INACTIVE twice", steady(put(status="INACTIVE")), "gone", "", unconfirmed="gone"),
    row("another PRIMARY", steady(put(events=[])), "pending: starting", "superseded", **SUPERSEDED),
    row("another PRIMARY twice", steady(put(events=[])), "superseded", "", **SUPERSEDED, unconfirmed="superseded"),
    row("another PRIMARY, after MISSING", ROLLS, "pending: starting", "superseded", **SUPERSEDED, unconfirmed="gone"),
    row("MISSING, and ours again", ROLLS, "pending: starting", "", watch=NEW, unconfirmed="gone"),
    row("no task set after it was seen", service("task_sets", put(taskSets=[])), "pending: starting", "gone", watch=NEW,
        phase="starting"),
    row("time over, no confirmation", None, "gone", "", watch=NEW, phase="starting", waited=900),
    row("not a matter of reads", rolling(FAILED), "failed", "", **SEEN),
    row("rolled back, as the deployments say", service("rolled_back"), "pending: starting", "rolled_back", watch=NEW,
        phase="starting", **NO_RECORD),
    row("rolled back, as the deployments say twice", service("rolled_back"), "rolled_back", "", watch=NEW,
        phase="starting", **NO_RECORD, unconfirmed="rolled_back"),
    row("rolled back, as ECS's own record says", service("rolled_back"), "rolled_back", "", watch=NEW, phase="starting",
        **SEEN, record="rollback_successful"),
    row("steady", STEADY, "steady", "", targets=HEALTHY),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "known", "expected", "doubt"), LOOKED_AT_TWICE)
def test_outcomes_that_a_stale_read_may_suggest_need_confirmation(
    payload: Payload | None, known: dict[str, t.Any], expected: str, doubt: str
) -> None:
    found = verdict(observe(service=payload, **known), Rules(confirm=True))
    assert (summary(found), found.unconfirmed) == (expected, doubt)
    assert found.likely_done or not doubt


def test_an_unconfirmed_outcome_is_reported_as_progress() -> None:
    found = verdict(observe(service=None, name="lotto", cluster="c"), Rules(confirm=True))
    assert found.progress == "gone, there is no such service in cluster c, looking again"


WISHES = [
    (ROLLS, {"deployment_id": OLD}, "displaced"),
    (ROLLS, {"deployment_id": OLD, "phase": "starting"}, "starting"),
    (rolling(FAILED), {}, "failed"),
    (service("rolled_back"), {"deployment_id": NEW, "phase": "rolling_back"}, "rolling_back"),
]


@pytest.mark.parametrize(("payload", "known", "phase"), WISHES)
def test_a_need_keeps_the_phase(payload: Payload, known: dict[str, t.Any], phase: str) -> None:
    found = verdict(observe(service=payload, **known))
    assert found.needs
    assert found.phase == phase


def test_a_time_out_without_an_answer_needs_nothing_more() -> None:
    assert verdict(observe(service=STEADY, waited=900)).needs == ("targets",)
    assert timed_out(observe(service=STEADY, waited=900), Rules(timeout=900)).outcome == "timed_out"


def test_a_container_that_never_became_healthy_is_the_cause_of_a_timeout() -> None:
    health = {"1/app": "HEALTHY", "2/app": "UNKNOWN"}
    found = verdict(observe(service=steady(no_balancer), health=health, waited=900), Rules(timeout=900))
    assert (found.outcome, found.cause, found.reason) == (
        "timed_out",
        "health_check",
        "container health check of app UNKNOWN",
    )
    assert "Run the command of the container's health check" in found.next_step


STEADY_NOW = [
    ("steady", STEADY, None, True),
    ("steady and healthy", STEADY, HEALTHY, True),
    ("steady, and no load balancer has targets", steady(no_balancer), {}, True),
    ("steady and unhealthy", STEADY, targets("unhealthy", "unhealthy"), False),
    ("steady after troubles", steady(event("(service lotto) was unable to place a task")), None, True),
    ("rolling", ROLLS, None, False),
    ("rolled back is steady, too: it is what runs now", service("rolled_back"), None, True),
    ("failed", rolling(FAILED), None, False),
    ("deleted", steady(put(status="INACTIVE")), None, False),
    ("task sets", service("task_sets"), None, True),
    ("blue/green", steady(configured(strategy="BLUE_GREEN")), None, True),
]


@pytest.mark.parametrize(("payload", "health", "expected"), [pytest.param(*row[1:], id=row[0]) for row in STEADY_NOW])
def test_is_steady(payload: Payload, health: dict[str, list[Payload]] | None, expected: bool) -> None:
    assert is_steady(payload, health) is expected


def test_the_end_is_likely_once_tasks_have_failed() -> None:
    quiet = verdict(observe(service=ROLLS))
    failing = verdict(observe(service=rolling(first(failedTasks=1)), tasks=[], signs_seen=1))
    assert (quiet.likely_done, failing.likely_done) == (False, True)


NEAR = [
    row("missing at first", None, True, watch=NEW),
    row("no deployment yet", steady(put(deployments=[])), True),
    row("no task set yet", service("task_sets", put(taskSets=[])), True),
    row("rolling back", service("rolling_back"), True, watch=NEW, **NO_RECORD),
    row("rollback requested", ROLLS, True, rollback_asked=True, record="in_progress", **SEEN),
    row("rollback begun", ROLLS, True, rollback_asked=True, record="rollback_requested", **SEEN),
    row("FAILED, to be rolled back", rolling(FAILED, ROLL_BACK), True, **SEEN),
    row("settling", steady(first(rolloutState="IN_PROGRESS")), True, targets=HEALTHY),
    row("alarms watch", steady(IN_PROGRESS, WATCHING), False),
    row("targets not fetched", STEADY, True),
    row("one target unhealthy", STEADY, True, targets=targets("healthy", "unhealthy")),
    row("steady, not long enough", STEADY, True, targets=HEALTHY),
    row("starting", ROLLS, False),
    row("draining", rolling(first(runningCount=2, pendingCount=0), put(pendingCount=0)), False),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "known", "near"), NEAR)
def test_likely_done(payload: Payload | None, known: dict[str, t.Any], near: bool) -> None:
    found = verdict(observe(service=payload, **known), Rules(stable_for=10))
    assert (found.outcome, found.likely_done) == ("pending", near)


def test_blue_green_counts_healthy_targets_of_both_groups() -> None:
    payload = STEADY
    balancer = payload["loadBalancers"][0]
    balancer["advancedConfiguration"] = {"alternateTargetGroupArn": "green"}
    assert target_groups(payload) == sorted([balancer["targetGroupArn"], "green"])
    assert healthy_count({"green": [TARGETS["healthy"]], **targets("draining")}, payload) == 1


def test_target_groups_include_those_of_task_sets() -> None:
    payload = service("task_sets", task_set(1, loadBalancers=None), put(loadBalancers=[{"targetGroupArn": "a"}]))
    assert target_groups(payload) == ["a", *HEALTHY]


def test_the_load_balancer_with_the_fewest_healthy_targets_decides() -> None:
    payload = STEADY
    payload["loadBalancers"].append({"targetGroupArn": "second", "containerName": "lotto", "containerPort": 8081})
    assert healthy_count({"second": [TARGETS["healthy"]], **HEALTHY}, payload) == 1


def test_without_a_primary_task_set_no_target_counts() -> None:
    payload = service("task_sets", task_set(0, status="ACTIVE"), task_set(1, status="ACTIVE"))
    assert target_groups(payload)
    assert healthy_count(HEALTHY, payload) == 0


def test_every_outcome_has_a_next_step() -> None:
    assert [name for name, outcome in OUTCOMES.items() if not outcome.next_step] == ["steady"]


SHAPES = {
    "service_steady": "Service",
    "service_rolling": "Service",
    "service_rolling_back": "Service",
    "service_rolled_back": "Service",
    "service_task_sets": "Service",
    "stopped_tasks": "Task",
    "service_deployments": "ServiceDeployment",
}


@pytest.mark.parametrize(("name", "shape"), SHAPES.items())
def test_fixtures_have_the_shapes_of_the_api(name: str, shape: str) -> None:
    model = botocore.session.get_session().get_service_model("ecs").shape_for(shape)
    payloads = [load(name)] if name.startswith("service_") and name != "service_deployments" else load(name).values()
    assert [problem for payload in payloads for problem in problems(model, payload, name)] == []


def test_fixtures_of_targets_have_the_shape_of_the_api() -> None:
    model = botocore.session.get_session().get_service_model("elbv2").shape_for("TargetHealthDescription")
    assert [problem for payload in TARGETS.values() for problem in problems(model, payload, "target_health")] == []


def problems(shape: t.Any, value: t.Any, path: str) -> t.Iterator[str]:
    """Yield the parts of a value that don't fit its shape."""
    kinds = {"string": str, "integer": int, "long": int, "boolean": bool, "timestamp": float, "double": float}
    if shape.type_name == "structure":
        for name, inner in value.items():
            if name not in shape.members:
                yield f"{path}.{name} is not in {shape.name}"
            else:
                yield from problems(shape.members[name], inner, f"{path}.{name}")
    elif shape.type_name == "list":
        for number, inner in enumerate(value):
            yield from problems(shape.member, inner, f"{path}[{number}]")
    elif not isinstance(value, kinds[shape.type_name]):
        yield f"{path} is {value!r}, not a {shape.type_name}"
    elif getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{path} is {value!r}, not one of {shape.enum}"


@pytest.mark.parametrize("health", [None, {"1/app": "UNKNOWN"}], ids=["not asked yet", "not checked yet"])
def test_waiting_only_for_container_health_is_likely_done(health: dict[str, str] | None) -> None:
    observed = observe(service=steady(no_balancer), health=health)
    assert verdict(observed, Rules()).likely_done
