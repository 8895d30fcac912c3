# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Common options of C(init) and C(adopt): the platform of a new inventory, and its folder."""

from __future__ import annotations

import os
import shlex
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail

from ..module_utils._aws import printable
from ..module_utils._aws import region as regions
from ..module_utils._layers import common
from ..module_utils._layers.inputs import spec
from ..module_utils._plan import names

# documented in doc_fragments/new_inventory.py
OPTIONS: dict[str, dict[str, t.Any]] = {
    "project": {"type": "str", "required": True},
    "region": {"type": "str", "required": True},
    "environment": {"type": "str", "default": "PoC"},
    "team": {"type": "str", "default": "DevOps"},
    "owner": {"type": "str", "default": "opsmaster@your.company.com"},
    "endpoint_url": {"type": "str", "default": ""},
    "target": {"type": "str", "required": True},
}


def folder(target: str) -> Path:
    """Return the folder of the new inventory.

    :raises AnsibleActionFail: if it is a file or not empty.
    """
    path = Path(target).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise AnsibleActionFail(f"{path} is a file, and target has to be a folder. Give another one as target.")
    if path.exists() and any(path.iterdir()):
        raise AnsibleActionFail(
            f"{path} is there already, and is not written over. Give another folder as target. One more service goes"
            " into an inventory of which one file of group_vars/all has the list fargate_services:"
            " docs/adding-a-service.md."
        )
    return path


def prefix(args: t.Mapping[str, t.Any]) -> str:
    """Return the name prefix of the platform.

    :raises AnsibleActionFail: with a message for each invalid option.
    """
    asked = ("project", "region", "environment", "domain", "endpoint_url")
    given = {f"fargate_{key}": args[key] for key in asked if key in args}
    sentences, found = [*common.problems(given, spec.Origin()), *regions.problems(args["region"])], ""
    try:
        found = names.name_prefix(args["project"], args["region"], args["environment"])
    except ValueError as error:
        sentences.append(str(error))
    if sentences:
        raise AnsibleActionFail(printable.sentences(sentences))
    return found


def command(variables: t.Mapping[str, t.Any], target: str) -> str:
    """Return the command that runs site.yml with the new inventory, as the running playbook was called.

    From a clone the playbook is a path, relative to the working directory; installed from Galaxy, its full name.
    """
    folder = os.path.relpath(variables.get("playbook_dir") or "ansible_collections")
    site = "magiclub.fargate.site" if "ansible_collections" in Path(folder).parts else f"{folder}/site.yml"
    shown = os.path.relpath(target)
    inventory = target if shown.startswith("..") else shown
    # the shell expands a tilde only outside of quotes
    home = "~/" if inventory.startswith("~/") else ""
    return f"ansible-playbook {shlex.quote(site)} -i {home}{shlex.quote(inventory.removeprefix(home))}"
