# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Patterns, pages and next steps that several messages share."""

from __future__ import annotations

from ..outcomes import OUTCOMES

# The agent's words for an unreachable destination, and below for a denied call.
NO_WAY = (
    r"(i/o timeout|deadline exceeded|request ?cancell?ed|context cancell?ed|send request failed|connection issue|"
    r"no such host|connection (refused|reset)|TLS handshake|signal: killed|network con(nection|figuration)|"
    r"maximum number of attempts|timed? ?out)"
)
DENIED = r"(AccessDenied|access denied|not authorized to perform|Forbidden|StatusCode: 403|status code:? 403)"


def reach(what: str, endpoints: str) -> str:
    """Return the next step for a task that can't reach I(what), with the VPC I(endpoints) for it."""
    return (
        f"Let the task's subnets reach {what}: a public IP address or a NAT gateway, or VPC endpoints ({endpoints}); "
        "its security group has to allow outbound 443, the endpoints' group inbound 443, and the VPC has to resolve "
        "DNS names."
    )


INIT = "resource-initialization-error"
PULL = "task_cannot_pull_image"
START = "failed-to-start-error"
EVENTS = "service-event-messages-list"

REACH_ECR = reach("ECR and S3", "ecr.api, ecr.dkr and S3's gateway endpoint")
REACH_SECRETS = reach("Secrets Manager or Systems Manager", "secretsmanager, ssm and kms")
QUOTA = "Ask for a higher quota (Service Quotas, AWS Fargate), or run fewer or smaller tasks."
ON_EC2 = "This is about EC2 instances: let the service use Fargate's capacity providers, or add instances that fit."
ADDRESSES = "Give the service subnets with free addresses, or remove what takes them."
COMMAND = "Correct the command, entry point or working directory of the container, or put the program into the image."
CHECK_THE_COMMAND = (
    "Run the command of the container's health check in the container, and raise its start_period where the "
    "application needs longer to start."
)
CHECK_THE_PATH = (
    "Request the health path in the container: port, path, expected code and grace period must agree with the target "
    "group, and the tasks' security group has to let the load balancer in."
)
READ_THE_LOG = OUTCOMES["crash_loop"].next_step
RAISE_THE_MEMORY = OUTCOMES["out_of_memory"].next_step
FIX_THE_ALARM = "Fix what the alarm watches, or the alarm, and deploy again."
WAIT = "Wait: ECS retries automatically."
