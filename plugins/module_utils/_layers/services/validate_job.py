# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Validate the schedule of a job."""

from __future__ import annotations

import re
import typing as t

from ..._resources.scheduler import decide, expression
from .validate_routes import out_of_range

Inputs = t.Mapping[str, t.Any]

SERVICE_OPTIONS = (
    "port",
    "rule",
    "rules",
    "protocol_version",
    "health_check",
    "deregistration_delay",
    "slow_start",
    "stickiness_duration",
    "health_check_grace_period",
    "smoke",
    "desired_count",
    "desired_count_policy",
    "autoscaling",
    "circuit_breaker",
    "deployment",
    "deployment_alarms",
    "minimum_healthy_percent",
    "maximum_percent",
    "availability_zone_rebalancing",
    "allow_from",
    "service_discovery",
)
"""The options for keeping tasks of an ECS service running, or for reaching them, which a job can't have."""

DAY = 1440
"""Minutes, the maximum of a flexible time window (API_FlexibleTimeWindow)."""

# API_DeadLetterConfig accepts the ARN of a standard queue; a name has 1 to 80 characters (API_CreateQueue).
_QUEUE = re.compile(r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,80}")


def problems(service: Inputs) -> t.Iterator[str]:
    """Yield the problems with I(service) if it is a job, one message each."""
    schedule = service["schedule"]
    if not schedule:
        return
    given = [key for key in SERVICE_OPTIONS if key in service["given"]]
    if given:
        yield (
            f"schedule makes it a job, whose task starts on schedule and ends on its own, so it can't have"
            f" {' or '.join(given)}. Take {'it' if len(given) == 1 else 'them'} out, or schedule."
        )
    yield from _time_problems(schedule)
    if not expression.is_zone(schedule["timezone"]):
        yield (
            f"schedule.timezone '{schedule['timezone']}' is not a time zone of the IANA's database: UTC, Asia/Seoul."
            " Change it."
        )
    for key, high in (("retries", decide.RETRIES), ("window", DAY)):
        if not 0 <= schedule[key] <= high:
            yield out_of_range(f"schedule.{key}", schedule[key], 0, high)
    queue = schedule["dead_letter"]
    if queue and not _QUEUE.fullmatch(queue):
        yield (
            f"schedule.dead_letter '{queue}' is neither the ARN nor the name of a standard SQS queue"
            " (arn:aws:sqs:REGION:ACCOUNT:NAME), and Scheduler takes no FIFO queue. Change it."
        )


def _time_problems(schedule: Inputs) -> t.Iterator[str]:
    cron, rate = schedule["cron"], schedule["rate"]
    if bool(cron) == bool(rate):
        yield f"schedule has {'both cron and rate' if cron else 'neither cron nor rate'}. Set the one or the other."
    elif cron and (wrong := expression.cron_problem(cron)):
        yield f"schedule.cron '{cron}' {wrong}"
    elif rate and (wrong := expression.rate_problem(rate)):
        yield f"schedule.rate '{rate}' {wrong}"
