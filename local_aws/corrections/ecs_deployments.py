# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Deployments of a service, and ECS's records of them: service deployments and revisions."""

from __future__ import annotations

import copy
import secrets
import threading
import time
from typing import Any

from local_aws.corrections import ecs_rollout, ecs_shift, ecs_strategies
from local_aws.corrections._patch import corrects, service

Service = dict[str, Any]
Deployment = dict[str, Any]
Rollout = dict[str, Any]

# Only one call or step of the scheduler at a time changes services.
LOCK = threading.RLock()
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/action-logs-troubleshooting.html
NO_CANDIDATE = "No rollback candidate was found to run the rollback."
ENDED = ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")
REVISION_FIELDS = (
    "taskDefinition",
    "capacityProviderStrategy",
    "launchType",
    "platformVersion",
    "platformFamily",
    "loadBalancers",
    "serviceRegistries",
    "networkConfiguration",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)


def locked(handler: Any) -> Any:
    def call(data: dict[str, Any]) -> Any:
        with LOCK:
            return handler(data)

    return call


def say(svc: Service, text: str) -> None:
    """Add an event to a service, newest first; ECS keeps the last 100."""
    ecs = service("ecs")
    event = {"id": ecs.new_uuid(), "createdAt": time.time(), "message": f"(service {svc['serviceName']}) {text}"}
    svc["events"] = [event, *svc.get("events", [])][:100]


def primary_of(svc: Service) -> Deployment:
    found: Deployment = next(d for d in svc["deployments"] if d["status"] == "PRIMARY")
    return found


def rollout_of(svc: Service) -> Rollout:
    rollout: Rollout = svc["_rollouts"][0]
    return rollout


def child_arn(svc: Service, kind: str) -> str:
    """Return the ARN of a new service deployment or service revision of a service."""
    number = str(secrets.randbelow(9 * 10**18) + 10**18)
    return f"{svc['serviceArn'].replace(':service/', f':{kind}/')}/{number}"


def breaker_of(svc: Service) -> dict[str, Any]:
    return (svc.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}


def take_revision(svc: Service, balancers: list[dict[str, Any]]) -> str:
    """Record a revision of the service as it is now, and return its ARN.

    :param balancers: the load balancers with the target groups that its tasks register with.
    """
    ecs = service("ecs")
    arn = child_arn(svc, "service-revision")
    definition = ecs._task_defs.get(ecs._resolve_td_key(svc["taskDefinition"])) or {}
    images = [
        {"containerName": c["name"], "image": c["image"], "imageDigest": c["image"].partition("@")[2] or None}
        for c in definition.get("containerDefinitions", [])
    ]
    revision = {name: copy.deepcopy(svc[name]) for name in REVISION_FIELDS if svc.get(name)}
    svc.setdefault("_revisions", {})[arn] = {
        "serviceRevisionArn": arn,
        "serviceArn": svc["serviceArn"],
        "clusterArn": svc["clusterArn"],
        "containerImages": images,
        "guardDutyEnabled": False,
        "createdAt": time.time(),
        **revision,
        **ecs_strategies.resolved(balancers),
    }
    return arn


def begin(svc: Service) -> Deployment:
    """Start a deployment of the service as it is now, superseding one in progress."""
    now = time.time()
    deployments = svc.setdefault("deployments", [])
    sources = [d["_revision"] for d in deployments if d["status"] in ("PRIMARY", "ACTIVE")]
    kept = next((d for d in deployments if d.get("_completed")), deployments[0] if deployments else None)
    balancers = ecs_strategies.balancers_for(svc, kept)
    for old in deployments:
        old["status"] = "ACTIVE"
    if svc.get("_rollouts") and rollout_of(svc)["status"] not in ENDED:
        finish(rollout_of(svc), "STOPPED", "Service deployment stopped because a new service deployment was started.")
    revision = take_revision(svc, balancers)
    # on AWS a deployment has the number of its revision
    deployment_id = f"ecs-svc/{revision.rpartition('/')[2]}"
    deployment = {
        "id": deployment_id,
        "status": "PRIMARY",
        "taskDefinition": svc["taskDefinition"],
        "desiredCount": svc["desiredCount"],
        "pendingCount": 0,
        "runningCount": 0,
        "failedTasks": 0,
        "createdAt": now,
        "updatedAt": now,
        "launchType": svc.get("launchType"),
        "capacityProviderStrategy": svc.get("capacityProviderStrategy"),
        "platformVersion": svc.get("platformVersion") or None,
        "platformFamily": svc.get("platformFamily") or None,
        "networkConfiguration": svc.get("networkConfiguration") or None,
        "serviceConnectConfiguration": svc.get("serviceConnectConfiguration"),
        "volumeConfigurations": svc.get("volumeConfigurations"),
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {deployment_id} in progress.",
        "_revision": revision,
        "_balancers": balancers,
        "_failures": 0,
        "_start_after": 0.0,
    }
    svc["deployments"] = [deployment, *deployments]
    rollout = {
        "serviceDeploymentArn": child_arn(svc, "service-deployment"),
        "serviceArn": svc["serviceArn"],
        "clusterArn": svc["clusterArn"],
        "createdAt": now,
        "startedAt": now,
        "updatedAt": now,
        "status": "IN_PROGRESS",
        "deploymentConfiguration": copy.deepcopy(svc["deploymentConfiguration"]),
        "_sources": sources,
        "_target": deployment["_revision"],
        "_kept": kept["_revision"] if kept else "",
        "_breaker": "MONITORING" if breaker_of(svc).get("enable") else "DISABLED",
        "_failures": 0,
        "_alarms": alarms_at_start(svc),
    }
    if ecs_strategies.strategy_of(svc) in ecs_shift.STRATEGIES:
        rollout.update(_stages=ecs_shift.stages(svc["deploymentConfiguration"], len(sources)), _at=0)
    svc["_rollouts"] = [rollout, *svc.get("_rollouts", [])]
    return deployment


def alarms_at_start(svc: Service) -> str:
    """Return whether ECS watches alarms in a deployment that starts now: not if one is already in ALARM.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
    """
    names = ecs_strategies.alarms_of(svc.get("deploymentConfiguration") or {})
    return "MONITORING" if names and not ecs_strategies.fired(names) else "DISABLED"


def finish(rollout: Rollout, status: str, reason: str = "") -> None:
    now = time.time()
    rollout.update(status=status, updatedAt=now)
    rollout["stoppedAt" if status == "STOPPED" else "finishedAt"] = now
    if reason:
        rollout["statusReason"] = reason
    for monitor in ("_breaker", "_alarms"):
        if rollout[monitor] == "MONITORING":
            rollout[monitor] = "MONITORING_COMPLETE"


def complete(svc: Service) -> None:
    """Mark the steady primary deployment as COMPLETED, and remove the others."""
    primary = primary_of(svc)
    primary.update(
        rolloutState="COMPLETED",
        rolloutStateReason=f"ECS deployment {primary['id']} completed.",
        updatedAt=time.time(),
        _completed=True,
    )
    svc["deployments"] = [primary]
    say(svc, f"(deployment {primary['id']}) deployment completed.")
    rollout = rollout_of(svc)
    if rollout["status"] == "ROLLBACK_IN_PROGRESS":
        finish(rollout, "ROLLBACK_SUCCESSFUL", rollout["rollback"]["reason"])
    elif rollout["status"] not in ENDED:
        finish(rollout, "SUCCESSFUL")


def fail(svc: Service, why: str, state_reason: str, roll_back: bool) -> None:
    """End the primary deployment, which failed or was stopped.

    :param why: statusReason of the service deployment.
    :param state_reason: the rolloutStateReason of the failed deployment.
    :param roll_back: roll back to the last completed deployment, if there is one.
    """
    now = time.time()
    failed = primary_of(svc)
    rollout = rollout_of(svc)
    failed.update(rolloutState="FAILED", rolloutStateReason=state_reason, desiredCount=0, updatedAt=now)
    previous = next((d for d in svc["deployments"] if d.get("_completed")), None)
    if not roll_back or previous is None:
        finish(rollout, *(("ROLLBACK_FAILED", NO_CANDIDATE) if roll_back else ("STOPPED", why)))
        rollout["_left"] = previous is not None and "_stages" in rollout
        return
    failed["status"] = "ACTIVE"
    previous.update(
        status="PRIMARY",
        desiredCount=svc["desiredCount"],
        rolloutState="IN_PROGRESS",
        rolloutStateReason=f"ECS deployment circuit breaker: rolling back to deploymentId {previous['id']}.",
        updatedAt=now,
        _start_after=0.0,
        _failures=0,
    )
    svc["deployments"] = [previous, *[d for d in svc["deployments"] if d is not previous]]
    restore(svc, svc["_revisions"][previous["_revision"]])
    rollout.update(
        status="ROLLBACK_IN_PROGRESS",
        updatedAt=now,
        _shifted_back="_stages" not in rollout,
        rollback={"reason": why, "startedAt": now, "serviceRevisionArn": previous["_revision"]},
    )
    say(svc, f"rolling back to deployment {previous['id']}.")


def restore(svc: Service, revision: dict[str, Any]) -> None:
    """Restore the service to a revision."""
    for name in REVISION_FIELDS:
        if name in revision:
            svc[name] = copy.deepcopy(revision[name])


def trip_breaker(svc: Service) -> None:
    """End the deployment when its failed tasks reach the threshold."""
    failed = primary_of(svc)
    rollout_of(svc)["_breaker"] = "TRIGGERED"
    say(svc, f"(deployment {failed['id']}) deployment failed: tasks failed to start.")
    fail(
        svc,
        "Service deployment rolled back because the circuit breaker threshold was exceeded."
        if breaker_of(svc).get("rollback")
        else "Service deployment stopped because the circuit breaker threshold was exceeded.",
        "ECS deployment circuit breaker: tasks failed to start.",
        bool(breaker_of(svc).get("rollback")),
    )


def trip_alarms(svc: Service) -> bool:
    """End the deployment in progress if one of its alarms is in ALARM, and return whether it did."""
    rollout = rollout_of(svc)
    if rollout["_alarms"] != "MONITORING" or rollout["status"] != "IN_PROGRESS":
        return False
    configuration = rollout["deploymentConfiguration"]
    names = ecs_strategies.fired(ecs_strategies.alarms_of(configuration))
    if not names:
        return False
    back = bool(configuration["alarms"].get("rollback"))
    rollout.update(_alarms="TRIGGERED", _triggered=names)
    say(svc, f"(deployment {primary_of(svc)['id']}) deployment failed: alarm detected.")
    how = "rolled back" if back else "stopped"
    fail(
        svc, f"Service deployment {how} because an alarm was triggered.", "ECS deployment failed: alarm detected.", back
    )
    return True


def brief(rollout: Rollout) -> dict[str, Any]:
    """Return a service deployment as ListServiceDeployments shows it."""
    names = ("serviceDeploymentArn", "serviceArn", "clusterArn", "startedAt", "createdAt", "finishedAt", "status")
    shown = {name: rollout[name] for name in (*names, "statusReason") if name in rollout}
    return {**shown, "targetServiceRevisionArn": rollout["_target"]}


def describe(svc: Service, rollout: Rollout) -> dict[str, Any]:
    """Return a service deployment as DescribeServiceDeployments shows it."""
    counts = {d["_revision"]: d for d in svc["deployments"]}

    def revision(arn: str) -> dict[str, Any]:
        found = counts.get(arn, {})
        return {
            "arn": arn,
            "requestedTaskCount": found.get("desiredCount", 0),
            "runningTaskCount": found.get("runningCount", 0),
            "pendingTaskCount": found.get("pendingCount", 0),
            **ecs_strategies.shares(rollout, arn),
        }

    shown = {name: value for name, value in rollout.items() if not name.startswith("_")}
    return {
        **shown,
        "sourceServiceRevisions": [revision(arn) for arn in rollout["_sources"]],
        "targetServiceRevision": revision(rollout["_target"]),
        "deploymentCircuitBreaker": {
            "status": rollout["_breaker"],
            "failureCount": rollout["_failures"],
            "threshold": ecs_rollout.breaker_threshold(svc["desiredCount"], breaker_of(svc)),
        },
        "alarms": {
            "status": rollout["_alarms"],
            "alarmNames": ecs_strategies.alarms_of(rollout["deploymentConfiguration"]),
            "triggeredAlarmNames": rollout.get("_triggered", []),
        },
    }


def _find(arn: str) -> tuple[Service, Rollout] | None:
    for svc in service("ecs")._services.values():
        for rollout in svc.get("_rollouts", []):
            if rollout["serviceDeploymentArn"] == arn:
                return svc, rollout
    return None


def _service_named(data: dict[str, Any]) -> Service | None:
    ecs = service("ecs")
    cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
    named = ecs._resolve_service_ref(data.get("service", ""))
    if named is None:
        return None
    svc: Service | None = ecs._services.get(f"{named[1] or cluster}/{named[0]}")
    return svc


def _list(data: dict[str, Any]) -> Any:
    ecs = service("ecs")
    svc = _service_named(data)
    if svc is None:
        return ecs.error_response_json("ServiceNotFoundException", "Service not found.", 400)
    wanted = data.get("status") or []
    window = data.get("createdAt") or {}
    found = [
        brief(r)
        for r in svc.get("_rollouts", [])
        if (not wanted or r["status"] in wanted)
        and float(window.get("after") or 0) <= r["createdAt"] <= float(window.get("before") or 1e12)
    ]
    start = int(data.get("nextToken") or 0)
    end = start + int(data.get("maxResults") or 20)
    more = {"nextToken": str(end)} if end < len(found) else {}
    return ecs.json_response({"serviceDeployments": found[start:end], **more})


def _describe(data: dict[str, Any]) -> Any:
    ecs = service("ecs")
    shown, failures = [], []
    for arn in data.get("serviceDeploymentArns", []):
        found = _find(arn)
        if found:
            shown.append(ecs._sanitize(describe(*found)))
        else:
            failures.append({"arn": arn, "reason": "MISSING"})
    return ecs.json_response({"serviceDeployments": shown, "failures": failures})


def _describe_revisions(data: dict[str, Any]) -> Any:
    ecs = service("ecs")
    known = {arn: r for svc in ecs._services.values() for arn, r in svc.get("_revisions", {}).items()}
    asked = data.get("serviceRevisionArns", [])
    return ecs.json_response(
        {
            "serviceRevisions": [ecs._sanitize(known[arn]) for arn in asked if arn in known],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in asked if arn not in known],
        }
    )


def _stop(data: dict[str, Any]) -> Any:
    ecs = service("ecs")
    arn = data.get("serviceDeploymentArn", "")
    found = _find(arn)
    if found is None:
        return ecs.error_response_json("ServiceDeploymentNotFoundException", "Service deployment not found.", 400)
    svc, rollout = found
    if rollout is not rollout_of(svc) or rollout["status"] in ENDED:
        message = f"The service deployment is in status {rollout['status']} and can't be stopped."
        return ecs.error_response_json("ConflictException", message, 400)
    if rollout["status"] == "ROLLBACK_IN_PROGRESS":
        return ecs.json_response({"serviceDeploymentArn": arn})
    fail(
        svc,
        "Service deployment stopped by user.",
        "ECS deployment stopped by user.",
        data.get("stopType", "ROLLBACK") == "ROLLBACK",
    )
    return ecs.json_response({"serviceDeploymentArn": arn})


def _continue(data: dict[str, Any]) -> Any:
    ecs = service("ecs")
    arn, action = data.get("serviceDeploymentArn", ""), data.get("action") or "CONTINUE"
    found = _find(arn)
    if found is None:
        return ecs.error_response_json("ServiceDeploymentNotFoundException", "Service deployment not found.", 400)
    svc, rollout = found
    hooks = rollout.get("lifecycleHookDetails") or []
    hook = next((h for h in hooks if h["hookId"] == data.get("hookId")), None)
    if action not in ("CONTINUE", "ROLLBACK"):
        return ecs.error_response_json("InvalidParameterException", f"Invalid action: {action}.", 400)
    if hook is None or rollout["status"] != "IN_PROGRESS" or hook["status"] != "AWAITING_ACTION":
        message = "The lifecycle hook is not in AWAITING_ACTION status."
        return ecs.error_response_json("InvalidParameterException", message, 400)
    hook["status"] = "SUCCEEDED" if action == "CONTINUE" else "FAILED"
    if action == "ROLLBACK":
        fail(svc, "Service deployment rolled back by lifecycle hook action.", "ECS deployment rolled back.", True)
    return ecs.json_response({"serviceDeploymentArn": arn})


@corrects(
    "ecs",
    aws="service deployments and service revisions are stored, listed, described and can be stopped",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html",
)
def keep_service_deployments() -> None:
    service("ecs")._ACTION_MAP.update(
        ListServiceDeployments=_list,
        DescribeServiceDeployments=_describe,
        DescribeServiceRevisions=_describe_revisions,
        StopServiceDeployment=locked(_stop),
    )


@corrects(
    "ecs",
    aws="BLUE_GREEN, LINEAR and CANARY pass through the stages of a deployment: a second set of tasks in the target "
    "group that does not serve, test and production traffic shifted by weight, pauses answered by "
    "ContinueServiceDeployment, bake times, alarms, and the old set kept until the end",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html",
)
def shift_traffic() -> None:
    service("ecs")._ACTION_MAP.update(ContinueServiceDeployment=locked(_continue))
