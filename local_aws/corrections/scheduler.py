# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EventBridge Scheduler: a schedule starts its ECS task on time, with its role, or sends to its dead-letter queue."""

from __future__ import annotations

import json
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from local_aws import clock
from local_aws.corrections._patch import corrects, part, replace, service, then, unless

Record = dict[str, Any]
TICK = 0.5
PRINCIPAL = "scheduler.amazonaws.com"
RETRIES = {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
CANT_ASSUME = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."

# When each schedule, by account, region and key, was last checked.
_LOOKED: dict[tuple[str, str, str], float] = {}


def zone(name: str) -> Any:
    """Return the time zone of a name, None if it does not exist."""
    try:
        return zoneinfo.ZoneInfo(name or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def is_due(schedule: Record, since: float, now: float) -> bool:
    """Return whether the schedule is due after ``since`` and not after ``now``; a rate begins at creation."""
    events, expression = service("eventbridge"), str(schedule["ScheduleExpression"])
    period: int | None = events._parse_rate_seconds(expression)
    if period is not None:
        begun = float(schedule["CreationDate"])
        return (since - begun) // period < (now - begun) // period
    if expression.startswith("at("):
        return bool(since < (service("scheduler")._at_time_epoch(expression) or 0) <= now)
    return any(moment <= now for moment in cron_times(expression, schedule["ScheduleExpressionTimezone"], since))


def cron_times(expression: str, timezone: str, since: float) -> Iterator[float]:
    """Return the first time of a cron expression after ``since`` that exists in its time zone, if there is one."""
    events, where = service("eventbridge"), zone(timezone)
    fields = events._parse_cron_fields(expression)
    # whole minutes of local time, without the zone: a minute that the clocks skip converts back to another one
    local = datetime.fromtimestamp(since, where).replace(tzinfo=None)
    for _skipped in range(4):
        found = events._cron_next_fire(fields, local.replace(tzinfo=UTC))
        if found is None:
            return
        local = found.replace(tzinfo=None)
        moment = local.replace(tzinfo=where).timestamp()
        if datetime.fromtimestamp(moment, where).replace(tzinfo=None) == local and moment > since:
            yield moment
            return


class Role:
    """The role of a schedule, as Scheduler accepts it and as it may act."""

    def __init__(self, arn: str, group: str) -> None:
        self.arn, self.group = arn, group
        self.name, self.account = arn.rsplit("/", 1)[-1], arn.split(":")[4] if arn.count(":") >= 5 else ""

    def can_be_assumed(self) -> bool:
        role = service("iam")._roles.get(self.name)
        document = (role or {}).get("AssumeRolePolicyDocument") or "{}"
        policy = json.loads(unquote(document)) if isinstance(document, str) else document
        statements = policy.get("Statement", [])
        return any(self._trusts(one) for one in (statements if isinstance(statements, list) else [statements]))

    def _trusts(self, statement: Record) -> bool:
        named = (statement.get("Principal") or {}).get("Service", [])
        known = {"aws:sourceaccount": self.account, "aws:sourcearn": self.group}
        met = part("core.iam_evaluator")._conditions_met(
            statement.get("Condition", {}), self._context("sts:AssumeRole", "*", known)
        )
        return (
            statement.get("Effect") == "Allow" and PRINCIPAL in (named if isinstance(named, list) else [named]) and met
        )

    def _context(self, action: str, resource: str, known: Record) -> Any:
        evaluator = part("core.iam_evaluator")
        return evaluator.EvalContext(
            principal_arn=self.arn,
            principal_type="AssumedRole",
            principal_account=self.account,
            action=action,
            resource_arn=resource,
            region=part("core.responses").get_region(),
            service_context=known,
        )

    def refused(self, action: str, resource: str, **known: str) -> str:
        """Return why the policies of the role do not allow an action, '' if they do."""
        evaluator = part("core.iam_evaluator")
        keys = {key.replace("_", ":", 1).lower(): value for key, value in known.items()}
        result = evaluator.evaluate(
            self._context(action, resource, keys),
            evaluator._gather_role_policies(self.name, self.account),
            *evaluator._permissions_boundary(service("iam")._roles, self.name, self.account),
        )
        if result.decision == "Allow":
            return ""
        who = f"arn:aws:sts::{self.account}:assumed-role/{self.name}/scheduler"
        return (
            f"User: {who} is not authorized to perform: {action} on resource: {resource} because no identity-based "
            f"policy allows the {action} action"
        )


def camel(value: Any) -> Any:
    """Return a parameter as ECS spells it, with a small first letter."""
    if isinstance(value, dict):
        return {f"{key[:1].lower()}{key[1:]}": camel(item) for key, item in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


def request(schedule: Record) -> Record:
    """Return Scheduler's RunTask request; https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html."""
    target = schedule["Target"]
    given = target.get("EcsParameters") or {}
    own = {name: value for name, value in given.items() if name not in ("TaskDefinitionArn", "TaskCount")}
    definition = given.get("TaskDefinitionArn", "")
    return {
        "group": f"family:{definition.rsplit('/', 1)[-1].split(':')[0]}",
        **camel(own),
        "cluster": target["Arn"],
        "taskDefinition": definition,
        "count": given.get("TaskCount", 1),
        "overrides": json.loads(target.get("Input") or "{}"),
        "startedBy": f"chronos-schedule/{schedule['Name']}",
    }


def start(schedule: Record) -> None:
    """Start a schedule's task, or send the failure to its dead-letter queue."""
    target = schedule["Target"]
    if target["Arn"].split(":")[2:3] != ["ecs"]:
        event = {"Source": "aws.scheduler", "DetailType": "Scheduled Event", "Detail": "{}", "Time": clock.now()}
        service("eventbridge")._invoke_target(target, {**event, "Resources": [schedule["Arn"]]}, schedule)
        return
    why = why_not(schedule)
    if why:
        service("scheduler").logger.warning("schedule %s started nothing: %s: %s", schedule["Name"], *why)
        tell_dead_letters(schedule, *why)


def why_not(schedule: Record) -> tuple[str, str] | None:
    """Return the code and message with which ECS or IAM refuses the task; None if it is started."""
    target, asked = schedule["Target"], request(schedule)
    role = Role(target["RoleArn"], group_arn(schedule))
    definition = service("ecs")._task_defs.get(asked["taskDefinition"].rsplit("/", 1)[-1]) or {}
    passed = [definition[key] for key in ("taskRoleArn", "executionRoleArn") if definition.get(key)]
    refusals = [
        "" if role.can_be_assumed() else CANT_ASSUME,
        role.refused("ecs:RunTask", asked["taskDefinition"], ecs_cluster=asked["cluster"]),
        *(role.refused("iam:PassRole", one, iam_PassedToService="ecs-tasks.amazonaws.com") for one in passed),
    ]
    if asked.get("propagateTags") or asked.get("tags"):
        tasks = f"{asked['cluster'].replace(':cluster/', ':task/')}/*"
        refusals.append(role.refused("ecs:TagResource", tasks, ecs_CreateAction="RunTask"))
    refused = next(filter(None, refusals), "")
    if refused:
        return "AccessDeniedException", refused
    status, _headers, body = service("ecs")._run_task(asked)
    error = json.loads(body)
    return None if status < 400 else (str(error.get("__type")).rsplit("#", 1)[-1], str(error.get("message")))


def tell_dead_letters(schedule: Record, code: str, message: str) -> None:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html."""
    target = schedule["Target"]
    queue = (target.get("DeadLetterConfig") or {}).get("Arn", "")
    sqs = service("sqs")
    found = sqs._queue_by_arn(queue) if queue else None
    if not found or Role(target["RoleArn"], group_arn(schedule)).refused("sqs:SendMessage", queue):
        return
    said = {
        "ERROR_CODE": code,
        "ERROR_MESSAGE": message,
        "RETRY_ATTEMPTS": "0",
        "SCHEDULE_ARN": schedule["Arn"],
        "SCHEDULED_TIME": datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "TARGET_ARN": target["Arn"],
    }
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
    url = found["url"]
    sqs._act_send_message(
        {"QueueUrl": url, "MessageBody": target.get("Input") or "{}", "MessageAttributes": attributes}, url
    )


def group_arn(schedule: Record) -> str:
    return str(schedule["Arn"].rsplit("/", 1)[0].replace(":schedule/", ":schedule-group/"))


def sweep() -> None:
    """Start schedules that are due since the last check; one that was due several times starts once."""
    scheduler, now = service("scheduler"), clock.now()
    for (account, region, key), schedule in list(scheduler._schedules._data.items()):
        place = (account, region, key)
        since = max(_LOOKED.get(place, 0.0), float(schedule["LastModificationDate"]) - TICK)
        _LOOKED[place] = now
        if schedule["State"] != "ENABLED" or not within(schedule, now) or not is_due(schedule, since, now):
            continue
        with part("core.responses").request_scope(account, region):
            try:
                start(schedule)
            except Exception:
                scheduler.logger.exception("schedule %s", key)
        if schedule["ScheduleExpression"].startswith("at(") and schedule.get("ActionAfterCompletion") == "DELETE":
            scheduler._schedules._data.pop(place, None)


def within(schedule: Record, now: float) -> bool:
    epoch = service("scheduler")._to_epoch
    begin, end = epoch(schedule.get("StartDate")), epoch(schedule.get("EndDate"))
    return (begin is None or begin <= now) and (end is None or now <= end)


def refuse(name: str, body: Record) -> Any:
    """Return AWS's error for an invalid schedule, None for a valid one."""
    scheduler, events = service("scheduler"), service("eventbridge")
    expression, timezone = str(body.get("ScheduleExpression") or ""), body.get("ScheduleExpressionTimezone") or "UTC"
    known = (events._parse_rate_seconds, events._parse_cron_fields, scheduler._at_time_epoch)
    if expression and all(read(expression) is None for read in known):
        return scheduler._error(400, "ValidationException", f"Invalid Schedule Expression {expression}.")
    if zone(timezone) is None:
        return scheduler._error(400, "ValidationException", f"Invalid Schedule Expression Timezone {timezone}.")
    target = body.get("Target") or {}
    group = scheduler._schedule_arn(body.get("GroupName", "default"), name)
    if target.get("RoleArn") and not Role(target["RoleArn"], group_arn({"Arn": group})).can_be_assumed():
        return scheduler._error(400, "ValidationException", CANT_ASSUME)
    if target:
        target["RetryPolicy"] = {**RETRIES, **(target.get("RetryPolicy") or {})}
    if target.get("EcsParameters"):
        target["EcsParameters"] = {"TaskCount": 1, **target["EcsParameters"]}
    return None


@corrects(
    "scheduler",
    aws="a schedule's expression and time zone are validated, its role must trust Scheduler, and a target without a "
    "retry policy gets AWS's default",
    evidence="https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html",
)
def check_schedules() -> None:
    scheduler = service("scheduler")
    replace(scheduler, "_create_schedule", unless(refuse))
    replace(scheduler, "_update_schedule", unless(refuse))


@corrects(
    "scheduler",
    aws="a schedule starts its ECS task on time, in its time zone, if its role allows it; failed starts go to its "
    "dead-letter queue",
    evidence="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/tasks-scheduled-eventbridge-scheduler.html",
)
def start_tasks() -> None:
    scheduler, app = service("scheduler"), part("app")
    scheduler._SCHEDULE_TICK_INTERVAL = TICK
    replace(scheduler, "_tick_schedules", lambda _original: sweep)
    replace(scheduler, "_now", lambda _original: clock.now)
    replace(app, "_reset_all_state", then(forget))


def forget() -> None:
    clock.reset()
    _LOOKED.clear()
