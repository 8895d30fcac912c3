# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Release strategies with real containers: which version answers which requests, when, and what is left."""

from __future__ import annotations

import collections
import typing as t

import pytest

from tests.support.ansible_run import finish

from . import shop
from .conftest import Platform


def weight_of_the_new(platform: Platform) -> float | None:
    """Return the share of requests that the newest deployment wants."""
    weight = shop.newest(platform)["targetServiceRevision"].get("requestedProductionTrafficWeight")
    return None if weight is None else float(weight)


def answers_of_step(platform: Platform, weight: float) -> collections.Counter[str]:
    """Return the count of each answer to 2,000 requests, or to fewer if the step ends before."""
    result: collections.Counter[str] = collections.Counter()
    while result.total() < shop.REQUESTS:
        some = shop.answers(platform, 100)
        if weight_of_the_new(platform) != weight:
            break
        result += some
    return result


@pytest.fixture(scope="module")
def rolling(empty_platform: Platform) -> Platform:
    """A platform with one service, with the strategy rolling."""
    return shop.begun(empty_platform)


def test_a_service_moves_to_a_strategy_while_it_serves_and_its_new_version_is_asked_first(rolling: Platform) -> None:
    with shop.Users(rolling) as users:
        run = shop.deploy(rolling, shop.serving("two", shop.BLUE_GREEN, smoke=shop.SMOKE))
        assert run.rc == 0, run.text
    assert set(users.answers) <= {"one", "two"}, users.answers
    assert shop.ask(rolling) == "two"
    assert shop.holdings(rolling) == shop.SHIFTING
    again = shop.deploy(rolling, shop.serving("two", shop.BLUE_GREEN, smoke=shop.SMOKE), check=True)
    assert (again.rc, again.changed_tasks) == (0, []), again.text


def test_a_wrong_version_reaches_no_user(rolling: Platform) -> None:
    with shop.Users(rolling) as users:
        run = shop.deploy(rolling, shop.serving("wrong", shop.BLUE_GREEN, smoke=shop.SMOKE))
        answered = shop.answers(rolling, max(0, shop.REQUESTS - sum(users.answers.values())))
    assert run.rc != 0, run.text
    assert set(users.answers + answered) == {"two"}, users.answers
    said = shop.printed(run)
    assert "No user reached the new version of 'shop', and the one before serves" in said
    assert "gave a wrong answer to" in said
    assert shop.newest(rolling)["status"] == "ROLLBACK_SUCCESSFUL"
    assert shop.holdings(rolling) == shop.SHIFTING


def test_a_run_ends_where_an_approval_is_needed_and_the_answer_has_users_get_it(rolling: Platform) -> None:
    before = shop.ask(rolling)
    run = shop.deploy(rolling, shop.serving("three", shop.APPROVED, smoke=shop.SMOKE))
    assert run.rc == 0, run.text
    assert "waits for an answer at post test traffic shift until" in shop.printed(run)
    assert shop.answers(rolling, 50) == {before: 50}
    assert shop.answers(rolling, 10, headers=shop.GREEN) == {"three": 10}
    again = shop.deploy(rolling, shop.serving("three", shop.APPROVED, smoke=shop.SMOKE))
    assert (again.rc, again.changed_tasks) == (0, []), again.text
    status = shop.operate(rolling, "status")
    assert "CANARY, post test traffic shift, 0% of the traffic on it, 100% of the test traffic" in status.text
    with shop.Users(rolling) as users:
        continued = shop.operate(rolling, "continue", decision="continue")
    assert continued.rc == 0, continued.text
    assert set(users.answers) <= {before, "three"}, users.answers
    assert shop.answers(rolling, 50) == {"three": 50}
    twice = shop.operate(rolling, "continue", decision="continue")
    assert twice.rc == 0, twice.text
    assert "waits for no answer: its last deployment was successful" in shop.printed(twice)


def test_a_no_keeps_the_version_before(rolling: Platform) -> None:
    before = shop.ask(rolling)
    run = shop.deploy(rolling, shop.serving("four", shop.APPROVED, smoke=shop.SMOKE))
    assert run.rc == 0, run.text
    back = shop.operate(rolling, "continue", decision="rollback")
    assert back.rc == 0, back.text
    assert shop.answers(rolling, 50) == {before: 50}
    late = shop.operate(rolling, "continue", decision="continue")
    assert late.rc != 0
    assert "can't go on: its deployment ended as ROLLBACK_SUCCESSFUL" in shop.printed(late)


@pytest.mark.parametrize("decision", ["continue", "rollback"])
def test_a_run_that_waits_ends_by_the_answer_of_somebody_else(rolling: Platform, decision: str) -> None:
    before, answer = shop.ask(rolling), f"waits for {decision}"
    variables = {**shop.serving(answer, shop.APPROVED, smoke=shop.SMOKE), "fargate_service_wait_for_approval": True}
    with shop.Users(rolling) as users:
        process, events = shop.starting(rolling, variables)
        gate = "POST_TEST_TRAFFIC_SHIFT"
        assert shop.eventually(lambda: shop.stage(rolling), gate, 600, process) == gate
        given = shop.operate(rolling, "continue", decision=decision)
        run = finish(process, events, 900)
    assert given.rc == 0, given.text
    if decision == "continue":
        assert run.rc == 0, run.text
        assert set(users.answers) == {before, answer}, users.answers
        assert shop.answers(rolling, 50) == {answer: 50}
    else:
        assert run.rc != 0
        assert "answered with rollback" in shop.printed(run), run.text
        assert set(users.answers) == {before}, users.answers


def test_an_answer_that_never_comes_goes_back_by_itself(rolling: Platform) -> None:
    before = shop.ask(rolling)
    # a minute here: the run that starts it must end before
    run = shop.deploy(rolling, shop.serving("five", {**shop.APPROVED, "approval_timeout": 20}, smoke=shop.SMOKE))
    assert run.rc == 0, run.text
    assert shop.eventually(lambda: shop.newest(rolling)["status"], "ROLLBACK_SUCCESSFUL", 180) == "ROLLBACK_SUCCESSFUL"
    assert shop.answers(rolling, 50) == {before: 50}


STEPS = {
    "blue_green": ({**shop.BLUE_GREEN, "bake_time": 5}, (100.0,)),
    "canary": ({**shop.CANARY, "canary": {"percent": 30.0, "bake_time": 40}}, (30.0, 100.0)),
    "linear": ({**shop.LINEAR, "linear": {"percent": 40.0, "bake_time": 40}, "bake_time": 5}, (40.0, 80.0, 100.0)),
}
"""By strategy, a deployment whose steps last for 2,000 requests, and the weights of the new version."""


@pytest.mark.parametrize(("deployment", "weights"), STEPS.values(), ids=STEPS)
def test_the_new_version_gets_the_share_of_each_stage(
    rolling: Platform, deployment: dict[str, t.Any], weights: tuple[float, ...]
) -> None:
    before, name = shop.ask(rolling), f"share-{deployment['strategy']}"
    variables = shop.serving(name, deployment, smoke=shop.SMOKE)
    counted: list[collections.Counter[str]] = []
    with shop.Users(rolling) as users:
        process, events = shop.starting(rolling, variables)
        for weight in weights:
            assert shop.eventually(lambda: weight_of_the_new(rolling), weight, 600, process) == weight
            counted.append(answers_of_step(rolling, weight))
        run = finish(process, events, 1500)
    assert run.rc == 0, run.text
    for weight, found in zip(weights, counted, strict=True):
        assert found.total() == shop.REQUESTS, f"the step to {weight} was too short on this machine: {found}"
        assert set(found) <= {before, name}, found
        assert abs(100 * found[name] / shop.REQUESTS - weight) < 3, found
    assert set(users.answers) == {before, name}, users.answers
    assert shop.answers(rolling, 100) == {name: 100}
    again = shop.deploy(rolling, variables, check=True)
    assert (again.rc, again.changed_tasks) == (0, []), again.text


def test_back_to_rolling_nothing_is_left_over(rolling: Platform) -> None:
    before = shop.ask(rolling)
    with shop.Users(rolling) as users:
        run = shop.deploy(rolling, shop.serving("rolled"))
        assert run.rc == 0, run.text
    assert set(users.answers) <= {before, "rolled"}, users.answers
    assert shop.ask(rolling) == "rolled"
    found = shop.holdings(rolling)
    assert ({key: found[key] for key in shop.ROLLING}, len(found["groups"])) == (shop.ROLLING, 1)
    again = shop.deploy(rolling, shop.serving("rolled"), check=True)
    assert (again.rc, again.changed_tasks) == (0, []), again.text


def test_a_removal_leaves_nothing(rolling: Platform) -> None:
    run = shop.deploy(rolling, shop.serving("last", shop.APPROVED, smoke=shop.SMOKE))
    assert run.rc == 0, run.text
    gone = rolling.destroy("--tags", "services", extra_vars=shop.serving("last", shop.APPROVED, smoke=shop.SMOKE))
    assert gone.rc == 0, gone.text
    assert shop.holdings(rolling) == {"groups": [], "roles": [], "rules": [], "tasks": ["0"]}
