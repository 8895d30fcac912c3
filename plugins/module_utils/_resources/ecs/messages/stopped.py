# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECS's messages about containers that exited, and those that are not failures."""

from __future__ import annotations

import typing as t

from .model import Message
from .words import COMMAND, EVENTS, READ_THE_LOG


def _exited(which: str, cause: str, next_step: str, **more: t.Any) -> Message:
    text, pattern = f"Essential container in task exited{which}", r"essential container in task exited"
    return Message(text, pattern, "crash_loop", "perhaps", cause, next_step, "stopped-task-errors", **more)


ENDS: tuple[Message, ...] = (
    _exited(
        " (exit codes 0 and 137)",
        "One container ended without an error, and another was killed (SIGKILL): because the first had "
        "ended, or for its memory use.",
        "Run the program that ends in the foreground, as its container's command; raise the memory if the other "
        "container was killed first.",
        exit_codes=(0, 137),
        every_code=True,
    ),
    _exited(
        " (exit code 0)",
        "The container's main process ended without an error: a service's has to keep running.",
        "Run the program in the foreground as the container's command; run what should end as a task (run.yml).",
        headline="its tasks exit without an error",
        exit_codes=(0,),
    ),
    _exited(
        " (exit code 137)",
        "The process was killed (SIGKILL) for its memory use, or because it did not exit within its stop_timeout.",
        "Raise the memory, and read the container's last log lines.",
        exit_codes=(137,),
    ),
    _exited(
        " (exit code 139)",
        "The process crashed (SIGSEGV).",
        "Run the image on its own on the task's architecture; a library may be built for another one.",
        exit_codes=(139,),
    ),
    _exited(
        " (exit code 126, 127)",
        "The shell of the container's command found no such program, or may not run it.",
        COMMAND,
        exit_codes=(126, 127),
    ),
    _exited(
        "",
        "The container's main process ended with an error.",
        READ_THE_LOG,
    ),
    Message(
        "(service …) is unable to consistently start tasks successfully",
        r"unable to consistently start tasks",
        "crash_loop",
        "perhaps",
        "Tasks have failed again and again; ECS starts new ones ever more slowly.",
        "Read why the last tasks stopped (logs.yml -e stopped=true).",
        EVENTS,
    ),
    Message(
        "(service …) (deployment …) deployment failed: tasks failed to start",
        r"tasks failed to start",
        "crash_loop",
        "perhaps",
        "So many tasks failed that ECS gave the deployment up.",
        "Read why the last tasks stopped (logs.yml -e stopped=true).",
        EVENTS,
    ),
)

NO_FAILURE: tuple[Message, ...] = (
    Message(
        "(service …) has reached a steady state",
        r"has reached a steady state",
        "",
        "yes",
        "All is well.",
        "Nothing.",
        EVENTS,
    ),
    Message(
        "(service …) is (not) AZ balanced …, has started (stopped) … tasks in … to AZ Rebalance",
        r"AZ.(re)?balanc",
        "",
        "yes",
        "ECS spreads the tasks over the zones again.",
        "Nothing.",
        "service-rebalancing-event-messages-list",
    ),
    Message(
        "SpotInterruption: Your Spot Task was interrupted",
        r"Spot ?(Task was )?Interrupt",
        "",
        "yes",
        "AWS took Fargate Spot capacity back; ECS starts another task when there is some.",
        "Give the service more zones, or FARGATE beside FARGATE_SPOT, if that happens too often.",
        "spot-interruption-errors",
    ),
    Message(
        "Scaling activity initiated by (deployment …), Task stopped by user, Host EC2 (instance …) terminated, "
        "Container instance deregistration forced by user",
        r"Scaling activity initiated|stopped by user|Host EC2|deregistration forced|"
        r"maintenance on the underlying infrastructure",
        "",
        "yes",
        "Someone, a scale-in or AWS's maintenance stopped the task; ECS starts another where one is wanted.",
        "Nothing.",
        "stopped-task-errors",
    ),
)
