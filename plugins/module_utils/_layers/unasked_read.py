# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what has the platform's tags and is not in the inventory: list everything, then confirm what no layer has."""

from __future__ import annotations

import functools
import typing as t

from .._aws.read import call, in_parallel, none_if_missing, of_each, pages
from .._aws.tagged import tags
from .._plan import owner
from .._resources.tagged import api
from .._resources.tagged.decide import Known, kind, name_of
from . import unasked

ClientOf = t.Callable[[str], t.Any]

# A service or one of its types, as GetResources takes them.  Without tasks, which come and go, and without task
# definitions, of which it lists every revision ever registered.
LISTED = (
    "application-autoscaling",
    "ec2",
    "ecr",
    "ecs:cluster",
    "ecs:service",
    "elasticloadbalancing",
    "logs",
    "servicediscovery",
    "sqs",
)
# API_ListRoles
ROLES_PER_PAGE = 1000


def listing(client: ClientOf, prefix: str, tags_of_all: t.Mapping[str, t.Any]) -> list[Known]:
    """Return what AWS lists with the platform's tags, and the roles and task definitions, which are listed by name.

    Makes three calls for a platform of usual size.  Raises RefusedError if the tags don't identify the platform.
    """
    wanted = owner.identity(tags_of_all)
    read = in_parallel(
        tagged=lambda: api.by_tagging_api(client("resourcegroupstaggingapi"), wanted, LISTED),
        roles=lambda: pages(client("iam"), "list_roles", "Roles", MaxItems=ROLES_PER_PAGE),
        families=lambda: pages(
            client("ecs"), "list_task_definition_families", "families", familyPrefix=f"{prefix}-", status="ACTIVE"
        ),
    )
    return [
        *(Known(arn, its_tags) for arn, its_tags in read["tagged"].items()),
        *(Known(role["Arn"], {}) for role in read["roles"]),
        # like the ARN of a revision, without partition, region, account and number
        *(Known(f"arn::ecs:::task-definition/{family}:", {}) for family in read["families"]),
    ]


def confirmed(client: ClientOf, candidates: t.Iterable[Known], tags_of_all: t.Mapping[str, t.Any]) -> list[Known]:
    """Return those of C(unasked.candidates) that exist and have the platform's tags; makes no call if there are none.

    The tagging API lists deleted resources for hours (https://github.com/boto/boto3/issues/3341), so the services that
    resources belong to are asked.
    """
    groups: dict[str, list[Known]] = {}
    for entry in candidates:
        service = kind(entry.arn).partition(":")[0]
        groups.setdefault(service if service in ("ec2", "iam") else kind(entry.arn), []).append(entry)
    calls = {group: functools.partial(_there, client, group, entries) for group, entries in groups.items()}
    wanted = owner.identity(tags_of_all).items()
    return [entry for found in in_parallel(**calls).values() for entry in found if wanted <= dict(entry.tags).items()]


def read(
    client: ClientOf, listed: t.Iterable[Known], inventory: unasked.Inventory, tags_of_all: t.Mapping[str, t.Any]
) -> list[unasked.Unasked]:
    """Return C(unasked.unasked) of those resources of C(listing) that their services confirm."""
    found = unasked.candidates(listed, inventory)
    return unasked.unasked(confirmed(client, found, tags_of_all), inventory)


def _there(client: ClientOf, group: str, entries: list[Known]) -> list[Known]:
    if group == "iam":
        return _each(entries, functools.partial(_role, client("iam")))
    if group == "ecs:task-definition":
        return _each(entries, functools.partial(_family, client("ecs")))
    service, ask = api.CONFIRMED[group]
    its_tags = {entry.arn: entry.tags for entry in entries}
    return [Known(arn, its_tags[arn], state) for arn, state in ask(client(service), list(its_tags)).items()]


def _each(entries: list[Known], describe: t.Callable[[str], Known | None]) -> list[Known]:
    names = [name_of(entry.arn, {}) for entry in entries]
    return [found for found in of_each(names, describe).values() if found]


def _role(client: t.Any, name: str) -> Known | None:
    role = none_if_missing(lambda: call(client, "get_role", RoleName=name)["Role"], "NoSuchEntity")
    return Known(role["Arn"], tags(role)) if role else None


def _family(client: t.Any, family: str) -> Known | None:
    describe = functools.partial(call, client, "describe_task_definition", taskDefinition=family, include=["TAGS"])
    found = none_if_missing(describe, "ClientException")
    if not found:
        return None
    its_tags = {tag["key"]: tag["value"] for tag in found.get("tags") or []}
    return Known(found["taskDefinition"]["taskDefinitionArn"], its_tags)
