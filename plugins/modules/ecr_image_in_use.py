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

import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import (
    BotoCoreError,
    ClientError,
    RefusedError,
    explain,
    failing,
)
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ecr import api, images, in_use

ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "image": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "revision": {"type": "int", "required": True},
    "name_prefix": {"type": "str", "required": True},
    "account_id": {"type": "str", "required": True},
    "keep": {"type": "int", "default": 10},
}


def mark(module: Module, repository: str, place: images.Place) -> in_use.Change:
    """Set and take off the tags; return what was, or in check mode would be, done."""
    given, client = module.params, module.client("ecr")
    found = api.describe_image(client, repository, place.reference.tag, place.reference.digest)
    if found is None:
        module.warn(
            f"ECR has no image {given['image']}, though {given['service']} serves with it: new tasks can't start."
        )
        return in_use.Change([], [])
    digest = found["imageDigest"]
    change = in_use.change(
        given["service"], given["revision"], api.list_images(client, repository), digest, given["keep"]
    )
    if module.check_mode:
        return change
    if change.remove:
        api.remove_tags(client, repository, change.remove)
    for image_tag in change.add:
        api.put_tag(client, repository, api.image_manifest(client, repository, digest), image_tag)
    return change


def mark_if_allowed(module: Module, repository: str, place: images.Place) -> in_use.Change:
    """As C(mark), with a warning where AWS refuses."""
    try:
        return mark(module, repository, place)
    except (BotoCoreError, ClientError) as error:
        module.warn(
            f"The image of {module.params['service']} could not be tagged, so ECR may expire it while it runs."
            f" {explain(error, 'tag it')} Allow ecr:DescribeImages, ecr:BatchGetImage, ecr:PutImage and"
            " ecr:BatchDeleteImage."
        )
        return in_use.Change([], [])


def main() -> None:
    module = Module(argument_spec=ARGUMENTS, supports_check_mode=True)
    given, change = module.params, in_use.Change([], [])
    try:
        place = images.place_of(given["image"])
    except RefusedError:
        place = None
    ours = place is not None and (place.account, place.region) == (given["account_id"], module.region)
    if place is not None and ours and place.reference.repository.startswith(f"{given['name_prefix']}-"):
        with failing(module, f"tag the image of {given['service']}"):
            change = mark_if_allowed(module, place.reference.repository, place)
    module.exit_json(changed=any(change), added=change.add, removed=change.remove)


if __name__ == "__main__":
    main()
