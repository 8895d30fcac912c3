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
  - Reads ECS services on Fargate with all that they refer to, whoever made them, and writes the inventory that describes them. It
    changes nothing in AWS.
  - What the inventory can't express is printed by resource and field, with what the next run would do to it. That is
    found by the comparison that a plan makes.
  - Refuses what can't be taken over as it is, and says what to do. That is what a CloudFormation stack still manages,
    a service that is being deployed, a rule that shares its requests between target groups, and a target group of two
    services.
  - Values of variables whose names say that they are secret are written into a file of their own, which only its
    owner can read.
author:
  - magiclub.fargate contributors (@magiclub)
options:
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
    description: ARN of a load balancer, to take only the services behind it.
    type: str
    default: ""
extends_documentation_fragment:
  - magiclub.fargate.new_inventory
notes:
  - M(magiclub.fargate.adopt_info) reads, and needs its IAM actions.
seealso:
  - module: magiclub.fargate.adopt_info
  - module: magiclub.fargate.init
"""

EXAMPLES = r"""
- name: Write the inventory of what the cluster prod runs
  magiclub.fargate.adopt:
    project: shop
    region: ap-northeast-2
    cluster: prod
    target: inventories/shop
"""

RETURN = r"""
path:
  description: The folder.
  returned: success
  type: str
  sample: /home/me/inventories/shop
files:
  description: Names of the files in it.
  returned: success
  type: list
  elements: str
  sample: [hosts.yml, group_vars/all/main.yml]
differs:
  description: What the inventory can't say, and what the next run would do to it, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["scaling_policy shop-steps: can't be expressed in an inventory, and would be removed."]
left:
  description: RV(differs), and what stays beside the services and no run touches.
  returned: success
  type: list
  elements: str
  sample: []
"""
