# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes while a service serves: its image, from one that exists twice, its port, and its number of tasks."""

from __future__ import annotations

from pathlib import Path

from tests.support.ansible_run import Runner

from .conftest import LOCAL, Platform, Requests, is_lucky


def test_one_layer_deploys_an_image_that_is_there_twice(
    platform: Platform, changed_checkout: Path, tmp_path: Path
) -> None:
    newer = Platform(platform.account, Runner(platform.account.environment, tmp_path, changed_checkout))
    deployed = newer.site()
    assert deployed.rc == 0, deployed.text
    revisions = platform.revisions()
    first = platform.account.client("ecs").describe_task_definition(taskDefinition=revisions[0])["taskDefinition"]
    wanted = {"lotto_service_image": first["containerDefinitions"][0]["image"], "lotto_service_desired_count": 2}
    run = newer.site("--tags", "lotto_service", extra_vars=wanted)
    assert run.rc == 0, run.text
    assert platform.revisions()[:-1] == revisions
    [deployment] = platform.service()["deployments"]
    assert (deployment["rolloutState"], deployment["taskDefinition"]) == ("COMPLETED", platform.revisions()[-1])
    assert is_lucky(platform.numbers())


def test_a_port_that_changes_stays_open_until_the_new_one_serves(platform: Platform) -> None:
    before = len(platform.account.calls())
    moved = {"lotto_service_options": {"port": 8081}, "lotto_service_environment": {"PORT": "8081"}}
    run = platform.site("--tags", "lotto_service", extra_vars={**moved, "lotto_service_desired_count": 2})
    assert run.rc == 0, run.text
    steps = ("AuthorizeSecurityGroupIngress", "UpdateService", "RevokeSecurityGroupIngress")
    made = [call["action"] for call in platform.account.calls()[before:] if call["action"] in steps]
    assert made == list(steps)
    assert is_lucky(platform.numbers())
    again = platform.site("--tags", "lotto_service", extra_vars={**moved, "lotto_service_desired_count": 2})
    assert (again.rc, again.changed_tasks) == (0, []), again.text


def test_a_scale_in_fails_no_request(platform: Platform) -> None:
    assert platform.service()["runningCount"] == 2
    with Requests(platform) as requests:
        variables = {"service": "lotto", "desired_count": 1}
        run = platform.run("playbooks/scale.yml", *LOCAL, env=platform.environment, extra_vars=variables)
    assert run.rc == 0, run.text
    assert (platform.service()["runningCount"], requests.wrong) == (1, [])
    assert requests.answered > 100
