# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the plan says of an inventory before its first look at AWS, without a run."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.magiclub.fargate.plugins.action import plan
from ansible_collections.magiclub.fargate.plugins.module_utils._plan.names import name_prefix, tags

from tests.support.cloud import ROOT

LAYERS = ["vpc", "alb", "ecs_cluster", "ecr_push", "lotto_service", "services"]
ARGUMENTS = {"mode": "plan", "prune": False, "by_tags": True, "pruned": [], "unasked": False, "rename": False}


class Loader(DataLoader):
    """Reads each file of the roles once, and copies none for each of hundreds of inventories: nothing changes them."""

    def load_from_file(self, file_name: str, **how: t.Any) -> t.Any:
        return super().load_from_file(file_name, **{**how, "unsafe": True})


LOADER = Loader()


class ReachedError(Exception):
    """AWS is looked at next."""


class Reading(plan.ActionModule):
    """The plan's action up to its first look at AWS."""

    def __init__(self, variables: dict[str, t.Any]) -> None:
        self._loader, self._templar = LOADER, Templar(loader=LOADER, variables=variables)

    def _read(self, *_queries: t.Any) -> t.Any:
        raise ReachedError


def variables_of(inventory: Path) -> dict[str, t.Any]:
    """Return what a run with an inventory's folder knows before its first look at AWS."""
    found: dict[str, t.Any] = {
        "ansible_check_mode": False,
        "ansible_run_tags": ["all"],
        "ansible_skip_tags": [],
        "inventory_dir": str(inventory),
        "playbook_dir": str(ROOT / "playbooks"),
    }
    for path in sorted((inventory / "group_vars" / "all").rglob("*.yml")):
        found |= LOADER.load_from_file(str(path), trusted_as_template=True)
    # by filters of this collection, which Ansible finds in a run alone
    place = [found[f"fargate_{part}"] for part in ("project", "region", "environment", "team", "owner")]
    return {**found, "fargate_name_prefix": name_prefix(*place[:3]), "fargate_tags": tags(*place[:1], *place[2:])}


def refused(variables: dict[str, t.Any], layers: list[str] | None = None) -> str:
    """Return what the plan says of these variables, empty if it goes on."""
    try:
        Reading(variables)._made(ARGUMENTS, layers or LAYERS, variables)
    except ReachedError:
        return ""
    except AnsibleError as error:
        return str(error)
    raise AssertionError("the plan ended without a look at AWS")
