#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: tagged_resources_info
version_added: 1.0.0
short_description: List resources of a platform by their tags
description:
  - Lists the resources of an account and region that have the tags and the name prefix of a platform, however they were
    created.
  - Reads the Resource Groups Tagging API and the services themselves. That API lists deleted resources for hours
    (U(https://github.com/boto/boto3/issues/3341)), and no roles, so EC2, ECS, ECR, Elastic Load Balancing, CloudWatch Logs,
    Cloud Map, Application Auto Scaling and IAM are authoritative.
  - Resources that a service still lists after their deletion, such as NAT gateways and inactive task definitions, are
    left out.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: Prefix of the names, without the hyphen after it.
    type: str
    required: true
  tags:
    description: Tags that the resources need to have, all of them.
    type: dict
    required: true
  wait_timeout:
    description:
      - Seconds to wait until no resource is left, as deletions take time to finish and to become visible everywhere. The
        module polls every 1 to 15 seconds.
      - With V(0), it reads once.
    type: int
    default: 0
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.platform_info
"""

EXAMPLES = r"""
- name: Wait up to two minutes until no resource is left
  magiclub.fargate.tagged_resources_info:
    name_prefix: magiclub-an2p
    tags:
      Project: magiclub
      Environment: PoC
    wait_timeout: 120
  register: left_over
"""

RETURN = r"""
resources:
  description: The resources, sorted by ARN.
  returned: success
  type: list
  elements: dict
  contains:
    arn:
      description: ARN.
      type: str
      sample: arn:aws:ec2:ap-northeast-2:123456789012:vpc/vpc-0a1b2c3d
    name:
      description: Name tag, or the name in the ARN.
      type: str
      sample: magiclub-an2p-vpc
    state:
      description:
        - V(there) if the resource's service lists it, V(deleting) if that is deleting it.
        - V(unconfirmed) if only the tagging API lists it, and the collection does not create this type. It may be deleted.
      type: str
      sample: there
"""

import time
import typing as t

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.until import WaitTimeoutError, wait_until
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.tagged import decide
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.tagged.look import remaining


def left_over(module: OneSessionModule) -> list[dict[str, str]]:
    """Wait until no resource is left, and return those that remain after the timeout."""
    options = module.params
    try:
        return wait_until(
            lambda: remaining(module.client, options["name_prefix"], options["tags"]),
            lambda found: not found,
            options["wait_timeout"],
            clock=time.monotonic,
            sleep=time.sleep,
        )
    except WaitTimeoutError as error:
        return t.cast("list[dict[str, str]]", error.last)


def main() -> None:
    module = OneSessionModule(
        argument_spec={
            "name_prefix": {"type": "str", "required": True},
            "tags": {"type": "dict", "required": True},
            "wait_timeout": {"type": "int", "default": 0},
        },
        supports_check_mode=True,
    )
    with failing(module, f"list what is left of {module.params['name_prefix']}"):
        resources = left_over(module)
    deleting = [entry["arn"] for entry in resources if entry["state"] == decide.DELETING]
    if deleting:
        module.warn(f"AWS is still deleting {', '.join(deleting)}. That will finish without this run.")
    module.exit_json(changed=False, resources=resources)


if __name__ == "__main__":
    main()
