# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The selection, records and totals of the sweeps."""

from __future__ import annotations

import argparse
import json

import pytest

from tests.campaigns import kill_resume
from tests.campaigns.kill_resume import NO_LIMIT, SWEEPS, Stop, Tried, figures, tried_before, untried
from tests.support.kill_proxy import Tripwire

WELL, LOST = Tried("site-site", 1, "CreateVpc", []), Tried("site-site", 4, "CreateSubnet", ["left: subnet 'a'"])


def chosen(**options):
    return argparse.Namespace(**{"sweep": None, "first": 1, "last": NO_LIMIT, "every": 1, **options})


@pytest.mark.parametrize(
    ("options", "tried", "expected"),
    [
        ({"sweep": ["two"]}, [], {"two": list(range(1, 21))}),
        ({"sweep": ["site-steps"], "first": 8}, [], {"site-steps": [8]}),
        ({"sweep": ["two"], "first": 19}, [], {"two": [19, 20]}),
        ({"sweep": ["site-site"], "last": 7, "every": 3}, [WELL, LOST], {"site-site": [7]}),
        ({"sweep": ["site-destroy"], "last": 2}, [WELL, LOST], {"site-destroy": [1, 2]}),
        ({"sweep": ["two", "moment"], "last": 1}, [], {"two": [1], "moment": [1]}),
        ({"last": 1}, [], {name: [1] for name in SWEEPS}),
    ],
)
def test_what_is_chosen_and_not_recorded_is_tried(options, tried, expected):
    assert dict(untried(chosen(**options), tried)) == expected


def test_a_record_holds_what_was_tried(tmp_path):
    record = tmp_path / "record.jsonl"
    assert tried_before(record) == tried_before(None) == []
    record.write_text("".join(json.dumps(one) + "\n" for one in (WELL, LOST)), encoding="utf-8")
    assert tried_before(record) == [WELL, LOST]


def test_a_line_says_what_is_wrong():
    assert str(WELL) == "site-site   1 CreateVpc: well"
    assert str(LOST) == "site-site   4 CreateSubnet: left: subnet 'a'"


def test_figures_count_by_sweep():
    ends = ["one was refused", "one was refused", "both ended well"]
    two = [Tried("two", number, event, []) for number, event in enumerate(ends, 1)]
    assert list(figures([WELL, *two, LOST])) == [
        "site-site: 2 tried, 1 not survived",
        "two: 3 tried, 0 not survived, both ended well: 1, one was refused: 2",
    ]


def test_what_is_left_to_do_and_what_nobody_asks_for_are_flaws(tmp_path):
    change = {"action": "add", "type": "subnet", "name": "a"}
    plan = {"layers": {"vpc": {"changes": [change]}}, "unasked": [{"resources": [{"type": "vpc", "name": "b"}]}]}
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    assert kill_resume.flaws_of_plan(path) == ["still to add: subnet a", "nobody asks for vpc b"]


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        ([{}, {}], []),
        ([{1.0: "CreateVpc", 9.0: "CreateService"}, {}], []),
        ([{5.0: "TagResource"}, {1.0: "CreateVpc", 4.0: "CreateService"}], []),
        ([{5.0: "TagResource", 8.0: "CreateRole"}, {1.0: "CreateVpc", 6.5: "CreateService"}], [1.5]),
        ([{1.0: "CreateVpc", 9.0: "CreateService"}, {2.0: "CreateRole"}], [7.0]),
    ],
)
def test_two_runs_that_work_at_once_are_a_flaw(work, expected):
    said = [f"both runs worked at once, for {seconds} s" for seconds in expected]
    assert kill_resume.flaws_of_time(work) == kill_resume.flaws_of_time(work[::-1]) == said


def test_taking_and_leaving_the_lock_is_no_work():
    writes = [("PutParameter", 1.0), ("CreateVpc", 2.0), ("DeleteParameter", 3.0)]
    assert kill_resume.worked(writes) == {2.0: "CreateVpc"}


def test_a_run_is_killed_after_the_writes_that_are_not_usual():
    proxy = Tripwire("http://127.0.0.1:1", 2, {"CreateRole": 1})
    calls = ["CreateRole", "ListRoles", "CreateQueue", "CreateRole", "CreateQueue"]
    known = [proxy.answers(call, not call.startswith("List")) for call in calls]
    proxy.server_close()
    assert known == [True, True, True, False, False]
    assert proxy.write_calls == ["CreateRole", "CreateQueue", "CreateRole"]


@pytest.fixture
def stops(monkeypatch):
    """End runs as the test says, and return after how many writes each was killed."""
    asked = []

    def end(*ends):
        left = iter(ends)

        def stopped(_bare, _playbook, stop_at, _usual):
            asked.append(stop_at)
            return next(left)

        monkeypatch.setattr(kill_resume, "stopped", stopped)
        monkeypatch.setattr(kill_resume, "flaws_after", lambda *_given: [])
        return asked

    return end


class Ground:
    def fresh(self, _name):
        return self

    @property
    def account(self):
        return self

    def stop_services(self):
        pass


def killed(*writes):
    return Stop(True, list(writes), "", -9, [one.encode() for one in writes])


def test_step_by_step_each_run_is_killed_until_one_ends(stops):
    asked = stops(killed("CreateVpc"), killed("CreateSubnet"), Stop(False, ["CreateRole"], "", 0))
    tried = kill_resume.step_by_step("site-steps", Ground(), 1)
    assert (asked, tried) == ([1, 1, 1], Tried("site-steps", 1, "killed 2 times", []))


def test_who_does_the_same_again_may_go_further(stops):
    same = killed("TagResource")
    asked = stops(same, same, killed("TagResource", "CreateVpc"), killed("CreateSubnet"), Stop(False, [], "", 0))
    assert kill_resume.step_by_step("site-steps", Ground(), 1).flaws == []
    assert asked == [1, 1, 2, 2, 1]


def test_one_that_fails_after_a_kill_is_a_flaw(stops):
    stops(killed("CreateVpc"), Stop(False, [], "taken", 2))
    assert kill_resume.step_by_step("site-steps", Ground(), 1).flaws == ["site.yml failed after 1 kills: taken"]
