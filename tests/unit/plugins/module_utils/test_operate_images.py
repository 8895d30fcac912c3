# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ECR knows of images, against botocore's Stubber."""

from __future__ import annotations

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import ClientError, RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import api, images

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
DIGEST = f"sha256:{'a' * 64}"
IMAGE = f"{HOST}/shop/web@{DIGEST}"


def never(_service, **_keywords):
    raise AssertionError("a call that is not needed")


def look_up(aws, *found, code=None, **image):
    asked = {"registryId": "123456789012", "repositoryName": "shop/web", "imageIds": [image]}
    if code:
        aws.refuse("ecr", "describe_images", code, **asked)
    else:
        aws.answer("ecr", "describe_images", {"imageDetails": list(found)}, **asked)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (f"{HOST}/web:1", ("web", "1", None)),
        (IMAGE, ("shop/web", None, DIGEST)),
        (f"{HOST}/web:1@{DIGEST}", ("web", "1", DIGEST)),
        (f"{HOST}/web", ("web", "latest", None)),
        (f"{HOST}/shop/web", ("shop/web", "latest", None)),
        (f"localhost:4566/{HOST}/web:1", ("web", "1", None)),
    ],
)
def test_place_of_an_image_in_ecr(image, expected):
    place = images.place_of(image)
    assert (place.account, place.region) == ("123456789012", "us-east-1")
    assert (place.reference.repository, place.reference.tag, place.reference.digest) == expected


@pytest.mark.parametrize(
    "image",
    [
        "nginx",
        "nginx:1",
        "public.ecr.aws/nginx/nginx:1",
        "registry.example.com/x/y:1",
        "123456789012.dkr.ecr.example.com/a:1",
    ],
)
def test_an_image_of_another_registry_has_no_place_and_costs_no_call(image):
    assert images.place_of(image) is None
    assert (images.tags(never, image), images.architectures(never, image)) == ([], [])
    assert images.missing(never, [image]) == []


@pytest.mark.parametrize("image", [f"{HOST}/web:bad tag", f"{HOST}/web@sha256:12", f"{HOST}/WEB:1"])
def test_an_image_that_is_none_is_refused_where_its_architecture_matters_and_else_not_known(image):
    with pytest.raises(RefusedError, match=r"^Image '"):
        images.architectures(never, image)
    assert images.tags(never, image) == []
    assert images.missing(never, [image]) == []


def test_it_is_asked_in_the_region_of_the_image(aws):
    asked = []

    def client(service, **keywords):
        asked.append((service, keywords))
        return aws.client(service)

    look_up(aws, {"imageDigest": DIGEST}, imageDigest=DIGEST)
    images.tags(client, IMAGE)
    assert asked == [("ecr", {"region": "us-east-1"})]


def test_missing(aws):
    look_up(aws, {"imageDigest": DIGEST}, imageTag="there")
    look_up(aws, imageTag="empty")
    look_up(aws, code="ImageNotFoundException", imageTag="gone")
    look_up(aws, code="RepositoryNotFoundException", imageTag="nowhere")
    look_up(aws, {"imageDigest": DIGEST, "imageStatus": "ARCHIVED"}, imageTag="archived")
    look_up(aws, code="AccessDeniedException", imageTag="forbidden")
    look_up(aws, {"imageDigest": DIGEST, "imageStatus": "ACTIVE"}, imageTag="active")

    tags = ("there", "empty", "gone", "nowhere", "archived", "forbidden", "active")
    asked = [f"{HOST}/shop/web:{tag}" for tag in tags]
    assert images.missing(aws.client, asked) == asked[1:5]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"found": {"imageDigest": DIGEST, "imageTags": ["1", "in-use-web-3", "latest"]}}, ["1", "latest"]),
        ({"found": {"imageDigest": DIGEST}}, []),
        ({"code": "ImageNotFoundException"}, []),
        ({"code": "AccessDeniedException"}, []),
    ],
)
def test_tags_of_a_digest(aws, answer, expected):
    found = [answer["found"]] if "found" in answer else []
    look_up(aws, *found, code=answer.get("code"), imageDigest=DIGEST)
    assert images.tags(aws.client, IMAGE) == expected


def test_an_image_that_is_named_by_its_tag_is_not_asked_for_its_tags():
    assert images.tags(never, f"{HOST}/shop/web:1") == []


def test_architectures(aws):
    look_up(aws, {"imageDigest": DIGEST}, imageTag="1")
    index = '{"manifests": [{"platform": {"os": "linux", "architecture": "arm64"}}]}'
    aws.answer(
        "ecr",
        "batch_get_image",
        {"images": [{"imageManifest": index}]},
        registryId="123456789012",
        repositoryName="shop/web",
        imageIds=[{"imageDigest": DIGEST}],
        acceptedMediaTypes=list(api.MANIFESTS),
    )
    assert images.architectures(aws.client, f"{HOST}/shop/web:1") == ["ARM64"]


def test_architectures_of_an_image_that_is_not_there_are_none(aws):
    look_up(aws, code="ImageNotFoundException", imageTag="1")
    assert images.architectures(aws.client, f"{HOST}/shop/web:1") is None
    look_up(aws, {"imageDigest": DIGEST, "imageStatus": "ARCHIVED"}, imageTag="1")
    assert images.architectures(aws.client, f"{HOST}/shop/web:1") == [images.ARCHIVED]


def test_an_image_that_may_not_be_looked_up_is_an_error_for_its_architectures(aws):
    look_up(aws, code="AccessDeniedException", imageTag="1")
    with pytest.raises(ClientError, match="DescribeImages"):
        images.architectures(aws.client, f"{HOST}/shop/web:1")
