# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find out why a rollout or its tasks failed, in AWS's words and in plain ones.

Plain data in and out; tasks, targets and events are what boto3 returns.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .messages.model import Message
from .messages.rows import message_of, without_names
from .outcomes import OUTCOMES, Cause, OutcomeName
from .shapes import Container, Deployment, ServiceEvent, TargetHealth, Targets, Task

Data = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Failure:
    """A task that failed, or an event about a failure.

    :param cause: an outcome.
    :param reason: AWS's words.
    :param permanent: a retry can't help.
    :param exit_codes: its containers' non-zero exit codes.
    :param message: the row that matches the reason, if any.
    """

    cause: Cause
    reason: str
    permanent: bool = False
    exit_codes: tuple[int, ...] = ()
    message: Message | None = field(default=None, compare=False, repr=False)


# stopCode of a task that was stopped on purpose (Task.stopCode in the ECS API).
ON_PURPOSE = ("UserInitiated", "SpotInterruption", "TerminationNotice", "InfrastructureHealth")

# States of a target that gets no traffic until something changes (TargetHealth in the Elastic Load Balancing API); it
# is unused if its zone is not enabled on the load balancer, or no rule forwards to its group.
UNHEALTHY = ("unhealthy", "unhealthy.draining", "unused", "unavailable")
NOT_IN_USE = "Target.NotInUse"
USE_THEM = (
    "The load balancer sends nothing to its targets: enable their zone on it, or use subnets in its zones,"
    " and check that a listener rule forwards to the target group."
)

STILL_WATCHED = (
    "The deployment has not failed: ECS is still watching the alarms, for as long as their evaluation periods require."
    " Wait again, with a longer timeout."
)
STILL_SHIFTING = (
    "The deployment has not failed: ECS is still going through its stages. Wait again, with a timeout longer than its"
    " traffic steps and its bake time."
)


def mentions(text: str, phrases: t.Iterable[str]) -> bool:
    """Return whether the text contains one of the phrases, in any case."""
    return any(phrase.lower() in text.lower() for phrase in phrases)


def tasks_of(tasks: t.Iterable[Task], deployment: Deployment) -> list[Task]:
    """Return the tasks that this deployment started (their startedBy is its ID)."""
    return [task for task in tasks if task.get("startedBy") == deployment.get("id")]


def failures_of(tasks: t.Iterable[Task], deployment: Deployment) -> list[Failure]:
    """Return the failures among the stopped tasks of this deployment; scale-in and the like are not failures."""
    return [failure for failure in map(failure_of, tasks_of(tasks, deployment)) if failure]


def failure_of(task: Task) -> Failure | None:
    """Return why a task failed, C(None) if it was stopped on purpose."""
    code, reason = task.get("stopCode") or "", reason_of(task)
    scaled = mentions(reason, ("Scaling activity initiated by",))
    scheduled = scaled or (code == "ServiceSchedulerInitiated" and not mentions(reason, ("health check",)))
    if code in ON_PURPOSE or scheduled:
        return None
    codes = {item["exitCode"] for item in task.get("containers") or [] if item.get("exitCode") is not None}
    row = message_of(reason, codes)
    if row and row.outcome:
        return Failure(row.outcome, reason, row.permanent, exit_codes_of(task), row)
    if row and code not in ("EssentialContainerExited", "TaskFailedToStart"):
        return None  # AWS may omit the code; the reason shows that someone or AWS stopped it
    never_ran = code == "TaskFailedToStart" and not container_has_run(task)
    return Failure("cannot_start" if never_ran else "crash_loop", reason, False, exit_codes_of(task))


def messages_of(events: t.Iterable[ServiceEvent]) -> list[str]:
    return [event.get("message") or "" for event in events]


def meaning_of(message: str) -> Failure | None:
    """Return the failure in a service's event or a deployment's reason, C(None) if there is none or it is unknown."""
    row = message_of(message)
    return Failure(row.outcome, message, row.permanent, (), row) if row and row.outcome else None


def newest_failure(events: t.Iterable[ServiceEvent]) -> Failure | None:
    """Return the newest failure that the events, in any order, report in known words."""
    ordered = sorted(events, key=lambda event: seconds(event.get("createdAt")), reverse=True)
    return next(filter(None, map(meaning_of, messages_of(ordered))), None)


def reason_of(task: Task) -> str:
    """Return the task's reason and its containers', without duplicates."""
    reasons = [task.get("stoppedReason") or ""] + [item.get("reason") or "" for item in task.get("containers") or []]
    return ". ".join(dict.fromkeys(text.strip().rstrip(".") for text in reasons if text.strip()))


def exit_codes_of(task: Task) -> tuple[int, ...]:
    """Return the containers' non-zero exit codes."""
    return tuple(sorted({item["exitCode"] for item in task.get("containers") or [] if item.get("exitCode")}))


def main_failure(failures: t.Sequence[Failure]) -> Failure | None:
    """Return the failure to report: a permanent one first, then the most frequent cause, then any but C(crash_loop)."""
    causes = [failure.cause for failure in failures]
    return max(
        failures,
        key=lambda item: (item.permanent, causes.count(item.cause), item.cause != "crash_loop"),
        default=None,
    )


def unplaced(events: t.Iterable[ServiceEvent]) -> list[str]:
    """Return the messages about tasks that could not be placed (Developer Guide, 'Amazon ECS service event messages').

    ECS uses the same words for tasks that were placed and could not start: the text after C(Reason) shows which.
    """
    phrases = ("unable to place a task", "unable to place tasks", "could not launch")
    return [message for message in messages_of(events) if mentions(message, phrases)]


def unlaunched(events: t.Iterable[ServiceEvent]) -> list[str]:
    """Return the messages about tasks that were not even launched, as when their role can't be assumed."""
    return [message for message in messages_of(events) if mentions(message, ("failed to launch a task with",))]


def is_unspecific(event: ServiceEvent) -> bool:
    """Return whether an event reports failures without their reason."""
    return is_throttling(event) or mentions(event.get("message") or "", ("tasks failed to start",))


def is_throttling(event: ServiceEvent) -> bool:
    """Return whether an event reports that ECS delays tasks because they fail to start."""
    return mentions(event.get("message") or "", ("unable to consistently start",))


def failure_messages(events: t.Iterable[ServiceEvent]) -> list[str]:
    """Return the messages about failures, by their row or, if none matches, by their words."""
    return [message for message in messages_of(events) if _is_failure(message)]


def is_about_health(reason: str) -> bool:
    """Return whether a reason is about health checks; names that contain the word don't count."""
    return mentions(without_names(reason), ("health",))


def _is_failure(message: str) -> bool:
    row = message_of(message)
    sounds = ("unable to", "unhealthy", "failed", "error", "is missing")
    return bool(row.outcome) if row else mentions(without_names(message), sounds)


def started(events: t.Iterable[ServiceEvent]) -> int:
    """Return how many tasks were started, by the events: 'has started 2 tasks: (task 1) (task 2)'."""
    return sum(message.count("(task ") for message in messages_of(events) if " has started " in message)


def unhealthy(targets: Targets) -> list[str]:
    """Return the load balancer's reasons for targets that get no traffic, without duplicates."""
    healths = [item.get("TargetHealth") or {} for items in targets.values() for item in items]
    bad = [item for item in healths if is_unhealthy(item)]
    return list(dict.fromkeys(": ".join(filter(None, (item.get("Reason"), item.get("Description")))) for item in bad))


def is_unhealthy(health: TargetHealth) -> bool:
    """Return whether a target gets no traffic although it is registered."""
    return health.get("State") in UNHEALTHY and health.get("Reason") != "Target.NotRegistered"


def main_container(definition: Data) -> str:
    """Return the name of the first essential container."""
    containers = definition["containerDefinitions"]
    return str(next((item["name"] for item in containers if item.get("essential", True)), containers[0]["name"]))


def checked_containers(task_definition: Data) -> dict[str, list[str]]:
    """Return the essential containers that have a health check, with its command.

    Health checks of other containers don't affect the task (Task.healthStatus).
    """
    containers = task_definition.get("containerDefinitions") or []
    checked = [item for item in containers if item.get("healthCheck") and item.get("essential", True)]
    return {item["name"]: list(item["healthCheck"].get("command") or []) for item in checked}


def container_health(tasks: t.Iterable[Task], checked: t.Container[str]) -> dict[str, str]:
    """Return C(healthStatus) of these containers, by C(task/container)."""
    return {
        f"{(task.get('taskArn') or '').rsplit('/', 1)[-1]}/{item['name']}": item.get("healthStatus") or "UNKNOWN"
        for task in tasks
        for item in task.get("containers") or []
        if item.get("name") in checked
    }


def grouped(tasks: t.Iterable[Task], deployment: Deployment) -> list[dict[str, t.Any]]:
    """Return the failed tasks of this deployment by reason, the most frequent first."""
    groups: dict[tuple[str, tuple[int, ...]], dict[str, t.Any]] = {}
    for task in tasks_of(tasks, deployment):
        failure = failure_of(task)
        if failure is None:
            continue
        group = groups.setdefault(
            (failure.reason, failure.exit_codes),
            {
                "reason": failure.reason,
                "kind": failure.cause,
                "stop_code": task.get("stopCode") or "",
                "exit_codes": list(failure.exit_codes),
                "count": 0,
                "tasks": [],
            },
        )
        group["count"] += 1
        group["tasks"].append((task.get("taskArn") or "").rsplit("/", 1)[-1])
    return sorted(groups.values(), key=lambda group: -group["count"])


def events_since(events: t.Iterable[ServiceEvent], began: float | None) -> list[dict[str, str]]:
    """Return the events since I(began), in seconds since 1970, oldest first."""
    new = [event for event in events if began is None or seconds(event.get("createdAt")) >= began]
    new.sort(key=lambda event: seconds(event.get("createdAt")))
    return [{"at": str(event.get("createdAt") or ""), "message": event.get("message") or ""} for event in new]


def target_health(targets: Targets) -> list[dict[str, t.Any]]:
    """Return every target with its state and the load balancer's reason."""
    return [
        {
            "target_group": arn.rsplit(":targetgroup/", 1)[-1].split("/")[0],
            "target": (item.get("Target") or {}).get("Id") or "",
            "port": (item.get("Target") or {}).get("Port"),
            "state": (item.get("TargetHealth") or {}).get("State") or "",
            "reason": (item.get("TargetHealth") or {}).get("Reason") or "",
            "description": (item.get("TargetHealth") or {}).get("Description") or "",
        }
        for arn, items in sorted(targets.items())
        for item in items
    ]


def failed_task(tasks: t.Iterable[Task], deployment: Deployment) -> Task | None:
    """Return the newest failed task that may have logged, C(None) if no container ever ran."""
    ran = [task for task in tasks_of(tasks, deployment) if failure_of(task) and container_has_run(task)]
    ran.sort(key=lambda task: seconds(task.get("stoppedAt") or task.get("stoppingAt")), reverse=True)
    return next((task for task in ran if task.get("containers")), None)


def container_to_read(task: Task, task_definition: Data) -> str:
    """Return the name of the container that most likely ended the task.

    Only an essential container ends its task; the others are then stopped by SIGTERM (143) and later SIGKILL (137).
    """
    beside = {
        item.get("name")
        for item in task_definition.get("containerDefinitions") or []
        if not item.get("essential", True)
    }
    by_another: dict[int | None, int] = {0: 1, 137: 2, 143: 3, None: 4}
    containers: list[Container] = task.get("containers") or [{}]
    guilty = min(containers, key=lambda item: (item.get("name") in beside, by_another.get(item.get("exitCode"), 0)))
    return str(guilty.get("name") or "")


def container_has_run(task: Task) -> bool:
    return bool(task.get("startedAt")) or any(item.get("exitCode") is not None for item in task.get("containers") or [])


def log_place(task_definition: Data, container: str, task: Task) -> tuple[str, str] | None:
    """Return the log group and stream of a container, C(None) for another driver than awslogs or without a prefix.

    The stream is C(prefix/container/task id) (Developer Guide, 'Send Amazon ECS logs to CloudWatch').
    """
    for item in task_definition.get("containerDefinitions") or []:
        config = item.get("logConfiguration") or {}
        options = config.get("options") or {}
        prefix, group = options.get("awslogs-stream-prefix"), options.get("awslogs-group")
        if item.get("name") == container and config.get("logDriver") == "awslogs" and prefix and group:
            return group, f"{prefix}/{container}/{(task.get('taskArn') or '').rsplit('/', 1)[-1]}"
    return None


def seconds(moment: t.Any) -> float:
    """Return a datetime of boto3, or a number, as seconds since 1970."""
    return float(moment.timestamp() if hasattr(moment, "timestamp") else moment or 0)


CONTAINER_CHECK = "container health check"


def headline_of(cause: Cause, failure: Failure | None = None) -> str:
    """Return the headline of a cause: the message's own, or else the outcome's."""
    if failure and failure.message and failure.message.headline:
        return failure.message.headline
    found = OUTCOMES.get(cause) if cause else None
    return found.headline if found and found.is_cause else "the deployment failed"


def next_step(outcome: OutcomeName, reason: str = "", failure: Failure | None = None) -> str:
    """Return what to do about an outcome or a cause: the step of AWS's message if that has this I(outcome), or its own.

    :param reason: AWS's words, used if the failure has no message.
    """
    row = (failure.message if failure else None) or message_of(reason)
    return row.next_step if row and row.outcome == outcome else OUTCOMES[outcome].next_step
