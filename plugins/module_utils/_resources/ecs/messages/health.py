# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECS's messages about tasks that run out of memory or are unhealthy."""

from __future__ import annotations

from .model import Message
from .words import CHECK_THE_COMMAND, CHECK_THE_PATH, EVENTS, RAISE_THE_MEMORY

MEMORY: tuple[Message, ...] = (
    Message(
        "OutOfMemoryError: Container killed due to memory usage",
        r"OutOfMemory|killed due to memory",
        "out_of_memory",
        "perhaps",
        "The container needs more memory than the task or the container may use.",
        RAISE_THE_MEMORY,
        "out-of-memory",
    ),
)

HEALTH: tuple[Message, ...] = (
    Message(
        "Task failed container health checks",
        r"container health check",
        "health_check",
        "perhaps",
        "The command of the container's health check fails.",
        CHECK_THE_COMMAND,
        "stopped-task-errors",
    ),
    Message(
        "(service …) … (task …) is not healthy in target-group (…) due to TARGET GROUP IS NOT FOUND",
        r"TARGET GROUP IS NOT FOUND",
        "blocked",
        "no",
        "The target group of the service has been deleted.",
        "Remove the service and deploy it again: it keeps the ARN of the group that is gone.",
        EVENTS,
        headline="its target group is gone",
    ),
    Message(
        "(service …) … (task …) is not healthy in target-group (…) due to TARGET IS NOT FOUND",
        r"TARGET IS NOT FOUND",
        "health_check",
        "perhaps",
        "A task is not registered in the target group: something else took it out, or its registration failed.",
        "Let nothing but ECS register and remove the group's targets, and deploy again.",
        EVENTS,
    ),
    Message(
        "Task failed ELB health checks in (target-group …), (service …) (task …) (port …) is unhealthy in "
        "(target-group …) due to (reason …)",
        r"is (unhealthy|not healthy) in|failed ELB health checks",
        "health_check",
        "perhaps",
        "The load balancer's health checks fail.",
        CHECK_THE_PATH,
        "service-unhealthy-event-messages",
    ),
)
