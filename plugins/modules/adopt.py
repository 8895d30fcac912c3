#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: adopt
version_added: 1.1.0
short_description: Write an inventory from running services
description:
  - Reads ECS services on Fargate and the resources that they refer to, however they were created, and writes an inventory
    that describes them. It changes nothing in AWS.
  - Prints each resource and field that the inventory can't express, and what the next run would do to it, by the same
    comparison as a plan.
  - Fails, with the next step, if something can't be adopted as it is, which is a resource of a CloudFormation stack, a
    service with a deployment in progress, a rule with weighted target groups, and a target group of two services.
  - Values of variables with secret-sounding names are written to a separate file that only its owner can read.
author:
  - magiclub.fargate contributors (@magiclub)
options:
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
    description: ARN of a load balancer, to adopt only the services behind it.
    type: str
    default: ""
extends_documentation_fragment:
  - magiclub.fargate.new_inventory
notes:
  - AWS is read by M(magiclub.fargate.adopt_info), which lists the required IAM actions.
seealso:
  - module: magiclub.fargate.adopt_info
  - module: magiclub.fargate.init
"""

EXAMPLES = r"""
- name: Write the inventory of the services in the cluster prod
  magiclub.fargate.adopt:
    project: shop
    region: ap-northeast-2
    cluster: prod
    target: inventories/shop
"""

RETURN = r"""
path:
  description: Path of the inventory.
  returned: success
  type: str
  sample: /home/me/inventories/shop
files:
  description: Names of its files.
  returned: success
  type: list
  elements: str
  sample: [hosts.yml, group_vars/all/main.yml]
differs:
  description: What the inventory can't express, and what the next run would do to it, one message each.
  returned: success
  type: list
  elements: str
  sample: ["scaling_policy shop-steps: can't be expressed in an inventory, and would be removed."]
left:
  description: RV(differs), and resources beside the services that no run touches.
  returned: success
  type: list
  elements: str
  sample: []
"""
