#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: adopt_info
version_added: 1.1.0
short_description: Read running services as definitions for an inventory
description:
  - Reads the ECS services on Fargate and the jobs of EventBridge Scheduler in a cluster, however they were created, and
    the resources that they refer to. Returns them as options of the role P(magiclub.fargate.fargate_service#role).
  - M(magiclub.fargate.adopt) writes an inventory from its results.
  - The results contain values of environment variables.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  name_prefix:
    description: Prefix of all names of the inventory's platform.
    type: str
    required: true
  platform_tags:
    description: Tags of all resources of the inventory.
    type: dict
    default: {}
  cluster:
    description: Name or ARN of the ECS cluster.
    type: str
    required: true
  services:
    description: Names of ECS services, or of schedules of jobs. If empty, all of the cluster.
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
- name: Read the services of the cluster shop
  magiclub.fargate.adopt_info:
    name_prefix: shop-an2p
    cluster: shop
  register: shop
"""

RETURN = r"""
refused:
  description: Why services can't be adopted, one message each. If there are any, nothing else is returned.
  returned: success
  type: list
  elements: str
  sample: []
definitions:
  description: The services, as values of the option C(fargate_service_services) of the role P(magiclub.fargate.fargate_service#role).
  returned: if nothing is refused
  type: list
  elements: dict
  sample: [{"name": "shop", "image": "registry.example/shop:1", "port": 8080, "names": {"service": "shop-service"}}]
platform:
  description: The platform of the services, as input of their plan.
  returned: if nothing is refused
  type: dict
info:
  description: Their current resources, I(services) and I(rules), as M(magiclub.fargate.fargate_service_info) returns them.
  returned: if nothing is refused
  type: dict
notes:
  description: Related resources that the definitions don't contain, one message each.
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
