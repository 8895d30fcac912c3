# Copyright: (c) 2026, magiclub.fargate contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What modules do in check mode and with --diff: those that read, that compare first, that make and that delete."""

from __future__ import annotations


class ModuleDocFragment:
    READS = r"""
attributes:
  check_mode:
    description: It changes nothing, in check mode or not.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
"""

    COMPARES = r"""
attributes:
  check_mode:
    description: Makes only reading calls and says what a run would do.
    support: full
  diff_mode:
    description: Shows the fields that differ.
    support: full
"""

    MAKES = r"""
attributes:
  check_mode:
    description: Makes only reading calls and says what a run would do.
    support: full
  diff_mode:
    description: Shows nothing.
    support: none
"""

    DELETES = r"""
attributes:
  check_mode:
    description: Says whether something would be deleted, without asking whether it is there.
    support: full
  diff_mode:
    description: Shows nothing.
    support: none
"""
