# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the repository and the image in ECR after converge."""

from __future__ import annotations

import json
import re
import sys

import boto3


def main(prefix: str) -> None:
    ecr = boto3.client("ecr")
    name = f"{prefix}-hello"

    (repository,) = ecr.describe_repositories(repositoryNames=[name])["repositories"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    in_use, newest = json.loads(ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])["rules"]
    assert in_use["selection"]["tagPrefixList"] == ["in-use-"]
    assert (newest["selection"]["tagStatus"], newest["selection"]["countNumber"]) == ("any", 30)
    assert in_use["rulePriority"] < newest["rulePriority"]
    tags = {
        tag["Key"]: tag["Value"] for tag in ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"]
    }
    assert tags["ManagedBy"] == "ansible"

    (image,) = ecr.describe_images(repositoryName=name)["imageDetails"]
    (tag,) = image["imageTags"]
    assert re.fullmatch(r"[0-9a-f]{16}", tag)
    (manifest,) = ecr.batch_get_image(repositoryName=name, imageIds=[{"imageTag": tag}])["images"]
    assert len(json.loads(manifest["imageManifest"])["layers"]) == 1


if __name__ == "__main__":
    main(sys.argv[1])
