# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Advice in the words of where a run runs: a job of AWX has no command line, but templates and surveys."""

from __future__ import annotations

import functools
import os
import re
import typing as t
from pathlib import Path

import yaml

TOWER = Path(__file__).parents[2] / "tower"
# AWX sets them for a job: awx/main/tasks/jobs.py, RunJob.build_env
OF_A_JOB = ("AWX_HOST", "JOB_ID")
_PLAYBOOK = re.compile(r"(?:playbooks/)?\b(\w+)\.yml\b(?P<option>(?= -))?")
_OPTION = re.compile(r"-e (\w+)=(\S+?)(?=[.,;:)]*(?:\s|$))")
_FLAGS = {"--skip-tags": "tags to skip", "--tags": "job tags", "--check": "the job type Check", "--limit": "a limit"}


def is_job(environ: t.Mapping[str, str] | None = None) -> bool:
    """Return whether this run is a job of AWX's, by I(environ) or that of the process."""
    given = os.environ if environ is None else environ
    return all(given.get(name) for name in OF_A_JOB)


def in_words_of(text: str, environ: t.Mapping[str, str] | None = None) -> str:
    """Return I(text), in a job of AWX with its options as answers, its playbooks as templates."""
    return of_awx(text, *_tables()) if is_job(environ) else text


def of_awx(text: str, questions: t.Mapping[str, str], templates: t.Mapping[str, str]) -> str:
    """Return I(text) with what a command line would be given as what a launch is given.

    :param questions: the names of the surveys' questions by their variables.
    :param templates: names of job templates, without that of the environment, by their playbooks' names.
    """

    def template(found: re.Match[str]) -> str:
        name = templates.get(found[1])
        option = " with" if found["option"] is not None else ""
        return f"the template '{name}'{option}" if name else found[0]

    def answer(found: re.Match[str]) -> str:
        question = questions.get(found[1])
        if not question:
            return f"{found[1]}={found[2]} in the extra variables of the template"
        return f"the answer {found[2]} to '{question}'"

    result = _OPTION.sub(answer, _PLAYBOOK.sub(template, text))
    for flag, words in _FLAGS.items():
        result = re.sub(rf"{flag}\b", words, result)
    return result


@functools.lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Return the questions and templates of tower/, of which a collection that was installed may have none."""
    try:
        surveys = yaml.safe_load((TOWER / "surveys.yml").read_text(encoding="utf-8"))["tower_surveys"]
        rows = yaml.safe_load((TOWER / "job_templates.yml").read_text(encoding="utf-8"))["tower_job_templates"]
    except OSError:
        return {}, {}
    asked = [question for survey in surveys.values() for question in survey["spec"]]
    questions = {question["variable"]: question["question_name"] for question in asked}
    # the first of a playbook's that asks for no plan alone and has no tags of its own
    whole = [row for row in rows if not row.get("job_tags") and row.get("job_type") != "check"]
    templates = {Path(row["playbook"]).stem: row["name"] for row in reversed(whole)}
    return questions, templates
