# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bad versions with each strategy: the previous version serves throughout, and the run reports the cause."""

from __future__ import annotations

import typing as t

import pytest

from tests.support.ansible_run import finish

from . import shop
from .conftest import LOCAL, Platform

STRATEGIES = [shop.BLUE_GREEN, shop.CANARY, shop.LINEAR]
WRONG: dict[str, tuple[dict[str, t.Any], str]] = {
    "crash": ({"command": ["python3", "-c", "raise SystemExit(3)"]}, "exit code 3"),
    "unhealthy": ({"environment": {"HEALTH": "500"}}, "health check"),
    "wrong answer": ({"environment": {"ANSWER": "wrong"}}, "gave a wrong answer to"),
}
ALARM = "shop-5xx"


def name_of(deployment: t.Mapping[str, t.Any]) -> str:
    return str(deployment["strategy"])


@pytest.fixture(scope="module")
def serving(empty_platform: Platform) -> Platform:
    """A platform with one service, whose requests are shifted."""
    shop.begun(empty_platform)
    run = shop.deploy(empty_platform, shop.serving("good", shop.BLUE_GREEN, smoke=shop.SMOKE))
    assert run.rc == 0, run.text
    return empty_platform


@pytest.mark.parametrize("deployment", STRATEGIES, ids=name_of)
@pytest.mark.parametrize("fault", WRONG)
def test_a_bad_version_reaches_no_user(serving: Platform, fault: str, deployment: dict[str, t.Any]) -> None:
    given, cause = WRONG[fault]
    with shop.Users(serving) as users:
        run = shop.deploy(serving, shop.serving("bad", deployment, smoke=shop.SMOKE, **given))
    assert run.rc != 0, run.text
    assert set(users.answers) == {"good"}, users.answers
    assert cause in shop.printed(run), run.text
    assert shop.newest(serving)["status"] == "ROLLBACK_SUCCESSFUL"
    assert shop.eventually(lambda: shop.holdings(serving), shop.SHIFTING) == shop.SHIFTING


@pytest.fixture
def alarm(serving: Platform) -> t.Iterator[t.Callable[[], None]]:
    """A function that sets off an alarm of CloudWatch, which is reset at the end."""
    watch = serving.account.client("cloudwatch")
    over = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 1.0, "Statistic": "Sum"}
    metric = {"Namespace": "shop", "MetricName": "errors", "Period": 60, "EvaluationPeriods": 1}
    watch.put_metric_alarm(AlarmName=ALARM, **metric, **over)
    yield lambda: watch.set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="test")
    watch.set_alarm_state(AlarmName=ALARM, StateValue="OK", StateReason="test")


SLOWLY: dict[str, dict[str, t.Any]] = {
    "blue_green": {"bake_time": 60},
    "canary": {"canary": {"percent": 30.0, "bake_time": 60}},
    "linear": {"linear": {"percent": 40.0, "bake_time": 60}},
}
"""Long enough to wait for the alarm: a minute of AWS takes three seconds."""


@pytest.mark.parametrize("deployment", STRATEGIES, ids=name_of)
def test_an_alarm_shifts_back(serving: Platform, deployment: dict[str, t.Any], alarm: t.Callable[[], None]) -> None:
    slow = {**deployment, **SLOWLY[name_of(deployment)]}
    reached = "BAKE_TIME" if slow["strategy"] == "blue_green" else "PRODUCTION_TRAFFIC_SHIFT"
    with shop.Users(serving) as users:
        variables = shop.serving("alarming", slow, smoke=shop.SMOKE, deployment_alarms=[ALARM])
        process, events = shop.starting(serving, variables)
        assert shop.eventually(lambda: shop.stage(serving), reached, 600, process) == reached
        alarm()
        run = finish(process, events, 900)
    assert run.rc != 0
    assert f"alarm {ALARM}" in shop.printed(run), run.text
    assert set(users.answers) == {"good", "alarming"}, users.answers
    assert shop.answers(serving, 50) == {"good": 50}


def test_an_alarm_after_the_answer_fails_the_playbook_that_gave_it(
    serving: Platform, alarm: t.Callable[[], None]
) -> None:
    before = shop.ask(serving)
    slow = {**shop.APPROVED, **SLOWLY["canary"]}
    run = shop.deploy(serving, shop.serving("approved", slow, smoke=shop.SMOKE, deployment_alarms=[ALARM]))
    assert run.rc == 0, run.text
    variables = {"service": shop.NAME, "decision": "continue"}
    process, events = serving.run.start("playbooks/continue.yml", *LOCAL, env=serving.environment, extra_vars=variables)
    reached = "PRODUCTION_TRAFFIC_SHIFT"
    assert shop.eventually(lambda: shop.stage(serving), reached, 600, process) == reached
    alarm()
    continued = finish(process, events, 900)
    assert continued.rc != 0, continued.text
    assert f"alarm {ALARM}" in shop.printed(continued), continued.text
    assert shop.answers(serving, 50) == {before: 50}
