# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.autoscaling import decide

LABEL = "app/an2p-pub-alb/50dc6c495c0c9188/targetgroup/an2p-lotto/6d0ecf831eec9f09"
# As DescribeScalingPolicies gives it.
FOUND = {
    "PolicyName": "requests",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 100,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "ALBRequestCountPerTarget",
            "ResourceLabel": LABEL,
        },
        "ScaleInCooldown": 60,
        "ScaleOutCooldown": 0,
        "DisableScaleIn": True,
    },
}
VALUES = {
    "metric": "ALBRequestCountPerTarget",
    "resource_label": LABEL,
    "target_value": 100.0,
    "scale_in_cooldown": 60,
    "scale_out_cooldown": 0,
    "disable_scale_in": True,
}
STEPS = {"PolicyName": "steps", "PolicyType": "StepScaling"}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(FOUND, VALUES, id="all of it"),
        pytest.param(
            STEPS,
            {
                "metric": "(StepScaling)",
                "resource_label": None,
                "target_value": 0.0,
                "scale_in_cooldown": 300,
                "scale_out_cooldown": 300,
                "disable_scale_in": False,
            },
            id="of another kind, with AWS's defaults",
        ),
    ],
)
def test_policy_values(found, expected):
    assert decide.policy_values(found) == expected


def test_a_policy_is_asked_for_as_it_is_found():
    assert decide.policy_request({**VALUES, "name": "requests"}) == FOUND["TargetTrackingScalingPolicyConfiguration"]


@pytest.mark.parametrize(
    ("low", "high", "refused"),
    [(1, 2, False), (2, 2, False), (3, 2, True), (None, 2, False), (3, None, False), (None, None, False)],
)
def test_bounds(low, high, refused):
    assert bool(decide.problems({"min_capacity": low, "max_capacity": high, "policies": None})) is refused


CPU = {**VALUES, "name": "cpu.60"}


@pytest.mark.parametrize(
    ("wanted", "found", "purge", "put", "gone"),
    [
        pytest.param([CPU], {}, True, ["cpu.60"], [], id="new"),
        pytest.param([CPU], {"cpu.60": VALUES}, True, [], [], id="as wanted"),
        pytest.param([CPU], {"cpu.60": {**VALUES, "target_value": 1.0}}, True, ["cpu.60"], [], id="another value"),
        pytest.param([], {"cpu.60": VALUES, "cpu": VALUES}, True, [], ["cpu", "cpu.60"], id="gone"),
        pytest.param([], {"cpu.60": VALUES}, False, [], [], id="not purged"),
    ],
)
def test_policies_to_write(wanted, found, purge, put, gone):
    """A name may have dots (API_PutScalingPolicy)."""
    written, deleted = decide.policies_to_write(wanted, found, purge)
    assert ([policy["name"] for policy in written], deleted) == (put, gone)
