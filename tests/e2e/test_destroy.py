# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A removal first lists its resources, works from an incomplete state, leaves nothing, and spares its neighbour."""

from __future__ import annotations

import collections
import typing as t
from pathlib import Path

import pytest

from tests.support.account import Account
from tests.support.cloud import Cloud
from tests.support.drifts import CLUSTER, LOTTO, Found
from tests.support.holdings import SHARED, Holdings, as_held, holdings
from tests.support.no_containers import Bare, plan_of, planned

HELLO = {
    "name": "hello",
    "image": "registry.example/hello:1",
    "port": 8090,
    "rule": {"paths": ["/hello/*"]},
    # its own, because it has no tags of the platform
    "tags": {"Project": "shared"},
}


class Two(t.NamedTuple):
    """Two platforms of an account, what either's first run listed, and the earlier resources."""

    ours: Bare
    other: Bare
    our_plan: list[tuple[str, str]]
    other_plan: list[tuple[str, str]]
    before: Holdings

    @property
    def account(self) -> Account:
        return self.ours.account


@pytest.fixture(scope="module")
def two(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Two:
    folder = tmp_path_factory.mktemp("destroy")
    ours = Bare.fresh(cloud, folder / "run")
    other = ours.beside("other", "other-an2p", fargate_tags={"Project": "other", "CostCenter": "42"})
    before = holdings(ours.account.client)
    for name, platform in (("ours", ours), ("other", other)):
        run = platform.site(plan_file=str(folder / f"{name}.json"))
        assert run.rc == 0, run.text
    return Two(ours, other, planned(folder / "ours.json"), planned(folder / "other.json"), before)


def held(two: Two) -> Holdings:
    """Return the account's resources beyond the earlier ones."""
    return holdings(two.account.client) - two.before


def test_two_platforms_stand_side_by_side(two: Two) -> None:
    assert set(two.our_plan) - {SHARED} != set(two.other_plan)
    assert held(two) == as_held(two.our_plan) + as_held(two.other_plan)


def test_check_mode_says_what_would_go_and_removes_nothing(two: Two, tmp_path: Path) -> None:
    there, writes = held(two), len(two.account.writes())
    run = two.ours.destroy(check=True, plan_file=str(tmp_path / "plan.json"))
    assert run.rc == 0, run.text
    assert len(two.account.writes()) == writes
    assert held(two) == there
    assert {change["action"] for change in plan_of(tmp_path / "plan.json")} == {"remove"}
    ours = [named for named in two.our_plan if named != SHARED]
    assert collections.Counter(planned(tmp_path / "plan.json")) == collections.Counter(ours)
    assert f"Plan: 0 to add, 0 to change, {len(ours)} to remove." in run.text


def test_images_that_nobody_gave_up_keep_everything_in_its_place(two: Two) -> None:
    there = held(two)
    run = two.ours.destroy(ecr_push_force_delete=False)
    (image,) = [name for kind, name in two.our_plan if kind == "image"]
    assert f"its images would be lost (1): {image}. Set ecr_push_force_delete" in run.message
    assert held(two) == there


def test_a_service_goes_alone(two: Two) -> None:
    """As in docs/adding-a-service.md."""
    there = held(two)
    made = two.other.site("--tags", "services", fargate_services=[HELLO])
    assert made.rc == 0, made.text
    assert held(two) != there
    removed = two.other.destroy("--tags", "services", fargate_services=[HELLO])
    assert removed.rc == 0, removed.text
    assert held(two) == there


def test_the_network_stays_whole_while_others_stand_in_it(two: Two) -> None:
    there, before = held(two), len(two.account.writes())
    run = two.other.destroy("--tags", "vpc")
    assert run.message.startswith(
        "Nothing of the network other-an2p-vpc was removed, as it holds load balancer other-an2p"
    )
    assert "security group other-an2p-lotto" in run.message
    # the other platform's plan in the last test shows that its routes did not change either
    assert held(two) == there
    # only the lock
    assert {call["action"] for call in two.account.writes()[before:]} == {"PutParameter", "DeleteParameter"}


def _half_removed(found: Found) -> None:
    """Remove by hand some resources that others of the platform need or depend on."""
    found.ecs.update_service(cluster=CLUSTER, service=LOTTO, desiredCount=0)
    found.ecs.delete_service(cluster=CLUSTER, service=LOTTO, force=True)
    found.elbv2.delete_load_balancer(LoadBalancerArn=found.balancer())
    found.ec2.delete_route(RouteTableId=found.route_table("pub-rt"), DestinationCidrBlock="0.0.0.0/0")
    found.logs.delete_log_group(logGroupName=f"/ecs/{LOTTO}")


def test_a_half_removed_platform_goes_and_the_other_stays(two: Two, tmp_path: Path) -> None:
    _half_removed(Found(two.account))
    run = two.ours.destroy()
    assert run.rc == 0, run.text
    # searched by this test, and before that by the run itself
    assert run.of("Search for remaining resources by tag")["resources"] == []
    assert held(two) - collections.Counter([SHARED]) == as_held(two.other_plan)

    plan = two.other.site(check=True, plan_must_be_empty=True, plan_file=str(tmp_path / "other.json"))
    assert (plan.rc, plan_of(tmp_path / "other.json")) == (0, []), plan.text
