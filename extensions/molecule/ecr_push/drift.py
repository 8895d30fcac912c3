# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Change by hand what the role creates, so that the next converge has to fix it."""

from __future__ import annotations

import sys

import boto3


def main(prefix: str) -> None:
    ecr = boto3.client("ecr")
    name = f"{prefix}-hello"
    ecr.put_image_tag_mutability(repositoryName=name, imageTagMutability="MUTABLE")
    ecr.delete_lifecycle_policy(repositoryName=name)
    found = ecr.describe_images(repositoryName=name)["imageDetails"]
    ecr.batch_delete_image(repositoryName=name, imageIds=[{"imageDigest": image["imageDigest"]} for image in found])


if __name__ == "__main__":
    main(sys.argv[1])
