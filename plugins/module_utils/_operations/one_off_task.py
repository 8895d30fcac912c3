# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Requests and outcomes of one-off tasks.  Plain data in and out."""

from __future__ import annotations

import hashlib
import json
import typing as t

from .._aws.arn import last
from .._aws.refused import RefusedError
from .._resources.ecs import diagnose
from .._resources.ecs.form import text

Data = t.Mapping[str, t.Any]

DONE = "magiclub.fargate/before"
"""Tag of a task definition revision: the command with which one of its tasks has succeeded."""


def request(service: Data, definition: Data, wanted: Data) -> dict[str, t.Any]:
    """Return the fields of RunTask for a task like those of I(service), with another command.

    :param service: from DescribeServices or C(like_schedule); its network, capacity providers and platform are used.
    :param definition: the task definition to run.
    :param wanted: C(container), C(command), C(environment), C(started_by).
    """
    container = wanted["container"] or diagnose.main_container(definition)
    names = [item["name"] for item in definition["containerDefinitions"]]
    if container not in names:
        raise RefusedError(
            f"Task definition {last(definition['taskDefinitionArn'])} has no container '{container}'."
            f" It has {', '.join(names)}."
        )
    override: dict[str, t.Any] = {"name": container}
    if wanted["command"]:
        override["command"] = list(wanted["command"])
    given = {str(key): text(value) for key, value in wanted["environment"].items() if value is not None}
    if given:
        override["environment"] = [{"name": key, "value": value} for key, value in given.items()]
    fields: dict[str, t.Any] = {
        "taskDefinition": definition["taskDefinitionArn"],
        "networkConfiguration": service.get("networkConfiguration"),
        "platformVersion": service.get("platformVersion"),
        "overrides": {"containerOverrides": [override]},
        "startedBy": wanted["started_by"],
        "count": 1,
        "enableECSManagedTags": service.get("enableECSManagedTags"),
        # RunTask rejects SERVICE, and the task definition has the service's tags
        "propagateTags": None if service.get("propagateTags", "NONE") == "NONE" else "TASK_DEFINITION",
    }
    if service.get("capacityProviderStrategy"):
        fields["capacityProviderStrategy"] = service["capacityProviderStrategy"]
    else:
        fields["launchType"] = service.get("launchType", "FARGATE")
    return {key: value for key, value in fields.items() if value}


def like_schedule(schedule: Data) -> dict[str, t.Any]:
    """Return network, capacity providers and platform of a schedule's task in the form of a described service.

    :param schedule: from GetSchedule.
    """
    own: Data = (schedule.get("Target") or {}).get("EcsParameters") or {}
    network: Data = (own.get("NetworkConfiguration") or {}).get("awsvpcConfiguration") or {}
    fields = {
        "taskDefinition": own.get("TaskDefinitionArn"),
        "networkConfiguration": {
            "awsvpcConfiguration": {f"{key[0].lower()}{key[1:]}": value for key, value in network.items()}
        },
        "capacityProviderStrategy": own.get("CapacityProviderStrategy"),
        "launchType": own.get("LaunchType"),
        "platformVersion": own.get("PlatformVersion"),
        "enableECSManagedTags": own.get("EnableECSManagedTags"),
        "propagateTags": own.get("PropagateTags"),
    }
    return {key: value for key, value in fields.items() if value}


# letters, digits, - / and _, 128 at most (startedBy, API_RunTask)
LONGEST_STARTED_BY = 128
STARTED_BY = "magiclub-fargate"
BEFORE = "before/"
"""Prefix of C(startedBy) of commands before a deployment, which are not runs of a job."""


class Once:
    """A command that has to succeed once for each revision.

    :param definition: the task definition to run.
    :param asked: C(container), C(command), C(environment).
    """

    def __init__(self, definition: Data, asked: Data) -> None:
        revision = last(definition["taskDefinitionArn"])
        text_of = json.dumps([asked[key] for key in ("container", "command", "environment")], sort_keys=True)
        self._digest = hashlib.sha256(text_of.encode()).hexdigest()[:16]
        self.mark = f"{revision} {self._digest}"
        end = f"/{self._digest}"
        self.started_by = BEFORE + revision.replace(":", "/")[-(LONGEST_STARTED_BY - len(BEFORE + end)) :] + end

    def is_done(self, tags: t.Iterable[Data]) -> bool:
        """Return whether it has succeeded, according to the tags of the revision."""
        return any((tag["key"], tag.get("value")) == (DONE, self.mark) for tag in tags)

    def task_to_follow(self, tasks: t.Iterable[Data], container: str) -> str | None:
        """Return the ARN of a task for it that is running or has succeeded, so that no other one is needed."""
        for task in tasks:
            if task["lastStatus"] != "STOPPED" or outcome(task, container)["exit_code"] == 0:
                return str(task["taskArn"])
        return None

    def token(self, tasks: t.Sequence[Data]) -> str:
        """Return the client token of the next try, with which a late call of a killed run starts no second task.

        ECS forgets a token an hour after its task has stopped (ECS_Idempotency), as it does the task.
        """
        return hashlib.sha256(f"{self.started_by} {len(tasks)}".encode()).hexdigest()[:64]


def started(answer: Data) -> str:
    """Return the ARN of the task that RunTask started; raises RefusedError with ECS's reason."""
    if answer.get("tasks"):
        return str(answer["tasks"][0]["taskArn"])
    failures = answer.get("failures") or [{"reason": "no reason given"}]
    texts = [f"{item.get('reason', '')} {item.get('detail', '')}".strip().rstrip(".") for item in failures]
    reasons = ", ".join(sorted(set(texts)))
    raise RefusedError(
        f"ECS did not start the task: {reasons}. Look at the cluster's capacity and subnets, then run again."
    )


SUCCEEDED = {"exit_code": 0, "reason": "", "stop_code": ""}
"""The outcome of a command that has succeeded before."""


def outcome(task: Data, container: str) -> dict[str, t.Any]:
    """Return C({exit_code, reason, stop_code}) of a stopped task; C(exit_code) is None if its container never ran."""
    containers: t.Sequence[Data] = task.get("containers") or []
    found: Data = next((item for item in containers if item["name"] == container), {})
    return {
        "exit_code": found.get("exitCode"),
        "reason": found.get("reason") or task.get("stoppedReason") or "",
        "stop_code": task.get("stopCode") or "",
    }
