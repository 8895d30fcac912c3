# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The stages of a deployment that shifts traffic, its shares, times and pauses, and AWS's refusals."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.corrections.ecs_shift import (
    Stage,
    Tasks,
    desired_going_forward,
    desired_of_rollback,
    hooks_at,
    is_over,
    outcome,
    problem,
    stages,
    steps,
    updated,
    weights,
)

ALL_STAGES = [
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
]


def test_stages_come_in_the_order_of_aws() -> None:
    assert [stage.name for stage in stages({"strategy": "BLUE_GREEN"}, 1)] == ALL_STAGES
    assert [stage.name for stage in stages({"strategy": "BLUE_GREEN"}, 2)] == ["RECONCILE_SERVICE", *ALL_STAGES]


def test_production_traffic_comes_after_test_traffic() -> None:
    shares = {s.name: (s.production, s.test) for s in stages({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 3}, 1)}
    assert [shares[name] for name in ("POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "PRE_PRODUCTION_TRAFFIC_SHIFT")] == [
        (0.0, 0.0),
        (0.0, 100.0),
        (0.0, 100.0),
    ]
    assert {shares[name] for name in ALL_STAGES[6:]} == {(100.0, 100.0)}


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ({"strategy": "BLUE_GREEN"}, [(100.0, 0.0)]),
        ({"strategy": "CANARY"}, [(5.0, 10.0), (100.0, 0.0)]),
        (
            {"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0.1, "canaryBakeTimeInMinutes": 0}},
            [(0.1, 0.0), (100.0, 0.0)],
        ),
        ({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 100.0}}, [(100.0, 0.0)]),
        (
            {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 40.0, "stepBakeTimeInMinutes": 2}},
            [(40.0, 2.0), (80.0, 2.0), (100.0, 0.0)],
        ),
        (
            {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 1}},
            [(50.0, 1.0), (100.0, 0.0)],
        ),
        ({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 100.0}}, [(100.0, 0.0)]),
    ],
)
def test_each_strategy_has_its_steps(configuration: dict[str, Any], expected: list[tuple[float, float]]) -> None:
    assert steps(configuration) == expected


def test_ten_steps_of_ten_percent() -> None:
    assert [share for share, _ in steps({"strategy": "LINEAR"})] == [float(n) for n in range(10, 101, 10)]


@pytest.mark.parametrize(
    ("stage", "elapsed", "tasks", "over"),
    [
        (Stage("PRE_SCALE_UP"), 0.0, Tasks(0, 2, 0, 2), True),
        (Stage("RECONCILE_SERVICE"), 0.0, Tasks(0, 2, 1, 2), False),
        (Stage("RECONCILE_SERVICE"), 0.0, Tasks(0, 2, 0, 2), True),
        (Stage("SCALE_UP"), 900.0, Tasks(1, 2, 0, 2), False),
        (Stage("SCALE_UP"), 0.0, Tasks(2, 2, 0, 2), True),
        (Stage("PRODUCTION_TRAFFIC_SHIFT", 10, 100, 5), 299.0, Tasks(2, 2, 0, 2), False),
        (Stage("PRODUCTION_TRAFFIC_SHIFT", 10, 100, 5), 300.0, Tasks(2, 2, 0, 2), True),
        (Stage("BAKE_TIME", 100, 100, 1), 59.9, Tasks(2, 2, 0, 2), False),
        (Stage("BAKE_TIME", 100, 100, 1), 60.0, Tasks(2, 2, 0, 2), True),
        (Stage("CLEAN_UP", 100, 100), 0.0, Tasks(2, 1, 0, 2), False),
        (Stage("CLEAN_UP", 100, 100), 0.0, Tasks(2, 0, 0, 2), True),
    ],
)
def test_a_stage_ends(stage: Stage, elapsed: float, tasks: Tasks, over: bool) -> None:
    assert is_over(stage, elapsed, tasks) is over


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(0.0, (100, 0)), (10.0, (90, 10)), (100.0, (0, 100)), (0.1, (999, 1)), (99.9, (1, 999)), (12.5, (875, 125))],
)
def test_shares_are_weights_that_a_load_balancer_takes(percent: float, expected: tuple[int, int]) -> None:
    assert weights(percent) == expected


def test_the_old_set_stays_until_the_end_and_no_third_one_does() -> None:
    counts = {s.name: [w.count for w in desired_going_forward(s, 2)] for s in stages({"strategy": "BLUE_GREEN"}, 2)}
    assert counts["RECONCILE_SERVICE"] == counts["PRE_SCALE_UP"] == [0, 2, 0]
    assert counts["SCALE_UP"] == counts["BAKE_TIME"] == [2, 2, 0]
    assert counts["CLEAN_UP"] == [2, 0, 0]


def test_the_failed_set_stays_until_the_traffic_is_back_and_starts_nothing() -> None:
    before, after = desired_of_rollback(2, shifted=False), desired_of_rollback(2, shifted=True)
    assert [w.count for w in before] == [2, 2]
    assert [w.count for w in after] == [2, 0]
    assert not before[1].may_start


HOOK = {"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]}


def test_a_pause_is_at_its_stages_and_a_function_is_none() -> None:
    function = {"hookTargetArn": "arn", "lifecycleStages": ["POST_SCALE_UP"]}
    assert hooks_at(Stage("POST_SCALE_UP"), [HOOK, function]) == [HOOK]
    assert hooks_at(Stage("SCALE_UP"), [HOOK, function]) == []


def shown(status: str, expires: float = 100.0, action: str = "ROLLBACK") -> dict[str, Any]:
    return {"status": status, "expiresAt": expires, "timeoutAction": action}


@pytest.mark.parametrize(
    ("hooks", "now", "expected"),
    [
        ([], 0.0, "CONTINUE"),
        ([shown("AWAITING_ACTION")], 99.0, "WAIT"),
        ([shown("AWAITING_ACTION")], 100.0, "ROLLBACK"),
        ([shown("AWAITING_ACTION", action="CONTINUE")], 100.0, "CONTINUE"),
        ([shown("SUCCEEDED")], 500.0, "CONTINUE"),
        ([shown("SUCCEEDED"), shown("AWAITING_ACTION")], 0.0, "WAIT"),
        ([shown("FAILED"), shown("AWAITING_ACTION")], 0.0, "ROLLBACK"),
    ],
)
def test_all_pauses_of_a_stage_decide(hooks: list[dict[str, Any]], now: float, expected: str) -> None:
    assert outcome(hooks, now) == expected


ADVANCED = {"alternateTargetGroupArn": "a", "productionListenerRule": "p", "roleArn": "r"}
BALANCER = {"targetGroupArn": "t", "advancedConfiguration": ADVANCED}
BLUE_GREEN = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0}


@pytest.mark.parametrize(
    ("configuration", "balancers", "expected"),
    [
        ({}, [], ""),
        (BLUE_GREEN, [BALANCER], ""),
        (BLUE_GREEN, [], ""),
        ({"strategy": "BLUE_GREEN"}, [BALANCER], "bakeTimeInMinutes is required."),
        ({**BLUE_GREEN, "bakeTimeInMinutes": 1441}, [], "bakeTimeInMinutes must be from 0 to 1440."),
        (
            {**BLUE_GREEN, "canaryConfiguration": {"canaryPercent": 5}},
            [],
            "canaryConfiguration is only valid with the strategy CANARY.",
        ),
        (
            {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2.9}},
            [],
            "stepPercent must be a multiple of 0.1 from 3.0 to 100.0.",
        ),
        (
            {"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0.15}},
            [],
            "canaryPercent must be a multiple of 0.1 from 0.1 to 100.0.",
        ),
        (
            {**BLUE_GREEN, "lifecycleHooks": [{**HOOK, "lifecycleStages": ["PRODUCTION_TRAFFIC_SHIFT"]}]},
            [],
            "a pause is not supported at that stage.",
        ),
        (
            {**BLUE_GREEN, "lifecycleHooks": [{**HOOK, "timeoutConfiguration": {"timeoutInMinutes": 20161}}]},
            [],
            "timeoutInMinutes must be from 1 to 20160.",
        ),
        (
            BLUE_GREEN,
            [{"targetGroupArn": "t", "advancedConfiguration": {**ADVANCED, "roleArn": ""}}],
            "advancedConfiguration.roleArn is required for the strategy BLUE_GREEN.",
        ),
    ],
)
def test_what_the_api_reference_does_not_allow(
    configuration: dict[str, Any], balancers: list[dict[str, Any]], expected: str
) -> None:
    assert problem(configuration, balancers) == expected


def test_an_update_to_another_strategy_leaves_the_shares_of_the_one_before_behind() -> None:
    before = {"strategy": "CANARY", "bakeTimeInMinutes": 5, "canaryConfiguration": {"canaryPercent": 10.0}}
    assert updated(before, {"maximumPercent": 150}) == {**before, "maximumPercent": 150}
    assert updated(before, {"strategy": "ROLLING"}) == {"strategy": "ROLLING", "bakeTimeInMinutes": 5}
    linear = {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 10.0}}
    assert updated(before, linear) == {**linear, "bakeTimeInMinutes": 5}
    assert problem(updated(before, {**linear, "canaryConfiguration": {"canaryPercent": 5.0}}), [])
