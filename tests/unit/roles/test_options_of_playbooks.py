# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Seconds that a playbook is given: 0 is none, and what was left empty was not given."""

from __future__ import annotations

import typing as t

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.support.cloud import ROOT

PLAYBOOKS = ROOT / "playbooks"


def arguments(value: t.Any) -> t.Iterator[str]:
    """Yield each text of a playbook."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from arguments(inner)


def expression(file: str, option: str) -> str:
    """Return what a playbook makes of an option."""
    texts = arguments(yaml.safe_load((PLAYBOOKS / file).read_text(encoding="utf-8")))
    return next(text for text in texts if f"{option} | default(" in text)


@pytest.mark.parametrize(
    ("file", "option", "usual"),
    [("destroy.yml", "destroy_wait_timeout", 120), ("run.yml", "run_timeout", 900)],
)
@pytest.mark.parametrize(("given", "seconds"), [(0, 0), ("0", 0), (90, 90), ("90", 90), ("", None), (None, None)])
def test_seconds_that_are_given_count(file: str, option: str, usual: int, given: t.Any, seconds: int | None) -> None:
    made = Templar(loader=DataLoader(), variables={option: given}).template(trust_as_template(expression(file, option)))
    assert int(made) == (usual if seconds is None else seconds)


@pytest.mark.parametrize(
    ("given", "renewed"),
    [({}, False), ({"": ""}, False), ("", False), (None, False), (0, True), ("0", True), (100, True), (900, False)],
)
def test_a_run_renews_its_lock_after_the_seconds_given(given: t.Any, renewed: bool) -> None:
    (task,) = yaml.safe_load((PLAYBOOKS / "tasks/renew.yml").read_text(encoding="utf-8"))
    given_ = {} if isinstance(given, dict) else {"platform_lock_renew_after": given}
    known = {"ansible_facts": {"fargate_run": {"started": 0}}, **given_}
    after = Templar(loader=DataLoader(), variables=known).template(
        trust_as_template(task["vars"]["operate_renew_after"])
    )
    template = Templar(loader=DataLoader(), variables={**known, "operate_renew_after": after})
    condition = task["when"].replace("now().timestamp()", "300")
    assert template.evaluate_conditional(trust_as_template(condition)) is renewed
