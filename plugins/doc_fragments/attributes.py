# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check mode and diff mode of modules that read, that compare first, that create and that delete."""

from __future__ import annotations


class ModuleDocFragment:
    READS = r"""
attributes:
  check_mode:
    description: The module changes nothing, in check mode or not.
    support: full
  diff_mode:
    description: The module has no diff.
    support: none
"""

    COMPARES = r"""
attributes:
  check_mode:
    description: Makes read-only calls, and reports what would change.
    support: full
  diff_mode:
    description: Shows the fields that differ.
    support: full
"""

    CREATES = r"""
attributes:
  check_mode:
    description: Makes read-only calls, and reports what would change.
    support: full
  diff_mode:
    description: The module has no diff.
    support: none
"""

    DELETES = r"""
attributes:
  check_mode:
    description: Reports what would be deleted, without checking that it exists.
    support: full
  diff_mode:
    description: The module has no diff.
    support: none
"""
