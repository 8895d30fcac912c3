# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""States of AWS that a run can't resolve, or that somebody has set on purpose: reported by the plan."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._layers import unusable
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services import found_ecs_service, obstacles

from tests.unit.plugins.module_utils.service_definitions import PLATFORM, service
from tests.unit.plugins.module_utils.test_layers import EVERY, PREFIX, nothing, planned


@pytest.mark.parametrize(
    ("kind", "name", "state", "says"),
    [
        ("load_balancer", "pub-alb", "failed", "Load balancer {} (id-1) is failed: AWS could not create it"),
        ("load_balancer", "pub-alb", "active", ""),
        ("load_balancer", "pub-alb", "provisioning", ""),
        ("load_balancer", "pub-alb", "active_impaired", ""),
        ("vpc_endpoint", "s3-endpoint", "rejected", "VPC endpoint {} (id-1) is rejected: AWS could not create it"),
        ("vpc_endpoint", "s3-endpoint", "expired", "VPC endpoint {} (id-1) is expired"),
        ("vpc_endpoint", "s3-endpoint", "pending", ""),
        ("vpc_endpoint", "s3-endpoint", None, ""),
        # no longer desired, so it is removed
        ("vpc_endpoint", "logs-endpoint", "failed", ""),
    ],
)
def test_failed_resources_are_refused(kind, name, state, says):
    wanted = [{"type": "load_balancer", "name": "x-pub-alb"}, {"type": "vpc_endpoint", "name": "x-s3-endpoint"}]
    there = [{"type": kind, "name": f"x-{name}", "id": "id-1", "values": {}, **({"state": state} if state else {})}]
    found = unusable.problems(wanted, there)
    assert len(found) == bool(says)
    assert not found or found[0].startswith(says.format(f"x-{name}"))


def test_the_plan_refuses_a_failed_load_balancer():
    balancer = {
        "type": "load_balancer",
        "name": f"{PREFIX}-pub-alb",
        "id": "arn:alb",
        "state": "failed",
        "dns_name": "x",
        "hosted_zone_id": "Z",
        "values": {"tags": {}},
    }
    refused = planned(EVERY[:2], nothing(alb={"resources": [balancer]})).refused
    assert any(sentence.startswith(f"Load balancer {PREFIX}-pub-alb (arn:alb) is failed") for sentence in refused)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, []),
        ({}, []),
        ({"SuspendedState": {"DynamicScalingInSuspended": False, "ScheduledScalingSuspended": False}}, []),
        (
            {"SuspendedState": {"DynamicScalingInSuspended": True, "ScheduledScalingSuspended": True}},
            ["scale-in", "schedules"],
        ),
    ],
)
def test_suspended_scaling_gives_a_warning(state, expected):
    assert found_ecs_service.suspended(state) == expected
    there = {"rules": [], "resources": [], "suspended": expected}
    info = {"rules": [], "services": {"web": there}}
    said = obstacles.warnings([service(autoscaling={"min": 1, "max": 2, "cpu": 50})], PLATFORM, info)
    assert said == [
        f"Service 'web': its scaling is suspended for {' and '.join(expected)} until somebody resumes it"
        " (aws application-autoscaling register-scalable-target --suspended-state)."
    ] * bool(expected)
    assert obstacles.warnings([service()], PLATFORM, info) == []


@pytest.mark.parametrize(
    ("state", "check_mode", "told"),
    [
        ("IN_PROGRESS", True, True),
        # a run waits for it and reports the outcome
        ("IN_PROGRESS", False, False),
        ("COMPLETED", True, False),
        # other deployment controllers
        (None, True, False),
    ],
)
def test_a_deployment_in_progress_gives_a_warning_in_check_mode(state, check_mode, told):
    there = {"rules": [], "resources": [], "deployment": {"rollout_state": state}}
    info = {"rules": [], "services": {"web": there}}
    said = obstacles.warnings([service(rule=None, rules=[])], {**PLATFORM, "check_mode": check_mode}, info)
    assert said == [
        "Service 'web': its deployment is IN_PROGRESS, so it is not known yet whether it serves as"
        " described. status.yml shows its progress, and a run waits for it."
    ] * int(told)


def test_a_missing_service_gives_no_warning():
    info = {"rules": [], "services": {"web": {"rules": [], "resources": [], "deployment": None}}}
    assert obstacles.warnings([service(rule=None, rules=[])], {**PLATFORM, "check_mode": True}, info) == []
