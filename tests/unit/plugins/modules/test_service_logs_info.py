# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log lines of a service: what is asked for, what comes later, and how a slice goes on; no test waits."""

from __future__ import annotations

import types

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import service_logs_info

from tests.unit.plugins.modules.aws_stub import Aws

GROUP = "/ecs/magiclub-an2p-lotto"
NOON = 1_795_348_800  # 2026-11-22 12:00:00 UTC


class Clock:
    """The module's clock, which only its sleeps move."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        clock = types.SimpleNamespace(time=lambda: NOON + self.now, monotonic=lambda: self.now, sleep=self.sleep)
        monkeypatch.setattr(service_logs_info, "time", clock)

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def aws(monkeypatch, capsys, clock):
    return Aws(monkeypatch, capsys)


def event(number, seconds=-60):
    return {
        "eventId": f"{number:056}",
        "timestamp": (NOON + seconds) * 1000,
        "message": f"line {number}\n",
        "logStreamName": "ecs/lotto-api/0f3c9a1b2d4e4f6d8f6b4a3c2d1e0f9a",
    }


def looked(aws, *events, start=-900, token=None, more=None, **asked):
    answer = {"events": list(events), **({"nextToken": more} if more else {})}
    given = {"nextToken": token} if token else {}
    start_ms = (NOON + start) * 1000
    aws.answer("logs", "filter_log_events", answer, logGroupName=GROUP, startTime=start_ms, **asked, **given)


def test_the_lines_of_the_last_quarter_of_an_hour_of_all_pages(aws):
    looked(aws, event(1), more="t")
    looked(aws, event(2), token="t")

    result = aws.run(service_logs_info.main, log_group=GROUP)

    assert result["changed"] is False
    assert result["lines"] == ["2026-11-22 11:59:00 0f3c9a1b line 1", "2026-11-22 11:59:00 0f3c9a1b line 2"]


def test_since_filter_and_limit_are_those_asked_for(aws):
    pattern = '{ $.level = "ERROR" }'
    looked(aws, event(1), event(2), event(3), start=-7200, filterPattern=pattern)

    result = aws.run(service_logs_info.main, log_group=GROUP, since="2h", filter=pattern, limit=2)

    assert [line[-1] for line in result["lines"]] == ["1", "2"]


def test_following_shows_what_comes_and_nothing_twice(aws, clock, tmp_path):
    looked(aws, event(1, -5))
    looked(aws, event(1, -5), start=-15)
    looked(aws, event(1, -5), event(2, 3), start=-15)
    path = tmp_path / "progress"

    result = aws.run(service_logs_info.main, log_group=GROUP, follow=3, _progress_file=str(path))

    assert [line[-1] for line in result["lines"]] == ["1", "2"]
    assert path.read_text(encoding="utf-8").splitlines() == result["lines"]
    assert clock.now == 3
    assert result["_progress"] == []


def test_every_look_brings_what_is_new_however_little_may_be_read_at_first(aws):
    before = [event(number, -5) for number in range(1, 4)]
    looked(aws, *before)
    looked(aws, *before, event(4, 1), start=-15)
    looked(aws, event(4, 1), event(5, 3), start=-9)

    result = aws.run(service_logs_info.main, log_group=GROUP, limit=2, follow=4)

    assert [line[-1] for line in result["lines"]] == ["1", "2", "3", "4", "5"]


def test_what_was_read_is_returned_where_it_can_not_be_shown(aws, tmp_path):
    looked(aws, event(1))

    result = aws.run(service_logs_info.main, log_group=GROUP, _progress_file=str(tmp_path / "gone" / "progress"))

    assert [line[-1] for line in result["lines"]] == ["1"]


def test_a_duration_that_is_none_is_refused_before_any_call(aws):
    result = aws.run(service_logs_info.main, log_group=GROUP, since="soon")

    assert result["msg"] == "since 'soon' is not a duration: a number and s, m, h or d, as in 15m. Set since."


def test_a_log_group_that_is_not_there_is_named_with_its_region(aws):
    asked = {"logGroupName": GROUP, "startTime": (NOON - 900) * 1000}
    aws.refuse("logs", "filter_log_events", "ResourceNotFoundException", **asked)

    assert aws.run(service_logs_info.main, log_group=GROUP)["msg"] == (
        f"There is no log group {GROUP} in ap-northeast-2. Look with status.yml which services there are."
    )


def test_a_refusal_says_what_could_not_be_read(aws):
    asked = {"logGroupName": GROUP, "startTime": (NOON - 900) * 1000}
    aws.refuse("logs", "filter_log_events", "AccessDeniedException", **asked)

    result = aws.run(service_logs_info.main, log_group=GROUP)

    assert result["msg"].startswith(f"Failed to read the log group {GROUP} in ap-northeast-2: ")
