#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: plan
version_added: 1.0.0
short_description: Decide and show what a layer needs
description:
  - Compares resources that are desired with resources that were found, both written in names, so that a plan is
    complete before the first resource exists.
  - In check mode it reports C(changed) where something is to be done, with a diff like Terraform's plan.
    In a run it prints a line for each change that the tasks after it make.
  - It makes no call to AWS. It runs in the controller.
  - Every plan of a run is kept in the fact C(fargate_run) for M(magiclub.fargate.summary).
author:
  - magiclub.fargate contributors (@magiclub)
options:
  layer:
    description: Name of the layer, as the summary shows it.
    type: str
    required: true
  desired:
    description:
      - Resources to have, each a dictionary with C(type), C(name) and C(values).
      - Only what C(values) gives is compared. Dictionaries are compared key by key, lists as a whole. A null is not given.
      - The optional list C(fixed) names paths of C(values) that AWS can't change once the resource exists.
      - The optional list C(sensitive) names paths of C(values) that are never shown nor returned; of a dictionary, its keys are.
    type: list
    elements: dict
    required: true
  found:
    description:
      - Resources that are there, each a dictionary with C(type), C(name), C(id) and C(values).
      - One that is not desired is planned for removal, so this lists only what belongs to the layer.
        One with C(foreign=true) is left alone unless it is desired.
      - The optional list C(sensitive) does for a removal what it does for O(desired).
    type: list
    elements: dict
    required: true
  claimed:
    description:
      - Resources that are this platform's though not desired, each a dictionary with C(type), C(name) and C(values), which has
        the C(tags) that they bear beside or instead of O(tags). Where they are found, they are removed all the same.
    type: list
    elements: dict
    default: []
  tags:
    description:
      - What all resources of the platform bear. Where I(found) has resources of the same C(ManagedBy), and all of them bear
        another C(Project) or C(Environment), they are another platform's with the same name prefix, and the module fails.
    type: dict
    default: {}
  rename:
    description: Whether resources that bear another C(Project) or C(Environment) are this platform's, and get its tags.
    type: bool
    default: false
notes:
  - Fails where two desired resources have one type and name, a field in C(fixed) differs, what is found bears the
    tags of another platform, or a value that would be sent is one that AWS does not take.
attributes:
  check_mode:
    description: Changes nothing, ever; says in check mode what a run would change.
    support: full
  diff_mode:
    description: Shows each change field by field.
    support: full
extends_documentation_fragment: []
"""

EXAMPLES = r"""
- name: Plan the network
  magiclub.fargate.plan:
    layer: vpc
    desired:
      - type: vpc
        name: magiclub-an2p-vpc
        values:
          cidr_block: 172.25.0.0/16
    found: "{{ vpc_info.resources }}"
  register: network_plan

- name: Create the VPC
  amazon.aws.ec2_vpc_net:
    name: "{{ item.name }}"
    cidr_block: "{{ item['values'].cidr_block }}"
  loop: "{{ network_plan | magiclub.fargate.to_make('vpc') }}"
"""

RETURN = r"""
changes:
  description: What is to be done, adds and changes in the order of I(desired), then removals.
  returned: success
  type: list
  elements: dict
  contains:
    action:
      description: C(add), C(change) or C(remove).
      type: str
      sample: change
    type:
      description: Type of the resource.
      type: str
      sample: subnet
    name:
      description: Name of the resource.
      type: str
      sample: magiclub-an2p-pub-a1
    id:
      description: Identifier of the found resource, null for one to be added.
      type: str
      sample: subnet-0a1b2c3d
    fields:
      description: Fields that differ, each with C(path), C(before) and C(after).
      type: list
      elements: dict
      sample: [{"path": "cidr_block", "before": "172.25.0.0/24", "after": "172.25.1.0/24"}]
    values:
      description: Desired values, for a removal the found ones. What is below a path of C(sensitive) is replaced.
      type: dict
      sample: {"cidr_block": "172.25.1.0/24"}
carry_out:
  description: Whether the tasks after it have to make the changes, so there are some and the task is not in check mode.
  returned: success
  type: bool
  sample: true
add:
  description: Number of resources to add.
  returned: success
  type: int
  sample: 3
change:
  description: Number of resources to change.
  returned: success
  type: int
  sample: 1
remove:
  description: Number of resources to remove.
  returned: success
  type: int
  sample: 0
"""
