# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module route53_change_wait."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import route53_change_wait

from tests.unit.plugins.modules.aws_stub import timed

FIRST, SECOND = "/change/C1", "/change/C2"


@pytest.fixture
def slept(monkeypatch):
    """The seconds of each pause, which advance the clock."""
    wait, pauses = timed(route53_change_wait.wait_until)
    monkeypatch.setattr(route53_change_wait, "wait_until", wait)
    return pauses


def answer(aws, change, status):
    info = {"ChangeInfo": {"Id": change, "Status": status, "SubmittedAt": "2026-01-01T00:00:00Z"}}
    aws.answer("route53", "get_change", info, Id=change)


@pytest.mark.parametrize("check", [False, True])
def test_it_waits_until_all_are_in_sync(aws, slept, check):
    for statuses in (("PENDING", "INSYNC"), ("PENDING", "INSYNC"), ("INSYNC", "INSYNC")):
        for change, status in zip((FIRST, SECOND), statuses, strict=True):
            answer(aws, change, status)
    result = aws.run(route53_change_wait.main, changes=[FIRST, SECOND], check=check)
    assert (result["changed"], result["statuses"]) == (False, {FIRST: "INSYNC", SECOND: "INSYNC"})
    assert slept == [1.0, 1.5]


def test_it_gives_up_after_the_timeout(aws, slept):
    for _poll in range(3):
        answer(aws, FIRST, "PENDING")
    result = aws.run(route53_change_wait.main, changes=[FIRST], timeout=2)
    assert result["msg"] == f"Route 53 has not propagated {FIRST} within 2 s. Run again in a few minutes."
    assert sum(slept) == 2


def test_a_denied_call_is_reported(aws, slept):
    aws.refuse("route53", "get_change", "AccessDenied", Id=FIRST)
    assert "Failed to read the status of the changes in" in aws.run(route53_change_wait.main, changes=[FIRST])["msg"]
    assert slept == []
