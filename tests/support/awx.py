# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AWX's rules for templates, surveys and workflows: the variables of a job, the next node, the result of a workflow.

From awx/main/models/{mixins,jobs,workflow}.py and awx/main/scheduler/dag_workflow.py of AWX 24.
"""

from __future__ import annotations

import typing as t

Item = dict[str, t.Any]

SUCCESSFUL, FAILED = "successful", "failed"


class Job(t.NamedTuple):
    """The result of a node's job, and its statistics."""

    status: str
    artifacts: Item
    text: str = ""


Launch = t.Callable[[Item, Item], Job]
"""Run a template with the variables of its job."""


def launched(template: Item, survey: t.Sequence[Item], answers: Item) -> tuple[Item, Item]:
    """Return the variables of a job that is launched alone, and the I(answers) that AWX silently ignores.

    Raises ValueError if a required question is not answered, or an answer is not valid.
    """
    wrong = [message for question in survey if (message := invalid(question, answers))]
    if wrong:
        raise ValueError(" ".join(wrong))
    asked = {question["variable"] for question in survey}
    taken = answers if template.get("ask_variables") else {key: answers[key] for key in answers if key in asked}
    return {**_own(template, survey), **taken}, {key: answers[key] for key in answers if key not in taken}


def of_node(template: Item, survey: t.Sequence[Item], artifacts: Item, workflow: Item) -> Item:
    """Return the variables of a job in a workflow.

    The statistics of earlier jobs, and the workflow's own variables and answers, reach it whether it asks for them
    or not, and override its own.
    """
    return {**_own(template, survey), **artifacts, **workflow}


def _own(template: Item, survey: t.Sequence[Item]) -> Item:
    defaults = {question["variable"]: question["default"] for question in survey if "default" in question}
    valid = {question["variable"] for question in survey if not invalid(question, defaults)}
    return {**template.get("extra_vars", {}), **{key: defaults[key] for key in defaults if key in valid}}


def invalid(question: Item, answers: Item) -> str:
    """Return AWX's error about an answer; empty if it is valid."""
    name = question["variable"]
    if name not in answers:
        return f"'{name}' value missing" if question["required"] else ""
    value, kind = answers[name], question["type"]
    if kind == "multiplechoice":
        return "" if value in question["choices"] else f"Value {value} for '{name}' expected to be one of them."
    expected: type = int if kind == "integer" else str
    if type(value) is not expected:
        return f"Value {value} for '{name}' expected to be of {expected.__name__}."
    size = value if isinstance(value, int) else len(str(value))
    return "" if question["min"] <= size <= question["max"] else f"'{name}' value {value} is out of its limits."


class Walk(t.NamedTuple):
    """The result of a workflow: its jobs by node, and whether it failed."""

    jobs: dict[str, Job]
    status: str


def walk(
    workflow: Item,
    templates: t.Mapping[str, Item],
    surveys: t.Mapping[str, t.Any],
    launch: Launch,
    approve: bool = True,
    **answers: t.Any,
) -> Walk:
    """Run a workflow's nodes from the first.  A failure counts if no node handles it."""
    nodes = {node["identifier"]: node for node in workflow["nodes"]}
    jobs: dict[str, Job] = {}
    handed: dict[str, Item] = {workflow["nodes"][0]["identifier"]: {}}
    failed = False
    waiting = [workflow["nodes"][0]["identifier"]]
    while waiting:
        node = nodes[waiting.pop(0)]
        if node["identifier"] in jobs:
            continue
        before = handed[node["identifier"]]
        if "approval" in node:
            job = Job(SUCCESSFUL if approve else FAILED, {})
        else:
            template = templates[node["template"]]
            spec = surveys[template["survey"]]["spec"] if "survey" in template else ()
            job = launch(template, of_node(template, spec, before, answers))
        jobs[node["identifier"]] = job
        following = [*node.get("success" if job.status == SUCCESSFUL else "failure", []), *node.get("always", [])]
        failed |= job.status == FAILED and not (node.get("failure") or node.get("always"))
        for name in following:
            handed[name] = {**handed.get(name, {}), **before, **job.artifacts}
        waiting += following
    return Walk(jobs, FAILED if failed else SUCCESSFUL)
