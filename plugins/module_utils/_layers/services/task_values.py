# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Task definitions in the form that a plan compares, apart from the desired ones, which reading does not need."""

from __future__ import annotations

import typing as t

from ..._aws.arn import last

Data = t.Mapping[str, t.Any]


def in_names(definition: Data) -> dict[str, t.Any]:
    """Return a canonical task definition with the names of its roles."""
    roles = {"task_role_arn": "task_role", "execution_role_arn": "execution_role"}
    return {roles.get(key, key): last(str(value)) if key in roles else value for key, value in definition.items()}


def environments(definition: Data) -> list[str]:
    """Return the paths of the environment variables in a canonical task definition."""
    return [f"container_definitions.{name}.environment" for name in definition["container_definitions"]]
