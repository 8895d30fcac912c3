# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Convert the keys of AWS's data to snake_case, except in maps whose keys are the user's own."""

from __future__ import annotations

import functools
import re
import typing as t

USER_MAPS = frozenset(
    (
        "docker_labels",
        "driver_opts",
        "environment",
        "hook_details",
        "labels",
        "options",
        "properties",
        "secret_options",
        "secrets",
        "settings",
        "system_controls",
        "tags",
    )
)
"""Fields that may be maps with the user's own keys, which are never converted."""


@functools.cache
def snake(name: str) -> str:
    """Return the option name of an AWS member: C(enableECSManagedTags) gives C(enable_ecs_managed_tags)."""
    name = name.replace("GiB", "Gib")
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z]+)", r"\1_\2", name).lower()


def text(value: t.Any) -> str:
    """Return a scalar as a string for AWS, a boolean as in JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def to_snake(value: t.Any) -> t.Any:
    """Return I(value) with every key in snake_case, except in C(USER_MAPS)."""
    if isinstance(value, t.Mapping):
        members = ((snake(key), member) for key, member in value.items())
        return {key: dict(member) if _is_user_map(key, member) else to_snake(member) for key, member in members}
    if isinstance(value, (list, tuple)):
        return [to_snake(item) for item in value]
    return value


def to_result(resource: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return a resource as modules do: in snake_case, its tags as a map."""
    return {**to_snake(resource), "tags": {tag["key"]: tag["value"] for tag in resource.get("tags") or []}}


def _is_user_map(key: str, value: t.Any) -> bool:
    return key in USER_MAPS and isinstance(value, t.Mapping)
