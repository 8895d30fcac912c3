# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services with every option of the role's argument spec are deployed once, and leave nothing to plan.

Tasks have no containers here, so nothing answers: the run waits for nothing and asks nothing.
"""

from __future__ import annotations

import typing as t

import pytest

from tests.house.account import REGION
from tests.house.ansible_run import Run
from tests.house.bare import PREFIX, Bare, bare_cloud
from tests.house.every_option import OPTIONS, SERVICE_SPEC, SERVICES, made_before, set_options
from tests.house.handover import Calls, Plans, campaign

DOMAIN = "magiclub.internal"
TASKS = [{"name": "Keep them so", "ansible.builtin.include_role": {"name": "magiclub.fargate.fargate_service"}}]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Bare]:
    """The layers below, and what services name and do not make, shared by the tests of this file in their order."""
    folder = tmp_path_factory.mktemp("options")
    with bare_cloud(folder / "aws") as cloud:
        bare = Bare.fresh(cloud, folder / "run")
        made_before(bare.account.client)
        run = bare.site("--tags", "vpc,alb,ecs_cluster")
        assert run.rc == 0, run.text
        yield bare


def play(bare: Bare, tasks: t.Any = TASKS, **options: t.Any) -> Run:
    """Run the role alone, as in somebody's own playbook."""
    variables = {
        "fargate_name_prefix": PREFIX,
        "fargate_region": REGION,
        "fargate_endpoint_url": bare.account.endpoint,
        "fargate_private_domain": DOMAIN,
        "fargate_tags": {"Project": "magiclub", "ManagedBy": "ansible"},
        "alb_https": False,
        "fargate_service_wait": False,
        "fargate_service_services": SERVICES,
    }
    return bare.run([{"vars": variables, "tasks": tasks}], **options)


@pytest.fixture(scope="module")
def deployed(bare: Bare) -> Run:
    """Run the role once."""
    run = play(bare)
    assert run.rc == 0, run.text
    return run


def changes(run: Run) -> list[dict[str, t.Any]]:
    """Return what the role planned."""
    return t.cast("list[dict[str, t.Any]]", run.of("Plan the services")["changes"])


def test_every_option_of_the_spec_is_set() -> None:
    assert OPTIONS - set_options(SERVICES) == set()


def test_all_of_them_are_made(deployed: Run) -> None:
    added = {change["name"] for change in changes(deployed) if change["type"] == "ecs_service"}
    assert added == {f"{PREFIX}-{service['name']}" for service in SERVICES}


def test_planned_again_nothing_is_left(bare: Bare, deployed: Run) -> None:
    plan = play(bare, check=True)
    assert (plan.rc, changes(plan)) == (0, []), plan.text


def test_run_again_nothing_changes(bare: Bare, deployed: Run) -> None:
    run = play(bare)
    assert (run.rc, run.changed_tasks) == (0, []), run.text


# What no plan tells, and why.
NOT_TOLD: dict[str, str] = {}


def test_a_mutation_of_each_argument_is_told_by_the_next_plan(bare: Bare, deployed: Run) -> None:
    """The services have what they may have, so nothing that is dropped has its default already."""
    task = {"name": "Read", "magiclub.fargate.platform_info": {"name_prefix": PREFIX, "namespaces": [DOMAIN]}}
    layers = play(bare, [task], env={"AWS_URL": bare.account.endpoint, "AWS_REGION": REGION}).of("Read")
    plans = Plans(bare.account.client, PREFIX, layers, SERVICES[0], SERVICE_SPEC)
    told = list(campaign(Calls(bare.account.client, plans.arguments()), plans.changes))
    print(*(f"{one.kind}: {one.what}: {one.outcome} {one.says:.100}" for one in told), sep="\n")
    assert {f"{one.kind}: {one.what}" for one in told if one.outcome in ("same", "missed")} == set(NOT_TOLD)
    assert len(told) > 200
