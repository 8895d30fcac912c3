# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decisions on plain data of ECR: repositories, policies, image references, platforms."""

from __future__ import annotations

import json
import re
import typing as t

from ..._aws.refused import RefusedError
from ..._aws.region import DOMAINS
from ..iam.policy import canonical
from ..iam.policy import problem as policy_problem

Values = dict[str, t.Any]
Fields = list[dict[str, t.Any]]

# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
REPOSITORY_NAME = re.compile(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*")
ECR_HOST = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(-fips)?\.(?P<region>[a-z0-9-]+)\."
    rf"({'|'.join(re.escape(domain) for domain in DOMAINS)})"
)
# https://github.com/distribution/reference, regexp.go
TAG = re.compile(r"[\w][\w.-]{0,127}", re.ASCII)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
PLATFORMS = {"linux/amd64": "X86_64", "linux/arm64": "ARM64"}
BUILT_FOR = (*PLATFORMS, ",".join(PLATFORMS))
"""The platforms an image can be built for, as in the Docker CLI's option --platform."""
INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
MUTABLE_FIELDS = (
    "image_tag_mutability",
    "image_tag_mutability_exclusion_filters",
    "scan_on_push",
    "lifecycle_policy",
    "repository_policy",
)
FIELDS = (*MUTABLE_FIELDS, "encryption_type", "kms_key")
POLICIES = ("lifecycle_policy", "repository_policy")


class Reference(t.NamedTuple):
    """The parts of an image reference."""

    host: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def name(self) -> str:
        """The reference without tag and digest."""
        return f"{self.host}/{self.repository}" if self.host else self.repository


def repository_name_problem(name: str) -> str | None:
    """Return the problem with the name of a repository, None if it is valid."""
    if not 2 <= len(name) <= 256:
        return f"Repository name '{name}' has {len(name)} characters: ECR takes 2 to 256. Choose another name."
    if not REPOSITORY_NAME.fullmatch(name):
        return (
            f"Repository name '{name}' is not allowed by ECR: lower-case letters and digits, joined by single"
            " '.', '_', '/' or by hyphens. Choose another name."
        )
    return None


def repository_problems(wanted: Values) -> list[str]:
    """Return the problems with the options of a repository, one message each."""
    name = wanted["name"]
    problems = [repository_name_problem(name)]
    exclusive = str(wanted.get("image_tag_mutability") or "").endswith("_WITH_EXCLUSION")
    if bool(wanted.get("image_tag_mutability_exclusion_filters")) != exclusive:
        problems.append(
            f"Repository {name}: image_tag_mutability_exclusion_filters go with IMMUTABLE_WITH_EXCLUSION or"
            " MUTABLE_WITH_EXCLUSION, and only with them. Give both or neither."
        )
    filters_given = wanted.get("image_tag_mutability_exclusion_filters") or []
    problems += [
        f"Repository {name} has '{one}' more than once in image_tag_mutability_exclusion_filters. Take one out."
        for one in sorted({one for one in filters_given if filters_given.count(one) > 1})
    ]
    if wanted.get("kms_key") and wanted.get("encryption_type") not in ("KMS", "KMS_DSSE"):
        problems.append(f"Repository {name} has a kms_key, which needs encryption_type: KMS or KMS_DSSE.")
    problems.append(lifecycle_policy_problem(name, wanted.get("lifecycle_policy")))
    wrong = policy_problem(wanted.get("repository_policy") or {})
    problems.append(f"The policy of repository {name}: {wrong}" if wrong else None)
    return [problem for problem in problems if problem]


def lifecycle_policy_problem(name: str, policy: Values | None) -> str | None:
    """Return the problem with the structure of a lifecycle policy, if any; ECR validates its rules."""
    if not policy:
        return None
    rules = policy.get("rules")
    if not isinstance(rules, list) or not rules:
        return f"The lifecycle policy of repository {name} has no rules: it is {{'rules': [...]}}, or {{}} for none."
    priorities = [str(rule.get("rulePriority")) for rule in rules if isinstance(rule, dict)]
    if len(set(priorities)) != len(rules) or not all(one.isdecimal() for one in priorities):
        return f"The lifecycle policy of repository {name} needs a rulePriority in each rule, each number once."
    return None


def repository_values(
    found: Values, lifecycle_policy: str | None, repository_policy: str | None, tags: dict[str, str]
) -> Values:
    """Return a repository as the modules do: in snake case, with policies parsed and in their canonical form."""
    encryption = found.get("encryptionConfiguration") or {}
    filters = found.get("imageTagMutabilityExclusionFilters") or []
    return {
        "name": found["repositoryName"],
        "arn": found["repositoryArn"],
        "uri": found["repositoryUri"],
        "registry_id": found["registryId"],
        "image_tag_mutability": found.get("imageTagMutability", "MUTABLE"),
        "image_tag_mutability_exclusion_filters": sorted(one["filter"] for one in filters),
        "scan_on_push": bool((found.get("imageScanningConfiguration") or {}).get("scanOnPush")),
        "encryption_type": encryption.get("encryptionType", "AES256"),
        "kms_key": encryption.get("kmsKey"),
        "lifecycle_policy": lifecycle(json.loads(lifecycle_policy)) if lifecycle_policy else {},
        "repository_policy": canonical(json.loads(repository_policy)) if repository_policy else {},
        "tags": tags,
    }


def archived(repository: str, image: Values) -> str | None:
    """Return why an image, as DescribeImages returns it, can't be pulled; None if it can.

    "Requests to pull the archived image will fail with a 404 error":
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html
    """
    status = image.get("imageStatus") or "ACTIVE"
    if status == "ACTIVE":
        return None
    name = f"{repository}@{image['imageDigest']}"
    if status == "ACTIVATING":
        return (
            f"Image {name} is being restored from ECR's archive and can't be pulled yet. Run again when it is ACTIVE."
        )
    return (
        f"Image {name} is in ECR's archive ({status}) and can't be pulled. Restore it with 'aws ecr"
        f" update-image-storage-class --repository-name {repository} --image-id imageDigest={image['imageDigest']}"
        " --target-storage-class STANDARD', and run again when it is ACTIVE."
    )


def scanning_refused(name: str, wanted: bool, answer: str) -> str:
    """Return the error message for a repository whose scanning ECR refuses to set, with the next step."""
    return (
        f"ECR does not accept scan_on_push: {str(wanted).lower()} for repository {name}: {answer}."
        " AWS moves this setting to the registry: configure scanning there ('aws ecr"
        f" put-registry-scanning-configuration', with a filter for {name}), and leave the repository's as it is."
    )


def wanted_values(options: Values) -> Values:
    """Return the options in their canonical form, as C(repository_values) has it."""
    wanted = dict(options)
    if wanted.get("lifecycle_policy"):
        wanted["lifecycle_policy"] = lifecycle(wanted["lifecycle_policy"])
    if wanted.get("repository_policy"):
        wanted["repository_policy"] = canonical(wanted["repository_policy"])
    if wanted.get("image_tag_mutability_exclusion_filters") is not None:
        wanted["image_tag_mutability_exclusion_filters"] = sorted(wanted["image_tag_mutability_exclusion_filters"])
    return wanted


def lifecycle(document: Values) -> Values:
    """Return a lifecycle policy with its rules sorted by priority, the order in which ECR applies them."""
    if not document.get("rules"):
        return document
    return {**document, "rules": sorted(document["rules"], key=lambda rule: int(rule.get("rulePriority", 0)))}


def immutable(name: str, fields: Fields) -> list[str]:
    """Return one message for each difference that can't be changed on an existing repository."""
    return [
        f"ECR can't change {field['path']} of repository {name} ({field['before']} to {field['after']})."
        " Keep what is there, or remove the repository with its images (state: absent, force: true) and run again."
        for field in fields
        if field["path"] not in MUTABLE_FIELDS
    ]


def creation(wanted: Values, tags: list[dict[str, str]]) -> Values:
    """Return the arguments of CreateRepository."""
    request: Values = {"repositoryName": wanted["name"]}
    if wanted.get("image_tag_mutability"):
        request["imageTagMutability"] = wanted["image_tag_mutability"]
    if wanted.get("image_tag_mutability_exclusion_filters"):
        request["imageTagMutabilityExclusionFilters"] = filters(wanted["image_tag_mutability_exclusion_filters"])
    if wanted.get("scan_on_push") is not None:
        request["imageScanningConfiguration"] = {"scanOnPush": wanted["scan_on_push"]}
    if wanted.get("encryption_type"):
        request["encryptionConfiguration"] = {"encryptionType": wanted["encryption_type"]}
    if wanted.get("kms_key"):
        request["encryptionConfiguration"]["kmsKey"] = wanted["kms_key"]
    if tags:
        request["tags"] = tags
    return request


def filters(patterns: t.Iterable[str]) -> list[Values]:
    """Return exclusion filters as the API takes them."""
    return [{"filterType": "WILDCARD", "filter": pattern} for pattern in patterns]


def parse_reference(text: str) -> Reference:
    """Return the parts of an image reference such as C(registry/name:tag) or C(registry/name@sha256:...).

    Raises RefusedError if it is not valid, or has neither tag nor digest.
    """
    rest, at, digest = text.partition("@")
    if at and not DIGEST.fullmatch(digest):
        raise RefusedError(f"Image '{text}' has a bad digest: it is sha256: and 64 hexadecimal digits.")
    head, slash, last = rest.rpartition("/")
    last, colon, tag = last.partition(":")
    if colon and not TAG.fullmatch(tag):
        raise RefusedError(f"Image '{text}' has a bad tag: at most 128 letters, digits, '_', '.' and '-'.")
    if not at and not colon:
        raise RefusedError(f"Image '{text}' has neither tag nor digest. Say which one: name:tag or name@sha256:...")
    host, repository = _host(head + slash + last)
    if not REPOSITORY_NAME.fullmatch(repository):
        raise RefusedError(f"Image '{text}' is not an image reference: it has the form registry/name:tag.")
    return Reference(host, repository, tag or None, digest or None)


def ecr_registry(host: str) -> tuple[str, str] | None:
    """Return the account and region in the host name of a registry, None if it is not ECR's."""
    match = ECR_HOST.fullmatch(host)
    return (match["account"], match["region"]) if match else None


def built_for(platform: str) -> list[str]:
    """Return the architectures, as ECS names them, of an image for I(platform), one of C(BUILT_FOR)."""
    return [PLATFORMS[one] for one in platform.split(",")]


def index(images: t.Mapping[str, Values]) -> Values:
    """Return the manifest of an image for several platforms, as PutImage takes it.

    :param images: by platform, its image's C(digest), C(imageManifest) and C(imageManifestMediaType).
    """
    entries = []
    for platform, one in images.items():
        system, _slash, architecture = platform.partition("/")
        entries.append(
            {
                "mediaType": one.get("imageManifestMediaType") or MANIFEST,
                "size": len(one["imageManifest"].encode()),
                "digest": one["digest"],
                "platform": {"os": system, "architecture": architecture},
            }
        )
    manifest = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
    return {"imageManifest": json.dumps(manifest, sort_keys=True), "imageManifestMediaType": INDEX}


def architectures(manifest: Values, config: Values | None) -> list[str]:
    """Return the CPU architectures of an image as ECS names them, from its manifest and, for one image, its config."""
    if manifest.get("manifests"):
        return architectures_of(one.get("platform") or {} for one in manifest["manifests"])
    return architectures_of([config or {}])


def architectures_of(platforms: t.Iterable[Values]) -> list[str]:
    """Return the CPU architectures of platforms (C(os), C(architecture)) as ECS names them."""
    names = [PLATFORMS.get(f"{one.get('os')}/{one.get('architecture')}") for one in platforms]
    return sorted({name for name in names if name})


def _host(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    # Docker's rule for what is a registry and what a part of the name
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first, rest
    return "", name
