# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECR calls, one function each."""

from __future__ import annotations

import base64
import json
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ..._aws import codes
from ..._aws.read import call, none_if_missing, pages
from ..._aws.refused import RefusedError
from . import decide

Values = dict[str, t.Any]

# PutImageScanningConfiguration's errors if scanning can't be set for one repository
NOT_OF_A_REPOSITORY = ["InvalidParameterException", "ValidationException"]
NO_REPOSITORY = "RepositoryNotFoundException"
NO_IMAGE = (NO_REPOSITORY, "ImageNotFoundException")
NO_LIFECYCLE_POLICY = (NO_REPOSITORY, "LifecyclePolicyNotFoundException")
NO_POLICY = (NO_REPOSITORY, "RepositoryPolicyNotFoundException")
NOT_HERE = ["RepositoryNotFoundException", "UnknownOperationException", "InvalidAction"]
MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)


class ArchivedError(RefusedError):
    """The image exists, but can't be pulled, as it is archived or still being restored."""


def read_repository(client: t.Any, name: str) -> Values | None:
    """Return a repository with policies and tags as the modules do, or None if it does not exist."""
    found = describe_repository(client, name)
    if found is None:
        return None
    return decide.repository_values(
        found,
        get_lifecycle_policy(client, name),
        get_repository_policy(client, name),
        get_tags(client, found["repositoryArn"]),
    )


def describe_repository(client: t.Any, name: str) -> Values | None:
    """Return a repository, or None if it does not exist."""
    found = none_if_missing(lambda: call(client, "describe_repositories", repositoryNames=[name]), NO_REPOSITORY)
    return found["repositories"][0] if found else None


def get_lifecycle_policy(client: t.Any, name: str) -> str | None:
    """Return the text of the lifecycle policy, or None if there is none."""
    found = none_if_missing(lambda: call(client, "get_lifecycle_policy", repositoryName=name), *NO_LIFECYCLE_POLICY)
    return found["lifecyclePolicyText"] if found else None


def get_repository_policy(client: t.Any, name: str) -> str | None:
    """Return the text of the repository policy, or None if there is none."""
    found = none_if_missing(lambda: call(client, "get_repository_policy", repositoryName=name), *NO_POLICY)
    return found["policyText"] if found else None


def get_tags(client: t.Any, arn: str) -> dict[str, str]:
    """Return the tags of a repository."""
    found = none_if_missing(lambda: call(client, "list_tags_for_resource", resourceArn=arn), NO_REPOSITORY)
    return t.cast("dict[str, str]", boto3_tag_list_to_ansible_dict(found["tags"])) if found else {}


def create_repository(client: t.Any, request: Values) -> None:
    """Create a repository, unless another run has just created it."""
    none_if_missing(lambda: call(client, "create_repository", **request), "RepositoryAlreadyExistsException")


def delete_repository(client: t.Any, name: str, force: bool) -> None:
    """Delete a repository if it exists; with I(force) its images, too."""
    none_if_missing(lambda: call(client, "delete_repository", repositoryName=name, force=force), NO_REPOSITORY)


def put_mutability(client: t.Any, name: str, mutability: str, patterns: list[str]) -> None:
    """Set whether tags can be moved, and the patterns of tags that are excluded."""
    request: Values = {"repositoryName": name, "imageTagMutability": mutability}
    if patterns:
        request["imageTagMutabilityExclusionFilters"] = decide.filters(patterns)
    call(client, "put_image_tag_mutability", **request)


def put_scanning(client: t.Any, name: str, scan_on_push: bool) -> None:
    """Set whether images are scanned when they are pushed.

    "The PutImageScanningConfiguration API is being deprecated, in favor of specifying the image scanning configuration
    at the registry level."  The registry belongs to the account, so it is not configured here.
    """
    try:
        call(
            client,
            "put_image_scanning_configuration",
            repositoryName=name,
            imageScanningConfiguration={"scanOnPush": scan_on_push},
        )
    except is_boto3_error_code(NOT_OF_A_REPOSITORY) as error:
        raise RefusedError(decide.scanning_refused(name, scan_on_push, str(error))) from error


def is_scanned_by_registry(client: t.Any, name: str) -> bool:
    """Return whether a rule of the registry scans this repository; False if unknown."""
    try:
        answer = call(client, "batch_get_repository_scanning_configuration", repositoryNames=[name])
    except is_boto3_error_code([*codes.DENIED, *NOT_OF_A_REPOSITORY, *NOT_HERE]):
        return False
    return any(entry.get("appliedScanFilters") for entry in answer["scanningConfigurations"])


def put_lifecycle_policy(client: t.Any, name: str, policy: Values) -> None:
    """Set the lifecycle policy."""
    call(client, "put_lifecycle_policy", repositoryName=name, lifecyclePolicyText=json.dumps(policy))


def delete_lifecycle_policy(client: t.Any, name: str) -> None:
    """Delete the lifecycle policy, if there is one."""
    none_if_missing(lambda: call(client, "delete_lifecycle_policy", repositoryName=name), *NO_LIFECYCLE_POLICY)


def set_repository_policy(client: t.Any, name: str, policy: Values) -> None:
    """Set the repository policy."""
    call(client, "set_repository_policy", repositoryName=name, policyText=json.dumps(policy))


def delete_repository_policy(client: t.Any, name: str) -> None:
    """Delete the repository policy, if there is one."""
    none_if_missing(lambda: call(client, "delete_repository_policy", repositoryName=name), *NO_POLICY)


def tag(client: t.Any, arn: str, tags: dict[str, str]) -> None:
    """Set tags of a repository."""
    call(client, "tag_resource", resourceArn=arn, tags=tag_list(tags))


def untag(client: t.Any, arn: str, keys: list[str]) -> None:
    """Remove tags of a repository by their keys."""
    call(client, "untag_resource", resourceArn=arn, tagKeys=keys)


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Return tags in the form of the API."""
    return t.cast("list[dict[str, str]]", ansible_dict_to_boto3_tag_list(tags))


def describe_image(
    client: t.Any, repository: str, tag: str | None = None, digest: str | None = None, registry: str | None = None
) -> Values | None:
    """Return an image by tag or digest, or None if there is no such image or repository.

    Raises ArchivedError if it can't be pulled.
    """
    image = {key: value for key, value in (("imageTag", tag), ("imageDigest", digest)) if value}
    request: Values = {"repositoryName": repository, "imageIds": [image]}
    if registry:
        request["registryId"] = registry
    answer = none_if_missing(lambda: call(client, "describe_images", **request), *NO_IMAGE) or {}
    details = answer.get("imageDetails")
    if details and (problem := decide.archived(repository, details[0])):
        raise ArchivedError(problem)
    return details[0] if details else None


def list_images(client: t.Any, repository: str) -> list[Values]:
    """Return all images in a repository, archived ones included."""
    # "If not specified, only images with ACTIVE status are returned", but others keep ECR from deleting a repository
    known = client.meta.service_model.shape_for("DescribeImagesFilter").members
    every = {"filter": {"imageStatus": "ANY"}} if "imageStatus" in known else {}
    return t.cast("list[Values]", pages(client, "describe_images", "imageDetails", repositoryName=repository, **every))


def image_manifest(client: t.Any, repository: str, digest: str) -> Values:
    """Return C(imageManifest) and C(imageManifestMediaType) of an image."""
    images = call(
        client,
        "batch_get_image",
        repositoryName=repository,
        imageIds=[{"imageDigest": digest}],
        acceptedMediaTypes=list(MANIFESTS),
    )["images"]
    return {key: images[0][key] for key in ("imageManifest", "imageManifestMediaType") if images[0].get(key)}


def put_tag(client: t.Any, repository: str, manifest: Values, image_tag: str) -> None:
    """Add a tag to an image, unless it has that tag already."""
    put = {"repositoryName": repository, "imageTag": image_tag, **manifest}
    none_if_missing(lambda: call(client, "put_image", **put), "ImageAlreadyExistsException")


def put_index(client: t.Any, repository: str, manifest: Values, image_tag: str) -> str:
    """Push an image for several platforms, unless the tag exists already, and return its digest."""
    put = {"repositoryName": repository, "imageTag": image_tag, **manifest}
    answer = none_if_missing(
        lambda: call(client, "put_image", **put), "ImageAlreadyExistsException", "ImageTagAlreadyExistsException"
    )
    found = answer["image"]["imageId"] if answer else describe_image(client, repository, tag=image_tag) or {}
    return str(found["imageDigest"])


def remove_tags(client: t.Any, repository: str, image_tags: t.Sequence[str]) -> None:
    """Remove tags; ECR deletes an image with its last tag (API_BatchDeleteImage)."""
    call(client, "batch_delete_image", repositoryName=repository, imageIds=[{"imageTag": one} for one in image_tags])


def image_architectures(client: t.Any, repository: str, digest: str, registry: str | None = None) -> list[str]:
    """Return the architectures of an image as ECS names them, [] if they are unknown."""
    request: Values = {"repositoryName": repository}
    if registry:
        request["registryId"] = registry
    image: Values = {"imageIds": [{"imageDigest": digest}], "acceptedMediaTypes": list(MANIFESTS)}
    answer = none_if_missing(lambda: call(client, "batch_get_image", **request, **image), *NO_IMAGE) or {}
    if not answer.get("images"):
        return []
    manifest = json.loads(answer["images"][0]["imageManifest"])
    config = None
    if manifest.get("config"):
        layer = call(client, "get_download_url_for_layer", **request, layerDigest=manifest["config"]["digest"])
        config = _json_of(layer["downloadUrl"])
    return decide.architectures(manifest, config)


def login(client: t.Any) -> tuple[str, str]:
    """Return the user and the password of the registry. The password is a secret, valid for twelve hours."""
    data = call(client, "get_authorization_token")["authorizationData"][0]
    user, _colon, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    return user, password


def _json_of(url: str) -> Values | None:
    # a slow import (half of boto3's time) that is seldom needed
    from ansible.module_utils.urls import open_url  # noqa: PLC0415

    # the architectures are optional: no reason to fail a run
    try:
        with open_url(url, timeout=30) as response:
            return t.cast("Values", json.load(response))
    except (OSError, ValueError):
        return None
