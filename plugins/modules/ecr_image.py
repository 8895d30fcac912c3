#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecr_image
version_added: 1.0.0
short_description: Build an image and push it to ECR, tagged by its content
description:
  - Computes the tag of an image from the inputs of its build. If the ECR repository has that tag, nothing is built or
    pushed, and no Docker engine is needed. Otherwise a Docker engine builds the image, and it is pushed.
  - With O(image), looks up an existing image instead.
  - The registry's token is requested for each push, stays in memory and is never printed.
  - Two runs can build the same inputs at the same time. In a repository with immutable tags, the second finds the image
    of the first.
author:
  - magiclub.fargate contributors (@magiclub)
requirements:
  - docker >= 7.0.0 (the Docker SDK for Python), for O(build)
  - pip, for O(build.python_wheels)
  - A Docker engine with API 1.41 or newer, to build. BuildKit is not needed.
options:
  repository:
    description:
      - Name of the ECR repository, for O(build). It must exist.
    type: str
  keep_local:
    description:
      - Whether to keep the image on the Docker engine after the push, which makes the next build faster.
    type: bool
    default: true
attributes:
  check_mode:
    description: Computes the tag and looks it up, but builds and pushes nothing.
    support: full
  diff_mode:
    description: The module has no diff.
    support: none
notes:
  - "IAM actions: C(ecr:DescribeRepositories), C(DescribeImages); to push C(ecr:GetAuthorizationToken),
    C(BatchCheckLayerAvailability), C(InitiateLayerUpload), C(UploadLayerPart), C(CompleteLayerUpload), C(PutImage); for
    O(image) in ECR also C(ecr:BatchGetImage), C(GetDownloadUrlForLayer)."
extends_documentation_fragment:
  - magiclub.fargate.image
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecr_repository
"""

EXAMPLES = r"""
- name: Build and push the image, unless ECR has it
  magiclub.fargate.ecr_image:
    repository: magiclub-an2p-lotto
    build:
      path: "{{ playbook_dir }}/../lotto_app"
      build_args:
        PYTHON_IMAGE: public.ecr.aws/docker/library/python:3.13-slim
      provenance_args:
        REVISION: "{{ lookup('ansible.builtin.pipe', 'git rev-parse HEAD') }}"
      python_wheels:
        python_version: "3.13"
        packages:
          - pip==25.3
  register: pushed

- name: Use an existing image
  magiclub.fargate.ecr_image:
    image: public.ecr.aws/nginx/nginx:1.29
  register: nginx

- name: Show the URI for a task definition
  ansible.builtin.debug:
    var: pushed.image.uri
"""

RETURN = r"""
image:
  description: The image.
  returned: success
  type: dict
  contains:
    repository:
      description: Name of the repository.
      type: str
      sample: magiclub-an2p-lotto
    tag:
      description: Tag of the image. Null if O(image) has only a digest.
      type: str
      sample: 3f2a9c81d4b7e605
    digest:
      description: Digest of the image's manifest. Null if the image would be built in check mode.
      type: str
      sample: sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
    uri:
      description: URI of the image, with its digest. Null if RV(image.digest) is.
      type: str
      sample: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto@sha256:6b86b273ff
    architectures:
      description: CPU architectures, with ECS's names. Empty if the registry does not provide them.
      type: list
      elements: str
      sample: [X86_64]
"""

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import api, image
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr.options import IMAGE, flat

ARGUMENTS = {
    "repository": {},
    "keep_local": {"type": "bool", "default": True},
    **IMAGE,
}


def login(module: Module) -> dict[str, str]:
    user, password = api.login(module.client("ecr"))
    # Ansible then masks it in all that the module returns, should an engine or a library quote it.
    module.no_log_values.add(password)
    return {"username": user, "password": password}


def run(module: Module) -> dict[str, t.Any]:
    options = {**flat(module.params, module.params["repository"]), "keep_local": module.params["keep_local"]}
    if options["image"]:
        found, warnings = image.existing(lambda region: module.client("ecr", region=region), options)
        for warning in warnings:
            module.warn(warning)
        return {"changed": False, "image": found}
    return image.ensure(module.client("ecr"), options, module.check_mode, lambda: login(module))


def main() -> None:
    module = Module(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_one_of=[("build", "image")],
        mutually_exclusive=[("build", "image")],
        required_by={"build": "repository"},
    )
    image_given = module.params["image"]
    with failing(module, f"look up the image {image_given}" if image_given else "build and push the image"):
        result = run(module)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
