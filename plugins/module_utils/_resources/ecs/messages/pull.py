# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECS's messages about images that can't be pulled."""

from __future__ import annotations

from .model import Message
from .words import DENIED, INIT, NO_WAY, PULL, REACH_ECR, reach

PULLS: tuple[Message, ...] = (
    Message(
        "toomanyrequests: … You have reached your pull rate limit",
        r"toomanyrequests|pull rate limit|(CannotPull|registry auth).*Rate exceeded",
        "image",
        "yes",
        "The registry's pull rate limit is reached.",
        "Log in to the registry (repository_credentials), or copy the image to ECR or use its pull through cache.",
        PULL,
        headline="the registry limits pulls",
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
        "The task can't reach ECR, or the service that stores its secrets.",
        REACH_ECR,
        INIT,
        headline="its tasks can't reach the registry",
    ),
    Message(
        "CannotPullContainerError: … no space left on device",
        r"no space left",
        "cannot_start",
        "no",
        "The image and the data that it writes need more disk space than the task has.",
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
        headline="its image is for another architecture",
    ),
    Message(
        "CannotPullContainerError: invalid reference format",
        r"invalid reference",
        "image",
        "no",
        "The name of the image is not valid.",
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
        reach("S3", "S3's gateway endpoint, with a route to it"),
        PULL,
        headline="its tasks can't reach the registry",
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
        headline="its tasks can't reach the registry",
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
        "The image that ECS needs no longer exists, or the registry can't be reached.",
        "Check that the image of the task definition is in the repository (ECS holds on to the digest that a tag had "
        "when the deployment began), and that the task's subnets reach the registry.",
        PULL,
    ),
    Message(
        "CannotPullContainerError: API error …",
        r"CannotPull.*API error|^API error",
        "image",
        "perhaps",
        "The request to the registry failed.",
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
)
