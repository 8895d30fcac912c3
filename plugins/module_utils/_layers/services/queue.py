# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The SQS queue from which a worker takes its work: created with the service, or an existing one."""

from __future__ import annotations

import re
import typing as t

from ..._aws.arn import region_of
from ..._plan.model import Change, Resource
from ..._resources.iam.policy import allow
from ..._resources.iam.policy import of as policy_of
from ..._resources.sqs import url
from .names import Names, given_names
from .platform import Platform

Data = t.Mapping[str, t.Any]
Values = dict[str, t.Any]

# Actions of a consumer: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
ACTIONS = [
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
]
DEAD_LETTERS = 1209600
"""Seconds that a dead-letter queue keeps a message, the maximum of SQS."""

# API_CreateQueue and API_SetQueueAttributes
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_ARN = re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:([A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)")
LIMITS = {"visibility": (0, 43200), "retention": (60, 1209600)}
DEFAULTS = {"visibility": 30, "retention": 345600}
"""AWS's defaults in seconds (API_CreateQueue)."""


def has_own(service: Data) -> bool:
    """Return whether the service has a queue of its own."""
    return bool(service["queue"]) and not service["queue"]["arn"]


def name(service: Data, names: Names) -> str:
    """Return the name of the queue of a service."""
    arn = service["queue"]["arn"]
    return str(arn).rpartition(":")[2] if arn else names.queue


def arn(service: Data, names: Names, platform: Platform) -> str:
    """Return the ARN of the queue of a service."""
    return str(service["queue"]["arn"] or arn_of(names.queue, platform))


def arn_of(queue: str, platform: Platform) -> str:
    """Return the ARN of a queue given by ARN, or by name in this account and region; empty for none."""
    if not queue or queue.startswith("arn:"):
        return queue
    return f"arn:{platform['partition']}:sqs:{platform['region']}:{platform['account_id']}:{queue}"


def environment(service: Data, names: Names, platform: Platform) -> dict[str, str]:
    """Return the environment variable with the queue's URL, none without a queue."""
    return {service["queue"]["variable"]: url.of(arn(service, names, platform))} if service["queue"] else {}


def policy(service: Data, names: Names, platform: Platform) -> Values:
    """Return the policy that lets the task role consume from the queue."""
    return policy_of([allow(ACTIONS, arn(service, names, platform))])


def resources(service: Data, names: Names, tags: Data) -> list[Resource]:
    """Return the dead-letter queue, if there is one, then the queue; none for an existing queue."""
    if not has_own(service):
        return []
    given, dead = service["queue"], service["queue"]["dead_letter"]
    redrive = {"queue": names.dead_letter_queue, "max_receives": dead["max_receives"]} if dead else {}
    own: Values = {**{key: DEFAULTS[key] if given[key] is None else given[key] for key in DEFAULTS}, "redrive": redrive}
    # nothing consumes dead letters, so AWS's default visibility will do
    letters: Values = {**DEFAULTS, "retention": DEAD_LETTERS, "redrive": {}}
    wanted = [*([(names.dead_letter_queue, letters)] if dead else []), (names.queue, own)]
    return [{"type": "sqs_queue", "name": one, "values": {**values, "tags": dict(tags)}} for one, values in wanted]


def arguments(entry: Change, platform: Platform) -> Values:
    """Return the arguments of C(community.aws.sqs_queue) for a planned queue."""
    values = entry["values"]
    redrive = values["redrive"]
    return {
        "name": entry["name"],
        "visibility_timeout": values["visibility"],
        "message_retention_period": values["retention"],
        "redrive_policy": {
            "deadLetterTargetArn": arn_of(redrive["queue"], platform),
            "maxReceiveCount": redrive["max_receives"],
        }
        if redrive
        else {},
        "tags": values["tags"],
        "purge_tags": False,
    }


def problems(service: Data) -> t.Iterator[str]:
    """Yield the problems with a service's queue, one message each."""
    given = service["queue"]
    if not given:
        return
    if given["arn"] and not _ARN.fullmatch(given["arn"]):
        yield f"queue.arn '{given['arn']}' is not the ARN of an SQS queue: arn:aws:sqs:REGION:ACCOUNT:NAME. Change it."
    named = given_names(service).get("queue")
    if named and not _NAME.fullmatch(named):
        option = "queue.name" if given["name"] else "names.queue"
        yield (
            f"{option} '{named}' is not the name of a standard queue: 1 to 80 letters, digits, hyphens and underscores."
            " Change it; a FIFO queue is taken by its ARN."
        )
    yield from _variable_problems(service)
    if given["arn"]:
        others = [key for key in ("name", "dead_letter", "visibility", "retention") if given[key] is not None]
        if others:
            yield f"queue.arn names an existing queue, which {', '.join(others)} would change. Take one of them out."
        return
    for key in ("visibility", "retention"):
        low, high = LIMITS[key]
        if given[key] is not None and not low <= given[key] <= high:
            yield f"queue.{key} {given[key]} is out of range: {low} to {high} seconds. Change it."
    receives = (given["dead_letter"] or {}).get("max_receives", 1)
    if not 1 <= receives <= 1000:
        yield f"queue.dead_letter.max_receives {receives} is out of range: 1 to 1000. Change it."


def region_problems(service: Data, region: str) -> t.Iterator[str]:
    """Yield an error if scaling depends on a queue in another region, because its metrics are only there."""
    arn = (service["queue"] or {}).get("arn") or ""
    follows = (service.get("autoscaling") or {}).get("backlog_per_task") is not None
    if follows and _ARN.fullmatch(arn) and (there := region_of(arn)) != region:
        yield (
            f"autoscaling.backlog_per_task uses metrics of {region}, and queue.arn {arn} is in {there}. Use a queue in"
            f" {region}, or autoscaling.metrics."
        )


def missing(services: t.Sequence[Data], platform: Platform, there: t.Container[str]) -> list[str]:
    """Return an error for each existing queue that a service names but that is not in this account and region.

    Queues of other accounts and regions can't be checked.  One that is created with a service will exist in time.
    """
    of_each = [(service, Names.of(platform["name_prefix"], service)) for service in services]
    made = {entry["name"] for service, names in of_each for entry in resources(service, names, {})}
    return [
        f"Service '{service['name']}': {option} {given}: there is no such queue in this account and region. Create it"
        " first, or correct its name."
        for service in services
        for option, given in existing(service)
        for called in [given.rpartition(":")[2]]
        if given in (called, arn_of(called, platform)) and called not in made and called not in there
    ]


def existing(service: Data) -> list[tuple[str, str]]:
    """Return the options of a service that name existing queues, each with its name or ARN."""
    given = [
        ("queue.arn", (service["queue"] or {}).get("arn")),
        ("schedule.dead_letter", (service["schedule"] or {}).get("dead_letter")),
    ]
    return [(option, str(value)) for option, value in given if value]


def existing_names(services: t.Iterable[Data]) -> list[str]:
    """Return the names of existing queues in the services' definitions."""
    return sorted({value.rpartition(":")[2] for service in services for _option, value in existing(service)})


def _variable_problems(service: Data) -> t.Iterator[str]:
    variable = service["queue"]["variable"]
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
        yield f"queue.variable '{variable}' is not a name of an environment variable. Change it."
    elif variable in service["environment"] or variable in service["secrets"]:
        yield f"queue.variable {variable} is in environment or secrets, too. Take it out there, or change the variable."


def found(described: Data) -> Resource:
    """Return a queue as a found resource."""
    has, redrive = described["Attributes"], described["RedrivePolicy"]
    target = {
        "queue": str(redrive.get("deadLetterTargetArn", "")).rpartition(":")[2],
        "max_receives": int(redrive.get("maxReceiveCount", 0)),
    }
    return {
        "type": "sqs_queue",
        "name": described["QueueName"],
        "id": has["QueueArn"],
        "values": {
            "visibility": int(has["VisibilityTimeout"]),
            "retention": int(has["MessageRetentionPeriod"]),
            "redrive": target if redrive else {},
            "tags": described["Tags"],
        },
    }
