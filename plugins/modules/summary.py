#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: summary
version_added: 1.0.0
short_description: Print a summary of a run
description:
  - Prints the number of changes and the duration of each layer, the changes of existing resources, and the given lines.
  - Optionally writes the plan as JSON, and sets the numbers of changes as artifacts of the run (C(set_stats)), which AWX keeps.
  - Makes no calls to AWS. It runs on the controller.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  title:
    description: First line of the summary.
    type: str
    default: ""
  lines:
    description: Additional lines to print, as names and values, in this order.
    type: dict
    default: {}
  plan_file:
    description:
      - File on the controller for the plan as JSON, readable by its owner only. Its directory must exist.
      - It is written in check mode, too.
      - In a play with several hosts, each writes its own file, with its name before the extension, such as C(plan.poc.json).
    type: path
  plan_id:
    description: Id of the plan. It is part of the artifact C(fargate_plan), with the plan's lines, for later jobs of a workflow.
    type: str
    default: ""
  planned:
    description: Whether to print planned changes, as in check mode, even if this run is going to carry them out.
    type: bool
    default: false
  removal:
    description: Whether the run removes the platform. Without changes, the last line is then that there is nothing to remove.
    type: bool
    default: false
    version_added: 1.1.0
  left:
    description:
      - Layers from M(magiclub.fargate.plan) with O(magiclub.fargate.plan#module:mode=again), after a failure. Their changes are
        shown as not done.
    type: dict
  stats:
    description: Additional artifacts of the run.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Only writes I(plan_file).
    support: full
  diff_mode:
    description: The module has no diff.
    support: none
seealso:
  - module: magiclub.fargate.plan
"""

EXAMPLES = r"""
- name: Show the summary
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
    - The content of I(plan_file). I(layers) has the changes by layer, and I(unasked) what is no longer in the inventory, as
      M(magiclub.fargate.plan) returns it.
  returned: success
  type: dict
  sample: {"add": 31, "change": 2, "remove": 0, "check": true, "layers": {}, "unasked": []}
"""
