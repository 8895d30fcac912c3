# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of modules that write an inventory."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  project:
    description: Project, with which the names of all resources begin (C(fargate_project)).
    type: str
    required: true
  region:
    description: AWS region (C(fargate_region)).
    type: str
    required: true
  environment:
    description: Environment; its first letter is part of the names (C(fargate_environment)).
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
    description: URL of a local AWS. Empty for AWS itself.
    type: str
    default: ""
  target:
    description:
      - Directory to write to. It must be new or empty.
      - M(magiclub.fargate.init) can also add services to an existing inventory.
    type: str
    required: true
attributes:
  check_mode:
    description: Reports what would be written.
    support: full
  diff_mode:
    description: The module has no diff.
    support: none
"""
