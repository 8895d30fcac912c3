#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecr_repository
version_added: 1.0.0
short_description: Manage an ECR repository
description:
  - Creates, updates and deletes a repository of the private registry of Amazon ECR, with its policies and tags.
  - An omitted option is not changed on an existing repository, and has AWS's default on a new one.
  - The encryption of an existing repository can't be changed. A different value is an error.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name:
    description:
      - Name of the repository, 2 to 256 characters.
      - Lower-case letters and digits, separated by C(.), C(_), C(/) or hyphens.
    type: str
    required: true
  image_tag_mutability:
    description:
      - Whether a tag can be moved to another image. AWS's default for a new repository is V(MUTABLE).
      - With an exclusion, tags that match O(image_tag_mutability_exclusion_filters) have the opposite setting.
    type: str
    choices: [IMMUTABLE, MUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE_WITH_EXCLUSION]
  image_tag_mutability_exclusion_filters:
    description:
      - One to five patterns of tags, with V(*) as wildcard. Only for an O(image_tag_mutability) with exclusion, which needs it.
    type: list
    elements: str
  scan_on_push:
    description:
      - Whether images are scanned for known vulnerabilities when they are pushed.
      - AWS is deprecating this setting in favor of the scanning configuration of the account's registry, which this module
        does not change.
    type: bool
  encryption_type:
    description:
      - Encryption of the images. AWS's default is V(AES256). It can't be changed later.
    type: str
    choices: [AES256, KMS, KMS_DSSE]
  kms_key:
    description:
      - ARN of the KMS key, for O(encryption_type=KMS) or V(KMS_DSSE). If omitted, the AWS managed key of ECR is used.
    type: str
  lifecycle_policy:
    description:
      - Lifecycle policy, a document with C(rules) by which ECR expires images.
      - An empty dictionary removes the policy.
    type: dict
  repository_policy:
    description:
      - Policy document of the repository, for example to allow pulls from other accounts.
      - An empty dictionary removes the policy.
    type: dict
  state:
    description:
      - Whether the repository should exist.
    type: str
    choices: [present, absent]
    default: present
  force:
    description:
      - With O(state=absent), whether to delete a repository that has images. If not, such a repository is an error.
    type: bool
    default: false
notes:
  - "IAM actions: C(ecr:DescribeRepositories), C(CreateRepository), C(DeleteRepository), C(GetLifecyclePolicy),
    C(PutLifecyclePolicy), C(DeleteLifecyclePolicy), C(GetRepositoryPolicy), C(SetRepositoryPolicy),
    C(DeleteRepositoryPolicy), C(PutImageTagMutability), C(PutImageScanningConfiguration), C(DescribeImages),
    C(ListTagsForResource), C(TagResource), C(UntagResource)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.compares
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecr_image
  - module: magiclub.fargate.ecr_repository_info
"""

EXAMPLES = r"""
- name: Create a repository with immutable tags that keeps the newest 30 images
  magiclub.fargate.ecr_repository:
    name: magiclub-an2p-lotto
    image_tag_mutability: IMMUTABLE
    scan_on_push: true
    lifecycle_policy:
      rules:
        - rulePriority: 1
          selection:
            tagStatus: any
            countType: imageCountMoreThan
            countNumber: 30
          action:
            type: expire
    tags:
      Project: magiclub

- name: Delete the repository with its images
  magiclub.fargate.ecr_repository:
    name: magiclub-an2p-lotto
    state: absent
    force: true
"""

RETURN = r"""
repository:
  description: The repository. Null if it does not exist, or would be created in check mode.
  returned: always
  type: dict
  contains:
    name:
      description: Name of the repository.
      type: str
      sample: magiclub-an2p-lotto
    arn:
      description: ARN of the repository.
      type: str
      sample: arn:aws:ecr:ap-northeast-2:123456789012:repository/magiclub-an2p-lotto
    uri:
      description: URI for pushes and pulls, without tag.
      type: str
      sample: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto
    registry_id:
      description: Id of the account that owns the registry.
      type: str
      sample: "123456789012"
    image_tag_mutability:
      description: Whether tags can be moved.
      type: str
      sample: IMMUTABLE
    image_tag_mutability_exclusion_filters:
      description: Patterns of the tags with the opposite setting, sorted.
      type: list
      elements: str
      sample: []
    scan_on_push:
      description: Whether images are scanned when they are pushed.
      type: bool
      sample: true
    encryption_type:
      description: Encryption of the images.
      type: str
      sample: AES256
    kms_key:
      description: ARN of the KMS key. Null if there is none.
      type: str
      sample: arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    lifecycle_policy:
      description: Lifecycle policy, with its rules sorted by priority. Empty if there is none.
      type: dict
      sample: {"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any"}, "action": {"type": "expire"}}]}
    repository_policy:
      description: Policy of the repository. Empty if there is none.
      type: dict
      sample: {}
    tags:
      description: Tags of the repository.
      type: dict
      sample: {"Project": "magiclub"}
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import decide, repository

MUTABILITIES = ["IMMUTABLE", "MUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"]
ARGUMENTS = {
    "name": {"required": True},
    "image_tag_mutability": {"choices": MUTABILITIES},
    "image_tag_mutability_exclusion_filters": {"type": "list", "elements": "str"},
    "scan_on_push": {"type": "bool"},
    "encryption_type": {"choices": ["AES256", "KMS", "KMS_DSSE"]},
    "kms_key": {"no_log": False},
    "lifecycle_policy": {"type": "dict"},
    "repository_policy": {"type": "dict"},
    "state": {"choices": ["present", "absent"], "default": "present"},
    "force": {"type": "bool", "default": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    present = module.params["state"] == "present"
    problems = decide.repository_problems(module.params) if present else []
    if problems:
        module.fail_json(msg=" ".join(problems))
    run = repository.ensure_present if present else repository.ensure_absent
    with failing(module, f"{'set up' if present else 'delete'} repository {module.params['name']}"):
        module.exit_json(**run(module.client("ecr"), module.params, module.check_mode))


if __name__ == "__main__":
    main()
