# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lock as an SSM parameter: creating one that exists fails, and each write increments its version."""

from __future__ import annotations

import json
import typing as t

from .._aws.read import call, none_if_missing, pages

Client = t.Any


def create(client: Client, name: str, value: t.Mapping[str, t.Any]) -> bool:
    """Create the parameter; return whether it was new."""
    return (
        none_if_missing(lambda: _put(client, name, json.dumps(value), new=True), "ParameterAlreadyExists") is not None
    )


def overwrite(client: Client, name: str, value: t.Mapping[str, t.Any]) -> int:
    """Write the parameter; return its new version."""
    return _put(client, name, json.dumps(value))


def read(client: Client, name: str) -> dict[str, t.Any] | None:
    """Return the parameter with its Value, Version and LastModifiedDate, or None if there is none."""
    return none_if_missing(lambda: call(client, "get_parameter", Name=name)["Parameter"], "ParameterNotFound")


def delete(client: Client, name: str) -> None:
    """Delete the parameter, if it exists."""
    none_if_missing(lambda: call(client, "delete_parameter", Name=name), "ParameterNotFound")


def restore(client: Client, name: str, version: int) -> None:
    """Write back the value that the parameter had at I(version), if that version exists."""
    history = none_if_missing(
        lambda: pages(client, "get_parameter_history", "Parameters", Name=name), "ParameterNotFound"
    )
    values = [entry["Value"] for entry in history or [] if entry["Version"] == version]
    if values:
        _put(client, name, values[0])


def _put(client: Client, name: str, value: str, new: bool = False) -> int:
    answer = call(client, "put_parameter", Name=name, Value=value, Type="String", Overwrite=not new)
    return t.cast("int", answer["Version"])
