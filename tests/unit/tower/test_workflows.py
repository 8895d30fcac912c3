# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the workflows end, by what AWX makes of nodes that fail; playbooks/workflow.yml itself is run."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import artifact

from tests.support.awx import FAILED, SUCCESSFUL, Job, launched, walk

pytestmark = pytest.mark.program

ROOT = pathlib.Path(__file__).parents[3]


def load(name):
    return yaml.safe_load((ROOT / "tower" / f"{name}.yml").read_text(encoding="utf-8"))


TEMPLATES = {item["name"]: item for item in load("job_templates")["tower_job_templates"]}
SURVEYS = load("surveys")["tower_surveys"]
WORKFLOWS = {item["name"]: item for item in load("workflows")["tower_workflows"]}
IMAGE = "registry.example/web:2"
CRASHED = artifact.failed(
    {
        "msg": "magiclub-an2p-lotto: its tasks start and stop again.",
        "services": [
            {"outcome": "image", "cause": "image", "log_lines": ["no such table"], "next_step": "Deploy again."},
        ],
    }
)
STEADY = artifact.succeeded("steady", {})
EMPTY = {"fargate_plan": {"add": 0, "change": 0, "remove": 0, "id": "-", "lines": []}}
CHANGES = {"fargate_plan": {"add": 1, "change": 0, "remove": 0, "id": "0a1b2c3d", "lines": ["+ vpc"]}}
UNDONE = {"fargate_result": artifact.after(STEADY, CRASHED)}
NOT_UNDONE = {"fargate_result": artifact.failed({"msg": "No way back."}, before=CRASHED)}
# what the jobs of playbooks/workflow.yml are given here: one run looks at all of it, a host for each
ASKED = {
    "unknown": {"question": "site"},
    "no-question": {},
    "no-plan": {"question": "changes"},
    "empty": {"question": "changes", **EMPTY},
    "changes": {"question": "changes", **CHANGES},
    "no-result": {"question": "outcome"},
    "steady": {"question": "outcome", "fargate_result": STEADY},
    "crashed": {"question": "outcome", "fargate_result": CRASHED},
    "undone": {"question": "outcome", **UNDONE},
    "not-undone": {"question": "outcome", **NOT_UNDONE},
}


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    """What playbooks/workflow.yml says to each host, its message if it failed."""
    inventory = tmp_path_factory.mktemp("asked") / "hosts.yml"
    platform = yaml.safe_load((ROOT / "inventories/local/group_vars/all/main.yml").read_text(encoding="utf-8"))
    inventory.write_text(yaml.safe_dump({"all": {"hosts": ASKED, "vars": {**platform, "ansible_connection": "local"}}}))
    command = ["ansible-playbook", "playbooks/workflow.yml", "-i", str(inventory), "--forks", "2"]
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "json"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    tasks = [task["hosts"] for play in json.loads(done.stdout)["plays"] for task in play["tasks"]]
    return {host: one[host]["msg"] for one in tasks for host in one if one[host].get("failed")}


class Jobs:
    """Answers as the jobs of a workflow would; what playbooks/workflow.yml looks at is what it was really given."""

    def __init__(self, looked, **ends):
        self.looked, self.ends = looked, ends

    def __call__(self, template, variables):
        if template["playbook"] == "playbooks/workflow.yml":
            given = {key: variables[key] for key in ("question",) if key in variables}
            name = "fargate_plan" if given["question"] == "changes" else "fargate_result"
            given |= {name: variables[name]} if name in variables else {}
            [host] = [host for host, asked in ASKED.items() if asked == given]
            return Job(FAILED if host in self.looked else SUCCESSFUL, {}, self.looked.get(host, ""))
        return self.ends.get(template["name"], Job(SUCCESSFUL, {"fargate_result": STEADY}))


def walked(workflow, jobs, **options):
    return walk(WORKFLOWS[workflow], TEMPLATES, SURVEYS, jobs, **options)


@pytest.mark.parametrize(
    "undone",
    [
        Job(SUCCESSFUL, UNDONE),
        Job(FAILED, NOT_UNDONE),
        Job(FAILED, {}),
    ],
    ids=["undone", "not undone", "lost"],
)
def test_a_deployment_that_failed_ends_its_workflow_as_failed_and_with_its_cause(looked, undone):
    jobs = Jobs(looked, deploy=Job(FAILED, {"fargate_result": CRASHED}), undo=undone)
    found = walked("deploy and roll back", jobs, lotto_service_image=IMAGE)
    assert found.status == FAILED
    assert list(found.jobs) == ["verify", "deploy", "rollback", "outcome"]
    for told in ("its tasks start and stop again", "no such table", "Deploy again."):
        assert told in found.jobs["outcome"].text


def test_a_deployment_that_succeeds_ends_its_workflow_well(looked):
    found = walked("deploy and roll back", Jobs(looked), lotto_service_image=IMAGE)
    assert (found.status, list(found.jobs)) == (SUCCESSFUL, ["verify", "deploy", "status"])


def test_a_plan_with_changes_is_approved_before_it_is_carried_out(looked):
    found = walked("release", Jobs(looked, plan=Job(SUCCESSFUL, CHANGES)))
    assert (found.status, list(found.jobs)) == (SUCCESSFUL, ["plan", "changes", "approval", "site", "verify"])


def test_an_approval_that_is_denied_changes_nothing(looked):
    found = walked("release", Jobs(looked, plan=Job(SUCCESSFUL, CHANGES)), approve=False)
    assert (found.status, list(found.jobs)) == (FAILED, ["plan", "changes", "approval"])


def test_an_empty_plan_asks_nobody(looked):
    found = walked("release", Jobs(looked, plan=Job(SUCCESSFUL, EMPTY)))
    assert (found.status, list(found.jobs)) == (SUCCESSFUL, ["plan", "changes", "empty", "verify"])
    assert "nobody is asked" in found.jobs["changes"].text


def test_a_node_that_fails_for_another_reason_does_not_pass_for_an_empty_plan(looked):
    """As where the execution environment can't be pulled: there is something to do, so the workflow fails."""
    found = walked("release", Jobs(looked, plan=Job(SUCCESSFUL, {}), drift=Job(FAILED, {})))
    assert (found.status, list(found.jobs)) == (FAILED, ["plan", "changes", "empty"])
    assert "No job before this one has handed on fargate_plan." in " ".join(found.jobs["changes"].text.split())


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("no-question", "question '' is not one of changes, outcome."),
        ("unknown", "question 'site' is not one of changes, outcome."),
        ("no-result", "No job before this one has handed on fargate_result."),
    ],
)
def test_the_playbook_refuses_what_it_can_not_look_at(looked, host, told):
    assert told in looked[host]


def test_a_job_before_that_went_well_does_not_fail_a_workflow(looked):
    assert not {"steady", "changes"} & set(looked)


def test_a_launch_need_not_answer_the_question_of_the_lock():
    template = TEMPLATES["deploy"]
    given, ignored = launched(template, SURVEYS["deploy"]["spec"], {"lotto_service_image": IMAGE, "plan_id": "-"})
    assert given == {"lotto_service_image": IMAGE, "platform_lock_break": "false", "platform_rename": "false"}
    assert ignored == {"plan_id": "-"}


@pytest.mark.parametrize(
    ("approve", "status", "last"), [(True, SUCCESSFUL, "continue"), (False, FAILED, "go_back")], ids=["yes", "no"]
)
def test_an_approval_has_users_get_the_new_version_and_a_no_ends_as_failed(looked, approve, status, last):
    jobs = Jobs(looked, **{"go back": Job(FAILED, {})})
    found = walked("deploy with approval", jobs, approve=approve, lotto_service_image=IMAGE)
    assert (found.status, list(found.jobs)) == (status, ["deploy", "approval", last])
