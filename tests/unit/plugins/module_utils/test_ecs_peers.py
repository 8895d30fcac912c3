# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verdicts of other tools on the same answers of ECS, compared with ours; who is right if they differ, and why."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs import diagnose
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.judge import verdict
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecs.rollout.observation import Rules

from .observe import FIXTURES, T0, Payload, observe
from .test_ecs_wait_late import BALANCED, GROUP, deployment, service

PEERS: Payload = yaml.safe_load((FIXTURES / "peers.yml").read_text(encoding="utf-8"))
VERDICTS: list[Payload] = PEERS["verdicts"]


def as_deployment(entry: Payload) -> Payload:
    """Return a deployment of the fixture in AWS's shape."""
    return deployment(
        T0 - entry.get("age", 60),
        id=entry.get("id", "primary"),
        status=entry.get("status", "PRIMARY"),
        desiredCount=entry.get("desired", 2),
        runningCount=entry.get("running", 2),
        pendingCount=0,
        failedTasks=entry.get("failed", 0),
        rolloutState=entry.get("state", "COMPLETED"),
        rolloutStateReason=entry.get("reason", ""),
    )


def as_task_set(entry: Payload) -> Payload:
    """Return a task set of the fixture in AWS's shape."""
    return {
        "id": entry.get("id", "primary"),
        "status": entry.get("status", "PRIMARY"),
        "stabilityStatus": entry.get("stability", "STEADY_STATE"),
        "computedDesiredCount": 2,
        "runningCount": 2,
        "pendingCount": 0,
        "createdAt": T0 - 60,
    }


def payload_of(case: Payload) -> Payload | None:
    if case.get("missing"):
        return None
    config = {"strategy": case.get("strategy", "ROLLING"), "maximumPercent": 200, "minimumHealthyPercent": 100}
    changes: Payload = {"deploymentConfiguration": config, **BALANCED, **case.get("service", {})}
    if "task_sets" in case:
        sets = [as_task_set(entry) for entry in case["task_sets"]]
        changes |= {"deploymentController": {"type": "EXTERNAL"}, "taskSets": sets}
    return service(*map(as_deployment, case.get("deployments", [])), **changes)


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case['peer']}: {case['case']}") for case in VERDICTS])
def test_verdict(case: Payload) -> None:
    states = case.get("targets", ["healthy"] * case.get("service", {}).get("desiredCount", 2))
    observed = observe(
        service=payload_of(case),
        deployment_id=case.get("watch"),
        phase=case.get("phase", ""),
        tasks=[],
        signs_seen=99,
        targets={GROUP: [{"TargetHealth": {"State": state}} for state in states]},
        service_deployment=case.get("record", {}),
    )
    found = verdict(observed, Rules())
    outcome = found.outcome if found.final else f"pending: {found.phase}"
    assert outcome == case["ours"]
    assert case.get("says", "") in found.message


def agrees(case: Payload) -> bool:
    ours = {"steady": "success"}.get(case["ours"], "waiting" if case["ours"].startswith("pending") else "failure")
    return bool(ours == case["theirs"])


def test_differences_from_peers_are_explained() -> None:
    differing = [case for case in VERDICTS if not agrees(case)]
    assert all(case.get("why") and case.get("right") in ("ours", "theirs") for case in differing)
    assert not any("why" in case for case in VERDICTS if agrees(case))
    assert (len(VERDICTS), len(differing)) == (41, 11)


@pytest.mark.parametrize("row", PEERS["events"], ids=lambda row: str(row[1]))
def test_event(row: list[t.Any]) -> None:
    _peer, message, theirs, ours, *why = row
    assert bool(diagnose.failure_messages([{"message": message}])) is ours
    assert bool(why) == (theirs != ours)


@pytest.mark.parametrize("row", PEERS["stopped_tasks"], ids=str)
def test_stopped_task(row: list[t.Any]) -> None:
    _peer, given, theirs, ours = row
    at = T0 - 100 if given.get("before") else T0 + 10
    task = {**given, "startedBy": "primary", "stoppedAt": at, "taskArn": "a/b/c", "containers": []}
    payload = service(as_deployment({"state": "IN_PROGRESS", "running": 0}), **BALANCED)
    observed = observe(service=payload, tasks=[task], signs_seen=99, counts_from=T0, since=T0)
    assert verdict(observed, Rules(crash_threshold=1)).final is ours
    assert theirs is ours
