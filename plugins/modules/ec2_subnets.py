#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_subnets
version_added: 1.1.0
short_description: Manage the subnets of a VPC
description:
  - Creates subnets of a VPC in parallel, and manages their tags and whether their interfaces get public addresses.
  - A subnet is identified by its CIDR block, which is unique in the VPC. EC2 can't change the block or the zone.
  - M(amazon.aws.ec2_vpc_subnet) needs one process per subnet. Subnets are deleted with M(magiclub.fargate.ec2_delete).
author:
  - magiclub.fargate contributors (@magiclub)
options:
  vpc_id:
    description: Id of the VPC of the subnets.
    type: str
    required: true
  subnets:
    description: The subnets to create or update. Others are not changed.
    type: list
    elements: dict
    required: true
    suboptions:
      cidr_block:
        description: IPv4 CIDR block.
        type: str
        required: true
      zone:
        description: Name of the availability zone.
        type: str
        required: true
      public_addresses:
        description: Whether network interfaces in the subnet get public addresses by default.
        type: bool
        default: false
      tags:
        description: Tags of the subnet. Other tags are not changed.
        type: dict
        default: {}
extends_documentation_fragment:
  - magiclub.fargate.attributes.creates
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: amazon.aws.ec2_vpc_subnet
  - module: magiclub.fargate.ec2_delete
"""

EXAMPLES = r"""
- name: Ensure a subnet in each of two zones
  magiclub.fargate.ec2_subnets:
    vpc_id: vpc-0a1b2c3d
    subnets:
      - cidr_block: 172.25.0.0/20
        zone: ap-northeast-2a
        tags: {Name: magiclub-an2p-pub-a1}
      - cidr_block: 172.25.32.0/20
        zone: ap-northeast-2c
        tags: {Name: magiclub-an2p-pub-c1}
    region: ap-northeast-2
"""

RETURN = r"""
ids:
  description: Ids of the subnets by tag Name, or by CIDR block without that tag. Null if check mode would create the subnet.
  returned: success
  type: dict
  sample: {"magiclub-an2p-pub-a1": "subnet-0a1b2c3d"}
changes:
  description: CIDR blocks of the subnets that were created or changed.
  returned: success
  type: list
  elements: str
  sample: ["172.25.0.0/20"]
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import subnet

SUBNET = {
    "cidr_block": {"type": "str", "required": True},
    "zone": {"type": "str", "required": True},
    "public_addresses": {"type": "bool", "default": False},
    "tags": {"type": "dict", "default": {}},
}


def main() -> None:
    module = Module(
        argument_spec=dict(
            vpc_id=dict(type="str", required=True),
            subnets=dict(type="list", elements="dict", required=True, options=SUBNET),
        ),
        supports_check_mode=True,
    )
    options = module.params
    with failing(module, f"set up the subnets of {options['vpc_id']}"):
        changes, ids = subnet.ensure(module.client("ec2"), options["vpc_id"], options["subnets"], module.check_mode)
    names = {one["cidr_block"]: one["tags"].get("Name", one["cidr_block"]) for one in options["subnets"]}
    module.exit_json(changed=bool(changes), changes=changes, ids={names[block]: ids[block] for block in ids})


if __name__ == "__main__":
    main()
