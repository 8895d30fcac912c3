#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: validate
version_added: 1.0.0
short_description: Check the inputs of a role or the options of a playbook
description:
  - Checks what can be known from the inputs alone, such as CIDR blocks that overlap or names that are too long.
  - Every string and number that the layer would send is checked against AWS's own constraints, as botocore's service models
    have them and AWS documents them, such as tags, names, paths and ports.
  - In a role that has an argument spec, checks the names of the variables, too. One that begins with the role's name and is
    nearly one of its inputs, or the beginning of one, is refused, since Ansible would let it pass and nothing would read it.
  - With O(options), checks the names of the variables given with C(-e). One that is neither an option nor an input of a
    role, and that no variable refers to, is refused, as nothing would read it. In a job of AWX, whose workflows hand all variables to all
    jobs, only one that is nearly an option is. So is what C(-e name=value) has lost behind a space, and a tag that no task has.
  - With O(platform), checks the collection-wide variables of a host, such as C(fargate_region), and that no variable is
    nearly the name of an input, as C(fargate_enviroment).
  - Fails with a sentence for each error, all together.
  - Each value has to be of the type that the argument spec says, as YAML reads it. Text is not split into a list, and a number
    or C(true) is not a text, as YAML has changed it, as C(1.10) to 1.1 and C(0777) to 511. Text for a number or for C(true) is
    taken, since C(-e name=value) has nothing else. Wrong types are told alone, and how to write them.
  - It makes no call to AWS. It runs in the controller.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  kind:
    description: What the inputs are of. Without it, names alone are checked.
    type: str
    choices: [vpc, alb, ecs_cluster, ecr_push, service]
  values:
    description:
      - The inputs of O(kind), by their names without that of the role. If omitted, those of the role that runs the module, or of the
        host outside of a role. Required if O(kind) is V(service).
    type: dict
  options:
    description: Names of the variables that a playbook takes with C(-e). Without them, those given are not looked at.
    type: list
    elements: str
    default: []
  tags:
    description: With O(options), tags that C(--tags) and C(--skip-tags) may name, beside Ansible's own. None where empty.
    type: list
    elements: str
    default: []
  only_in_check_mode:
    description: With O(options), those of them that are for a plan, which are refused without C(--check).
    type: list
    elements: str
    default: []
  inventory:
    description: Fail if the inventory has no host.
    type: bool
    default: false
  platform:
    description: Check the collection-wide variables of the host.
    type: bool
    default: false
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
seealso:
  - module: magiclub.fargate.plan
"""

EXAMPLES = r"""
- name: Validate the inputs
  magiclub.fargate.validate:
    kind: vpc
    values:
      name_prefix: magiclub-an2p
      region: ap-northeast-2
      tags: {Project: magiclub}
      zones: [apne2-az1, apne2-az3]
      cidr_block: 172.25.0.0/16
      allow_public_range: false
      public_subnets: []
      apps_subnets: []
      nat: single
      gateway_endpoints: [s3]
      interface_endpoints: []
      flow_logs: false
      permissions_boundary: ""

- name: Refuse names that are nearly those of this role's inputs
  magiclub.fargate.validate:

- name: Refuse names given with -e that are nearly those of this playbook's options
  magiclub.fargate.validate:
    options: [service, revision]
"""

RETURN = r"""
given:
  description: Names of all variables given with C(-e), where O(options) are given; empty elsewhere.
  returned: success
  type: list
  elements: str
  sample: [service]
"""
