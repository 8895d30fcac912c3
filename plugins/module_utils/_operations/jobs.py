# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads and reports jobs: their schedules, last and next runs.

Scheduler does not return the next run, so it is computed from the expression.  ECS returns a stopped task for an hour;
after that, the last log line shows when it ran.
"""

from __future__ import annotations

import datetime
import typing as t

from .._aws import codes, tone
from .._aws.arn import last
from .._aws.errors import ClientError, error_code
from .._aws.printable import counted, moment
from .._aws.read import call, in_parallel, none_if_missing, of_each, pages
from .._resources.ecs import api as ecs_api
from .._resources.ecs import diagnose
from .._resources.scheduler import api as scheduler
from .._resources.scheduler import decide, expression
from .one_off_task import BEFORE, outcome

Raw = t.Mapping[str, t.Any]
Job = dict[str, t.Any]


def read(client: t.Callable[[str], t.Any], cluster: str, names: t.Sequence[str]) -> list[Job]:
    """Return C({schedule, definition, tasks, logged}) of these jobs, or of all jobs of the cluster without I(names).

    Empty if schedules may not be read.
    """
    own, ecs, logs = client("scheduler"), client("ecs"), client("logs")
    try:
        listed = list(names) or scheduler.names_for_cluster(own, cluster)
        found = of_each(listed, lambda name: scheduler.schedule(own, name))
    except ClientError as error:
        if error_code(error) not in codes.DENIED:
            raise
        return []
    schedules = {name: one for name, one in found.items() if one and last(str(one["Target"]["Arn"])) == cluster}
    return list(of_each(schedules, lambda name: _job(ecs, logs, cluster, schedules[name])).values())


def _job(ecs: t.Any, logs: t.Any, cluster: str, schedule: Raw) -> Job:
    arn = str((schedule["Target"].get("EcsParameters") or {}).get("TaskDefinitionArn") or "")
    describe = none_if_missing(
        lambda: call(ecs, "describe_task_definition", taskDefinition=arn)["taskDefinition"], "ClientException"
    )
    definition = describe or {"taskDefinitionArn": arn, "containerDefinitions": []}
    return {
        "schedule": schedule,
        "definition": definition,
        **in_parallel(
            tasks=lambda: _tasks(ecs, cluster, last(arn).partition(":")[0]),
            logged=lambda: _last_logged(logs, definition),
        ),
    }


def _tasks(ecs: t.Any, cluster: str, family: str) -> list[Raw]:
    found = ecs_api.described_tasks(ecs, cluster=cluster, statuses=ecs_api.ANY_STATUS, family=family)
    return [task for task in found if not str(task.get("startedBy", "")).startswith(BEFORE)]


def _last_logged(logs: t.Any, definition: Raw) -> int | None:
    """Return the time of the last log line in milliseconds; None if there is none, or AWS answers with an error.

    The report works without it.
    """
    options = [(one.get("logConfiguration") or {}).get("options") or {} for one in definition["containerDefinitions"]]
    group = next((one["awslogs-group"] for one in options if "awslogs-group" in one), None)
    if not group:
        return None
    try:
        newest = {"orderBy": "LastEventTime", "descending": True, "PaginationConfig": {"MaxItems": 1, "PageSize": 1}}
        found = pages(logs, "describe_log_streams", "logStreams", logGroupName=group, **newest)
    except ClientError:
        return None
    return next((one.get("lastEventTimestamp") for one in found), None)


def report(job: Raw, now: datetime.datetime) -> Job:
    """Return the report of a job."""
    values, definition = decide.values(job["schedule"]), job["definition"]
    stopped = [task for task in job["tasks"] if task["lastStatus"] == "STOPPED"]
    newest = max(stopped, key=lambda task: task.get("stoppedAt") or task["createdAt"], default=None)
    logged = datetime.datetime.fromtimestamp(job["logged"] / 1000, datetime.UTC) if job["logged"] else None
    began = max(filter(None, (*(task.get("createdAt") for task in job["tasks"]), logged)), default=None)
    following = expression.next_run(values["schedule_expression"], values["schedule_expression_timezone"], now, began)
    result = {
        "name": job["schedule"]["Name"],
        "expression": values["schedule_expression"],
        "timezone": values["schedule_expression_timezone"],
        "window": values["flexible_time_window"],
        "enabled": values["enabled"],
        "revision": last(str(definition["taskDefinitionArn"])),
        "image": next((one["image"] for one in definition["containerDefinitions"]), ""),
        "running": len(job["tasks"]) - len(stopped),
        "next_run": moment(following) if values["enabled"] else "",
        "last_run": _run(newest, definition) if newest else None,
        "last_log_line": moment(logged),
    }
    return {**result, "problem": _problem(result)}


def _run(task: Raw, definition: Raw) -> Job:
    found = outcome(task, diagnose.main_container(definition))
    return {
        "task": last(str(task["taskArn"])),
        "started_by": task.get("startedBy", ""),
        "started_at": moment(task.get("startedAt") or task.get("createdAt")),
        "stopped_at": moment(task.get("stoppedAt")),
        "exit_code": found["exit_code"],
        "reason": found["reason"],
    }


def _problem(job: Job) -> str:
    run = job["last_run"]
    if not run or run["exit_code"] == 0:
        return ""
    ended = "without an exit code" if run["exit_code"] is None else f"with exit code {run['exit_code']}"
    return (
        f"its last run ended {ended} at {run['stopped_at']}: {str(run['reason'] or 'ECS gives no reason').rstrip('.')}"
    )


def problems(jobs: t.Iterable[Raw]) -> list[str]:
    """Return a message for each failed job."""
    return [f"Job {job['name']} has failed: {job['problem']}." for job in jobs if job["problem"]]


def lines(job: Raw) -> list[str]:
    """Return the report of a job as lines."""
    state = "FAILED" if job["problem"] else "scheduled" if job["enabled"] else "disabled, so that nothing starts it"
    shade = {"FAILED": tone.WRONG, "scheduled": tone.WELL}.get(state, tone.DOUBT)
    running = f", {counted(job['running'], 'task')} running" if job["running"] else ""
    said = ": ".join(filter(None, (f"job {state}{running}", job["problem"])))
    within = f", within {counted(job['window'], 'minute')}" if job["window"] else ""
    return [
        tone.Line(f"  {job['name']}  {said}", shade),
        f"    Schedule     {job['expression']} {job['timezone']}{within}",
        *([f"    Next run     {job['next_run'] or 'unknown: AWS does not report it'}"] if job["enabled"] else []),
        f"    Last run     {_last(job)}",
        f"    Revision     {job['revision']}",
        f"    Image        {job['image']}",
    ]


def _last(job: Raw) -> str:
    run = job["last_run"]
    if run:
        code = "no exit code" if run["exit_code"] is None else f"exit code {run['exit_code']}"
        return f"{run['started_at']} to {run['stopped_at']}, {code}, started by {run['started_by'] or 'somebody'}"
    if job["last_log_line"]:
        return f"its last log line was at {job['last_log_line']}; ECS keeps exit codes for an hour"
    return "none known"
