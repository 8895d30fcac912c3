# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Health checks: the passing ones, and a target's resulting health."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from local_aws.corrections.target_health import (
    Health,
    Outcome,
    Record,
    after_check,
    check,
    groups_in_use,
    matches,
    start_allowance,
)

GROUP = {"HealthyThresholdCount": 3, "UnhealthyThresholdCount": 2, "Matcher": {"HttpCode": "200-299"}}
PASSED, FAILED, REFUSED = Outcome(status=204), Outcome(status=500), Outcome(reason="Target.FailedHealthChecks")


@pytest.mark.parametrize(
    ("status", "matcher", "expected"),
    [
        (200, "200", True),
        (201, "200", False),
        (202, "200,202", True),
        (299, "200-299", True),
        (300, "200-299", False),
        (404, "200-299, 404", True),
    ],
)
def test_matcher(status: int, matcher: str, expected: bool) -> None:
    assert matches(status, matcher) is expected


@pytest.mark.parametrize(
    ("outcomes", "state", "reason"),
    [
        ([PASSED], "healthy", ""),
        ([FAILED], "initial", "Elb.InitialHealthChecking"),
        ([FAILED, PASSED], "healthy", ""),
        ([FAILED, FAILED], "unhealthy", "Target.ResponseCodeMismatch"),
        ([REFUSED, REFUSED], "unhealthy", "Target.FailedHealthChecks"),
        ([PASSED, FAILED], "healthy", ""),
        ([PASSED, FAILED, PASSED, FAILED], "healthy", ""),
        ([PASSED, FAILED, FAILED], "unhealthy", "Target.ResponseCodeMismatch"),
        ([FAILED, FAILED, PASSED, PASSED], "unhealthy", "Target.ResponseCodeMismatch"),
        ([FAILED, FAILED, PASSED, PASSED, PASSED], "healthy", ""),
        ([FAILED, FAILED, PASSED, FAILED, PASSED, PASSED], "unhealthy", "Target.ResponseCodeMismatch"),
    ],
)
def test_health_after_checks(outcomes: list[Outcome], state: str, reason: str) -> None:
    health = Health()
    for outcome in outcomes:
        health = after_check(health, outcome, GROUP)
    assert (health.state, health.reason) == (state, reason)


def test_a_wrong_status_is_named() -> None:
    health = after_check(after_check(Health(), FAILED, GROUP), FAILED, GROUP)
    assert health.description == "Health checks failed with these codes: [500]"


def test_a_starting_target_is_not_unhealthy_for_not_answering() -> None:
    group = {**GROUP, "HealthCheckIntervalSeconds": 30}
    record = Record()
    for _ in range(5):
        record.note(REFUSED, group)
    assert record.health.state == "initial"
    record.since -= start_allowance(group)
    record.note(REFUSED, group)
    record.note(REFUSED, group)
    assert record.health.state == "unhealthy"


def test_a_wrong_answer_counts_at_once() -> None:
    record = Record()
    record.note(FAILED, GROUP)
    record.note(FAILED, GROUP)
    assert record.health.state == "unhealthy"


@pytest.mark.parametrize(("interval", "count", "seconds"), [(5, 2, 5.0), (30, 2, 20.0), (5, 9, 20.0)])
def test_start_allowance_is_as_on_aws_up_to_20_seconds(interval: int, count: int, seconds: float) -> None:
    assert start_allowance({"HealthCheckIntervalSeconds": interval, "UnhealthyThresholdCount": count}) == seconds


class Target(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/silent":
            self.server.release.wait(10)  # type: ignore[attr-defined]
            return
        self.send_response(500 if self.path == "/bad" else 200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def target() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
    server.release = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.release.set()  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "outcome"),
    [("/", Outcome(status=200)), ("/bad", Outcome(status=500)), ("/silent", Outcome(reason="Target.Timeout"))],
)
def test_check_a_target(target: int, path: str, outcome: Outcome) -> None:
    assert check("127.0.0.1", target, {"HealthCheckPath": path, "HealthCheckTimeoutSeconds": 0.3}) == outcome


def test_check_a_closed_port() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert check("127.0.0.1", unused.getsockname()[1], {}) == Outcome(reason="Target.FailedHealthChecks")


def test_check_on_its_own_port(target: int) -> None:
    assert check("127.0.0.1", 1, {"HealthCheckPort": str(target)}) == Outcome(status=200)


def test_groups_in_use_by_both_forms_of_forwarding() -> None:
    actions: list[dict[str, Any]] = [
        {"Type": "forward", "TargetGroupArn": "a"},
        {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "b"}, {"TargetGroupArn": "c"}]}},
        {"Type": "fixed-response"},
    ]
    assert groups_in_use(actions) == {"a", "b", "c"}
