#!/usr/bin/python

# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: report
version_added: 1.1.0
short_description: Write an HTML report of a run, and a dependency graph
description:
  - The report has the plan, a timeline, the course of deployments, and the status of services. It is a single file without
    scripts.
  - The graph shows the dependencies of the resources, by name.
  - The timeline needs a playbook of this collection, or one that imports one.
  - In a play with several hosts, each host has its own files, with its name before the extension.
  - Files are readable by their owner only. Their paths are artifacts of the run (C(set_stats)), C(path) of C(fargate_report)
    and of C(fargate_graph), which AWX keeps.
  - Makes no calls to AWS. It runs on the controller, in check mode, too.
author:
  - magiclub.fargate contributors (@magiclub)
options:
  report:
    description: Path of the report on the controller, ending in C(.html).
    type: path
  graph:
    description: Path of the graph on the controller, ending in C(.svg), or in C(.mmd) for a Mermaid flow chart.
    type: path
  check_only:
    description: Whether only to check that the files can be written.
    type: bool
    default: false
  title:
    description: Title of the report.
    type: str
    default: ""
  plan:
    description: Result of M(magiclub.fargate.plan).
    type: dict
    default: {}
  status:
    description: The C(status) in the result of M(magiclub.fargate.fargate_status_info).
    type: dict
    default: {}
attributes:
  check_mode:
    description: Only writes the files.
    support: full
  diff_mode:
    description: The module has no diff.
    support: none
seealso:
  - module: magiclub.fargate.plan
  - module: magiclub.fargate.summary
"""

EXAMPLES = r"""
- name: Draw the dependency graph
  magiclub.fargate.report:
    graph: platform.svg
    plan: "{{ planned }}"
"""

RETURN = r"""
files:
  description: Paths of the files by the names of their artifacts.
  returned: success
  type: dict
  sample: {"fargate_report": "/home/ops/run.html"}
"""
