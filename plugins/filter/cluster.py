# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cluster and the image in names: what is asked for, and what the other layers are told of it."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible_collections.magiclub.fargate.plugins.module_utils._cluster import desired, facts
from ansible_collections.magiclub.fargate.plugins.module_utils._ecr import resources

Resources = t.Sequence[t.Mapping[str, t.Any]]


def ecs_cluster_resources(inputs: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return the resources that the inputs of the role ecs_cluster ask for."""
    try:
        return desired.resources(inputs)
    except (KeyError, ValueError) as error:
        raise AnsibleFilterError(f"No cluster can be made of these inputs: {error}") from error


def ecs_cluster_facts(
    found: Resources, prefix: str, region: str, account_id: str, namespaces: t.Sequence[str] | None = None
) -> dict[str, t.Any]:
    """Return ecs_cluster_info of these resources, with the namespaces of these names, or the first of each kind."""
    return facts.facts(prefix, region, account_id, found, namespaces)


def ecr_push_resources(
    repository: t.Mapping[str, t.Any], image: t.Mapping[str, t.Any] | None
) -> list[dict[str, t.Any]]:
    """Return the resources that the role ecr_push asks for: the repository and an image that is built."""
    return resources.desired(dict(repository), image["tag"] if image else None)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {
            "ecs_cluster_resources": ecs_cluster_resources,
            "ecs_cluster_facts": ecs_cluster_facts,
            "ecr_push_resources": ecr_push_resources,
        }
