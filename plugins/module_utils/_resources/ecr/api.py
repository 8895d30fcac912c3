# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls of ECR, one function each."""

from __future__ import annotations

import base64
import json
import typing as t

from ansible.module_utils.urls import open_url
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ..._aws import codes
from . import decide

Values = dict[str, t.Any]

# What PutImageScanningConfiguration answers where a repository has no setting of its own to change.
NOT_OF_A_REPOSITORY = ["InvalidParameterException", "ValidationException"]
NOT_HERE = ["RepositoryNotFoundException", "UnknownOperationException", "InvalidAction"]
RETRIES = AWSRetry.jittered_backoff(catch_extra_error_codes=["ThrottlingException", "ServerException"])
MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)


class EcrError(AnsibleAWSError):
    """A call of ECR failed."""


class ArchivedError(EcrError):
    """An image is there and can't be pulled, as it is in the archive or on its way out of it."""


class Handler(AWSErrorHandler):
    """Turns the errors of botocore into EcrError."""

    _CUSTOM_EXCEPTION = EcrError

    @classmethod
    def _is_missing(cls) -> type[BaseException]:
        codes = [
            "RepositoryNotFoundException",
            "LifecyclePolicyNotFoundException",
            "RepositoryPolicyNotFoundException",
            "ImageNotFoundException",
        ]
        return t.cast("type[BaseException]", is_boto3_error_code(codes))


def read_repository(client: t.Any, name: str) -> Values | None:
    """Return a repository with policies and tags as the modules return it, or None where there is none."""
    found = describe_repository(client, name)
    if found is None:
        return None
    return decide.repository_values(
        found,
        get_lifecycle_policy(client, name),
        get_repository_policy(client, name),
        get_tags(client, found["repositoryArn"]),
    )


@Handler.list_error_handler("describe the ECR repository", None)
@RETRIES
def describe_repository(client: t.Any, name: str) -> Values | None:
    """Return one repository, or None where there is none."""
    return t.cast("Values", client.describe_repositories(repositoryNames=[name])["repositories"][0])


@Handler.list_error_handler("read the lifecycle policy of the ECR repository", None)
@RETRIES
def get_lifecycle_policy(client: t.Any, name: str) -> str | None:
    """Return the text of the lifecycle policy, or None where there is none."""
    return str(client.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])


@Handler.list_error_handler("read the policy of the ECR repository", None)
@RETRIES
def get_repository_policy(client: t.Any, name: str) -> str | None:
    """Return the text of the repository's policy, or None where there is none."""
    return str(client.get_repository_policy(repositoryName=name)["policyText"])


@Handler.list_error_handler("read the tags of the ECR repository", {})
@RETRIES
def get_tags(client: t.Any, arn: str) -> dict[str, str]:
    """Return the tags of a repository."""
    return t.cast(
        "dict[str, str]", boto3_tag_list_to_ansible_dict(client.list_tags_for_resource(resourceArn=arn)["tags"])
    )


@Handler.common_error_handler("create the ECR repository")
@RETRIES
def create_repository(client: t.Any, request: Values) -> None:
    """Create a repository; one that another run has just made is fine."""
    try:
        client.create_repository(**request)
    except is_boto3_error_code("RepositoryAlreadyExistsException"):
        pass


@Handler.deletion_error_handler("delete the ECR repository")
@RETRIES
def delete_repository(client: t.Any, name: str, force: bool) -> bool:
    """Delete a repository, with I(force) its images too; False where it is gone."""
    client.delete_repository(repositoryName=name, force=force)
    return True


@Handler.common_error_handler("set the tag mutability of the ECR repository")
@RETRIES
def put_mutability(client: t.Any, name: str, mutability: str, patterns: list[str]) -> None:
    """Set whether tags can be moved, and which patterns are excluded from that."""
    request: Values = {"repositoryName": name, "imageTagMutability": mutability}
    if patterns:
        request["imageTagMutabilityExclusionFilters"] = decide.filters(patterns)
    client.put_image_tag_mutability(**request)


@Handler.common_error_handler("set the image scanning of the ECR repository")
@RETRIES
def put_scanning(client: t.Any, name: str, scan_on_push: bool) -> None:
    """Set whether images are scanned when they are pushed.

    "The PutImageScanningConfiguration API is being deprecated, in favor of specifying the image scanning configuration
    at the registry level."  That is the account's, so nothing of it is written here.
    """
    try:
        client.put_image_scanning_configuration(
            repositoryName=name, imageScanningConfiguration={"scanOnPush": scan_on_push}
        )
    except is_boto3_error_code(NOT_OF_A_REPOSITORY) as error:
        raise EcrError(decide.scanning_refused(name, scan_on_push, str(error))) from error


@Handler.common_error_handler("read the image scanning of the ECR repository")
@RETRIES
def is_scanned_by_registry(client: t.Any, name: str) -> bool:
    """Return whether a rule of the registry scans this repository, whatever its own setting; False where unknown."""
    try:
        answer = client.batch_get_repository_scanning_configuration(repositoryNames=[name])
    except is_boto3_error_code([*codes.DENIED, *NOT_OF_A_REPOSITORY, *NOT_HERE]):
        return False
    return any(entry.get("appliedScanFilters") for entry in answer["scanningConfigurations"])


@Handler.common_error_handler("set the lifecycle policy of the ECR repository")
@RETRIES
def put_lifecycle_policy(client: t.Any, name: str, policy: Values) -> None:
    """Set the lifecycle policy."""
    client.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=json.dumps(policy))


@Handler.deletion_error_handler("delete the lifecycle policy of the ECR repository")
@RETRIES
def delete_lifecycle_policy(client: t.Any, name: str) -> bool:
    """Delete the lifecycle policy; False where it is gone."""
    client.delete_lifecycle_policy(repositoryName=name)
    return True


@Handler.common_error_handler("set the policy of the ECR repository")
@RETRIES
def set_repository_policy(client: t.Any, name: str, policy: Values) -> None:
    """Set the repository's policy."""
    client.set_repository_policy(repositoryName=name, policyText=json.dumps(policy))


@Handler.deletion_error_handler("delete the policy of the ECR repository")
@RETRIES
def delete_repository_policy(client: t.Any, name: str) -> bool:
    """Delete the repository's policy; False where it is gone."""
    client.delete_repository_policy(repositoryName=name)
    return True


@Handler.common_error_handler("tag the ECR repository")
@RETRIES
def tag(client: t.Any, arn: str, tags: dict[str, str]) -> None:
    """Set these tags."""
    client.tag_resource(resourceArn=arn, tags=tag_list(tags))


@Handler.common_error_handler("remove tags of the ECR repository")
@RETRIES
def untag(client: t.Any, arn: str, keys: list[str]) -> None:
    """Remove the tags of these keys."""
    client.untag_resource(resourceArn=arn, tagKeys=keys)


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Return tags in the form of the API."""
    return t.cast("list[dict[str, str]]", ansible_dict_to_boto3_tag_list(tags))


@Handler.list_error_handler("describe an image in ECR", None)
@RETRIES
def describe_image(
    client: t.Any, repository: str, tag: str | None = None, digest: str | None = None, registry: str | None = None
) -> Values | None:
    """Return one image by tag or digest, or None where the repository has no such image or is not there.

    Raises ArchivedError where it can't be pulled.
    """
    image = {key: value for key, value in (("imageTag", tag), ("imageDigest", digest)) if value}
    request: Values = {"repositoryName": repository, "imageIds": [image]}
    if registry:
        request["registryId"] = registry
    details = client.describe_images(**request)["imageDetails"]
    if details and (problem := decide.archived(repository, details[0])):
        raise ArchivedError(problem)
    return details[0] if details else None


@Handler.common_error_handler("list the images in ECR")
@RETRIES
def list_images(client: t.Any, repository: str) -> list[Values]:
    """Return all images in a repository, those in the archive, too."""
    # "If not specified, only images with ACTIVE status are returned", and ECR deletes no repository that has others.
    known = client.meta.service_model.shape_for("DescribeImagesFilter").members
    every = {"filter": {"imageStatus": "ANY"}} if "imageStatus" in known else {}
    images = client.get_paginator("describe_images").paginate(repositoryName=repository, **every).build_full_result()
    return t.cast("list[Values]", images["imageDetails"])


@Handler.common_error_handler("read the manifest of an image in ECR")
@RETRIES
def image_manifest(client: t.Any, repository: str, digest: str) -> Values:
    """Return C(imageManifest) and C(imageManifestMediaType) of an image."""
    images = client.batch_get_image(
        repositoryName=repository, imageIds=[{"imageDigest": digest}], acceptedMediaTypes=list(MANIFESTS)
    )["images"]
    return {key: images[0][key] for key in ("imageManifest", "imageManifestMediaType") if images[0].get(key)}


@Handler.common_error_handler("tag an image in ECR")
@RETRIES
def put_tag(client: t.Any, repository: str, manifest: Values, image_tag: str) -> None:
    """Give an image a further tag; one that has it already is fine."""
    try:
        client.put_image(repositoryName=repository, imageTag=image_tag, **manifest)
    except is_boto3_error_code("ImageAlreadyExistsException"):
        pass


@Handler.common_error_handler("take tags off images in ECR")
@RETRIES
def remove_tags(client: t.Any, repository: str, image_tags: t.Sequence[str]) -> None:
    """Take tags off; an image goes only with its last one (API_BatchDeleteImage)."""
    client.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": one} for one in image_tags])


@Handler.list_error_handler("read an image in ECR", [])
@RETRIES
def image_architectures(client: t.Any, repository: str, digest: str, registry: str | None = None) -> list[str]:
    """Return the architectures of an image as ECS names them, [] where its manifest does not tell."""
    request: Values = {"repositoryName": repository}
    if registry:
        request["registryId"] = registry
    images = client.batch_get_image(**request, imageIds=[{"imageDigest": digest}], acceptedMediaTypes=list(MANIFESTS))
    if not images["images"]:
        return []
    manifest = json.loads(images["images"][0]["imageManifest"])
    config = None
    if manifest.get("config"):
        url = client.get_download_url_for_layer(**request, layerDigest=manifest["config"]["digest"])["downloadUrl"]
        config = _json_of(url)
    return decide.architectures(manifest, config)


@Handler.common_error_handler("get a token of the ECR registry")
@RETRIES
def login(client: t.Any) -> tuple[str, str]:
    """Return the user and the password of the registry. The password is a secret that is good for twelve hours."""
    data = client.get_authorization_token()["authorizationData"][0]
    user, _colon, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    return user, password


def _json_of(url: str) -> Values | None:
    # What is only told where it can be must not fail a run.
    try:
        with open_url(url, timeout=30) as response:
            return t.cast("Values", json.load(response))
    except (OSError, ValueError):
        return None
