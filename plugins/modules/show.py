#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: show
version_added: 1.0.0
short_description: Print plain lines
description:
  - Prints text without the quotes and indentation of M(ansible.builtin.debug).
  - Makes no calls to AWS. It runs on the controller.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  lines:
    description: The lines to print.
    type: list
    elements: str
    required: true
  stats:
    description: Artifacts of the run (C(set_stats)), which AWX keeps.
    type: dict
    default: {}
  tones:
    description:
      - Tones of the lines, which are shown as colours if Ansible's output has colours. Lines with an empty or without a tone
        are not coloured.
    type: list
    elements: str
    choices: ["", add, change, remove, well, wrong, doubt]
    default: []
extends_documentation_fragment:
  - magiclub.fargate.attributes.reads
seealso:
  - module: ansible.builtin.debug
"""

EXAMPLES = r"""
- name: Show the address
  magiclub.fargate.show:
    lines:
      - Address  https://lotto.your.company.com
"""

RETURN = r"""
"""
