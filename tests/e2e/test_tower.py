# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""playbooks/tower.yml against a stateful fake of AWX."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import typing as t

import pytest
import yaml

from tests.support.controller import ENCRYPTED, NEEDS_MODULES, Controller, serving

ROOT = pathlib.Path(__file__).parents[2]
TOWER = ROOT / "tower"
PLANTED = "planted-secret-key"

Item = dict[str, t.Any]

pytestmark = NEEDS_MODULES


def data(name: str) -> t.Any:
    return yaml.safe_load((TOWER / f"{name}.yml").read_text(encoding="utf-8"))


TWO: Item = {
    "tower_environments": [
        {"name": "poc", "aws_access_key_id": "AKIAPOC", "aws_secret_access_key": f"{PLANTED}-poc"},
        {
            "name": "prod",
            "inventory": "poc",
            "role_arn": "arn:aws:iam::123456789012:role/magiclub-deployer",
            "aws_access_key_id": "AKIAPROD",
            "aws_secret_access_key": f"{PLANTED}-prod",
            "credentials": ["vault of the team"],
        },
    ],
    "tower_notifications": [
        {"name": "ops", "notification_type": "webhook", "notification_configuration": {"url": "https://ops.example"}}
    ],
}
WRITES = ("POST", "PATCH", "DELETE")


def run(url: str, settings: Item, *args: str, fails: bool = False, **environment: str) -> tuple[int, str]:
    """Run tower.yml; return the number of changed tasks, and the output."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    environ |= {"CONTROLLER_HOST": url, "CONTROLLER_OAUTH_TOKEN": "planted-token", **environment}
    command = ["ansible-playbook", "playbooks/tower.yml", "-i", "localhost,", "-e", json.dumps(settings), *args]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    assert (done.returncode != 0) is fails, output
    assert PLANTED not in output
    changed = re.search(r"changed=(\d+)", done.stdout)
    return int(changed[1]) if changed else 0, " ".join(output.split())


def at_first() -> Controller:
    """A controller with an organization, somebody's credential, and an earlier version's objects."""
    controller = Controller()
    organization = controller.create("organizations", {"name": "magiclub", "description": "Ours for years"})["id"]
    vault = controller.named("credential_types", "Vault")["id"]
    fields = {"organization": organization, "credential_type": vault, "inputs": {}}
    controller.create("credentials", {"name": "vault of the team", **fields})
    controller.create("job_templates", {"name": "magiclub deploy", "organization": organization})
    controller.create("workflow_job_templates", {"name": "magiclub release", "organization": organization})
    return controller


@pytest.fixture(scope="module")
def controller() -> Controller:
    return at_first()


@pytest.fixture(scope="module")
def url(controller: Controller) -> t.Iterator[str]:
    with serving(controller) as address:
        yield address


@pytest.fixture(scope="module")
def made(controller: Controller, url: str) -> Controller:
    assert run(url, TWO)[0] > 0
    return controller


def credentials_of(made: Controller, template: str) -> list[str]:
    key = made.named("job_templates", template)["id"]
    return [made.objects["credentials"][one]["name"] for one in made.links[("job_templates", key, "credentials")]]


def test_each_environment_has_every_template_with_its_own_inventory_and_credential(made: Controller) -> None:
    wanted = {
        f"magiclub {name} {item['name']}": (
            item["playbook"],
            item.get("job_tags", ""),
            item.get("job_type", "run"),
            name,
        )
        for item in data("job_templates")["tower_job_templates"]
        for name in ("poc", "prod")
    }
    inventories = {item["id"]: item["name"].removeprefix("magiclub ") for item in made.objects["inventories"].values()}
    held = {
        item["name"]: (item["playbook"], item["job_tags"], item["job_type"], inventories[item["inventory"]])
        for item in made.objects["job_templates"].values()
    }
    assert held == wanted
    assert credentials_of(made, "magiclub poc deploy") == ["magiclub poc AWS"]
    assert credentials_of(made, "magiclub prod deploy") == ["magiclub prod AWS", "vault of the team"]


def test_what_an_earlier_version_made_under_another_name_is_removed(made: Controller) -> None:
    assert not {"magiclub deploy"} & set(made.names("job_templates"))
    assert not {"magiclub release"} & set(made.names("workflow_job_templates"))


def test_an_organization_that_exists_keeps_its_description(made: Controller) -> None:
    assert made.named("organizations", "magiclub")["description"] == "Ours for years"


def test_a_launch_is_asked_for_what_it_may_give(made: Controller) -> None:
    def ignored(kind: str, name: str, **given: t.Any) -> Item:
        url = f"{made.named(kind, name)['url']}launch/"
        _status, job = made.answer("POST", url, {}, given)
        return {key: value for key, value in job["ignored_fields"].items() if value}

    assert ignored("job_templates", "magiclub poc rollback", job_type="check", limit="a") == {}
    assert ignored("workflow_job_templates", "magiclub prod release", skip_tags="ecr_push") == {}
    assert ignored("job_templates", "magiclub poc site", extra_vars={"plan_id": "-", "prune": "true"}) == {}
    assert ignored("job_templates", "magiclub poc status", job_tags="vpc") == {"job_tags": "vpc"}


def test_who_is_told_of_failures_is_told_of_none_that_is_a_matter_of_course(made: Controller) -> None:
    notified = {
        (
            kind,
            made.objects[kind][key]["name"].removeprefix("magiclub poc "),
            event.removeprefix("notification_templates_"),
        )
        for (kind, key, event) in made.links
        if event.startswith("notification_templates_") and "prod" not in made.objects[kind][key]["name"]
    }
    assert ("job_templates", "deploy", "error") in notified
    assert ("workflow_job_templates", "release", "approvals") in notified
    assert not {name for _kind, name, _event in notified} & {"changes", "outcome"}


def test_no_template_runs_twice_at_a_time(made: Controller) -> None:
    templates = [*made.objects["job_templates"].values(), *made.objects["workflow_job_templates"].values()]
    assert [item["name"] for item in templates if item["allow_simultaneous"]] == []


def test_surveys_are_there_and_enabled(made: Controller) -> None:
    templates = data("job_templates")["tower_job_templates"]
    with_survey = {f"magiclub {of} {item['name']}" for item in templates if "survey" in item for of in ("poc", "prod")}
    held = {
        item["name"]
        for item in made.objects["job_templates"].values()
        if item["survey_enabled"] and made.surveys[("job_templates", item["id"])]["spec"]
    }
    assert held == with_survey


def test_secrets_are_kept_encrypted_only(made: Controller) -> None:
    poc, prod = (made.named("credentials", f"magiclub {name} AWS") for name in ("poc", "prod"))
    assert poc["inputs"] == {"username": "AKIAPOC", "password": ENCRYPTED}
    assert (prod["inputs"]["role_arn"], prod["inputs"]["secret_access_key"]) == (
        "arn:aws:iam::123456789012:role/magiclub-deployer",
        ENCRYPTED,
    )
    assert prod["credential_type"] == made.named("credential_types", "magiclub AWS role")["id"]


def test_workflow_nodes_are_joined_as_described(made: Controller) -> None:
    nodes = made.objects["workflow_job_template_nodes"]
    workflows = {item["id"]: item["name"] for item in made.objects["workflow_job_templates"].values()}
    held = {
        (workflows[nodes[key]["workflow_job_template"]], nodes[key]["identifier"], kind, nodes[target]["identifier"])
        for (name, key, kind), targets in made.links.items()
        if name == "workflow_job_template_nodes" and kind.endswith("_nodes")
        for target in targets
    }
    wanted = {
        (f"magiclub {name} {workflow['name']}", node["identifier"], f"{kind}_nodes", target)
        for name in ("poc", "prod")
        for workflow in data("workflows")["tower_workflows"]
        for node in workflow["nodes"]
        for kind in ("success", "failure", "always")
        for target in node.get(kind, [])
    }
    assert held == wanted


def test_a_colleague_changes_only_what_was_changed_by_hand(made: Controller, url: str) -> None:
    """A second run, by somebody with other, temporary keys: the existing credentials need none."""
    template = made.named("job_templates", "magiclub poc vpc")
    template["job_tags"] = "alb"
    vault = made.named("credentials", "vault of the team")["id"]
    made.answer("POST", f"{template['url']}credentials/", {}, {"id": vault})
    workflow = made.named("workflow_job_templates", "magiclub poc release")["id"]
    stale = made.create("workflow_job_template_nodes", {"workflow_job_template": workflow, "identifier": "renamed"})
    before, keys = len(made.calls), made.named("credentials", "magiclub poc AWS")["inputs"]
    settings = {**TWO, "tower_environments": [{"name": "poc"}, TWO["tower_environments"][1]]}
    run(url, settings, AWS_ACCESS_KEY_ID="ASIAOTHER", AWS_SECRET_ACCESS_KEY=PLANTED, AWS_SESSION_TOKEN=PLANTED)
    assert template["job_tags"] == "vpc"
    assert credentials_of(made, "magiclub poc vpc") == ["magiclub poc AWS", "vault of the team"]
    assert made.named("credentials", "magiclub poc AWS")["inputs"] == keys
    writes = [call for call in made.calls[before:] if call[0] in WRITES]
    assert writes == [("PATCH", template["url"]), ("DELETE", stale["url"])]


def test_an_environment_that_is_absent_is_removed_alone(made: Controller, url: str) -> None:
    first, second = TWO["tower_environments"]
    run(url, {**TWO, "tower_environments": [first, {**second, "state": "absent"}]})
    kinds = ("job_templates", "workflow_job_templates", "inventories", "credentials", "schedules")
    assert [name for kind in kinds for name in made.names(kind) if "prod" in name] == []
    assert len(made.names("job_templates")) == len(data("job_templates")["tower_job_templates"])


def test_all_but_the_organization_and_what_others_made_is_removed(made: Controller, url: str) -> None:
    run(url, {"tower_notifications": TWO["tower_notifications"]}, "-e", "tower_state=absent")
    kinds = (
        "job_templates",
        "workflow_job_templates",
        "projects",
        "inventories",
        "schedules",
        "notification_templates",
    )
    assert {kind: made.names(kind) for kind in kinds} == {kind: [] for kind in kinds}
    assert made.names("credentials") == ["vault of the team"]
    assert made.names("organizations") == ["magiclub"]


@pytest.mark.parametrize(
    ("settings", "environment", "says"),
    [
        ({}, {"CONTROLLER_HOST": ""}, "The address of AWX is unknown: CONTROLLER_HOST is not in the environment"),
        ({}, {}, "AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY in the environment is not set."),
        ({}, {"AWS_ACCESS_KEY_ID": "ASIAX", "AWS_SECRET_ACCESS_KEY": PLANTED}, "the access key id begins with ASIA."),
        ({"tower_environments": [{"name": "poc", "inventroy": "x"}]}, {}, "has 'inventroy', which nothing reads."),
    ],
)
def test_what_can_not_be_made_is_refused_before_anything_is(settings: Item, environment: Item, says: str) -> None:
    controller = Controller()
    with serving(controller) as address:
        _changed, output = run(address, settings, fails=True, **{"HOME": "/nonexistent", **environment})
    assert says in output
    assert [call for call in controller.calls if call[0] in WRITES] == []


def test_infra_aap_configuration_can_read_the_same(tmp_path: pathlib.Path) -> None:
    """Its variables, as in one of its runs: every list has plain entries with a name."""
    variables = [
        "aap_organizations",
        *(
            f"controller_{name}"
            for name in (
                *("credential_types", "credentials", "execution_environments", "inventories", "inventory_sources"),
                *("notifications", "projects", "schedules", "templates", "workflows"),
            )
        ),
    ]
    files = sorted(path.name for path in TOWER.glob("*.yml") if path.name != "execution-environment.yml")
    seen = {name: f"{{{{ {name} }}}}" for name in variables}
    copy = {"content": "{{ seen | to_json }}", "dest": str(tmp_path / "seen.json"), "mode": "0600"}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"seen": seen, "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
        "vars_files": [str(TOWER / name) for name in files],
        "tasks": [{"name": "Write them", "ansible.builtin.copy": copy}],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    command = ["ansible-playbook", "-i", "localhost,", "-c", "local", str(tmp_path / "play.yml"), "-e", json.dumps(TWO)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads((tmp_path / "seen.json").read_text())
    assert all(written[name] and all(entry["name"] for entry in written[name]) for name in variables)
    assert {"simplified_workflow_nodes"} <= set(written["controller_workflows"][0])
    [role] = written["controller_credential_types"]
    assert "{{ tower.filename.config }}" in role["injectors"]["env"].values()


def test_every_playbook_of_a_template_is_there() -> None:
    playbooks = {item["playbook"] for item in data("job_templates")["tower_job_templates"]}
    assert sorted(name for name in playbooks if not (ROOT / name).is_file()) == []


def test_every_template_of_a_workflow_or_schedule_is_there() -> None:
    names = {item["name"] for item in data("job_templates")["tower_job_templates"]}
    flows = data("workflows")
    used = {node["template"] for flow in flows["tower_workflows"] for node in flow["nodes"] if "template" in node}
    used |= {item["template"] for item in flows["tower_schedules"]}
    assert used <= names
