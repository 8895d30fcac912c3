# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lock as an SSM parameter: creating one that exists fails, and each write counts its version up by one."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

from .._aws.read import none_if_missing

Client = t.Any


@AWSRetry.jittered_backoff()
def create(client: Client, name: str, value: t.Mapping[str, t.Any]) -> bool:
    """Create the parameter; return False where it exists."""
    try:
        client.put_parameter(Name=name, Value=json.dumps(value), Type="String", Overwrite=False)
    except is_boto3_error_code("ParameterAlreadyExists"):
        return False
    return True


@AWSRetry.jittered_backoff()
def overwrite(client: Client, name: str, value: t.Mapping[str, t.Any]) -> int:
    """Write the parameter; return its new version."""
    answer = client.put_parameter(Name=name, Value=json.dumps(value), Type="String", Overwrite=True)
    return t.cast("int", answer["Version"])


@AWSRetry.jittered_backoff()
def read(client: Client, name: str) -> dict[str, t.Any] | None:
    """Return Value, Version and LastModifiedDate, or None where there is no parameter."""
    return none_if_missing(lambda: client.get_parameter(Name=name)["Parameter"], "ParameterNotFound")


@AWSRetry.jittered_backoff()
def delete(client: Client, name: str) -> None:
    """Delete the parameter, if it is there."""
    none_if_missing(lambda: client.delete_parameter(Name=name), "ParameterNotFound")


@AWSRetry.jittered_backoff()
def restore(client: Client, name: str, version: int) -> None:
    """Write the value that the parameter had at I(version) once more, if there is such a version."""
    pages = client.get_paginator("get_parameter_history").paginate(Name=name)
    history = (
        none_if_missing(lambda: [entry for page in pages for entry in page["Parameters"]], "ParameterNotFound") or []
    )
    values = [entry["Value"] for entry in history if entry["Version"] == version]
    if values:
        client.put_parameter(Name=name, Value=values[0], Type="String", Overwrite=True)
