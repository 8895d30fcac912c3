#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: summary
version_added: 1.0.0
short_description: Print what a run did, or would do
description:
  - Prints how many changes each layer had in this run, which of them changed existing resources, how long each layer
    took, and the lines given.
  - Optionally writes the plan as JSON, and sets the counts as run artifacts (C(set_stats)), which AWX keeps.
  - It makes no call to AWS. It runs in the controller.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  title:
    description: First line.
    type: str
    default: ""
  lines:
    description: What else to print, as a name and a value each, in this order.
    type: dict
    default: {}
  plan_file:
    description:
      - File of the controller that the plan is written to as JSON, readable by its owner only. Its folder has to be there.
      - It is written in check mode too, since the plan is what check mode is for.
      - Where the play has several hosts, each writes its own, with its name in front of the suffix, as C(plan.poc.json).
    type: path
  plan_id:
    description: The id of the plan, which the artifact C(fargate_plan) has with its lines, for a later job of a workflow.
    type: str
    default: ""
  planned:
    description: Tell what is going to be done, also in a run that is going to do it.
    type: bool
    default: false
  removal:
    description: Whether the run removes the platform. Without a change, the last line then says that there is nothing to remove.
    type: bool
    default: false
    version_added: 1.1.0
  left:
    description:
      - Layers as M(magiclub.fargate.plan) returned them when it read again, after a failure. What they still have to change was
        not done, and is told so.
    type: dict
  stats:
    description: Further run artifacts.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Changes nothing but I(plan_file).
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
seealso:
  - module: magiclub.fargate.plan
"""

EXAMPLES = r"""
- name: Show what was done
  magiclub.fargate.summary:
    title: magiclub-an2p in ap-northeast-2
    lines:
      Address: https://lotto.your.company.com
    plan_file: /tmp/plan.json
"""

RETURN = r"""
msg:
  description: The last line.
  returned: success
  type: str
  sample: "Plan: 31 to add, 2 to change, 0 to remove."
plan:
  description:
    - What is written to I(plan_file). I(layers) has the changes by layer, I(unasked) what is no longer in the inventory, as
      M(magiclub.fargate.plan) returns it.
  returned: success
  type: dict
  sample: {"add": 31, "change": 2, "remove": 0, "check": true, "layers": {}, "unasked": []}
"""
