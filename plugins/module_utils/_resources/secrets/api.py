# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls that read secrets from AWS Secrets Manager and Systems Manager Parameter Store.

A source has ECS's form: C(ARN[:json-key:version-stage:version-id]) of Secrets Manager, or the name or ARN of a
parameter: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html.
"""

from __future__ import annotations

import json
import typing as t

from ..._aws import codes
from ..._aws.errors import ClientError, error_code
from ..._aws.read import call, none_if_missing, pages
from ..._aws.refused import RefusedError

ClientOf = t.Callable[..., t.Any]


def region_of(source: str) -> dict[str, str]:
    """Return the region of an ARN as a keyword for the client; nothing for the name of an SSM parameter."""
    return {"region": source.split(":")[3]} if source.startswith("arn:") else {}


def arn(source: str) -> str:
    """Return the ARN of a secret without the key and version of a task definition."""
    return ":".join(source.split(":")[:7])


def is_there(client: ClientOf, source: str) -> bool | None:
    """Return whether a secret exists, without reading its value; None if that can't be known.

    A parameter that another account shares is not listed with those of this one, but may be readable:
    https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-shared-parameters.html.
    """
    there = _described(client, source)
    return None if there is False and _is_of_another_account(client, source) else there


def _is_of_another_account(client: ClientOf, source: str) -> bool:
    if not source.startswith("arn:"):
        return False
    return bool(source.split(":")[4] != call(client("sts"), "get_caller_identity")["Account"])


def _described(client: ClientOf, source: str) -> bool | None:
    try:
        if ":secretsmanager:" in source:
            found = call(client("secretsmanager", **region_of(source)), "describe_secret", SecretId=arn(source))
            # a secret that is scheduled for deletion has no value until it is restored
            return not found.get("DeletedDate")
        name = (source.partition(":parameter")[2] or source).partition(":")[0]
        values = {name, name.lstrip("/")}
        filters = [{"Key": "Name", "Option": "Equals", "Values": sorted(values)}]
        ssm = client("ssm", **region_of(source))
        # all pages: an empty one may not be the last, "results are on a best-effort basis" (DescribeParameters)
        return bool(pages(ssm, "describe_parameters", "Parameters", ParameterFilters=filters))
    except ClientError as error:
        if error_code(error) in codes.DENIED:
            return None
        if error_code(error) == "ResourceNotFoundException":
            return False
        raise


def value(client: ClientOf, source: str) -> str:
    """Return the value of a secret, to be sent to AWS only.

    Raises RefusedError if it does not exist.
    """
    if ":secretsmanager:" in source:
        return _of_secrets_manager(client("secretsmanager", **region_of(source)), source)
    ssm = client("ssm", **region_of(source))
    answer = none_if_missing(
        lambda: call(ssm, "get_parameter", Name=source, WithDecryption=True),
        "ParameterNotFound",
        "ParameterVersionNotFound",
    )
    return str(answer["Parameter"]["Value"]) if answer else _missing(source)


def _of_secrets_manager(client: t.Any, source: str) -> str:
    key, stage, version = [*source.split(":")[7:], "", "", ""][:3]
    which = {"VersionStage": stage, "VersionId": version}
    given = {name: one for name, one in which.items() if one}
    answer = none_if_missing(
        lambda: call(client, "get_secret_value", SecretId=arn(source), **given), "ResourceNotFoundException"
    )
    text = answer.get("SecretString") if answer else None
    return _missing(source) if text is None else _of_key(str(text), key, source)


def _of_key(text: str, key: str, source: str) -> str:
    if not key:
        return text
    try:
        held = json.loads(text)[key]
    except (ValueError, KeyError, TypeError):
        held = None
    if not isinstance(held, (str, int, float)):
        # without the secret's content
        raise RefusedError(f"Secret {source} is not JSON with the key '{key}'. Correct the key, or the secret.")
    return str(held)


def _missing(source: str) -> t.NoReturn:
    raise RefusedError(f"There is no secret {source} in this account. Put the client secret there, or name another.")
