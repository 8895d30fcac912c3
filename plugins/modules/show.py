#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: show
version_added: 1.0.0
short_description: Print lines as they are
description:
  - Prints text for a person, without the quotes and indents that M(ansible.builtin.debug) wraps it in.
  - It makes no call to AWS. It runs in the controller.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  lines:
    description: What to print.
    type: list
    elements: str
    required: true
  stats:
    description: Artifacts of the run (C(set_stats)), which AWX keeps.
    type: dict
    default: {}
  tones:
    description:
      - What each of the lines tells, by which it has a colour where Ansible's output has colours. Empty tells nothing, and
        lines without a counterpart have none.
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
- name: Say where it is
  magiclub.fargate.show:
    lines:
      - Address  https://lotto.your.company.com
"""

RETURN = r"""
"""
