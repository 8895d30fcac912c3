# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The steps of a BLUE_GREEN, LINEAR or CANARY deployment: plain values in, what to do out. No clock, no MiniStack.

The stages and their order are those of lifecycleStage in
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html, the shares of the traffic and the
times those of API_LinearConfiguration and API_CanaryConfiguration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MINUTE = 60.0
STRATEGIES = ("BLUE_GREEN", "LINEAR", "CANARY")
SHARES = {"LINEAR": "linearConfiguration", "CANARY": "canaryConfiguration"}
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
PAUSES = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
)
DAY = 1440


@dataclass(frozen=True)
class Stage:
    """A stage of a deployment.

    :param name: AWS's name.
    :param production: percentage of production traffic for the new revision in this stage.
    :param test: percentage of test traffic for it.
    :param minutes: minimum duration of the stage, in minutes of AWS.
    """

    name: str
    production: float = 0.0
    test: float = 0.0
    minutes: float = 0.0


@dataclass(frozen=True)
class Tasks:
    """The current tasks of a service.

    :param new_ready: number of ready tasks of the new revision.
    :param old: number of tasks left of the revision that it replaces.
    :param others: number of tasks left of any further revision.
    :param desired: desired number of tasks of the service.
    """

    new_ready: int
    old: int
    others: int
    desired: int


def steps(configuration: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return (percentage of production traffic, minutes until the next step) of each shift; the last has no wait."""
    strategy = configuration.get("strategy")
    if strategy == "CANARY":
        canary = configuration.get("canaryConfiguration") or {}
        first = float(canary.get("canaryPercent", 5.0))
        return [(first, float(canary.get("canaryBakeTimeInMinutes", 10))), (100.0, 0.0)] if first < 100 else [(100, 0)]
    if strategy == "LINEAR":
        linear = configuration.get("linearConfiguration") or {}
        percent, minutes = float(linear.get("stepPercent", 10.0)), float(linear.get("stepBakeTimeInMinutes", 6))
        shares = [round(percent * number, 1) for number in range(1, int(100 / percent) + 1)]
        return [*((share, minutes) for share in shares if share < 100), (100.0, 0.0)]
    return [(100.0, 0.0)]


def stages(configuration: Mapping[str, Any], sources: int) -> list[Stage]:
    """Return all stages of a deployment in their order.

    :param configuration: the service's deploymentConfiguration.
    :param sources: number of active revisions when it starts.
    """
    begin = [Stage("RECONCILE_SERVICE")] if sources > 1 else []
    begin += [Stage(name) for name in ("PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP")]
    begin += [Stage(name, test=100.0) for name in ("TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT")]
    before = 0.0
    for share, minutes in steps(configuration):
        begin += [
            Stage("PRE_PRODUCTION_TRAFFIC_SHIFT", before, 100.0),
            Stage("PRODUCTION_TRAFFIC_SHIFT", share, 100.0, minutes),
        ]
        before = share
    bake = float(configuration.get("bakeTimeInMinutes") or 0)
    return [
        *begin,
        Stage("POST_PRODUCTION_TRAFFIC_SHIFT", 100.0, 100.0),
        Stage("BAKE_TIME", 100.0, 100.0, bake),
        Stage("CLEAN_UP", 100.0, 100.0),
    ]


def is_over(stage: Stage, elapsed: float, tasks: Tasks) -> bool:
    """Return whether a stage is complete; ``elapsed`` is in seconds of AWS."""
    if stage.name == "RECONCILE_SERVICE":
        return tasks.others == 0
    if stage.name == "SCALE_UP":
        return tasks.new_ready >= tasks.desired
    if stage.name == "CLEAN_UP":
        return tasks.old == 0 and tasks.others == 0
    return elapsed >= stage.minutes * MINUTE


def weights(percent: float) -> tuple[int, int]:
    """Return (weight of the old target group, weight of the new one), integers from 0 to 999 for a load balancer."""
    if percent == int(percent):
        return 100 - int(percent), int(percent)
    new = round(percent * 10)
    return 1000 - new, new


@dataclass(frozen=True)
class Desired:
    """The desired number of tasks of a deployment, and whether it may start missing ones."""

    count: int
    may_start: bool = True


def desired_going_forward(stage: Stage, desired: int) -> tuple[Desired, Desired, Desired]:
    """Return the desired tasks of the new revision, the one that it replaces and any further one in a stage."""
    before = stage.name in ("RECONCILE_SERVICE", "PRE_SCALE_UP")
    others = Desired(0)
    return Desired(0 if before else desired), Desired(0 if stage.name == "CLEAN_UP" else desired), others


def desired_of_rollback(desired: int, shifted: bool) -> tuple[Desired, Desired]:
    """Return the desired tasks of the revision that ECS goes back to, and of the failed one.

    The failed one keeps its tasks until it gets no more traffic.
    """
    return Desired(desired), Desired(0 if shifted else desired, may_start=False)


def hooks_at(stage: Stage, hooks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the pauses that are configured for a stage."""
    return [hook for hook in hooks if hook.get("targetType") == "PAUSE" and stage.name in hook["lifecycleStages"]]


def outcome(hooks: Sequence[Mapping[str, Any]], now: float) -> str:
    """Return the result of a stage's pauses: WAIT, CONTINUE or ROLLBACK.

    :param hooks: as DescribeServiceDeployments shows them, with expiresAt in seconds since 1970.
    """
    if any(hook["status"] == "FAILED" for hook in hooks):
        return "ROLLBACK"
    waiting = [hook for hook in hooks if hook["status"] == "AWAITING_ACTION"]
    expired = [hook for hook in waiting if hook["expiresAt"] <= now]
    if any(hook["timeoutAction"] == "ROLLBACK" for hook in expired):
        return "ROLLBACK"
    return "WAIT" if len(waiting) > len(expired) else "CONTINUE"


def _share(value: Any, lowest: float) -> bool:
    return lowest <= float(value) <= 100 and round(float(value) * 10, 6) == round(float(value) * 10)


def _minutes(value: Any) -> bool:
    return 0 <= int(value) <= DAY


def updated(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the deployment configuration after an update: missing fields keep their values.

    The shares of another strategy are removed: AWS documents no way to remove them, but lets a strategy change
    (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/migrate-deployment-strategies.html).
    """
    strategy = given.get("strategy", before.get("strategy"))
    others = {name for of, name in SHARES.items() if of != strategy}
    return {**{name: value for name, value in before.items() if name not in others}, **given}


def problem(configuration: Mapping[str, Any], balancers: Sequence[Mapping[str, Any]]) -> str:
    """Return why AWS's API reference does not allow a deployment configuration, '' if it does."""
    strategy = configuration.get("strategy", "ROLLING")
    linear, canary = configuration.get("linearConfiguration") or {}, configuration.get("canaryConfiguration") or {}
    found = [
        (strategy == "BLUE_GREEN" and configuration.get("bakeTimeInMinutes") is None, "bakeTimeInMinutes is required."),
        (not _minutes(configuration.get("bakeTimeInMinutes") or 0), "bakeTimeInMinutes must be from 0 to 1440."),
        (bool(linear) and strategy != "LINEAR", "linearConfiguration is only valid with the strategy LINEAR."),
        (bool(canary) and strategy != "CANARY", "canaryConfiguration is only valid with the strategy CANARY."),
        (not _share(linear.get("stepPercent", 10), 3.0), "stepPercent must be a multiple of 0.1 from 3.0 to 100.0."),
        (not _share(canary.get("canaryPercent", 5), 0.1), "canaryPercent must be a multiple of 0.1 from 0.1 to 100.0."),
        (not _minutes(linear.get("stepBakeTimeInMinutes", 6)), "stepBakeTimeInMinutes must be from 0 to 1440."),
        (not _minutes(canary.get("canaryBakeTimeInMinutes", 10)), "canaryBakeTimeInMinutes must be from 0 to 1440."),
    ]
    for hook in configuration.get("lifecycleHooks") or []:
        if hook.get("targetType", "AWS_LAMBDA") == "PAUSE":
            timeout = int((hook.get("timeoutConfiguration") or {}).get("timeoutInMinutes", DAY))
            found += [
                (not set(hook.get("lifecycleStages") or []) <= set(PAUSES), "a pause is not supported at that stage."),
                (not 1 <= timeout <= 14 * DAY, "timeoutInMinutes must be from 1 to 20160."),
            ]
    for balancer in balancers if strategy in STRATEGIES else []:
        given = balancer.get("advancedConfiguration") or {}
        found += [
            (not given.get(name), f"advancedConfiguration.{name} is required for the strategy {strategy}.")
            for name in ("alternateTargetGroupArn", "productionListenerRule", "roleArn")
        ]
    return next((text for wrong, text in found if wrong), "")
