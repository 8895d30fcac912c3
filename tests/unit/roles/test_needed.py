# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever a plan makes of services is needed by their tasks, or made when these are deployed: nothing is left out."""

from __future__ import annotations

import re

import yaml
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.services.deploying import DEPLOYED

from tests.support.cloud import ROOT

ROLE = ROOT / "roles" / "fargate_service"
LATER = yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8"))["__fargate_service_later"]


def made_by(name: str) -> set[str]:
    """Return the types of resources that a file of tasks makes."""
    text = (ROLE / "tasks" / name).read_text(encoding="utf-8")
    return {kind for given in re.findall(r"to_make\(([^)]*)\)", text) for kind in re.findall(r"'(\w+)'", given)}


def test_what_is_made_later_is_what_starts_and_scales_tasks() -> None:
    assert sorted(LATER) == sorted(DEPLOYED)


def test_what_tasks_need_is_made_by_the_file_that_is_left_out_without_it() -> None:
    needed = set().union(*map(made_by, ("images.yml", "needed.yml", "permissions.yml")))
    assert "log_group" in needed
    assert needed & set(LATER) == set()
    assert made_by("present.yml") == made_by("deploy.yml") == set()
