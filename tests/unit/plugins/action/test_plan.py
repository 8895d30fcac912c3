# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
import stat

import pytest
from ansible.errors import AnsibleActionFail
from ansible.utils.vars import get_unique_id
from ansible_collections.magiclub.fargate.plugins.action import lap, plan, summary
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.run import as_fact, with_lap, with_layer

from tests.unit.plugins.action import planned

VPC = {"type": "vpc", "name": "v", "values": {"cidr_block": "172.25.0.0/16"}}
FOUND = {"type": "vpc", "name": "v", "id": "vpc-1", "values": {"cidr_block": "172.26.0.0/16"}}


OF_AN_EARLIER_RUN = "0242ac12-0003-5f1e-90ab-00000000002a"


@pytest.fixture
def arguments(monkeypatch):
    """Return the arguments by which the action plans a VPC that is not there, or what a test says."""
    return lambda **more: planned.of(monkeypatch, **{"desired": [VPC], **more})


def test_check_mode_is_changed_and_shows_a_diff(run_action, arguments):
    result, lines = run_action(plan, arguments(), check=True, diff=True)
    assert (result["changed"], result["to_do"]) == (True, False)
    assert result["diff"] == [{"prepared": "+ vpc v\n    + cidr_block: 172.25.0.0/16\n"}]
    assert lines == []
    assert result["ansible_facts"]["fargate_run"]["check"] is True


def test_check_mode_without_diff_prints_the_lines(run_action, arguments):
    assert run_action(plan, arguments(), check=True)[1] == ["  + vpc v"]


SEVERAL = {"inventory_hostname": "poc", "ansible_play_hosts_all": ["poc", "prod"]}


def test_with_several_hosts_a_plan_says_whose_it_is(run_action, arguments):
    result, lines = run_action(plan, arguments(), check=True, variables=SEVERAL)
    assert lines == ["[poc]   + vpc v"]
    assert result["diff"] == [{"prepared": "[poc]\n+ vpc v\n    + cidr_block: 172.25.0.0/16\n"}]


def test_with_several_hosts_a_summary_says_whose_it_is(run_action):
    known = as_fact(known_run(), get_unique_id())
    _, lines = run_action(summary, {"title": "magiclub-an2p"}, facts=known, variables=SEVERAL)
    assert all(line.startswith("[poc] ") for line in lines if line)
    assert lines[1] == "[poc] magiclub-an2p"


def test_a_run_leaves_changed_to_the_tasks_that_follow(run_action, arguments):
    result, lines = run_action(plan, arguments(), diff=True)
    assert (result["changed"], result["diff"], result["to_do"]) == (False, [], True)
    assert (result["add"], result["change"], result["remove"]) == (1, 0, 0)
    assert result["msg"] == "1 to add, 0 to change, 0 to remove"
    assert lines == ["  + vpc v", "Plan: 1 to add, 0 to change, 0 to remove."]


@pytest.mark.parametrize("check", [True, False])
def test_no_change(run_action, arguments, check):
    result, lines = run_action(plan, arguments(desired=[], found=[]), check=check, diff=True)
    assert (result["changed"], result["layers"]["network"]["changes"], result["diff"], lines) == (False, [], [], [])
    assert (result["msg"], result["to_do"]) == ("no change", False)


class Aws:
    """A VPC that AWS shows only from a certain look on, and the seconds that were waited between looks."""

    def __init__(self, monkeypatch, seen_at):
        self.looks, self.waited = 0, []
        monkeypatch.setattr(plan.time, "sleep", self.waited.append)
        monkeypatch.setattr(plan.time, "monotonic", lambda: sum(self.waited))
        planned.of(monkeypatch, [VPC])
        absent = plan.ActionModule._made
        planned.of(monkeypatch, [VPC], [{**VPC, "id": "vpc-1"}])
        there = plan.ActionModule._made

        def made(*given):
            self.looks += 1
            return (there if self.looks >= seen_at else absent)(*given)

        monkeypatch.setattr(plan.ActionModule, "_made", made)


@pytest.mark.parametrize(("seen_at", "waited"), [(1, []), (2, [1]), (4, [1, 1.5, 2.25])])
def test_what_aws_does_not_show_yet_is_read_again(run_action, monkeypatch, seen_at, waited):
    aws = Aws(monkeypatch, seen_at)
    result, lines = run_action(plan, {"layers": ["alb"], "mode": "prove"})
    assert (result["layers"]["network"]["changes"], lines, aws.waited) == ([], [], waited)


def test_what_aws_never_shows_is_an_error_that_names_it(run_action, monkeypatch):
    aws = Aws(monkeypatch, 99)
    with pytest.raises(AnsibleActionFail, match="vpc v is not there, though it was made"):
        run_action(plan, {"layers": ["alb"], "mode": "prove"})
    assert sum(aws.waited) == plan.READ_AGAIN_FOR == 30


def test_layers_add_up_in_the_fact(run_action, arguments):
    before = with_layer(None, "first", [], False, 0)
    result, _ = run_action(plan, arguments(), facts=as_fact(before, get_unique_id()))
    assert list(result["ansible_facts"]["fargate_run"]["layers"]) == ["first", "network"]


def test_what_an_earlier_run_left_in_a_fact_cache_is_not_of_this_one(run_action, arguments, monkeypatch):
    cached = as_fact(known_run(), OF_AN_EARLIER_RUN)
    planned, _ = run_action(plan, arguments(), facts=cached)
    assert list(planned["ansible_facts"]["fargate_run"]["layers"]) == ["network"]
    monkeypatch.setattr(lap.time, "time", lambda: 107.0)
    timed, _ = run_action(lap, {"layer": "vpc"}, facts=cached)
    assert timed["ansible_facts"]["fargate_run"]["started"] == 107
    summed, lines = run_action(summary, {}, facts=cached)
    assert (summed["plan"]["layers"], lines[-1]) == ({}, "Nothing had to change.")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"desired": [VPC, VPC]}, "Two desired resources are a vpc named v"),
        ({"desired": [{**VPC, "fixed": ["cidr_block"]}], "found": [FOUND]}, "AWS can't change cidr_block"),
        ({"nope": 1}, "nope"),
    ],
)
def test_a_plan_that_can_not_be_made_fails(run_action, arguments, more, sentence):
    with pytest.raises(AnsibleActionFail, match=sentence):
        run_action(plan, arguments(**more))


GROUP = {"type": "target_group", "name": "t", "values": {"health_check": {"matcher": "200"}, "tags": {"Team": "R&D"}}}


def test_what_aws_refuses_is_refused_where_it_would_be_sent(run_action, arguments):
    with pytest.raises(AnsibleActionFail, match="Tag Team: 'R&D' has '&'"):
        run_action(plan, arguments(desired=[GROUP]))
    _, lines = run_action(plan, arguments(desired=[GROUP], found=[{**GROUP, "id": "arn"}]))
    assert lines == []


def test_resources_of_another_platform_are_refused_unless_this_one_is_renamed(run_action, arguments):
    tags = {"Project": "magiclub", "Environment": "Prod", "ManagedBy": "ansible"}
    found = {**VPC, "id": "vpc-1", "values": {"tags": {**tags, "Environment": "PoC"}}}
    desired = {**VPC, "values": {"tags": tags}}
    with pytest.raises(AnsibleActionFail, match="vpc v has the tag Environment=PoC"):
        run_action(plan, arguments(desired=[desired], found=[found], tags=tags))
    with pytest.raises(AnsibleActionFail, match="vpc v has the tag Environment=PoC"):
        run_action(plan, arguments(desired=[], found=[found], tags=tags))
    _, lines = run_action(plan, arguments(desired=[desired], found=[found], tags=tags, rename=True))
    assert lines[:-1] == ["  ~ vpc v (tags.Environment PoC -> Prod)"]


def test_what_is_removed_may_have_an_environment_of_its_own(run_action, arguments):
    tags = {"Project": "magiclub", "Environment": "PoC", "ManagedBy": "ansible"}
    found = {**VPC, "id": "vpc-1", "values": {"tags": {**tags, "Environment": "shared"}}}
    claimed = {**VPC, "values": {"tags": {"Environment": "shared"}}}
    _, lines = run_action(plan, arguments(desired=[], found=[found], claimed=[claimed], tags=tags))
    assert lines == ["  - vpc v"]
    with pytest.raises(AnsibleActionFail, match="vpc v has the tag Environment=shared"):
        run_action(plan, arguments(desired=[], found=[found], claimed=[{**claimed, "name": "w"}], tags=tags))


def test_lap_counts_for_the_layer(run_action, monkeypatch):
    monkeypatch.setattr(lap.time, "time", lambda: 107.0)
    result, _ = run_action(lap, {"layer": "vpc"}, facts=as_fact(with_lap(None, None, 100), get_unique_id()))
    assert result["changed"] is False
    assert result["ansible_facts"]["fargate_run"]["layers"]["vpc"]["seconds"] == 7


def test_the_clock_can_be_started_again(run_action, monkeypatch):
    monkeypatch.setattr(lap.time, "time", lambda: 107.0)
    known = with_layer(None, "vpc", [], False, 100)
    result, _ = run_action(lap, {"restart": True}, facts=as_fact(known, get_unique_id()))
    run = result["ansible_facts"]["fargate_run"]
    assert (run["started"], run["lap"], list(run["layers"])) == (107, 107, ["vpc"])


def known_run(check=False):
    change = {"action": "add", "type": "vpc", "name": "v", "fields": []}
    return with_layer(with_lap(None, None, 100), "vpc", [change], check, 101)


def test_summary_prints_and_sets_artifacts(run_action, monkeypatch):
    monkeypatch.setattr(summary.time, "time", lambda: 130.0)
    given = {"title": "magiclub-an2p", "lines": {"Address": "http://x"}, "stats": {"address": "http://x"}}
    result, lines = run_action(summary, given, facts=as_fact(known_run(), get_unique_id()))
    assert lines[1] == "magiclub-an2p"
    assert lines[-1] == "Done: 1 added, 0 changed, 0 removed. 30 s."
    assert result["msg"] == "Done: 1 added, 0 changed, 0 removed."
    assert result["ansible_stats"]["data"] == {
        "fargate_plan": {"add": 1, "change": 0, "remove": 0},
        "address": "http://x",
    }


def test_a_plan_hands_on_its_id_its_lines_and_the_commit_that_it_is_of(run_action):
    given = {"plan_id": "0a1b2c3d"}
    facts = as_fact(known_run(check=True), get_unique_id())
    bound = {"add": 1, "change": 0, "remove": 0, "id": "0a1b2c3d", "lines": ["+ vpc v"]}
    result, _ = run_action(summary, given, check=True, facts=facts)
    assert result["ansible_stats"]["data"] == {"fargate_plan": bound}
    result, _ = run_action(summary, given, check=True, facts=facts, variables={"awx_project_revision": "aaa111"})
    assert result["ansible_stats"]["data"] == {"fargate_plan": {**bound, "revision": "aaa111"}}


def test_summary_of_a_run_that_planned_nothing(run_action):
    result, lines = run_action(summary, {})
    assert lines == ["", "", "Nothing had to change."]
    empty = {"check": False, "id": "", "add": 0, "change": 0, "remove": 0, "layers": {}, "unasked": []}
    assert result["plan"] == empty


def test_plan_file_is_for_its_owner_only(run_action, tmp_path):
    path = tmp_path / "plan.json"
    result, _ = run_action(
        summary, {"plan_file": str(path)}, check=True, facts=as_fact(known_run(check=True), get_unique_id())
    )
    assert json.loads(path.read_text()) == result["plan"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_plan_file_in_no_folder(run_action, tmp_path):
    path = tmp_path / "none" / "plan.json"
    with pytest.raises(AnsibleActionFail) as caught:
        run_action(summary, {"plan_file": str(path)})
    assert str(caught.value).startswith(
        f"Failed to write plan_file '{path}': No such file or directory. Name a file in a folder that exists"
    )
