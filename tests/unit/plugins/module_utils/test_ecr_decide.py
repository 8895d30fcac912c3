# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest
from ansible_collections.magiclub.fargate.plugins.module_utils._aws import changes
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import RefusedError
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecr_push import resources
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecr_push.validate import ecr_push
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import decide
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.iam.policy import canonical

DIGEST = "sha256:" + "0" * 64
REPOSITORY = {
    "repositoryArn": "arn:aws:ecr:ap-northeast-2:123456789012:repository/lotto",
    "registryId": "123456789012",
    "repositoryName": "lotto",
    "repositoryUri": "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/lotto",
    "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
    "imageTagMutabilityExclusionFilters": [
        {"filterType": "WILDCARD", "filter": "latest"},
        {"filterType": "WILDCARD", "filter": "dev*"},
    ],
    "imageScanningConfiguration": {"scanOnPush": True},
    "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "arn:aws:kms:ap-northeast-2:123456789012:key/k"},
}
RULES = [{"rulePriority": 2, "action": {"type": "expire"}}, {"rulePriority": 1, "action": {"type": "expire"}}]


def repository(**fields):
    names = ("image_tag_mutability", "image_tag_mutability_exclusion_filters", "scan_on_push", "encryption_type")
    names += ("kms_key", "lifecycle_policy", "repository_policy", "tags")
    return {"name": "lotto", **dict.fromkeys(names), **fields}


@pytest.mark.parametrize("name", ["ab", "magiclub-an2p/lotto-api", "a.b_c__d---e", "0/1", "a" * 256])
def test_names_that_ecr_takes(name):
    assert decide.repository_name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("a", "2 to 256"),
        ("a" * 257, "2 to 256"),
        ("Lotto", "lower-case"),
        ("lotto-", "lower-case"),
        ("-lotto", "lower-case"),
        ("a..b", "lower-case"),
        ("a___b", "lower-case"),
        ("a//b", "lower-case"),
        ("a b", "lower-case"),
    ],
)
def test_names_that_ecr_refuses(name, rule):
    assert rule in decide.repository_name_problem(name)


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (repository(), None),
        (repository(encryption_type="KMS_DSSE", kms_key="k"), None),
        (repository(lifecycle_policy={}), None),
        (repository(lifecycle_policy={"rules": RULES}), None),
        (repository(image_tag_mutability="MUTABLE_WITH_EXCLUSION", image_tag_mutability_exclusion_filters=["x"]), None),
        (repository(image_tag_mutability="IMMUTABLE", image_tag_mutability_exclusion_filters=["x"]), "only with them"),
        (repository(image_tag_mutability="IMMUTABLE_WITH_EXCLUSION"), "Give both or neither"),
        (repository(kms_key="k"), "needs encryption_type: KMS"),
        (repository(encryption_type="AES256", kms_key="k"), "needs encryption_type: KMS"),
        (repository(lifecycle_policy={"rule": []}), "has no rules"),
        (repository(lifecycle_policy={"rules": []}), "has no rules"),
        (repository(lifecycle_policy={"rules": [{"rulePriority": 1}, {"rulePriority": 1}]}), "each number once"),
        (repository(lifecycle_policy={"rules": [{"action": {}}]}), "needs a rulePriority in each rule"),
        (repository(lifecycle_policy={"rules": {"rulePriority": 1}}), "has no rules"),
        (repository(lifecycle_policy={"rules": [{"rulePriority": 1}, "expire"]}), "needs a rulePriority in each rule"),
        (repository(lifecycle_policy={"rules": [{"rulePriority": "high"}]}), "needs a rulePriority in each rule"),
        (repository(lifecycle_policy={"rules": [{"rulePriority": [1]}]}), "needs a rulePriority in each rule"),
        (repository(lifecycle_policy={"rules": [{"rulePriority": 1}, {"rulePriority": "1"}]}), "each number once"),
        (repository(repository_policy={"Statement": {"Effect": "Allow", "Principal": "*"}}), None),
        (repository(repository_policy={"Statement": [{"Condition": {"Bool": {"aws:x": True}}}]}), None),
        (repository(repository_policy={"Statement": ["x"]}), "must be a dictionary, and 'x' is not"),
        (repository(repository_policy={"Statement": "x"}), "must be a dictionary, and 'x' is not"),
        (repository(repository_policy={"Statement": [{"Condition": ["x"]}]}), "Condition must be a dictionary of"),
        (
            repository(repository_policy={"Statement": [{"Condition": {"Bool": "x"}}]}),
            "Condition must be a dictionary",
        ),
        (repository(name="X"), "has 1 characters"),
    ],
)
def test_repository_problems(wanted, problem):
    found = decide.repository_problems(wanted)
    assert (found == []) if problem is None else (len(found) == 1 and problem in found[0])


def test_repository_values():
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ecr:*", "Principal": "*"}}
    assert decide.repository_values(REPOSITORY, json.dumps({"rules": RULES}), json.dumps(policy), {"a": "b"}) == {
        "name": "lotto",
        "arn": REPOSITORY["repositoryArn"],
        "uri": REPOSITORY["repositoryUri"],
        "registry_id": "123456789012",
        "image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION",
        "image_tag_mutability_exclusion_filters": ["dev*", "latest"],
        "scan_on_push": True,
        "encryption_type": "KMS",
        "kms_key": "arn:aws:kms:ap-northeast-2:123456789012:key/k",
        "lifecycle_policy": {"rules": [RULES[1], RULES[0]]},
        "repository_policy": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "ecr:*", "Principal": "*"}],
        },
        "tags": {"a": "b"},
    }


def test_repository_values_by_default():
    bare = {key: REPOSITORY[key] for key in ("repositoryArn", "registryId", "repositoryName", "repositoryUri")}
    values = decide.repository_values(bare, None, None, {})
    assert (values["image_tag_mutability"], values["encryption_type"], values["kms_key"]) == ("MUTABLE", "AES256", None)
    assert (values["scan_on_push"], values["lifecycle_policy"], values["repository_policy"]) == (False, {}, {})


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        ({}, []),
        ({"image_tag_mutability_exclusion_filters": ["latest", "dev*"]}, []),
        ({"lifecycle_policy": {"rules": RULES}}, []),
        ({"image_tag_mutability": "IMMUTABLE"}, ["image_tag_mutability"]),
        ({"image_tag_mutability_exclusion_filters": []}, ["image_tag_mutability_exclusion_filters"]),
        ({"scan_on_push": False}, ["scan_on_push"]),
        ({"lifecycle_policy": {}}, ["lifecycle_policy"]),
        ({"repository_policy": {"Statement": []}}, ["repository_policy"]),
        ({"encryption_type": "AES256"}, ["encryption_type"]),
        ({"kms_key": "other"}, ["kms_key"]),
    ],
)
def test_differences_are_of_what_is_given(wanted, paths):
    found = decide.repository_values(REPOSITORY, json.dumps({"rules": RULES}), None, {})
    fields = changes.differences(found, decide.wanted_values(repository(**wanted)), decide.FIELDS)
    assert [field["path"] for field in fields] == paths


PULL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"], "Sid": "pull"}],
}


def test_a_repository_policy_in_another_form_is_no_difference():
    found = decide.repository_values(REPOSITORY, None, json.dumps(PULL), {})
    again = {**PULL, "Statement": [{**PULL["Statement"][0], "Action": "ecr:BatchGetImage"}]}
    assert changes.differences(found, decide.wanted_values(repository(repository_policy=again)), decide.FIELDS) == []


def test_a_difference_has_both_values():
    found = decide.repository_values(REPOSITORY, None, json.dumps(PULL), {})
    [field] = changes.differences(found, decide.wanted_values(repository(repository_policy={})), decide.FIELDS)
    assert field == {"path": "repository_policy", "before": found["repository_policy"], "after": {}}


def test_a_lifecycle_policy_of_no_rules_stays_as_it_is():
    assert decide.lifecycle({"rules": []}) == {"rules": []}


def test_only_encryption_can_not_be_changed():
    fields = [{"path": path, "before": 1, "after": 2} for path in decide.FIELDS]
    sentences = decide.immutable("lotto", fields)
    assert len(sentences) == 2
    assert "ECR can't change encryption_type of repository lotto (1 to 2)" in sentences[0]
    assert "kms_key" in sentences[1]


def test_creation_sends_only_what_is_given():
    assert decide.creation(repository(), []) == {"repositoryName": "lotto"}
    wanted = repository(
        image_tag_mutability="IMMUTABLE_WITH_EXCLUSION",
        image_tag_mutability_exclusion_filters=["dev*"],
        scan_on_push=False,
        encryption_type="KMS",
        kms_key="k",
    )
    assert decide.creation(wanted, [{"Key": "a", "Value": "b"}]) == {
        "repositoryName": "lotto",
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "dev*"}],
        "imageScanningConfiguration": {"scanOnPush": False},
        "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "k"},
        "tags": [{"Key": "a", "Value": "b"}],
    }


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("nginx:1", ("", "nginx", "1", None)),
        ("library/nginx:1.29-alpine", ("", "library/nginx", "1.29-alpine", None)),
        ("localhost/app:1", ("localhost", "app", "1", None)),
        ("localhost:1", ("", "localhost", "1", None)),
        ("localhost:5000/a/b:1", ("localhost:5000", "a/b", "1", None)),
        ("public.ecr.aws/nginx/nginx:1", ("public.ecr.aws", "nginx/nginx", "1", None)),
        (f"r.example/app@{DIGEST}", ("r.example", "app", None, DIGEST)),
        (f"r.example:443/app:v1@{DIGEST}", ("r.example:443", "app", "v1", DIGEST)),
    ],
)
def test_references(text, parts):
    assert decide.parse_reference(text) == parts


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nginx", "has neither tag nor digest"),
        ("localhost:5000/app", "has neither tag nor digest"),
        ("nginx:", "has a bad tag"),
        ("nginx:a b", "has a bad tag"),
        ("nginx:" + "a" * 129, "has a bad tag"),
        ("nginx@sha256:abc", "has a bad digest"),
        ("nginx@md5:" + "0" * 64, "has a bad digest"),
        ("Nginx:1", "is not an image reference"),
        (":1", "is not an image reference"),
        ("https://r.example/app:1", "is not an image reference"),
    ],
)
def test_invalid_references(text, problem):
    with pytest.raises(RefusedError, match=problem):
        decide.parse_reference(text)


def test_the_name_of_a_reference():
    assert decide.parse_reference("r.example/a/b:1").name == "r.example/a/b"
    assert decide.parse_reference("a/b:1").name == "a/b"


@pytest.mark.parametrize(
    ("host", "registry"),
    [
        ("123456789012.dkr.ecr.ap-northeast-2.amazonaws.com", ("123456789012", "ap-northeast-2")),
        ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", ("123456789012", "us-east-1")),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", ("123456789012", "cn-north-1")),
        ("123456789012.dkr-ecr.us-west-2.on.aws", ("123456789012", "us-west-2")),
        ("public.ecr.aws", None),
        ("12345.dkr.ecr.us-east-1.amazonaws.com", None),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example", None),
    ],
)
def test_registries_of_ecr(host, registry):
    assert decide.ecr_registry(host) == registry


INDEX = {
    "manifests": [
        {"platform": {"os": "linux", "architecture": "arm64"}},
        {"platform": {"os": "linux", "architecture": "amd64"}},
        {"platform": {"os": "unknown", "architecture": "unknown"}},
        {},
    ]
}


@pytest.mark.parametrize(
    ("manifest", "config", "names"),
    [
        (INDEX, None, ["ARM64", "X86_64"]),
        ({"config": {}}, {"os": "linux", "architecture": "amd64"}, ["X86_64"]),
        ({"config": {}}, {"os": "windows", "architecture": "amd64"}, []),
        ({"config": {}}, None, []),
    ],
)
def test_architectures(manifest, config, names):
    assert decide.architectures(manifest, config) == names


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ({"Action": "a:b"}, {"Action": ["a:b"]}),
        ({"Action": ["a:c", "a:b"]}, {"Action": ["a:b", "a:c"]}),
        ({"Resource": "*"}, {"Resource": ["*"]}),
        ({"Principal": {"AWS": "123456789012"}}, {"Principal": {"AWS": ["arn:aws:iam::123456789012:root"]}}),
        ({"Principal": {"AWS": ["123456789012"]}}, {"Principal": {"AWS": "arn:aws-cn:iam::123456789012:root"}}),
        ({"Condition": {"Bool": {"k": True}}}, {"Condition": {"Bool": {"k": ["true"]}}}),
        ({"Condition": {"StringEquals": {"k": ["b", "a"]}}}, {"Condition": {"StringEquals": {"k": ["a", "b"]}}}),
    ],
)
def test_policies_that_mean_the_same(one, same):
    assert canonical({"Statement": one}) == canonical({"Statement": [same]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Action": "a:b"}, {"Action": "a:c"}),
        ({"Action": "a:b"}, {"NotAction": "a:b"}),
        ({"Principal": "*"}, {"Principal": {"AWS": "*"}}),
        ({"Principal": {"AWS": "123456789012"}}, {"Principal": {"AWS": "arn:aws:iam::123456789012:role/root"}}),
        ({"Effect": "Allow"}, {"Effect": "Deny"}),
        ({"Condition": {"Bool": {"k": "true"}}}, {"Condition": {"Bool": {"k": "false"}}}),
    ],
)
def test_policies_that_mean_something_else(one, other):
    assert canonical({"Statement": one}) != canonical({"Statement": other})


def test_a_policy_without_version_has_the_first_version():
    assert canonical({})["Version"] == "2008-10-17"
    assert canonical({"Version": "2012-10-17"})["Version"] == "2012-10-17"


@pytest.mark.parametrize(
    ("found", "wanted", "purge", "result"),
    [
        ({"a": "1"}, None, True, ({}, [])),
        ({"a": "1"}, {"a": 1}, True, ({}, [])),
        ({}, {"a": True, 7: "x", "b": None}, True, ({"a": "True", "7": "x"}, [])),
        ({"a": "1", "b": "2"}, {"a": "2"}, False, ({"a": "2"}, [])),
        ({"c": "1", "b": "2"}, {"a": "2"}, True, ({"a": "2"}, ["b", "c"])),
        ({"aws:x": "1"}, {}, True, ({}, [])),
    ],
)
def test_tag_changes(found, wanted, purge, result):
    assert changes.tag_changes(found, wanted, purge) == result


def test_a_diff_shows_the_tags_that_differ_and_no_others():
    fields = [{"path": "x", "before": 1, "after": 2}]
    assert changes.diff({"tags": {"a": "1", "b": "2", "c": "3"}}, fields, ({"a": "9", "n": "4"}, ["b"])) == {
        "before": {"x": 1, "tags": {"a": "1", "b": "2"}},
        "after": {"x": 2, "tags": {"a": "9", "n": "4"}},
    }
    assert changes.diff({"tags": {"a": "1"}}, [], ({}, [])) == {"before": {}, "after": {}}


def test_resources_of_a_plan():
    assert resources.found(None, None) == []
    values = decide.repository_values(REPOSITORY, None, None, {"a": "b"})
    assert [one["type"] for one in resources.found(values, {"tag": "t", "digest": None})] == ["ecr_repository"]
    first, second = resources.found(values, {"tag": "t", "digest": DIGEST})
    assert (first["id"], first["name"]) == (REPOSITORY["repositoryArn"], "lotto")
    assert second == {"type": "image", "name": "lotto:t", "id": DIGEST, "values": {}}
    held = [{"imageDigest": "sha256:2", "imageTags": ["v2", "new"]}, {"imageDigest": "sha256:1"}]
    assert [(one["name"], one["id"]) for one in resources.found(values, None, held)[1:]] == [
        ("lotto:new,v2", "sha256:2"),
        ("lotto@sha256:1", "sha256:1"),
    ]
    wanted = resources.desired(repository(scan_on_push=True, tags={"a": "b"}), "t")
    assert wanted == [
        {
            "type": "ecr_repository",
            "name": "lotto",
            "values": {"scan_on_push": True, "tags": {"a": "b"}},
            "fixed": ["encryption_type", "kms_key"],
        },
        {"type": "image", "name": "lotto:t", "values": {}},
    ]
    assert len(resources.desired(repository(), None)) == 1


def push(**fields):
    return {"region": "ap-northeast-2", "repository": repository(), "build": {"path": "/x"}, "image": ""} | fields


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        (push(), None),
        (push(build={}, image="nginx:1"), None),
        (push(build={}, image="nginx:1", repository=repository(name="X")), None),
        (push(build={}), "neither is set"),
        (push(image="Nginx"), "ecr_push_image: "),
        (push(build={"dockerfile": "x"}), "ecr_push_build has no path"),
        (push(build={"path": "/x", "platform": "linux/s390x"}), "'linux/s390x' does not run on Fargate"),
        (push(build={}, image="nginx"), "ecr_push_image: Image 'nginx' has neither"),
        (push(repository=repository(name="Lotto")), "Repository name 'Lotto'"),
        (push(region="ap-northeast-22"), "ap-northeast-22"),
    ],
)
def test_inputs_of_the_role_ecr_push(inputs, problem):
    found = ecr_push(inputs)
    assert (found == []) if problem is None else (len(found) == 1 and problem in found[0])


def test_an_in_use_tag_is_not_the_name_of_an_image():
    values = {"name": "r", "arn": "a", **dict.fromkeys(resources.COMPARED)}
    held = [
        {"imageDigest": "d1", "imageTags": ["in-use-lotto-7", "content"]},
        {"imageDigest": "d2", "imageTags": ["in-use-lotto-6"]},
    ]
    assert [one["name"] for one in resources.found(values, None, held)[1:]] == ["r:content", "r:in-use-lotto-6"]
