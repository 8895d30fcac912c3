#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ec2_delete
version_added: 1.1.0
short_description: Delete resources of a network in the right order
description:
  - Deletes EC2 resources by their ids, dependents first, and those of one type in parallel.
  - Waits until NAT gateways are deleted. Retries calls that EC2 refuses because something that is being deleted still
    uses the resource, such as the network interfaces of a load balancer, for minutes.
  - A resource that no longer exists is not an error.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  resources:
    description:
      - The resources to delete, their types by id, in any order. The id of an elastic IP is its allocation id.
      - Types are C(flow_log), C(vpc_endpoint), C(nat_gateway), C(elastic_ip), C(route_table), C(subnet),
        C(internet_gateway), C(security_group) and C(vpc).
    type: dict
    required: true
  wait_timeout:
    description: Seconds to retry while another resource uses the one to delete, for each of them.
    type: int
    default: 600
extends_documentation_fragment:
  - magiclub.fargate.attributes.deletes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.vpc_info
  - module: magiclub.fargate.ec2_subnets
"""

EXAMPLES = r"""
- name: Delete a subnet and its VPC
  magiclub.fargate.ec2_delete:
    resources:
      vpc-0a1b2c3d: vpc
      subnet-0a1b2c3d: subnet
    region: ap-northeast-2
"""

RETURN = r"""
deleted:
  description: Ids of the deleted resources, in order of their deletion.
  returned: success
  type: list
  elements: str
  sample: [subnet-0a1b2c3d, vpc-0a1b2c3d]
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import Module
from ansible_collections.magiclub.fargate.plugins.module_utils._resources.ec2.delete import TYPES, Deleting, in_order


def main() -> None:
    module = Module(
        argument_spec=dict(
            resources=dict(type="dict", required=True),
            wait_timeout=dict(type="int", default=600),
        ),
        supports_check_mode=True,
    )
    given = module.params["resources"]
    if unknown := sorted(set(given.values()) - set(TYPES)):
        module.fail_json(msg=f"resources: '{unknown[0]}' is not a type that is deleted here: {', '.join(TYPES)}.")
    if module.check_mode:
        module.exit_json(changed=bool(given), deleted=in_order(given))
    with failing(module, "delete the resources of the network"):
        deleted = Deleting(module.client("ec2"), module.params["wait_timeout"]).all_of(given)
    module.exit_json(changed=bool(deleted), deleted=deleted)


if __name__ == "__main__":
    main()
