#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecr_image_in_use
version_added: 1.1.0
short_description: Tag the image that a service uses, so that ECR keeps it
description:
  - Gives the image of a revision that serves the tag C(in-use-SERVICE-REVISION), and takes such tags off the images of
    revisions that are neither this one nor among the newest I(keep) before it.
  - The lifecycle policy of P(magiclub.fargate.ecr_push#role) expires no image with such a tag, however many are pushed after
    it. So the image that runs, and those that a rollback goes to, stay.
  - Nothing is done for an image that is not in ECR of this account and region, or whose repository's name does not begin with
    I(name_prefix). This module never deletes an image.
  - What ECR refuses is a warning, since the service serves all the same.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  image:
    description: The image that serves, as the task definition names it.
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
    description: What the names of the platform's repositories begin with.
    type: str
    required: true
  account_id:
    description: Account of the platform.
    type: str
    required: true
  keep:
    description: How many revisions that served before to keep, the newest.
    type: int
    default: 10
attributes:
  check_mode:
    description: Makes only reading calls and says what a run would do.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
notes:
  - "IAM actions: C(ecr:DescribeImages), C(ecr:BatchGetImage), C(ecr:PutImage), C(ecr:BatchDeleteImage)."
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.ecr_image
  - module: magiclub.fargate.ecr_repository
  - module: magiclub.fargate.ecs_service_wait
"""

EXAMPLES = r"""
- name: Keep the image that serves
  magiclub.fargate.ecr_image_in_use:
    image: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/magiclub-an2p-lotto@sha256:0f1e...
    service: lotto
    revision: 7
    name_prefix: magiclub-an2p
    account_id: "123456789012"
"""

RETURN = r"""
added:
  description: Tags that the image got.
  returned: success
  type: list
  elements: str
  sample: ["in-use-lotto-7"]
removed:
  description: Tags that were taken off.
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
