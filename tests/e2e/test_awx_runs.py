# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every job template of tower/, launched as by AWX: with ansible-runner, from a private data directory.

The programs are those of the execution environment: its Python, ansible-core and amazon.aws, its variables.
The inventory is what an inventory source of AWX stores, the answers are the survey's defaults, credentials come from
the environment, facts are cached, and there is neither a Docker engine nor a home.
"""

from __future__ import annotations

import configparser
import json
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.support import checkout, pythons
from tests.support.awx import FAILED, SUCCESSFUL, Job, Walk, launched, walk
from tests.support.cloud import ROOT

from .conftest import BASE, PREFIX, Platform, is_lucky

pytest.importorskip("ansible_runner", reason="ansible-runner is not installed: pip install ansible-runner")

TEMPLATES = yaml.safe_load((ROOT / "tower" / "job_templates.yml").read_text(encoding="utf-8"))["tower_job_templates"]
WORKFLOWS = yaml.safe_load((ROOT / "tower" / "workflows.yml").read_text(encoding="utf-8"))["tower_workflows"]
SURVEYS = yaml.safe_load((ROOT / "tower" / "surveys.yml").read_text(encoding="utf-8"))["tower_surveys"]
# answers without a default, or whose default would remove the platform
ANSWERS: dict[str, dict[str, t.Any]] = {
    **{name: {"service": "lotto"} for name in ("logs", "refresh", "rollback", "undo failed")},
    "scale": {"service": "lotto", "desired_count": 1},
    "destroy": {"confirm": "wrong"},
}
# templates that fail on a platform that serves, with the message
REFUSED = {
    "rollback": "its first revision: there is none before it to roll back to",
    "services": "No layer is chosen",
    "destroy": "its images would be lost",
    "changes": "has handed on fargate_plan",
    "outcome": "has handed on fargate_result",
    "go back": "has no deployment under way",
}
LOCK = "ssm"
# the lines ENV of the image
OF_THE_IMAGE = {"ORIGINAL_STDOUT_CALLBACK": "magiclub.fargate.quiet"}

Item = dict[str, t.Any]
Launch = t.Callable[..., tuple[int, str, Item, list[str]]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files after a project update in AWX, and their state."""
    return checkout.copy(tmp_path_factory.mktemp("awx") / "project")


@pytest.fixture(scope="module")
def inventory(project: Path) -> str:
    """The inventory as AWX stores it: the variables of the source, written out by a script."""
    command = ["ansible-inventory", "--inventory", "inventories/local", "--list", "--export"]
    listed = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout
    return f"#!{sys.executable}\nprint({json.dumps(json.loads(listed))!r})\n"


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of the execution environment, installed by its own definition; the newest that pip finds."""
    ee = yaml.safe_load((ROOT / "tower" / "execution-environment.yml").read_text(encoding="utf-8"))["dependencies"]
    folder = tmp_path_factory.mktemp("ee") / "venv"
    python = pythons.at_hand().get("3.12", Path(sys.executable))
    subprocess.run([python, "-m", "venv", folder], check=True)
    packages = [ee["ansible_core"]["package_pip"], ee["ansible_runner"]["package_pip"]]
    requirements = str(ROOT / "tower" / ee["python"])
    pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, *packages, "--requirement", requirements], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"pip can't install what the execution environment has: {done.stderr[-200:]}")
    return folder / "bin"


def collections(private: Path) -> str:
    """Install the project's required collections where AWX does; return the path for Ansible."""
    [installed] = (Path(path) for path in sys.path if (Path(path) / "ansible_collections" / "amazon" / "aws").is_dir())
    required = yaml.safe_load((ROOT / "collections" / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    for name in (one["name"].replace(".", "/") for one in required):
        target = private / "requirements_collections" / "ansible_collections" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(installed / "ansible_collections" / name)
    configured = configparser.ConfigParser()
    configured.read(ROOT / "ansible.cfg")
    first = str(private / "requirements_collections")
    return ":".join([first, configured["defaults"]["collections_path"], "/usr/share/ansible/collections"])


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every file with its size and time, except byte code, which Python omits in read-only folders."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def answers(template: Item, image: str) -> Item:
    """Return the variables of a launch with only the required answers."""
    questions = SURVEYS[template["survey"]]["spec"] if "survey" in template else []
    given = {question["variable"]: question["default"] for question in questions if question["required"]}
    if given.get("lotto_service_image") == "":
        given["lotto_service_image"] = image
    variables, ignored = launched(template, questions, {**given, **ANSWERS.get(template["name"], {})})
    assert not ignored
    return variables


@pytest.fixture(scope="module")
def launch(
    operated: Platform, project: Path, inventory: str, tools: Path, tmp_path_factory: pytest.TempPathFactory
) -> Launch:
    """Launch a template; return its exit code, output, artifacts and the calls that changed something."""
    import ansible_runner  # noqa: PLC0415 - only if it is installed

    [image] = [container["image"] for container in definition(operated)["containerDefinitions"]]

    def run(template: Item, **given: t.Any) -> tuple[int, str, Item, list[str]]:
        private = tmp_path_factory.mktemp("job")
        (private / "inventory").mkdir()
        script = private / "inventory" / "hosts"
        script.write_text(inventory)
        script.chmod(0o700)
        mode = ["--check"] if template.get("job_type") == "check" else []
        diff = ["--diff"] if template.get("diff_mode") else []
        tags = ["--tags", template["job_tags"]] if "job_tags" in template else []
        before = len(operated.account.writes())
        job = ansible_runner.run(
            private_data_dir=str(private),
            project_dir=str(project),
            playbook=template["playbook"],
            inventory=str(script),
            extravars={**answers(template, image), **given, "awx_job_id": 7, "awx_user_name": "operator"},
            cmdline=" ".join([*mode, *diff, *tags]) or None,
            envvars={
                **operated.account.environment,
                **operated.environment,
                "DOCKER_HOST": "unix:///nonexistent/docker.sock",
                "HOME": str(private),
                "PATH": f"{tools}:{os.environ['PATH']}",
                "ANSIBLE_COLLECTIONS_PATH": collections(private),
                "AWX_HOST": "https://awx.example",
                "JOB_ID": "7",
                **OF_THE_IMAGE,
            },
            fact_cache="fact_cache",
            quiet=True,
        )
        writes = [call["action"] for call in operated.account.writes()[before:] if call["service"] != LOCK]
        with job.stdout as output:
            text = output.read()
        stats = [event["event_data"] for event in job.events if event["event"] == "playbook_on_stats"]
        assert stats, f"The job ended as {job.status} ({job.rc}) without its last event:\n{text}"
        return job.rc, text, stats[0].get("artifact_data", {}), writes

    return run


def definition(platform: Platform) -> Item:
    ecs = platform.account.client("ecs")
    described = ecs.describe_task_definition(taskDefinition=platform.service()["taskDefinition"])
    return t.cast("Item", described["taskDefinition"])


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template["name"].replace(" ", "-"))
def test_template(operated: Platform, launch: Launch, project: Path, template: Item) -> None:
    name, before, files = template["name"], platform_state(operated), state(project)
    rc, text, artifacts, writes = launch(template)
    refusal = REFUSED.get(name)
    assert (rc != 0) is bool(refusal), text
    assert not refusal or " ".join(text.split()).count(refusal) == 1, text
    if refusal and template["playbook"] != "playbooks/workflow.yml":
        assert artifacts["fargate_result"]["failed"]
        assert refusal in artifacts["fargate_result"]["cause"]
    assert state(project) == files
    assert operated.account.environment["AWS_SECRET_ACCESS_KEY"] not in artifacts.values()
    assert not operated.account.client("ssm").describe_parameters()["Parameters"], "the lock was not let go"
    if template["playbook"] == "playbooks/site.yml" and not refusal:
        nothing = {"add": 0, "change": 0, "remove": 0, **({"lines": []} if template.get("job_type") == "check" else {})}
        assert {**artifacts["fargate_plan"], **nothing} == artifacts["fargate_plan"], text
    if name == "refresh":
        assert set(writes) == {"UpdateService"}, text
        return
    assert (writes, platform_state(operated)) == ([], before), text
    if template["playbook"] in ("playbooks/status.yml", "playbooks/scale.yml"):
        assert artifacts["fargate_result"]["outcome"] == "steady"
        assert artifacts["fargate_result"]["address"].startswith("http://")
        assert artifacts["fargate_result"]["services"][f"{PREFIX}-lotto"]["image"] in text
    if name == "verify":
        assert artifacts["fargate_findings"] == []


def test_a_removal_with_its_images_wants_the_confirmation(operated: Platform, launch: Launch) -> None:
    [template] = [template for template in TEMPLATES if template["name"] == "destroy"]
    before = platform_state(operated)
    rc, text, artifacts, writes = launch(template, ecr_push_force_delete="true")
    assert rc != 0
    assert f"has to be '{PREFIX}'" in " ".join(text.split()), text
    assert artifacts["fargate_result"]["category"] == "refused"
    assert (writes, platform_state(operated)) == ([], before), text


@pytest.fixture(scope="module")
def crashing(operated: Platform, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image in ECR that exits at once in place of lotto."""
    source = tmp_path_factory.mktemp("crashing")
    (source / "Dockerfile").write_text(f'FROM {BASE}\nCMD ["false"]\n')
    return operated.push("lotto", {"path": str(source)})


def walked(workflow: Item, launch: Launch, **given: t.Any) -> Walk:
    """Run a workflow's nodes as AWX does, each as a separate job."""

    def job(template: Item, variables: Item) -> Job:
        rc, text, artifacts, _writes = launch(template, **variables)
        return Job(FAILED if rc else SUCCESSFUL, artifacts, text)

    return walk(workflow, {template["name"]: template for template in TEMPLATES}, SURVEYS, job, **given)


def test_a_deployment_that_fails_is_rolled_back_by_its_workflow(
    operated: Platform, launch: Launch, crashing: str
) -> None:
    [workflow] = [item for item in WORKFLOWS if item["name"] == "deploy and roll back"]
    good = operated.service()["taskDefinition"]
    ran = walked(workflow, launch, lotto_service_image=crashing)
    ends = {"verify": SUCCESSFUL, "deploy": FAILED, "rollback": SUCCESSFUL, "outcome": FAILED}
    assert ({name: job.status for name, job in ran.jobs.items()}, ran.status) == (ends, FAILED), ran
    asked = f"This run asked ECS to roll back to {good.rpartition('/')[2]}, and it did."
    assert asked in " ".join(ran.jobs["outcome"].text.split())
    failure = ran.jobs["deploy"].artifacts["fargate_result"]
    assert (failure["failed"], failure["category"], failure["exit_code"]) == (True, "crash_loop", 1)
    assert failure["next_step"]
    assert ran.jobs["rollback"].artifacts["fargate_result"]["before"] == failure
    assert (operated.service()["taskDefinition"], len(operated.service()["deployments"])) == (good, 1)
    assert is_lucky(operated.numbers())


def test_a_deployment_that_never_began_undoes_nothing(operated: Platform, launch: Launch) -> None:
    """It is stopped by the lock of another run, and the previous version keeps serving."""
    [workflow] = [item for item in WORKFLOWS if item["name"] == "deploy and roll back"]
    before, holder = platform_state(operated), {"who": "somebody", "since": "today", "run": "other", "pid": 1}
    [image] = [container["image"] for container in definition(operated)["containerDefinitions"]]
    ssm = operated.account.client("ssm")
    ssm.put_parameter(Name=f"/{PREFIX}/lock", Value=json.dumps(holder), Type="String")
    try:
        _verify, *nodes = workflow["nodes"]
        ran = walked({"nodes": nodes}, launch, lotto_service_image=image)
    finally:
        ssm.delete_parameter(Name=f"/{PREFIX}/lock")
    ends = {"deploy": FAILED, "rollback": SUCCESSFUL, "outcome": FAILED}
    assert {name: job.status for name, job in ran.jobs.items()} == ends, ran
    assert "nothing to undo" in ran.jobs["rollback"].text
    assert all("Another run holds" in ran.jobs[name].text for name in ("deploy", "outcome"))
    assert ran.jobs["deploy"].artifacts["fargate_result"]["category"] == "locked"
    assert platform_state(operated) == before


def platform_state(platform: Platform) -> list[t.Any]:
    """Return the state that a template with nothing to do does not change."""
    service = platform.service()
    return [service["taskDefinition"], service["desiredCount"], [item["id"] for item in service["deployments"]]]
