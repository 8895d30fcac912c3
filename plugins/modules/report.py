#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: report
version_added: 1.1.0
short_description: Write a run as an HTML page, and a platform as a graph
description:
  - The page has the plan, what took time and what waited for what, how deployments went, and what serves. It needs nothing from
    elsewhere, and no script.
  - The picture shows what depends on what, by name.
  - The timeline needs a playbook of this collection, or one that imports one.
  - In a play of several hosts, each has files of its own, with its name before the ending.
  - Files are readable by their owner only. Where they are is an artifact of the run (C(set_stats)), C(path) of C(fargate_report)
    and of C(fargate_graph), which AWX keeps.
  - It makes no call to AWS. It runs in the controller, in check mode, too.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  report:
    description: File of the controller for the page, which ends in C(.html).
    type: path
  graph:
    description: File of the controller for the picture, which ends in C(.svg), or in C(.mmd) for the text of a flow chart of Mermaid's.
    type: path
  check_only:
    description: Write nothing, and fail if one of the files could not be written.
    type: bool
    default: false
  title:
    description: Title of the page.
    type: str
    default: ""
  plan:
    description: What M(magiclub.fargate.plan) returned.
    type: dict
    default: {}
  status:
    description: The C(status) that M(magiclub.fargate.fargate_status_info) returned.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Changes nothing but the files.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
seealso:
  - module: magiclub.fargate.plan
  - module: magiclub.fargate.summary
"""

EXAMPLES = r"""
- name: Draw what depends on what
  magiclub.fargate.report:
    graph: platform.svg
    plan: "{{ planned }}"
"""

RETURN = r"""
files:
  description: What was written where, by the name of the artifact.
  returned: success
  type: dict
  sample: {"fargate_report": "/home/ops/run.html"}
"""
