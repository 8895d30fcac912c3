# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A message of ECS, and the pages that document them."""

from __future__ import annotations

import functools
import re
import typing as t
from dataclasses import dataclass

from ..outcomes import Cause

Heals = t.Literal["yes", "perhaps", "no"]


@dataclass(frozen=True)
class Message:
    """What one message of AWS means.

    :param text: AWS's words, with C(…) for the variable parts.
    :param pattern: the regular expression that matches it, in any case.
    :param outcome: the outcome that it causes (C(outcomes.OUTCOMES)); empty if it is not a failure.
    :param heals: whether a retry can help without any change: C(yes) eventually, C(perhaps) as with new permissions or
        routes that take effect later, or C(no).
    :param cause: the meaning, for docs/troubleshooting.md; :param next_step: what to do, in messages, too.
    :param page: the page that documents it, a key of C(PAGES).
    :param headline: the headline, if it is not the outcome's.
    :param exit_codes: it matches only if a container ended with one of them; empty for any.
    :param every_code: all of C(exit_codes) are needed.
    """

    text: str
    pattern: str
    outcome: Cause
    heals: Heals
    cause: str
    next_step: str
    page: str
    headline: str = ""
    exit_codes: tuple[int, ...] = ()
    every_code: bool = False

    @property
    def permanent(self) -> bool:
        """Whether retries can't help."""
        return self.heals == "no"

    def found_in(self, text: str, exit_codes: t.Collection[int] = ()) -> bool:
        """Return whether the text is this message."""
        needed = all if self.every_code else any
        ended = not self.exit_codes or needed(code in exit_codes for code in self.exit_codes)
        return ended and compiled(self.pattern).search(text) is not None


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the regular expression, compiled to ignore case and match across lines."""
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
"""Titles of the Developer Guide's pages by the last part of their URL."""
