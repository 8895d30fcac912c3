# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The objects of AWX, for playbooks/tower.yml and infra.aap_configuration."""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import controller as content
from ansible_collections.magiclub.fargate.plugins.module_utils._operations import controller_credentials as of_awx
from ansible_collections.magiclub.fargate.plugins.plugin_utils import told

Data = t.Mapping[str, t.Any]


def controller_content(tables: Data) -> dict[str, list[content.Entry]]:
    """Return the objects by variable of infra.aap_configuration."""
    try:
        return content.content(tables)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


def controller_credentials(entries: t.Iterable[Data], held: t.Iterable[Data]) -> list[content.Entry]:
    """Return the credentials that AWX lacks, with their keys."""
    return of_awx.with_keys(of_awx.missing_credentials(entries, held), os.environ)


def controller_key_problems(entries: t.Iterable[Data], held: t.Iterable[Data]) -> list[str]:
    """Return the problems with the keys of credentials that AWX lacks."""
    return of_awx.key_problems(of_awx.missing_credentials(entries, held), os.environ)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return told.filters(
            {
                "controller_content": controller_content,
                "controller_credentials": controller_credentials,
                "controller_key_problems": controller_key_problems,
                "controller_kept_credentials": of_awx.with_kept_credentials,
                "controller_stale_nodes": content.stale_nodes,
            }
        )
