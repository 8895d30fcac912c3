# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of the actions that write an inventory."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  project:
    description: Project, which names of what is made begin with (C(fargate_project)).
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
  endpoint_url:
    description: Address of a local AWS; empty for AWS itself.
    type: str
    default: ""
  target:
    description:
      - Folder to write to. It has to be new, or empty.
      - M(magiclub.fargate.init) adds services to an inventory that is there.
    type: str
    required: true
attributes:
  check_mode:
    description: Says what would be written.
    support: full
  diff_mode:
    description: There is nothing to compare with.
    support: none
"""
