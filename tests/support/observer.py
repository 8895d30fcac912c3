# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Observe a deployment while something else waits for it."""

from __future__ import annotations

import threading
import time
import typing as t


class Observer:
    """Check ten times a second for a sign, and record when it first appeared."""

    def __init__(self, sign: t.Callable[[], bool]) -> None:
        self._sign, self._over = sign, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.seen: float | None = None

    def _watch(self) -> None:
        while not self._over.wait(0.1) and self.seen is None:
            if self._sign():
                self.seen = time.monotonic()

    def __enter__(self) -> t.Self:
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        # ends with the sign
        self._thread.join(timeout=300)
        self._over.set()


def primary(service: t.Mapping[str, t.Any]) -> str:
    """Return the id of the PRIMARY deployment."""
    return next(str(item["id"]) for item in service["deployments"] if item["status"] == "PRIMARY")


def is_completed(service: t.Mapping[str, t.Any]) -> bool:
    """Return whether the only deployment of a service is completed."""
    deployments = service["deployments"]
    return len(deployments) == 1 and deployments[0]["rolloutState"] == "COMPLETED"
