# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The main job: a platform's whole life with real containers, each test one step further.

Planned, killed and resumed, run again, changed by hand and fixed, updated under load, rolled back by hand, crashed
and rolled back by ECS, removed.  Tests that need more of one step have their own files, outside CI.
"""

from __future__ import annotations

import dataclasses
import json
import shlex
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.campaigns.kill_resume import killed_after
from tests.support.account import Account
from tests.support.ansible_run import PLAYBOOK_SECONDS, Run, Runner, finish
from tests.support.drifts import DISRUPTIVE, DRIFTS, Found, named
from tests.support.holdings import SHARED, Holdings, as_held, holdings
from tests.support.no_containers import planned
from tests.support.observer import Observer

from .conftest import LOCAL, PREFIX, SITE, Platform, Requests, changing, complaints, floor, images_built, is_lucky

# write calls: in the middle of the 48 of a first run, and of some 30 of a removal
STOP_OF_SITE, STOP_OF_REMOVAL = 24, 14
# limits of a run without change, which starts no process; the time depends on their number
TASKS = 27
# its printed lines with this ansible.cfg
LINES = 40
CRASH = {"lotto_service_options": {"command": ["python3", "-c", "raise SystemExit('no numbers left')"]}}


@dataclasses.dataclass
class Life:
    """The platform, the earlier resources of its account, the first plan's list, and a checkout with another app."""

    platform: Platform
    before: Holdings
    folder: Path
    changed: Path
    plan: list[tuple[str, str]] = dataclasses.field(default_factory=list)

    @property
    def account(self) -> Account:
        return self.platform.account

    def newer(self) -> Platform:
        """Return the platform, run from the checkout with the changed app."""
        return Platform(self.account, Runner(self.account.environment, self.folder, self.changed))


@pytest.fixture(scope="module")
def life(empty_platform: Platform, tmp_path_factory: pytest.TempPathFactory, changed_checkout: Path) -> Life:
    before = holdings(empty_platform.account.client)
    return Life(empty_platform, before, tmp_path_factory.mktemp("newer"), changed_checkout)


def killed(life: Life, playbook: str, stop_at: int, **variables: t.Any) -> None:
    """Run a playbook, and kill all its processes right after its I(stop_at)th write call."""

    def start(endpoint: str) -> tuple[subprocess.Popen[str], Path]:
        return life.platform.run.start(playbook, *LOCAL, env={"MAGICLUB_ENDPOINT": endpoint}, extra_vars=variables)

    stop = killed_after(life.account.endpoint, stop_at, start)
    assert stop.killed, f"It ended after {len(stop.writes)} writes:\n{stop.text}"


def writes_of(life: Life, run: t.Callable[[], Run]) -> tuple[Run, list[str]]:
    """Return a run and its writes, without the lock's."""
    before = len(life.account.writes())
    return run(), changing(life.account.writes()[before:])


def test_the_plan_of_an_empty_account_writes_nothing(life: Life, tmp_path: Path) -> None:
    path, page, graph = (tmp_path / name for name in ("plan.json", "run.html", "platform.svg"))
    files = {"plan_file": str(path), "report": str(page), "graph": str(graph)}
    plan, written = writes_of(life, lambda: life.platform.site(check=True, extra_vars=files))
    assert (plan.rc, plan.failed, written, images_built(life.account)) == (0, 0, [], []), plan.text
    life.plan = planned(path)
    assert planned(path, "add") == life.plan != []
    assert f"Plan: {len(life.plan)} to add, 0 to change, 0 to remove." in plan.text
    assert complaints(plan) == []
    shown, drawn = page.read_text(encoding="utf-8"), graph.read_text(encoding="utf-8")
    for kind, name in life.plan:
        assert f"+ {kind} {name}" in shown
        assert f"{kind} {name}</title>" in drawn


def test_a_first_run_that_is_killed_and_run_again_makes_just_what_was_planned(life: Life) -> None:
    killed(life, SITE, STOP_OF_SITE)
    run = life.platform.site()
    assert run.rc == 0, run.text
    assert complaints(run) == []
    assert holdings(life.account.client) - life.before == as_held(life.plan)
    [curl] = [line[line.index("curl") :] for line in run.text.splitlines() if "curl " in line]
    output = subprocess.run(shlex.split(curl), capture_output=True, text=True, check=True).stdout
    assert is_lucky(json.loads(output)), curl


def test_numbers_come_through_the_load_balancer(life: Life) -> None:
    draws = [life.platform.numbers() for _ in range(20)]
    assert all(is_lucky(draw) for draw in draws), draws
    assert len({tuple(draw) for draw in draws}) > 1
    health, elsewhere = life.platform.get("/health"), life.platform.get("/nowhere")
    assert (health.status, health.body.strip()) == (200, "OK")
    assert (elsewhere.status, elsewhere.body) == (404, "Not found")


def test_a_second_run_changes_nothing_and_asks_little(life: Life) -> None:
    calls = len(life.account.calls())
    run, written = writes_of(life, life.platform.site)
    assert (run.rc, run.changed_tasks, written) == (0, [], []), run.text
    assert run.processes == []
    assert len(run.results) <= TASKS
    assert run.lines <= LINES, run.text
    assert len(life.account.calls()) - calls <= 1.5 * floor(life.account)


def test_every_change_by_hand_is_named_and_put_right(life: Life, tmp_path: Path) -> None:
    drifts = [(drift, name) for drift, name in DRIFTS if name not in DISRUPTIVE]
    for drift, _name in drifts:
        drift(Found(life.account))
    path = tmp_path / "plan.json"
    variables = {"plan_file": str(path), "plan_must_be_empty": True}
    plan, written = writes_of(life, lambda: life.platform.site(check=True, extra_vars=variables))
    assert written == []
    assert plan.message.startswith("The platform is not as described:"), plan.text
    assert named(path) == {name for _drift, name in drifts}

    done = tmp_path / "run.json"
    run = life.platform.site(extra_vars={"plan_file": str(done)})
    assert run.rc == 0, run.text
    assert named(done) == named(path)
    assert is_lucky(life.platform.numbers())


def test_a_changed_app_is_deployed_once_and_no_request_fails(life: Life, tmp_path: Path) -> None:
    images, revisions = life.platform.images(), life.platform.revisions()
    newer = life.newer()
    before = len(life.account.calls())
    with Requests(life.platform) as requests:
        first = newer.run.start(SITE, *LOCAL, env=newer.environment)
        with Observer(lambda: "PutParameter" in actions(life, before)):
            pass
        second = life.platform.site("--tags", "ecr_push")
        run = finish(*first, PLAYBOOK_SECONDS)
    assert run.rc == 0, run.text
    assert f"Another run holds {PREFIX}: " in second.message, second.text
    assert (requests.wrong, requests.answered > 100) == ([], True)
    assert len(life.platform.images()) == len(images) + 1
    assert len(life.platform.revisions()) == len(revisions) + 1
    assert actions(life, before).count("UpdateService") == 1
    # the reads during the start of its tasks are the proof, and the wait has tagged the image
    done = [item["task"] for item in run.results if item["event"] != "skipped"]
    assert "Read the changed layers again and compare them" not in done
    assert not [task for task in done if "Tag the images" in task]
    newest = life.platform.revisions()[-1].rpartition(":")[2]
    assert f"in-use-lotto-{newest}" in {tag for image in life.platform.images() for tag in image["imageTags"]}
    [deployment] = life.platform.service()["deployments"]
    assert (deployment["rolloutState"], deployment["taskDefinition"]) == ("COMPLETED", life.platform.revisions()[-1])


def actions(life: Life, since: int) -> list[str]:
    return [call["action"] for call in life.account.calls()[since:]]


def test_the_same_inputs_leave_nothing_to_plan(life: Life) -> None:
    plan, written = writes_of(life, lambda: life.newer().site(check=True, extra_vars={"plan_must_be_empty": True}))
    assert (plan.rc, plan.changed_tasks, written) == (0, [], []), plan.text


def test_a_rollback_deploys_the_version_before(life: Life) -> None:
    newest, images = life.platform.service()["taskDefinition"], len(life.platform.images())
    run = life.platform.run("playbooks/rollback.yml", *LOCAL, env=life.platform.environment)
    assert run.rc == 0, run.text
    assert life.platform.service()["taskDefinition"] == life.platform.revisions()[-2] != newest
    assert len(life.platform.images()) == images
    assert is_lucky(life.platform.numbers())


def test_a_version_that_crashes_fails_the_run_with_its_cause_while_the_one_before_serves(
    life: Life, tmp_path: Path
) -> None:
    good = life.platform.service()["taskDefinition"]
    page = tmp_path / "run.html"
    with Requests(life.platform) as requests:
        run = life.newer().site("--tags", "lotto_service", extra_vars={**CRASH, "report": str(page)})
    assert run.rc != 0
    assert "no numbers left" in run.message, run.text
    where = f"    at {life.platform.address}/, by {good.rpartition('/')[2]}"
    shown = page.read_text(encoding="utf-8")
    for words in (
        "Failed.",
        "no numbers left",
        f"{PREFIX}-lotto: <span",
        "Start the deployment of",
        '<path class="running"',
    ):
        assert words in shown, words
    now = run.text[run.text.index("Services now:") :].splitlines()
    assert (now[1].startswith(f"  {PREFIX}-lotto  serving"), now[2]) == (True, where), run.text
    assert life.platform.service()["taskDefinition"] == good
    assert requests.wrong == []
    status = life.platform.run("playbooks/status.yml", *LOCAL, env=life.platform.environment)
    assert status.rc == 0, status.text


def test_a_removal_that_is_killed_and_run_again_leaves_nothing(life: Life) -> None:
    destroy = "playbooks/destroy.yml"
    unconfirmed = {"confirm": "no"}
    refused, written = writes_of(
        life, lambda: life.platform.run(destroy, *LOCAL, env=life.platform.environment, extra_vars=unconfirmed)
    )
    assert (refused.rc != 0, written) == (True, [])
    assert f"has to be '{PREFIX}'" in refused.message, refused.text
    killed(life, destroy, STOP_OF_REMOVAL, confirm=PREFIX)
    run = life.platform.destroy()
    assert run.rc == 0, run.text
    assert life.account.left(PREFIX) == []
    assert set(holdings(life.account.client) - life.before) <= {SHARED}
