# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ECS says of tasks and services that fail, what it means and what to do: a row a message.

Sources: the pages of the Amazon ECS Developer Guide that C(PAGES) names, of which every message has a row, and, for the
words behind their '<reason>', stopped tasks and events that people have published. docs/troubleshooting.md shows the
rows (tests/checks/messages.py writes them), and tests/unit/fixtures/ecs/messages.yml has AWS's texts.
"""

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
        told = not self.exit_codes or needed(code in exit_codes for code in self.exit_codes)
        return told and _compiled(self.pattern).search(text) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
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

# What the agent says of a network that leads nowhere, and of a call that is not allowed.
NO_WAY = (
    r"(i/o timeout|deadline exceeded|request ?cancell?ed|context cancell?ed|send request failed|connection issue|"
    r"no such host|connection (refused|reset)|TLS handshake|signal: killed|network con(nection|figuration)|"
    r"maximum number of attempts|timed? ?out)"
)
DENIED = r"(AccessDenied|access denied|not authorized to perform|Forbidden|StatusCode: 403|status code:? 403)"


def _reach(what: str, endpoints: str) -> str:
    return (
        f"Let the task's subnets reach {what}: a public IP address or a NAT gateway, or VPC endpoints ({endpoints}); "
        "its security group has to allow outbound 443, the endpoints' group inbound 443, and the VPC has to resolve "
        "DNS names."
    )


INIT = "resource-initialization-error"
PULL = "task_cannot_pull_image"
START = "failed-to-start-error"
EVENTS = "service-event-messages-list"

REACH_ECR = _reach("ECR and S3", "ecr.api, ecr.dkr and S3's gateway endpoint")
REACH_SECRETS = _reach("Secrets Manager or Systems Manager", "secretsmanager, ssm and kms")
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
READ_THE_LOG = "Read the container's last log lines, and run the image on its own with the same environment."
WAIT = "Wait: ECS tries again by itself."

MESSAGES: tuple[Message, ...] = (
    # --- memory and health come first: ECS says them beside other reasons
    Message(
        "OutOfMemoryError: Container killed due to memory usage",
        r"OutOfMemory|killed due to memory",
        "out_of_memory",
        "perhaps",
        "The container needs more memory than the task or the container may use.",
        "Raise the memory of the task or of the container, or fix what uses it.",
        "out-of-memory",
    ),
    # --- logs
    Message(
        "failed to validate logger args: … There is a connection issue between the task and Amazon CloudWatch",
        r"(logger args|log group|logging driver|log stream).*" + NO_WAY,
        "cannot_start",
        "perhaps",
        "The task can't reach CloudWatch Logs.",
        _reach("CloudWatch Logs", "logs"),
        INIT,
    ),
    Message(
        "failed to validate logger args: … not authorized to perform: logs:…",
        r"not authorized to perform: logs:|(logger args|log group|logging driver|log stream).*" + DENIED,
        "cannot_start",
        "perhaps",
        "The execution role may not write to the log group.",
        "Allow the execution role logs:CreateLogStream and logs:PutLogEvents on the log group (logs:CreateLogGroup, "
        "too, where the log driver is to create it).",
        INIT,
    ),
    Message(
        "The specified log group does not exist",
        r"log group does not exist|logger args.*ResourceNotFoundException|cannot find the Amazon CloudWatch log group",
        "cannot_start",
        "no",
        "The log group that the task definition names does not exist.",
        "Create the log group in the region that the log driver's options name, or correct its name.",
        INIT,
    ),
    Message(
        "failed to initialize logging driver: …",
        r"logging driver|logger args",
        "cannot_start",
        "perhaps",
        "The log driver can't start; as a rule the log group does not exist.",
        "Create the log group that the task definition names, or correct the options of its log driver.",
        INIT,
    ),
    Message(
        "… firelens …",
        r"\bfirelens\b",
        "cannot_start",
        "perhaps",
        "The log router (FireLens) can't start, or can't get its configuration.",
        "Check the log router's image and configuration file; where that is in S3, the task role needs s3:GetObject "
        "and s3:GetBucketLocation.",
        INIT,
    ),
    # --- environment files
    Message(
        "failed to download env files: … not found",
        r"(env(ironment variable)? files?\b).*(not ?found|NoSuchKey|NoSuchBucket|StatusCode: 404)",
        "cannot_start",
        "no",
        "The environment file is not in the bucket.",
        "Put the environment file into the bucket, or correct its address in the task definition.",
        INIT,
    ),
    Message(
        "failed to download env files: … StatusCode: 403, … Forbidden",
        r"(env(ironment variable)? files?\b).*" + DENIED,
        "cannot_start",
        "perhaps",
        "The execution role may not read the environment file.",
        "Allow the execution role s3:GetObject on the environment file and s3:GetBucketLocation on its bucket (and "
        "kms:Decrypt where a key of your own encrypts it).",
        INIT,
    ),
    Message(
        "The task cannot download the environment variable files from Amazon S3. There is a connection issue …",
        r"(env(ironment variable)? files?\b)",
        "cannot_start",
        "perhaps",
        "The task can't get its environment file from S3.",
        _reach("S3", "S3's gateway endpoint, with a route to it"),
        INIT,
    ),
    # --- EFS
    Message(
        "failed to invoke EFS utils commands …: … access denied by server",
        r"(EFS|mount\.nfs).*" + DENIED,
        "cannot_start",
        "perhaps",
        "The file system does not let the task in.",
        "Allow the task role elasticfilesystem:ClientMount (and ClientWrite), in the file system's policy, too, and "
        "check the access point and that transit encryption is on where IAM is asked.",
        INIT,
    ),
    Message(
        "failed to invoke EFS utils commands …: Failed to resolve …efs….amazonaws.com",
        r"EFS.*fail(ed)? to resolve",
        "cannot_start",
        "perhaps",
        "The file system has no mount target in the VPC, or the VPC does not resolve its name.",
        "Check the file system's ID, give it a mount target in each zone of the tasks, and turn DNS support and DNS "
        "host names of the VPC on.",
        INIT,
    ),
    Message(
        "failed to invoke EFS utils commands …: … reason given by server: No such file or directory",
        r"EFS.*(no such file or directory|does not exist)",
        "cannot_start",
        "no",
        "The directory is not in the file system.",
        "Create the directory in the file system, or use an access point that creates its root directory.",
        INIT,
    ),
    Message(
        "failed to invoke EFS utils commands to set up EFS volumes: …",
        r"EFS (utils|volume)|mount\.nfs",
        "cannot_start",
        "perhaps",
        "The task can't mount its file system.",
        "Let the file system's security group take port 2049 (NFS) from the tasks' group, and check its mount targets.",
        INIT,
    ),
    # --- secrets
    Message(
        "retrieved secret from Secrets Manager did not contain json key …",
        r"did not contain json key",
        "secrets",
        "no",
        "The secret has no such key.",
        "Add the key to the secret's JSON, or correct it in the task definition.",
        INIT,
    ),
    Message(
        "unable to retrieve secret from asm: … There is a connection issue between the task and AWS Secrets Manager",
        r"(secrets? manager|secretsmanager|from asm).*" + NO_WAY,
        "secrets",
        "perhaps",
        "The task can't reach Secrets Manager.",
        REACH_SECRETS,
        INIT,
    ),
    Message(
        "The task cannot pull secrets from AWS Systems Manager Parameter Store. Check your network connection …",
        r"(systems manager|parameter store|from ssm).*" + NO_WAY,
        "secrets",
        "perhaps",
        "The task can't reach Systems Manager.",
        REACH_SECRETS,
        INIT,
    ),
    Message(
        "… not authorized to perform: kms:Decrypt …",
        r"not authorized to perform: kms:|access to KMS is not allowed|KMS.*" + DENIED,
        "secrets",
        "perhaps",
        "The execution role may not use the key that encrypts the secret.",
        "Allow the execution role kms:Decrypt on the key, in its own policy and in the key's.",
        INIT,
    ),
    Message(
        "… not authorized to perform: secretsmanager:GetSecretValue …, … ssm:GetParameters …",
        r"not authorized to perform: (secretsmanager|ssm):|(\b(asm|ssm)\b|secrets manager|parameter store).*" + DENIED,
        "secrets",
        "perhaps",
        "The execution role may not read the secret.",
        "Allow the execution role secretsmanager:GetSecretValue or ssm:GetParameters on it; a new permission takes a "
        "while to be seen.",
        INIT,
    ),
    Message(
        "The task can't retrieve the secret with ARN '…' from AWS Secrets Manager. Check whether the secret exists …",
        r"can't find the specified secret|Check whether the secret exists|(\basm\b|secrets? manager).*ResourceNotFound",
        "secrets",
        "no",
        "There is no such secret in that region.",
        "Create the secret in the task's region, or correct its ARN in the task definition.",
        "resource-not-found-error",
    ),
    Message(
        "… from secrets manager: InvalidParameter: … GetSecretValueInput.VersionId",
        r"GetSecretValueInput|(\basm\b|secrets? manager).*InvalidParameter",
        "secrets",
        "no",
        "The secret's ARN with key and version is not well formed.",
        "Write it as ARN:key:version-stage:version-id, with all colons where one of the three is given.",
        INIT,
    ),
    Message(
        "unable to retrieve secrets from ssm: invalid ssm parameters: …",
        r"invalid ssm param|ParameterNotFound",
        "secrets",
        "no",
        "There is no such parameter in that region.",
        "Create the parameter in the task's region, or correct its name in the task definition.",
        INIT,
    ),
    Message(
        "unable to retrieve secret from asm: …, unable to retrieve secrets from ssm: …",
        r"secrets? from (asm|ssm)|secrets manager|ssm param|parameter store",
        "secrets",
        "perhaps",
        "The secret can't be read.",
        "Check that the secret exists in the task's region, that the execution role may read it and that the task's "
        "subnets reach Secrets Manager or Systems Manager.",
        INIT,
    ),
    # --- the registry
    Message(
        "toomanyrequests: … You have reached your pull rate limit",
        r"toomanyrequests|pull rate limit|(CannotPull|registry auth).*Rate exceeded",
        "image",
        "yes",
        "The registry lets nobody pull so often.",
        "Log in to the registry (repository_credentials), or copy the image to ECR or use its pull through cache.",
        PULL,
        what="the registry limits pulls",
    ),
    Message(
        "unable to pull secrets or registry auth: … not authorized to perform: ecr:GetAuthorizationToken",
        r"not authorized to perform: ecr:|registry auth.*" + DENIED,
        "image",
        "perhaps",
        "The execution role may not pull from ECR.",
        "Allow the execution role ecr:GetAuthorizationToken, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer, and "
        "check the policies of the repository and of ECR's VPC endpoints.",
        INIT,
    ),
    Message(
        "unable to pull secrets or registry auth: … The task cannot pull registry auth from Amazon ECR: There is a "
        "connection issue …",
        r"registry auth",
        "image",
        "perhaps",
        "The task can't reach ECR (or, where it has secrets, what keeps them).",
        REACH_ECR,
        INIT,
        what="its tasks can't reach the registry",
    ),
    Message(
        "CannotPullContainerError: … no space left on device",
        r"no space left",
        "cannot_start",
        "no",
        "The image and what it writes need more room than the task has.",
        "Raise the task's ephemeral_storage (21 to 200 GiB), or make the image smaller.",
        PULL,
    ),
    Message(
        "… does not contain descriptor matching platform '…', exec format error",
        r"matching platform|no matching manifest|no match for platform|exec format error",
        "image",
        "no",
        "The image is for another architecture than the task.",
        "Build the image for the task's architecture (linux/amd64 or linux/arm64), or change cpu_architecture.",
        PULL,
        what="its image is for another architecture",
    ),
    Message(
        "CannotPullContainerError: invalid reference format",
        r"invalid reference",
        "image",
        "no",
        "That is not the name of an image.",
        "Correct the image's name: registry/repository:tag or registry/repository@sha256:…",
        PULL,
    ),
    Message(
        "ImageArchivedException: …",
        r"ImageArchived|image.*(is|been) archived",
        "image",
        "no",
        "The image is in ECR's archive, from which nothing can be pulled.",
        "Restore the image (aws ecr update-image-storage-class --target-storage-class STANDARD), or deploy another.",
        PULL,
    ),
    Message(
        "The task can't pull the image. Check that the role has the permissions to pull images from the registry",
        r"may require|role has the permissions|"
        r"CannotPull.*(AccessDenied|not authorized|Forbidden|403)",
        "image",
        "perhaps",
        "The image is not there, or the execution role may not pull it.",
        "Check that the image exists and allow the execution role ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on "
        "its repository; for another registry check repository_credentials.",
        PULL,
    ),
    Message(
        "CannotPullContainerError: … manifest unknown, … repository … not found",
        r"CannotPull.*(manifest unknown|no such manifest|not found|does not exist|ImageNotFound)|manifest unknown",
        "image",
        "no",
        "There is no such image or tag.",
        "Push the image, or name one that exists.",
        PULL,
    ),
    Message(
        "pull access denied",
        r"pull access denied|CannotPull.*denied",
        "image",
        "perhaps",
        "The execution role may not pull the image, or it is not there.",
        "Check that the image exists and that the execution role may pull it; for another registry check "
        "repository_credentials.",
        PULL,
    ),
    Message(
        "pull command failed: panic: runtime error: invalid memory address or nil pointer dereference",
        r"invalid memory address",
        "image",
        "perhaps",
        "The task can't reach S3, where ECR keeps the layers.",
        _reach("S3", "S3's gateway endpoint, with a route to it"),
        PULL,
        what="its tasks can't reach the registry",
    ),
    Message(
        "CannotPullContainerError: … failed to copy: httpReadSeeker: failed open: unexpected status code",
        r"failed to copy(?!.*" + NO_WAY + ")",
        "image",
        "perhaps",
        "The layers can't be read from where the registry keeps them (ECR: S3).",
        "Let the task read S3: check the policy of its gateway endpoint, and the role that pulls.",
        PULL,
    ),
    Message(
        "CannotPullContainerError: … There is a connection issue between the task and the registry. …, … i/o timeout",
        r"(CannotPull|The task can(no|')t pull).*" + NO_WAY + r"|request canceled while waiting|"
        r"^context cancell?ed|can't pull the image. Check your network",
        "image",
        "perhaps",
        "The task can't reach the registry.",
        REACH_ECR,
        PULL,
        what="its tasks can't reach the registry",
    ),
    Message(
        "error pulling image configuration",
        r"error pulling image conf",
        "image",
        "perhaps",
        "The registry limits pulls, or the network does not lead to it.",
        "Copy the image to ECR or log in to its registry. " + REACH_ECR,
        PULL,
    ),
    Message(
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref …",
        r"failed to resolve ref",
        "image",
        "perhaps",
        "The image that ECS wants is not there any more, or the registry can't be reached.",
        "Check that the image of the task definition is in the repository (ECS holds on to the digest that a tag had "
        "when the deployment began), and that the task's subnets reach the registry.",
        PULL,
    ),
    Message(
        "CannotPullContainerError: API error …",
        r"CannotPull.*API error|^API error",
        "image",
        "perhaps",
        "The registry could not be asked.",
        REACH_ECR,
        PULL,
    ),
    Message(
        "CannotPullContainerError: …",
        r"CannotPull|can(no|')t pull the image",
        "image",
        "perhaps",
        "The image can't be pulled.",
        "Check that the image exists for this platform, that the execution role may pull it and that the task's "
        "subnets reach the registry.",
        PULL,
    ),
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
        "The container can't be started: a wrong command or option, or too little memory for its first moment.",
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
        "Give the task more CPU and memory or a smaller image; when it goes on, ask AWS Support with the task's ARN.",
        "container-runtime-timeout-error",
    ),
    Message(
        "ContainerRuntimeError: …",
        r"ContainerRuntimeError",
        "cannot_start",
        "yes",
        "Fargate's agent or container runtime failed.",
        WAIT + " When it goes on, ask AWS Support with the task's ARN.",
        "container-runtime-error",
    ),
    Message(
        "CannotStopContainerError: failed sending SIGTERM to container: …",
        r"CannotStopContainer",
        "crash_loop",
        "yes",
        "A container could not be stopped.",
        "Let the application end at SIGTERM within its stop_timeout; when it goes on, ask AWS Support.",
        "cannot-stop-container",
        what="a container of it can't be stopped",
    ),
    Message(
        "CannotInspectContainerError: …",
        r"CannotInspectContainer",
        "cannot_start",
        "yes",
        "Fargate's agent can't ask the container runtime for the container.",
        WAIT + " When it goes on, ask AWS Support with the task's ARN.",
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
    # --- health
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
        what="its target group is gone",
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
    # --- places
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
        "The task's network interface came too late.",
        WAIT + " When it goes on, check the subnets' free addresses and the quota of network interfaces.",
        START,
    ),
    Message(
        "Timeout waiting for EphemeralStorage provisioning to complete",
        r"EphemeralStorage provisioning",
        "placement",
        "yes",
        "The task's disk came too late.",
        WAIT + " When it goes on, ask AWS Support with the task's ARN.",
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
        "As many tasks of the cluster are PROVISIONING as may be (500).",
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
        WAIT + " When it goes on, check that Fargate runs in the subnets' zones.",
        "internal-error",
    ),
    # --- what ECS says of a deployment
    Message(
        "(service …) was unable to stop or start tasks during a deployment because of the service deployment "
        "configuration. …",
        r"because of the service deployment configuration",
        "blocked",
        "no",
        "With this minimum and maximum ECS may neither stop an old task nor start a new one.",
        "Raise the deployment's maximum_percent or lower its minimum_healthy_percent, so that one task more or one "
        "less is allowed.",
        EVENTS,
        what="its deployment configuration lets ECS neither stop nor start a task",
    ),
    Message(
        "… was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks",
        r"protected tasks",
        "blocked",
        "perhaps",
        "More tasks are protected from scale-in than are wanted.",
        "Wait until their protection ends, end it (UpdateTaskProtection), or raise the desired count.",
        EVENTS,
        what="its tasks are protected from being stopped",
    ),
    Message(
        "(service …) operations are being throttled. Will try again later, … Rate exceeded",
        r"operations are being throttled|Rate exceeded|ThrottlingException",
        "blocked",
        "yes",
        "ECS's calls for this account are throttled.",
        WAIT + " Deploy fewer services at once, or ask AWS Support for a higher rate.",
        EVENTS,
        what="AWS throttles ECS's calls",
    ),
    Message(
        "IAM permissions policies have been misconfigured or changed, and ECS can no longer maintain your service",
        r"permissions policies have been misconfigured",
        "blocked",
        "perhaps",
        "A role of the service lacks permissions that it had.",
        "Give the service-linked role, the task's role and its execution role their policies back.",
        EVENTS,
        what="the permissions of its roles have changed",
    ),
    Message(
        "IAM trust relationship has been misconfigured or changed, and ECS can no longer maintain your service",
        r"trust relationship has been misconfigured",
        "blocked",
        "perhaps",
        "A role's trust policy does not let ECS assume it any more.",
        "Let ecs-tasks.amazonaws.com assume the task's role and its execution role (trust policy).",
        EVENTS,
        what="the trust policy of one of its roles has changed",
    ),
    Message(
        "(service …) failed to register targets in (target-group …) with (error … not authorized to perform: "
        "elasticloadbalancing:… on resource: …)",
        r"failed to (de)?register targets.*" + DENIED,
        "blocked",
        "perhaps",
        "ECS's role may not register the tasks in the target group.",
        "Let the role that ECS uses for load balancers register targets: give the service-linked role "
        "AWSServiceRoleForECS its policy back, and look for a policy of the organization that denies it.",
        EVENTS,
        what="its tasks can't be registered in the target group",
    ),
    Message(
        "(service …) failed to register targets in (target-group …) with (error …)",
        r"failed to (de)?register targets",
        "blocked",
        "perhaps",
        "The load balancer does not take the tasks as targets.",
        "Read the error: target group and tasks have to be in one VPC, and the group needs target type ip.",
        EVENTS,
        what="its tasks can't be registered in the target group",
    ),
    Message(
        "(service …) (deployment …) deployment failed: alarm detected",
        r"alarm detected|an alarm was triggered",
        "stopped",
        "no",
        "An alarm of the deployment configuration fired.",
        "Fix what the alarm watches, or the alarm, and deploy again.",
        "deployment-circuit-breaker",
        what="an alarm stopped the deployment",
    ),
    Message(
        "(service …) failed to launch a task with (error … not authorized to perform: iam:PassRole on resource: …)",
        r"not authorized to perform: iam:PassRole",
        "cannot_start",
        "perhaps",
        "Whoever deploys may not pass the task's role or its execution role.",
        "Allow whoever deploys iam:PassRole on the role that the message names.",
        EVENTS,
    ),
    Message(
        "(service …) failed to launch a task with (error …)",
        r"failed to launch a task with",
        "cannot_start",
        "perhaps",
        "ECS can't make a task of this definition.",
        "Read the error: it names what the task definition or its roles lack.",
        EVENTS,
    ),
    Message(
        "Task failed to start",
        r"^Task failed to start\.?$",
        "cannot_start",
        "perhaps",
        "A container did not start, or one that another depends on did not become healthy in time.",
        "Read the reason of each container; raise start_timeout where one waits for another.",
        "stopped-task-errors",
    ),
    # --- the rest of places
    Message(
        "(service …) was unable to place a task. Reason: …",
        r"unable to place (a )?tasks?",
        "placement",
        "perhaps",
        "ECS found no place for the task.",
        "Ask for less CPU or memory, other subnets or another capacity provider, or raise the Fargate quota.",
        EVENTS,
    ),
    # --- containers that end
    Message(
        "Essential container in task exited (exit codes 0 and 137)",
        r"essential container in task exited",
        "crash_loop",
        "perhaps",
        "One container ended without an error, and another was killed (SIGKILL): as the first had ended, or for "
        "memory.",
        "Run the program that ends in the foreground, as its container's command; raise the memory where the other "
        "container was killed first.",
        "stopped-task-errors",
        exit_codes=(0, 137),
        every_code=True,
    ),
    Message(
        "Essential container in task exited (exit code 0)",
        r"essential container in task exited",
        "crash_loop",
        "perhaps",
        "The container's main process ended without an error: a service's has to go on.",
        "Run the program in the foreground as the container's command; what is to end runs as a task (run.yml).",
        "stopped-task-errors",
        what="its tasks end by themselves",
        exit_codes=(0,),
    ),
    Message(
        "Essential container in task exited (exit code 137)",
        r"essential container in task exited",
        "crash_loop",
        "perhaps",
        "The process was killed (SIGKILL): by the kernel for memory, or as it did not end within its stop_timeout.",
        "Raise the memory, and read the container's last log lines.",
        "stopped-task-errors",
        exit_codes=(137,),
    ),
    Message(
        "Essential container in task exited (exit code 139)",
        r"essential container in task exited",
        "crash_loop",
        "perhaps",
        "The process crashed (SIGSEGV).",
        "Run the image on its own on the task's architecture; a library may be built for another one.",
        "stopped-task-errors",
        exit_codes=(139,),
    ),
    Message(
        "Essential container in task exited (exit code 126, 127)",
        r"essential container in task exited",
        "crash_loop",
        "perhaps",
        "The shell of the container's command found no such program, or may not run it.",
        COMMAND,
        "stopped-task-errors",
        exit_codes=(126, 127),
    ),
    Message(
        "Essential container in task exited",
        r"essential container in task exited",
        "crash_loop",
        "perhaps",
        "The container's main process ended with an error.",
        READ_THE_LOG,
        "stopped-task-errors",
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
    # --- what is no failure
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
        "Give the service more zones, or FARGATE beside FARGATE_SPOT, where that happens too often.",
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


# What people name, in the places where AWS's messages have it, and what stands for it: a service or an image may be
# called 'firelens' or 'error-pages'. A name has no spaces; each expression leaves AWS's own words alone.
NAMES: tuple[tuple[str, str], ...] = (
    (r"\barn:[^\s'\"(),;]+", "arn"),
    (r"\bhttps?://[^\s'\"(),;]+", "address"),
    (r"\((service|target-group|elb|task ?set|task|instance|deployment|port) [^()]*\)", r"(\1)"),
    (r"\b(service|target-group|task set) \([^()]*\)", r"\1 ()"),
    (r"^[\w.-]+(?= has (started|stopped|reached|begun)\b)", "service"),
    (r"(?<!error )\"[^\s\"]+\"", '""'),
    (r"(?<!\w)'[^\s']+'", "''"),
    # an image with its registry, a file system with its path, another path
    (r"\b[\w-]+(\.[\w-]+)+(:\d*)?/[\w./:@-]*", "image"),
    (r"(?<![\w/:.])/[\w./@-]+", "path"),
    (r"(CannotPull\w*Error: )(?!\w+(?:Exception|Error):)[\w./:@-]+(?=: )", r"\1image"),
    (
        r"\b(resolve ref(?:erence)?|denied for|manifest for|such manifest:|on resource:|json key) [^\s,:]+\S*",
        r"\1 name",
    ),
    (r"\b(ssm parameters:) \S+(, \S+)*", r"\1 name"),
    (r"\b(pull) (?!secrets?\b|images?\b)\S+(?= from\b)", r"\1 image"),
    (r"\b(repository) \S+(?= not found)", r"\1 name"),
    (r"\b(secret|get|head|post|exec) [^\s:]+(:[^\s:]+)*(?=: )", r"\1 name"),
)


def without_names(text: str) -> str:
    """Return a message's text with a word in place of every name that people chose: AWS's own words are left."""
    plain = re.sub("[\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}]", "'", text)
    for pattern, stand_in in NAMES:
        plain = _compiled(pattern).sub(stand_in, plain)
    return plain


def message_of(text: str, exit_codes: t.Collection[int] = ()) -> Message | None:
    """The row of a task's reason or a service's event; C(None) for words that no row knows.

    :param exit_codes: those of the task's containers, zero too. One that ended well, or was only made to end as another
        had (143: SIGTERM, 137: SIGKILL), says nothing where a third failed.
    """
    codes = set(exit_codes) - {0, 137, 143} or set(exit_codes) - {143} or set(exit_codes)
    plain = without_names(text)
    # of a pull, its rows tell more than any other's words
    rows = sorted(MESSAGES, key=lambda row: row.page != PULL) if "cannotpull" in plain.lower() else MESSAGES
    return next((row for row in rows if row.found_in(plain, codes)), None)
