# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import functools
import pathlib
import re

import pytest
import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.inputs import misspelt as names

ROOT = pathlib.Path(__file__).parents[3]


@functools.cache
def load(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


SURVEYS = load("tower/surveys.yml")["tower_surveys"]
TEMPLATES = load("tower/job_templates.yml")["tower_job_templates"]
QUESTIONS = [(name, question) for name, survey in SURVEYS.items() for question in survey["spec"]]
IDS = [f"{name}-{question['variable']}" for name, question in QUESTIONS]

# Types of AWX's questions, for those of argument specs.
TYPES = {"str": {"text", "multiplechoice"}, "int": {"integer"}, "bool": {"multiplechoice"}}


def role_options(role):
    return load(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]["options"]


@functools.cache
def module_options(name):
    text = (ROOT / "plugins" / "modules" / f"{name}.py").read_text(encoding="utf-8")
    return yaml.safe_load(text.split('DOCUMENTATION = r"""')[1].split('"""')[0])["options"]


def option_of(variable):
    """Return the option that a question's answer ends in."""
    lotto, services = (
        role_options("lotto_service"),
        role_options("fargate_service")["fargate_service_services"]["options"],
    )
    return {
        "service": services["name"],
        "lotto_service_image": lotto["lotto_service_image"],
        "desired_count": lotto["lotto_service_desired_count"],
        "min_capacity": module_options("application_autoscaling_target")["min_capacity"],
        "max_capacity": module_options("application_autoscaling_target")["max_capacity"],
        "revision": module_options("ecs_rollback_info")["revision"],
        "decision": module_options("ecs_service_deployment")["action"],
        "confirm": module_options("platform_lock")["name_prefix"],
        **{name: {"type": "bool"} for name in ("plan_must_be_empty", "prune", "platform_rename", "stopped")},
        "plan_id": {"type": "str"},
        "since": module_options("service_logs_info")["since"],
        "ecr_push_force_delete": role_options("ecr_push")["ecr_push_force_delete"],
        "platform_lock_break": module_options("platform_lock")["force"],
    }[variable]


@pytest.mark.parametrize(("_survey", "question"), QUESTIONS, ids=IDS)
def test_a_question_has_the_type_of_its_option(_survey, question):
    option = option_of(question["variable"])
    assert question["type"] in TYPES[option["type"]]
    if option["type"] == "bool":
        assert question["choices"] == ["false", "true"]
    if "choices" in option:
        assert question["choices"] == option["choices"]


@pytest.mark.parametrize(("_survey", "question"), QUESTIONS, ids=IDS)
def test_a_default_is_one_of_the_answers(_survey, question):
    default = question["default"]
    if question["type"] == "multiplechoice":
        assert default in question["choices"]
    elif default != "":
        size = default if question["type"] == "integer" else len(default)
        assert question["min"] <= size <= question["max"]


@pytest.mark.parametrize("template", [item for item in TEMPLATES if "survey" in item], ids=lambda item: item["name"])
def test_every_answer_is_read(template):
    playbook = (ROOT / template["playbook"]).read_text(encoding="utf-8")
    known = {*role_options("lotto_service"), *role_options("fargate_service"), *role_options("ecr_push")}
    asked = [question["variable"] for question in SURVEYS[template["survey"]]["spec"]]
    assert [name for name in asked if name not in playbook and name not in known] == []


def test_who_takes_the_lock_can_take_it_from_a_cancelled_job():
    """Without a question AWX drops the variable that the refusal names."""
    for template in TEMPLATES:
        playbook = (ROOT / template["playbook"]).read_text(encoding="utf-8")
        if "platform_lock_break" not in playbook or template.get("job_type") == "check":
            continue
        asked = [question["variable"] for question in SURVEYS[template["survey"]]["spec"]]
        assert "platform_lock_break" in asked, template["name"]


def test_every_survey_is_of_a_template_or_a_workflow():
    workflows = load("tower/workflows.yml")["tower_workflows"]
    assert {item["survey"] for item in (*TEMPLATES, *workflows) if "survey" in item} == set(SURVEYS)


def test_only_what_is_needed_has_to_be_answered():
    """A launch by API that leaves out a required answer is refused."""
    required = {(name, question["variable"]) for name, question in QUESTIONS if question["required"]}
    assert required == {
        ("deploy", "lotto_service_image"),
        ("refresh", "service"),
        ("rollback", "service"),
        ("scale", "service"),
        ("destroy", "confirm"),
        ("logs", "service"),
    }


def test_what_a_workflow_asks_one_of_its_nodes_reads():
    """The others get it, too, and no playbook takes it for a name that is nearly one of its own."""
    templates = {item["name"]: item for item in TEMPLATES}
    for workflow in load("tower/workflows.yml")["tower_workflows"]:
        asked = {question["variable"] for question in SURVEYS[workflow["survey"]]["spec"]}
        nodes = [templates[node["template"]] for node in workflow["nodes"] if "template" in node]
        read = {name for node in nodes for name in (*options_of(node["playbook"]), *role_options("lotto_service"))}
        assert asked <= read
        assert [told for node in nodes for told in names.unknown(asked, options_of(node["playbook"]))] == []


def options_of(playbook):
    text = (ROOT / playbook).read_text(encoding="utf-8")
    listed = re.search(r"operate_options:\s*\[([^]]*)\]", text)
    return re.split(r",\s+", listed[1].strip())
