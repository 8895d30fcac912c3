# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deployments of a strategy that are looked at, killed, gone back from and removed in each of their stages."""

from __future__ import annotations

import pytest

from tests.support.ansible_run import finish

from .conftest import Platform
from .shop import (
    CANARY,
    SHIFTING,
    SMOKE,
    Users,
    answers,
    ask,
    begun,
    deploy,
    eventually,
    holdings,
    newest,
    operate,
    shop,
    stage,
    starting,
    told,
)

SLOW = {**CANARY, "canary": {"percent": 30.0, "bake_time": 10}, "bake_time": 10}
"""Half a minute with a share, and half a minute with all: ten minutes of AWS."""
NOTHING = {"groups": [], "roles": [], "rules": [], "tasks": ["0"]}
BREAK = {"platform_lock_break": True}


@pytest.fixture(scope="module")
def serving(empty_platform: Platform) -> Platform:
    """A platform with one service, whose requests are shifted."""
    begun(empty_platform)
    run = deploy(empty_platform, shop("good", CANARY, smoke=SMOKE))
    assert run.rc == 0, run.text
    return empty_platform


def kill_at(platform: Platform, answer: str, reached: str) -> None:
    """Start to deploy, and kill the run once the deployment is in a stage."""
    process, _events = starting(platform, shop(answer, SLOW, smoke=SMOKE))
    found = eventually(lambda: stage(platform), reached, 600, process)
    process.kill()
    process.communicate(timeout=60)
    assert found == reached


def test_each_phase_is_shown_and_rollback_goes_back_at_once_while_the_run_waits(serving: Platform) -> None:
    before = ask(serving)
    # a stage has to last as long as it takes to look at it: tasks that are not healthy at once, and bake times
    slower = {**SLOW, "bake_time": 30}
    shown = shop("shown", slower, smoke=SMOKE, environment={"WARM_UP": "20"}, health_check_grace_period=1800)
    process, events = starting(serving, shown)
    seen = {}
    for reached in ("SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME"):
        assert eventually(lambda: stage(serving), reached, 600, process) == reached
        seen[reached] = told(operate(serving, "status"))
    assert "CANARY, scale up, 0% of the traffic on it" in seen["SCALE_UP"]
    assert "CANARY, production traffic shift, 30% of the traffic on it" in seen["PRODUCTION_TRAFFIC_SHIFT"]
    assert "CANARY, bake time, 100% of the traffic on it" in seen["BAKE_TIME"]
    back = operate(serving, "rollback")
    assert back.rc == 0, back.text
    run = finish(process, events, 900)
    assert run.rc != 0, run.text
    assert "production traffic shift" in told(run)
    assert newest(serving)["status"] == "ROLLBACK_SUCCESSFUL"
    assert answers(serving, 50) == {before: 50}


STAGES = ("SCALE_UP", "POST_TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME")


@pytest.mark.parametrize("reached", STAGES)
def test_a_run_that_is_killed_ends_well_when_it_is_run_again(serving: Platform, reached: str) -> None:
    before, answer = ask(serving), f"killed in {reached}"
    with Users(serving) as users:
        kill_at(serving, answer, reached)
        run = deploy(serving, {**shop(answer, SLOW, smoke=SMOKE), **BREAK})
    assert run.rc == 0, run.text
    assert set(users.answers) == {before, answer}, users.answers
    assert answers(serving, 50) == {answer: 50}
    assert holdings(serving) == SHIFTING


@pytest.mark.parametrize("reached", STAGES)
def test_a_removal_in_the_midst_leaves_nothing(serving: Platform, reached: str) -> None:
    answer = f"removed in {reached}"
    if not holdings(serving)["groups"]:
        assert deploy(serving, shop("made again", CANARY, smoke=SMOKE)).rc == 0
    kill_at(serving, answer, reached)
    gone = serving.destroy("--tags", "services", extra_vars={**shop(answer, SLOW, smoke=SMOKE), **BREAK})
    assert gone.rc == 0, gone.text
    assert holdings(serving) == NOTHING
