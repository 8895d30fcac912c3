# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A service changes from each strategy to the next while it serves, with tests by a port and by a header."""

from __future__ import annotations

import typing as t

import pytest

from tests.support.ansible_run import Run

from . import shop
from .conftest import PREFIX, Platform

PORT = 8443
BY_PORT = {**shop.BLUE_GREEN, "test": {"port": PORT}}


@pytest.fixture(scope="module")
def rolling(empty_platform: Platform) -> Platform:
    """A platform with one service, with the strategy rolling."""
    return shop.begun(empty_platform)


def ports(platform: Platform) -> tuple[list[int], list[int]]:
    """Return the ports of the load balancer's listeners, and those that its security group admits."""
    elb, ec2 = platform.account.client("elbv2"), platform.account.client("ec2")
    balancer = elb.describe_load_balancers(Names=[f"{PREFIX}-pub-alb"])["LoadBalancers"][0]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    (group,) = ec2.describe_security_groups(GroupIds=balancer["SecurityGroups"])["SecurityGroups"]
    return sorted(one["Port"] for one in listeners), sorted(one["FromPort"] for one in group["IpPermissions"])


def move(platform: Platform, answer: str, deployment: t.Mapping[str, t.Any]) -> Run:
    """Deploy with every layer, and check that no request fails, and that the next plan is empty."""
    before, variables = shop.ask(platform), shop.serving(answer, deployment, smoke=shop.SMOKE)
    with shop.Users(platform) as users:
        run = platform.site(extra_vars=variables)
    assert run.rc == 0, run.text
    assert set(users.answers) <= {before, answer}, users.answers
    assert shop.answers(platform, 50) == {answer: 50}
    again = platform.site(extra_vars=variables, check=True)
    assert (again.rc, again.changed_tasks) == (0, []), again.text
    return run


def test_tests_by_a_port_have_a_listener_that_is_open_and_a_rule(rolling: Platform) -> None:
    move(rolling, "two", BY_PORT)
    assert ports(rolling) == ([80, PORT], [80, PORT])
    assert shop.holdings(rolling) == {**shop.SHIFTING, "rules": [shop.FULL, f"{shop.FULL}-test:{PORT}"]}


def test_a_wrong_version_that_is_asked_at_the_port_reaches_no_user(rolling: Platform) -> None:
    with shop.Users(rolling) as users:
        run = shop.deploy(rolling, shop.serving("wrong", BY_PORT, smoke=shop.SMOKE))
    assert run.rc != 0, run.text
    assert set(users.answers) == {"two"}, users.answers
    assert "No user reached the new version of 'shop', and the one before serves" in shop.printed(run)
    assert shop.newest(rolling)["status"] == "ROLLBACK_SUCCESSFUL"


def test_at_the_gate_only_the_port_leads_to_the_new_version_and_rollback_has_ecs_go_back(rolling: Platform) -> None:
    run = shop.deploy(rolling, shop.serving("three", {**shop.APPROVED, "test": {"port": PORT}}, smoke=shop.SMOKE))
    assert run.rc == 0, run.text
    assert shop.answers(rolling, 50) == {"two": 50}
    assert shop.answers(rolling, 50, headers=shop.GREEN) == {"two": 50}
    assert shop.answers(rolling, 10, port=PORT) == {"three": 10}
    back = shop.operate(rolling, "rollback")
    assert back.rc == 0, back.text
    assert shop.newest(rolling)["status"] == "ROLLBACK_SUCCESSFUL"
    assert shop.answers(rolling, 50) == {"two": 50}


def test_from_the_port_to_a_header_the_listener_goes_once_the_service_has_left_it(rolling: Platform) -> None:
    before = len(rolling.account.calls())
    move(rolling, "four", shop.CANARY)
    steps = ("UpdateService", "DeleteRule", "DeleteListener")
    made = [call["action"] for call in rolling.account.calls()[before:] if call["action"] in steps]
    assert made == list(steps)
    assert ports(rolling) == ([80], [80])
    assert shop.holdings(rolling) == shop.SHIFTING


def test_what_a_deployment_may_go_back_to_stays_until_it_is_answered(rolling: Platform) -> None:
    variables = shop.serving("asked", {**shop.APPROVED, "test": {"port": PORT}}, smoke=shop.SMOKE)
    run = rolling.site(extra_vars=variables)
    assert run.rc == 0, run.text
    assert shop.answers(rolling, 10, port=PORT) == {"asked": 10}
    assert shop.holdings(rolling)["rules"] == [shop.FULL, f"{shop.FULL}-test", f"{shop.FULL}-test:{PORT}"]
    assert shop.operate(rolling, "rollback").rc == 0
    move(rolling, "four again", shop.CANARY)
    assert ports(rolling) == ([80], [80])
    assert shop.holdings(rolling) == shop.SHIFTING


def test_what_has_served_before_goes_through_the_gate_by_itself(rolling: Platform) -> None:
    with shop.Users(rolling) as users:
        back = shop.operate(rolling, "rollback")
        again = shop.operate(rolling, "refresh")
    assert (back.rc, again.rc) == (0, 0), back.text + again.text
    assert set(users.answers) == {"four again", "four"}, users.answers
    assert shop.answers(rolling, 50) == {"four": 50}
    assert shop.newest(rolling)["status"] == "SUCCESSFUL"


def test_back_to_rolling_nothing_is_left_over(rolling: Platform) -> None:
    move(rolling, "five", {"strategy": "rolling"})
    found = shop.holdings(rolling)
    assert ({key: found[key] for key in shop.ROLLING}, len(found["groups"])) == (shop.ROLLING, 1)


def test_a_port_that_has_no_listener_yet_is_refused_before_anything_is_made(rolling: Platform) -> None:
    before = shop.holdings(rolling)
    run = shop.deploy(rolling, shop.serving("six", BY_PORT, smoke=shop.SMOKE))
    assert run.rc != 0
    assert f"has no listener at port {PORT}, which deployment.test asks for" in shop.printed(run)
    assert shop.holdings(rolling) == before
