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
  - Checks everything that can be known from the inputs alone, such as overlapping CIDR blocks or names that are too long.
  - Checks all strings and numbers that the layer would send, such as tags, names, paths and ports, against AWS's constraints
    in botocore's service models and AWS's documentation.
  - In a role with an argument spec, also checks the names of variables. A name that begins with the role's name and is similar
    to one of its inputs, or the beginning of one, is an error, as Ansible would silently ignore the variable.
  - With O(options), checks the names of variables given with C(-e). One that is neither an option nor an input of a role, and
    that no variable refers to, is an error, as it would be ignored. In a job of AWX, whose workflows pass all variables to all
    jobs, only a name that is similar to an option is. Values that C(-e name=value) has cut off at a space, and tags that no
    task has, are errors, too.
  - With O(platform), checks the collection-wide variables of a host, such as C(fargate_region), and that no variable's name is
    similar to that of an input, such as C(fargate_enviroment).
  - Fails with one message for each error, all together.
  - Each value, as parsed by YAML, needs the type in the argument spec. Text is not split into a list. A number or C(true) is not
    accepted for text, as YAML may have changed it (C(1.10) to 1.1, C(0777) to 511). Text is accepted for a number or C(true),
    as C(-e name=value) has only text. Wrong types are reported before other errors, with the correct notation.
  - Makes no calls to AWS. It runs on the controller.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  kind:
    description: Layer of the inputs. If omitted, only names are checked.
    type: str
    choices: [vpc, alb, ecs_cluster, ecr_push, service]
  values:
    description:
      - The inputs of O(kind), by their names without the role's prefix. If omitted, the options of that role, by its
        defaults and the host's variables. Required if O(kind) is V(service).
    type: dict
  options:
    description: Names of the variables that a playbook accepts with C(-e). If empty, those variables are not checked.
    type: list
    elements: str
    default: []
  tags:
    description: With O(options), the valid tags for C(--tags) and C(--skip-tags), in addition to Ansible's own.
    type: list
    elements: str
    default: []
  only_in_check_mode:
    description: With O(options), those that are valid only with C(--check).
    type: list
    elements: str
    default: []
  inventory:
    description: Whether to fail if the inventory has no host.
    type: bool
    default: false
  platform:
    description: Whether to check the collection-wide variables of the host.
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

- name: Fail on misspelt names of this role's inputs
  magiclub.fargate.validate:

- name: Fail on unknown variables given with -e
  magiclub.fargate.validate:
    options: [service, revision]
"""

RETURN = r"""
given:
  description: With O(options), names of all variables given with C(-e). Otherwise empty.
  returned: success
  type: list
  elements: str
  sample: [service]
"""
