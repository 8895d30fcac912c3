#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vpc_info
version_added: 1.0.0
short_description: Read a VPC and its resources
description:
  - Finds the VPC tagged C(Name=PREFIX-vpc) and its resources, in two rounds of parallel calls.
  - Resources refer to each other by name, so that M(magiclub.fargate.plan) can compare them with the desired state.
  - Resources in the VPC with other names do not belong to the platform, and are left out.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: Prefix of the network's names.
    type: str
    required: true
  zones:
    description:
      - Required Availability Zones, by name (C(ap-northeast-2a)) or id (C(apne2-az1)).
      - The module fails if the region does not have one of them, or the account may not use it.
    type: list
    elements: str
    default: []
  flow_logs:
    description: Whether to read the log group and role of flow logs even if there is no flow log.
    type: bool
    default: false
  endpoint_services:
    description: AWS services, such as V(ecr.api), whose endpoint service names to return.
    type: list
    elements: str
    default: []
  holders_of:
    description: Ids of the VPC or of its subnets whose other dependents to read, which prevent their deletion.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.platform_info
"""

EXAMPLES = r"""
- name: Read the network
  magiclub.fargate.vpc_info:
    name_prefix: magiclub-an2p
    zones: [apne2-az1, apne2-az3]
    region: ap-northeast-2
  register: network
"""

RETURN = r"""
name_prefix:
  description: The prefix, as given.
  returned: success
  type: str
  sample: magiclub-an2p
region:
  description: The region.
  returned: success
  type: str
  sample: ap-northeast-2
exists:
  description: Whether the VPC exists.
  returned: success
  type: bool
planned:
  description: Whether the VPC exists, or in check mode of the role, would exist.
  returned: success
  type: bool
ready:
  description: Whether the VPC exists, all its NAT gateways are available, and no interface endpoint is pending.
  returned: success
  type: bool
vpc:
  description: The VPC. I(id) and I(cidr_block) are null if it does not exist.
  returned: success
  type: dict
  sample: {"name": "magiclub-an2p-vpc", "id": "vpc-0a1b2c3d", "cidr_block": "172.25.0.0/16"}
public_subnets:
  description: Subnets with a route to the internet gateway, sorted by name. I(ipv6) is whether they have IPv6 addresses.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "magiclub-an2p-pub-a1", "id": "subnet-1", "cidr_block": "172.25.0.0/20", "zone": "ap-northeast-2a", "ipv6": false}]
apps_subnets:
  description: Subnets for the tasks, sorted by name.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "magiclub-an2p-apps-a1", "id": "subnet-2", "cidr_block": "172.25.128.0/20", "zone": "ap-northeast-2a"}]
nat_gateways:
  description: NAT gateways with their I(state).
  returned: success
  type: list
  elements: dict
  sample: [{"name": "magiclub-an2p-nat", "id": "nat-1", "state": "available"}]
past_nat_gateways:
  description: Ids of the VPC's NAT gateways that failed or were deleted, as long as EC2 lists them (about an hour).
  returned: success
  type: list
  elements: str
  sample: ["nat-0"]
amazon_aws_version:
  description: Version of the collection amazon.aws, whose module accepts a client token for NAT gateways only before version 11.
  returned: success
  type: str
  sample: 10.1.2
interface_endpoints:
  description: Interface endpoints with their I(state), in lower case.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "magiclub-an2p-logs-endpoint", "id": "vpce-1", "state": "available"}]
zones:
  description: Names of the region's zones that the account may use, by name and by id.
  returned: success
  type: dict
  sample: {"ap-northeast-2a": "ap-northeast-2a", "apne2-az1": "ap-northeast-2a"}
endpoint_services:
  description:
    - Names of the existing O(endpoint_services) in regions with irregular names, such as in China.
    - Empty in other regions, where the name is C(com.amazonaws.REGION.SERVICE).
  returned: success
  type: dict
  sample: {"ecr.api": "cn.com.amazonaws.cn-north-1.ecr.api", "logs": "com.amazonaws.cn-north-1.logs"}
holders:
  description:
    - Resources in the VPC or the subnets in O(holders_of) that do not belong to the network.
    - I(text) is its description, I(leaving) whether AWS may delete it without this run, like the network interfaces of a deleted
      load balancer within minutes, I(moves) whether it is the platform's load balancer, I(platform) whether its name begins
      with O(name_prefix), and I(guardduty) whether Amazon GuardDuty created it.
  returned: with O(holders_of)
  type: list
  elements: dict
  sample:
    - {"id": "eni-1", "leaving": false, "moves": false, "platform": false, "guardduty": false, "text": "network interface eni-1 of 123456789012"}
resources:
  description: All resources of the network, each with I(type), I(name), I(id) and I(values), as input of M(magiclub.fargate.plan).
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc import facts
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc.read import read


def main() -> None:
    module = OneSessionModule(
        argument_spec=dict(
            name_prefix=dict(type="str", required=True),
            zones=dict(type="list", elements="str", default=[]),
            flow_logs=dict(type="bool", default=False),
            endpoint_services=dict(type="list", elements="str", default=[]),
            holders_of=dict(type="list", elements="str", default=[]),
        ),
        supports_check_mode=True,
    )
    with failing(module, "read the network"):
        found = read(module, module.params)
    resources, others = found.pop("resources"), found.pop("holders")
    if module.params["holders_of"]:
        found["holders"] = others
    module.exit_json(
        changed=False, **found, **facts.of_resources(module.params["name_prefix"], module.region, resources)
    )


if __name__ == "__main__":
    main()
