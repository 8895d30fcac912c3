#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: adopt_info
version_added: 1.1.0
short_description: Read running services as definitions of an inventory
description:
  - Reads ECS services on Fargate and what EventBridge Scheduler starts in their cluster, whoever made them, with all that
    they refer to, and returns them as options of the role P(magiclub.fargate.fargate_service#role).
  - M(magiclub.fargate.adopt) uses it to read what it writes into an inventory.
  - It returns values of environment variables.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: What all names of the inventory's platform begin with.
    type: str
    required: true
  platform_tags:
    description: Tags of everything that the inventory has.
    type: dict
    default: {}
  cluster:
    description: Name or ARN of the ECS cluster.
    type: str
    required: true
  services:
    description: Names of the ECS services, or of schedules of jobs. All of the cluster if empty.
    type: list
    elements: str
    default: []
  load_balancer_arn:
    description: ARN of a load balancer, to read only the services behind it.
    type: str
    default: ""
notes:
  - "IAM actions: those of M(magiclub.fargate.fargate_service_info), with C(ecs:ListServices), C(ec2:DescribeSubnets),
    C(ec2:DescribeVpcs), C(ec2:DescribeRouteTables), C(elasticloadbalancing:DescribeListeners),
    C(application-autoscaling:DescribeScheduledActions), C(scheduler:ListSchedules), C(scheduler:GetSchedule),
    C(servicediscovery:GetService), C(servicediscovery:GetNamespace) and
    C(cloudformation:DescribeStackResources)."
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - magiclub.fargate.requirements
seealso:
  - module: magiclub.fargate.adopt
"""

EXAMPLES = r"""
- name: Read what the cluster shop runs
  magiclub.fargate.adopt_info:
    name_prefix: shop-an2p
    cluster: shop
  register: shop
"""

RETURN = r"""
refused:
  description: Why services can't be taken over, a sentence each. With any, nothing else is returned.
  returned: success
  type: list
  elements: str
  sample: []
definitions:
  description: The services, as the option C(fargate_service_services) of the role P(magiclub.fargate.fargate_service#role) takes them.
  returned: if nothing is refused
  type: list
  elements: dict
  sample: [{"name": "shop", "image": "registry.example/shop:1", "port": 8080, "names": {"service": "shop-service"}}]
platform:
  description: What they stand on, as a plan of services takes it.
  returned: if nothing is refused
  type: dict
info:
  description: What there is of them, I(services) and I(rules), as M(magiclub.fargate.fargate_service_info) returns it.
  returned: if nothing is refused
  type: dict
notes:
  description: What stays beside them that a definition does not say, a sentence each.
  returned: if nothing is refused
  type: list
  elements: str
  sample: []
around:
  description: Cluster, VPC, subnets by tier, load balancer, listener and namespace.
  returned: if nothing is refused
  type: dict
"""

from ansible_collections.magiclub.fargate.plugins.module_utils._aws.errors import failing
from ansible_collections.magiclub.fargate.plugins.module_utils._aws.module import OneSessionModule
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.adopt.read import Query
from ansible_collections.magiclub.fargate.plugins.module_utils._operations.adopt.take import take

ARGUMENTS = {
    "name_prefix": {"required": True},
    "platform_tags": {"type": "dict", "default": {}},
    "cluster": {"required": True},
    "services": {"type": "list", "elements": "str", "default": []},
    "load_balancer_arn": {"default": ""},
}


def main() -> None:
    module = OneSessionModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    query = Query(params["cluster"], params["services"], params["load_balancer_arn"])
    inputs = {"name_prefix": params["name_prefix"], "region": module.region, "tags": params["platform_tags"]}
    with failing(module, "read the services"):
        result = take(module.client, query, inputs)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
