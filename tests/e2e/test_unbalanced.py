# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services without a rule on a platform without load balancer."""

from __future__ import annotations

import typing as t

import pytest

from tests.conftest import Emulator
from tests.support.account import REGION, Account
from tests.support.ansible_run import LOCALHOST, Run, Runner

PREFIX = "alone-an2t"
BASE = "magiclub.local/python:3.11-slim-bookworm"
PYTHON = {"image": BASE, "cpu": 256, "memory": 512}
BACKEND = {**PYTHON, "name": "rates", "port": 8081, "command": ["python3", "-m", "http.server", "8081"]}
WORKER = {**PYTHON, "name": "mailer", "command": ["python3", "-c", "import signal; signal.pause()"]}
UNHEALTHY = {"command": ["CMD", "false"], "interval": 5, "timeout": 2, "retries": 1}


class Platform:
    """Network and cluster of an account, and what runs on them."""

    def __init__(self, account: Account, run: Runner) -> None:
        self.account, self._run = account, run
        self.variables = {
            "fargate_project": "alone",
            "fargate_region": REGION,
            "fargate_environment": "Trial",
            "fargate_team": "DevOps",
            "fargate_owner": "opsmaster@your.company.com",
            "fargate_private_domain": "alone.internal",
            "fargate_endpoint_url": account.endpoint,
            "fargate_name_prefix": PREFIX,
            "fargate_tags": {"Project": "alone", "ManagedBy": "ansible"},
            "fargate_service_wait_timeout": 120,
            "vpc_zones": ["apne2-az1", "apne2-az3"],
        }

    def roles(self, *doors: str, check: bool = False, **variables: t.Any) -> Run:
        """Run roles by their entry points, such as C(vpc) and C(vpc ready)."""
        named = [dict(zip(("name", "tasks_from"), f"magiclub.fargate.{door}".split(), strict=False)) for door in doors]
        tasks = [{"ansible.builtin.include_role": role} for role in named]
        return self._run([{"vars": {**self.variables, **variables}, "tasks": tasks}], check=check)

    def services(self, *services: dict[str, t.Any], check: bool = False, **variables: t.Any) -> Run:
        return self.roles("fargate_service", check=check, fargate_service_services=list(services), **variables)

    def playbook(self, name: str, **variables: t.Any) -> Run:
        return self._run(
            f"playbooks/{name}.yml",
            "--inventory",
            "localhost,",
            extra_vars={**LOCALHOST, **self.variables, **variables},
        )


@pytest.fixture(scope="module")
def platform(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Platform]:
    account = Account.fresh(emulator.endpoint, emulator.calls_path)
    found = Platform(account, Runner(account.environment, tmp_path_factory.mktemp("unbalanced")))
    made = found.roles("vpc", "ecs_cluster", "vpc ready", "ecs_cluster ready")
    assert made.rc == 0, made.text
    yield found
    account.stop_services()


def changes(run: Run) -> list[dict[str, t.Any]]:
    """Return the changes in the services' plan."""
    return t.cast("list[dict[str, t.Any]]", run.of("Plan the services")["layers"]["fargate_service"]["changes"])


def test_a_backend_and_a_worker_need_no_load_balancer(platform: Platform) -> None:
    run = platform.services(BACKEND, WORKER)
    assert run.rc == 0, run.text
    kinds = {change["type"] for change in changes(run)}
    assert not kinds & {"target_group", "listener_rule"}

    again = platform.services(BACKEND, WORKER)
    assert (again.rc, again.changed, changes(again)) == (0, 0, []), again.text


def test_day_two_goes_without_a_load_balancer(platform: Platform) -> None:
    status = platform.playbook("status")
    assert status.rc == 0, status.text
    assert status.text.count("none, as it has no rule") == 2
    steps: dict[str, dict[str, t.Any]] = {
        "verify": {},
        "scale": {"service": "mailer", "desired_count": 2},
        "refresh": {"service": "rates"},
        "logs": {"service": "mailer"},
        "run": {"service": "mailer", "command": ["python3", "--version"]},
    }
    for name, variables in steps.items():
        run = platform.playbook(name, **variables)
        assert run.rc == 0, f"{name}: {run.text}"


def test_a_worker_whose_container_is_sick_does_not_serve(platform: Platform) -> None:
    run = platform.services(BACKEND, {**WORKER, "container_health_check": UNHEALTHY})
    assert run.rc != 0
    assert "Run the command of the container's health check" in run.message
    fixed = platform.services(BACKEND, WORKER)
    assert fixed.rc == 0, fixed.text


def test_a_service_with_a_rule_needs_the_load_balancer(platform: Platform) -> None:
    run = platform.services(BACKEND, {**WORKER, "port": 80, "rule": {"paths": ["/"]}})
    assert f"No load balancer {PREFIX}-pub-alb in {REGION}." in run.message


def test_they_are_removed_and_nothing_is_left(platform: Platform) -> None:
    run = platform.services(BACKEND, WORKER, fargate_service_state="absent")
    assert run.rc == 0, run.text
    services = platform.account.client("ecs").list_services(cluster=f"{PREFIX}-ecs")["serviceArns"]
    groups = platform.account.client("ec2").describe_security_groups()["SecurityGroups"]
    assert (services, [group for group in groups if group["GroupName"].startswith(f"{PREFIX}-mailer")]) == ([], [])
