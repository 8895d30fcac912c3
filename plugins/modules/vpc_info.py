#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vpc_info
version_added: 1.0.0
short_description: Read a VPC with all that belongs to it
description:
  - Finds the VPC tagged C(Name=PREFIX-vpc) and what belongs to it, in two rounds of parallel calls.
  - Every reference between resources is by name, so M(magiclub.fargate.plan) can compare it with the desired state.
  - What is in the VPC under another Name belongs to somebody else and is left out.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: What all names of the network begin with.
    type: str
    required: true
  zones:
    description:
      - Availability Zones that have to be there, by name (C(ap-northeast-2a)) or id (C(apne2-az1)).
      - The module fails, having read only, where the region has one of them not, or the account may not use it.
    type: list
    elements: str
    default: []
  flow_logs:
    description: Whether to read the log group and the role of flow logs although no flow log is there.
    type: bool
    default: false
  endpoint_services:
    description: AWS services, as in V(ecr.api), to tell the names of for endpoints.
    type: list
    elements: str
    default: []
  holders_of:
    description: Ids of the VPC or of subnets of it, to read what is in them and not of the network, and so keeps them from being deleted.
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
  description: The prefix that was asked for.
  returned: success
  type: str
  sample: magiclub-an2p
region:
  description: The region that was read.
  returned: success
  type: str
  sample: ap-northeast-2
exists:
  description: Whether there is a VPC of that name.
  returned: success
  type: bool
planned:
  description: Whether there is a VPC, or in check mode of the role will be one.
  returned: success
  type: bool
ready:
  description: Whether there is a VPC, all its NAT gateways are available, and no interface endpoint is pending.
  returned: success
  type: bool
vpc:
  description: The VPC; I(id) and I(cidr_block) are null if there is none.
  returned: success
  type: dict
  sample: {"name": "magiclub-an2p-vpc", "id": "vpc-0a1b2c3d", "cidr_block": "172.25.0.0/16"}
public_subnets:
  description: Subnets with a route to the internet gateway, sorted by name. I(ipv6) tells whether one has IPv6 addresses.
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
  description: Ids of the NAT gateways of the VPC that failed or were deleted, as long as EC2 shows them (about an hour).
  returned: success
  type: list
  elements: str
  sample: ["nat-0"]
amazon_aws_version:
  description: Version of the collection amazon.aws, whose module takes a token for a NAT gateway before version 11 only.
  returned: success
  type: str
  sample: 10.1.2
interface_endpoints:
  description: Interface endpoints with their I(state), in small letters.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "magiclub-an2p-logs-endpoint", "id": "vpce-1", "state": "available"}]
zones:
  description: Name of each zone of the region that the account may use, by its name and by its id.
  returned: success
  type: dict
  sample: {"ap-northeast-2a": "ap-northeast-2a", "apne2-az1": "ap-northeast-2a"}
endpoint_services:
  description:
    - Name of each of O(endpoint_services) that there is, in regions if it does not follow from that of the region, as in China.
    - Empty elsewhere, if it is C(com.amazonaws.REGION.SERVICE).
  returned: success
  type: dict
  sample: {"ecr.api": "cn.com.amazonaws.cn-north-1.ecr.api", "logs": "com.amazonaws.cn-north-1.logs"}
holders:
  description:
    - What is in the VPC or the subnets of O(holders_of), and not of the network.
    - I(text) names it; I(leaving) tells that it may go by itself, as the network interfaces of a load balancer do some
      minutes after it; I(moves) that it is the platform's load balancer; I(platform) that it has a name of O(name_prefix);
      I(guardduty) that Amazon GuardDuty made it.
  returned: with O(holders_of)
  type: list
  elements: dict
  sample:
    - {"id": "eni-1", "leaving": false, "moves": false, "platform": false, "guardduty": false, "text": "network interface eni-1 of 123456789012"}
resources:
  description: Everything of the network, each with I(type), I(name), I(id) and I(values), as M(magiclub.fargate.plan) takes it.
  returned: success
  type: list
  elements: dict
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._layers.vpc.facts import facts
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
    module.exit_json(changed=False, **found, **facts(module.params["name_prefix"], module.region, resources))


if __name__ == "__main__":
    main()
