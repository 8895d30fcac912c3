# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module ecr_image_in_use."""

from __future__ import annotations

import json

import pytest
from ansible_collections.magiclub.fargate.plugins.modules import ecr_image_in_use

from tests.unit.plugins.modules.aws_stub import ANY

ACCOUNT, REPOSITORY = "123456789012", "magiclub-an2p-lotto"
DIGEST, OLD = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
HOST = f"{ACCOUNT}.dkr.ecr.ap-northeast-2.amazonaws.com"
ASKED = {
    "image": f"{HOST}/{REPOSITORY}@{DIGEST}",
    "service": "lotto",
    "revision": 7,
    "name_prefix": "magiclub-an2p",
    "account_id": ACCOUNT,
}
MEDIA = "application/vnd.oci.image.index.v1+json"


def found(aws, *images):
    one = {"imageDigest": DIGEST, "imageTags": ["content"]}
    aws.answer(
        "ecr",
        "describe_images",
        {"imageDetails": [one]},
        repositoryName=REPOSITORY,
        imageIds=[{"imageDigest": DIGEST}],
    )
    every = {"repositoryName": REPOSITORY, "filter": {"imageStatus": "ANY"}}
    aws.answer("ecr", "describe_images", {"imageDetails": [one, *images]}, **every)


def tagged(aws, image_tag):
    image = {"imageManifest": "{}", "imageManifestMediaType": MEDIA}
    aws.answer(
        "ecr",
        "batch_get_image",
        {"images": [image]},
        repositoryName=REPOSITORY,
        imageIds=[{"imageDigest": DIGEST}],
        acceptedMediaTypes=ANY,
    )
    aws.answer("ecr", "put_image", {}, repositoryName=REPOSITORY, imageTag=image_tag, **image)


def test_the_image_is_tagged_and_the_previous_one_untagged(aws):
    found(aws, {"imageDigest": OLD, "imageTags": ["older", "in-use-lotto-6"]})
    gone = [{"imageTag": "in-use-lotto-6"}]
    aws.answer("ecr", "batch_delete_image", {}, repositoryName=REPOSITORY, imageIds=gone)
    tagged(aws, "in-use-lotto-7")
    result = aws.run(ecr_image_in_use.main, keep=0, **ASKED)
    assert (result["changed"], result["added"], result["removed"]) == (True, ["in-use-lotto-7"], ["in-use-lotto-6"])


def test_check_mode_only_reads(aws):
    found(aws, {"imageDigest": OLD, "imageTags": ["older", "in-use-lotto-6"]})
    result = aws.run(ecr_image_in_use.main, check=True, keep=0, **ASKED)
    assert (result["changed"], result["added"], result["removed"]) == (True, ["in-use-lotto-7"], ["in-use-lotto-6"])


def test_an_image_that_has_its_tag_is_left_alone(aws):
    found(aws, {"imageDigest": DIGEST, "imageTags": ["in-use-lotto-7"]})
    assert aws.run(ecr_image_in_use.main, **ASKED)["changed"] is False


@pytest.mark.parametrize(
    "other",
    [
        {"image": "public.ecr.aws/nginx/nginx:1"},
        {"image": "nginx"},
        {"image": f"{HOST}/{REPOSITORY}@sha256:short"},
        {"image": f"{HOST}/others@{DIGEST}"},
        {"account_id": "999999999999"},
        {"image": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/{REPOSITORY}@{DIGEST}"},
    ],
)
def test_an_image_outside_the_platform_is_not_read(aws, other):
    result = aws.run(ecr_image_in_use.main, **{**ASKED, **other})
    assert (result["changed"], result["added"], result["removed"]) == (False, [], [])


def test_an_error_of_ecr_is_a_warning(aws):
    aws.refuse(
        "ecr",
        "describe_images",
        "AccessDeniedException",
        repositoryName=REPOSITORY,
        imageIds=[{"imageDigest": DIGEST}],
    )
    result = aws.run(ecr_image_in_use.main, **ASKED)
    assert result["changed"] is False
    assert "ECR may expire it while it runs" in json.dumps(result["warnings"])


def test_a_missing_image_is_a_warning(aws):
    aws.answer(
        "ecr", "describe_images", {"imageDetails": []}, repositoryName=REPOSITORY, imageIds=[{"imageDigest": DIGEST}]
    )
    assert "new tasks can't start" in json.dumps(aws.run(ecr_image_in_use.main, **ASKED)["warnings"])


def test_an_archived_image_is_a_warning(aws):
    archived = {"imageDigest": DIGEST, "imageStatus": "ARCHIVED"}
    asked = {"repositoryName": REPOSITORY, "imageIds": [{"imageDigest": DIGEST}]}
    aws.answer("ecr", "describe_images", {"imageDetails": [archived]}, **asked)
    result = aws.run(ecr_image_in_use.main, **ASKED)
    assert (result["changed"], "archive" in json.dumps(result["warnings"])) == (False, True)
