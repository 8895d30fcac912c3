# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECS's messages about tasks that it can't place."""

from __future__ import annotations

from .model import Message
from .words import ADDRESSES, EVENTS, ON_EC2, QUOTA, START, WAIT

PLACEMENT: tuple[Message, ...] = (
    Message(
        "InsufficientFreeAddressesInSubnet, The specified subnet does not have enough free addresses …",
        r"free addresses|InsufficientFreeAddresses|Create Network Interface with public IP assignment",
        "placement",
        "perhaps",
        "The subnet has no free addresses.",
        ADDRESSES,
        START,
    ),
    Message(
        "Unable to attach network interface to unused device index",
        r"unused device index",
        "placement",
        "perhaps",
        "The instance has no room for another network interface.",
        ON_EC2,
        START,
    ),
    Message(
        "Unexpected EC2 error while attempting to …: …",
        r"Unexpected EC2 error",
        "placement",
        "perhaps",
        "EC2 did not create or tag the task's network interface.",
        "Read EC2's error: subnets and security groups have to exist in one VPC, and policies of the organization have "
        "to allow the interface and its tags.",
        START,
    ),
    Message(
        "Timeout waiting for network interface provisioning to complete",
        r"network interface provision|failed to configure eni",
        "placement",
        "yes",
        "The task's network interface was not ready in time.",
        WAIT + " If it continues, check the subnets' free addresses and the quota of network interfaces.",
        START,
    ),
    Message(
        "Timeout waiting for EphemeralStorage provisioning to complete",
        r"EphemeralStorage provisioning",
        "placement",
        "yes",
        "The task's ephemeral storage was not ready in time.",
        WAIT + " If it continues, ask AWS Support with the task's ARN.",
        "stopped-task-error-codes",
    ),
    Message(
        "The selected task definition is not compatible with the selected compute strategy",
        r"not compatible with the selected compute",
        "placement",
        "no",
        "The task definition is for another kind of capacity than the service's.",
        "Let the task definition require FARGATE and the service use FARGATE or FARGATE_SPOT.",
        START,
    ),
    Message(
        "PlatformTaskDefinitionIncompatibilityException, PlatformUnknownException",
        r"PlatformTaskDefinitionIncompat|PlatformUnknown",
        "cannot_start",
        "no",
        "That platform version of Fargate does not exist, or can't do what the task definition asks for.",
        "Use platform version LATEST (1.4.0 on Linux).",
        "stopped-task-error-codes",
    ),
    Message(
        "(service …) was unable to place tasks in your cluster because the tasks provisioning capacity limit was "
        "exceeded",
        r"provisioning capacity limit",
        "placement",
        "yes",
        "The cluster has reached its limit of 500 tasks in PROVISIONING.",
        WAIT + " Scale in smaller steps, or spread the services over clusters.",
        EVENTS,
    ),
    Message(
        "… You've reached the limit on the number of tasks (vCPUs) you can run concurrently",
        r"limit on the number of",
        "placement",
        "perhaps",
        "Fargate's quota of tasks or vCPUs is used up.",
        QUOTA,
        EVENTS,
    ),
    Message(
        "… The requested CPU (MEMORY) configuration is above your limit",
        r"configuration is above your limit",
        "placement",
        "no",
        "The task is larger than the account's quota allows.",
        QUOTA,
        EVENTS,
    ),
    Message(
        "… Capacity is unavailable at this time. Please try again later or in a different availability zone",
        r"capacity is unavailable",
        "placement",
        "yes",
        "Fargate (or Fargate Spot) has no capacity in these zones now.",
        "Wait, give the service subnets in more zones, or another capacity provider (FARGATE beside FARGATE_SPOT).",
        EVENTS,
    ),
    Message(
        "No Container Instances were found in your capacity provider",
        r"No Container Instances were found",
        "placement",
        "perhaps",
        "The cluster has no instance that fits.",
        ON_EC2,
        EVENTS,
    ),
    Message(
        '… encountered error "AGENT", Timed out waiting for Amazon ECS Agent to start',
        r"error .?AGENT|ECS Agent to start|^(TaskFailedToStart: )?AGENT$",
        "placement",
        "perhaps",
        "The agent of the container instance is not connected.",
        ON_EC2,
        EVENTS,
    ),
    Message(
        "(service …) was unable to place a task because no container instance met all of its requirements. …",
        r"no container instance met|closest matching container.instance|\bRESOURCE:(CPU|MEMORY|PORTS|ENI|GPU)|"
        r"MemberOf placement|"
        r"is missing (an|the) attribute|^ATTRIBUTE",
        "placement",
        "perhaps",
        "No container instance has the CPU, memory, ports or attributes.",
        ON_EC2,
        EVENTS,
    ),
    Message(
        "(service …) could not launch … tasks for deployment …",
        r"could not launch",
        "placement",
        "perhaps",
        "ECS started some of the tasks and had no capacity for the others.",
        "Read the reason behind it: more zones, another capacity provider, smaller tasks or a higher quota.",
        EVENTS,
    ),
    Message(
        "InternalError: …, (service …) was unable to place a task. Reason: Internal error",
        r"Internal ?Error",
        "placement",
        "perhaps",
        "AWS failed, or a subnet is in a zone that has no Fargate.",
        WAIT + " If it continues, check that Fargate runs in the subnets' zones.",
        "internal-error",
    ),
)

OTHER_PLACEMENT: tuple[Message, ...] = (
    Message(
        "(service …) was unable to place a task. Reason: …",
        r"unable to place (a )?tasks?",
        "placement",
        "perhaps",
        "ECS could not place the task.",
        "Ask for less CPU or memory, other subnets or another capacity provider, or raise the Fargate quota.",
        EVENTS,
    ),
)
