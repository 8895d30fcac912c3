# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rewrites advice for AWX jobs, which have templates and surveys in place of a command line."""

from __future__ import annotations

import functools
import os
import re
import typing as t
from pathlib import Path

import yaml

TOWER = Path(__file__).parents[2] / "tower"
# set by AWX for each job: awx/main/tasks/jobs.py, RunJob.build_env
OF_A_JOB = ("AWX_HOST", "JOB_ID")
_PLAYBOOK = re.compile(r"(?:playbooks/)?\b(\w+)\.yml\b(?P<option>(?= -))?")
_OPTION = re.compile(r"-e (\w+)=(\S+?)(?=[.,;:)]*(?:\s|$))")
_FLAGS = {"--skip-tags": "tags to skip", "--tags": "job tags", "--check": "the job type Check", "--limit": "a limit"}


def is_job(environ: t.Mapping[str, str] | None = None) -> bool:
    """Return whether this run is an AWX job, by I(environ) or the environment of the process."""
    given = os.environ if environ is None else environ
    return all(given.get(name) for name in OF_A_JOB)


def adapted(text: str, environ: t.Mapping[str, str] | None = None) -> str:
    """Return I(text); in an AWX job, with survey answers for options and templates for playbooks."""
    return for_awx(text, *_tables()) if is_job(environ) else text


def for_awx(text: str, questions: t.Mapping[str, str], templates: t.Mapping[str, str]) -> str:
    """Return I(text) with command line options replaced by those of a launch in AWX.

    :param questions: names of survey questions by variable.
    :param templates: names of job templates, without the environment, by playbook.
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
    """Return the questions and templates of tower/, which an installed collection may lack."""
    try:
        surveys = yaml.safe_load((TOWER / "surveys.yml").read_text(encoding="utf-8"))["tower_surveys"]
        rows = yaml.safe_load((TOWER / "job_templates.yml").read_text(encoding="utf-8"))["tower_job_templates"]
    except OSError:
        return {}, {}
    asked = [question for survey in surveys.values() for question in survey["spec"]]
    questions = {question["variable"]: question["question_name"] for question in asked}
    # of each playbook, the first template that is not for a plan only and has no tags
    whole = [row for row in rows if not row.get("job_tags") and row.get("job_type") != "check"]
    templates = {Path(row["playbook"]).stem: row["name"] for row in reversed(whole)}
    return questions, templates
