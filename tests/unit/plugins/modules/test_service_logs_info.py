# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module service_logs_info."""

from __future__ import annotations

import types

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import service_logs_info

GROUP = "/ecs/magiclub-an2p-lotto"
NOON = 1_795_348_800  # 2026-11-22 12:00:00 UTC


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses of the module, which advance its clock."""
    slept = []
    clock = types.SimpleNamespace(
        time=lambda: NOON + sum(slept), monotonic=lambda: float(sum(slept)), sleep=slept.append
    )
    monkeypatch.setattr(service_logs_info, "time", clock)
    return slept


def event(number, seconds=-60):
    return {
        "eventId": f"{number:056}",
        "timestamp": (NOON + seconds) * 1000,
        "message": f"line {number}\n",
        "logStreamName": "ecs/lotto-api/0f3c9a1b2d4e4f6d8f6b4a3c2d1e0f9a",
    }


def logged(aws, *events, start=-900, token=None, more=None, **given):
    answer = {"events": list(events), **({"nextToken": more} if more else {})}
    given |= {"nextToken": token} if token else {}
    aws.answer("logs", "filter_log_events", answer, logGroupName=GROUP, startTime=(NOON + start) * 1000, **given)


def unreadable(aws, code):
    aws.refuse("logs", "filter_log_events", code, logGroupName=GROUP, startTime=(NOON - 900) * 1000)


def test_all_pages_of_the_last_quarter_of_an_hour_are_returned(aws):
    logged(aws, event(1), more="t")
    logged(aws, event(2), token="t")

    result = aws.run(service_logs_info.main, log_group=GROUP)

    assert result["changed"] is False
    assert result["lines"] == ["2026-11-22 11:59:00 0f3c9a1b line 1", "2026-11-22 11:59:00 0f3c9a1b line 2"]


def test_since_filter_and_limit_are_as_requested(aws):
    pattern = '{ $.level = "ERROR" }'
    logged(aws, event(1), event(2), event(3), start=-7200, filterPattern=pattern)

    result = aws.run(service_logs_info.main, log_group=GROUP, since="2h", filter=pattern, limit=2)

    assert [line[-1] for line in result["lines"]] == ["1", "2"]


def test_following_shows_what_comes_and_nothing_twice(aws, pauses, tmp_path):
    logged(aws, event(1, -5))
    logged(aws, event(1, -5), start=-15)
    logged(aws, event(1, -5), event(2, 3), start=-15)
    path = tmp_path / "progress"

    result = aws.run(service_logs_info.main, log_group=GROUP, follow=3, _progress_file=str(path))

    assert [line[-1] for line in result["lines"]] == ["1", "2"]
    assert path.read_text(encoding="utf-8").splitlines() == result["lines"]
    assert sum(pauses) == 3
    assert result["_progress"] == []


def test_the_limit_does_not_apply_to_lines_that_come_while_following(aws):
    before = [event(number, -5) for number in range(1, 4)]
    logged(aws, *before)
    logged(aws, *before, event(4, 1), start=-15)
    logged(aws, event(4, 1), event(5, 3), start=-9)

    result = aws.run(service_logs_info.main, log_group=GROUP, limit=2, follow=4)

    assert [line[-1] for line in result["lines"]] == ["1", "2", "3", "4", "5"]


def test_lines_are_returned_if_they_cannot_be_shown(aws, tmp_path):
    logged(aws, event(1))

    result = aws.run(service_logs_info.main, log_group=GROUP, _progress_file=str(tmp_path / "gone" / "progress"))

    assert [line[-1] for line in result["lines"]] == ["1"]


def test_an_invalid_duration_is_refused_before_any_call(aws):
    result = aws.run(service_logs_info.main, log_group=GROUP, since="soon")

    assert result["msg"] == "since 'soon' is not a duration: a number and s, m, h or d, as in 15m. Set since."


def test_a_missing_log_group_is_reported_with_its_region(aws):
    unreadable(aws, "ResourceNotFoundException")

    assert aws.run(service_logs_info.main, log_group=GROUP)["msg"] == (
        f"There is no log group {GROUP} in ap-northeast-2. status.yml lists the services."
    )


def test_an_error_of_aws_is_reported_with_what_failed(aws):
    unreadable(aws, "AccessDeniedException")

    result = aws.run(service_logs_info.main, log_group=GROUP)

    assert result["msg"].startswith(f"Failed to read the log group {GROUP} in ap-northeast-2: ")
