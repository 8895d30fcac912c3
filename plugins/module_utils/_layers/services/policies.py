# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policies of the roles that a task has.  Plain dicts in and out."""

from __future__ import annotations

import typing as t

from ..._plan.model import Change
from ..._resources.iam.policy import EXEC_ACTIONS, trusting
from . import containers, logging, queue
from .names import Names
from .platform import Account, Platform

Data = t.Mapping[str, t.Any]
Document = dict[str, t.Any]

VERSION = "2012-10-17"


def trust_policy(platform: Platform) -> Document:
    """Return who may take a role: the tasks of this account and region, as the ECS developer guide advises."""
    source = f"arn:{platform['partition']}:ecs:{platform['region']}:{platform['account_id']}:*"
    condition = {
        "ArnLike": {"aws:SourceArn": source},
        "StringEquals": {"aws:SourceAccount": platform["account_id"]},
    }
    return trusting("ecs-tasks.amazonaws.com", condition)


def managed_policies(service: Data, platform: Platform) -> list[str]:
    """Return the ARNs of the managed policies of the task role; the cluster's own for ECS Exec, if it has one."""
    result = list(service["task_managed_policies"])
    if service["enable_execute_command"] and platform["exec_policy"]:
        result.append(f"arn:{platform['partition']}:iam::{platform['account_id']}:policy/{platform['exec_policy']}")
    return sorted(result)


def task_policies(service: Data, platform: Platform) -> Document:
    """Return the inline policies of the task role by name."""
    result = dict(service["task_policies"])
    if service["enable_execute_command"] and not platform["exec_policy"]:
        result["ecs-exec"] = _document([{"Effect": "Allow", "Action": EXEC_ACTIONS, "Resource": "*"}])
    if service["queue"]:
        result["use-queue"] = queue.policy(service, Names.of(platform["name_prefix"], service), platform)
    return result


def has_secrets(service: Data) -> bool:
    """Return whether something of the service reads secrets."""
    return bool(secret_sources(service))


def secret_sources(service: Data) -> set[str]:
    """Return what the service's containers, and the log of its Service Connect, read secrets from."""
    own = _containers(service)
    connect = ((service["service_connect"] or {}).get("log") or {}).get("secrets") or {}
    named = {str(source) for secrets in (*(one["secrets"] for one in own), connect) for source in secrets.values()}
    return named | containers.secret_sources(own) | logging.secret_sources(service)


def execution_policies(service: Data, platform: Platform) -> dict[str, Data]:
    """Return what ECS needs beside the cluster's role to start the tasks, by name: to read secrets, and files in S3."""
    files = containers.files(_containers(service))
    return {
        **({"read-secrets": secrets_policy(service, platform)} if has_secrets(service) else {}),
        **({"read-files": files_policy(files)} if files else {}),
    }


def _containers(service: Data) -> list[Data]:
    return [service, *service["sidecars"]]


def files_policy(objects: list[str]) -> Document:
    """Return what the execution role needs to read just these environment files.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html#task-execution-storage-s3
    """
    allowed = [_allow(["s3:GetObject"], objects), _allow(["s3:GetBucketLocation"], containers.buckets(objects))]
    return _document(allowed)


def secrets_policy(service: Data, platform: Platform) -> Document:
    """Return what the execution role needs to read just the service's secrets.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    arns = sorted({secret_arn(source, platform) for source in secret_sources(service)})
    statements = [
        _allow(["ssm:GetParameters"], [arn for arn in arns if ":ssm:" in arn]),
        _allow(["secretsmanager:GetSecretValue"], [arn for arn in arns if ":secretsmanager:" in arn]),
        _allow(["kms:Decrypt"], sorted(service["secrets_kms_keys"])),
    ]
    return _document([statement for statement in statements if statement["Resource"]])


def secret_arn(source: str, platform: Account) -> str:
    """Return the ARN of what holds a secret, without the key and version that a task definition may add to it."""
    if source.startswith("arn:"):
        return ":".join(source.split(":")[:7]) if ":secretsmanager:" in source else source
    where = f"arn:{platform['partition']}:ssm:{platform['region']}:{platform['account_id']}"
    return f"{where}:parameter/{source.lstrip('/')}"


def _allow(actions: list[str], resources: list[str]) -> Document:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _document(statements: list[Document]) -> Document:
    return {"Version": VERSION, "Statement": statements}


def inline(entries: t.Iterable[Change]) -> list[dict[str, t.Any]]:
    """Return C({role, name, document}) for each inline policy that entries of a plan write; null if it is to go."""
    return [
        {"role": entry["name"], "name": name, "document": document if isinstance(document, t.Mapping) else None}
        for entry in entries
        for name, document in entry["values"]["inline_policies"].items()
        if entry["action"] == "add" or _touched(entry, f"inline_policies.{name}")
    ]


def _touched(entry: Change, path: str) -> bool:
    return any(field["path"] == path or field["path"].startswith(f"{path}.") for field in entry["fields"])
