#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lap
version_added: 1.0.0
short_description: Time the layers of a run
description:
  - Adds the seconds since the last lap to a layer, for M(magiclub.fargate.summary). Without a layer, starts the clock.
  - Makes no calls to AWS. It runs on the controller.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  layer:
    description: Layer to add the time to.
    type: str
  restart:
    description: Whether to restart the clock. The plans of this run stay.
    type: bool
    default: false
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
seealso:
  - module: magiclub.fargate.summary
"""

EXAMPLES = r"""
- name: Start the clock
  magiclub.fargate.lap:

- name: Create the network
  ansible.builtin.include_role:
    name: magiclub.fargate.vpc

- name: Record how long that took
  magiclub.fargate.lap:
    layer: vpc
"""

RETURN = r"""
"""
