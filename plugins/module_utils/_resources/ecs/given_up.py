# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether ECS starts no further task of a deployment, or hardly ever, so that it has to be started again."""

from __future__ import annotations

import typing as t

from .decide import has_failed, primary_deployment
from .diagnose import seconds, throttled

Data = t.Mapping[str, t.Any]


def is_given_up(service: Data) -> bool:
    """Return whether what was fixed since would be noticed late or never: a service as DescribeServices returns it."""
    return has_failed(service) or is_throttled(service)


def is_throttled(service: Data) -> bool:
    """Return whether ECS waits before it starts a task again, up to 27 minutes, as tasks have failed to start.

    It does so after the event that says it, while tasks are missing and none is on its way.  A new deployment begins
    without it: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html.  One that
    shifts traffic is left to its own end.
    """
    primary = primary_deployment(service)
    strategy = (service.get("deploymentConfiguration") or {}).get("strategy", "ROLLING")
    waits = primary.get("runningCount", 0) < primary.get("desiredCount", 0) and not primary.get("pendingCount")
    if strategy != "ROLLING" or primary.get("rolloutState") != "IN_PROGRESS" or not waits:
        return False
    began = seconds(primary.get("createdAt"))
    return any(throttled(event) and seconds(event.get("createdAt")) >= began for event in service.get("events") or [])
