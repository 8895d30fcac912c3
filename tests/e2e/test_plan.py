# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan is true: it writes nothing, lists exactly what the run creates, and names manual changes."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.support.account import REGION
from tests.support.ansible_run import Run
from tests.support.cloud import Cloud
from tests.support.drifts import DRIFTS, FOLLOWING, Found, named
from tests.support.holdings import Holdings, as_held, holdings
from tests.support.no_containers import PREFIX, Bare, plan_of, planned

from .conftest import images_built


@pytest.fixture(scope="module")
def bare(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """A new account, shared by the tests of this file in their order."""
    folder = tmp_path_factory.mktemp("plan")
    return Bare.fresh(cloud, folder / "run")


class Made(t.NamedTuple):
    """The results of a first plan and the run after it."""

    plan: Run
    plan_file: Path
    calls_of_plan: list[dict[str, t.Any]]
    built_by_plan: list[str]
    built_by_run: list[str]
    run: Run
    run_file: Path
    before: Holdings
    after: Holdings


@pytest.fixture(scope="module")
def made(bare: Bare, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Plan an empty account, then create the platform."""
    folder = tmp_path_factory.mktemp("made")
    plan_file, run_file = folder / "plan.json", folder / "run.json"
    before = holdings(bare.account.client)
    seen = len(bare.account.calls())
    plan = bare.site(check=True, plan_file=str(plan_file))
    calls, built = bare.account.calls()[seen:], images_built(bare.account)
    run = bare.site(plan_file=str(run_file))
    assert run.rc == 0, run.text
    after = holdings(bare.account.client)
    return Made(plan, plan_file, calls, built, images_built(bare.account), run, run_file, before, after)


def test_the_plan_of_an_empty_account_ends_well_and_writes_nothing(made: Made) -> None:
    assert (made.plan.rc, made.plan.failed) == (0, 0), made.plan.text
    assert len(made.calls_of_plan) > 0
    assert [call["action"] for call in made.calls_of_plan if call["write"]] == []
    assert {call["service"] for call in made.calls_of_plan} & {"registry"} == set()
    assert (made.built_by_plan, len(made.built_by_run)) == ([], 1)


def test_the_plan_lists_just_what_the_run_makes(made: Made) -> None:
    assert {change["action"] for change in plan_of(made.plan_file)} == {"add"}
    assert planned(made.run_file) == planned(made.plan_file)
    assert made.after - made.before == as_held(planned(made.plan_file))
    assert f"Plan: {len(planned(made.plan_file))} to add, 0 to change, 0 to remove." in made.plan.text


def test_every_drift_is_named_and_fixed(bare: Bare, made: Made, tmp_path: Path) -> None:
    assert len(DRIFTS) >= 25
    for drift, _name in DRIFTS:
        drift(Found(bare.account))
    writes = len(bare.account.writes())

    plan = bare.site(check=True, plan_file=str(tmp_path / "plan.json"))
    assert plan.rc == 0, plan.text
    assert named(tmp_path / "plan.json") == {name for _drift, name in DRIFTS} | FOLLOWING
    assert len(bare.account.writes()) == writes

    run = bare.site(plan_file=str(tmp_path / "run.json"))
    assert run.rc == 0, run.text
    assert named(tmp_path / "run.json") == named(tmp_path / "plan.json")


def test_nothing_is_left_to_plan_or_to_do(bare: Bare, made: Made, tmp_path: Path) -> None:
    writes = len(bare.account.writes())
    plan = bare.site(check=True, plan_file=str(tmp_path / "plan.json"), plan_must_be_empty=True)
    assert (plan.rc, plan.changed_tasks, plan_of(tmp_path / "plan.json")) == (0, [], []), plan.text
    assert len(bare.account.writes()) == writes
    run = bare.site()
    assert (run.rc, run.changed_tasks) == (0, []), run.text
    changing = [call["action"] for call in bare.account.writes()[writes:] if call["service"] != "ssm"]
    assert changing == []


def test_roles_hand_their_own_variables_to_those_whose_facts_they_look_up(bare: Bare, made: Made) -> None:
    """Region, endpoint and tags come neither from the collection's variables nor from the environment."""
    place = {"name_prefix": PREFIX, "region": REGION, "endpoint_url": bare.account.endpoint, "tags": {}}
    own = {f"{role}_{name}": value for role in ("alb", "fargate_service") for name, value in place.items()}
    lotto = {"name": "lotto", "image": "registry.example/lotto:1", "port": 8080, "rule": {"paths": ["/"]}}
    balancer = {"name": "magiclub.fargate.alb", "apply": {"check_mode": True}}
    services = {"name": "magiclub.fargate.fargate_service", "tasks_from": "lookup"}
    tasks = [
        {"name": "Plan the load balancer", "ansible.builtin.include_role": balancer},
        {"name": "Find the services", "ansible.builtin.include_role": services},
        {"name": "Tell", "ansible.builtin.debug": {"msg": "{{ fargate_service_info.services.lotto.image }}"}},
    ]
    elsewhere = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    variables = {**own, "alb_https": False, "fargate_service_services": [lotto]}
    run = bare.run([{"vars": variables, "tasks": tasks}], env=elsewhere)
    assert run.rc == 0, run.text
    assert f"{bare.account.key}.dkr.ecr.{REGION}.amazonaws.com/{PREFIX}-lotto@" in run.of("Tell")["msg"]
