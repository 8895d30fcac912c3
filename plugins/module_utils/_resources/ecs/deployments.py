# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The last deployment of a service, and whether it has to be started again, as ECS starts no further task of it."""

from __future__ import annotations

import typing as t

from .diagnose import seconds, throttled

Data = t.Mapping[str, t.Any]


def primary(service: Data) -> Data:
    """Return the PRIMARY deployment of a service as DescribeServices returns it, or an empty map."""
    return next((item for item in service.get("deployments", []) if item.get("status") == "PRIMARY"), {})


def started(before: Data | None, after: Data) -> str | None:
    """Return the id of the deployment that is PRIMARY now and was not there before, or null."""
    known = {deployment.get("id") for deployment in (before or {}).get("deployments", [])}
    last = primary(after)
    return last.get("id") if last.get("id") not in known else None


def is_given_up(service: Data) -> bool:
    """Return whether what was fixed since would be noticed late or never: a service as DescribeServices returns it."""
    return has_failed(service) or is_throttled(service)


def has_failed(service: Data) -> bool:
    """Return whether the last deployment has failed, and has to be started again whatever was fixed since.

    "A deployment in FAILED state doesn't launch any new tasks": Deployment in the ECS API reference.
    """
    return bool(primary(service).get("rolloutState") == "FAILED")


def is_throttled(service: Data) -> bool:
    """Return whether ECS waits before it starts a task again, up to 27 minutes, as tasks have failed to start.

    It does so after the event that says it, while tasks are missing and none is on its way.  A new deployment begins
    without it: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html.  One that
    shifts traffic is left to its own end.
    """
    last = primary(service)
    strategy = (service.get("deploymentConfiguration") or {}).get("strategy", "ROLLING")
    waits = last.get("runningCount", 0) < last.get("desiredCount", 0) and not last.get("pendingCount")
    if strategy != "ROLLING" or last.get("rolloutState") != "IN_PROGRESS" or not waits:
        return False
    began = seconds(last.get("createdAt"))
    return any(throttled(event) and seconds(event.get("createdAt")) >= began for event in service.get("events") or [])
