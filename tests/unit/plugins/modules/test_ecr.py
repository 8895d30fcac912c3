# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import base64
import io
import json

import docker
import docker.errors
import pytest
from ansible.module_utils import urls
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import api, engine, log
from ansible_collections.magiclub.fargate.plugins.modules import ecr_image, ecr_repository, ecr_repository_info

NAME = "magiclub-an2p-lotto-api"
ARN = f"arn:aws:ecr:ap-northeast-2:123456789012:repository/{NAME}"
URI = f"123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/{NAME}"
DIGEST = "sha256:" + "a" * 64
ANY_STATUS = {"imageStatus": "ANY"}
SECRET = "s3cr3t-of-the-registry"
REPOSITORY = {
    "repositoryName": NAME,
    "repositoryArn": ARN,
    "repositoryUri": URI,
    "registryId": "123456789012",
    "imageTagMutability": "IMMUTABLE",
    "imageScanningConfiguration": {"scanOnPush": True},
    "encryptionConfiguration": {"encryptionType": "AES256"},
}
SELECTION = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30}
LIFECYCLE = {"rules": [{"rulePriority": 1, "selection": SELECTION, "action": {"type": "expire"}}]}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "ecr:BatchGetImage"}],
}


@pytest.fixture
def no_engine(monkeypatch):
    def refuse(**_options):
        raise docker.errors.DockerException("nobody listens")

    monkeypatch.setattr(docker, "APIClient", refuse)


@pytest.fixture
def failing_engine(monkeypatch):
    def unreachable(host, timeout):
        raise log.EngineError("no engine")

    monkeypatch.setattr(engine, "Engine", unreachable)


def no_repository(aws):
    aws.refuse("ecr", "describe_repositories", "RepositoryNotFoundException", repositoryNames=[NAME])


def described(aws, *, lifecycle=None, policy=None, tags=None, **fields):
    aws.answer("ecr", "describe_repositories", {"repositories": [REPOSITORY | fields]}, repositoryNames=[NAME])
    if lifecycle:
        aws.answer("ecr", "get_lifecycle_policy", {"lifecyclePolicyText": json.dumps(lifecycle)}, repositoryName=NAME)
    else:
        aws.refuse("ecr", "get_lifecycle_policy", "LifecyclePolicyNotFoundException", repositoryName=NAME)
    if policy:
        aws.answer("ecr", "get_repository_policy", {"policyText": json.dumps(policy)}, repositoryName=NAME)
    else:
        aws.refuse("ecr", "get_repository_policy", "RepositoryPolicyNotFoundException", repositoryName=NAME)
    found = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    aws.answer("ecr", "list_tags_for_resource", {"tags": found}, resourceArn=ARN)


def run(aws, **parameters):
    return aws.run(ecr_repository.main, name=NAME, **parameters)


OPTIONS = {
    "image_tag_mutability": "IMMUTABLE",
    "scan_on_push": True,
    "encryption_type": "AES256",
    "lifecycle_policy": LIFECYCLE,
    "repository_policy": POLICY,
    "tags": {"Project": "magiclub"},
}


def test_creates(aws):
    no_repository(aws)
    aws.answer(
        "ecr",
        "create_repository",
        {"repository": REPOSITORY},
        repositoryName=NAME,
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        encryptionConfiguration={"encryptionType": "AES256"},
        tags=[{"Key": "Project", "Value": "magiclub"}],
    )
    aws.answer("ecr", "put_lifecycle_policy", {}, repositoryName=NAME, lifecyclePolicyText=json.dumps(LIFECYCLE))
    aws.answer("ecr", "set_repository_policy", {}, repositoryName=NAME, policyText=json.dumps(POLICY))
    described(aws, lifecycle=LIFECYCLE, policy=POLICY, tags=OPTIONS["tags"])
    result = run(aws, **OPTIONS)
    assert (result["changed"], result["repository"]["uri"]) == (True, URI)


def test_a_repository_that_another_run_created_first_is_accepted(aws):
    no_repository(aws)
    aws.refuse("ecr", "create_repository", "RepositoryAlreadyExistsException", repositoryName=NAME)
    described(aws)
    assert run(aws)["repository"]["arn"] == ARN


def test_check_mode_writes_nothing(aws):
    no_repository(aws)
    result = run(aws, check=True, **OPTIONS)
    assert (result["changed"], result["repository"]) == (True, None)
    assert result["diff"]["after"]["image_tag_mutability"] == "IMMUTABLE"


def test_a_repository_as_wanted_is_left_alone(aws):
    described(aws, lifecycle=LIFECYCLE, policy=POLICY, tags=OPTIONS["tags"])
    assert run(aws, **OPTIONS)["changed"] is False


def test_options_that_are_not_given_are_left_alone(aws):
    described(aws, lifecycle=LIFECYCLE, policy=POLICY, tags={"a": "b"})
    assert run(aws)["changed"] is False


@pytest.mark.parametrize(
    ("wanted", "call", "arguments"),
    [
        ({"image_tag_mutability": "MUTABLE"}, "put_image_tag_mutability", {"imageTagMutability": "MUTABLE"}),
        (
            {
                "image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION",
                "image_tag_mutability_exclusion_filters": ["dev*"],
            },
            "put_image_tag_mutability",
            {
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "dev*"}],
            },
        ),
        (
            {"scan_on_push": False},
            "put_image_scanning_configuration",
            {"imageScanningConfiguration": {"scanOnPush": False}},
        ),
        ({"lifecycle_policy": {}}, "delete_lifecycle_policy", {}),
        ({"repository_policy": {}}, "delete_repository_policy", {}),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_one_difference_is_one_call(aws, check, wanted, call, arguments):
    described(aws, lifecycle=LIFECYCLE, policy=POLICY)
    if not check:
        aws.answer("ecr", call, {}, repositoryName=NAME, **arguments)
        described(aws)
    result = run(aws, check=check, **wanted)
    assert result["changed"] is True
    assert set(result["diff"]["after"]) == set(wanted)


def test_tags_are_set_and_removed(aws):
    described(aws, tags={"old": "x", "a": "b"})
    aws.answer("ecr", "untag_resource", {}, resourceArn=ARN, tagKeys=["old"])
    aws.answer("ecr", "tag_resource", {}, resourceArn=ARN, tags=[{"Key": "a", "Value": "c"}])
    described(aws, tags={"a": "c"})
    result = run(aws, tags={"a": "c"})
    assert result["diff"] == {"before": {"tags": {"a": "b", "old": "x"}}, "after": {"tags": {"a": "c"}}}


@pytest.mark.parametrize("check", [True, False])
def test_encryption_cannot_be_changed(aws, check):
    described(aws)
    assert "can't change encryption_type" in run(aws, check=check, encryption_type="KMS", scan_on_push=False)["msg"]


def test_bad_options_are_refused_before_any_call(aws):
    assert "needs encryption_type" in run(aws, kms_key="k")["msg"]


def test_a_denied_call_is_reported(aws):
    aws.refuse("ecr", "describe_repositories", "AccessDeniedException", "not allowed", repositoryNames=[NAME])
    assert "DescribeRepositories" in run(aws)["msg"]


def images(aws, count):
    found = [{"imageDigest": DIGEST} for _one in range(count)]
    aws.answer("ecr", "describe_images", {"imageDetails": found}, repositoryName=NAME, filter=ANY_STATUS)


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("force", [True, False])
def test_deletes(aws, check, force):
    described(aws)
    if not force:
        images(aws, 0)
    if not check:
        aws.answer("ecr", "delete_repository", {}, repositoryName=NAME, force=force)
    assert run(aws, check=check, state="absent", force=force)["changed"] is True


@pytest.mark.parametrize("check", [True, False])
def test_images_are_an_error_without_force(aws, check):
    described(aws)
    images(aws, 2)
    assert "holds 2 images, and ECR deletes only an empty one" in run(aws, check=check, state="absent")["msg"]


def test_a_missing_repository_is_not_a_change(aws):
    no_repository(aws)
    result = run(aws, state="absent")
    assert (result["changed"], result["diff"]) == (False, {"before": {}, "after": {}})


@pytest.fixture
def build(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    return {"path": str(tmp_path)}


def image_there(aws, *digests):
    # without expected parameters, as the module computes the tag, which a test checks in its result
    found = [{"imageDigest": digest} for digest in digests]
    aws.client("ecr")
    aws._stubbers["ecr"].add_response("describe_images", {"imageDetails": found})


def test_info_of_an_existing_repository(aws, build):
    described(aws, tags={"a": "b"})
    image_there(aws, DIGEST)
    result = aws.run(ecr_repository_info.main, name=NAME, build=build)
    assert result["repository"]["name"] == NAME
    assert result["image"]["uri"] == f"{URI}@{DIGEST}"
    assert [one["name"] for one in result["resources"]] == [NAME, f"{NAME}:{result['image']['tag']}"]


@pytest.mark.usefixtures("no_engine")
def test_info_of_nothing(aws, build):
    no_repository(aws)
    result = aws.run(ecr_repository_info.main, name=NAME, build=build)
    assert (result["repository"], result["resources"], result["image"]["digest"]) == (None, [], None)


def test_info_of_a_repository_alone(aws):
    described(aws)
    result = aws.run(ecr_repository_info.main, name=NAME)
    assert (result["image"], len(result["resources"])) == (None, 1)


def test_info_lists_all_images_on_request(aws):
    described(aws)
    held = [{"imageDigest": DIGEST}, {"imageDigest": "sha256:b", "imageTags": ["v2", "v1"]}]
    aws.answer("ecr", "describe_images", {"imageDetails": held}, repositoryName=NAME, filter=ANY_STATUS)
    result = aws.run(ecr_repository_info.main, name=NAME, all_images=True)
    assert [one["name"] for one in result["resources"]] == [NAME, f"{NAME}:v1,v2", f"{NAME}@{DIGEST}"]


@pytest.mark.parametrize(
    ("configuration", "code", "expected"),
    [
        (
            {"appliedScanFilters": [{"filter": "*", "filterType": "WILDCARD"}], "scanFrequency": "SCAN_ON_PUSH"},
            None,
            True,
        ),
        ({"appliedScanFilters": [], "scanFrequency": "MANUAL"}, None, False),
        (None, "AccessDeniedException", False),
        (None, "ValidationException", False),
    ],
)
def test_scanning_by_the_registry_is_read_if_the_repository_does_not_scan(aws, configuration, code, expected):
    described(aws, imageScanningConfiguration={"scanOnPush": False})
    asked = {"repositoryNames": [NAME]}
    if code:
        aws.refuse("ecr", "batch_get_repository_scanning_configuration", code, **asked)
    else:
        found = {"scanningConfigurations": [{"repositoryName": NAME, "repositoryArn": ARN, **configuration}]}
        aws.answer("ecr", "batch_get_repository_scanning_configuration", found, **asked)
    assert aws.run(ecr_repository_info.main, name=NAME)["scanned_by_registry"] is expected


def test_another_error_of_reading_the_scanning_fails(aws):
    described(aws, imageScanningConfiguration={"scanOnPush": False})
    aws.refuse("ecr", "batch_get_repository_scanning_configuration", "KmsException", repositoryNames=[NAME])
    assert (
        "BatchGetRepositoryScanningConfiguration: KmsException" in aws.run(ecr_repository_info.main, name=NAME)["msg"]
    )


def test_a_setting_that_moved_to_the_registry_is_an_error_with_the_next_step(aws):
    described(aws)
    aws.refuse(
        "ecr",
        "put_image_scanning_configuration",
        "ValidationException",
        "scanning is configured for the registry",
        repositoryName=NAME,
        imageScanningConfiguration={"scanOnPush": False},
    )
    message = run(aws, scan_on_push=False)["msg"]
    assert message.startswith(f"ECR does not accept scan_on_push: false for repository {NAME}: ")
    assert f"'aws ecr put-registry-scanning-configuration', with a filter for {NAME}" in message


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (
            "ARCHIVED",
            f"Image {NAME}@{DIGEST} is in ECR's archive (ARCHIVED) and can't be pulled. Restore it with 'aws ecr",
        ),
        (
            "ACTIVATING",
            f"Image {NAME}@{DIGEST} is being restored from ECR's archive and can't be pulled yet. Run again",
        ),
    ],
)
def test_an_archived_image_is_an_error(aws, build, status, sentence):
    described(aws)
    aws._stubbers["ecr"].add_response(
        "describe_images", {"imageDetails": [{"imageDigest": DIGEST, "imageStatus": status}]}
    )
    assert aws.run(ecr_repository_info.main, name=NAME, build=build)["msg"].startswith(sentence)


@pytest.mark.usefixtures("failing_engine")
def test_info_of_an_image_elsewhere(aws):
    no_repository(aws)
    result = aws.run(ecr_repository_info.main, name=NAME, image=f"registry.example.com/a/b@{DIGEST}")
    assert result["image"]["uri"] == f"registry.example.com/a/b@{DIGEST}"
    assert "no engine" in json.dumps(result["warnings"])


def test_info_reports_a_bad_build_context(aws):
    described(aws)
    result = aws.run(ecr_repository_info.main, name=NAME, build={"path": "/nowhere/at/all"})
    assert "The build context /nowhere/at/all is not a directory" in result["msg"]


class Talkative:
    """An engine that quotes the password in its error."""

    def __init__(self, host, timeout):
        pass

    def build(self, inputs, reference, **_arguments):
        list(inputs)

    def push(self, repository, tag, auth):
        return log.Log().follow([{"error": f"denied: {auth['username']}:{auth['password']}"}])


def test_no_output_of_the_module_contains_the_token(aws, build, monkeypatch, capsys):
    monkeypatch.setattr(engine, "Engine", Talkative)
    aws.answer("ecr", "describe_repositories", {"repositories": [REPOSITORY]}, repositoryNames=[NAME])
    image_there(aws)
    token = base64.b64encode(f"AWS:{SECRET}".encode()).decode()
    aws.answer("ecr", "get_authorization_token", {"authorizationData": [{"authorizationToken": token}]})
    image_there(aws)
    result = aws.run(ecr_image.main, repository=NAME, build=build)
    assert "denied: AWS:" in result["msg"]
    assert SECRET not in json.dumps(result)
    assert token not in json.dumps(result)


def test_an_image_that_exists_in_ecr_needs_no_token(aws, build):
    aws.answer("ecr", "describe_repositories", {"repositories": [REPOSITORY]}, repositoryNames=[NAME])
    image_there(aws, DIGEST)
    result = aws.run(ecr_image.main, repository=NAME, build=build)
    assert (result["changed"], result["image"]["digest"]) == (False, DIGEST)


@pytest.mark.usefixtures("failing_engine")
def test_an_image_elsewhere_is_accepted_with_a_warning(aws):
    result = aws.run(ecr_image.main, image=f"registry.example.com/a/b@{DIGEST}")
    assert (result["changed"], result["image"]["digest"]) == (False, DIGEST)
    assert "no engine" in json.dumps(result["warnings"])


def test_an_image_that_may_not_be_looked_up_is_named(aws):
    reference = "210987654321.dkr.ecr.us-east-1.amazonaws.com/base:v1"
    looked_up = {"repositoryName": "base", "imageIds": [{"imageTag": "v1"}], "registryId": "210987654321"}
    aws.refuse("ecr", "describe_images", "AccessDeniedException", **looked_up)
    message = aws.run(ecr_image.main, image=reference)["msg"]
    assert message.startswith(f"Failed to look up the image {reference} in ")


def test_an_image_in_ecr_is_looked_up(aws):
    reference = "210987654321.dkr.ecr.us-east-1.amazonaws.com/base:v1"
    aws.refuse(
        "ecr",
        "describe_images",
        "ImageNotFoundException",
        repositoryName="base",
        imageIds=[{"imageTag": "v1"}],
        registryId="210987654321",
    )
    assert "in ECR of account 210987654321" in aws.run(ecr_image.main, image=reference)["msg"]


def test_a_denied_call_of_ecr_image_is_reported(aws, build):
    aws.refuse("ecr", "describe_repositories", "AccessDeniedException", repositoryNames=[NAME])
    result = aws.run(ecr_image.main, repository=NAME, build=build)
    assert "DescribeRepositories" in result["msg"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "one of the following is required: build, image"),
        ({"build": {"path": "/x"}, "image": "a:1"}, "mutually exclusive"),
        ({"build": {"path": "/x"}}, "repository"),
    ],
)
def test_options_of_ecr_image(aws, parameters, message):
    assert message in aws.run(ecr_image.main, **parameters)["msg"]


def test_the_architecture_of_one_image_is_in_its_config(aws, monkeypatch):
    manifest = json.dumps({"config": {"digest": DIGEST}})
    aws.answer(
        "ecr",
        "batch_get_image",
        {"images": [{"imageManifest": manifest}]},
        repositoryName=NAME,
        imageIds=[{"imageDigest": DIGEST}],
        acceptedMediaTypes=list(api.MANIFESTS),
    )
    aws.answer(
        "ecr",
        "get_download_url_for_layer",
        {"downloadUrl": "https://layers.example/1"},
        repositoryName=NAME,
        layerDigest=DIGEST,
    )
    config = io.BytesIO(b'{"os": "linux", "architecture": "arm64"}')
    monkeypatch.setattr(urls, "open_url", lambda url, timeout: config)
    assert api.image_architectures(aws.client("ecr"), NAME, DIGEST) == ["ARM64"]
    aws.assert_all_called()


def test_an_unreachable_image_config_is_not_a_failure(monkeypatch):
    def refuse(url, timeout):
        raise OSError("no way")

    monkeypatch.setattr(urls, "open_url", refuse)
    assert api._json_of("https://layers.example/1") is None


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("is_there", [True, False])
def test_info_reports_why_a_missing_image_cannot_be_built(aws, tmp_path, is_there):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    described(aws)
    image_there(aws, *[DIGEST] if is_there else [])

    result = aws.run(ecr_repository_info.main, name=NAME, build={"path": str(tmp_path)})

    if is_there:
        assert result["obstacle"] is None
    else:
        assert result["obstacle"].startswith(
            "No Docker engine answers at unix:///var/run/docker.sock: nobody listens. Building an image needs one"
        )
