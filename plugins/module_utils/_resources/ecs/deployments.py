# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The last deployment of a service, and whether it has to be restarted because ECS has stopped trying."""

from __future__ import annotations

import typing as t

from .diagnose import is_throttling, seconds

Data = t.Mapping[str, t.Any]


def primary(service: Data) -> Data:
    """Return the PRIMARY deployment of a service, or an empty map."""
    return next((item for item in service.get("deployments", []) if item.get("status") == "PRIMARY"), {})


def started(before: Data | None, after: Data) -> str | None:
    """Return the ID of the PRIMARY deployment if it did not exist before, else None."""
    known = {deployment.get("id") for deployment in (before or {}).get("deployments", [])}
    last = primary(after)
    return last.get("id") if last.get("id") not in known else None


def needs_restart(service: Data) -> bool:
    """Return whether ECS would notice a fix late or never, so that the deployment has to be restarted."""
    return has_failed(service) or is_throttled(service)


def has_failed(service: Data) -> bool:
    """Return whether the last deployment has failed.

    "A deployment in FAILED state doesn't launch any new tasks": Deployment in the ECS API reference.
    """
    return bool(primary(service).get("rolloutState") == "FAILED")


def is_throttled(service: Data) -> bool:
    """Return whether ECS delays the next task, by up to 27 minutes, because earlier ones failed to start.

    It does if its event says so while tasks are missing and none is pending.  A new deployment starts without delay:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html.  One that shifts traffic is
    left alone.
    """
    last = primary(service)
    strategy = (service.get("deploymentConfiguration") or {}).get("strategy", "ROLLING")
    waits = last.get("runningCount", 0) < last.get("desiredCount", 0) and not last.get("pendingCount")
    if strategy != "ROLLING" or last.get("rolloutState") != "IN_PROGRESS" or not waits:
        return False
    began = seconds(last.get("createdAt"))
    return any(
        is_throttling(event) and seconds(event.get("createdAt")) >= began for event in service.get("events") or []
    )
