# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ECR: repositories whose URIs the local engine can push to and pull from."""

from __future__ import annotations

import json
import re
from typing import Any

from local_aws import settings
from local_aws.corrections._patch import corrects, instead, part, replace, service

SCOPED_NAME = re.compile(r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>.+)$")


def image_size(manifest: str) -> int:
    """Return the bytes of an image: the sum of its compressed layers; 0 for an index."""
    try:
        layers = json.loads(manifest).get("layers", [])
    except ValueError:
        return 0
    return sum(int(layer.get("size", 0)) for layer in layers)


def prefix(account: str, region: str) -> str:
    """Return the prefix of an account's and region's repositories inside the one local registry."""
    return f"{account}.dkr.ecr.{region}.amazonaws.com"


def repository_uri(name: str) -> str:
    ecr = service("ecr")
    return f"{registry()}/{prefix(ecr.get_account_id(), ecr.get_region())}/{name}"


def registry() -> str:
    return f"localhost:{settings.gateway_port()}"


def token_for_here(original: Any) -> Any:
    def call(data: dict[str, Any]) -> Any:
        status, headers, body = original(data)
        answer = json.loads(body)
        for entry in answer.get("authorizationData", []):
            entry["proxyEndpoint"] = f"http://{registry()}"
        return status, headers, json.dumps(answer).encode()

    return call


def in_its_account(original: Any) -> Any:
    """Serve a registry request in the account and region of its repository's prefix."""
    responses = part("core.responses")

    async def call(method: str, path: str, headers: Any, body: bytes, query: dict[str, Any]) -> Any:
        found = SCOPED_NAME.match(path.removeprefix("/v2/"))
        if not found:
            return await original(method, path, headers, body, query)
        responses.set_request_account_id(found["account"])
        responses.set_request_region(found["region"])
        before = prefix(found["account"], found["region"])
        query = {k: [v.removeprefix(f"{before}/") for v in vs] if k == "from" else vs for k, vs in query.items()}
        status, answer_headers, answer = await original(method, f"/v2/{found['name']}", headers, body, query)
        for name, value in answer_headers.items():
            if name.lower() == "location":
                answer_headers[name] = value.replace("/v2/", f"/v2/{before}/", 1)
        return status, answer_headers, answer

    return call


def forget_layers(original: Any) -> Any:
    ecr = service("ecr")

    def call(data: dict[str, Any]) -> Any:
        answer = original(data)
        if answer[0] == 200:
            for store in (ecr._layer_blobs, ecr._manifest_blobs, ecr._uploads):
                store.pop(data["repositoryName"], None)
        return answer

    return call


def share_layers(original: Any) -> Any:
    """Unlike ECR: a layer that any repository has need not be pushed again, which keeps tests fast."""
    ecr = service("ecr")

    def call(name: str, digest: str) -> Any:
        if name in ecr._repositories and digest not in ecr._layer_blobs.get(name, {}):
            known = next((layers for layers in ecr._layer_blobs.all_values() if digest in layers), None)
            if known:
                ecr._layer_blobs.setdefault(name, {})[digest] = known[digest]
        return original(name, digest)

    return call


@corrects(
    "ecr",
    aws="repositoryUri and proxyEndpoint are addresses for 'docker push' and 'docker pull'",
    evidence="https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Repository.html",
)
def serve_repositories_here() -> None:
    ecr = service("ecr")
    replace(ecr, "_repo_uri", instead(repository_uri))
    replace(ecr, "_get_authorization_token", token_for_here)
    replace(ecr, "handle_registry_request", in_its_account)
    replace(ecr, "_delete_repository", forget_layers)
    replace(ecr, "_v2_head_blob", share_layers)


@corrects(
    "ecr",
    aws="DescribeImages returns the size of the layers, and ImageNotFoundException for a missing image",
    evidence="https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html",
)
def describe_images_fully() -> None:
    ecr = service("ecr")

    def describe(original: Any) -> Any:
        def call(data: dict[str, Any]) -> Any:
            name = data.get("repositoryName", "")
            if name in ecr._repositories:
                for wanted in data.get("imageIds") or []:
                    if not ecr._find_image(name, wanted):
                        return ecr.error_response_json("ImageNotFoundException", not_found(ecr, name, wanted), 400)
            status, headers, body = original(data)
            answer = json.loads(body)
            manifests = {image["imageDigest"]: image.get("imageManifest", "{}") for image in ecr._images.get(name, [])}
            for detail in answer.get("imageDetails", []):
                detail["imageSizeInBytes"] = image_size(manifests[detail["imageDigest"]])
            return status, headers, json.dumps(answer).encode()

        return call

    replace(ecr, "_describe_images", describe)


def not_found(ecr: Any, name: str, wanted: dict[str, str]) -> str:
    digest, tag = wanted.get("imageDigest", "null"), wanted.get("imageTag", "null")
    return (
        f"The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the repository "
        f"with name '{name}' in the registry with id '{ecr.get_account_id()}'"
    )


@corrects(
    "ecr",
    aws="BatchDeleteImage with a tag removes the tag, and deletes an image only with its last one",
    evidence="https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html",
)
def take_tags_off_images() -> None:
    ecr = service("ecr")

    def delete(original: Any) -> Any:
        def call(data: dict[str, Any]) -> Any:
            name, taken, left = data.get("repositoryName", ""), [], []
            for wanted in data.get("imageIds") or []:
                image = ecr._find_image(name, wanted) if name in ecr._repositories else None
                tags = image.get("imageTags", []) if image else []
                if image and "imageDigest" not in wanted and len(tags) > 1:
                    tags.remove(wanted["imageTag"])
                    image["imageId"]["imageTag"] = tags[-1]
                    taken.append({"imageDigest": image["imageDigest"], **wanted})
                else:
                    left.append(wanted)
            status, headers, body = original({**data, "imageIds": left})
            answer = json.loads(body)
            if status == 200:
                answer["imageIds"] = [*taken, *answer["imageIds"]]
            return status, headers, json.dumps(answer).encode()

        return call

    replace(ecr, "_batch_delete_image", delete)


@corrects(
    "ecr",
    aws="an image stored by PutImage, such as an index of pushed images, can be pulled like any other",
    evidence="https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-multi-architecture-image.html",
)
def serve_what_was_put() -> None:
    ecr = service("ecr")

    def put(original: Any) -> Any:
        def call(data: dict[str, Any]) -> Any:
            answer = original(data)
            if answer[0] == 200:
                manifest = data.get("imageManifest", "")
                blobs = ecr._manifest_blobs.setdefault(data["repositoryName"], {})
                blobs.setdefault(ecr._image_digest(manifest), manifest.encode())
            return answer

        return call

    replace(ecr, "_put_image", put)
