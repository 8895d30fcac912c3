# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Imports the schedule of a job and the queue of a worker from AWS Copilot.  Plain data in and out.

https://aws.github.io/copilot-cli/docs/manifest/scheduled-job/, …/manifest/worker-service/.
"""

from __future__ import annotations

import re
import typing as t

from .model import Data, Taken, leave_rest, seconds, text

_NAMED = {
    "@yearly": "0 0 1 1 ? *",
    "@annually": "0 0 1 1 ? *",
    "@monthly": "0 0 1 * ? *",
    "@weekly": "0 0 ? * 1 *",
    "@daily": "0 0 * * ? *",
    "@midnight": "0 0 * * ? *",
    "@hourly": "0 * * * ? *",
}
_WRITE = "write schedule.cron or schedule.rate, as EventBridge Scheduler has them."


def schedule(taken: Taken, given: Data) -> dict[str, t.Any]:
    """Return the option C(schedule) of a job."""
    # YAML 1.1 parses the key 'on' as true
    on = given.get("on") or t.cast("t.Mapping[t.Any, t.Any]", given).get(True) or {}
    said = text(on.get("schedule")).strip()
    found = _schedule(said)
    if not found:
        taken.leave(f"on.schedule '{said}'", f"has no counterpart as it is: {_WRITE}")
        found = {"cron": _NAMED["@daily"], "enabled": False}
    for key, why in (
        (
            "retries",
            "Scheduler tries again where a task does not start; one that fails is the application's to repeat.",
        ),
        ("timeout", "nothing ends a task that works; have the application do so."),
    ):
        if given.get(key):
            taken.leave(f"manifest: {key}", why)
    return {"schedule": found}


def _schedule(said: str) -> dict[str, t.Any]:
    if said == "none":
        return {"cron": _NAMED["@daily"], "enabled": False}
    if said in _NAMED:
        return {"cron": _NAMED[said]}
    if of_aws := re.fullmatch(r"(rate|cron)\((.+)\)", said):
        return {of_aws[1]: of_aws[2].strip()}
    if said.startswith("@every "):
        return {"rate": _rate(seconds(said.removeprefix("@every ").strip()))}
    cron = _cron(said.split())
    return {"cron": cron} if cron else {}


def _rate(every: int) -> str:
    minutes = max(1, round(every / 60))
    number, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _cron(fields: list[str]) -> str:
    """Return a cron expression of five fields as AWS's six: one of the two days is a question mark, and Sunday is 1."""
    if len(fields) != 5:
        return ""
    minute, hour, day, month, weekday = fields
    if weekday in ("*", "?"):
        return f"{minute} {hour} {'*' if day == '?' else day} {month} ? *"
    if day not in ("*", "?") or "/" in weekday:
        return ""
    days = re.sub(r"\d+", lambda found: str(int(found[0]) % 7 + 1), weekday)
    if any(int(first) > int(last) for first, last in re.findall(r"(\d)-(\d)", days)):
        return ""
    return f"{minute} {hour} ? {month} {days} *"


def queue(taken: Taken, given: Data) -> dict[str, t.Any]:
    """Return the option C(queue) for the queue that Copilot creates for each worker."""
    subscribe = given.get("subscribe") or {}
    options = subscribe.get("queue") or {}
    if subscribe.get("topics"):
        taken.leave("subscribe.topics", "subscribe the queue to these SNS topics elsewhere.")
    leave_rest(taken, "subscribe.queue", options, {"retention", "timeout", "dead_letter"})
    tries = (options.get("dead_letter") or {}).get("tries")
    found = {
        "variable": "COPILOT_QUEUE_URI",
        "visibility": seconds(options["timeout"]) if options.get("timeout") else None,
        "retention": seconds(options["retention"]) if options.get("retention") else None,
        "dead_letter": {"max_receives": int(tries)} if tries else None,
    }
    return {"queue": {key: value for key, value in found.items() if value is not None}}


def backlog(count: Data) -> dict[str, float]:
    """Return C(backlog_per_task): acceptable latency divided by processing time."""
    delay = count.get("queue_delay") or {}
    if not delay.get("acceptable_latency") or not delay.get("msg_processing_time"):
        return {}
    return {"backlog_per_task": round(_span(delay["acceptable_latency"]) / _span(delay["msg_processing_time"]), 2)}


def _span(value: t.Any) -> float:
    """Return a duration in seconds, including fractions."""
    parts = re.fullmatch(r"([\d.]+)ms", str(value).strip())
    return float(parts[1]) / 1000 if parts else float(seconds(value))
