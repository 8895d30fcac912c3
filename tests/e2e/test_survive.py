# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kills after any write call, and concurrent runs, do no harm.  This is a sample; ``make survive`` tries every call."""

from __future__ import annotations

import dataclasses
import re
import time
import typing as t

import pytest

from tests.campaigns.kill_resume import (
    RUN_SECONDS,
    Ground,
    Reference,
    Tried,
    flaws_after_destroy,
    flaws_of_platform,
    step_by_step,
    stopped,
    two_at_once,
)
from tests.campaigns.late import late
from tests.support.cloud import Cloud
from tests.support.no_containers import PREFIX, Bare

# among the 48 of a first run
STOP_OF_SITE = 33
# in the middle of the some 30 of a removal
STOP_OF_REMOVAL = 14
LOCK = f"/{PREFIX}/lock"
# of the some 150 of a service of each kind
EACH = 40


@pytest.fixture(scope="module")
def ground(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A separate local AWS without containers, and the result of an undisturbed run."""
    folder = tmp_path_factory.mktemp("survive")
    return Ground.of(cloud, folder)


def test_killed_after_a_write_call(ground: Ground) -> None:
    bare = ground.fresh("destroy")
    stop = stopped(bare, "site", STOP_OF_SITE)
    assert stop.killed, f"It ended after {len(stop.writes)} writes:\n{stop.text}"
    assert len(stop.writes) == STOP_OF_SITE
    # nobody is left to release the lock, so the next run has to find that the holder is dead
    assert [parameter["Name"] for parameter in bare.account.client("ssm").describe_parameters()["Parameters"]] == [LOCK]
    assert flaws_after_destroy(bare, ground.reference) == []


def called(action: str, times: int) -> t.Callable[[Bare], None]:
    """Return a function that waits until a platform's account has so many calls of an action."""

    def wait(bare: Bare) -> None:
        deadline = time.monotonic() + RUN_SECONDS
        while sum(call["action"] == action for call in bare.account.calls()) < times and time.monotonic() < deadline:
            time.sleep(0.2)

    return wait


def test_workers_of_a_killed_run_go_no_further_and_the_next_run_waits_for_the_module_under_way(ground: Ground) -> None:
    bare = ground.fresh("main")
    # an address for each zone, in a loop
    bare = dataclasses.replace(bare, variables={**bare.variables, "vpc_nat": "per_zone"})
    reference = Reference.of(bare, ground.folder)
    # the second run reads the holder of the lock
    came = late(bare, "main", "AllocateAddress", until=called("GetParameter", times=1))
    assert came.run.rc == 0, came.run.text
    # the module was creating two; the first is the call in progress
    assert came.writes_after_death.count("AllocateAddress") == 1
    assert set(came.writes_after_death) <= {"AllocateAddress", "CreateTags"}
    [said] = came.run.of("Acquire the platform's lock")["warnings"]
    assert re.match(r"Waited \d+ s for processes that a killed run had left behind: \d+ \(ec2_eip, since ", said), said
    assert flaws_of_platform(bare, reference.whole) == []


def test_what_a_call_makes_that_comes_late_is_there_once_in_the_end(ground: Ground) -> None:
    bare = ground.fresh("all")
    # the second run has just created its own
    came = late(bare, "all", "CreateVpc", until=called("CreateVpc", times=1))
    assert came.run.rc == 0, came.run.text
    assert came.writes_after_death == ["CreateVpc"]
    assert flaws_of_platform(bare, ground.reference.whole) == []


class Twice(t.NamedTuple):
    """A platform that two concurrent runs created, and how they ended."""

    bare: Bare
    tried: Tried


@pytest.fixture(scope="module")
def twice(ground: Ground) -> Twice:
    bare = ground.fresh("two")
    return Twice(bare, two_at_once(ground, 1, bare))


def test_two_at_once(twice: Twice) -> None:
    assert twice.tried.flaws == []


def deploy_another(bare: Bare) -> str:
    """Deploy a revision of lotto with another version, wait until it is steady, and return its ARN."""
    ecs, cluster, name = bare.account.client("ecs"), f"{PREFIX}-ecs", f"{PREFIX}-lotto"
    found = ecs.describe_task_definition(taskDefinition=name)["taskDefinition"]
    kept = ("family", "cpu", "memory", "networkMode", "requiresCompatibilities", "executionRoleArn", "taskRoleArn")
    fields = {key: found[key] for key in (*kept, "containerDefinitions") if key in found}
    fields["containerDefinitions"][0]["environment"] = [{"name": "VERSION", "value": str(found["revision"] + 1)}]
    arn = ecs.register_task_definition(**fields)["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster=cluster, service=name, taskDefinition=arn)
    often = {"Delay": 1, "MaxAttempts": 120}
    ecs.get_waiter("services_stable").wait(cluster=cluster, services=[name], WaiterConfig=often)
    return str(arn)


def runs(bare: Bare) -> str:
    """Return the ARN of lotto's current task definition."""
    described = bare.account.client("ecs").describe_services(cluster=f"{PREFIX}-ecs", services=[f"{PREFIX}-lotto"])
    return str(described["services"][0]["taskDefinition"])


def test_a_rollback_killed_after_it_began_and_started_again_goes_back_one(twice: Twice) -> None:
    bare = twice.bare
    first, second, third = runs(bare), deploy_another(bare), deploy_another(bare)
    assert runs(bare) == third
    # the lock, the note with the target, and the service
    stop = stopped(bare, "rollback", stop_at=3)
    assert (stop.killed, stop.writes) == (True, ["PutParameter", "TagResource", "UpdateService"]), stop.text
    assert runs(bare) == second
    again = bare.run("playbooks/rollback.yml", **bare.options())
    assert (again.rc, runs(bare)) == (0, second), again.text
    assert "by a rollback that was interrupted" in again.text
    further = bare.run("playbooks/rollback.yml", **bare.options())
    assert (further.rc, runs(bare)) == (0, first), further.text


def test_a_removal_killed_after_a_write_call(ground: Ground, twice: Twice) -> None:
    stop = stopped(twice.bare, "destroy", STOP_OF_REMOVAL)
    assert stop.killed, f"It ended after {len(stop.writes)} writes:\n{stop.text}"
    assert flaws_after_destroy(twice.bare, ground.reference) == []


@pytest.fixture(scope="module")
def of_each(ground: Ground) -> Ground:
    """The same with a service of each kind of docs/workloads.md."""
    return ground.with_one_of_each()


def test_with_a_service_of_each_kind_all_is_there_once_after_several_kills(of_each: Ground) -> None:
    tried = step_by_step("one-of-each-site-steps", of_each, EACH)
    assert tried.flaws == []
    assert tried.event != "killed 0 times"


def test_a_removal_of_a_service_of_each_kind_that_is_killed_several_times_leaves_nothing(of_each: Ground) -> None:
    tried = step_by_step("one-of-each-destroy-steps", of_each, EACH)
    assert tried.flaws == []
    assert tried.event != "killed 0 times"
