#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: init
version_added: 1.1.0
short_description: Write an inventory for an application
description:
  - Writes an inventory from what describes an application already, a Dockerfile, a compose file, manifests of AWS Copilot or an
    ECS task definition, or from an image.
  - Prints what it could not take over, and what to do about each. Values of variables whose names say that they are
    secret are not taken over, nor are containers that keep data, such as databases.
  - Reads files as their tools do, so a number stays the text that was written.
  - Into an inventory that is there it writes a file for each service that is not in it, and an entry in C(fargate_services). All
    else stays as it is, comments too, and what says which platform it is, as O(project), is not looked at.
  - It makes no call to AWS. It runs in the controller.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  domain:
    description: Domain of the services, with a hosted zone and a certificate. Empty for plain HTTP under the load balancer's name.
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
    description:
      - Path below which the (first) service gets its requests, as V(/shop). All, if it is alone, and those below its name in an
        inventory that has services.
    type: str
    default: ""
extends_documentation_fragment:
  - magiclub.fargate.new_inventory
seealso:
  - module: magiclub.fargate.adopt
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
