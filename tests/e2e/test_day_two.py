# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Operating a platform: a second service, status, verify, logs, tasks, scaling and rollback, in this order."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest

from tests.support.ansible_run import Run
from tests.support.cloud import ROOT

from .conftest import BASE, PREFIX, Platform, is_lucky

CLUSTER = f"{PREFIX}-ecs"
LOTTO = f"{PREFIX}-lotto"
HELLO = f"{PREFIX}-hello"

Operate = t.Callable[..., Run]


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The local inventory with the line that adds hello."""
    folder = tmp_path_factory.mktemp("inventories") / "local"
    shutil.copytree(ROOT / "inventories" / "local", folder)
    path = folder / "group_vars" / "all" / "services.yml"
    text = path.read_text()
    assert "\nfargate_services: []\n" in text
    path.write_text(text.replace("\nfargate_services: []\n", '\nfargate_services: ["{{ hello_service }}"]\n'))
    return folder


@pytest.fixture(scope="module")
def hello(operated: Platform) -> str:
    """The image of hello, in this account's ECR."""
    folder = ROOT / "tests" / "e2e" / "hello"
    return operated.push("hello", {"path": str(folder), "build_args": {"PYTHON_IMAGE": BASE}})


@pytest.fixture(scope="module")
def operate(operated: Platform, inventory: Path, hello: str) -> Operate:
    """Run a playbook of this repository with the inventory of both services."""

    def run(name: str, *arguments: str, **options: t.Any) -> Run:
        extra = {"hello_image": hello, "hello_command": [], **options.pop("extra_vars", {})}
        return operated.run(
            f"playbooks/{name}.yml",
            "--inventory",
            str(inventory),
            *arguments,
            extra_vars=extra,
            env=operated.environment,
            **options,
        )

    return run


def described(platform: Platform, name: str = LOTTO) -> dict[str, t.Any]:
    [service] = platform.account.client("ecs").describe_services(cluster=CLUSTER, services=[name])["services"]
    return t.cast("dict[str, t.Any]", service)


def tasks_of(platform: Platform, name: str) -> set[str]:
    return set(platform.account.client("ecs").list_tasks(cluster=CLUSTER, serviceName=name)["taskArns"])


def writes(platform: Platform, before: int) -> list[str]:
    return [call["action"] for call in platform.account.writes()[before:] if call["service"] != "ssm"]


def test_a_second_service_is_added_by_one_entry(operated: Platform, operate: Operate) -> None:
    run = operate("site", "--tags", "services")
    assert run.rc == 0, run.text
    assert (operated.get("/hello/").status, operated.get("/hello/").body) == (200, "hello")
    assert is_lucky(operated.numbers())


def test_status_shows_both_services_and_writes_json(operated: Platform, operate: Operate, tmp_path: Path) -> None:
    before = len(operated.account.writes())
    # relative to the folder of the run, the repository
    run = operate("status", extra_vars={"status_file": os.path.relpath(tmp_path / "status.json", ROOT)})
    assert run.rc == 0, run.text
    assert "All services serve." in run.text
    status = json.loads((tmp_path / "status.json").read_text())
    assert {service["name"]: service["serving"] for service in status["services"]} == {HELLO: True, LOTTO: True}
    [image] = status["services"][1]["images"]
    assert image["tags"], image
    assert f"{LOTTO}:1" in run.text
    asked = ["curl", "--silent", "--fail", f"{status['address']}/api/lotto/lucky"]
    assert is_lucky(json.loads(subprocess.run(asked, capture_output=True, check=True).stdout))
    assert writes(operated, before) == []


def test_verify_finds_nothing_on_what_serves(operated: Platform, operate: Operate) -> None:
    before = len(operated.account.calls())
    run = operate("verify")
    assert run.rc == 0, run.text
    looked = operated.account.calls()[before:]
    assert [call["action"] for call in looked if call["write"]] == []
    assert {"DescribeImages", "GetRole", "DescribeRouteTables", "DescribeLogGroups"} <= {
        call["action"] for call in looked
    }


def test_verify_names_what_would_fail(operated: Platform, operate: Operate) -> None:
    iam, logs = operated.account.client("iam"), operated.account.client("logs")
    role = next(item["RoleName"] for item in iam.list_roles()["Roles"] if item["RoleName"] == f"{PREFIX}-ecs-execution")
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    nobody = copy.deepcopy(trust)
    nobody["Statement"][0]["Principal"] = {"Service": "ec2.amazonaws.com"}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(nobody))
    logs.delete_log_group(logGroupName=f"/ecs/{HELLO}")
    [repository] = [
        item["repositoryUri"]
        for item in operated.account.client("ecr").describe_repositories()["repositories"]
        if item["repositoryName"] == LOTTO
    ]
    try:
        run = operate("verify")
        image = operate("verify", extra_vars={"lotto_service_image": f"{repository}:none-such"})
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
        logs.create_log_group(logGroupName=f"/ecs/{HELLO}")
    assert run.rc != 0
    found = {(finding["service"], finding["what"]) for finding in run.of("Check the services")["findings"]}
    assert found == {(HELLO, "log group"), (HELLO, "executionRoleArn"), (LOTTO, "executionRoleArn")}, run.text
    assert image.rc != 0
    assert (LOTTO, "image") in {(item["service"], item["what"]) for item in image.of("Check the services")["findings"]}
    assert f"{repository}:none-such" in image.text


def test_logs_shows_the_lines_of_the_service(operated: Platform, operate: Operate) -> None:
    assert operated.get("/api/lotto/lucky?asked=by-the-test").status == 200
    run = operate("logs", extra_vars={"service": LOTTO, "follow": "1", "since": "1h"})
    assert run.rc == 0, run.text
    assert "/api/lotto/lucky" in run.text
    filtered = operate("logs", extra_vars={"filter": "no line has this", "service": "lotto"})
    assert (filtered.rc, filtered.of("Show the log lines")["lines"]) == (0, []), filtered.text
    missing = operate("logs", extra_vars={"service": "none-such"})
    assert missing.message.startswith(f"There is no log group /ecs/{PREFIX}-none-such in"), missing.text


def test_run_puts_its_command_in_the_place_of_the_services(operated: Platform, operate: Operate) -> None:
    code = "import lotto_app, sys; print('one-off', lotto_app.__name__, sys.argv[1:])"
    run = operate("run", extra_vars={"service": "lotto", "command": ["python3", "-c", code, "argument"]})
    assert run.rc == 0, run.text
    assert run.of("Run the task")["log_lines"] == ["one-off lotto_app ['argument']"], run.text


def test_run_shows_the_output_and_fails_with_the_exit_code(operated: Platform, operate: Operate) -> None:
    code = "print('six'); raise SystemExit(3)"
    run = operate("run", extra_vars={"service": "hello", "command": ["python3", "-c", code], "run_timeout": 60})
    assert run.rc != 0
    assert "six" in run.of("Run the task")["log_lines"], run.text
    assert "exit code 3" in run.message
    stopped = operate("logs", extra_vars={"stopped": True, "service": "hello"})
    assert stopped.rc == 0, stopped.text
    assert "ECS remembers no stopped task" in stopped.text


def test_of_two_services_none_is_taken_by_accident(operated: Platform, operate: Operate) -> None:
    before = len(operated.account.calls())
    run = operate("scale", extra_vars={"desired_count": 0})
    assert run.rc != 0
    assert run.message == "service is not given, and there are lotto, hello. Say which, as in -e service=lotto.", (
        run.text
    )
    assert operated.account.calls()[before:] == []


def test_scale_sets_the_count_and_waits(operated: Platform, operate: Operate) -> None:
    run = operate("scale", extra_vars={"service": "hello", "desired_count": 2, "min_capacity": "", "max_capacity": ""})
    assert run.rc == 0, run.text
    service = described(operated, HELLO)
    assert (service["desiredCount"], service["runningCount"]) == (2, 2)
    refused = operate("scale", extra_vars={"service": "hello", "max_capacity": 4})
    assert refused.rc != 0
    assert f"{HELLO} is not scaled automatically" in refused.message, refused.text


def test_scale_sets_the_bounds_of_autoscaling(operated: Platform, operate: Operate) -> None:
    scaling = operated.account.client("application-autoscaling")
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{CLUSTER}/{HELLO}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    try:
        run = operate("scale", extra_vars={"service": "hello", "max_capacity": 1, "desired_count": ""})
        refused = operate("scale", extra_vars={"service": "hello", "desired_count": 3})
        [found] = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[target["ResourceId"]])[
            "ScalableTargets"
        ]
    finally:
        scaling.deregister_scalable_target(**target)
    assert run.rc == 0, run.text
    assert (found["MinCapacity"], found["MaxCapacity"], described(operated, HELLO)["desiredCount"]) == (1, 1, 1)
    assert refused.rc != 0
    assert "is scaled automatically, from 1 to 1 tasks" in refused.message, refused.text


def test_a_service_that_is_scaled_to_nothing_is_asked_nothing(operated: Platform, operate: Operate) -> None:
    kept = {"lotto_service_desired_count_policy": "preserve"}
    try:
        scaled = operate("scale", extra_vars={"service": "lotto", "desired_count": 0})
        run = operate("site", "--tags", "lotto_service", extra_vars=kept)
        refreshed = operate("refresh", extra_vars={"service": "lotto"})
    finally:
        back = operate("scale", extra_vars={"service": LOTTO, "desired_count": 1})
    assert scaled.rc == 0, scaled.text
    assert (run.rc, run.changed) == (0, 0), run.text
    assert "0 of 0 running, 0 healthy: scaled to 0 tasks, it does not serve" in run.text
    assert "curl" not in run.text
    assert refreshed.rc == 0, refreshed.text
    assert back.rc == 0, back.text
    assert is_lucky(operated.numbers())


def test_refresh_replaces_the_tasks(operated: Platform, operate: Operate) -> None:
    before, revision = tasks_of(operated, HELLO), described(operated, HELLO)["taskDefinition"]
    run = operate("refresh", extra_vars={"service": "hello"})
    assert run.rc == 0, run.text
    assert not before & tasks_of(operated, HELLO)
    assert described(operated, HELLO)["taskDefinition"] == revision


def register(platform: Platform, **container: t.Any) -> str:
    """Register a revision of hello with a different container."""
    ecs = platform.account.client("ecs")
    found = ecs.describe_task_definition(taskDefinition=HELLO)["taskDefinition"]
    kept = ("family", "cpu", "memory", "networkMode", "requiresCompatibilities", "executionRoleArn", "taskRoleArn")
    fields = {key: found[key] for key in kept if key in found}
    [first] = found["containerDefinitions"]
    answer = ecs.register_task_definition(**fields, containerDefinitions=[{**first, **container}])
    return str(answer["taskDefinition"]["taskDefinitionArn"])


def test_two_bad_deployments_in_a_row_are_rolled_back_to_the_one_that_succeeded(
    operated: Platform, operate: Operate
) -> None:
    ecs = operated.account.client("ecs")
    good = described(operated, HELLO)["taskDefinition"]
    configuration = described(operated, HELLO)["deploymentConfiguration"]
    no_breaker = {**configuration, "deploymentCircuitBreaker": {"enable": False, "rollback": False}}
    bad = [register(operated, command=["python3", "-c", f"raise SystemExit({code})"]) for code in (1, 2)]
    for arn in bad:
        ecs.update_service(cluster=CLUSTER, service=HELLO, taskDefinition=arn, deploymentConfiguration=no_breaker)
    sick = operate("status", extra_vars={"service": "hello"})
    assert sick.rc != 0
    assert f"Service {HELLO} serves, and its deployment is not done" in sick.message, sick.text
    before = len(operated.account.writes())
    plan = operate("rollback", extra_vars={"service": "hello", "revision": ""}, check=True)
    way = f"{HELLO} goes from {bad[1].rpartition('/')[2]} to {good.rpartition('/')[2]}"
    assert plan.rc == 0, plan.text
    assert way in plan.text
    assert writes(operated, before) == []
    run = operate("rollback", extra_vars={"service": "hello"})
    assert run.rc == 0, run.text
    assert way in run.text
    service = described(operated, HELLO)
    assert (service["taskDefinition"], len(service["deployments"])) == (good, 1)
    assert operated.get("/hello/").body == "hello"
    stopped = operate("logs", extra_vars={"service": "hello", "stopped": True})
    assert "exit code 2" in stopped.text, stopped.text
    ecs.update_service(cluster=CLUSTER, service=HELLO, deploymentConfiguration=configuration)


def test_going_back_to_a_revision_and_back_from_what_succeeded(operated: Platform, operate: Operate) -> None:
    good = described(operated, HELLO)["taskDefinition"]
    newer = register(operated, environment=[{"name": "NEWER", "value": "1"}], command=[])
    run = operate("rollback", extra_vars={"service": "hello", "revision": newer.rpartition(":")[2]})
    assert run.rc == 0, run.text
    assert described(operated, HELLO)["taskDefinition"] == newer
    run = operate("rollback", extra_vars={"service": "hello"})
    assert (run.rc, described(operated, HELLO)["taskDefinition"]) == (0, good), run.text
    nowhere = operate("rollback", extra_vars={"service": "hello"}, check=True)
    assert nowhere.rc != 0
    assert "its first revision: there is none before it to roll back to" in nowhere.message, nowhere.text


def test_a_held_platform_is_not_rolled_back(operated: Platform, operate: Operate) -> None:
    ssm = operated.account.client("ssm")
    holder = {"who": "someone", "machine": "elsewhere", "pid": 1, "run": "elsewhere/1", "since": "now", "job": ""}
    ssm.put_parameter(Name=f"/{PREFIX}/lock", Value=json.dumps(holder), Type="String")
    try:
        run = operate("refresh", extra_vars={"service": "hello"})
    finally:
        ssm.delete_parameter(Name=f"/{PREFIX}/lock")
    assert run.rc != 0
    assert f"Another run holds {PREFIX}: someone" in run.message, run.text
