# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a job of AWX says in the words of a command line, it says in those of templates and surveys."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.filter.names import FilterModule
from ansible_collections.magiclub.fargate.plugins.plugin_utils import advice

JOB = {"AWX_HOST": "https://awx.example", "JOB_ID": "7"}
LOCK = "the answer true to 'Acquire the platform's lock from another run'"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("or at once with -e platform_lock_break=true.", f"or at once with {LOCK}."),
        (
            "run again with -e platform_rename=true.",
            "run again with the answer true to 'The platform's tags are to change'.",
        ),
        (
            "carry out this plan: -e plan_id=0a1b2c3d.-",
            "carry out this plan: the answer 0a1b2c3d.- to 'Id of the plan'",
        ),
        (
            "Name a revision with -e revision=NUMBER.",
            "Name a revision with the answer NUMBER to 'Revision'.",
        ),
        ("Check with status.yml.", "Check with the template 'status'."),
        ("Run playbooks/site.yml with '--tags alb' first.", "Run the template 'site' with 'job tags alb' first."),
        (
            "(status.yml, logs.yml -e stopped=true).",
            "(the template 'status', the template 'logs' with the answer true to"
            " 'Instead, why the last tasks stopped').",
        ),
        (
            "playbooks/destroy.yml -e confirm=magiclub-an2p removes it",
            "the template 'destroy' with the answer magiclub-an2p to 'Name prefix of the platform' removes it",
        ),
        ("give --check, too", "give the job type Check, too"),
        ("leave out --tags and --skip-tags", "leave out job tags and tags to skip"),
        ("-e vpc_nat=none", "vpc_nat=none in the extra variables of the template"),
        ("roles/vpc/tasks/read.yml is ours", "roles/vpc/tasks/read.yml is ours"),
    ],
)
def test_advice_speaks_the_language_of_awx(text, told):
    assert advice.adapted(text, JOB) == told
    assert advice.adapted(text, {}) == text


@pytest.mark.parametrize(
    "environ", [{"JOB_ID": "7"}, {"AWX_HOST": "https://awx.example"}, {"JOB_ID": "", "AWX_HOST": ""}]
)
def test_a_pipeline_of_its_own_is_no_job_of_awx(environ):
    assert not advice.is_job(environ)


def test_a_failure_and_what_it_hands_on_say_so(monkeypatch):
    for name, value in JOB.items():
        monkeypatch.setenv(name, value)
    filters = FilterModule().filters()
    failure = {"msg": "Another run holds it. Give -e platform_lock_break=true."}
    assert filters["failure_reason"](failure).endswith(f"Give {LOCK}.")
    assert filters["failed_result"](failure, "platform_lock")["cause"].endswith(f"Give {LOCK}.")


def test_without_the_tables_of_tower_the_options_are_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(advice, "TOWER", tmp_path)
    advice._tables.cache_clear()
    try:
        assert advice.adapted("Check with status.yml.", JOB) == "Check with status.yml."
    finally:
        advice._tables.cache_clear()
