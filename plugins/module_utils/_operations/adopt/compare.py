# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compares adopted services with their new definitions, to show what an inventory can't express.

Uses the comparison of the plan itself, so that it finds everything that a plan would show.  Plain dicts in and out.
"""

from __future__ import annotations

import json
import typing as t

from ..._layers.services import plan as services
from ..._layers.services.platform import Platform
from ..._plan import compare
from ..._plan.model import Change
from ..._resources.elbv2 import authentication
from ..._resources.elbv2.decide import priority
from . import balanced

Data = t.Mapping[str, t.Any]

# fields with which tasks get the tags of their service
OF_TAGS = ("tags", "enable_ecs_managed_tags", "propagate_tags")
# values of a field that is removed
GONE = (str(compare.GONE), None)


def changes(definitions: t.Sequence[Data], platform: Platform, info: Data) -> list[Change]:
    """Return the changes, other than tags, of a plan of these complete definitions."""
    compared = services.compared(definitions, platform, info)
    return [
        {**change, "fields": fields}
        for change in compare.changes(compared["desired"], compared["found"])
        for fields in [[field for field in change["fields"] if field["path"].split(".")[0] not in OF_TAGS]]
        if change["action"] != "change" or fields
    ]


def sentences(found: t.Iterable[Change]) -> list[str]:
    """Return a message, by resource and field, for each change that the next run would make."""
    return [sentence for change in found for sentence in _of(change)]


def _of(change: Change) -> t.Iterator[str]:
    title = f"{change['type']} {change['name']}"
    if change["action"] == "add":
        yield f"{title}: does not exist, and would be created."
    elif change["action"] == "remove":
        yield f"{title}: can't be expressed in an inventory, and would be removed."
    for field in change["fields"]:
        after = "be removed" if field["after"] in (*GONE, []) else f"become {_shown(field['after'])}"
        yield f"{title}: {field['path']} is {_shown(field['before'])}, and would {after}."


def _shown(value: t.Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True)


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-advanced-customization.html
_EXPRESS = (
    "service {} is one of Express Mode, which goes on changing it by UpdateExpressGatewayService:"
    " change it by one of the two alone."
)


def notes(service: Data, live: Data, listener: str | None) -> list[str]:
    """Return notes about a service that its definition does not cover and no run changes."""
    name = service["serviceName"]
    own = balanced.own_rules(service, live, listener)
    others = [
        rule for rule in balanced.rules_of(service, live) if rule["RuleArn"] not in {one["RuleArn"] for one in own}
    ]
    scheduled = [
        action["ScheduledActionName"]
        for target in live["scaling"].values()
        if target["ResourceId"].endswith(f"/{name}")
        for action in target["scheduled"]
    ]
    task = live["definitions"][service["taskDefinition"]]
    return [
        *([_EXPRESS.format(name)] if service.get("resourceManagementType") == "ECS" else []),
        *(f"{_rule(rule)} forwards to service {name}, too: it stays, but is not managed." for rule in others),
        *(f"scheduled action {one} of service {name} stays, and keeps setting its tasks." for one in scheduled),
        *_without_secret(service, own),
        *_of_a_job(service),
        *_roles(task),
    ]


# EcsParameters of EventBridge Scheduler without an option
_OF_TASKS = ("Group", "PlacementConstraints", "PlacementStrategy", "ReferenceId", "Tags")


def _of_a_job(service: Data) -> t.Iterator[str]:
    if "schedule" not in service:
        return
    name, schedule = service["serviceName"], service["schedule"]
    target = schedule["Target"]
    yield (
        f"job {name} is started with role {target['RoleArn']}: that role is not managed, and the next run gives"
        " the schedule a role that may only start its task."
    )
    more = {"Description": schedule.get("Description"), **{key: target["EcsParameters"].get(key) for key in _OF_TASKS}}
    for key, value in more.items():
        if value:
            yield f"schedule {name}: {key} {_shown(value)} can't be expressed in an inventory, and would be removed."


def _without_secret(service: Data, rules: t.Iterable[Data]) -> t.Iterator[str]:
    for rule in rules:
        if source := authentication.secret_source(balanced.login_of(service, rule)):
            yield (
                f"service {service['serviceName']} has users log in with OpenID Connect, and AWS does not return the"
                f" client secret: put it into the SSM parameter {source} before the first run, or set"
                " client_secret_from to its location."
            )


def _rule(rule: Data) -> str:
    number = priority(rule)
    return f"listener rule {rule['RuleArn']} ({f'priority {number}' if number else 'the default one'})"


def _roles(task: Data) -> list[str]:
    return [
        f"{what} {task[field]}: is used as it is, and not managed. To manage it, give names.{option} in place of"
        f" {option}_arn, and its policies."
        for what, field, option in (
            ("taskRoleArn", "taskRoleArn", "task_role"),
            ("executionRoleArn", "executionRoleArn", "execution_role"),
        )
        if task.get(field)
    ]
