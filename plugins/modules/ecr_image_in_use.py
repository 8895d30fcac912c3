#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecr_image_in_use
version_added: 1.1.0
short_description: Tag the image that a service uses, so that ECR does not expire it
description:
  - Tags the image of the running revision with C(in-use-SERVICE-REVISION), and removes such tags from the images of other
    revisions, except for the newest I(keep) previous ones.
  - The lifecycle policy of P(magiclub.fargate.ecr_push#role) never expires an image with such a tag, so that the running image
    and those for rollbacks stay, however many are pushed later.
  - Does nothing for an image that is not in ECR of this account and region, or whose repository's name does not begin with
    I(name_prefix). The module never deletes an image.
  - Errors of ECR are only warnings, as the service is running.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  image:
    description: The running image, as in the task definition.
    type: str
    required: true
  service:
    description: Name of the service.
    type: str
    required: true
  revision:
    description: Revision of its task definition.
    type: int
    required: true
  name_prefix:
    description: Prefix of the names of the platform's repositories.
    type: str
    required: true
  account_id:
    description: Id of the platform's AWS account.
    type: str
    required: true
  keep:
    description: Number of previous revisions whose images keep their tags.
    type: int
    default: 10
notes:
  - "IAM actions: C(ecr:DescribeImages), C(ecr:BatchGetImage), C(ecr:PutImage), C(ecr:BatchDeleteImage)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.creates
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecr_image
  - module: magiclub.fargate.ecr_repository
  - module: magiclub.fargate.ecs_service_wait
"""

EXAMPLES = r"""
- name: Keep the running image
  magiclub.fargate.ecr_image_in_use:
    image: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto@sha256:0f1e...
    service: lotto
    revision: 7
    name_prefix: magiclub-an2p
    account_id: "123456789012"
"""

RETURN = r"""
added:
  description: Tags that were added to the image.
  returned: success
  type: list
  elements: str
  sample: ["in-use-lotto-7"]
removed:
  description: Tags that were removed from other images.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import marking


def main() -> None:
    module = Module(argument_spec=marking.OPTIONS, supports_check_mode=True)
    with failing(module, f"tag the image of {module.params['service']}"):
        change, warning = marking.mark_if_allowed(
            module.client, module.params, module.region, write=not module.check_mode
        )
    if warning:
        module.warn(warning)
    module.exit_json(changed=any(change), added=change.add, removed=change.remove)


if __name__ == "__main__":
    main()
