# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""BLUE_GREEN, LINEAR and CANARY: apply the decisions of ``ecs_shift`` to listener rules and tasks."""

from __future__ import annotations

import secrets
from typing import Any

from local_aws import settings
from local_aws.corrections import ecs_shift
from local_aws.corrections._patch import service

Record = dict[str, Any]


def strategy_of(svc: Record) -> str:
    return str((svc.get("deploymentConfiguration") or {}).get("strategy") or "ROLLING")


def balancers_for(svc: Record, source: Record | None) -> list[Record]:
    """Return the service's load balancers, each with the target group that a new revision registers with.

    With a strategy, that is the target group that does not serve, also for the first revision, because the production
    rule forwards to the other, as observed on AWS (https://github.com/go-to-k/cdk-real-drift/issues/1730).
    """
    if strategy_of(svc) not in ecs_shift.STRATEGIES:
        return [dict(balancer) for balancer in svc.get("loadBalancers", [])]
    taken = {b["targetGroupArn"] for b in source["_balancers"]} if source else set()
    chosen = []
    for balancer in svc.get("loadBalancers", []):
        alternate = (balancer.get("advancedConfiguration") or {}).get("alternateTargetGroupArn") or ""
        group = alternate if alternate and alternate not in taken else balancer["targetGroupArn"]
        chosen.append({**balancer, "targetGroupArn": group, "_primary": balancer["targetGroupArn"]})
    return chosen


def resolved(balancers: list[Record]) -> Record:
    """Return the resolvedConfiguration of a service revision: its actual target groups and rules."""
    shown = []
    for balancer in balancers:
        rule = (balancer.get("advancedConfiguration") or {}).get("productionListenerRule")
        named = {"productionListenerRule": rule} if rule else {}
        shown.append({"targetGroupArn": balancer["targetGroupArn"], **named})
    return {"resolvedConfiguration": {"loadBalancers": shown}} if shown else {}


def forward(rule_arn: str, groups: list[tuple[str, int]]) -> None:
    """Make a rule forward to target groups by weight, as ECS does with ModifyRule."""
    alb = service("alb")
    rule = alb._rules.get(rule_arn)
    if rule is None:
        return
    before: Record = next((a for a in rule.get("Actions", []) if a.get("Type") == "forward"), {})
    sticky = (before.get("ForwardConfig") or {}).get("TargetGroupStickinessConfig") or {"Enabled": False}
    targets = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in groups]
    action = {k: v for k, v in before.items() if k != "TargetGroupArn"} | {
        "Type": "forward",
        "ForwardConfig": {"TargetGroups": targets, "TargetGroupStickinessConfig": sticky},
    }
    rule["Actions"] = [action]
    if rule.get("IsDefault") and rule["ListenerArn"] in alb._listeners:
        alb._listeners[rule["ListenerArn"]]["DefaultActions"] = [action]


def shift(deployment: Record, production: float, test: float) -> None:
    """Give the tasks of a deployment their share of the traffic, and the other target group the rest."""
    for balancer in deployment["_balancers"]:
        given = balancer.get("advancedConfiguration")
        if not given:
            continue
        new = balancer["targetGroupArn"]
        old = next(arn for arn in (given["alternateTargetGroupArn"], balancer["_primary"]) if arn != new)
        for rule, share in ((given["productionListenerRule"], production), (given.get("testListenerRule"), test)):
            if rule:
                left, right = ecs_shift.weights(share)
                forward(rule, [(old, left), (new, right)])


def pause(hook: Record, now: float) -> Record:
    """Return a pause that has been reached, as DescribeServiceDeployments shows it."""
    given = hook.get("timeoutConfiguration") or {}
    minutes = float(given.get("timeoutInMinutes", ecs_shift.DAY))
    return {
        "hookId": f"ecs-pause-{secrets.token_urlsafe(32)}",
        "targetType": "PAUSE",
        "status": "AWAITING_ACTION",
        "expiresAt": now + minutes * ecs_shift.MINUTE * settings.time_scale(),
        "timeoutAction": given.get("action", "ROLLBACK"),
    }


def enter(rollout: Record, deployment: Record, now: float) -> None:
    """Begin the next stage of a deployment: its traffic, its pauses."""
    stage = rollout["_stages"][rollout["_at"]]
    if rollout.get("_entered") == rollout["_at"]:
        return
    shift(deployment, stage.production, stage.test)
    hooks = (rollout["deploymentConfiguration"] or {}).get("lifecycleHooks") or []
    rollout.update(
        _entered=rollout["_at"],
        _since=now,
        updatedAt=now,
        lifecycleStage=stage.name,
        lifecycleHookDetails=[pause(dict(hook), now) for hook in ecs_shift.hooks_at(stage, hooks)],
    )


def answered(rollout: Record, now: float) -> str:
    """Return the result of the stage's pauses, and mark those without an answer in time."""
    hooks = rollout.get("lifecycleHookDetails") or []
    asked = ecs_shift.outcome(hooks, now)
    for hook in hooks:
        if hook["status"] == "AWAITING_ACTION" and hook["expiresAt"] <= now:
            hook["status"] = "TIMED_OUT"
    return asked


def elapsed(rollout: Record, now: float) -> float:
    """Return the seconds of AWS since the stage began."""
    scale = settings.time_scale()
    return (now - float(rollout["_since"])) / scale if scale else float("inf")


def shares(rollout: Record, revision: str) -> Record:
    """Return the requested share of a revision's traffic, in percent, as in DescribeServiceDeployments."""
    if not rollout.get("_stages") or "_entered" not in rollout:
        return {}
    stage = rollout["_stages"][rollout["_entered"]]
    back = rollout.get("_shifted_back")
    production, test = (0.0, 0.0) if back else (stage.production, stage.test)
    if revision != rollout["_target"]:
        serves = revision == rollout["_kept"]
        production, test = (100.0 - production, 100.0 - test) if serves else (0.0, 0.0)
    return {"requestedProductionTrafficWeight": production, "requestedTestTrafficWeight": test}


def alarms_of(configuration: Record) -> list[str]:
    given = configuration.get("alarms") or {}
    return list(given.get("alarmNames") or []) if given.get("enable") else []


def fired(names: list[str]) -> list[str]:
    """Return those of these alarms that are in the state ALARM."""
    watch = service("cloudwatch")
    found = {name: watch._alarms.get(name) or watch._composite_alarms.get(name) or {} for name in names}
    return [name for name, alarm in found.items() if alarm.get("StateValue") == "ALARM"]
