# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deployments of a strategy that are checked, killed, rolled back and removed in each of their stages."""

from __future__ import annotations

import pytest

from tests.support.ansible_run import finish

from . import shop
from .conftest import Platform

SLOW = {**shop.CANARY, "canary": {"percent": 30.0, "bake_time": 10}, "bake_time": 10}
"""Half a minute with a share, and half a minute with all: ten minutes of AWS."""
NOTHING = {"groups": [], "roles": [], "rules": [], "tasks": ["0"]}
BREAK = {"platform_lock_break": True}


@pytest.fixture(scope="module")
def serving(empty_platform: Platform) -> Platform:
    """A platform with one service, whose requests are shifted."""
    shop.begun(empty_platform)
    run = shop.deploy(empty_platform, shop.serving("good", shop.CANARY, smoke=shop.SMOKE))
    assert run.rc == 0, run.text
    return empty_platform


def kill_at(platform: Platform, answer: str, reached: str) -> None:
    """Start a deployment, and kill the run once the deployment is in a stage."""
    process, _events = shop.starting(platform, shop.serving(answer, SLOW, smoke=shop.SMOKE))
    found = shop.eventually(lambda: shop.stage(platform), reached, 600, process)
    process.kill()
    process.communicate(timeout=60)
    assert found == reached


def test_each_phase_is_shown_and_rollback_goes_back_at_once_while_the_run_waits(serving: Platform) -> None:
    before = shop.ask(serving)
    # a stage has to last until it is checked: tasks that are not healthy at once, and bake times
    slower = {**SLOW, "bake_time": 30}
    shown = shop.serving(
        "shown", slower, smoke=shop.SMOKE, environment={"WARM_UP": "20"}, health_check_grace_period=1800
    )
    process, events = shop.starting(serving, shown)
    seen = {}
    for reached in ("SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME"):
        assert shop.eventually(lambda: shop.stage(serving), reached, 600, process) == reached
        seen[reached] = shop.printed(shop.operate(serving, "status"))
    assert "CANARY, scale up, 0% of the traffic on it" in seen["SCALE_UP"]
    assert "CANARY, production traffic shift, 30% of the traffic on it" in seen["PRODUCTION_TRAFFIC_SHIFT"]
    assert "CANARY, bake time, 100% of the traffic on it" in seen["BAKE_TIME"]
    back = shop.operate(serving, "rollback")
    assert back.rc == 0, back.text
    run = finish(process, events, 900)
    assert run.rc != 0, run.text
    assert "production traffic shift" in shop.printed(run)
    assert shop.newest(serving)["status"] == "ROLLBACK_SUCCESSFUL"
    assert shop.answers(serving, 50) == {before: 50}


STAGES = ("SCALE_UP", "POST_TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME")


@pytest.mark.parametrize("reached", STAGES)
def test_a_run_that_is_killed_ends_well_when_it_is_run_again(serving: Platform, reached: str) -> None:
    before, answer = shop.ask(serving), f"killed in {reached}"
    with shop.Users(serving) as users:
        kill_at(serving, answer, reached)
        run = shop.deploy(serving, {**shop.serving(answer, SLOW, smoke=shop.SMOKE), **BREAK})
    assert run.rc == 0, run.text
    assert set(users.answers) == {before, answer}, users.answers
    assert shop.answers(serving, 50) == {answer: 50}
    assert shop.holdings(serving) == shop.SHIFTING


@pytest.mark.parametrize("reached", STAGES)
def test_a_removal_in_the_midst_leaves_nothing(serving: Platform, reached: str) -> None:
    answer = f"removed in {reached}"
    if not shop.holdings(serving)["groups"]:
        assert shop.deploy(serving, shop.serving("made again", shop.CANARY, smoke=shop.SMOKE)).rc == 0
    kill_at(serving, answer, reached)
    gone = serving.destroy("--tags", "services", extra_vars={**shop.serving(answer, SLOW, smoke=shop.SMOKE), **BREAK})
    assert gone.rc == 0, gone.text
    assert shop.holdings(serving) == NOTHING
