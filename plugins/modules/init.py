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
  - Writes an inventory from the existing description of an application, which is a Dockerfile, a compose file, manifests of AWS
    Copilot or an ECS task definition, or from an image.
  - Prints everything that it could not convert, and what to do about it. Values of variables with secret-sounding names are
    not copied, and containers that store data, such as databases, are left out.
  - Reads files like their tools do, so that a number stays the text in the file.
  - In an existing inventory, it adds a file for each service that the inventory does not have, and an entry in
    C(fargate_services). All else stays as it is, including comments, and options that describe the platform, such as
    O(project), are ignored.
  - Makes no calls to AWS. It runs on the controller.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  domain:
    description: Domain of the services, which needs a hosted zone and a certificate. If empty, HTTP with the load balancer's DNS name.
    type: str
    default: ""
  local:
    description: Whether to write an inventory for the local AWS (C(python -m local_aws up)), instead of giving O(endpoint_url).
    type: bool
    default: false
  zones:
    description: Two Availability Zones, by id or name. If empty, C(az1) and C(az2) of the region.
    type: list
    elements: str
    default: []
  source:
    description:
      - Path of a Dockerfile, compose file, manifest or task definition (JSON), or of a directory with one.
      - O(source) or O(image) is required.
    type: str
    default: ""
  copilot_environment:
    description: Environment of Copilot whose overrides to apply.
    type: str
    default: ""
  service:
    description: Name of the (first) service. If empty, that in the source.
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
      - Path prefix of requests to the (first) service, such as V(/shop). If empty, all requests for a single service, and its
        name as the prefix in an inventory that already has services.
    type: str
    default: ""
extends_documentation_fragment:
  - magiclub.fargate.new_inventory
seealso:
  - module: magiclub.fargate.adopt
"""

EXAMPLES = r"""
- name: Write an inventory for an application with a compose file
  magiclub.fargate.init:
    project: shop
    region: ap-northeast-2
    source: ../shop
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
left:
  description: What was not converted, one message each.
  returned: success
  type: list
  elements: str
  sample: ["service db: postgres:17 keeps data, which a task loses: use RDS, ElastiCache or another service of AWS."]
"""
