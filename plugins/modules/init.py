#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: init
version_added: 1.0.0
short_description: Write an inventory for an application
description:
  - Writes an inventory from what describes an application already, a Dockerfile, a compose file, manifests of AWS Copilot or an
    ECS task definition, or from an image.
  - Prints what it could not take over, and what to do about each. Values of variables whose names say that they are secret are
    not taken over, nor are containers that keep data, as of databases.
  - Reads files as their tools do, so a number stays the text that was written.
  - It makes no call to AWS. It runs in the controller.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  project:
    description: Project, which all names begin with (C(fargate_project)).
    type: str
    required: true
  region:
    description: AWS region (C(fargate_region)).
    type: str
    required: true
  environment:
    description: Environment, of which names have the first letter (C(fargate_environment)).
    type: str
    default: PoC
  team:
    description: Value of the tag Team.
    type: str
    default: DevOps
  owner:
    description: Value of the tag Owner.
    type: str
    default: opsmaster@your.company.com
  domain:
    description: Domain of the services, with a hosted zone and a certificate. Empty for plain HTTP under the load balancer's name.
    type: str
    default: ""
  endpoint_url:
    description: Address of a local AWS; empty for AWS itself.
    type: str
    default: ""
  local:
    description: Write an inventory for the local AWS (C(python -m local_aws up)), in place of O(endpoint_url).
    type: bool
    default: false
  zones:
    description: Two Availability Zones, by id or name. Where not given, C(az1) and C(az2) of the region.
    type: list
    elements: str
    default: []
  target:
    description: Folder to write to. It has to be new, or empty.
    type: str
    required: true
  source:
    description:
      - A Dockerfile, compose file, manifest or task definition (JSON), or a folder that has one.
      - O(source) or O(image) is needed.
    type: str
    default: ""
  copilot_environment:
    description: Environment of Copilot whose overrides are taken over.
    type: str
    default: ""
  service:
    description: Name of the (first) service, if it is to have another than the source says.
    type: str
    default: ""
  image:
    description: Image to run, if there is no O(source).
    type: str
    default: ""
  port:
    description: Port that the (first) service listens on.
    type: str
    default: ""
  path:
    description: Path below which the (first) service gets its requests, as V(/shop). All, if it is alone.
    type: str
    default: ""
attributes:
  check_mode:
    description: Says what would be written.
    support: full
  diff_mode:
    description: There is nothing to compare with.
    support: none
"""

EXAMPLES = r"""
- name: Write an inventory for what compose.yaml describes
  magiclub.fargate.init:
    project: shop
    region: ap-northeast-2
    source: ../shop
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
left:
  description: A sentence for each thing that was not taken over.
  returned: success
  type: list
  elements: str
  sample: ["service db: postgres:17 keeps data, which a task loses: use RDS, ElastiCache or another service of AWS."]
"""
