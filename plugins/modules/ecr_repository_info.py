#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecr_repository_info
version_added: 1.0.0
short_description: Read an ECR repository and its images
description:
  - Reads a repository of Amazon ECR with its policies and tags, and whether it has the image of O(build).
  - A repository or image that does not exist is not an error. Nothing is built.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name:
    description:
      - Name of the repository.
    type: str
    required: true
  all_images:
    description:
      - Whether RV(resources) contains all images in the repository, by their tags or, without tags, by their digests, for a
        plan to delete it. If not, it contains only that of O(build).
    type: bool
    default: false
notes:
  - "IAM actions: C(ecr:DescribeRepositories), C(GetLifecyclePolicy), C(GetRepositoryPolicy), C(ListTagsForResource),
    C(DescribeImages)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - magiclub.fargate.image
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecr_repository
"""

EXAMPLES = r"""
- name: Read the repository, and whether it has the image for this source
  magiclub.fargate.ecr_repository_info:
    name: magiclub-an2p-lotto
    build:
      path: "{{ playbook_dir }}/app"
  register: ecr
"""

RETURN = r"""
repository:
  description: The repository as M(magiclub.fargate.ecr_repository) returns it. Null if there is none.
  returned: always
  type: dict
  sample: {"name": "magiclub-an2p-lotto", "image_tag_mutability": "IMMUTABLE", "scan_on_push": true}
image:
  description: The image of O(build) or O(image) as M(magiclub.fargate.ecr_image) returns it. Null without both.
  returned: always
  type: dict
  sample: {"repository": "magiclub-an2p-lotto", "tag": "3f2a9c81d4b7e605", "digest": null, "uri": null}
scanned_by_registry:
  description:
    - Whether the scanning configuration of the account's registry covers the repository if its own I(scan_on_push) is false.
    - Also false without the permission C(ecr:BatchGetRepositoryScanningConfiguration).
  returned: always
  type: bool
  sample: false
obstacle:
  description: Why the image of O(build), which ECR does not have, can't be built here. Null if it can, or need not be built.
  returned: always
  type: str
  sample: null
resources:
  description: The repository and the image, as input of M(magiclub.fargate.plan) (C(found)).
  returned: always
  type: list
  elements: dict
  contains:
    type:
      description: V(ecr_repository) or V(image).
      type: str
      sample: ecr_repository
    name:
      description: Name of the repository, and for an image also its tag.
      type: str
      sample: magiclub-an2p-lotto
    id:
      description: ARN of the repository, or digest of the image.
      type: str
      sample: arn:aws:ecr:ap-northeast-2:123456789012:repository/magiclub-an2p-lotto
    values:
      description: Values that a plan compares.
      type: dict
      sample: {"image_tag_mutability": "IMMUTABLE", "scan_on_push": true}
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.ecr_push.read import repository
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr.options import REPOSITORY


def main() -> None:
    module = OneSessionModule(
        argument_spec=REPOSITORY,
        supports_check_mode=True,
        mutually_exclusive=[("build", "image")],
    )
    with failing(module, "read the repository"):
        result = repository(module, module.params["name"], module.params)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
