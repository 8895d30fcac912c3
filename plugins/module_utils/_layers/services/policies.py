# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policies of a service's task role and execution role."""

from __future__ import annotations

import typing as t

from ..._plan.model import Change
from ..._resources.iam import policy
from . import containers, logging, queue
from .names import Names
from .platform import Account, Platform

Data = t.Mapping[str, t.Any]
Document = dict[str, t.Any]


def trust_policy(platform: Platform) -> Document:
    """Return the trust policy for tasks of this account and region only, as the ECS developer guide advises."""
    source = f"arn:{platform['partition']}:ecs:{platform['region']}:{platform['account_id']}:*"
    condition = {
        "ArnLike": {"aws:SourceArn": source},
        "StringEquals": {"aws:SourceAccount": platform["account_id"]},
    }
    return policy.trusting("ecs-tasks.amazonaws.com", condition)


def managed_policies(service: Data, platform: Platform) -> list[str]:
    """Return the ARNs of the task role's managed policies, including the cluster's for ECS Exec if there is one."""
    result = list(service["task_managed_policies"])
    if service["enable_execute_command"] and platform["exec_policy"]:
        result.append(f"arn:{platform['partition']}:iam::{platform['account_id']}:policy/{platform['exec_policy']}")
    return sorted(result)


def task_policies(service: Data, platform: Platform) -> Document:
    """Return the task role's inline policies by name."""
    result = dict(service["task_policies"])
    if service["enable_execute_command"] and not platform["exec_policy"]:
        result["ecs-exec"] = policy.of([policy.allow(policy.EXEC_ACTIONS, "*")])
    if service["queue"]:
        result["use-queue"] = queue.policy(service, Names.of(platform["name_prefix"], service), platform)
    return result


def has_secrets(service: Data) -> bool:
    """Return whether the service uses secrets."""
    return bool(secret_sources(service))


def secret_sources(service: Data) -> set[str]:
    """Return the sources of all secrets that ECS reads to start the service's tasks."""
    own = _containers(service)
    connect = ((service["service_connect"] or {}).get("log") or {}).get("secrets") or {}
    named = {str(source) for secrets in (*(one["secrets"] for one in own), connect) for source in secrets.values()}
    return named | containers.secret_sources(own) | logging.secret_sources(service)


def execution_policies(service: Data, platform: Platform) -> dict[str, Data]:
    """Return the inline policies, by name, for reading secrets and environment files when tasks start."""
    files = containers.files(_containers(service))
    return {
        **({"read-secrets": secrets_policy(service, platform)} if has_secrets(service) else {}),
        **({"read-files": files_policy(files)} if files else {}),
    }


def _containers(service: Data) -> list[Data]:
    return [service, *service["sidecars"]]


def files_policy(objects: list[str]) -> Document:
    """Return the policy for reading only these environment files.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html#task-execution-storage-s3
    """
    buckets = containers.buckets(objects)
    return policy.of([policy.allow(["s3:GetObject"], objects), policy.allow(["s3:GetBucketLocation"], buckets)])


def secrets_policy(service: Data, platform: Platform) -> Document:
    """Return the policy for reading only the service's secrets.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    arns = sorted({secret_arn(source, platform) for source in secret_sources(service)})
    statements = [
        policy.allow(["ssm:GetParameters"], [arn for arn in arns if ":ssm:" in arn]),
        policy.allow(["secretsmanager:GetSecretValue"], [arn for arn in arns if ":secretsmanager:" in arn]),
        policy.allow(["kms:Decrypt"], sorted(service["secrets_kms_keys"])),
    ]
    return policy.of([statement for statement in statements if statement["Resource"]])


def secret_arn(source: str, platform: Account) -> str:
    """Return the ARN of a secret's source, without the key and version that a task definition may append."""
    if source.startswith("arn:"):
        return ":".join(source.split(":")[:7]) if ":secretsmanager:" in source else source
    where = f"arn:{platform['partition']}:ssm:{platform['region']}:{platform['account_id']}"
    return f"{where}:parameter/{source.lstrip('/')}"


def inline(entries: t.Iterable[Change]) -> list[dict[str, t.Any]]:
    """Return C({role, name, document}) for each inline policy that changes write; a null document removes it."""
    return [
        {"role": entry["name"], "name": name, "document": document if isinstance(document, t.Mapping) else None}
        for entry in entries
        for name, document in entry["values"]["inline_policies"].items()
        if entry["action"] == "add" or _touched(entry, f"inline_policies.{name}")
    ]


def _touched(entry: Change, path: str) -> bool:
    return any(field["path"] == path or field["path"].startswith(f"{path}.") for field in entry["fields"])
