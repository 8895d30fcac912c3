#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_route_tables
version_added: 1.1.0
short_description: Manage the route tables of a VPC
description:
  - Creates route tables of a VPC in parallel, and manages their routes, their subnets and their tags.
  - A subnet of another table is moved with one call (C(ReplaceRouteTableAssociation)). M(amazon.aws.ec2_vpc_route_table)
    disassociates it instead, so that its tasks have no route to the internet until the module runs again, needs one
    process per table, and sleeps 5 seconds for each change.
  - Routes of gateway endpoints, local routes and propagated routes are not changed.
  - Route tables are deleted with M(magiclub.fargate.ec2_delete).
author:
  - magiclub.fargate contributors (@magiclub)
options:
  vpc_id:
    description: Id of the VPC of the route tables.
    type: str
    required: true
  route_tables:
    description: The route tables to create or update. Others are not changed.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Tag Name of the table, by which it is found if O(route_tables[].route_table_id) is omitted. Several tables of the VPC
            with this tag are an error.
        type: str
        required: true
      route_table_id:
        description: Id of an existing table.
        type: str
      routes:
        description: The routes to IPv4 blocks.
        type: list
        elements: dict
        default: []
        suboptions:
          destination:
            description: IPv4 CIDR block.
            type: str
            required: true
          target:
            description:
              - Id of an internet, NAT, VPN or transit gateway, a peering connection or a network interface.
            type: str
            required: true
      subnets:
        description: Ids of the associated subnets.
        type: list
        elements: str
        default: []
      tags:
        description: Additional tags of the table. Other tags are not changed.
        type: dict
        default: {}
  purge:
    description: Whether to remove routes and subnets that are not given.
    type: bool
    default: true
notes:
  - "IAM actions: C(ec2:DescribeRouteTables), C(CreateRouteTable), C(CreateTags), C(CreateRoute), C(ReplaceRoute), C(DeleteRoute),
    C(AssociateRouteTable), C(ReplaceRouteTableAssociation), C(DisassociateRouteTable)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.creates
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - magiclub.fargate.requirements
seealso:
  - module: amazon.aws.ec2_vpc_route_table
  - module: magiclub.fargate.ec2_delete
  - module: magiclub.fargate.ec2_subnets
"""

EXAMPLES = r"""
- name: Ensure a route table with a route to the internet for two subnets
  magiclub.fargate.ec2_route_tables:
    vpc_id: vpc-0a1b2c3d
    route_tables:
      - name: magiclub-an2p-pub-rt
        routes:
          - destination: 0.0.0.0/0
            target: igw-0a1b2c3d
        subnets: [subnet-0a1b2c3d, subnet-1b2c3d4e]
    region: ap-northeast-2
"""

RETURN = r"""
ids:
  description: Ids of the route tables by name. Null if check mode would create the table.
  returned: success
  type: dict
  sample: {"magiclub-an2p-pub-rt": "rtb-0a1b2c3d"}
changes:
  description: Names of the route tables that were created or changed.
  returned: success
  type: list
  elements: str
  sample: ["magiclub-an2p-pub-rt"]
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2 import route_table

ROUTE = {"destination": {"type": "str", "required": True}, "target": {"type": "str", "required": True}}
ROUTE_TABLE = {
    "name": {"type": "str", "required": True},
    "route_table_id": {"type": "str"},
    "routes": {"type": "list", "elements": "dict", "options": ROUTE, "default": []},
    "subnets": {"type": "list", "elements": "str", "default": []},
    "tags": {"type": "dict", "default": {}},
}


def main() -> None:
    module = Module(
        argument_spec=dict(
            vpc_id=dict(type="str", required=True),
            route_tables=dict(type="list", elements="dict", required=True, options=ROUTE_TABLE),
            purge=dict(type="bool", default=True),
        ),
        supports_check_mode=True,
    )
    vpc_id, tables, purge = (module.params[key] for key in ("vpc_id", "route_tables", "purge"))
    with failing(module, f"set up the route tables of {vpc_id}"):
        changes, ids = route_table.ensure(module.client("ec2"), vpc_id, tables, purge, module.check_mode)
    module.exit_json(changed=bool(changes), changes=changes, ids=ids)


if __name__ == "__main__":
    main()
