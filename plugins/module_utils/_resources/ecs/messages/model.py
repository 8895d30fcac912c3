# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a message of ECS is, and the pages that tell of them."""

from __future__ import annotations

import functools
import re
import typing as t
from dataclasses import dataclass

Heals = t.Literal["yes", "perhaps", "no"]


@dataclass(frozen=True)
class Message:
    """What one message of AWS means.

    :param says: AWS's words, C(…) for what differs; they are the first row's that they match.
    :param pattern: the regular expression that finds it, in any case.
    :param kind: the outcome that it makes (C(outcomes.OUTCOMES)); empty where it tells of no failure.
    :param heals: whether trying again can help though nobody changes anything: C(yes) in time, C(perhaps) as when new
        permissions or routes take a while to be seen, or C(no).
    :param cause, next_step: sentences for people.
    :param page: where AWS tells it, a key of C(PAGES).
    :param what: the headline, where it is not the outcome's.
    :param exit_codes: of a container, one of which it needs; empty: it needs none.
    :param every_code: it needs all of them, each of some container.
    """

    says: str
    pattern: str
    kind: str
    heals: Heals
    cause: str
    next_step: str
    page: str
    what: str = ""
    exit_codes: tuple[int, ...] = ()
    every_code: bool = False

    @property
    def permanent(self) -> bool:
        """Whether the same thing fails again however often it is tried."""
        return self.heals == "no"

    def found_in(self, text: str, exit_codes: t.Collection[int] = ()) -> bool:
        """Whether the text is this message."""
        needed = all if self.every_code else any
        ended = not self.exit_codes or needed(code in exit_codes for code in self.exit_codes)
        return ended and compiled(self.pattern).search(text) is not None


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the expression, for any case and over lines."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
PAGES = {
    "stopped-task-error-codes": "Amazon ECS stopped tasks error messages",
    "stopped-tasks-error-messages-updates": "Amazon ECS stopped task error messages updates",
    "stopped-task-errors": "Viewing Amazon ECS stopped task errors",
    "failed-to-start-error": "Troubleshooting Amazon ECS TaskFailedToStart errors",
    "resource-initialization-error": "Troubleshooting Amazon ECS ResourceInitializationError errors",
    "resource-not-found-error": "Troubleshooting Amazon ECS ResourceNotFoundException errors",
    "spot-interruption-errors": "Troubleshooting Amazon ECS SpotInterruption errors",
    "internal-error": "Troubleshooting Amazon ECS InternalError errors",
    "out-of-memory": "Troubleshooting Amazon ECS OutOfMemoryError errors",
    "container-runtime-error": "Troubleshooting Amazon ECS ContainerRuntimeError errors",
    "container-runtime-timeout-error": "Troubleshooting Amazon ECS ContainerRuntimeTimeoutError errors",
    "cannot-start-container": "Troubleshooting Amazon ECS CannotStartContainerError errors",
    "cannot-stop-container": "Troubleshooting Amazon ECS CannotStopContainerError errors",
    "cannot-inspect-container": "Troubleshooting Amazon ECS CannotInspectContainerError errors",
    "cannot-create-volume": "Troubleshooting Amazon ECS CannotCreateVolumeError errors",
    "task_cannot_pull_image": "CannotPullContainer task errors in Amazon ECS",
    "api_failures_messages": "Amazon ECS API failure reasons",
    "service-event-messages-list": "Amazon ECS service event messages",
    "service-unhealthy-event-messages": "Amazon ECS service unhealthy event messages",
    "service-rebalancing-event-messages-list": "Availability Zone service rebalancing service event messages",
    "deployment-circuit-breaker": "How the Amazon ECS deployment circuit breaker detects failures",
}
"""Pages of the Developer Guide by the end of their address."""
