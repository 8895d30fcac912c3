# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds what would make a deployment fail.  Plain data in and out."""

from __future__ import annotations

import fnmatch
import typing as t

from .._aws.arn import last
from .._resources.ec2.subnet_routes import NOWHERE, default_route
from .._resources.ecr.images import ARCHIVED
from .finding import Finding, finding
from .verify_routes import answers, requests, target_groups, targets

Data = t.Mapping[str, t.Any]

TASKS = "ecs-tasks.amazonaws.com"
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-setting-up-vpc-create
PULLING = ("ecr.api", "ecr.dkr", "s3")


def findings(read: Data) -> list[Finding]:
    """Return the findings of a service.

    :param read: the result of C(verify_read.service).
    """
    found = [
        *images(read["definition"], read["images"]),
        *secrets(read["definition"], read["secrets"], read["may_read"]),
        *roles(read["definition"], read["roles"], read["may_pass"]),
        *subnets(read["service"], read["definition"], read["subnets"]),
        *log_groups(read["definition"], read["log_groups"]),
        *target_groups(read["service"], read["definition"], read["target_groups"], read["subnets"]),
        *targets(read["health"]),
        *requests(read["behind"]),
        *answers(read["answers"]),
    ]
    return [{"service": read["name"], **finding} for finding in found]


def line(finding: Data) -> str:
    """Return a finding as one line."""
    return f"{finding['service']}: {finding['what']}: {finding['value']}. {finding['rule']} {finding['next_step']}"


def no_service(name: str, cluster: str) -> Finding:
    """Return the finding that a service does not exist."""
    return {
        "service": name,
        **finding(
            "service",
            f"not in cluster {cluster}",
            "Only what has been deployed once can be looked at.",
            "Run site.yml, or correct service.",
        ),
    }


def lines(found: t.Mapping[str, t.Sequence[Data]], cluster: str, notes: t.Iterable[str]) -> list[str]:
    """Return the findings by service, and notes about what could not be read, as lines."""
    result = [f"Cluster {cluster} has no services to look at."] if not found else []
    for name, items in sorted(found.items()):
        result += [line(item) for item in items] or [f"{name}: nothing found that would make a deployment fail."]
    return [*result, *notes]


def images(definition: Data, found: Data) -> t.Iterator[Finding]:
    """Yield images that do not exist or have another architecture.

    :param found: by image, its architectures as ECS names them; None if it does not exist, [] if unknown, [ARCHIVED]
        if it is in ECR's archive.
    """
    wanted = (definition.get("runtimePlatform") or {}).get("cpuArchitecture") or "X86_64"
    for image in _each(definition, "image"):
        architectures = found.get(image, [])
        if architectures is None:
            yield finding(
                "image",
                image,
                "ECS pulls the image for each new task, and ECR has no such image.",
                "Push it, or name one that is there.",
            )
        elif architectures == [ARCHIVED]:
            yield finding(
                "image",
                f"{image} is archived",
                "ECS pulls the image for each new task, and ECR gives none out of its archive.",
                "Restore it (aws ecr update-image-storage-class --target-storage-class STANDARD), or name another.",
            )
        elif architectures and wanted not in architectures:
            yield finding(
                "image",
                f"{image} is for {', '.join(architectures)}",
                f"The tasks run on {wanted}, as runtimePlatform of the task definition says.",
                f"Build it for {wanted}, or set cpu_architecture of the service.",
            )


def secrets(definition: Data, found: Data, may_read: t.Iterable[Data]) -> t.Iterator[Finding]:
    """Yield secrets that do not exist or that the execution role may not read.

    :param found: by C(valueFrom), whether it exists; None if unknown.
    :param may_read: C({role, action, resource, allowed}); C(allowed) is None if unknown.
    """
    for source in secret_sources(definition):
        if found.get(source) is False:
            yield finding(
                "secret",
                source,
                "A task starts only once all its secrets are read, and this one does not exist.",
                "Create it, or correct secrets of the service.",
            )
    for right in may_read:
        if right["allowed"] is False:
            yield finding(
                "execution role",
                f"{last(right['role'])} may not {right['action']} {right['resource']}",
                "A task starts only once the execution role has read its secrets.",
                "Allow it in a policy of the role; roles created by fargate_service allow it.",
            )
    if secret_sources(definition) and not definition.get("executionRoleArn"):
        yield finding(
            "execution role",
            "none",
            "Secrets are read with the execution role of the task definition.",
            "Give the task definition one.",
        )


def secret_sources(definition: Data) -> list[str]:
    """Return the ARNs or parameter names of a task's secrets, without duplicates."""
    return sorted(
        {source for container in definition.get("containerDefinitions") or [] for source in _sources(container)}
    )


def _sources(container: Data) -> t.Iterator[str]:
    logging = container.get("logConfiguration") or {}
    for secret in (*(container.get("secrets") or []), *(logging.get("secretOptions") or [])):
        yield secret["valueFrom"]
    registry = str((container.get("repositoryCredentials") or {}).get("credentialsParameter", ""))
    # a secret's name, which AWS accepts here, too, could not be told from a parameter's
    if registry.startswith("arn:"):
        yield registry


def roles(definition: Data, found: Data, may_pass: Data) -> t.Iterator[Finding]:
    """Yield roles that do not exist, that ECS tasks may not assume, or that the caller may not pass.

    :param found: by ARN, the role with its trust policy as document; None if it does not exist.
    :param may_pass: by ARN, whether the caller may pass it; None if unknown.
    """
    for key in ("executionRoleArn", "taskRoleArn"):
        arn = definition.get(key)
        if not arn:
            continue
        role = found.get(arn, {})
        if role is None:
            yield finding(key, arn, "ECS takes this role for each task, and it does not exist.", "Create it.")
        elif role and not trusts_tasks(role["AssumeRolePolicyDocument"]):
            yield finding(
                key,
                f"{last(arn)} is not trusted to {TASKS}",
                f"ECS takes a role of a task as {TASKS}.",
                f"Allow sts:AssumeRole to the service {TASKS} in its trust policy.",
            )
        if may_pass.get(arn) is False:
            yield finding(
                key,
                f"{last(arn)} may not be passed by the caller",
                "Who registers a task definition needs iam:PassRole on its roles.",
                f"Allow iam:PassRole on {arn} to the caller.",
            )


def trusts_tasks(document: Data) -> bool:
    """Return whether a trust policy lets ECS tasks assume the role, if all conditions are met."""
    return any(
        statement.get("Effect") == "Allow"
        and TASKS in _list((_principals(statement)).get("Service"))
        and any(fnmatch.fnmatchcase("sts:AssumeRole", action) for action in _list(statement.get("Action")))
        for statement in _list(document.get("Statement"))
    )


def allowed(documents: t.Iterable[Data], action: str, resource: str) -> bool:
    """Return whether policies allow an action, if all conditions are met. For callers who may not simulate it."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _list(document.get("Statement"))
        if _applies(statement, action, resource)
    }
    return effects == {"Allow"}


def _applies(statement: Data, action: str, resource: str) -> bool:
    actions = [pattern.lower() for pattern in _list(statement.get("Action"))]
    return any(fnmatch.fnmatchcase(action.lower(), pattern) for pattern in actions) and any(
        fnmatch.fnmatchcase(resource, pattern) for pattern in _list(statement.get("Resource"))
    )


def subnets(service: Data, definition: Data, found: Data) -> t.Iterator[Finding]:
    """Yield subnets in which tasks can't pull their image.

    :param found: by subnet id, C({vpc, routes, endpoints}) with short names of endpoints, as in ecr.api; None if it
        does not exist.
    """
    network = awsvpc(service)
    needed = endpoints_needed(definition)
    for subnet in network.get("subnets") or []:
        place = found.get(subnet)
        if place is None:
            yield finding("subnet", subnet, "Tasks are placed in it, and it does not exist.", "Correct the network.")
            continue
        way = default_route(place["routes"])
        missing = [name for name in needed if name not in place["endpoints"]]
        if way == "igw" and network.get("assignPublicIp") != "ENABLED":
            yield finding(
                "subnet",
                f"{subnet} leads to an internet gateway, and tasks have no public address",
                "Without an address of its own a task reaches the internet by a NAT gateway only.",
                "Use subnets with a route to one, or set subnets: public of the service.",
            )
        elif way in NOWHERE and missing:
            state = "has a route to a deleted target" if way else "has no route to the internet"
            yield finding(
                "subnet",
                f"{subnet} {state}, and its VPC no endpoints for {', '.join(missing)}",
                "A task pulls its image, and writes its log lines, over its subnet.",
                "Run site.yml with --tags vpc, or add the endpoints.",
            )


def awsvpc(service: Data) -> Data:
    """Return the network configuration of a service's tasks."""
    return t.cast("Data", (service.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {})


def endpoints_needed(definition: Data) -> list[str]:
    """Return the VPC endpoints that a task needs without a route to the internet."""
    logging = any(_log_options(item) for item in definition.get("containerDefinitions") or [])
    sources = secret_sources(definition)
    manager = any(":secretsmanager:" in source for source in sources)
    parameters = any(":secretsmanager:" not in source for source in sources)
    extra = [("logs", logging), ("secretsmanager", manager), ("ssm", parameters)]
    return [*PULLING, *(name for name, needed in extra if needed)]


def log_groups(definition: Data, found: Data) -> t.Iterator[Finding]:
    """Yield log groups that do not exist; I(found) has by name whether one does."""
    for name in log_group_names(definition):
        if not found.get(name):
            yield finding(
                "log group",
                name,
                "The awslogs driver ends a task whose log group is not there.",
                "Run site.yml, which creates it.",
            )


def log_group_names(definition: Data) -> list[str]:
    """Return the log groups that have to exist before a task starts."""
    options = [_log_options(item) for item in definition.get("containerDefinitions") or []]
    return sorted({item["awslogs-group"] for item in options if item and item.get("awslogs-create-group") != "true"})


def _each(definition: Data, key: str) -> list[str]:
    return sorted({item[key] for item in definition.get("containerDefinitions") or []})


def _log_options(container: Data) -> Data | None:
    config = container.get("logConfiguration") or {}
    return t.cast("Data", config.get("options") or {}) if config.get("logDriver") == "awslogs" else None


def _principals(statement: Data) -> Data:
    principal = statement.get("Principal") or {}
    return {"Service": [TASKS]} if principal == "*" else t.cast("Data", principal)


def _list(value: t.Any) -> list[t.Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
