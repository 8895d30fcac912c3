# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECS's messages about roles and containers that keep a task from starting."""

from __future__ import annotations

from .model import Message
from .words import COMMAND, EVENTS, START, WAIT

STARTS: tuple[Message, ...] = (
    # --- roles
    Message(
        "ECS was unable to assume the role '…' that was provided for this task",
        r"unable to assume the (task |execution )?role",
        "cannot_start",
        "perhaps",
        "ECS can't assume the task's role or its execution role; one that was just created takes a while to be seen.",
        "Check that the role exists, that its trust policy lets ecs-tasks.amazonaws.com assume it and that whoever "
        "deploys may pass it (iam:PassRole).",
        START,
    ),
    Message(
        "Unable to assume the service linked role",
        r"service.linked role",
        "blocked",
        "perhaps",
        "ECS can't use its service-linked role AWSServiceRoleForECS.",
        "Create it (aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com), and deploy again.",
        EVENTS,
    ),
    # --- containers that don't start
    Message(
        'exec: "…": executable file not found in $PATH, exec …: no such file or directory',
        r"executable file not found|no such file or directory",
        "cannot_start",
        "no",
        "The image has no such command, or its interpreter is missing.",
        COMMAND,
        "cannot-start-container",
    ),
    Message(
        'exec: "…": permission denied',
        r"exec.*permission denied",
        "cannot_start",
        "no",
        "The container's user may not run the command.",
        "Make the command executable in the image (chmod +x), or run the container as another user.",
        "cannot-start-container",
    ),
    Message(
        "CannotStartContainerError: failed to get container status: …",
        r"CannotStartContainer|failed to get container status",
        "cannot_start",
        "perhaps",
        "The container can't be started: a wrong command or option, or too little memory to start.",
        "Run the image on its own with the same command and user, and raise its memory if it is short.",
        "cannot-start-container",
    ),
    Message(
        "CannotCreateVolumeError: …",
        r"CannotCreateVolume",
        "cannot_start",
        "perhaps",
        "A volume of the task definition can't be created.",
        "Check the task definition's volumes: names, file system, access point and permissions.",
        "cannot-create-volume",
    ),
    Message(
        "ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting …, DockerTimeoutError",
        r"DockerTimeoutError|Could not transition to|Docker timeout",
        "cannot_start",
        "perhaps",
        "The container did not start or stop in time.",
        "Give the task more CPU and memory or a smaller image; if it continues, ask AWS Support with the task's ARN.",
        "container-runtime-timeout-error",
    ),
    Message(
        "ContainerRuntimeError: …",
        r"ContainerRuntimeError",
        "cannot_start",
        "yes",
        "Fargate's agent or container runtime failed.",
        WAIT + " If it continues, ask AWS Support with the task's ARN.",
        "container-runtime-error",
    ),
    Message(
        "CannotStopContainerError: failed sending SIGTERM to container: …",
        r"CannotStopContainer",
        "crash_loop",
        "yes",
        "A container could not be stopped.",
        "Let the application end at SIGTERM within its stop_timeout; if it continues, ask AWS Support.",
        "cannot-stop-container",
        headline="one of its containers can't be stopped",
    ),
    Message(
        "CannotInspectContainerError: …",
        r"CannotInspectContainer",
        "cannot_start",
        "yes",
        "Fargate's agent can't inspect the container.",
        WAIT + " If it continues, ask AWS Support with the task's ARN.",
        "cannot-inspect-container",
    ),
    Message(
        "CannotCreateContainerError: …",
        r"CannotCreateContainer",
        "cannot_start",
        "perhaps",
        "The container can't be created: its options contradict each other, or the disk is full.",
        "Check the container's options, volumes and ephemeral storage.",
        "stopped-task-error-codes",
    ),
)
